"""Which logs this one goes on from: the successions in it, the earliest first.

    0 … 54      log.yunxi.example/fujie        its heads and key; it signs nothing any more
    55 …        log2.yunxi.example/fujie       55 is its first own entry: ``succession_opened``

A succession counts if it stands in the office's own journal and the agency's root signed it. One
that was signed again later, with further heads, is told where the first of that log is told: who
goes along the chain has not passed it by then.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

import msgspec
from sqlalchemy import Connection, select

from protocol import envelope as dsse
from protocol import statements
from protocol.checkpoint import VerifierKey
from protocol.errors import FujieError, Malformed
from protocol.keys import Verifier
from protocol.registry.registry import Registry
from protocol.statements import SuccessionOpened
from protocol.succession import Succession, open_succession
from sync_server.log import leaves
from sync_server.store.tables import CHECKPOINT


@dataclass(frozen=True)
class Former:
    """A log that was succeeded: its name and keys, and how many entries were taken over."""

    origin: str
    keys: tuple[VerifierKey, ...]
    size: int


def successions(connection: Connection, offices: Sequence[bytes]) -> list[bytes]:
    """The signed successions that the office recorded: those of the earliest log first, of each
    log as they were recorded."""
    rows = leaves.of_kinds(connection, ["succession_opened"], journals=offices)
    ours = (one.statement for one in rows if one.statement is not None)
    read = (statements.decode(dsse.decode(data).body) for data in ours)
    told: dict[str, list[bytes]] = {}
    for said in read:
        if isinstance(said, SuccessionOpened):
            told.setdefault(_predecessor(said.succession), []).append(said.succession)
    return list(chain.from_iterable(told.values()))


def read_unverified(signed: bytes) -> Succession:
    """What a succession says that the office recorded; whether a root said so is not asked. Raises
    Malformed."""
    try:
        return msgspec.json.decode(dsse.decode(signed).body, type=Succession)
    except (msgspec.MsgspecError, UnicodeDecodeError) as fault:
        raise Malformed("expected a succession: {fault}", fault=str(fault)) from None


def newest_note(connection: Connection) -> bytes | None:
    """The last stored checkpoint, None if there is none."""
    newest = select(CHECKPOINT.c.note).order_by(CHECKPOINT.c.size.desc()).limit(1)
    return connection.execute(newest).scalar()


def formers(signed: Iterable[bytes], registry: Registry) -> list[Former]:
    """The logs before this one. What no root of an agency here signed is passed over."""
    roots = [root for agency in registry.agencies.values() for root in agency.roots]
    found: dict[str, Former] = {}
    for one in signed:
        said = _opened(one, roots)
        if said is not None:
            keys = tuple(VerifierKey.parse(text) for text in said.predecessor_keys)
            former = Former(said.predecessor, keys, said.taken_over or 0)
            found.setdefault(said.predecessor, former)
    return list(found.values())


def _predecessor(signed: bytes) -> str:
    """The log that it leads on from; none where it cannot be read, which nobody follows."""
    try:
        return read_unverified(signed).predecessor
    except Malformed:
        return ""


def _opened(signed: bytes, roots: Sequence[Verifier]) -> Succession | None:
    try:
        return open_succession(signed, roots)
    except FujieError:
        return None

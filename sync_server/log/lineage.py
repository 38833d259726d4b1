"""Which logs this one goes on from: the successions in it, the earliest first.

    0 … 54      log.yunxi.example/fujie        its heads and key; it signs nothing any more
    55 …        log2.yunxi.example/fujie       55 is its first own entry: ``succession_opened``

A succession counts if it stands in the office's own journal and the agency's root signed it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from protocol import envelope as dsse
from protocol import statements
from protocol.checkpoint import VerifierKey
from protocol.errors import FujieError
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
    """The signed successions that the office recorded, the earliest first."""
    rows = leaves.of_kinds(connection, ["succession_opened"], journals=offices)
    ours = (one.statement for one in rows if one.statement is not None)
    read = (statements.decode(dsse.decode(data).body) for data in ours)
    return [said.succession for said in read if isinstance(said, SuccessionOpened)]


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


def _opened(signed: bytes, roots: Sequence[Verifier]) -> Succession | None:
    try:
        return open_succession(signed, roots)
    except FujieError:
        return None

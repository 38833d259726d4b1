"""Whom the reader of a case file believes: his own file, which nothing inside a case replaces.

{"log": "log.yunxi.example/fujie+3d4f…+AWZw…", "roots": {"11990123MB0000001A": "a1b2…"}}
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from protocol.checkpoint import Checkpoint, Note, VerifierKey, open_checkpoint, open_note
from protocol.errors import Malformed, TooLarge, UnknownSigner
from protocol.keys import ED25519, Verifier
from protocol.witness import NOBODY, Policy

MAX_TRUST = 1 << 20


@dataclass(frozen=True)
class Trust:
    """Whom the reader believes: the log's keys, all of one name, and the roots of each agency;
    of whose witnesses so many must have seen a head. ``lost`` are keys of the log that others may
    have had since a time (ms): what they alone signed counts if witnesses saw the head before."""

    log: tuple[VerifierKey, ...]
    roots: Mapping[str, Sequence[Verifier]]
    policy: Policy = NOBODY
    lost: tuple[tuple[VerifierKey, int], ...] = ()

    @property
    def origin(self) -> str:
        """The log's name."""
        return self.keys[0].name

    @property
    def keys(self) -> tuple[VerifierKey, ...]:
        """Every key that may have signed what the reader is shown."""
        return (*self.log, *(key for key, _ in self.lost))

    def head(self, data: bytes, lost_since: int | None = None) -> Checkpoint:
        """The checkpoint in ``data``, seen before ``lost_since`` if the note of the file counts
        only then. Raises what ``open_checkpoint`` raises, and UnknownSigner for one that nobody
        but the holder of a lost key vouches for."""
        head, note = open_checkpoint(data, self.keys, self.origin), open_note(data, self.keys)
        since = [at for at in (self.lost_since(note), lost_since) if at is not None]
        if not since:
            return head
        seen = self.policy.time(self.policy.cosignatures(note))
        if seen is None or seen >= min(since):
            raise UnknownSigner(
                "expected a head by a key that was not lost, or one that witnesses saw before; "
                "ask for the file again"
            )
        return head

    def lost_since(self, note: Note) -> int | None:
        """Since when (ms) others may have had every key that signed this note; None if one of
        them was not lost."""
        signed = {(line.name, line.key_id) for line in note.verified}
        if any((key.name, key.key_id) in signed for key in self.log):
            return None
        return min(at for key, at in self.lost if (key.name, key.key_id) in signed)


class _TrustFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    log: str | list[str]
    roots: dict[str, str | list[str]]
    witnesses: list[str] = []
    quorum: int = 0
    lost: dict[str, int] = {}


def read_trust(data: bytes) -> Trust:
    """Read ``{"log": verifier key, "roots": {agency: public key in hex}}``. Raises Malformed or
    TooLarge.

    ``log`` may be a list: while a log changes its key it has two. So may a root: what an
    agency certified before it changed its root is proved by the old one. ``witnesses`` are
    verifier keys of type 4, of whom ``quorum`` must have cosigned; ``lost`` names keys of the log
    that others may have, each with the time in ms since when. A key that is lost counts as lost,
    though it stands under ``log`` too.
    """
    if len(data) > MAX_TRUST:
        raise TooLarge(
            "expected at most {bound} bytes in {name}", bound=MAX_TRUST, name="trust.json"
        )
    try:
        read = msgspec.json.decode(data, type=_TrustFile)
        roots = {name: _roots(told) for name, told in read.roots.items()}
    except (msgspec.MsgspecError, ValueError, UnicodeDecodeError, RecursionError) as fault:
        raise Malformed("expected log and roots in JSON: {fault}", fault=str(fault)) from None
    lines = [read.log] if isinstance(read.log, str) else read.log
    keys = tuple(VerifierKey.parse(line) for line in lines)
    lost = {VerifierKey.parse(line): since for line, since in read.lost.items()}
    if len({key.name for key in (*keys, *lost)}) != 1 or not keys:
        raise Malformed("expected the keys of one log; check one log at a time")
    policy = Policy.parse(read.witnesses, read.quorum)
    kept = tuple(key for key in keys if key not in lost)
    return Trust(kept, roots, policy, tuple(lost.items()))


def _roots(told: str | list[str]) -> tuple[Verifier, ...]:
    texts = [told] if isinstance(told, str) else told
    return tuple(Verifier(ED25519, bytes.fromhex(text)) for text in texts)

"""Succession: a log that lost history does not go on under its name; another one follows it.

The agency's root signs which log follows which, and where the two part:

    predecessor   log.yunxi.example/fujie         taken_over    5: entries 0 to 4 go on
    successor     log2.yunxi.example/fujie        checkpoints   the predecessor's last known heads
    keys          of the successor                why           in words

The successor is the same tree, continued under another origin and key: what it took over keeps
its place, so receipts below still hold. What lies past ``taken_over`` has to be sent again; the
old receipts still prove that the predecessor had admitted it.

    follow_all(trusted, told, roots)    from a reader's view along the chain of successions
    followed.begin(note, proof)         the successor's first head, proved to be that tree

A reader whose own view contradicts a named head does not follow, unless his history is named
there too: then the agency knows of both, and says which one goes on.

>>> from protocol.keys import Ed25519Signer
>>> root, following = Ed25519Signer(bytes(32)), Ed25519Signer(bytes([1]) * 32)
>>> key = VerifierKey("b.example", following.verifier.public_key)
>>> told = Succession(predecessor="a.example", successor="b.example", checkpoints=[],
...     keys=[key.text()], at=0, why="", taken_over=0)
>>> view = TrustedLog("a.example", [VerifierKey("a.example", root.verifier.public_key)])
>>> follow_all(view, [sign_succession(told, root)], [root.verifier])[-1].log.origin
'b.example'
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated

import msgspec

from protocol import envelope
from protocol.checkpoint import Checkpoint, VerifierKey, open_checkpoint
from protocol.errors import (
    BadConsistency,
    FujieError,
    Malformed,
    SplitView,
    TooLarge,
    UnknownSigner,
)
from protocol.keys import Signer, Verifier
from protocol.merkle import check_consistency
from protocol.parts import Count, Millis
from protocol.trust import TrustedLog

SUCCESSION_TYPE = "application/vnd.fujie.succession+json"
MAX_CHAIN = 64
NEWEST = 2

Notes = Annotated[list[str], msgspec.Meta(max_length=16)]
Keys = Annotated[list[str], msgspec.Meta(max_length=8)]


class Succession(msgspec.Struct, frozen=True, kw_only=True):
    """The agency root's word that the log ``successor`` follows the log ``predecessor``.

    ``checkpoints`` are the last known signed notes of the predecessor: first that of
    ``taken_over`` entries, then others that somebody kept. Without ``taken_over`` (v 1) it is
    the largest.
    ``keys`` are the successor's verifier keys as text, ``predecessor_keys`` those of the
    predecessor that a reader may not know yet. ``at`` is ms since the epoch, UTC.
    """

    predecessor: str
    successor: str
    checkpoints: Notes
    keys: Annotated[Keys, msgspec.Meta(min_length=1)]
    at: Millis
    why: str
    taken_over: Count | None = None
    predecessor_keys: Keys = []
    v: int = 1


@dataclass(frozen=True)
class Followed:
    """One step: the view of the successor, which has no head yet, and how many entries of the
    predecessor it took over, up to the head ``base`` (None for no entry)."""

    succession: Succession
    signed: bytes
    log: TrustedLog
    taken_over: int
    base: Checkpoint | None

    def begin(self, checkpoint: bytes, proof: Sequence[bytes]) -> Checkpoint:
        """Take the successor's first head, if it continues what was taken over. Raises
        BadConsistency or what ``open_checkpoint`` raises."""
        head = open_checkpoint(checkpoint, self.log.verifiers, self.log.origin)
        if self.base is not None:
            continues(self.base, head, proof)
        return self.log.advance(checkpoint)


def continues(old: Checkpoint, new: Checkpoint, proof: Sequence[bytes]) -> None:
    """Raise BadConsistency unless the tree of ``new`` is shown to begin with that of ``old``,
    whatever their origins are."""
    if old.size > new.size or (old.size == new.size and old.root != new.root):
        raise BadConsistency(
            "expected the successor to go on from {size} entries, its {got} are others; "
            "ask the agency",
            size=old.size,
            got=new.size,
        )
    if 0 < old.size < new.size:
        check_consistency(old.size, new.size, proof, old.root, new.root)


def sign_succession(succession: Succession, root: Signer) -> bytes:
    """The DSSE envelope, msgpack form, of type ``SUCCESSION_TYPE``."""
    body = msgspec.json.encode(succession)
    return envelope.encode(envelope.sign(SUCCESSION_TYPE, body, [root]))


def write_chain(told: Iterable[bytes]) -> bytes:
    """Successions as a log serves them: JSON envelopes (DSSE), a line each, the earliest first."""
    return b"".join(envelope.encode_json(envelope.decode(one)) + b"\n" for one in told)


def read_chain(lines: bytes) -> list[bytes]:
    """The envelopes in what a log serves. Raises TooLarge, Malformed."""
    found = [line for line in lines.split(b"\n") if line]
    if len(found) > MAX_CHAIN:
        raise TooLarge(
            "expected at most {bound} successions, got {count}; ask the agency",
            bound=MAX_CHAIN,
            count=len(found),
        )
    return [envelope.encode(envelope.decode_json(line)) for line in found]


def follow_all(
    trusted: TrustedLog,
    told: Iterable[bytes],
    roots: Sequence[Verifier],
    passed: Iterable[str] = (),
) -> list[Followed]:
    """The steps from ``trusted`` to the last successor, the first one first; none if nothing
    that was told is a succession of this log.

    ``told`` are envelopes, the earliest first. One that does not lead on from here is passed
    over: a server of several agencies has one by each root. If none does, the error is raised.
    Raises Malformed where the chain comes back to the name of a log before, or to one of
    ``passed``, the logs that this reader has left already.
    """
    steps: list[Followed] = []
    failed: FujieError | None = None
    origins, here = {trusted.origin, *passed}, trusted
    for signed in told:
        try:
            step = follow(here, signed, roots)
        except _NotOurs as other:
            origins.add(str(other.facts["predecessor"]))
            continue
        except FujieError as fault:
            failed = fault
            continue
        if step.log.origin in origins:
            raise _same_name(step.succession)
        steps.append(step)
        here = step.log
        origins.add(here.origin)
    if failed is not None and not steps:
        raise failed
    return steps


class _NotOurs(Malformed):
    """A succession of another log than the reader's."""


def follow(trusted: TrustedLog, signed: bytes, roots: Sequence[Verifier]) -> Followed:
    """Leave ``trusted`` for the successor that the agency's root names.

    Raises Malformed, UnknownSigner or BadSignature for the envelope and what it says; what
    ``open_checkpoint`` raises for the named heads; and SplitView if they contradict what was
    seen.
    """
    succession = open_succession(signed, roots)
    if succession.predecessor != trusted.origin:
        raise _NotOurs(
            "expected a successor of {origin}, got one of {predecessor}; ask for the right one",
            origin=trusted.origin,
            predecessor=succession.predecessor,
        )
    if succession.successor == trusted.origin:
        raise _same_name(succession)
    named = _named(trusted, succession)
    base = _base(succession, named)
    _expect_no_contradiction(trusted, named)
    keys = [VerifierKey.parse(text) for text in succession.keys]
    if any(key.name != succession.successor for key in keys):
        raise UnknownSigner(
            "expected keys named {successor}; ask the agency for the succession again",
            successor=succession.successor,
        )
    log = TrustedLog(succession.successor, keys)
    return Followed(succession, signed, log, base.size if base else 0, base)


def open_succession(signed: bytes, roots: Sequence[Verifier]) -> Succession:
    """What an agency's root says. Raises Malformed, UnknownSigner, BadSignature."""
    sealed = envelope.decode(signed)
    envelope.verify(sealed, {root.key_id: root for root in roots}.get)
    if sealed.payload_type != SUCCESSION_TYPE:
        raise Malformed(
            "expected a body of type {expected}, got {got}; ask for the succession again",
            expected=SUCCESSION_TYPE,
            got=sealed.payload_type[:80],
        )
    try:
        said = msgspec.json.decode(sealed.body, type=Succession)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
        raise Malformed("expected a succession: {fault}", fault=str(fault)) from None
    if said.v > NEWEST:
        raise Malformed(
            "expected a succession of version {known} at most, got {got}; update this program",
            known=NEWEST,
            got=said.v,
        )
    return said


def _named(trusted: TrustedLog, succession: Succession) -> list[tuple[bytes, Checkpoint]]:
    further = [VerifierKey.parse(text) for text in succession.predecessor_keys]
    keys = (*trusted.verifiers, *trusted.former, *(k for k in further if k.name == trusted.origin))
    notes = [note.encode() for note in succession.checkpoints]
    return [(note, open_checkpoint(note, keys, trusted.origin)) for note in notes]


def _base(succession: Succession, named: Sequence[tuple[bytes, Checkpoint]]) -> Checkpoint | None:
    """The head that the successor goes on from, None for none. It is named first, because there
    may be two of its size."""
    heads = [one for _, one in named]
    if succession.taken_over is None:
        return max(heads, key=lambda one: one.size, default=None)
    if succession.taken_over == 0:
        return None
    if not heads or heads[0].size != succession.taken_over:
        raise Malformed(
            "expected the checkpoint of {count} entries, those taken over, to be named first; "
            "ask the agency for the succession again",
            count=succession.taken_over,
        )
    return heads[0]


def _expect_no_contradiction(
    trusted: TrustedLog, named: Sequence[tuple[bytes, Checkpoint]]
) -> None:
    """Heads of other sizes than the view would need proofs that a log which lost its history
    cannot give; those of its size have to be the view, or to have it beside them."""
    seen, note = trusted.checkpoint, trusted.checkpoint_bytes
    if seen is None or note is None:
        return
    alike = [(other, one) for other, one in named if one.size == seen.size]
    if alike and all(one.root != seen.root for _, one in alike):
        raise SplitView(
            "the succession names another history of {size} entries than the one that was seen "
            "here; keep this evidence and give it to the agency",
            evidence=(note, alike[0][0]),
            conclusive=True,
            size=seen.size,
        )


def _same_name(succession: Succession) -> Malformed:
    return Malformed(
        "expected a successor of {predecessor} under a new name, got {successor}; ask the agency "
        "for the right one",
        predecessor=succession.predecessor,
        successor=succession.successor,
    )

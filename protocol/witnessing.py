"""How a log asks a witness for a cosignature, and how the witness judges (c2sp.org/tlog-witness).

    old 3                                             the size that the witness cosigned last
    VbEYYG4SbboqNgSWClKi3P61b11Fuiz02LFC2rJt7EY=      the proof from there to the new head
    …
                                                      an empty line
    log.yunxi.example/fujie                           the new head, to its last byte
    5
    iQXNPln4yJf6RckXNHcVuZqWyAoMpADkmw0guYeAnUc=

    — log.yunxi.example/fujie 0uW78IrWA+Vv…

Sent by POST to ``<witness>/add-checkpoint``; each refusal has its own error and status:

    400 Malformed     404 UnknownLog     403 NotTheLogs     409 OtherSize, OtherRoot
    422 NotConsistent

With 200 come the witness's lines. ``judge`` is all that a witness thinks; what it must do
around it: look up what it cosigned last, judge, save the new head durably, and only then let
the cosignature leave, with nothing else in between for this log.

>>> Submission.decode(b"old 0\\n\\nlog.example/fujie\\n…").old
0
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from protocol.checkpoint import Checkpoint, read_decimal
from protocol.errors import (
    BadConsistency,
    BadSignature,
    Malformed,
    Refused,
    TooLarge,
    UnknownSigner,
    Unverified,
)
from protocol.merkle import EMPTY_ROOT, check_consistency
from protocol.note import MAX_NOTE, VerifierKey, decode_base64, open_note

MAX_LINES = 63
"""Lines of a consistency proof; a client must not send more."""

MAX_SUBMISSION = MAX_NOTE + 26 + MAX_LINES * 45
SIZE_TYPE = "text/x.tlog.size"


class UnknownLog(Refused):
    """An origin that this witness does not watch."""


class NotTheLogs(Unverified):
    """A checkpoint without a good signature of the log that it names."""


class NotConsistent(Unverified):
    """A head that is not shown to continue the one that was cosigned before."""


class OtherRoot(NotConsistent):
    """A head of the size that was cosigned last, with another root: two histories."""


class OtherSize(Refused):
    """The witness cosigned another size last: ``size``."""

    def __init__(self, template: str, /, *, size: int, **facts: object) -> None:
        super().__init__(template, size=size, **facts)
        self.size = size


@dataclass(frozen=True)
class Submission:
    """What a log sends: the size it thinks was cosigned last, the proof, the signed head."""

    old: int
    proof: tuple[bytes, ...]
    checkpoint: bytes

    def encode(self) -> bytes:
        """The body of the request."""
        lines = [base64.b64encode(part).decode() + "\n" for part in self.proof]
        return "".join([f"old {self.old}\n", *lines, "\n"]).encode() + self.checkpoint

    @classmethod
    def decode(cls, data: bytes) -> "Submission":
        """Read the form. Raises Malformed, TooLarge; proves nothing."""
        if len(data) > MAX_SUBMISSION:
            raise TooLarge(
                "expected a submission of at most {bound} bytes, got {size}; send fewer lines",
                bound=MAX_SUBMISSION,
                size=len(data),
            )
        head, divider, checkpoint = data.partition(b"\n\n")
        lines = head.decode("ascii", errors="replace").split("\n")
        if not divider or not lines[0].startswith("old ") or len(lines) - 1 > MAX_LINES:
            raise Malformed(
                "expected 'old N', at most 63 lines of proof, an empty line and a checkpoint; "
                "send them as c2sp.org/tlog-witness says"
            )
        proof = tuple(decode_base64(line) for line in lines[1:])
        if any(len(part) != 32 for part in proof):
            raise Malformed("expected hashes of 32 bytes in the proof; send it again")
        return cls(read_decimal(lines[0].removeprefix("old ")), proof, checkpoint)

    @property
    def origin(self) -> str:
        """Which log the checkpoint says it is of; empty where nobody can tell."""
        return self.checkpoint.partition(b"\n")[0].decode(errors="replace")


@dataclass(frozen=True)
class Seen:
    """The head that a witness cosigned last of one log; size 0 if it never did."""

    size: int = 0
    root: bytes = EMPTY_ROOT


def signed_head(asked: Submission, logs: Mapping[str, Sequence[VerifierKey]]) -> Checkpoint:
    """The submitted head, if its log is watched and signed it. Raises Malformed, UnknownLog,
    NotTheLogs, or NotConsistent for an empty log that is not empty."""
    keys = logs.get(asked.origin)
    if not keys:
        raise UnknownLog(
            "expected a log that is watched here, got {origin}; ask the witness's operator to "
            "add it",
            origin=asked.origin[:80],
        )
    try:
        note = open_note(asked.checkpoint, keys)
    except (UnknownSigner, BadSignature):
        raise NotTheLogs(
            "expected a checkpoint that {origin} signed; tell the witness's operator when the "
            "log has a new key",
            origin=asked.origin,
        ) from None
    _expect_empty(note.text)
    return Checkpoint.parse(note.text)


def judge(asked: Submission, head: Checkpoint, seen: Seen) -> None:
    """Whether ``head`` may be cosigned after ``seen``; returns, or raises what it lacks.

    Raises Malformed for an old size above the head's, OtherSize, OtherRoot, NotConsistent.
    """
    if asked.old > head.size:
        raise Malformed(
            "expected an old size of at most {size}, got {old}; send the newest checkpoint",
            size=head.size,
            old=asked.old,
        )
    if asked.old != seen.size:
        raise OtherSize(
            "expected a proof from size {size}, which was cosigned last, got one from {old}; "
            "send a proof from there",
            size=seen.size,
            old=asked.old,
        )
    if contradicts(head, seen):
        raise OtherRoot(
            "{origin} signed two histories of {size} entries; nothing is cosigned, and both heads "
            "are kept as evidence",
            origin=head.origin,
            size=head.size,
        )
    try:
        if seen.size == 0:
            holds = not asked.proof
        else:
            check_consistency(seen.size, head.size, asked.proof, seen.root, head.root)
            holds = True
    except BadConsistency:
        holds = False
    if not holds:
        raise NotConsistent(
            "{size} entries are not shown to continue the {old} that were cosigned; nothing is "
            "cosigned, and this request is kept",
            size=head.size,
            old=seen.size,
        )


def contradicts(head: Checkpoint, seen: Seen) -> bool:
    """Whether the log signed two heads of one size that cannot both be true."""
    return head.size == seen.size and head.root != seen.root


def _expect_empty(text: str) -> None:
    """An empty log with another root is well formed, and refused by its own status."""
    lines = text.split("\n")
    if lines[1:2] == ["0"] and lines[2:3] != [base64.b64encode(EMPTY_ROOT).decode()]:
        raise NotConsistent("expected the empty root at size 0, got another; send the log's head")

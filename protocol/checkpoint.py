"""Checkpoints (c2sp.org/tlog-checkpoint): what a log says of itself, signed.

    log.yunxi.example/fujie                              origin: which log, for ever
    5                                                    size: leaves, ASCII decimal
    iQXNPln4yJf6RckXNHcVuZqWyAoMpADkmw0guYeAnUc=         root: RFC 6962, base64
                                                         an empty line
    — log.yunxi.example/fujie 0uW78IrWA+Vv…               the signature of the log's key

It is a signed note (``note.py``). A reader who asks for an origin is satisfied by a key *of
that name* alone: a witness's cosignature on a text is not the log's word. While a log changes
its key, the old and the new one sign together, both under the origin.

A checkpoint says nothing of time. Two checkpoints of one origin must lie on one history,
which ``trust.py`` watches.

>>> from protocol.keys import Ed25519Signer
>>> signer = Ed25519Signer(bytes(32))
>>> log = VerifierKey("log.example/fujie", signer.verifier.public_key)
>>> note = sign_checkpoint(Checkpoint("log.example/fujie", 0, EMPTY_ROOT), signer)
>>> open_checkpoint(note, [log], "log.example/fujie").size
0
"""

import base64
from collections.abc import Iterable
from dataclasses import dataclass

from protocol.errors import Malformed, UnknownSigner
from protocol.keys import Signer
from protocol.merkle import EMPTY_ROOT, MAX_SIZE
from protocol.note import (
    Note,
    VerifierKey,
    decode_base64,
    note_key_id,
    open_note,
    sign_note,
)
from protocol.witness import Policy

__all__ = [
    "Checkpoint",
    "Note",
    "VerifierKey",
    "note_key_id",
    "open_checkpoint",
    "open_note",
    "read_decimal",
    "sign_checkpoint",
    "sign_note",
]


@dataclass(frozen=True)
class Checkpoint:
    """A log's size in leaves and its 32-byte root, under its origin.

    ``extensions`` are further lines of the text: signed, kept, and without meaning here.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        lines = (self.origin, *self.extensions)
        if not all(lines) or any("\n" in line for line in lines):
            raise Malformed("expected an origin and extensions of one line each, none empty")
        if not 0 <= self.size <= MAX_SIZE or len(self.root) != 32:
            raise Malformed(
                "expected a checkpoint of 0 to 2^63-1 leaves and a root of 32 bytes, "
                "got {size} and {length}; fetch it again",
                size=self.size,
                length=len(self.root),
            )
        if self.size == 0 and self.root != EMPTY_ROOT:
            raise Malformed("expected the empty root in a checkpoint of 0 leaves; fetch it again")

    def text(self) -> str:
        """The signed text, with its last newline."""
        root = base64.b64encode(self.root).decode()
        return "\n".join((self.origin, str(self.size), root, *self.extensions, ""))

    @classmethod
    def parse(cls, text: str) -> "Checkpoint":
        """Read the text of a note. Raises Malformed; checks no signature."""
        lines = text.split("\n")
        if len(lines) < 4 or lines[-1]:
            raise Malformed(
                "expected a checkpoint of origin, size and root, got {count} lines; fetch it again",
                count=len(lines) - 1,
            )
        origin, size, root, *extensions = lines[:-1]
        return cls(origin, read_decimal(size), decode_base64(root), tuple(extensions))


def sign_checkpoint(checkpoint: Checkpoint, *signers: Signer) -> bytes:
    """The signed note, by the log's key, or by its old and its new key during a change.

    The signer must never sign two heads of which neither continues the other; that promise
    is kept by the one writer of the log, not here.
    """
    return sign_note(checkpoint.text(), checkpoint.origin, *signers)


def open_checkpoint(
    data: bytes, verifiers: Iterable[VerifierKey], origin: str, policy: Policy | None = None
) -> Checkpoint:
    """The checkpoint in ``data``, if a known key named ``origin`` signed it, and as many
    witnesses as the ``policy`` asks for.

    Raises what ``open_note`` raises, Malformed for the text, UnknownSigner if the signature or
    the text belongs to another origin, and Unwitnessed if cosignatures are still missing.
    """
    note = open_note(data, verifiers)
    checkpoint = Checkpoint.parse(note.text)
    signed_by = {line.name for line in note.verified}
    if checkpoint.origin != origin or origin not in signed_by:
        raise UnknownSigner(
            "expected a checkpoint of {origin} by its own key, got one of {got}; "
            "ask the log that you meant",
            origin=origin,
            got=checkpoint.origin,
        )
    if policy is not None:
        policy.check(note)
    return checkpoint


def read_decimal(text: str) -> int:
    """An ASCII decimal up to 2^63-1, without sign and leading zeroes. Raises Malformed."""
    digits = text.isascii() and text.isdigit() and len(text) <= 19
    if not digits or str(int(text)) != text or int(text) > MAX_SIZE:
        raise Malformed(
            "expected a decimal number without leading zeroes, got {text}; fetch it again",
            text=text[:40],
        )
    return int(text)

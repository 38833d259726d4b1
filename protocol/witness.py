"""Witnesses: somebody else who says when he saw a log's head (c2sp.org/tlog-cosignature).

    log.yunxi.example/fujie
    5
    iQXNPln4yJf6RckXNHcVuZqWyAoMpADkmw0guYeAnUc=

    — log.yunxi.example/fujie 0uW78IrWA+Vv…                the log's own signature
    — witness.example/w1 jWbPPwAAAABqs0+AEZMHwSRaJNiI…      a cosignature

A cosignature is one more line of the note, of type 0x04: base64(short id ‖ time u64 ‖
signature), seconds since the epoch, signed over

    cosignature/v1
    time 1790000000
    log.yunxi.example/fujie
    5
    iQXNPln4yJf6RckXNHcVuZqWyAoMpADkmw0guYeAnUc=

It says: at that time this was the largest head of this log that I have seen, and it continues
all heads that I cosigned before. A witness's key is no log's key: it never replaces the log's
signature. A ``Policy`` names the witnesses that a reader believes in, and how many of them must
have cosigned; one that changes its key has two for a while, and counts once. What lacks
cosignatures is *unwitnessed*: it may get them yet, so it is asked for again, and accuses nobody.

>>> from protocol.keys import Ed25519Signer
>>> signer = Ed25519Signer(bytes(32))
>>> key = WitnessKey("witness.example/w1", signer.verifier.public_key)
>>> key.text() == WitnessKey.parse(key.text()).text()
True
"""

import base64
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from protocol.errors import BadSignature, Malformed, Unwitnessed
from protocol.keys import ED25519, Signer, Verifier
from protocol.merkle import MAX_SIZE
from protocol.note import (
    MAX_KEY,
    Note,
    NoteSignature,
    decode_base64,
    note_key_id,
    signature_line,
)

KIND_COSIGNATURE = 0x04
MAX_WITNESSES = 32
MAX_TIME = MAX_SIZE

_SIGNATURE = struct.Struct(">Q64s")


@dataclass(frozen=True)
class WitnessKey:
    """A witness's key under the name that its lines bear. ``public_key`` is 32 bytes, Ed25519."""

    name: str
    public_key: bytes

    def __post_init__(self) -> None:
        signature_line(self.name, bytes(5))  # refuses what is no name
        Verifier(ED25519, self.public_key)  # refuses bytes that are no key

    @classmethod
    def parse(cls, text: str) -> "WitnessKey":
        """Read ``name+hex(id)+base64(0x04 ‖ public key)``. Raises Malformed."""
        name, short_id, encoded = [*text.split("+", 2), "", ""][:3]
        kind_and_key = decode_base64(encoded)
        if kind_and_key[:1] != bytes([KIND_COSIGNATURE]) or len(text) > MAX_KEY:
            raise Malformed(
                "expected a witness's verifier key of type 4, got {text}; ask the witness for it",
                text=text[:80],
            )
        key = cls(name, kind_and_key[1:])
        if key.text() != f"{name}+{short_id}+{encoded}":
            raise Malformed(
                "expected key id {expected} in the verifier key of {name}, got {got}; "
                "copy the line again from its source",
                expected=key.key_id.hex(),
                name=name,
                got=short_id[:16],
            )
        return key

    def text(self) -> str:
        """The line by which people hand this key on; ``parse`` reads it."""
        encoded = base64.b64encode(bytes([KIND_COSIGNATURE]) + self.public_key).decode()
        return f"{self.name}+{self.key_id.hex()}+{encoded}"

    @cached_property
    def key_id(self) -> bytes:
        """The note's short id, 4 bytes."""
        return note_key_id(self.name, self.public_key, KIND_COSIGNATURE)

    def owns(self, line: NoteSignature) -> bool:
        """Whether a note's line claims to be by this key."""
        return (line.name, line.key_id) == (self.name, self.key_id)

    def time_of(self, line: NoteSignature, text: str) -> int:
        """When this witness cosigned ``text``, ms since the epoch. Raises BadSignature."""
        if len(line.signature) == _SIGNATURE.size:
            at, signature = _SIGNATURE.unpack(line.signature)
            signed = _message(text, at)
            if at <= MAX_TIME and Verifier(ED25519, self.public_key).verify(signed, signature):
                return int(at) * 1000
        raise BadSignature(
            "expected a cosignature by {name} over this note; it was altered on the way, "
            "fetch it again",
            name=self.name,
        )


@dataclass(frozen=True)
class Cosignature:
    """That ``witness`` had seen a head, and when: ms since the epoch, UTC, by its own clock."""

    witness: WitnessKey
    at: int


@dataclass(frozen=True)
class Policy:
    """The witnesses that a reader believes in, and how many of them he wants under a head."""

    keys: tuple[WitnessKey, ...] = ()
    quorum: int = 0

    def __post_init__(self) -> None:
        keys, people = (
            len({one.public_key for one in self.keys}),
            len({one.name for one in self.keys}),
        )
        if keys != len(self.keys) or keys > MAX_WITNESSES:
            raise Malformed("expected at most 32 witnesses, no key twice; write each key once")
        if not 0 <= self.quorum <= people:
            raise Malformed(
                "expected a quorum of 0 to {count} witnesses, got {quorum}; name more witnesses",
                count=people,
                quorum=self.quorum,
            )

    @classmethod
    def parse(cls, keys: Iterable[str], quorum: int) -> "Policy":
        """The policy of these verifier keys. Raises Malformed."""
        return cls(tuple(WitnessKey.parse(text) for text in keys), quorum)

    def cosignatures(self, note: Note) -> tuple[Cosignature, ...]:
        """The witnesses' words under a note, the earliest first, one for each witness by name.

        Raises BadSignature for a line of a known witness that does not hold.
        """
        made = [
            Cosignature(key, key.time_of(line, note.text))
            for key in self.keys
            for line in note.unverified
            if key.owns(line)
        ]
        first: dict[str, Cosignature] = {}
        for one in sorted(made, key=lambda one: one.at):
            first.setdefault(one.witness.name, one)
        return tuple(first.values())

    def check(self, note: Note) -> tuple[Cosignature, ...]:
        """The same, if they are as many as the quorum. Raises Unwitnessed, BadSignature."""
        found = self.cosignatures(note)
        if len(found) < self.quorum:
            raise Unwitnessed(
                "expected {quorum} witnesses under this head, got {count}; wait, they are asked "
                "again, and nothing is lost",
                quorum=self.quorum,
                count=len(found),
            )
        return found

    def time(self, found: tuple[Cosignature, ...]) -> int | None:
        """By when as many witnesses as the quorum (one at least) had seen the head, in ms."""
        needed = max(1, self.quorum)
        return found[needed - 1].at if len(found) >= needed else None


NOBODY = Policy()
"""The policy of a reader who asks for no witnesses."""


def cosign(text: str, name: str, signer: Signer, at: int) -> str:
    """The line by which the witness ``name`` says that it saw the checkpoint ``text`` at ``at``
    (ms; the line has whole seconds). The caller has checked it, and saved that it did."""
    key = WitnessKey(name, signer.verifier.public_key)
    seconds = at // 1000
    signature = _SIGNATURE.pack(seconds, signer.sign(_message(text, seconds)))
    return signature_line(name, key.key_id + signature)


def with_lines(note: bytes, lines: Iterable[str]) -> bytes:
    """A signed note with further signature lines, none twice."""
    held = note.decode().rpartition("\n\n")[2].splitlines(keepends=True)
    fresh = dict.fromkeys(line for line in lines if line not in held)
    return note + "".join(fresh).encode()


def _message(text: str, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()

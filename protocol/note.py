"""Signed notes (c2sp.org/signed-note): readable text, then a line for each signature.

    log.yunxi.example/fujie
    5
    iQXNPln4yJf6RckXNHcVuZqWyAoMpADkmw0guYeAnUc=

    — log.yunxi.example/fujie 0uW78IrWA+Vv…

The signature covers the text up to and with its last newline, not the empty line. Each
signature line is U+2014, a space, the key's name, a space, and base64(key id ‖ signature),
where the key id here is the note's own short one:

    SHA-256(name ‖ "\\n" ‖ type ‖ public key)[:4]        type 0x01 = Ed25519

Name and short id together only *find* the key; the key itself is configured. Lines by keys
that the reader does not know are kept and not believed: witnesses, and next year's key.

>>> from protocol.keys import Ed25519Signer
>>> signer = Ed25519Signer(bytes(32))
>>> key = VerifierKey("log.example", signer.verifier.public_key)
>>> open_note(sign_note("hello\\n", "log.example", signer), [key]).text
'hello\\n'
"""

import base64
import binascii
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from protocol.errors import BadSignature, Malformed, TooLarge, UnknownSigner
from protocol.keys import ED25519, Signer, Verifier

KIND_ED25519 = 0x01

MAX_NOTE = 1 << 17
"""Bytes of a whole note; room for 16 signatures of 5 kB, the least that readers must take."""

MAX_KEY = 1024
"""Characters of a verifier key's line."""

MAX_LINES = 64
"""Signature lines of one note."""

_DASH = "— "


@dataclass(frozen=True)
class NoteSignature:
    """One signature line: the key's name, its 4-byte id in the note, the signature's bytes."""

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True)
class Note:
    """An opened note. ``verified`` is never empty; ``unverified`` lines prove nothing."""

    text: str
    verified: tuple[NoteSignature, ...]
    unverified: tuple[NoteSignature, ...]


def note_key_id(name: str, public_key: bytes, kind: int = KIND_ED25519) -> bytes:
    """The 4-byte id by which a note's line finds its key (signed-note, "Signatures")."""
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public_key).digest()[:4]


@dataclass(frozen=True)
class VerifierKey:
    """A key under the name that its notes use. ``public_key`` is 32 bytes, Ed25519."""

    name: str
    public_key: bytes

    def __post_init__(self) -> None:
        _expect_name(self.name)
        Verifier(ED25519, self.public_key)  # refuses bytes that are no key

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        """Read ``name+hex(id)+base64(type ‖ public key)``. Raises Malformed.

        Base64 may hold a plus sign, so only the first two divide.
        """
        parts = text.split("+", 2)
        if len(parts) != 3 or len(text) > MAX_KEY:
            raise Malformed(
                "expected a verifier key as name+id+key, got {text}; copy the whole line",
                text=text[:80],
            )
        name, short_id, encoded = parts
        kind_and_key = decode_base64(encoded)
        if kind_and_key[:1] != bytes([KIND_ED25519]):
            raise Malformed(
                "expected a verifier key of type 1 (Ed25519), got type {kind}; update this program",
                kind=kind_and_key[:1].hex() or "none",
            )
        key = cls(name, kind_and_key[1:])
        if short_id != key.key_id.hex():
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
        encoded = base64.b64encode(bytes([KIND_ED25519]) + self.public_key).decode()
        return f"{self.name}+{self.key_id.hex()}+{encoded}"

    @cached_property
    def key_id(self) -> bytes:
        """The note's short id, 4 bytes."""
        return note_key_id(self.name, self.public_key)

    @cached_property
    def verifier(self) -> Verifier:
        """The key without its name."""
        return Verifier(ED25519, self.public_key)


@lru_cache(maxsize=16)
def _signing_id(name: str, public_key: bytes) -> bytes:
    # Whether a key is a point takes longer than a signature, and the same few sign every head.
    return VerifierKey(name, public_key).key_id


def sign_note(text: str, name: str, *signers: Signer) -> bytes:
    """Sign ``text`` under ``name`` with one key, or with two while one replaces the other.

    The text ends in a newline and holds no control character but newlines.
    """
    _expect_name(name)
    _expect_text(text)
    lines = [text, "\n"]
    for signer in signers:
        short_id = _signing_id(name, signer.verifier.public_key)
        lines.append(signature_line(name, short_id + signer.sign(text.encode())))
    note = "".join(lines).encode()
    if not signers or len(signers) > MAX_LINES or len(note) > MAX_NOTE:
        raise TooLarge(
            "expected 1 to {most} signers and at most {bound} bytes of note, got {count} and "
            "{size}; sign less at once",
            most=MAX_LINES,
            bound=MAX_NOTE,
            count=len(signers),
            size=len(note),
        )
    return note


def signature_line(name: str, blob: bytes) -> str:
    """The line of a note for a key id and a signature. Raises Malformed for the name."""
    _expect_name(name)
    return f"{_DASH}{name} {base64.b64encode(blob).decode()}\n"


def read_lines(text: str) -> list[NoteSignature]:
    """Signature lines by themselves, as a witness answers with. Raises Malformed, TooLarge."""
    if not text.endswith("\n"):
        raise Malformed("expected signature lines, each with its newline; ask again")
    return list(_split(b"-\n\n" + text.encode())[1])


def open_note(data: bytes, verifiers: Iterable[VerifierKey]) -> Note:
    """Check every line whose key is known, and return the text only if at least one holds.

    Raises Malformed or TooLarge for the form, BadSignature if a known key's line fails,
    UnknownSigner if no line is by a known key.
    """
    text, lines = _split(data)
    known = {(key.name, key.key_id): key for key in verifiers}
    verified, unverified = [], []
    for line in lines:
        key = known.get((line.name, line.key_id))
        if key is None:
            unverified.append(line)
        elif key.verifier.verify(text.encode(), line.signature):
            verified.append(line)
        else:
            raise BadSignature(
                "expected a signature by {name} over this note; it was altered on the way, "
                "fetch it again",
                name=line.name,
            )
    if not verified:
        raise UnknownSigner(
            "no known key signed this note, only {names}; check the verifier key in the settings",
            names=", ".join(line.name for line in lines)[:200],
        )
    return Note(text, tuple(verified), tuple(unverified))


def decode_base64(text: str) -> bytes:
    """Standard base64 (RFC 4648 §4), refused unless encoding it again gives the same text."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        data = b""
    # Unused bits in the last character would let one value have several texts.
    if not data or base64.b64encode(data).decode() != text:
        raise Malformed("expected standard base64, got {text}; fetch it again", text=text[:60])
    return data


def _split(data: bytes) -> tuple[str, Sequence[NoteSignature]]:
    """A note's text with its last newline, and its signature lines."""
    if len(data) > MAX_NOTE:
        raise TooLarge(
            "expected a note of at most {bound} bytes, got {size}; fetch it again",
            bound=MAX_NOTE,
            size=len(data),
        )
    try:
        whole = data.decode()
    except UnicodeDecodeError:
        raise Malformed("expected a note in UTF-8; fetch it again") from None
    text, divider, tail = whole.rpartition("\n\n")
    if not divider or not tail.endswith("\n"):
        raise Malformed("expected a note's text, an empty line and signature lines; fetch it again")
    _expect_text(text + "\n")
    lines = tail[:-1].split("\n")
    if len(lines) > MAX_LINES:
        raise TooLarge(
            "expected at most {most} signature lines, got {count}; fetch the note again",
            most=MAX_LINES,
            count=len(lines),
        )
    return text + "\n", [_signature(line) for line in lines]


def _signature(line: str) -> NoteSignature:
    name, space, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not space:
        raise Malformed(
            "expected a signature line '— name base64', got {line}; fetch the note again",
            line=line[:80],
        )
    _expect_name(name)
    blob = decode_base64(encoded)
    if len(blob) < 5:
        raise Malformed("expected a key id and a signature in the line of {name}", name=name)
    return NoteSignature(name, blob[:4], blob[4:])


def _expect_name(name: str) -> None:
    if not name or "+" in name or not name.isprintable() or any(map(str.isspace, name)):
        raise Malformed(
            "expected a key name without spaces and plus signs, got {name}; "
            "write it as an address without https://",
            name=name[:80],
        )


def _expect_text(text: str) -> None:
    if not text.endswith("\n") or any(char < " " and char != "\n" for char in text):
        raise Malformed("expected a note's text in lines, without other control characters")

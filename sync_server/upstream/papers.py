"""The two files that a county and its province exchange once, by hand. JSON; bytes are Base64.

    introduction   county ──► province   who we are: signed by our root and our issuer
    acceptance     province ──► county   where to push, and by which keys our log and office answer

Each is shown with a fingerprint, which the two registrars compare by telephone: the introduction
proves itself below the county's root, and nothing proves a root but those who know it.
"""

import hashlib
from typing import Annotated, TypeVar

import msgspec

from protocol.errors import Malformed
from protocol.parts import Hex32, Short, Version

MAX_PAPER = 8 << 20
_Key = Annotated[str, msgspec.Meta(max_length=500)]


class Introduction(msgspec.Struct, frozen=True, kw_only=True):
    """An agency as its own log knows it: ``records`` are envelopes (msgpack form) in the order of
    that log; the last enrols its server as the device ``device``."""

    agency: Short
    device: Short
    records: Annotated[list[bytes], msgspec.Meta(min_length=2, max_length=10_000)]
    v: Version = 1


class Acceptance(msgspec.Struct, frozen=True, kw_only=True):
    """Where the upper level's server is, whom to believe there, and which agency it admitted (empty
    in older ones)."""

    name: Short
    address: Short
    origin: Short
    log_keys: Annotated[list[_Key], msgspec.Meta(min_length=1, max_length=20)]
    office: Hex32
    device: Short
    agency: Short = ""
    v: Version = 1


P = TypeVar("P", Introduction, Acceptance)


def write(paper: Introduction | Acceptance) -> bytes:
    """The file."""
    return msgspec.json.format(msgspec.json.encode(paper), indent=1) + b"\n"


def read(data: bytes, kind: type[P]) -> P:
    """A file of this kind. Raises Malformed."""
    try:
        if len(data) <= MAX_PAPER:
            return msgspec.json.decode(data, type=kind)
        fault = f"{len(data)} bytes"
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as found:
        fault = str(found)[:300]
    raise Malformed(
        "expected the other level's {kind}, got something else ({fault}); ask for the file again",
        kind=kind.__name__.lower(),
        fault=fault,
    )


def fingerprint(data: bytes) -> str:
    """What two people read to one another: ``3F2A-91C0-…``, 80 bits."""
    text = hashlib.sha256(data).hexdigest()[:20].upper()
    return "-".join(text[at : at + 4] for at in range(0, len(text), 4))

"""What can be stated: one Struct per kind, a tagged union told apart by ``kind``.

A statement is the JSON body of a DSSE envelope. Every one says its schema version, agency,
case (the record id of the opening record, absent in it and outside cases), the claimed time
of the act and a random salt; then come the kind's own fields:

    {"kind":"inspection_closed","agency":"11990123MB0000001A","at":1763690000000,
     "salt":"00…","case":"9f…","outcome":"penalised_on_spot","note":""}

A published meaning never changes; fields are only added, with a default. A reader that meets
a kind or field it does not know keeps the bytes as they are (``Unknown``). ``v`` is the least
edition of the lists of words that has every word used, so that older readers take all they can:

>>> from protocol.vocabulary import MediaKind, StaffRole
>>> edition_of([MediaKind.PHOTO, StaffRole.HANDLER]), edition_of([StaffRole.REVIEWER])
(1, 2)

    parts.py           texts, times, parties, places, hands; what every statement says
    kinds/             one Struct per kind, grouped by who states it

This module is the door to both: import every name from here.
"""

import json
import re
from collections.abc import Callable, Sequence
from functools import cache, reduce
from operator import or_
from typing import Any

import msgspec

from protocol import kinds
from protocol.contents import blobs_of, edition_of, is_bare
from protocol.errors import Malformed, TooLarge
from protocol.kinds import *  # noqa: F403  (the door to every kind)
from protocol.kinds import CaseOpened, InspectionOpened
from protocol.parts import (
    EDITION,
    LATEST,
    BlobRef,
    Count,
    Day,
    Decision,
    Fen,
    Hex16,
    Hex32,
    Imported,
    ListedFacts,
    Long,
    Mask,
    Millis,
    Party,
    PartyAct,
    Place,
    PropertyItem,
    Segment,
    Short,
    ShownCard,
    SignAbsent,
    Signed,
    SignRefused,
    Statement,
    Version,
)
from protocol.vocabulary import Term

__all__ = [
    "EDITION",
    "KINDS",
    "LATEST",
    "MAX_STATEMENT",
    "READERS",
    "BlobRef",
    "Count",
    "Day",
    "Decision",
    "Fen",
    "Hex16",
    "Hex32",
    "Imported",
    "ListedFacts",
    "Long",
    "Mask",
    "Millis",
    "Party",
    "PartyAct",
    "Place",
    "PropertyItem",
    "Segment",
    "Short",
    "ShownCard",
    "SignAbsent",
    "SignRefused",
    "Signed",
    "Statement",
    "Unknown",
    "Version",
    "blobs_of",
    "case_of",
    "decode",
    "decode_all",
    "edition_of",
    "encode",
    "kind_of",
    "opens_case",
    "tag_of",
]
__all__ += kinds.__all__

MAX_STATEMENT = 1 << 20
MAX_DEPTH = 100
"""How deep a body is read: whoever reads it on whatever stack reads the same."""


class Unknown(msgspec.Struct, frozen=True, kw_only=True):
    """A statement of a kind, version or shape that this reader does not know. Its bytes are
    kept and passed on as they came."""

    kind: Short
    agency: Short
    at: Millis
    salt: Hex16
    case: Hex32 | None = None
    v: Version = 1


KINDS: tuple[type[Statement], ...] = tuple(Statement.__subclasses__())

READERS: dict[str, msgspec.json.Decoder[Any]] = {
    str(kind.__struct_config__.tag): msgspec.json.Decoder(kind) for kind in KINDS
}
"""By the wire name of each kind, what reads a body of it."""

_encode = msgspec.json.Encoder().encode
_decode_head = msgspec.json.Decoder(Unknown).decode
_decode_known: Callable[[bytes], Statement] = msgspec.json.Decoder(reduce(or_, KINDS)).decode


def encode(statement: Statement) -> bytes:
    """The body bytes of a new statement, with the ``v`` that its words need. Raises TooLarge, or
    Malformed for one that readers would refuse, so that nobody signs what cannot be read."""
    least = edition_of(statement)
    if statement.v < least:
        statement = msgspec.structs.replace(statement, v=least)
    body = _encode(statement)
    _expect_bound(body)
    decode(body)
    return body


def decode(body: bytes) -> Statement | Unknown:
    """Read a body. A kind or version from the future gives Unknown; anything that does not
    even carry what every statement says raises Malformed, too long a body TooLarge."""
    _expect_bound(body)
    read = _as_written(body) or _as_found(body)
    if read.v < EDITION and not isinstance(read, Unknown) and edition_of(read) > read.v:
        raise Malformed(
            "expected v {least} or more with these words, got {v}; say the edition they came in",
            least=edition_of(read),
            v=read.v,
        )
    return read


def decode_all(bodies: Sequence[bytes]) -> list[Statement | Unknown]:
    """What ``decode`` says of each, sooner: what is written as ``encode`` writes it, with words of
    the edition that it names, is read without a line of Python for each. Raises what it raises."""
    try:
        read = list(map(_decode_known, bodies))
    except (msgspec.MsgspecError, ValueError, RecursionError):
        read = []
    types = set(map(type, read))
    wordless = {one for one in types if is_bare(one, Term)}
    plain = (
        list(map(_encode, read)) == [*bodies]
        and max(map(len, bodies), default=0) <= MAX_STATEMENT
        and all(tag_of(one) in READERS for one in types)
        and all(one.v <= EDITION for one in read)
        and all(type(one) in wordless or edition_of(one) <= one.v for one in read)
    )
    return [*read] if plain else [decode(body) for body in bodies]


def _as_written(body: bytes) -> Statement | None:
    """A body to the byte as ``encode`` writes it, as nearly all are: what is written has every
    name once, so that one reading tells everything. None for any other."""
    try:
        read = _decode_known(body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    known = read.v <= EDITION and tag_of(type(read)) in READERS
    return read if known and _encode(read) == body else None


def _as_found(body: bytes) -> Statement | Unknown:
    _expect_shallow(body)
    try:
        head = _decode_head(body)
        _read_names(body.decode())
        decoder = READERS.get(head.kind)
        if decoder is None or head.v > EDITION:
            return head
        read: Statement = decoder.decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError) as fault:
        raise Malformed("expected a statement: {fault}", fault=str(fault)[:500]) from None
    return read


def _expect_bound(body: bytes) -> None:
    if len(body) > MAX_STATEMENT:
        raise TooLarge(
            "expected a statement of at most {bound} bytes, got {size}; move long parts to a blob",
            bound=MAX_STATEMENT,
            size=len(body),
        )


def _expect_shallow(body: bytes) -> None:
    if body.count(b"[") + body.count(b"{") <= MAX_DEPTH:
        return
    depth = 0
    for one in _TEXTS.sub(b"", body).translate(None, _NO_BRACKETS):
        depth += 1 if one in b"[{" else -1
        if depth > MAX_DEPTH:
            raise Malformed(
                "expected a statement of at most {depth} levels; nothing is told so deep",
                depth=MAX_DEPTH,
            )


_TEXTS = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


def _expect_names_once(pairs: list[tuple[str, Any]]) -> None:
    # Of two equal names one reader takes the first and another the last: two meanings under
    # one signature (RFC 7493 §2.3).
    if len(dict(pairs)) != len(pairs):
        raise ValueError("a name stands twice in one object")


_read_names = json.JSONDecoder(
    object_pairs_hook=_expect_names_once, parse_int=str, parse_float=str
).decode


def kind_of(statement: Statement | Unknown) -> str:
    """The wire name of a statement's kind."""
    return statement.kind if isinstance(statement, Unknown) else tag_of(type(statement))


@cache
def tag_of(kind: type[Statement]) -> str:
    """The same of a kind."""
    return str(kind.__struct_config__.tag)


def opens_case(statement: Statement | Unknown) -> bool:
    """Whether a record of this statement opens a case, whose id is then its own: every
    *inspection opened*, and a *case opened* that follows no inspection's case."""
    return isinstance(statement, InspectionOpened) or (
        isinstance(statement, CaseOpened) and statement.case is None
    )


def case_of(statement: Statement | Unknown, record: bytes) -> bytes | None:
    """The id of the case that a record belongs to: its own hash where it opens one, else the
    one that it names; None outside cases."""
    if opens_case(statement):
        return record
    return bytes.fromhex(statement.case) if statement.case else None

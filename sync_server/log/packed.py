"""The columns of a stretch (``leaves.py``), packed: msgpack, a value for each of its entries.

>>> unpacked(packed([b"a", None]), 2)
[b'a', None]
>>> unpacked(b"rotten", 2)
[None, None]
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeVar

import msgspec

T = TypeVar("T")

LONGEST = 4096
"""Entries that any row may have; no push brings as many. A row that says more was altered, and what
it says is not believed: values would be made of it until no memory is left."""


class Filed(NamedTuple):
    """What a statement is looked up by; ``at`` is ms since the epoch, ``case`` an id."""

    kind: str
    case: bytes | None
    agency: str
    at: int


MOST_BYTES = 1 << 20
"""Of statements in one stretch, but for the last: who reads one of them reads them all."""

UNREAD = Filed("", None, "", 0)
"""How a statement that cannot be read is filed."""

_KEY = 300
"""Characters of a name in an index: one that is longer than 2,704 bytes PostgreSQL refuses, and
with it the commit of everybody who came at once."""


def listed(kind: str, agency: str) -> tuple[str, str]:
    """Under what a stretch is listed that has statements of a kind and an agency: names as long as
    no office has one share their beginnings, and each statement is asked what it is."""
    return kind[:_KEY], agency[:_KEY]


packed = msgspec.msgpack.Encoder().encode
"""A column."""

_parts = msgspec.msgpack.Decoder(list[bytes | None]).decode
_filed = msgspec.msgpack.Decoder(list[Filed | None]).decode


def unpacked(column: bytes | None, count: int) -> list[bytes | None]:
    """The ``count`` values of a column; nothing but None where it rotted, or was not asked for, and
    never more than ``LONGEST`` of them."""
    return _read(_parts, column, count) or [None] * max(0, min(count, LONGEST))


def unpacked_filed(column: bytes | None, count: int) -> list[Filed | None]:
    """The same of what statements are looked up by."""
    return _read(_filed, column, count) or [None] * max(0, min(count, LONGEST))


def is_whole(column: bytes, count: int, *, filed: bool = False) -> bool:
    """Whether a column can be read, and has ``count`` values."""
    found = _read(_filed, column, count) if filed else _read(_parts, column, count)
    return found is not None


def _read(
    decode: Callable[[bytes], list[T | None]], column: bytes | None, count: int
) -> list[T | None] | None:
    if column is not None and count <= LONGEST:
        # A text that is none is said by Python's own error.
        try:
            found = decode(column)
        except (msgspec.DecodeError, UnicodeDecodeError, TypeError):
            return None
        if len(found) == count:
            return found
    return None

"""What a statement is made of, found wherever it stands: the blobs it names, the words it uses.

>>> from protocol.vocabulary import MediaKind, StaffRole
>>> edition_of([MediaKind.PHOTO, StaffRole.HANDLER]), edition_of([StaffRole.REVIEWER])
(1, 2)
"""

from functools import cache
from types import NoneType
from typing import Any, TypeVar, get_args, get_type_hints

import msgspec

from protocol.parts import BlobRef
from protocol.vocabulary import Term

_PLAIN = (str, int, bool, bytes, NoneType)
"""What most fields hold: neither a blob nor a word of a list (those are enums)."""

P = TypeVar("P", BlobRef, Term)


def edition_of(part: object) -> int:
    """The least edition of the lists of words that has every word in ``part``, a statement or
    what it is made of."""
    words = _found(part, Term)
    return max([word.since for word in words]) if words else 1


def blobs_of(part: object) -> list[BlobRef]:
    """Every blob that a statement, or a part of one, names, in the order of its fields, none
    twice."""
    named: dict[str, BlobRef] = {}
    for one in _found(part, BlobRef):
        named.setdefault(one.sha256, one)
    return list(named.values())


def _found(part: Any, kind: type[P]) -> list[P]:
    """Every value of this kind in a statement, breadth first."""
    if isinstance(part, msgspec.Struct) and is_bare(type(part), kind):
        return []  # most statements, at no cost
    found: list[P] = []
    waiting: list[Any] = [part]
    for one in waiting:  # which grows behind
        if isinstance(one, kind):
            found.append(one)
        elif isinstance(one, msgspec.Struct):
            if places := _places(type(one)):
                waiting += [getattr(one, name) for name in places]
        elif isinstance(one, (list, tuple)):
            waiting += one
    return found


@cache
def is_bare(part: type[msgspec.Struct], kind: type[Any]) -> bool:
    """Whether no ``kind``, ``BlobRef`` or ``Term``, can stand in a struct of this type."""
    return not issubclass(part, kind) and not _places(part)


@cache
def _places(kind: type[msgspec.Struct]) -> tuple[str, ...]:
    """The fields that may hold more than plain values, by what they are declared to hold."""
    hints = get_type_hints(kind)
    return tuple(name for name in kind.__struct_fields__ if not _is_plain(hints[name]))


def _is_plain(hint: Any) -> bool:
    parts = get_args(hint)
    return hint in _PLAIN or (bool(parts) and all(map(_is_plain, parts)))

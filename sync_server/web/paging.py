"""A long list, page by page.

>>> cut(list("abcdefg"), 2, size=3).shown, cut([], 9).pages
(['d', 'e', 'f'], 1)
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

SIZE = 24
T = TypeVar("T")

_PAGE = re.compile("[1-9][0-9]{0,4}")


@dataclass(frozen=True)
class Paged(Generic[T]):
    """One page of ``total`` things; ``page`` counts from 1."""

    shown: Sequence[T]
    total: int
    page: int
    pages: int


def page_in(text: str) -> int:
    """The page that an address asks for, the first for what is no number."""
    return int(text) if _PAGE.fullmatch(text) else 1


def cut(everything: Sequence[T], page: int, size: int = SIZE) -> Paged[T]:
    """The page, empty past the last one."""
    start = (page - 1) * size
    pages = max(1, -(-len(everything) // size))
    return Paged(everything[start : start + size], len(everything), page, pages)

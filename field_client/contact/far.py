"""How far something has come that takes a while.

>>> Far(done=5, whole=10)
Far(done=5, whole=10, items=0, of=0)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class Far(NamedTuple):
    """Bytes that are done, of about how many, and items of how many, where they are counted."""

    done: int
    whole: int
    items: int = 0
    of: int = 0


Progress = Callable[[Far], None]
"""Who is told of it; often, and from the thread that works."""


def nobody(_far: Far) -> None:
    """Nobody is told."""

"""Pictures come after words: the first frame does not wait for icons and portraits.

A picture's first texture makes the graphics driver compile, which takes as long as the rest of
the first screen. Nothing else is held back, and later screens take theirs at once.

    pictures.hold()                  # before the first screen
    pictures.take(load)              # ``load`` is called now, or once pictures come
    for _ in pictures.coming(): …    # after the first frame: one with each step
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator

_held: deque[Callable[[], None]] = deque()
_state = {"holding": False}


def hold() -> None:
    """From now on pictures wait."""
    _state["holding"] = True


def take(load: Callable[[], None]) -> None:
    """Load a picture, as soon as pictures are loaded."""
    if _state["holding"]:
        _held.append(load)
    else:
        load()


def coming() -> Iterator[str]:
    """Load what waits, one with each step; then no picture waits any more."""
    while _held:
        _held.popleft()()
        yield "picture"
    _state["holding"] = False

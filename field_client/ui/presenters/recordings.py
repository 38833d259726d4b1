"""The recordings of a case: small pictures with their facts, and one of them large or playing.

>>> length_words(83_400)
'01:23'
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from field_client.ui.presenters.common import Choice, Frame, Message, Stage, Translate

Mode = Literal["look", "mark"]
ALL = "all"
PAGE = 8


@dataclass(frozen=True, slots=True)
class GalleryTile:
    """One recording; ``key`` comes back through ``Actions.open_recording``. ``gone`` says in
    words that its copy here was let go."""

    key: str
    title: str
    detail: str
    kind: str
    stage: Stage
    length: str = ""
    thumb: bytes | None = None
    gone: str = ""
    copy: str = ""


@dataclass(frozen=True, slots=True)
class RecordingsView:
    """One page of tiles; ``place`` says which of how many. ``over``: the inspection is closed and
    takes no more."""

    frame: Frame
    tiles: tuple[GalleryTile, ...]
    kinds: tuple[Choice, ...]
    steps: tuple[Choice, ...]
    kind: str
    step: str
    place: str
    earlier: bool
    later: bool
    message: Message | None = None
    over: bool = False


@dataclass(frozen=True, slots=True)
class ViewerView:
    """One recording. ``at`` and ``length`` are ms; ``boxes`` are marks in shares of the picture
    (x, y, width, height from the top left)."""

    frame: Frame
    key: str
    kind: str
    facts: tuple[tuple[str, str], ...]
    stage: Stage
    stage_word: str
    code: str
    at: int = 0
    length: int = 0
    playing: bool = False
    mode: Mode = "look"
    boxes: tuple[tuple[float, float, float, float], ...] = ()
    message: Message | None = None
    waiting: str = ""
    changeable: bool = True


def length_words(ms: int) -> str:
    """Minutes and seconds, hours where there are any: ``01:23``, ``1:02:03``."""
    seconds = ms // 1000
    hours, rest = divmod(seconds, 3600)
    clock = f"{rest // 60:02d}:{rest % 60:02d}"
    return f"{hours}:{clock}" if hours else clock


def place_words(_: Translate, first: int, shown: int, whole: int) -> str:
    """Which tiles of how many."""
    if not whole:
        return _("No recordings")
    return _("{first} to {last} of {n}").format(first=first + 1, last=first + shown, n=whole)


def size_words(size: int) -> str:
    """Bytes as people read them, in powers of ten as stickers on sticks have them.

    >>> size_words(3_480_000), size_words(4_200_000_000)
    ('3.5 MB', '4.2 GB')
    """
    for unit, bytes_ in (("GB", 1_000_000_000), ("MB", 1_000_000), ("KB", 1_000)):
        if size >= bytes_:
            return f"{size / bytes_:.1f} {unit}"
    return f"{size} B"

"""One document to read: its pages, where it stands, and what can be done with it.

>>> zoomed(2, 1), zoomed(3, 1)
(3, 3)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from field_client.ui.presenters.card import Matrix
from field_client.ui.presenters.common import Chip, Fix, Frame, Message, Stage

Panel = Literal["facts", "print", "code"]
SCALES = (0.0, 1.0, 1.6, 2.4)  # 0: the whole page; else of the width there is
CLOSE = 2  # from this zoom on a page is drawn anew, sharper
MOST_COPIES = 9


@dataclass(frozen=True, slots=True)
class PrintView:
    """Which printer, how many copies, and how the last printing went."""

    printers: tuple[str, ...] = ()
    chosen: str = ""
    copies: int = 2
    busy: str = ""
    message: Message | None = None


@dataclass(frozen=True, slots=True)
class CodeView:
    """The document's code for the party's phone; ``message`` is honest about what it shows yet."""

    matrix: Matrix | None
    message: Message
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PaperView:
    """``closer`` is one page drawn sharper (its place, PNG); ``doors`` come back through
    ``Actions.paper``, the first is the main one. ``panel`` is what stands beside the pages."""

    frame: Frame
    state: Chip
    facts: tuple[tuple[str, str], ...]
    pages: tuple[bytes, ...] = ()
    busy: str = ""
    closer: tuple[int, bytes] | None = None
    stage: Stage | None = None
    message: Message | None = None
    doors: tuple[Fix, ...] = ()
    panel: Panel = "facts"
    printing: PrintView = PrintView()
    code: CodeView | None = None


def zoomed(at: int, step: int) -> int:
    """The next zoom, within what there is."""
    return max(0, min(len(SCALES) - 1, at + step))

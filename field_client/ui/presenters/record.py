"""One record of the timeline, looked at: what it says, who signed, how far it came, what was
corrected.

>>> RecordView(Frame("", "", Chip("", "")), "", "", (), "saved", "", (), "").corrections
()
"""

from __future__ import annotations

from dataclasses import dataclass

from field_client.ui.presenters.common import Chip, Frame, Stage

__all__ = ["Chip", "CorrectionView", "RecordView"]


@dataclass(frozen=True, slots=True)
class CorrectionView:
    """A later record that puts this one right."""

    when: str
    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class RecordView:
    """``correct`` is the word of the button that begins a correction; empty where none may be
    made. ``way`` leads to where an open matter of this record is settled."""

    frame: Frame
    title: str
    detail: str
    facts: tuple[tuple[str, str], ...]
    stage: Stage
    stage_detail: str
    corrections: tuple[CorrectionView, ...]
    correct: str
    lines: tuple[str, ...] = ()
    way: str = ""
    way_word: str = ""

"""An interview while it is held: questions and answers, who answers, what is corrected.

>>> write_label(str, "q", editing=False)
'Put the question'
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from field_client.ui.presenters.common import Choice, Frame, RuleNote, Translate
from field_client.ui.presenters.form import FieldView, PreviewView
from field_client.ui.presenters.sign import Correction

Tab = Literal["talk", "who", "check"]
Part = Literal["q", "a"]


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question and its answer; ``key`` is its place, ``live`` while it is written anew."""

    key: str
    number: int
    question: str
    answer: str
    live: str = ""


@dataclass(frozen=True, slots=True)
class Guide:
    """Ready questions of one sort; those that were put already are marked."""

    title: str
    questions: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class InterviewView:
    """``part`` is what is written now, ``typed`` what stands there; ``place`` is the row that is
    written anew, -1 for the next one. ``missing`` are the keys of those ``asked`` that are empty or
    cannot be read: the main button leads to the first."""

    frame: Frame
    tab: Tab
    tabs: tuple[Choice, ...]
    rows: tuple[Exchange, ...]
    part: Part
    typed: str
    guides: tuple[Guide, ...]
    answers: tuple[str, ...]
    asked: tuple[FieldView, ...]
    interviews: tuple[Choice, ...]
    interview: str
    reads: tuple[Choice, ...]
    read: str
    corrections: tuple[Correction, ...]
    preview: PreviewView
    notes: tuple[RuleNote, ...]
    main_label: str
    ready: bool
    place: int = -1
    missing: tuple[str, ...] = ()
    draft: int = 0  # grows when the words on the line are put there, not typed


def write_label(_: Translate, part: Part, *, editing: bool) -> str:
    """The button beside the line that is written on."""
    if editing:
        return _("Keep the change")
    return _("Put the question") if part == "q" else _("Note the answer")


def tabs(_: Translate) -> tuple[Choice, ...]:
    """The three sides of an interview."""
    return (
        Choice("talk", _("Questions and answers")),
        Choice("who", _("Who is asked")),
        Choice("check", _("Read over and correct")),
    )

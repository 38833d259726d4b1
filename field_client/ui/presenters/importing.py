"""Recordings of body-worn recorders: chosen on a stick, taken in, labelled.

>>> progress_words(str, 2, 5, "MOV_0002.mp4")
'2 of 5: MOV_0002.mp4'
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from field_client.ui.presenters.common import Choice, Frame, Message, Translate, plural

Phase = Literal["stick", "files", "copying", "labels"]
PAGE = 6


@dataclass(frozen=True, slots=True)
class FileRow:
    """One file on a stick; ``refused`` says why it cannot be taken in."""

    key: str
    name: str
    detail: str
    kind: str
    chosen: bool = False
    refused: str = ""


@dataclass(frozen=True, slots=True)
class LabelForm:
    """The facts of one file that is in and has no record yet."""

    key: str
    name: str
    detail: str
    recorder: str
    place: str
    purpose: str
    step: str
    left: str = ""


@dataclass(frozen=True, slots=True)
class ImportingView:
    """``phase`` says what is asked now: which stick, which files, patience, or the labels."""

    frame: Frame
    phase: Phase
    sticks: tuple[Choice, ...] = ()
    files: tuple[FileRow, ...] = ()
    place: str = ""
    earlier: bool = False
    later: bool = False
    chosen: str = ""
    ready: bool = False
    looking: bool = False
    share: float = 0.0
    progress: str = ""
    form: LabelForm | None = None
    steps: tuple[Choice, ...] = ()
    recorders: tuple[Choice, ...] = ()
    purposes: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    message: Message | None = None


def progress_words(_: Translate, number: int, whole: int, name: str) -> str:
    """Which file of how many is being taken in."""
    return _("{n} of {all}: {name}").format(n=number, all=whole, name=name)


def chosen_words(_: Translate, count: int, size: str) -> str:
    """What was chosen; the button's word."""
    if not count:
        return _("Choose files first")
    return plural(count, _("Take in {n} file ({size})"), _("Take in {n} files ({size})"), size=size)

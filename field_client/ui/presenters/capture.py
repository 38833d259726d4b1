"""Photo, video and sound: the five required facts beside the picture (AV-3), what was taken, and
how much room there is.

>>> "purpose" in missing_labels(str, CaptureLabels("318", "09:12", "", "Shen", "", "goods"))
True
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from field_client.ui.presenters.common import Choice, Frame, Message, RuleNote, Stage, Translate

Running = Literal["", "video", "sound", "continuous"]
FEW_MINUTES = 30


@dataclass(frozen=True, slots=True)
class CaptureLabels:
    """Case number, time, place, recorder, purpose of proof, and the step they belong to."""

    case_number: str
    time: str
    place: str
    recorder: str
    purpose: str
    step: str


@dataclass(frozen=True, slots=True)
class Shot:
    """One finished photo or clip; ``thumb`` is PNG or JPEG bytes; ``key`` opens it."""

    word: str
    kind: str
    stage: Stage
    thumb: bytes | None = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class CaptureView:
    """``recording`` holds the running time while anything is being recorded, else it is empty;
    ``running`` says what. ``used`` and ``releasable`` are shares of the disk, 0 to 1."""

    frame: Frame
    labels: CaptureLabels
    steps: tuple[Choice, ...]
    purposes: tuple[str, ...]
    recording: str
    shots: tuple[Shot, ...]
    source: str
    space: str
    missing: tuple[str, ...] = ()
    message: Message | None = None
    running: Running = ""
    notes: tuple[RuleNote, ...] = ()
    used: float = 0.0
    releasable: float = 0.0
    tight: bool = False


def room_words(_: Translate, minutes: int, *, sound: bool = False) -> str:
    """How much video, or ``sound`` alone, still fits, in the unit that a person plans with."""
    if sound and minutes >= 120:
        return _("Room for about {n} h of sound").format(n=minutes // 60)
    if sound:
        return _("Room for about {n} min of sound").format(n=minutes)
    if minutes >= 120:
        return _("Room for about {n} h of video").format(n=minutes // 60)
    return _("Room for about {n} min of video").format(n=minutes)


def break_words(_: Translate, seconds: int, *, over: bool) -> str:
    """A break of a continuous recording, in one line."""
    if over:
        return _("Recording broke off for {n} s and has gone on. Say why.").format(n=seconds)
    return _("Recording broke off {n} s ago. It goes on by itself when the camera is back.").format(
        n=seconds
    )


def missing_labels(_: Translate, labels: CaptureLabels) -> tuple[str, ...]:
    """Which of the five facts are still empty; the place is typed, never invented."""
    wanted = (
        (labels.case_number, _("case number")),
        (labels.time, _("time")),
        (labels.place, _("place")),
        (labels.recorder, _("recorder")),
        (labels.purpose, _("purpose")),
    )
    return tuple(word for value, word in wanted if not value.strip())

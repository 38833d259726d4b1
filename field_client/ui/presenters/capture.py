"""Photo and video: the five required facts beside the picture (AV-3), and what was taken.

>>> "purpose" in missing_labels(str, CaptureLabels("318", "09:12", "", "Shen", "", "goods"))
True
"""

from __future__ import annotations

from dataclasses import dataclass

from field_client.ui.presenters.common import Choice, Frame, Message, Stage, Translate


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
    """One finished photo or clip; ``thumb`` is PNG or JPEG bytes."""

    word: str
    kind: str
    stage: Stage
    thumb: bytes | None = None


@dataclass(frozen=True, slots=True)
class CaptureView:
    """``recording`` holds the running time while a video is being made, else it is empty."""

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


def room_words(_: Translate, minutes: int) -> str:
    """How much video still fits, in the unit that a person plans with."""
    if minutes >= 120:
        return _("Room for about {n} h of video").format(n=minutes // 60)
    return _("Room for about {n} min of video").format(n=minutes)


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

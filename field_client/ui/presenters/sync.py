"""Sync: where every record is, what the centre says of it, space, contact, checkpoint.

>>> pipeline(str, {"saved": 2}, oldest="09:20")[0].count
'2'
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from field_client.ui.presenters.common import Chip, Frame, RuleNote, Stage, Translate, stage_word
from field_client.ui.presenters.journey import JourneyView


@dataclass(frozen=True, slots=True)
class PipelineTile:
    """How many records stand at one stage; ``chosen`` while they are listed below."""

    stage: Stage
    word: str
    count: str
    caption: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class VerdictRow:
    """One record, and what the centre answered on it; ``key`` opens it."""

    time: str
    title: str
    detail: str
    chip: Chip
    key: str = ""


@dataclass(frozen=True, slots=True)
class SpaceView:
    """``used`` and ``releasable`` are shares of the whole disk, 0 to 1."""

    free: str
    used: float
    releasable: float
    note: str


@dataclass(frozen=True, slots=True)
class SyncView:
    """``alarm`` lasts until the office has dealt with it; ``notes`` want an answer; ``listed``
    says which records the rows are; ``journey`` is there while something is under way."""

    frame: Frame
    tiles: tuple[PipelineTile, ...]
    verdicts: tuple[Chip, ...]
    notes: tuple[RuleNote, ...]
    rows: tuple[VerdictRow, ...]
    space: SpaceView
    checkpoint: str
    checkpoint_detail: str
    checkpoint_code: str
    contact: str
    clock: str
    alarm: RuleNote | None = None
    busy: str = ""
    listed: str = ""
    journey: JourneyView | None = None


def pipeline(
    _: Translate, counts: Mapping[Stage, int] | None, *, oldest: str = "", chosen: str = ""
) -> tuple[PipelineTile, ...]:
    """The five stages with their counts, in the order a record takes them; None: not known yet."""
    captions: dict[Stage, str] = {
        "saved": _("Here, oldest {when}").format(when=oldest) if oldest else _("On this tablet"),
        "sent": _("Waiting for receipt"),
        "receipted": _("In the log"),
        "stored": _("Media safe at centre"),
        "archived": _("In the archive"),
    }
    return tuple(
        PipelineTile(
            stage,
            stage_word(_, stage),
            f"{counts.get(stage, 0):,}" if counts is not None else "…",
            caption,
            stage == chosen,
        )
        for stage, caption in captions.items()
    )

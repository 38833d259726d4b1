"""One record, looked at: how far it came, what the centre said of it, what of it still waits.

>>> way(str, "sent", {"sent": "09:20"})[1].detail
'09:20'
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from field_client.ui.presenters.common import (
    Chip,
    Frame,
    RuleNote,
    Stage,
    Translate,
    stage_word,
)
from field_client.ui.presenters.journey import amount

HANDWRITING = "application/vnd.fujie.handwriting+json"
CONTENT = "application/vnd.fujie.content+json"


@dataclass(frozen=True, slots=True)
class WayMark:
    """One stage of a record's way; ``detail`` says when, or what it waits for."""

    stage: Stage
    word: str
    detail: str
    reached: bool


@dataclass(frozen=True, slots=True)
class FileLine:
    """A file that the record names; ``share`` of it is at the centre, 0 to 1."""

    title: str
    detail: str
    share: float
    chip: Chip


@dataclass(frozen=True, slots=True)
class ItemView:
    """``notes`` say what keeps it, and what to do; ``code`` is its record hash."""

    frame: Frame
    title: str
    detail: str
    chip: Chip
    way: tuple[WayMark, ...]
    notes: tuple[RuleNote, ...]
    facts: tuple[tuple[str, str], ...]
    files: tuple[FileLine, ...]
    code: str


def file_words(_: Translate, media_type: str, size: int) -> str:
    r"""What a file is and how large (bytes), in words.

    >>> file_words(str, "video/mp4", 412_000_000), file_words(str, "application/pdf", 61_000)
    ('Video · 412\xa0MB', 'Document · 61\xa0KB')
    """
    kinds = {"video": _("Video"), "image": _("Photo"), "audio": _("Sound recording")}
    exact = {HANDWRITING: _("Signature by hand"), CONTENT: _("Text of a document")}
    kind = exact.get(media_type) or kinds.get(media_type.partition("/")[0], _("Document"))
    return f"{kind} · {amount(size)}"


def grouped(code: str) -> str:
    """A hash in groups of eight digits, as it is read out."""
    return " ".join(code[at : at + 8] for at in range(0, len(code), 8))


def way(_: Translate, stage: Stage, details: Mapping[Stage, str]) -> tuple[WayMark, ...]:
    """The five stages in order, with what is known of each."""
    stages: tuple[Stage, ...] = get_args(Stage)
    reached = stages.index(stage)
    return tuple(
        WayMark(one, stage_word(_, one), details.get(one, ""), at <= reached)
        for at, one in enumerate(stages)
    )

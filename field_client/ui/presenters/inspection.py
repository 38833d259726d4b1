"""One inspection as a timeline: what the law asks for next, and what is done.

>>> steps(str, done=1)[1].state
'now'
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from field_client.ui.presenters.common import Frame, RuleNote, Stage, Translate


@dataclass(frozen=True, slots=True)
class NextStep:
    """The one big button; ``key`` comes back through ``Actions.act``."""

    key: str
    kicker: str
    title: str
    detail: str
    clause: str
    button: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the legal procedure along the line."""

    word: str
    state: Literal["done", "now", "later"]


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """One act that is on record."""

    time: str
    title: str
    detail: str
    stage: Stage


@dataclass(frozen=True, slots=True)
class Act:
    """A further act that may be done at any time; ``key`` comes back through ``Actions.act``."""

    key: str
    icon: str
    word: str


@dataclass(frozen=True, slots=True)
class InspectionView:
    """``facts`` are label and value pairs; ``next_step`` None when the inspection is closed."""

    frame: Frame
    next_step: NextStep | None
    steps: tuple[Step, ...]
    rows: tuple[TimelineRow, ...]
    facts: tuple[tuple[str, str], ...]
    notes: tuple[RuleNote, ...]
    sync_title: str
    sync_detail: str
    stage: Stage
    acts: tuple[Act, ...]


def steps(_: Translate, *, done: int) -> tuple[Step, ...]:
    """The line of an on-the-spot procedure with ``done`` steps behind it."""
    words = (
        _("Card"),
        _("Rights"),
        _("Evidence"),
        _("Record"),
        _("Decision"),
        _("Service"),
        _("End"),
    )
    return tuple(
        Step(word, "done" if at < done else "now" if at == done else "later")
        for at, word in enumerate(words)
    )

"""One inspection as a timeline: what the law asks for next, what is open, what is done.

>>> steps(str, done=1)[1].state
'now'
>>> [step.word for step in in_sight(str, steps(str, done=3), lambda line: len(line) < 6)]
['3 steps', 'Record', 'Decision', 'Service', 'End']
>>> [row.key for row in first_matters((Matter("a", "", "", "", Chip("", "")),) * 4)]
['a', 'a']
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from field_client.ui.presenters.common import Chip, Frame, RuleNote, Stage, Translate, plural

MATTERS = 2  # so many open matters stand above the timeline; all of them under “to close”


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
    """One act that is on record; ``key`` is the record, ``corrected`` that a later one puts it
    right; ``first`` and ``last`` are the ends of the line."""

    time: str
    title: str
    detail: str
    stage: Stage
    key: str = ""
    corrected: bool = False
    first: bool = False
    last: bool = False


@dataclass(frozen=True, slots=True)
class Matter:
    """Something that is not done with: an approval awaited, property still under a measure.
    ``key`` comes back through ``Actions.fix``."""

    key: str
    icon: str
    title: str
    detail: str
    state: Chip
    late: bool = False


@dataclass(frozen=True, slots=True)
class Act:
    """A further act that may be done at any time; ``key`` comes back through ``Actions.act``.
    ``done`` says when it was done last."""

    key: str
    icon: str
    word: str
    done: str = ""


@dataclass(frozen=True, slots=True)
class ActGroup:
    """Acts of one sort under their heading."""

    key: str
    title: str
    acts: tuple[Act, ...]


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
    groups: tuple[ActGroup, ...]
    matters: tuple[Matter, ...] = ()


def first_matters(matters: tuple[Matter, ...]) -> tuple[Matter, ...]:
    """Those that are late first, and no more than leave room for the timeline."""
    return tuple(sorted(matters, key=lambda one: not one.late))[:MATTERS]


def more_matters(_: Translate, matters: tuple[Matter, ...]) -> str:
    """The words that lead to the others; empty when all are in sight."""
    more = len(matters) - MATTERS
    return _("More open matters: {n}").format(n=more) if more > 0 else ""


def in_sight(
    _: Translate, steps: tuple[Step, ...], fits: Callable[[tuple[Step, ...]], bool]
) -> tuple[Step, ...]:
    """As many steps around the next one as a line has room for; the others are counted, those
    that are done before those that are still to come."""
    now = next((at for at, step in enumerate(steps) if step.state == "now"), len(steps))
    folds = [(first, len(steps)) for first in (0, *range(2, now + 1))]
    folds += [(folds[-1][0], end) for end in range(len(steps) - 2, now, -1)]
    return next((one for one in (_folded(_, steps, *fold) for fold in folds) if fits(one)), steps)


def _folded(_: Translate, steps: tuple[Step, ...], first: int, end: int) -> tuple[Step, ...]:
    before = (Step(plural(first, _("{n} step"), _("{n} steps")), "done"),) if first else ()
    more = len(steps) - end
    after = (Step(_("{n} more").format(n=more), "later"),) if more else ()
    return (*before, *steps[first:end], *after)


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

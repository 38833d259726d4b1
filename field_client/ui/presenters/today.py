"""Today: tasks from the office, inspections under way and done, and the form that opens one.

>>> uscc_note(str, "91990123MA0FJ0K21X", valid=True).level
'pass'
>>> count_words(str, 1, 2)
'Inspected once this year, the cap is 2'
"""

from __future__ import annotations

from dataclasses import dataclass

from field_client.ui.presenters.common import (
    Chip,
    Choice,
    Frame,
    Message,
    RuleNote,
    Stage,
    Translate,
    plural,
)

USCC_LENGTH = 18
TASKS, OPEN, FINISHED = "tasks", "open", "finished"
TASK, ITEM, URGENT = "task", "item", "urgent"


@dataclass(frozen=True, slots=True)
class ItemTile:
    """An enforcement item that an inspection may be opened from."""

    item_id: str
    title: str
    basis: str


@dataclass(frozen=True, slots=True)
class InspectionTile:
    """An inspection on this tablet."""

    inspection_id: str
    title: str
    detail: str
    state: Chip
    stage: Stage

    @property
    def key(self) -> str:
        """Its place in a list."""
        return self.inspection_id


@dataclass(frozen=True, slots=True)
class TaskTile:
    """A task of the office. ``count`` is how often the enterprise was inspected this year, in
    words; ``full`` that it was as often as it may be."""

    key: str
    title: str
    detail: str
    count: str
    due: Chip
    full: bool = False


@dataclass(frozen=True, slots=True)
class PartyTile:
    """A party that was inspected from here before."""

    key: str
    title: str
    detail: str


@dataclass(frozen=True, slots=True)
class Heading:
    """Words over some rows of a list."""

    key: str
    words: str


Row = Heading | TaskTile | InspectionTile | PartyTile


@dataclass(frozen=True, slots=True)
class NewInspection:
    """The form; ``missing`` names in words what still has to be filled in. ``ground`` says on
    what it rests: a task, an item approved for good, or urgency with a reason."""

    party_name: str = ""
    uscc: str = ""
    uscc_note: RuleNote | None = None
    party_class: str = ""
    party_classes: tuple[Choice, ...] = ()
    place: str = ""
    legal_rep: str = ""
    address: str = ""
    phone: str = ""
    item_id: str = ""
    missing: tuple[str, ...] = ()
    task: str = ""
    task_note: RuleNote | None = None
    ground: str = ""
    grounds: tuple[Choice, ...] = ()
    urgent_reason: str = ""
    reasons: tuple[str, ...] = ()
    notes: tuple[RuleNote, ...] = ()
    suggestions: tuple[PartyTile, ...] = ()
    blocked: int = 0
    unanswered: int = 0


@dataclass(frozen=True, slots=True)
class TodayView:
    """``form`` None shows the lists, else the form that opens an inspection. ``rows`` are what
    the part chosen, or the search, gives; ``empty`` are the words where that is nothing."""

    frame: Frame
    duty: tuple[str, ...]
    needs_second: bool
    items: tuple[ItemTile, ...]
    rows: tuple[Row, ...]
    form: NewInspection | None = None
    message: Message | None = None
    parts: tuple[Choice, ...] = ()
    part: str = OPEN
    search: str = ""
    empty: str = ""
    parties: tuple[PartyTile, ...] = ()

    @property
    def inspections(self) -> tuple[InspectionTile, ...]:
        """The inspections among the rows."""
        return tuple(row for row in self.rows if isinstance(row, InspectionTile))

    @property
    def tasks(self) -> tuple[TaskTile, ...]:
        """The tasks among the rows."""
        return tuple(row for row in self.rows if isinstance(row, TaskTile))


def uscc_note(_: Translate, uscc: str, *, valid: bool) -> RuleNote | None:
    """The check digit warns and never blocks: early pilot codes fail it and are real."""
    if not uscc:
        return None
    if len(uscc) != USCC_LENGTH:
        return RuleNote("warn", _("A code has 18 characters, this has {n}").format(n=len(uscc)))
    if not valid:
        return RuleNote(
            "warn", _("Check digit does not fit. Compare with the licence; you may go on.")
        )
    return RuleNote("pass", _("Check digit fits"))


def count_words(_: Translate, count: int, cap: int, of_year: int = 0) -> str:
    """How often the enterprise was inspected this year against what the agency published. Where
    the office's count is of an earlier year, ``of_year``, ``count`` is what this tablet knows."""
    words = _("Not inspected this year")
    if count:
        words = plural(count, _("Inspected once this year"), _("Inspected {n} times this year"))
    if of_year:
        words = _("The office counted {year}; this year's count is unknown").format(year=of_year)
        if count:
            words = plural(
                count,
                _("The office counted {year}; once this year by this tablet"),
                _("The office counted {year}; {n} times this year by this tablet"),
                year=of_year,
            )
    if cap:
        return _("{count}, the cap is {cap}").format(count=words, cap=cap)
    return words


def part_words(_: Translate, word: str, count: int) -> str:
    """A part of the lists with how much it holds."""
    return _("{word} {n}").format(word=word, n=count) if count else word


def missing_words(_: Translate, form: NewInspection) -> tuple[str, ...]:
    """What an inspection cannot be opened without."""
    wanted = [
        (form.party_name, _("party name")),
        (form.party_class, _("kind of party")),
        (form.place, _("place")),
        (form.item_id, _("item")),
        (form.ground, _("ground")),
    ]
    if form.ground == URGENT:
        wanted.append((form.urgent_reason, _("why it is urgent")))
    return tuple(word for value, word in wanted if not value.strip())

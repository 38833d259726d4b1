"""The day's lists: tasks, inspections under way and done, parties; and the form for a new one."""

from __future__ import annotations

from collections.abc import Callable

from field_client.flow.desk import Desk
from field_client.flow.finding import Known, found
from field_client.flow.opening import Form
from field_client.inspection import Inspection
from field_client.ui.presenters.common import Choice
from field_client.ui.presenters.today import (
    FINISHED,
    OPEN,
    TASKS,
    ItemTile,
    Row,
    TodayView,
    part_words,
)

AT_ONCE = 60  # inspections that are read while the screen is made


class Today:
    """The day's lists."""

    def __init__(self, desk: Desk, opened: Callable[[], None]) -> None:
        self._desk = desk
        self._opened = opened
        self._known = Known(desk)
        self._form = Form(desk, self._known, self.refresh)
        self._part = ""
        self._search = ""

    def show(self) -> None:
        """The lists, or the form that is being filled in. Of very many inspections the newest are
        there at once, the others a moment later."""
        self._known.load(AT_ONCE)
        self._form.rejudge()
        self._desk.shell.show("today", self._view())
        if not self._known.whole:
            self.tick()

    def refresh(self) -> None:
        """Newer facts for the same screen."""
        if self._desk.shell.current == "today":
            self._desk.shell.update(self._view())

    def tick(self) -> None:
        """What came from the office meanwhile; read beside the screen."""
        self._desk.work(self._known.load, lambda _: self.refresh(), failed=lambda _: None)

    # ── lists ────────────────────────────────────────────────────────────────────────────

    def show_part(self, part: str) -> None:
        """Tasks, inspections under way, or finished ones; a search is over then."""
        self._part, self._search = part, ""
        self.refresh()

    def search(self, text: str) -> None:
        """By a part of a name or of a code, over everything."""
        self._search = text
        self.refresh()

    def resume(self, inspection_id: str) -> None:
        """Go on with an inspection of the list, or look into a finished one."""
        desk = self._desk
        desk.inspection = desk.open_tablet.office.resume(
            bytes.fromhex(inspection_id), desk.officers
        )
        self._opened()

    # ── the form ─────────────────────────────────────────────────────────────────────────

    def new(self) -> None:
        """Open the form, as it was left."""
        self._form.begin()
        self.show()

    def begin_task(self, key: str) -> None:
        """The form, with what the task says."""
        task = self._known.task(key)
        if task is not None:
            self._form.from_task(task)
            self.show()

    def take_party(self, key: str) -> None:
        """A known party fills in the form; from the lists it opens one."""
        opening = self._known.opening(bytes.fromhex(key.removeprefix("seen.")))
        if opening is not None:
            self._form.take_party(opening.party, opening.place.text)
            self._desk.shell.show("today", self._view())

    def back(self) -> None:
        """From the form to the lists."""
        self._form.leave()
        self.show()

    def edit(self, key: str, value: str) -> None:
        """A field of the form changed."""
        self._form.edit(key, value)
        self.refresh()

    def fix(self, key: str) -> None:
        """A way out that a note of the form offers."""
        self._form.fix(key)
        self.refresh()

    def open(self) -> None:
        """Open an inspection from what was filled in."""

        def then(inspection: Inspection) -> None:
            self._search = self._part = ""
            self._desk.inspection = inspection
            self._opened()

        self._form.open(then)

    # ── view ─────────────────────────────────────────────────────────────────────────────

    def _view(self) -> TodayView:
        desk, form = self._desk, self._form.view
        reference = desk.open_tablet.shelf.current
        title = desk._("Today") if form is None else desk._("New inspection")
        parts = self._parts()
        part = self._part or self._first_part()
        rows = self._rows(part)
        return TodayView(
            frame=desk.frame(title, reference.agency.name, "today"),
            duty=tuple(desk.officer_name(one.cert_no) for one in desk.officers),
            needs_second=len(desk.duty) < 2,
            items=tuple(ItemTile(one.code, one.name, one.basis) for one in reference.items),
            rows=rows,
            form=form,
            parts=parts,
            part="" if self._search.strip() else part,
            search=self._search,
            empty="" if rows else self._empty(part),
            parties=self._known.parties(),
        )

    def _first_part(self) -> str:
        """What there is to do: what is under way, else tasks."""
        if any(not one.closed for one in self._known.visited):
            return OPEN
        return TASKS if self._known.open_tasks else OPEN

    def _parts(self) -> tuple[Choice, ...]:
        _, known = self._desk._, self._known
        closed = sum(one.closed for one in known.visited)
        return (
            Choice(TASKS, part_words(_, _("Tasks"), len(known.open_tasks))),
            Choice(OPEN, part_words(_, _("Under way"), len(known.visited) - closed)),
            Choice(FINISHED, part_words(_, _("Finished"), closed)),
        )

    def _rows(self, part: str) -> tuple[Row, ...]:
        if self._search.strip():
            return found(self._desk, self._known, self._search)
        if part == TASKS:
            return self._known.task_rows()
        return self._known.inspection_rows(closed=part == FINISHED)

    def _empty(self, part: str) -> str:
        _ = self._desk._
        if self._search.strip():
            return _("Nothing here has this name or code. Start a new inspection.")
        return {
            TASKS: _("No task waits. Tasks come from the office with the next contact."),
            OPEN: _("None yet. Start with a new inspection."),
            FINISHED: _("No inspection was ended on this tablet yet."),
        }[part]

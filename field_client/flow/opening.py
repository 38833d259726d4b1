"""The form that opens an inspection: from a task, for an item approved for good, or urgent.

What is typed is kept, so that it survives a kill; the rules are asked while it is typed. An
urgent inspection asks for its approval with the opening, by the reason that the officer gives.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from field_client.flow.desk import Desk, one_is_missing
from field_client.flow.finding import Known
from field_client.flow.keeping import Keeper
from field_client.flow.overriding import OVERRIDE, Judged, ask_why
from field_client.inspection import Inspection, Opening
from field_client.store.drafts import Answers, Drafts
from field_client.tasks import Task
from field_client.ui.presenters.common import Choice, RuleNote
from field_client.ui.presenters.today import (
    ITEM,
    TASK,
    URGENT,
    NewInspection,
    count_words,
    missing_words,
    uscc_note,
)
from field_client.uscc import check_digit_fits
from protocol.rules import Judgement
from protocol.statements import Party, Place, TaskAssigned
from protocol.vocabulary import PartyClass

DRAFT = "opening"
TYPED = (
    "party_name",
    "uscc",
    "party_class",
    "place",
    "legal_rep",
    "address",
    "phone",
    "item_id",
    "task",
    "ground",
    "urgent_reason",
)
SUGGESTED = 3


class Form:
    """The form for one new inspection, while it is filled in."""

    def __init__(self, desk: Desk, known: Known, changed: Callable[[], None]) -> None:
        self._desk = desk
        self._known = known
        self._reasons: dict[str, str] = {}
        self._keeper = Keeper(desk, changed)
        self._changed = changed
        self.view: NewInspection | None = None

    # ── filling in ───────────────────────────────────────────────────────────────────────

    def begin(self) -> None:
        """Empty, or as it was left."""
        typed = {**self._drafts().typed(DRAFT), **self._keeper.unsaved(DRAFT)}
        kept = {name: str(value) for name, value in typed.items() if name in TYPED}
        if kept.get("task") and self._known.task(kept["task"]) is None:
            kept["task"] = kept["ground"] = ""  # done or withdrawn meanwhile
        self._reasons = {}
        self._take(NewInspection(**kept))  # type: ignore[arg-type]  # all of them are words

    def from_task(self, task: Task) -> None:
        """Party, place and item as the office says."""
        stated = task.said
        self._reasons = {}
        self._take(
            replace(
                _of_party(NewInspection(), stated.party),
                place=stated.place.text,
                item_id=stated.item,
                task=task.id,
                ground=TASK,
            )
        )
        self._keep()

    def take_party(self, party: Party, place: str) -> None:
        """A party that was inspected before fills in the form; what it was for stays open."""
        before = self.view or NewInspection()
        self._take(replace(_of_party(before, party), place=place))
        self._keep()

    def edit(self, key: str, value: str) -> None:
        """A field changed. Who changes the party of a task does not inspect by it any more."""
        if self.view is None or key not in TYPED:
            return
        changes: dict[str, Any] = {key: value}
        if key == "ground" and value == TASK and not self.view.task:
            return
        self._take(replace(self.view, **changes))
        self._keep()

    def fix(self, key: str) -> None:
        """A way out of a note: it is urgent, or the reason against a warning."""
        if key == "mark_urgent":
            self.edit("ground", URGENT)
        elif key.startswith(OVERRIDE):
            rule = key.removeprefix(OVERRIDE)

            def then(why: str) -> None:
                self._reasons[rule] = why
                if self.view is not None:
                    self._take(self.view)
                self._changed()

            ask_why(self._desk, self._judgements(self.view or NewInspection()), rule, then)

    def rejudge(self) -> None:
        """The same words, judged anew: another language, another officer on duty."""
        if self.view is not None:
            self._take(self.view)

    def leave(self) -> None:
        """What was typed stays as a draft."""
        self.view = None

    # ── opening ──────────────────────────────────────────────────────────────────────────

    def open(self, then: Callable[[Inspection], None]) -> None:
        """Open it; an urgent one asks for its approval at once."""
        desk, form = self._desk, self.view
        if form is None or form.missing or form.unanswered:
            self._changed()
            return
        if len(desk.duty) < 2:
            desk.shell.tell(one_is_missing(desk))
            return
        opening, officers = self._opening(form), desk.officers
        reasons = dict(self._reasons)
        why = form.urgent_reason.strip() if form.ground == URGENT else ""
        office, drafts = desk.open_tablet.office, self._drafts()

        def opened(inspection: Inspection) -> None:
            self.view = None
            self._keeper.keep(DRAFT, lambda _answers: drafts.forget(DRAFT), {})
            then(inspection)

        desk.work(
            lambda: office.open(opening, officers, reasons, why),
            opened,
            waiting=desk._("Opening the inspection…"),
        )

    def _opening(self, form: NewInspection) -> Opening:
        desk = self._desk
        item = desk.open_tablet.shelf.current.item(form.item_id)
        return Opening(
            party=Party(
                name=form.party_name.strip(),
                party_class=PartyClass(form.party_class),
                id_code=form.uscc.strip().upper(),
                legal_rep=form.legal_rep.strip(),
                address=form.address.strip() or form.place.strip(),
                phone=form.phone.strip(),
            ),
            place=Place(text=form.place.strip()),
            item=form.item_id,
            number=desk.open_tablet.journal.inspection_label(desk.open_tablet.office.device_name),
            cause=item.cause if item else "",
            urgent=form.ground == URGENT,
            task=form.task if form.ground == TASK else "",
        )

    # ── judging ──────────────────────────────────────────────────────────────────────────

    def _take(self, form: NewInspection) -> None:
        """The words with what is said of them."""
        desk = self._desk
        form = replace(
            form,
            party_classes=tuple(
                Choice(one.value, one.heading(desk.language)) for one in PartyClass
            ),
            uscc_note=uscc_note(desk._, form.uscc, valid=check_digit_fits(form.uscc)),
            task_note=self._task_note(form),
            grounds=self._grounds(form),
            ground=form.ground or self._only_ground(form),
            suggestions=self._suggestions(form),
        )
        form = replace(form, missing=missing_words(desk._, form))
        judged = Judged(desk, self._judgements(form), self._reasons)
        self.view = replace(
            form, notes=judged.notes, blocked=judged.blocks, unanswered=len(judged.unanswered)
        )

    def _judgements(self, form: NewInspection) -> list[Judgement]:
        """Asked once there is something to judge; who signs is asked when it is opened."""
        desk = self._desk
        if form.missing or len(desk.duty) < 2:
            return []
        office = desk.open_tablet.office
        return office.journal.consider(office.proposed(self._opening(form), desk.officers))

    def _task_note(self, form: NewInspection) -> RuleNote | None:
        desk = self._desk
        found = self._known.task(form.task) if form.task else None
        if found is None:
            return None
        task, _ = found.said, desk._
        words = [
            self._checked_again(task),
            count_words(_, found.times - 1, task.yearly_cap, found.counted_in),
            _("approved: {approval}").format(approval=task.approval) if task.approval else "",
            task.note,
        ]
        return RuleNote(
            "warn" if found.over_cap or found.counted_in else "pass",
            _("Task {number} · {source}").format(
                number=task.number, source=task.source.label(desk.language)
            ),
            _(" · ").join(word for word in words if word),
        )

    def _checked_again(self, task: TaskAssigned) -> str:
        """Whose order to correct is looked after, where this tablet has that inspection."""
        before = self._known.opening(bytes.fromhex(task.recheck_of)) if task.recheck_of else None
        return self._desk._("after {number}").format(number=before.number) if before else ""

    def _grounds(self, form: NewInspection) -> tuple[Choice, ...]:
        _ = self._desk._
        item = self._desk.open_tablet.shelf.current.item(form.item_id)
        found = []
        if form.task:
            found.append(Choice(TASK, _("A task of the office")))
        closed = ""
        if item is not None and not item.approval:
            closed = _("the head has not approved this item")
        found.append(Choice(ITEM, _("An item approved for regular checks"), closed))
        found.append(Choice(URGENT, _("Urgent: approval is completed afterwards")))
        return tuple(found)

    def _only_ground(self, form: NewInspection) -> str:
        """An approved item needs no choice; urgency is always chosen."""
        item = self._desk.open_tablet.shelf.current.item(form.item_id)
        if form.task:
            return TASK
        return ITEM if item is not None and item.approval else ""

    def _suggestions(self, form: NewInspection) -> Any:
        """Known parties that go on as the name does; none once one is taken over."""
        name = form.party_name.strip()
        if not name or form.task:
            return ()
        found = self._known.parties(name, SUGGESTED)
        return tuple(one for one in found if one.title != name)

    # ── keeping ──────────────────────────────────────────────────────────────────────────

    def _keep(self) -> None:
        if self.view is None:
            return
        answers: Answers = {name: getattr(self.view, name) for name in TYPED}
        drafts = self._drafts()
        self._keeper.keep(DRAFT, lambda kept: drafts.keep(DRAFT, kept), answers)

    def _drafts(self) -> Drafts:
        tablet = self._desk.open_tablet
        return Drafts(tablet.vault, b"", self._desk.clock)


def _of_party(form: NewInspection, party: Party) -> NewInspection:
    return replace(
        form,
        party_name=party.name,
        uscc=party.id_code,
        party_class=party.party_class.value,
        legal_rep=party.legal_rep,
        address=party.address,
        phone=party.phone,
    )

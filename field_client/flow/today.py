"""The day's list and the form that opens an inspection from a listed item."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlmodel import col, select

from field_client.flow.desk import Desk, one_is_missing, stage_of
from field_client.inspection import Inspection, Opening
from field_client.store.tables import CaseRow, LinkRow, StatementRow
from field_client.ui.presenters.common import Chip, Choice, moment_words
from field_client.ui.presenters.today import (
    InspectionTile,
    ItemTile,
    NewInspection,
    TodayView,
    missing_words,
    uscc_note,
)
from field_client.uscc import check_digit_fits
from protocol.statements import Party, Place
from protocol.vocabulary import PartyClass


class Today:
    """The day's list."""

    def __init__(self, desk: Desk, opened: Callable[[], None]) -> None:
        self._desk = desk
        self._opened = opened
        self._form: NewInspection | None = None

    def show(self) -> None:
        """The list, or the form that is being filled in."""
        self._desk.shell.show("today", self._view())

    def refresh(self) -> None:
        """Newer facts for the same screen."""
        self._desk.shell.update(self._view())

    def new(self) -> None:
        """Open the form."""
        self._form = self._judged(NewInspection())
        self.show()

    def back(self) -> None:
        """From the form to the list."""
        self._form = None
        self.show()

    def edit(self, key: str, value: str) -> None:
        """A field of the form changed."""
        if self._form is not None:
            typed: dict[str, Any] = {key: value}
            self._form = self._judged(replace(self._form, **typed))
            self.refresh()

    def open(self) -> None:
        """Open an inspection from what was filled in."""
        form, desk = self._form, self._desk
        if form is None or form.missing:
            self.show()
            return
        if len(desk.duty) < 2:
            desk.shell.tell(one_is_missing(desk))
            return
        item = desk.open_tablet.shelf.current.item(form.item_id)
        opening = Opening(
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
            urgent=item is not None and not item.approval,
        )

        def then(inspection: Inspection) -> None:
            self._form = None
            desk.inspection = inspection
            self._opened()

        officers = desk.officers
        desk.work(
            lambda: desk.open_tablet.office.open(opening, officers),
            then,
            waiting=desk._("Opening the inspection…"),
        )

    def resume(self, inspection_id: str) -> None:
        """Go on with an inspection of the list."""
        desk = self._desk
        desk.inspection = desk.open_tablet.office.resume(
            bytes.fromhex(inspection_id), desk.officers
        )
        self._opened()

    # ── help ─────────────────────────────────────────────────────────────────────────────

    def _judged(self, form: NewInspection) -> NewInspection:
        desk = self._desk
        return replace(
            form,
            party_classes=tuple(Choice(one.value, one.label(desk.language)) for one in PartyClass),
            uscc_note=uscc_note(desk._, form.uscc, valid=check_digit_fits(form.uscc)),
            missing=missing_words(desk._, form),
        )

    def _view(self) -> TodayView:
        desk = self._desk
        reference = desk.open_tablet.shelf.current
        title = desk._("Today") if self._form is None else desk._("New inspection")
        return TodayView(
            frame=desk.frame(title, reference.agency.name, "today"),
            duty=tuple(desk.officer_name(one.cert_no) for one in desk.officers),
            needs_second=len(desk.duty) < 2,
            items=tuple(ItemTile(one.code, one.name, one.basis) for one in reference.items),
            inspections=self._inspections(),
            form=self._form,
        )

    def _inspections(self) -> tuple[InspectionTile, ...]:
        with self._desk.open_tablet.vault.session() as session:
            cases = session.exec(
                select(CaseRow).order_by(col(CaseRow.opened_at).desc()).limit(30)
            ).all()
            stages = session.exec(
                select(StatementRow.case_id, LinkRow.stage)
                .where(LinkRow.record_hash == StatementRow.record_hash)
                .where(col(StatementRow.case_id).in_([case.case_id for case in cases]))
            ).all()
        by_case: dict[bytes, list[str]] = {}
        for case_id, stage in stages:
            by_case.setdefault(case_id or b"", []).append(stage)
        return tuple(self._tile(case, by_case.get(case.case_id, [])) for case in cases)

    def _tile(self, case: CaseRow, stages: list[str]) -> InspectionTile:
        desk = self._desk
        state = (
            Chip("circle-check", desk._("Closed"), "success")
            if case.closed_at
            else Chip("clock", desk._("Under way"), "accent")
        )
        when = moment_words(desk._, case.opened_at, desk.clock.wall_ms())
        return InspectionTile(
            case.case_id.hex(), case.title, f"{case.label} · {when}", state, stage_of(stages).value
        )

"""Settings and duty: who is on duty, handing over, letters, printer, and what this tablet is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from msgspec import structs

from field_client import printing
from field_client.contact.inventory import PROGRAM
from field_client.flow import display
from field_client.flow.desk import Desk
from field_client.keys.identity import Unlocked
from field_client.ui.presenters.common import (
    Choice,
    error_words,
    moment_words,
    number_words,
)
from field_client.ui.presenters.settings import (
    HandOver,
    Practice,
    SettingsView,
    missing_for_handover,
)
from field_client.ui.presenters.unlock import OfficerTile
from protocol.errors import FujieError


@dataclass(frozen=True)
class Ways:
    """Where the settings lead to."""

    lock: Callable[[], None]
    show_cards: Callable[[], None]
    practice: Callable[[], Practice]


class Setting:
    """The settings screen."""

    def __init__(self, desk: Desk, ways: Ways) -> None:
        self._desk = desk
        self._ways = ways
        self._printers: tuple[Choice, ...] | None = None
        self._no_printers = ""
        self._reason = ""
        self._going_on: frozenset[str] | None = None
        self._handing = False

    def hand(self) -> None:
        """The screen, where an inspection is handed over."""
        self.show(handing=True)

    def show(self, *, handing: bool = False) -> None:
        """The screen; printers are asked for meanwhile."""
        self._going_on, self._handing = None, handing
        self._reason = self._desk._("Change of shift")
        self._desk.shell.show("settings", self._view())
        self._no_printers = ""
        self._desk.work(printing.printers, self._found, self._not_found)

    def reshow(self) -> None:
        """The same, in another language or in other letters."""
        self._desk.shell.show("settings", self._view())

    def refresh(self) -> None:
        """Newer facts for the same screen."""
        if self._desk.shell.current == "settings":
            self._desk.shell.update(self._view())

    # ── duty ─────────────────────────────────────────────────────────────────────────────

    def sign_off(self, officer_id: str) -> None:
        """Off duty; the last one locks the tablet. An open inspection needs two, and says so."""
        desk = self._desk
        desk.duty.pop(officer_id, None)
        if desk.inspection is not None:
            desk.inspection.officers = desk.officers
        if not desk.duty:
            self._ways.lock()
        else:
            self.refresh()

    def tick(self, officer_id: str) -> None:
        """Whether an officer goes on with the inspection."""
        self._going_on = self._goers() ^ {officer_id}
        self.refresh()

    def edit_reason(self, reason: str) -> None:
        """Why it is handed over."""
        self._reason = reason
        self.refresh()

    def hand_over(self) -> None:
        """All on duty sign; those who do not go on are off duty, and the cards are shown anew."""
        desk, goers = self._desk, self._goers()
        if desk.inspection is None or self._missing():
            self.refresh()
            return
        case, signing, reason = desk.case, desk.officers, self._reason.strip()
        on = [one for one in signing if one.cert_no in goers]

        def then(_: object) -> None:
            desk.duty = {one.cert_no: one for one in on}
            self._ways.show_cards()

        desk.work(
            lambda: case.hand_over(on, signing, reason),
            then,
            waiting=desk._("Putting it on record…"),
        )

    def _goers(self) -> frozenset[str]:
        """Who goes on: as ticked; before that, those who came, if they are two."""
        duty = frozenset(self._desk.duty)
        if self._going_on is not None:
            return self._going_on & duty
        came = duty - self._before()
        return came if len(came) > 1 else duty

    def _before(self) -> frozenset[str]:
        """Who has the inspection now."""
        return frozenset(self._desk.case.state.officers)

    def _missing(self) -> str:
        return missing_for_handover(self._desk._, self._goers(), self._before(), self._reason)

    # ── the tablet ───────────────────────────────────────────────────────────────────────

    def set_text(self, name: str) -> None:
        """Letters of another size; kept for the next start."""
        desk = self._desk
        display.keep(desk.settings, structs.replace(display.chosen(desk.settings), text=name))
        desk.shell.use_text(name)
        self.reshow()

    def set_printer(self, name: str) -> None:
        """Where documents are printed; kept."""
        desk = self._desk
        display.keep(desk.settings, structs.replace(display.chosen(desk.settings), printer=name))
        self.refresh()

    def _found(self, printers: list[str]) -> None:
        self._printers = tuple(Choice(name, name) for name in printers)
        self.refresh()

    def _not_found(self, error: FujieError) -> None:
        """Why there is no list stands in its place: nobody asked for it."""
        self._no_printers = error_words(self._desk._, error)
        self.refresh()

    def _view(self) -> SettingsView:
        desk = self._desk
        kept = display.chosen(desk.settings)
        return SettingsView(
            frame=desk.frame(desk._("Settings and duty"), tab="settings"),
            duty=tuple(self._tile(one) for one in desk.officers),
            handover=self._handover(),
            handing=self._handing,
            language=desk.language,
            theme=kept.theme,
            text=kept.text,
            printers=self._printers,
            printer=kept.printer,
            no_printers=self._no_printers,
            practice=self._ways.practice(),
            about=self._about(),
        )

    def _handover(self) -> HandOver | None:
        desk = self._desk
        if desk.inspection is None:
            return None
        opening = desk.case.opening
        case = desk._("{number} · {party}").format(number=opening.number, party=opening.party.name)
        return HandOver(case, self._reason, self._goers(), self._missing())

    def _tile(self, officer: Unlocked) -> OfficerTile:
        return OfficerTile(
            officer.cert_no,
            self._desk.officer_name(officer.cert_no),
            number_words(officer.cert_no),
            self._desk.photo(officer.cert_no).data,
        )

    def _about(self) -> tuple[tuple[str, str], ...]:
        desk, tablet = self._desk, self._desk.open_tablet
        shelf = tablet.shelf
        updated = moment_words(desk._, shelf.current.issued_at, desk.clock.wall_ms())
        return (
            (desk._("Name of the tablet"), tablet.office.device_name),
            (desk._("Agency"), shelf.current.agency.name),
            (desk._("Version"), f"{desk._('Fujie')} {PROGRAM.partition('/')[2]}"),
            (
                desk._("Reference data"),
                desk._("No. {n}, of {when}").format(n=shelf.version, when=updated),
            ),
            (desk._("Server address"), tablet.wire.address),
            (desk._("Log"), tablet.admitted.origin),
        )

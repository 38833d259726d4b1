"""Somebody else's code, judged on this tablet: the camera runs until it has read one.

The reference data at hand decide (``protocol/scanned.py``), so a colleague's card is checked
with no network; how old the roster is, is said with the answer.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import cast

from field_client.camera.viewfinder import Viewfinder
from field_client.codes import read_code
from field_client.flow.desk import Desk
from field_client.ui.presenters.card import Standing
from field_client.ui.presenters.check import (
    CheckView,
    Result,
    card_result,
    mark_result,
    no_code,
)
from field_client.ui.presenters.common import age_words, error_words, moment_words, number_words
from protocol.errors import FujieError, Malformed
from protocol.reference import RosterOfficer
from protocol.scanned import CheckedCard, CheckedMark, check_card, check_mark


class Checking:
    """The screen on which a code is scanned."""

    def __init__(self, desk: Desk, done: Callable[[], None]) -> None:
        self._desk = desk
        self._done = done
        self._result: Result | None = None
        self._trouble = ""
        self._asked: object = None  # of whose code the answer is waited for
        self._finder = Viewfinder(self._frame)

    def show(self) -> None:
        """Open the camera and look for a code."""
        self._result, self._trouble, self._asked = None, "", None
        self._desk.shell.show("check", self._view())
        self._finder.start(self._desk.open_tablet.source, self._failed)

    def reshow(self) -> None:
        """The same answer in another language is asked for anew."""
        self.show()

    def finish(self) -> None:
        """Back to where the officer was."""
        self.leave()
        self._done()

    def leave(self) -> None:
        """Let go of the camera."""
        self._finder.stop()

    def read(self, text: str) -> None:
        """A code was read: judge it off the window's thread, by each certificate it leads to, and
        say so, unless somebody looks for another one by then."""
        self._finder.stop()
        asked = self._asked = object()

        def then(judged: CheckedCard | CheckedMark | None) -> None:
            if self._asked is not asked:
                return
            self._result = self._say(judged)
            self._desk.shell.update(self._view())

        self._desk.work(lambda: self._judge(text), then)

    # ── the camera, on a thread of its own ───────────────────────────────────────────────

    def _frame(self, width: int, height: int, rgb: bytes) -> None:
        text = read_code(width, height, rgb)
        self._desk.post(lambda: self._seen(width, height, rgb, text))

    def _seen(self, width: int, height: int, rgb: bytes, text: str | None) -> None:
        if self._desk.shell.current != "check" or self._result is not None:
            return
        self._desk.shell.show_frame(rgb, width, height)
        if text is not None:
            self._desk.guarded(lambda: self.read(text))

    def _failed(self, error: FujieError) -> None:
        self._desk.post(lambda: self._tell(error))

    def _tell(self, error: FujieError) -> None:
        self._trouble = error_words(self._desk._, error)
        self._desk.shell.update(self._view())

    # ── the verdict ──────────────────────────────────────────────────────────────────────

    def _judge(self, text: str) -> CheckedCard | CheckedMark | None:
        """What the code is worth; None if it is none of ours."""
        desk, tablet = self._desk, self._desk.open_tablet
        reference, issuers = tablet.shelf.current, tablet.shelf.issuers
        try:
            if "/D/" in text:
                return check_mark(text, reference, issuers)
            return check_card(text, reference, issuers, desk.clock.wall_ms())
        except Malformed:
            return None

    def _say(self, judged: CheckedCard | CheckedMark | None) -> Result:
        if judged is None:
            return no_code(self._desk._)
        return self._card(judged) if isinstance(judged, CheckedCard) else self._mark(judged)

    def _card(self, checked: CheckedCard) -> Result:
        desk = self._desk
        reference = desk.open_tablet.shelf.current
        age = max(0, desk.clock.wall_ms() - reference.issued_at)
        officer = checked.shown.officer if checked.shown else None
        entry = reference.officer(officer.cert_no) if officer else None
        portrait = desk.open_tablet.shelf.portraits.of(entry)
        return card_result(
            desk._,
            checked.code.value,
            cast(Standing, checked.standing.value),  # the same five words
            facts=self._officer_facts(entry) if entry else (),
            issued_words=desk._("This tablet's roster was updated {age}.").format(
                age=age_words(desk._, age)
            ),
            photo=portrait.data,
            to_come=portrait.to_come,
        )

    def _officer_facts(self, entry: RosterOfficer) -> tuple[tuple[str, str], ...]:
        _ = self._desk._
        return (
            (_("Name"), entry.name),
            (_("Certificate no."), number_words(entry.cert_no)),
            (_("Unit"), entry.unit),
            (_("Category"), entry.category),
            (_("Region"), entry.region_name),
        )

    def _mark(self, checked: CheckedMark) -> Result:
        desk, mark = self._desk, checked.mark
        facts = (
            (
                (desk._("Document"), mark.kind.heading(desk.language)),
                (desk._("Number"), mark.number),
                (desk._("Made"), moment_words(desk._, mark.at, desk.clock.wall_ms())),
                (desk._("On tablet"), checked.device),
                (desk._("Fingerprint"), mark.root.hex()[:16]),
            )
            if mark
            else ()
        )
        return mark_result(desk._, checked.code.value, facts=facts, doubtful=checked.doubtful)

    def _view(self) -> CheckView:
        desk = self._desk
        source = Path(desk.settings.camera).name
        return CheckView(
            frame=desk.frame(desk._("Check a code"), source),
            result=self._result,
            trouble=self._trouble,
        )

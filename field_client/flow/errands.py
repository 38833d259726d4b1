"""What goes to a stick and what comes from one: exports, and the office's answers to them.

Errands(desk, refresh).to_stick(Scope.UNSENT)      what the button asks for
       .from_answer()                              the newest answer on a stick, taken in
       .stop()                                     at once; nothing is half done
       .view, .notes()                             for the sync screen

One at a time. On the sync screen its bar shows how far it is, and other work goes on; elsewhere a
sentence over the screen does.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from field_client.contact import answers, sticks
from field_client.contact.exporting import Progress, Scope
from field_client.contact.taking import Taken
from field_client.errors import NoStick
from field_client.flow import leaving
from field_client.flow.desk import Desk
from field_client.ui.presenters.common import Fix, Problem, RuleNote
from field_client.ui.presenters.journey import JourneyView, carried
from protocol.errors import FujieError

T = TypeVar("T")


class Errands:
    """The way to a stick and back."""

    def __init__(self, desk: Desk, refresh: Callable[[], None]) -> None:
        self._desk = desk
        self._refresh = refresh
        self._stop = threading.Event()
        self._doing = ""
        self._far = (0, 0)

    @property
    def view(self) -> JourneyView | None:
        """How far the work under way is."""
        return carried(self._desk._, self._doing, *self._far) if self._doing else None

    def to_stick(self, scope: Scope) -> None:
        """Write the tablet's records to a stick. Raises NoStick."""
        desk = self._desk
        folder = sticks.the_stick(desk.settings.sticks)
        exporter = desk.open_tablet.exporter

        def then(path: Path) -> None:
            desk.shell.tell(
                Problem(
                    desk._("Exported to the stick"),
                    desk._(
                        "{file} is complete. Only your office can open it; bring it the stick. "
                        "Nothing was removed from this tablet. The office's answer comes back on "
                        "the same stick: take it in here."
                    ).format(file=path.name),
                    "success",
                    ()
                    if scope is Scope.ALL
                    else (Fix("export_all", desk._("Export everything instead")),),
                )
            )

        def job(progress: Progress, stop: Callable[[], bool]) -> Path:
            return exporter.write(folder, scope, progress, stop)

        self._work(job, then, desk._("Writing to the stick"))

    def from_answer(self) -> None:
        """Take in the newest answer on a stick. Raises NoStick."""
        desk, taking = self._desk, self._desk.open_tablet.taking
        path = self._found()
        if path is None:
            raise NoStick(
                "No answer of the office is on a stick here. Plug in the stick that came back "
                "from the office."
            )

        def then(taken: Taken) -> None:
            desk.keep_faces()
            desk.shell.tell(self._told(taken))

        def job(progress: Progress, stop: Callable[[], bool]) -> Taken:
            return taking.take_in(path, progress, stop)

        self._work(job, then, desk._("Taking in the office's answer"))

    def stop(self) -> None:
        """End what is under way."""
        self._stop.set()

    def notes(self) -> list[RuleNote]:
        """That an answer is here."""
        if self._doing or self._found() is None:
            return []
        fix = Fix("from_answer", self._desk._("Take in the answer"))
        title = self._desk._("A stick with the office's answer is here")
        return [RuleNote("pass", title, fixes=(fix,))]

    # ── the work ─────────────────────────────────────────────────────────────────────────

    def _found(self) -> Path | None:
        desk = self._desk
        plugged = sticks.plugged(desk.settings.sticks)
        return answers.found(plugged, desk.open_tablet.office.device_name)

    def _work(
        self,
        job: Callable[[Progress, Callable[[], bool]], T],
        then: Callable[[T], None],
        words: str,
    ) -> None:
        if self._doing:
            return
        desk, shift = self._desk, self._desk.shift
        self._stop = stop = threading.Event()
        self._doing, self._far = words, (0, 0)
        here = desk.shell.current == "sync"

        def over() -> bool:
            """Whether somebody is there to be told."""
            self._doing = ""
            present = desk.shift == shift and desk.tablet is not None
            if present:
                self._refresh()
            return present

        def done(result: T) -> None:
            if over():
                then(result)

        def failed(error: FujieError) -> None:
            if over():
                desk.tell(error)

        waiting = "" if here else self._words(0)
        desk.work(lambda: job(self._progress(), stop.is_set), done, failed, waiting, outlives=True)
        if here:
            self._refresh()

    def _progress(self) -> Progress:
        shown = -1

        def progress(done: int, whole: int) -> None:
            nonlocal shown
            share = 100 * done // max(whole, 1)
            if share > shown:
                shown = share
                self._desk.post(lambda: self._show(done, whole, share))

        return progress

    def _show(self, done: int, whole: int, share: int) -> None:
        if not self._doing:
            return
        self._far = (done, whole)
        if self._desk.busy:
            self._desk.shell.wait(self._words(share))
        elif self._desk.shell.current == "sync":
            self._refresh()

    def _words(self, share: int) -> str:
        return self._desk._("{work}: {share} %").format(work=self._doing, share=share)

    # ── what an answer brought ───────────────────────────────────────────────────────────

    def _told(self, taken: Taken) -> Problem:
        desk = self._desk
        _ = desk._
        if taken.halted:
            title = _("The centre does not take records from this tablet")
            fixes = (leaving.export_fix(desk),)
            return Problem(title, leaving.refusal_words(desk, taken.halted), "danger", fixes)
        if taken.lacking:
            return Problem(
                _("The office lacks earlier records"),
                _("Export everything, not only what is unsent, and bring it that file."),
                "warning",
                (Fix("export_all", _("Export to a stick")),),
            )
        lines = []
        if taken.receipts:
            lines.append(_("{n} records have their receipt now.").format(n=taken.receipts))
        if taken.stored:
            lines.append(_("{n} records are safe at the centre.").format(n=taken.stored))
        if taken.updated:
            lines.append(_("The roster is newer."))
        if taken.trouble is not None:
            lines.append(
                _("The reference data on it were not taken. {why}").format(
                    why=_(taken.trouble.template).format(**taken.trouble.facts)
                )
            )
        lines.append(_("You may remove the stick."))
        title = _("The office's answer was taken in")
        return Problem(title, "\n".join(lines), "success")

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
from field_client.contact.exporting import Scope
from field_client.contact.far import Far, Progress
from field_client.contact.taking import Taken
from field_client.errors import NoStick
from field_client.flow import leaving
from field_client.flow.desk import Desk
from field_client.ui.presenters.common import (
    Fix,
    Problem,
    RuleNote,
    error_words,
    moment_words,
    plural,
)
from field_client.ui.presenters.journey import JourneyView, carried
from protocol.errors import FujieError
from protocol.pacing import Pace

T = TypeVar("T")


class Errands:
    """The way to a stick and back."""

    def __init__(self, desk: Desk, refresh: Callable[[], None], move: Callable[[], None]) -> None:
        self._desk = desk
        self._refresh, self._move = refresh, move
        self._stop = threading.Event()
        self._doing = ""
        self._far = Far(0, 0)
        self._pace, self._told_at = Pace(), 0
        self._heard: tuple[Path, int, int] | None = None  # the answer that was taken in last

    @property
    def view(self) -> JourneyView | None:
        """How far the work under way is."""
        if not self._doing:
            return None
        far = self._far
        return carried(
            self._desk._,
            self._doing,
            done=(far.items, far.of),
            moved=(far.done, far.whole),
            remaining_ms=self._pace.estimate_ms(far.whole - far.done) or None,
        )

    def to_stick(self, scope: Scope) -> None:
        """Write the tablet's records to a stick. Raises NoStick."""
        desk = self._desk
        folder = sticks.the_stick(desk.settings.sticks)
        exporter = desk.open_tablet.exporter
        begun = exporter.unfinished(folder)

        def then(path: Path) -> None:
            text = desk._(
                "{file} is complete. Only your office can open it; bring it the stick. Nothing was "
                "removed from this tablet."
            ).format(file=path.name)
            if desk.duty:
                text += "\n" + desk._(
                    "The office's answer comes back on the same stick: take it in here."
                )
            if begun is not None and begun.name == path.name:
                newer = exporter.saved_since(begun)
                if newer:
                    text += "\n" + plural(
                        newer,
                        desk._(
                            "{n} record was saved since it was begun and is not in it. Export once "
                            "more for it."
                        ),
                        desk._(
                            "{n} records were saved since it was begun and are not in it. Export "
                            "once more for them."
                        ),
                    )
            desk.shell.tell(
                Problem(
                    desk._("Exported to the stick"),
                    text,
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
        path = self._found(desk)
        if path is None:
            raise NoStick(
                "No answer of the office is on a stick here. Plug in the stick that came back "
                "from the office."
            )

        which = _which(path)

        def then(taken: Taken) -> None:
            desk.keep_faces()
            desk.shell.tell(self._told(taken))

        def job(progress: Progress, stop: Callable[[], bool]) -> Taken:
            taken = taking.take_in(path, progress, stop)
            if taken.trouble is None:
                self._heard = which
            return taken

        self._work(job, then, desk._("Taking in the office's answer"))

    def stop(self) -> None:
        """End what is under way."""
        self._stop.set()

    def notes(self, desk: Desk) -> list[RuleNote]:
        """That an answer is here which was not taken in yet, or an export that was not finished.
        Looks at the sticks: not on the window's thread."""
        if self._doing:
            return []
        notes = []
        answer = self._found(desk)
        if answer is not None and _which(answer) != self._heard:
            fix = Fix("from_answer", desk._("Take in the answer"))
            title = desk._("A stick with the office's answer is here")
            notes.append(RuleNote("pass", title, fixes=(fix,)))
        plugged = sticks.sticks(desk.settings.sticks)
        begun = desk.open_tablet.exporter.unfinished(*plugged[:1])
        if begun is not None:
            fix = Fix(f"export_{begun.scope}", desk._("Go on with it"))
            title = desk._("A stick with an export that was not finished is here")
            text = desk._("Begun {when}. What is on the stick already is not written again.")
            when = moment_words(desk._, begun.at, desk.clock.wall_ms())
            notes.append(RuleNote("warn", title, text.format(when=when), fixes=(fix,)))
        return notes

    # ── the work ─────────────────────────────────────────────────────────────────────────

    def _found(self, desk: Desk) -> Path | None:
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
        self._doing, self._far, self._pace = words, Far(0, 0), Pace()
        self._told_at = desk.clock.monotonic_ms()
        here = desk.shell.current == "sync"

        def over() -> bool:
            """Whether somebody is there to be told."""
            self._doing = ""
            present = desk.shift == shift and desk.tablet is not None
            if present:
                self._move()
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
            self._move()

    def _progress(self) -> Progress:
        shown = -1

        def progress(far: Far) -> None:
            nonlocal shown
            share = 100 * far.done // max(far.whole, 1)
            if share > shown:
                shown = share
                self._desk.post(lambda: self._show(far, share))

        return progress

    def _show(self, far: Far, share: int) -> None:
        if not self._doing:
            return
        now = self._desk.clock.monotonic_ms()
        self._pace = self._pace.after(far.done - self._far.done, now - self._told_at)
        self._far, self._told_at = far, now
        if self._desk.busy:
            self._desk.shell.wait(self._words(share))
        elif self._desk.shell.current == "sync":
            self._move()

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
            lines.append(
                plural(
                    taken.receipts,
                    _("{n} record has its receipt now."),
                    _("{n} records have their receipt now."),
                )
            )
        if taken.stored:
            lines.append(
                plural(
                    taken.stored,
                    _("{n} record is safe at the centre."),
                    _("{n} records are safe at the centre."),
                )
            )
        if taken.updated:
            lines.append(_("The roster is newer."))
        if taken.trouble is not None:
            lines.append(
                _("The reference data on it were not taken. {why}").format(
                    why=error_words(_, taken.trouble)
                )
            )
        lines.append(_("You may remove the stick."))
        title = _("The office's answer was taken in")
        return Problem(title, "\n".join(lines), "success")


def _which(answer: Path) -> tuple[Path, int, int] | None:
    """What tells an answer from a later one under its name; None where it was pulled out."""
    try:
        found = answer.stat()
    except OSError:
        return None
    return answer, found.st_size, found.st_mtime_ns

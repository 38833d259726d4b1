"""The sync screen: what it may be asked for. Its view is made beside the window's thread
(``syncview.py``)."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from functools import partial

from field_client.contact.exporting import Scope
from field_client.errors import NoStick
from field_client.flow import syncview
from field_client.flow.desk import Desk
from field_client.flow.errands import Errands
from field_client.store.tables import Stage
from field_client.ui.presenters.common import Problem
from field_client.ui.presenters.sync import SyncView
from protocol.errors import FujieError


class Syncing:
    """The sync screen."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._errands = Errands(desk, self.refresh, self._move)
        self._stage: Stage | None = None
        self._known: tuple[tuple[int, str], SyncView] | None = None
        self._looking = self._again = False
        self._failed = ""

    def show(self) -> None:
        """The sync screen, as it was last; how it is follows. Who looks has it tried at once."""
        self._desk.open_tablet.sync.wake()
        self._desk.shell.show("sync", self._last())
        self.refresh()

    def refresh(self) -> None:
        """Newer facts for the same screen, as soon as they are known."""
        if self._looking:
            self._again = True
            return
        self._looking, self._again = True, False
        desk, stage, whose = (
            copy(self._desk),
            self._stage,
            self._whose,
        )  # as they are at this moment

        def then(view: SyncView) -> None:
            if whose == self._whose:
                self._known, self._failed = (whose, view), ""
                self._move()
            self._looked()

        def failed(error: FujieError) -> None:
            if whose == self._whose and error.template != self._failed:
                self._failed = error.template  # told once, not with every tick
                self._desk.tell(error)
            self._looked()

        job = partial(syncview.made, desk, stage, self._errands)
        self._desk.work(job, then, failed, outlives=True)

    def _move(self) -> None:
        """How far the stick is, at once."""
        self._desk.shell.update(self._last())

    def _last(self) -> SyncView:
        """What was seen last, with what is known without looking."""
        desk, errands = self._desk, self._errands
        if self._known is None or self._known[0] != self._whose:
            return syncview.coming(desk, self._stage, errands)
        view = self._known[1]
        frame = replace(view.frame, corner=desk.corner())
        return replace(view, frame=frame, journey=errands.view or view.journey)

    def _looked(self) -> None:
        """Something was asked for meanwhile: once more."""
        self._looking = False
        if self._again and self._desk.shell.current == "sync":
            self.refresh()

    @property
    def _whose(self) -> tuple[int, str]:
        """Of which shift and in which language the words are."""
        return self._desk.shift, self._desk.language

    def now(self) -> None:
        """Try now."""
        if self._practises():
            return
        self._desk.open_tablet.sync.wake()
        self.refresh()

    def list_stage(self, stage: str) -> None:
        """List what stands at a stage; the newest answers again when it is asked for twice."""
        asked = Stage(stage)
        self._stage = None if asked is self._stage else asked
        self.refresh()

    def to_stick(self, scope: Scope) -> None:
        """Write what is unsent, or all, to a stick."""
        if self._practises():
            return
        self._errands.to_stick(scope)

    def from_answer(self) -> None:
        """Take in the office's answer from a stick."""
        if self._practises():
            return
        self._errands.from_answer()

    def stop_stick(self) -> None:
        """Stop what goes to a stick or comes from one."""
        self._errands.stop()

    def pause(self) -> None:
        """Let photos and films wait."""
        self._desk.open_tablet.sync.pause()
        self.refresh()

    def resume(self) -> None:
        """They go on."""
        self._desk.open_tablet.sync.resume()
        self.refresh()

    def from_stick(self) -> None:
        """Take newer reference data from a stick; no network is needed."""
        if self._practises():
            return
        desk, shelf = self._desk, self._desk.open_tablet.shelf
        folder = syncview.stick(desk)
        if folder is None:
            raise NoStick("No stick with this agency's reference data is here. Plug it in first.")
        before = shelf.version

        def then(_: None) -> None:
            desk.keep_faces()
            self.refresh()
            desk.shell.tell(self._updated(before))

        desk.work(lambda: shelf.fetch_from(folder), then, waiting=desk._("Reading the stick…"))

    def _practises(self) -> bool:
        """Whether this is practice: no way leads out of it, and nobody is asked to find one."""
        desk = self._desk
        if desk.training:
            desk.shell.tell(
                Problem(
                    desk._("This is practice"),
                    desk._(
                        "Nothing of it is sent, exported or taken in. The real tablet does that by "
                        "itself; end practice to look at it."
                    ),
                    "accent",
                )
            )
        return desk.training

    def _updated(self, before: int) -> Problem:
        """What the stick brought."""
        desk, current = self._desk, self._desk.open_tablet.shelf.current
        if current.version == before:
            title = desk._("The stick holds nothing newer")
        else:
            title = desk._("Updated from the stick")
        return Problem(title, syncview.roster_age(desk, desk.clock.wall_ms()), "success")

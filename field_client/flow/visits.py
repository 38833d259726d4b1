"""The flows of an inspection that are no documents, wired to each other.

visits = Visits(desk, done=to_inspection, fill=lambda form: …)
visits.doors["measure.seal"]()         acts of the timeline
visits.fix("end.9f…")                  open matters lead here; False: not ours
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from field_client.flow import terms
from field_client.flow.acts import MEASURES
from field_client.flow.answering import Answering
from field_client.flow.beside import Collecting, Correcting
from field_client.flow.closing import Closing
from field_client.flow.desk import Desk
from field_client.flow.ending import Ending, Recusing
from field_client.flow.extending import Extending
from field_client.flow.filling import Filling
from field_client.flow.matters import matters, subject_of
from field_client.flow.measuring import Measuring
from field_client.flow.overriding import OVERRIDE
from field_client.flow.property import ask_approval
from field_client.flow.recounting import Recounting
from protocol.statements import MeasureTaken
from protocol.vocabulary import ApprovalSubject


class Visits:
    """What an inspection has besides documents, cards, camera and hearing."""

    def __init__(
        self, desk: Desk, done: Callable[[], None], fill: Callable[[Filling], None]
    ) -> None:
        self._desk = desk
        self._done = done
        self._fill = fill
        self.answering = Answering(desk)
        self.closing = Closing(desk, done)
        self.measuring = Measuring(desk, self._left, self.answering)
        self.ending = Ending(desk, self._left, self.answering)
        self.extending = Extending(desk, self._left, self.answering)
        self.recusing = Recusing(desk, self._left, self.answering)
        self.collecting = Collecting(desk, self._left)
        self.correcting = Correcting(desk, self._left)
        self.recounting = Recounting(desk, self._correct)
        self._form: Filling | None = None
        self.doors: dict[str, Callable[[], None]] = {
            "close": self.closing.show,
            "approval": self._ask_open,
            "measure": self._measure_open,
            "extension": self._extend_open,
            "recusal": lambda: self._open(self.recusing, self.recusing.show),
            "collect": lambda: self._open(self.collecting, self.collecting.show),
            **{
                f"measure.{one.value}": partial(
                    self._open, self.measuring, partial(self.measuring.begin, one)
                )
                for one in MEASURES
            },
        }

    def fix(self, key: str) -> bool:
        """A way out that one of our screens offers. False when it is not ours."""
        current = self._desk.shell.current
        if current == "closing" and key.startswith(OVERRIDE):
            self.closing.fix(key)
        elif current == "form" and self._form and key.startswith((OVERRIDE, "ask.measure")):
            self._form.fix(key)
        elif key == "ask_approval":
            if current == "form" and self._form in (self.measuring, self.extending):
                self._form.fix("ask.measure")
            else:
                self._ask_open()
        elif key.startswith("look."):
            self.recounting.show(key.removeprefix("look."))
        elif key.startswith("end."):
            record = key.removeprefix("end.")
            self._open(self.ending, lambda: self.ending.begin(record))
        elif key.startswith("extend."):
            longer = key.removeprefix("extend.")
            self._open(self.extending, lambda: self.extending.begin(longer))
        elif key == "ask.inspection":
            ask_approval(
                self._desk,
                ApprovalSubject.INSPECTION,
                None,
                ApprovalSubject.INSPECTION.label(self._desk.language),
                self._done,
                urgent=True,
            )
        elif key.startswith("ask."):
            self._ask_for(key.removeprefix("ask."))
        else:
            return False
        return True

    def forget(self) -> None:
        """The tablet was locked."""
        self.answering.forget()

    def aside(self) -> None:
        """A form of no act is shown now: reasons that it asks for are its own."""
        if self._form is not None:
            self._form.aside()
        self._form = None

    def reshow(self, current: str) -> None:
        """The screen that is shown, in another language."""
        screens: dict[str, Callable[[], None]] = {
            "answer": self.answering.reshow,
            "closing": self.closing.reshow,
            "record": self.recounting.reshow,
        }
        screens.get(current, lambda: None)()

    def back(self, current: str) -> bool:
        """The arrow of one of our screens. False when it is not ours."""
        if current == "answer":
            self.answering.leave()
        elif current in ("closing", "record"):
            self._done()
        else:
            return False
        return True

    def _ask_open(self) -> None:
        """Ask for the approval that is awaited first."""
        for one in matters(self._desk, self._desk.case.state):
            if one.key.startswith("ask."):
                self.fix(one.key)
                return
        self._done()

    def _measure_open(self) -> None:
        """To the property that is held; where there is none, to the measures."""
        for one in matters(self._desk, self._desk.case.state):
            if one.key.startswith("end."):
                self.fix(one.key)
                return
        self.doors["measure.preservation"]()

    def _extend_open(self) -> None:
        """To the measure whose term ends first, of those that may last longer."""
        state = self._desk.case.state
        found = [one for one in state.measures if terms.extendable(state, one)]
        if found:
            first = min(found, key=lambda one: one.statement.until_on or "")
            self.fix(f"extend.{first.id}")

    def _ask_for(self, record: str) -> None:
        """The approval that an urgent measure still lacks (ACL 19)."""
        for one in self._desk.case.state.of_kind(MeasureTaken):
            if one.id == record:
                measure = one.statement.measure
                ask_approval(
                    self._desk,
                    subject_of(measure),
                    record,
                    measure.label(self._desk.language),
                    self._done,
                    urgent=True,
                )

    def _open(self, form: Filling, show: Callable[[], None]) -> None:
        self._form = form
        self._fill(form)
        show()

    def _correct(self, record: str) -> None:
        self._open(self.correcting, lambda: self.correcting.begin(record))

    def _left(self) -> None:
        self._form = None
        self._done()

"""The five facts of the next recording, of one inspection (AV-3).

labels = Labels(desk); labels.of_case()      begin anew where it is another inspection
labels.of_act(Step.SERVICE, "…")             those of an act; the officer's own come back after
labels.edit("purpose", "…"); labels.missing(); labels.about()
"""

from __future__ import annotations

from field_client.errors import RuleBlocks
from field_client.flow.desk import Desk
from field_client.flow.overriding import card_note
from field_client.inspection import About
from field_client.ui.presenters.capture import CaptureLabels, missing_labels
from field_client.ui.presenters.common import Choice, RuleNote, clock_words
from protocol.rules.cards import BEFORE, never
from protocol.statements import Place
from protocol.vocabulary import Step

STEPS = (
    Step.ARRIVAL,
    Step.EVIDENCE,
    Step.MEASURE,
    Step.RECORD,
    Step.STATEMENT,
    Step.DECISION,
    Step.SERVICE,
)


class Labels:
    """What the officer typed; for the UI thread."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._case = b""  # whose labels these are
        self._place = self._purpose = ""
        self.step = Step.EVIDENCE
        self._own: tuple[str, Step] | None = None  # aside while an act is recorded

    def of_case(self) -> None:
        """Those of the inspection under way; labels of another do not come along."""
        case = self._desk.case
        if self._case != case.case:
            self._case, self._place = case.case, case.opening.place.text
            self._own = "", Step.EVIDENCE
        if self._own is not None:
            (self._purpose, self.step), self._own = self._own, None

    def of_act(self, step: Step, what: str) -> None:
        """Those of an act, such as how a document is left: its step, and what it proves."""
        self.of_case()
        self._own = self._purpose, self.step
        self._purpose = self._desk.chinese("Proves: {what}").format(what=what)
        self.step = step

    def edit(self, key: str, value: str) -> None:
        """One of the labels changed."""
        if key == "place":
            self._place = value
        elif key == "purpose":
            self._purpose = value
        elif key == "step":
            self.step = Step(value)

    def about(self) -> About:
        """As it goes on record."""
        return About(Place(text=self._place.strip()), self._purpose.strip(), self.step)

    def missing(self) -> tuple[str, ...]:
        """Which facts are still empty, in words."""
        return missing_labels(self._desk._, self.shown())

    def shown(self) -> CaptureLabels:
        """As the screen shows them."""
        desk = self._desk
        return CaptureLabels(
            case_number=desk.case.opening.number,
            time=clock_words(desk.clock.wall_ms()),
            place=self._place,
            recorder=desk.officer_name(desk.officers[0].cert_no),
            purpose=self._purpose,
            step=self.step.value,
        )

    def card_note(self) -> tuple[RuleNote, ...]:
        """The card comes first; a picture of the arrival, or of showing it, does without."""
        if self.step in BEFORE:
            return ()
        step = Step.SERVICE if self.step is Step.SERVICE else Step.EVIDENCE
        return card_note(self._desk, step, first=True)

    def barred(self) -> RuleBlocks | None:
        """What would be refused once it is recorded is not recorded: no card was shown yet."""
        case, reference = self._desk.case, self._desk.open_tablet.shelf.current
        found = None if self.step in BEFORE else never(case.state, reference)
        if found is None:
            return None
        return RuleBlocks("A rule stops this: {words}", words=found.en, judgements=(found,))

    def steps(self) -> tuple[Choice, ...]:
        """The steps a recording may belong to."""
        return tuple(Choice(step.value, step.heading(self._desk.language)) for step in STEPS)

    def purposes(self) -> tuple[str, ...]:
        """Phrases for the purpose of proof, from the item's cause; any other may be typed."""
        opening, _ = self._desk.case.opening, self._desk.chinese  # a purpose goes on record
        return (_("Proves: {what}").format(what=opening.cause),) if opening.cause else ()

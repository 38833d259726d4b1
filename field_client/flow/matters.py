"""What of an inspection is not done with: approvals awaited, property under a measure, a cash
fine to hand in, a recusal to decide. Each says until when, and leads to where it is settled.

    matters(desk, state)       late ones say so
"""

from __future__ import annotations

from field_client.documents.values import read_time
from field_client.flow import terms
from field_client.flow.desk import Desk
from field_client.ui.presenters.common import Chip, clock_words, iso_words, moment_words, plural
from field_client.ui.presenters.inspection import Matter
from protocol.calendar import local_day
from protocol.case import CaseState
from protocol.document import IssuedDocument, Record
from protocol.redaction import decode_content
from protocol.statements import (
    ApprovalAsked,
    ApprovalGiven,
    FineCollected,
    MeasureTaken,
    RecusalAsked,
)
from protocol.vocabulary import ApprovalSubject, DocumentKind, Measure

HOUR = 3_600_000
URGENT_H = 24  # ACL 19: an urgent measure is reported and approved within a day


def matters(desk: Desk, state: CaseState) -> tuple[Matter, ...]:
    """Everything open, in the order in which it was begun."""
    found = _Open(desk, state)
    return (
        *found.inspection(),
        *found.asked(),
        *found.measures(),
        *found.orders(),
        *found.recusals(),
        *found.fines(),
    )


def answer_to(state: CaseState, asked: str, subject: ApprovalSubject) -> ApprovalGiven | None:
    """What the head said to a request; the last word counts. One that names the case alone
    answers every request of its subject."""
    said = [
        one.statement
        for one in state.approvals
        if one.statement.subject is subject
        and one.statement.concerning in (asked, state.case, None)
    ]
    exact = [one for one in said if one.concerning == asked]
    found = exact or said
    return found[-1] if found else None


def request_for(
    state: CaseState, subject: ApprovalSubject, concerning: str | None
) -> Record[ApprovalAsked] | None:
    """The last request of a subject about a record, or about the inspection itself."""
    found = [
        one
        for one in state.of_kind(ApprovalAsked)
        if one.statement.subject is subject and one.statement.concerning == concerning
    ]
    return found[-1] if found else None


def subject_of(measure: Measure) -> ApprovalSubject:
    """Under which name the head approves a measure."""
    return (
        ApprovalSubject.PRESERVATION if measure is Measure.PRESERVATION else ApprovalSubject.MEASURE
    )


def deadline(desk: Desk, order: IssuedDocument) -> str:
    """The day by which an order to correct is to be followed, ISO; empty where it is at once, or
    its text is not on this tablet any more. A text never changes, so it is read once."""
    issued = order.issued
    if issued.hash not in _DEADLINES:
        data = desk.open_tablet.office.locker.read(issued.statement.content)
        pieces = decode_content(data).pieces if data is not None else ()
        text = "".join(one.text for one in pieces if one.name.partition("#")[0] == "deadline")
        at = read_time(text)
        _DEADLINES[issued.hash] = local_day(at).isoformat() if at is not None else ""
    return _DEADLINES[issued.hash]


_DEADLINES: dict[bytes, str] = {}


class _Open:
    def __init__(self, desk: Desk, state: CaseState) -> None:
        self._desk = desk
        self._ = desk._
        self._state = state
        self._now = desk.clock.wall_ms()
        self._today = local_day(self._now).isoformat()

    # ── approvals ────────────────────────────────────────────────────────────────────────

    def inspection(self) -> list[Matter]:
        """An urgent inspection is approved afterwards."""
        opening, _ = self._state.opening, self._
        if opening is None or not opening.statement.urgent:
            return []
        request = request_for(self._state, ApprovalSubject.INSPECTION, None)
        said = answer_to(
            self._state, request.id if request else self._state.case, ApprovalSubject.INSPECTION
        )
        if said is not None and said.granted:
            return []
        key = f"look.{request.id}" if request else "ask.inspection"
        title = _("Urgent inspection, approval to be completed")
        return [self._awaited(key, title, said, asked=request is not None)]

    def asked(self) -> list[Matter]:
        """Requests that are neither about the inspection nor about a measure."""
        apart = {ApprovalSubject.INSPECTION, ApprovalSubject.MEASURE, ApprovalSubject.PRESERVATION}
        found = []
        for one in self._state.of_kind(ApprovalAsked):
            subject = one.statement.subject
            said = answer_to(self._state, one.id, subject)
            if subject in apart or (said is not None and said.granted) or self._moot(one):
                continue
            title = self._("Approval: {what}").format(what=subject.label(self._desk.language))
            found.append(self._awaited(f"look.{one.id}", title, said, asked=True))
        return found

    def _moot(self, one: Record[ApprovalAsked]) -> bool:
        """A longer term was asked for, and there is nothing left to extend."""
        if one.statement.subject is not ApprovalSubject.MEASURE_EXTENSION:
            return False
        about = [x for x in self._state.measures if x.id == one.statement.concerning]
        return not any(terms.extendable(self._state, x) for x in about)

    def _awaited(
        self, key: str, title: str, said: ApprovalGiven | None, *, asked: bool, detail: str = ""
    ) -> Matter:
        _ = self._
        if said is not None:  # it was refused
            return Matter(
                key,
                "alert-triangle",
                title,
                _("Not approved: {why}").format(why=said.reason),
                Chip("circle-x", _("Refused"), "danger"),
                late=True,
            )
        if asked:
            words = detail or _("Asked; the answer comes with the next contact")
            return Matter(key, "clock", title, words, Chip("clock", _("Awaited"), "warning"))
        words = detail or _("The head of the agency has not been asked yet")
        chip = Chip("alert-triangle", _("Not asked"), "danger")
        return Matter(key, "alert-triangle", title, words, chip, late=True)

    # ── measures ─────────────────────────────────────────────────────────────────────────

    def measures(self) -> list[Matter]:
        """Approval, and the day by which something must become of the property."""
        found: list[Matter] = []
        for one in self._state.of_kind(MeasureTaken):
            found += self._unapproved(one)
            found += self._held(one)
            found += self._longer(one)
        return found

    def _unapproved(self, one: Record[MeasureTaken]) -> list[Matter]:
        taken, _ = one.statement, self._
        if taken.approval is not None or taken.measure is Measure.SAMPLING:
            return []
        subject = subject_of(taken.measure)
        request = request_for(self._state, subject, one.id)
        said = answer_to(self._state, request.id if request else one.id, subject)
        if said is not None and said.granted:
            return []
        until = taken.at + URGENT_H * HOUR
        late = self._now > until
        when = moment_words(_, until, self._now)
        words = (
            _("Approval was due by {when}").format(when=when)
            if late
            else _("Approval to be completed by {when}").format(when=when)
        )
        title = _("{measure}: approval").format(measure=taken.measure.heading(self._desk.language))
        key = f"look.{request.id}" if request else f"ask.{one.id}"
        made = self._awaited(key, title, said, asked=request is not None, detail=words)
        return [made if not late else _late(made)]

    def _held(self, one: Record[MeasureTaken]) -> list[Matter]:
        taken, _ = one.statement, self._
        if not terms.held(self._state, one):
            return []
        due = terms.last_day(self._desk, self._state, one)
        label = taken.measure.heading(self._desk.language)
        if not due:
            detail, late = _("No end is set"), False
        else:
            late = self._today > due
            detail = self._until(taken.measure, late=late).format(day=iso_words(_, due))
        soon = bool(due) and self._today >= due
        chip = (
            Chip("alert-triangle", _("Due"), "danger" if late else "warning")
            if soon
            else Chip("clock", _("In force"), "accent")
        )
        title = plural(
            len(taken.items), _("{measure}, {n} item"), _("{measure}, {n} items"), measure=label
        )
        return [Matter(f"end.{one.id}", "package", title, detail, chip, late=soon)]

    def _until(self, measure: Measure, *, late: bool) -> str:
        """Evidence is settled within its days (APL 56), property goes back as its term ends
        (ACL 25, 28); the last day is in either."""
        _ = self._
        if measure is Measure.PRESERVATION:
            return _("It was to be settled on {day}") if late else _("Decide by {day}")
        return (
            _("The term ended on {day}: release at once")
            if late
            else _("The term ends with {day}: then release at once")
        )

    def _longer(self, one: Record[MeasureTaken]) -> list[Matter]:
        """The head allowed a longer term, which is not stated yet (ACL 25)."""
        if not terms.extendable(self._state, one) or not terms.leave_to_extend(self._state, one.id):
            return []
        _, due = self._, terms.last_day(self._desk, self._state, one)
        label = one.statement.measure.heading(self._desk.language)
        return [
            Matter(
                f"extend.{one.id}",
                "calendar",
                _("{measure}: longer term approved").format(measure=label),
                _("Tell the party by {day}").format(day=iso_words(_, due)) if due else "",
                Chip("circle-check", _("Approved"), "success"),
            )
        ]

    def orders(self) -> list[Matter]:
        """By when the party was ordered to correct; done with once the result is told."""
        told = any(
            one.issued.statement.document is DocumentKind.RESULT_NOTICE and one.served
            for one in self._state.documents
        )
        found = []
        for one in self._state.documents:
            if told or one.issued.statement.document is not DocumentKind.CORRECTION_ORDER:
                continue
            day = deadline(self._desk, one)
            if day:
                late = self._today > day
                words = self._("The time to correct ends with {day}: then look")
                found.append(
                    Matter(
                        "paper.result_notice",
                        "list-check",
                        self._("Order to correct"),
                        words.format(day=iso_words(self._, day)),
                        Chip("alert-triangle", self._("Due"), "warning")
                        if late
                        else Chip("clock", self._("In force"), "accent"),
                        late=late,
                    )
                )
        return found

    # ── the rest ─────────────────────────────────────────────────────────────────────────

    def recusals(self) -> list[Matter]:
        """The head decides; until then the work goes on (APL 43)."""
        found = []
        for one in self._state.of_kind(RecusalAsked):
            if answer_to(self._state, one.id, ApprovalSubject.RECUSAL) is not None:
                continue
            names = self._(", ").join(map(self._desk.officer_name, one.statement.officers))
            found.append(
                Matter(
                    f"look.{one.id}",
                    "user-off",
                    self._("Recusal asked for: {names}").format(names=names),
                    self._("The head decides; until then the work goes on"),
                    Chip("clock", self._("Awaited"), "warning"),
                )
            )
        return found

    def fines(self) -> list[Matter]:
        """Cash goes to the agency within two working days (APL 71)."""
        found = []
        for one in self._state.of_kind(FineCollected):
            due = one.statement.hand_in_by
            if self._today > due:
                continue  # whether it was handed in is the office's to say
            found.append(
                Matter(
                    f"look.{one.id}",
                    "receipt",
                    self._("Fine collected at {clock}").format(clock=clock_words(one.statement.at)),
                    self._("Hand it in by {day}").format(day=iso_words(self._, due)),
                    Chip("clock", self._("To hand in"), "warning"),
                    late=self._today == due,
                )
            )
        return found


def _late(one: Matter) -> Matter:
    return Matter(
        one.key,
        "alert-triangle",
        one.title,
        one.detail,
        Chip("alert-triangle", one.state.word, "danger"),
        late=True,
    )

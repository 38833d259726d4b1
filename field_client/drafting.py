"""The form of a document before it is one: what the case knows, what was typed, how it would look.

    desk = Drafting(inspection, typesetter)
    answers = desk.answers(kind)         the case, its earlier documents, then the draft
    desk.keep(kind, answers)             durable when it returns; never seen in another case
    desk.preview(kind, answers)          pages marked as a draft

``issuing.py`` fixes, signs and saves what stands here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property

from field_client.carrying import case_words, ends, said_before, servers
from field_client.documents import (
    CaseFacts,
    Rendered,
    Signer,
    Typesetter,
    carried,
    case_facts,
    ended,
    officer_words,
    pages_with,
    pieces,
    render,
    waiting,
)
from field_client.documents.answers import Value
from field_client.documents.values import read_time
from field_client.errors import NoReference, NumberGone
from field_client.inspection import Inspection
from field_client.preparing import NUMBERED, seal_of
from field_client.store import office
from field_client.store.drafts import Answers, Drafts
from field_client.store.numbers import Number
from protocol.calendar import local_day
from protocol.case import CaseState, IssuedDocument
from protocol.redaction import Content, decode_content
from protocol.reference import Template
from protocol.statements import TaskAssigned
from protocol.vocabulary import DocumentKind, MediaKind, Role, Step


class Drafting:
    """The drafts of one inspection."""

    def __init__(self, inspection: Inspection, typesetter: Typesetter, part: str = "") -> None:
        self._inspection = inspection
        self._office = inspection.office
        self._typesetter = typesetter
        self._contents: dict[bytes, Content | None] = {}
        self._drafts = Drafts(self._office.locker.vault, inspection.case, self._office.clock, part)
        self.signing = self._drafts.of_part(f"{part}/signing")
        """Where hands wait that are gathered page by page."""

    # ── the form ─────────────────────────────────────────────────────────────────────────

    def template(self, kind: DocumentKind) -> Template:
        """The newest template of a kind. Raises NoReference."""
        found = self._office.shelf.current.template(kind)
        if found is None:
            raise NoReference(
                "The office has not sent a form for {document} yet. Connect to update.",
                document=kind.value,
            )
        return found

    def facts(
        self, kind: DocumentKind, number: str = "", seal: str = "", at: int | None = None
    ) -> CaseFacts:
        """What the case knows at ``at`` (ms; now), by the names that templates use."""
        state, reference = self._inspection.state, self._office.shelf.current
        now = self._now() if at is None else at
        known = case_facts(
            self._inspection.opening,
            reference,
            now=now,
            number=number or ("" if kind in NUMBERED else self._inspection.opening.number),
            statement=state.statements[-1].statement if state.statements else None,
            media=_counted(state),
            records={one.issued.statement.document for one in state.documents},
            site_manager=state.shown[-1].statement.to_whom if state.shown else "",
            met=_met(state, now),
            seal=seal,
        )
        earlier = case_words(state, reference, self._earlier, now, self._task)
        values = earlier | dict(known.values)
        if kind is DocumentKind.SERVICE_PROOF and (who := servers(state, reference, self._earlier)):
            values |= officer_words(who, reference)
        return replace(known, values=values)

    def answers(self, kind: DocumentKind) -> Answers:
        """First answers from the case and its earlier documents, overlaid by the draft of this
        very case."""
        state, reference = self._inspection.state, self._office.shelf.current
        known = self.facts(kind)
        said = said_before(state, reference, self._earlier)
        first = carried(self.template(kind), replace(known, values={**known.values, **said}))
        return {**first, **self._drafts.typed(kind)}

    def keep(self, kind: DocumentKind, answers: Mapping[str, str | int]) -> None:
        """Keep what was typed; durable when it returns. A day that is the one proposed is not
        kept: a decision drafted today and issued next week bears the day of its issue."""
        moving = self._moving(kind, answers, self._now())
        self._drafts.keep(kind, {name: one for name, one in answers.items() if name not in moving})

    def renewed(
        self, kind: DocumentKind, answers: Mapping[str, str | int], since: int
    ) -> dict[str, Value]:
        """Of the days proposed at ``since`` (ms) that stand as they were, the ones of today, as ms:
        a form that is open over midnight bears the day on which it is finished."""
        now = self._now()
        if local_day(since) == local_day(now):
            return {}
        days = self._days(now)
        moving = self._moving(kind, answers, since)
        return {name: days.get(source, "") for name, source in moving.items()}

    def _days(self, at: int) -> dict[str, Value]:
        """What is counted from the day of ``at``."""
        return {"today": at, **ends(self._office.shelf.current, at)}

    def _moving(
        self, kind: DocumentKind, answers: Mapping[str, str | int], at: int
    ) -> dict[str, str]:
        """The answers that are a day counted from that of ``at``, as it is proposed, each with
        what it is counted by; a day of a measure goes before it, and whoever typed today in its
        place meant it."""
        form, days = self._office.shelf.current.template(kind), self._days(at)
        found = {
            field.name: (before, last)
            for field in (form.fields if form is not None else ())
            for *before, last in (field.carried_from.split("|"),)
            if field.type == "date" and _same_day(answers.get(field.name, ""), days.get(last))
        }
        known = self.facts(kind).values if any(before for before, _ in found.values()) else {}
        return {
            name: last for name, (before, last) in found.items() if not any(map(known.get, before))
        }

    def forget(self, kind: DocumentKind) -> None:
        """Throw a draft away."""
        self._drafts.forget(kind)

    def parts(self, kind: DocumentKind) -> list[str]:
        """The parts of the case in which there is a draft of this kind."""
        return self._drafts.parts(kind)

    def preview(
        self,
        kind: DocumentKind,
        answers: Answers,
        party: Callable[[bool], bool] = lambda sealed: True,
    ) -> Rendered:
        """The pages as they would be printed, marked as a draft across every page. ``party``: by
        whether it would bear the agency's seal, whether its side signs there."""
        template, at = self.template(kind), self._now()
        seal = seal_of(self._lender(kind), at)
        facts = self.facts(kind, seal=seal, at=at)
        text = pieces(template, ended(template, answers, at), facts, draft=True)
        lines = waiting_lines(party=party(bool(seal)), officers=len(self._inspection.officers))
        return render(self._typesetter, template, text, lines, draft=True, at=at, ppi=96)

    def pages_with(self, kind: DocumentKind, answers: Answers, words: str) -> tuple[int, ...]:
        """The pages (from 1) of the document as it would be printed on which ``words`` stand; none
        if nowhere. Raises the DocumentErrors of ``typesetter.py``."""
        template, at = self.template(kind), self._now()
        text = pieces(template, ended(template, answers, at), self.facts(kind, at=at), draft=True)
        return pages_with(self._typesetter, template, text, words)

    def next_label(self, kind: DocumentKind) -> str:
        """The number that the next document of a kind will bear; empty where it has none of its
        own, or where the tablet has none left."""
        number = self._free_number(kind)
        return number.label if number else ""

    def _now(self) -> int:
        return self._office.clock.wall_ms()

    def _number(self, kind: DocumentKind) -> Number | None:
        if kind not in NUMBERED:
            return None
        return self._office.journal.next_number(kind, local_day(self._now()).year)

    def _lender(self, kind: DocumentKind) -> Number | None:
        """The number whose block lends the agency's seal to the next document of a kind: its own;
        an inspection notice bears the inspection's."""
        if kind is DocumentKind.INSPECTION_NOTICE:
            return self._office.journal.bearing(kind, self._inspection.opening.number)
        return self._free_number(kind)

    def _free_number(self, kind: DocumentKind) -> Number | None:
        """The next number, for what is not final; the rules say so when there is none left."""
        try:
            return self._number(kind)
        except NumberGone:
            return None

    @cached_property
    def _task(self) -> TaskAssigned | None:
        """The task that the inspection was opened with, if the office gave it to this tablet."""
        with self._office.locker.vault.session() as session:
            opening, case = self._inspection.opening, self._inspection.case
            return office.task(session, opening.task, opening.at, case)

    def _earlier(self, one: IssuedDocument) -> Content | None:
        """The text of an issued document of the case, while this tablet has it."""
        if one.issued.hash not in self._contents:
            blob = self._office.locker.read(one.issued.statement.content)
            self._contents[one.issued.hash] = decode_content(blob) if blob is not None else None
        return self._contents[one.issued.hash]


def _same_day(answer: str | int, proposed: str | int | None) -> bool:
    """Whether an answer, as typed or in ms, is the day proposed (ms)."""
    at = answer if isinstance(answer, int) else read_time(answer)
    return isinstance(proposed, int) and at is not None and local_day(at) == local_day(proposed)


def waiting_lines(*, party: bool = True, officers: int = 2) -> list[Signer]:
    """As many lines as will be signed, so that no page moves; ``party``: its side signs here."""
    return [waiting(Role.PARTY)] * party + [waiting(Role.OFFICER)] * max(2, officers)


def _counted(state: CaseState) -> dict[MediaKind, int]:
    counted: dict[MediaKind, int] = {}
    for one in state.media:
        counted[one.statement.media] = counted.get(one.statement.media, 0) + 1
    return counted


def _met(state: CaseState, now: int) -> bool:
    """Whether somebody was met at the inspection today: a card shown to a witness for an interview,
    or to one who was served, says nothing of that."""
    return any(
        one.statement.step in (Step.IDENTITY, Step.EVIDENCE)
        and local_day(one.statement.at) == local_day(now)
        for one in state.shown
    )

"""A case as its page shows it: what is due on top, the way so far, documents, recordings.

    tiles(state, reference, now)       送达 · 公示 · 归档, each with its day and clause
    way(state, reference)              what was done, the newest first
    documents(state)                   pages and signatures of each document
    unbroken(facts, state)             whether every record of the case is here
    against(state, reference)          what the rules say against records that were admitted
    adopted(facts, state)              which of them an export brought, and who let it in

Pure but for the last two, which look into journals and registry.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from protocol.calendar import WorkCalendar, local_day, read_day
from protocol.case import AnyRecord, CaseState, IssuedDocument, TimelineEntry
from protocol.chain import case_tag
from protocol.errors import FujieError, Refused
from protocol.publication import due_day, matrix_row, withdrawal_day
from protocol.reference import Reference
from protocol.registry.registry import Adopted
from protocol.rules import Judgement, Level, retold
from protocol.rules.office import AR_1, PB_1, PB_5
from protocol.statements import Signed
from protocol.timeline import named
from sync_server.log.cosigning import Cosigned
from sync_server.log.facts import Facts

ARRIVAL = "blob_stored"
"""Told as a number under the case's way: one line for each file would hide the acts."""


@dataclass(frozen=True)
class Tile:
    """One deadline: ``state`` is done, due, late or waiting; texts are msgids with facts."""

    title: str
    state: str
    words: str
    detail: str
    clause_zh: str
    clause_en: str
    day: str = ""
    days: int | None = None


@dataclass(frozen=True)
class DocumentLine:
    """A document with the hands under it: ``signed`` of ``hands``."""

    document: IssuedDocument
    signed: int
    hands: int


def tiles(state: CaseState, reference: Reference, now: int) -> list[Tile]:
    """What is due, in the order in which it comes."""
    if state.opened_by is None:
        return []
    made = [_closed(state)] if state.opening else []
    if state.decision:
        made += [_served(state.decision), _published(state.decision, reference, now)]
    return [*made, _archived(state)]


def way(state: CaseState, reference: Reference) -> list[TimelineEntry]:
    """The acts, the newest first; officers by their names."""

    def name(cert_no: str) -> str:
        known = reference.officer(cert_no)
        return known.name if known else cert_no

    return [
        replace(
            one,
            detail_zh=named(one.kind, one.detail_zh, name),
            detail_en=named(one.kind, one.detail_en, name),
        )
        for one in reversed(state.timeline)
        if one.kind != ARRIVAL
    ]


def documents(state: CaseState) -> list[DocumentLine]:
    """The case's documents."""
    lines = []
    for one in state.documents:
        acts = [one.issued.statement.party_act, *one.issued.statement.officer_acts]
        signed = sum(isinstance(act, Signed) for act in acts)
        lines.append(DocumentLine(one, signed, len(acts)))
    return lines


def against(state: CaseState, reference: Reference) -> list[tuple[AnyRecord, Judgement]]:
    """Records that a rule would have stopped, or warned of, as it judged them on the day: admission
    is not judgement, and whoever works on the case is to know. Blocks stand before warnings."""
    if state.opened_by is None:
        return []
    told = [
        (record, one)
        for record, one in retold(state, reference)
        if one.level in (Level.BLOCK, Level.WARN)
    ]
    return sorted(told, key=lambda pair: pair[1].level is not Level.BLOCK)


def unbroken(facts: Facts, state: CaseState) -> int:
    """How many records of the case are missing: linked, and not here. 0 is whole."""
    if state.opened_by is None:
        return 0
    opening = state.opened_by
    tag = case_tag(bytes.fromhex(opening.statement.salt), opening.hash)
    spans: dict[bytes, list[int]] = {}
    for record in state.records:
        spans.setdefault(record.link.journal, []).append(record.link.sequence)
    missing = 0
    for journal, places in spans.items():
        try:
            links = facts.journal(journal, min(places))
        except FujieError:  # a row that is no link: the integrity report says which
            missing += 1
            continue
        within = sum(one.link.sequence <= max(places) for one in links)
        missing += max(places) - min(places) + 1 - within
        missing += sum(one.link.case_tag == tag and one.envelope is None for one in links)
    return missing


def witnessed(cosigned: Cosigned, state: CaseState) -> int | None:
    """By when the log's witnesses had seen every record of the case (ms)."""
    places = [record.index for record in state.records if record.index is not None]
    return cosigned.seen_by(max(places)) if places else None


def adopted(facts: Facts, state: CaseState) -> dict[bytes, Adopted]:
    """The records of the case that came by an export which a registrar let in."""
    found = {
        one.hash: facts.registry.adoption_of(one.link.journal, one.link.sequence)
        for one in state.records
    }
    return {record: how for record, how in found.items() if how is not None}


def _closed(state: CaseState) -> Tile:
    if state.closed is None:
        return Tile(
            "Inspection", "waiting", "Not closed yet", "The officers are still at it", "", ""
        )
    day = local_day(state.closed.statement.at).isoformat()
    return Tile("Inspection", "done", "Closed", "On {day}", "", "", day)


def _served(decision: IssuedDocument) -> Tile:
    clause = ("《行政处罚法》第五十二条、第六十一条", "APL 52, 61")
    if not decision.services:
        return Tile("Service", "due", "Not served yet", "To be handed over on the spot", *clause)
    day = local_day(decision.services[0].statement.at).isoformat()
    return Tile("Service", "done", "Served", "On {day}", *clause, day)


def _published(decision: IssuedDocument, reference: Reference, now: int) -> Tile:
    clause = (PB_1.source, PB_1.source_en)
    made = decision.issued.statement.decision
    if decision.revoked is not None:
        return _withdrawn(decision, reference, now)
    if decision.withheld is not None:
        said = decision.withheld.statement
        day, clause = local_day(said.at).isoformat(), (said.clause, said.clause)
        return Tile("Publication", "done", "Never public", "On {day}", *clause, day)
    row = matrix_row(reference.matrix, made) if made else None
    if made is None or row is None or not row.publish:
        return Tile("Publication", "done", "Not published", "The matrix says no", *clause)
    if decision.published is not None:
        day = local_day(decision.published.statement.at).isoformat()
        return Tile("Publication", "done", "Published", "On {day}", *clause, day)
    calendar, today = WorkCalendar.of(reference.years), local_day(now)
    try:
        due = due_day(row, read_day(made.decided_on), calendar)
        left = calendar.working_days_between(today, due)
    except Refused:
        return Tile(
            "Publication", "waiting", "Day unknown", "Load the next year's calendar", *clause
        )
    day = due.isoformat()
    if left < 0:
        return Tile(
            "Publication",
            "late",
            "Working days late: {days}",
            "Was due on {day}",
            *clause,
            day,
            -left,
        )
    return Tile(
        "Publication", "due", "Working days left: {days}", "Due on {day}", *clause, day, left
    )


def _withdrawn(decision: IssuedDocument, reference: Reference, now: int) -> Tile:
    """A decision that no longer stands: nothing to publish, and what is public has to go."""
    clause = (PB_5.source, PB_5.source_en)
    if decision.published is None or decision.revoked is None:
        return Tile(
            "Publication", "done", "Not published", "The decision no longer stands", *clause
        )
    try:
        effective = read_day(decision.revoked.statement.effective_on)
        due = withdrawal_day(effective, WorkCalendar.of(reference.years))
    except Refused:
        return Tile("Publication", "due", "To be withdrawn", "With the reason in public", *clause)
    state = "late" if local_day(now) > due else "due"
    return Tile(
        "Publication",
        state,
        "To be withdrawn",
        "By {day}, with the reason",
        *clause,
        due.isoformat(),
    )


def _archived(state: CaseState) -> Tile:
    clause = (AR_1.source, AR_1.source_en)
    if state.archived is not None:
        day = local_day(state.archived.statement.at).isoformat()
        return Tile("Archive", "done", "Sealed", "On {day}", *clause, day)
    ready = state.closed is not None
    words = "Ready to be sealed" if ready else "After the inspection is closed"
    return Tile("Archive", "due" if ready else "waiting", "Not sealed yet", words, *clause)

"""What a case's records say to its next document, by the names that templates use.

    doc.<kind>.<field>            the text of a field of the last document of that kind
    served.method .addressee .place .at .refusal .documents      of the last service
    served.<kind>                 when the last document of that kind reached the party (ms)
    preserved.items .basis .from_on .until_on .kept_at .keeper   of the last preservation
    sealed.kind .items …                                         of the last sealing or seizure
    approval.preservation .measure                               the head's last approval of one
    task.source .approval .yearly_count .yearly_cap              of the task
    preserve_until seal_until     the 7th working day after (APL 56, 85), the 30th day with today
                                  as the first (ACL 25), as ms
    publication.penalty publication.warning    the sentence on whether a penalty of the ordinary
                                  procedure is published, and by what: as the agency's matrix says
                                  it of this party, the second where there is a warning alone
    publication.spot publication.spot_warning    the same of one imposed on the spot (APL 51)
    case.source evidence.rows     how the case began, and what proves it, as first words
    case.hearing                  that the hearing was held, or waived; nothing where neither is
                                  on record, since whether there is a right is the officer's to say
    case.review                   that the legal review agreed, and that the leaders discussed it,
                                  where it is on record

Who the party is and what it is about, an earlier document answers for a later one that asks for
the same (``carried_from``): what was corrected in one need not be corrected in the next. What the
tablet no longer holds is absent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta

from field_client.documents.answers import Value
from field_client.documents.values import day
from protocol.calendar import WorkCalendar, day_start, local_day, read_day
from protocol.case import CaseState, IssuedDocument
from protocol.errors import FujieError
from protocol.printed import CELL_END, ROW_END, base
from protocol.publication import matrix_row
from protocol.redaction import Content
from protocol.reference import PublicationRow, Reference, Template
from protocol.statements import (
    Decision,
    InspectionOpened,
    PropertyItem,
    SignAbsent,
    SignRefused,
    TaskAssigned,
)
from protocol.vocabulary import (
    ActKind,
    DocumentKind,
    HearingAnswer,
    Measure,
    PenaltyKind,
    Procedure,
    RemedyRoute,
    ReviewOutcome,
)

Read = Callable[[IssuedDocument], Content | None]

# What is of a moment, a place or one document alone is not carried from one to the next.
LASTING = ("party.", "item.")
PROPERTY = ("name", "spec", "batch", "unit", "quantity", "condition", "remark")
_MEASURES = {
    Measure.PRESERVATION: "preserved",
    Measure.SEAL: "sealed",
    Measure.SEIZE: "sealed",
}
RECORD_SHOWN = 16
_ARTICLE = "第[零一二三四五六七八九十百]+条(?:第[一二三四五六七八九十]+[款项])*"
_CITED = re.compile(f"《[^《》]+》{_ARTICLE}(?:、{_ARTICLE})*")
PRESERVED_DAYS, SEALED_DAYS = 7, 30
PUBLISHED_BY = "《中华人民共和国行政处罚法》第四十八条"
_ORDINARY = (Procedure.ORDINARY, RemedyRoute.FREE_CHOICE)
_SPOT = (Procedure.SUMMARY, RemedyRoute.RECONSIDER_FIRST)
_PUBLISHED = (
    ("penalty", *_ORDINARY, PenaltyKind.FINE),
    ("warning", *_ORDINARY, PenaltyKind.WARNING),
    ("spot", *_SPOT, PenaltyKind.FINE),
    ("spot_warning", *_SPOT, PenaltyKind.WARNING),
)


def case_words(
    state: CaseState, reference: Reference, read: Read, now: int, task: TaskAssigned | None = None
) -> dict[str, Value]:
    """The facts above at ``now`` (ms); empty ones are absent. ``read`` opens the content of an
    issued document, or says None where the tablet no longer has it."""
    values: dict[str, Value] = {}
    values |= ends(reference, now) | _task(task, state) | _approved(state)
    values |= _published(state, reference, now)
    values |= _measured(state) | _served(state, read) | _begun(state) | _hearing(state)
    values |= _reviewed(state)
    for one in state.documents:
        content = read(one)
        if content is not None:
            values |= _said(one.issued.statement.document, content)
    return {name: value for name, value in values.items() if value != ""}


def said_before(state: CaseState, reference: Reference, read: Read) -> dict[str, Value]:
    """What issued documents of the case answered, by the ``carried_from`` of their fields; the
    last one counts."""
    said: dict[str, Value] = {}
    for one in state.documents:
        content, template = read(one), _template(reference, one)
        if content is None or template is None:
            continue
        texts = _texts(content)
        for field in template.fields:
            source = field.carried_from
            if source.startswith(LASTING) and field.type != "fixed" and field.name in texts:
                said[source] = texts[field.name]
    return said


def _template(reference: Reference, one: IssuedDocument) -> Template | None:
    """The form that a document was made by, while the office still sends it."""
    issued = one.issued.statement
    asked = (issued.template, issued.template_version)
    return next((form for form in reference.templates if (form.id, form.version) == asked), None)


def _texts(content: Content) -> dict[str, str]:
    texts: dict[str, str] = {}
    for piece in content.pieces:
        name = base(piece.name)
        texts[name] = texts.get(name, "") + piece.text
    return texts


def _said(kind: DocumentKind, content: Content) -> dict[str, Value]:
    return {f"doc.{kind.value}.{name}": text for name, text in _texts(content).items()}


def ends(reference: Reference, now: int) -> dict[str, Value]:
    """The last days of what begins at ``now`` (ms): "from … until …", with both of them in it."""
    today = local_day(now)
    values: dict[str, Value] = {"seal_until": day_start(today + timedelta(days=SEALED_DAYS - 1))}
    try:
        last = WorkCalendar.of(reference.years).add_working_days(today, PRESERVED_DAYS)
    except FujieError:
        return values  # the office has not sent that year yet: nobody guesses a day off
    return values | {"preserve_until": day_start(last)}


def _task(task: TaskAssigned | None, state: CaseState) -> dict[str, Value]:
    """What the office said. How often the party was inspected is printed of the year of the
    inspection alone: a task of an earlier year does not know it, and nobody here does."""
    if task is None:
        return {}
    values: dict[str, Value] = {"task.source": task.source.zh, "task.approval": task.approval}
    opened = state.opening
    told = opened is not None and local_day(task.at).year == local_day(opened.statement.at).year
    if task.yearly_cap and told:
        values["task.yearly_count"] = str(task.yearly_count + 1)  # with this one
        values["task.yearly_cap"] = str(task.yearly_cap)
    return values


def _published(state: CaseState, reference: Reference, now: int) -> dict[str, Value]:
    """What the paper says of its publication, by the row that will rule it; nothing where the
    matrix has none. Only the laws that the row cites are named, no other agency's."""
    if state.opening is None:
        return {}
    party, values = state.opening.statement.party.party_class, dict[str, Value]()
    for name, procedure, remedy, kind in _PUBLISHED:
        made = Decision(
            act=ActKind.PENALTY,
            procedure=procedure,
            party_class=party,
            penalties=[kind],
            remedy=remedy,
            decided_on=local_day(now).isoformat(),
        )
        row = matrix_row(reference.matrix, made)
        if row is not None:
            values[f"publication.{name}"] = _publication(row)
    return values


def _publication(row: PublicationRow) -> str:
    cited = "、".join(_CITED.findall(row.clause))
    if row.publish:
        return f"依据{cited or PUBLISHED_BY}的规定，本行政处罚决定信息将依法向社会公示。"
    ground = f"依据{cited}的规定" if cited else "按照本局的公示清单"
    return f"{ground}，本行政处罚决定信息不向社会公示。"


def _approved(state: CaseState) -> dict[str, Value]:
    """The head's last word on each, where it was a yes."""
    values: dict[str, Value] = {}
    for one in state.approvals:
        given = one.statement
        name = f"approval.{given.subject.value}"
        words = f"经本局负责人于{day(given.at)}批准（批准记录 {one.id[:RECORD_SHOWN]}）"
        values[name] = words if given.granted else ""
    return values


def _measured(state: CaseState) -> dict[str, Value]:
    values: dict[str, Value] = {}
    for one in state.measures:
        taken = one.statement
        name = _MEASURES.get(taken.measure)
        if name is None:
            continue
        values |= {
            f"{name}.kind": taken.measure.zh,
            f"{name}.basis": taken.basis,
            f"{name}.items": _lines(_row(item) for item in taken.items),
            f"{name}.from_on": _ms(taken.from_on),
            f"{name}.until_on": _ms(taken.until_on),
            f"{name}.kept_at": taken.kept_at or (taken.place.text if taken.place else ""),
            f"{name}.keeper": taken.keeper,
        }
    return values


def _ms(on: str | None) -> Value:
    return day_start(read_day(on)) if on else ""


def _row(item: PropertyItem) -> list[str]:
    return [str(getattr(item, name)) for name in PROPERTY]


def _lines(rows: Iterable[Sequence[str]]) -> str:
    return ROW_END.join(CELL_END.join(row) for row in rows)


def servers(state: CaseState, reference: Reference, read: Read) -> tuple[str, ...]:
    """The certificate numbers of who served what no proof of service names yet, in the order of the
    inspection's officers: one of them may have, and the proof says so."""
    found = {
        officer.cert_no
        for one in _unproved(state, read)
        for served in one.services
        for key in served.signers
        if (officer := reference.officer_of_key(key.hex(), served.statement.at)) is not None
    }
    place = {cert_no: at for at, cert_no in enumerate(state.officers)}
    return tuple(sorted(found, key=lambda one: (place.get(one, len(place)), one)))


def _unproved(state: CaseState, read: Read) -> list[IssuedDocument]:
    """Of the documents that reached the party, those that no proof of service names yet."""
    proofs = "".join(
        text
        for one in state.documents
        if one.issued.statement.document is DocumentKind.SERVICE_PROOF
        and (content := read(one)) is not None
        for text in _texts(content).values()
    )
    return [
        one
        for one in state.documents
        if one.services
        and not _named(proofs, one.issued.statement.document, one.issued.statement.number)
    ]


def _served(state: CaseState, read: Read) -> dict[str, Value]:
    """The services of the case, and what the next proof of service names."""
    values: dict[str, Value] = {}
    services = []
    for one in state.documents:
        for served in one.services:
            services.append(served)
            values[f"served.{one.issued.statement.document.value}"] = served.statement.received.at
    issued = [one.issued.statement for one in _unproved(state, read)]
    rows = [[one.document.zh, one.number, "1"] for one in issued]
    if not services:
        return values
    last = max(services, key=lambda one: one.statement.at).statement
    refused = isinstance(last.received, SignRefused | SignAbsent)
    return values | {
        "served.method": last.method.zh,
        "served.addressee": last.addressee,
        "served.place": last.place.text,
        "served.at": last.received.at,
        "served.refusal": last.received.reason if refused else "",  # type: ignore[union-attr]
        "served.documents": _lines(rows),
    }


def _hearing(state: CaseState) -> dict[str, Value]:
    """What became of the right to a hearing (APL 63, 64), as the decision says it."""
    if state.hearings:
        return {"case.hearing": "本局已依法举行听证"}
    said = [one.statement.answer for one in state.hearing_answers]
    waived = bool(said) and said[-1] is HearingAnswer.WAIVED
    return {"case.hearing": "当事人未要求听证"} if waived else {}


def _reviewed(state: CaseState) -> dict[str, Value]:
    """Who looked at the decision before it was made (APL 57, 58), by the last word of each."""
    last = state.reviews[-1].opinion if state.reviews else None
    agreed = last is not None and last.statement.outcome is ReviewOutcome.AGREE
    words = "本案已经本局法制审核机构审核。" if agreed else ""
    if state.made and state.made[-1].statement.discussed:
        words += "本案已经本局负责人集体讨论决定。"
    return {"case.review": words}


def _named(proofs: str, document: DocumentKind, number: str) -> bool:
    return f"{document.zh}{CELL_END}{number}{CELL_END}" in proofs


def _begun(state: CaseState) -> dict[str, Value]:
    """How the case began, and what was gathered, in words to start from."""
    opening = state.opening
    if opening is None:
        return {}
    opened: InspectionOpened = opening.statement
    source = f"{day(opened.at)}，本局执法人员在检查中发现当事人涉嫌{opened.cause}"
    if state.case_opening is not None:
        source += f"，于{day(state.case_opening.statement.at)}立案调查"
    return {"case.source": f"{source}。", "evidence.rows": _lines(_proof(state))}


def _proof(state: CaseState) -> list[list[str]]:
    records = (
        DocumentKind.SITE_INSPECTION_RECORD,
        DocumentKind.INTERVIEW_RECORD,
        DocumentKind.STATEMENT_RECORD,
    )
    rows = [
        [f"{one.issued.statement.document.zh}（{day(one.issued.statement.at)}）", ""]
        for one in state.documents
        if one.issued.statement.document in records
    ]
    purposes: Mapping[tuple[str, str], int] = _counted(state)
    rows += [[f"{kind}{count}份", purpose] for (kind, purpose), count in purposes.items()]
    return rows


def _counted(state: CaseState) -> dict[tuple[str, str], int]:
    """Recordings by kind and what they are to prove."""
    counted: dict[tuple[str, str], int] = {}
    for one in state.media:
        said = (one.statement.media.zh, one.statement.purpose)
        counted[said] = counted.get(said, 0) + 1
    return counted

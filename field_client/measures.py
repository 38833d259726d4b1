"""What officers do to property, and what happens beside an inspection's acts, each one statement.

    over = signed_hash(MeasureTaken, taken)        what the party's hand is over
    take(inspection, taken, Hand(…), {"AV-2": "相机故障"})
    ask(inspection, ApprovalSubject.MEASURE, measure_id, "易灭失", urgent=True)

A hand outside documents is over the fields of the statement themselves, as ``signed_hash`` has
them, so that whoever has the statement can compute again what was signed (docs/adr/0029).
Reasons for going on against a warning are on record with the act.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec

from field_client.inspection import Inspection
from field_client.party_answers import Answer, answered
from field_client.store.journal import Saved
from protocol.redaction import Content, decode_content
from protocol.statements import (
    ApprovalAsked,
    Corrected,
    FineCollected,
    InspectionClosed,
    MeasureEnded,
    MeasureExtended,
    MeasureTaken,
    RecusalAsked,
    Statement,
)
from protocol.vocabulary import ApprovalSubject, Outcome

SIGNED = b"fujie/signed-act/v1\n"
Fields = Mapping[str, Any]
Reasons = Mapping[str, str]


def signed_hash(kind: type[Statement], fields: Fields) -> bytes:
    """What a hand under an act of this kind is over: SHA-256 of the domain line, the kind's tag,
    a line feed and the fields as JSON with sorted keys, without what every statement says and
    without the hand itself."""
    tag = str(kind.__struct_config__.tag)
    text = msgspec.json.encode(dict(fields), order="sorted")
    return hashlib.sha256(SIGNED + tag.encode() + b"\n" + text).digest()


def take(inspection: Inspection, fields: Fields, answer: Answer, reasons: Reasons) -> Saved:
    """Property is preserved, sampled, sealed or seized (APL 56; ACL 18), under the decision that
    ``fields`` name, where they name one: the rules hold the act against its text."""
    text = text_of(inspection, fields["issued"])
    return _with_hand(inspection, MeasureTaken, fields, "party_act", answer, reasons, text)


def text_of(inspection: Inspection, record: str | None) -> Content | None:
    """The text of a document of the case by its record (hex), while this tablet has it."""
    found = [one for one in inspection.state.documents if one.issued.id == record]
    data = inspection.office.locker.read(found[0].issued.statement.content) if found else None
    return decode_content(data) if data is not None else None


def extend(inspection: Inspection, fields: Fields, answer: Answer, reasons: Reasons) -> Saved:
    """A measure lasts longer, and the party is told so with the reasons (ACL 25)."""
    return _with_hand(inspection, MeasureExtended, fields, "party_act", answer, reasons)


def end(inspection: Inspection, fields: Fields, answer: Answer, reasons: Reasons) -> Saved:
    """What became of property under a measure (APL 56; ACL 27, 28)."""
    return _with_hand(inspection, MeasureEnded, fields, "party_act", answer, reasons)


def ask_recusal(inspection: Inspection, fields: Fields, answer: Answer) -> Saved:
    """The party asks that officers step back (APL 43)."""
    return _with_hand(inspection, RecusalAsked, fields, "act", answer, {})


def ask(
    inspection: Inspection,
    subject: ApprovalSubject,
    concerning: str | None,
    reason: str,
    *,
    urgent: bool = False,
) -> Saved:
    """The head of the agency is asked to allow something."""
    return _save(
        inspection,
        ApprovalAsked,
        {"subject": subject, "concerning": concerning, "reason": reason, "urgent": urgent},
    )


def collect(inspection: Inspection, fields: Fields) -> Saved:
    """A fine was taken in cash (APL 68–71)."""
    return _save(inspection, FineCollected, fields)


def correct(inspection: Inspection, record: str, reason: str, text: str) -> Saved:
    """An earlier record is put right; it stays as it was."""
    return _save(inspection, Corrected, {"record": record, "reason": reason, "text": text})


def close(inspection: Inspection, outcome: Outcome, note: str, reasons: Reasons) -> Saved:
    """The inspection ends."""
    return _save(inspection, InspectionClosed, {"outcome": outcome, "note": note}, reasons)


def proposed(inspection: Inspection, kind: type[Statement], fields: Fields) -> Statement:
    """The statement as it would be made now, for the rules to judge."""
    return inspection.office.journal.stamp(kind, inspection.case, **fields)


def _with_hand(
    inspection: Inspection,
    kind: type[Statement],
    fields: Fields,
    hand: str,
    answer: Answer,
    reasons: Reasons,
    text: Content | None = None,
) -> Saved:
    journal = inspection.office.journal
    with inspection.office.locker.gather(inspection.case) as gathered:
        act = answered(answer, signed_hash(kind, fields), gathered)
        statement = journal.stamp(kind, inspection.case, **fields, **{hand: act})
        return journal.save(
            statement, inspection.signers, keeps=gathered.keeps, content=text, reasons=reasons
        )


def _save(
    inspection: Inspection, kind: type[Statement], fields: Fields, reasons: Reasons | None = None
) -> Saved:
    statement = proposed(inspection, kind, fields)
    return inspection.office.journal.save(statement, inspection.signers, reasons=reasons)

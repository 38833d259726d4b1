"""What the office does with what is public, and with what is not to be: withheld until that is
lifted, withdrawn in time, listed as it was decided."""

from msgspec.structs import replace

from protocol.calendar import WorkCalendar, day_en, day_zh, local_day, read_day
from protocol.case import IssuedDocument
from protocol.errors import Refused
from protocol.publication import withdrawal_day
from protocol.rules.office import PB_4, PB_5, PB_8
from protocol.rules.rule import Judgement, Level, Question, fails, holds
from protocol.statements import (
    DisclosureCorrected,
    DisclosurePublished,
    DisclosureWithdrawn,
    DisclosureWithheld,
    WithholdingLifted,
)
from protocol.vocabulary import VolumeKind


def not_withheld(q: Question) -> Judgement | None:
    """PB-4: what was recorded as never public, or stands in the secret volume of its file, is
    neither published nor corrected in public."""
    document = _document(q)
    if document is not None and _is_secret(q, document):
        return fails(
            PB_4,
            "本决定书编在密卷里，不得公示。请登记不予公示。",
            "This decision stands in the secret volume of its file. Do not publish it; record "
            "that it is never public.",
            "do_not_publish",
        )
    if document is None or document.withheld is None:
        return None
    said = document.withheld.statement
    return fails(
        PB_4,
        f"已登记不予公示（{said.ground.zh}，{said.clause}）。不得公示。",
        f"It is on record that this is never public ({said.ground.en}, {said.clause}). Do not "
        "publish it.",
        "do_not_publish",
    )


def _is_secret(q: Question, document: IssuedDocument) -> bool:
    filed = q.state.bound.statement.items if q.state and q.state.bound else []
    secret = {one.record for one in filed if one.volume is VolumeKind.SECRET}
    return document.issued.id in secret


def withheld_for_cause(q: Question) -> Judgement | None:
    """PB-4: what is kept from the public for good is a decision of this case that is not public,
    with a reason and a clause."""
    proposed, document = q.proposed, _document(q)
    assert isinstance(proposed, DisclosureWithheld)
    if document is None or document.issued.statement.decision is None:
        return fails(
            PB_4,
            "要登记的决定不在本案里。请从本案的决定书登记。",
            "The decision is not in this case. Start from the case's decision.",
        )
    if document.published is not None:
        return fails(
            PB_4,
            "决定已经公示。请先撤下，再登记不予公示。",
            "The decision is public. Withdraw it first, then record that it is never public.",
            "withdraw",
        )
    if not (proposed.reason.strip() and proposed.clause.strip()):
        return fails(
            PB_4,
            "不予公示要写明理由和依据。请补写。",
            "What is never public needs a reason and a clause. Write both.",
        )
    return holds(PB_4, "不予公示的理由和依据已写明。", "Reason and clause are given.")


def lifted_for_cause(q: Question) -> Judgement | None:
    """PB-4: what is lifted is the withholding that stands, with a reason and a clause; what is in
    the secret volume of its file stays away from the public whatever was said."""
    proposed, document = q.proposed, _document(q)
    assert isinstance(proposed, WithholdingLifted)
    standing = document.withheld if document else None
    if document is None or standing is None or standing.id != proposed.withholding:
        return fails(
            PB_4,
            "没有这项有效的不予公示决定可以解除。请从本案的决定书发起。",
            "No such withholding stands. Start from the case's decision.",
        )
    if _is_secret(q, document):
        return fails(
            PB_4,
            "本决定书编在密卷里，不得公示，不能解除。",
            "This decision stands in the secret volume of its file: it stays away from the public.",
        )
    if not (proposed.reason.strip() and proposed.clause.strip()):
        return fails(
            PB_4,
            "解除不予公示要写明理由和依据。请补写。",
            "Lifting it needs a reason and a clause. Write both.",
        )
    return holds(PB_4, "解除的理由和依据已写明。", "Reason and clause are given.")


def listed_as_decided(q: Question) -> Judgement | None:
    """PB-8: number, penalty, days and service that are signed with a publication are those of the
    decision's own records."""
    proposed, document = q.proposed, _document(q)
    assert isinstance(proposed, DisclosurePublished | DisclosureCorrected)
    found, said = document.listed if document else None, proposed.facts
    if document is None or found is None or said is None:
        return None
    # A service that came late may be an earlier one: any of them was right when it was signed.
    services = {(one.statement.at, one.statement.method) for one in document.services}
    unserved = replace(found, served_at=None, served_how=None)
    if (said.served_at, said.served_how) not in services | {(None, None)} or (
        replace(said, served_at=None, served_how=None) != unserved
    ):
        return fails(
            PB_8,
            "公示的文号、处罚、日期或者送达与决定书不一致。请重新起草。",
            "Number, penalty, days or service are not those of the decision. Draft it again.",
        )
    return holds(PB_8, "公示要素与决定书一致。", "What lists say is what was decided.")


def withdrawn_in_time(q: Question) -> Judgement | None:
    """PB-5: what is public of a decision that no longer stands is gone within three working days
    (APL 48). Lateness is a warning: it is withdrawn all the same, with a reason on record."""
    proposed, document = q.proposed, _document(q)
    assert isinstance(proposed, DisclosureWithdrawn)
    if document is None or document.published is None:
        return fails(
            PB_5,
            "没有在公示的内容可撤。请从已公示的决定发起撤回。",
            "Nothing of it is public. Start from a decision that is.",
        )
    if not (proposed.reason.strip() and proposed.clause.strip()):
        return fails(
            PB_5,
            "撤回要公开说明理由和依据。请补写。",
            "A withdrawal states its reason and clause in public. Write both.",
        )
    if document.revoked is None:
        return holds(PB_5, "撤回理由已写明。", "The reason is given.")
    try:
        effective = read_day(document.revoked.statement.effective_on)
        due = withdrawal_day(effective, WorkCalendar.of(q.reference.years))
    except Refused:
        return None  # past the loaded calendar: to be withdrawn at once, nobody says how late
    if local_day(proposed.at) > due:
        return Judgement(
            PB_5,
            Level.WARN,
            f"撤回已超过期限{day_zh(due)}。请现在撤回，并说明超期原因。",
            f"The withdrawal is late; it was due on {day_en(due)}. Withdraw now and say why.",
        )
    return holds(
        PB_5, f"撤回期限到{day_zh(due)}（含当日），没有超期。", f"Due on {day_en(due)}; in time."
    )


def _document(q: Question) -> IssuedDocument | None:
    proposed = q.proposed
    assert isinstance(
        proposed,
        DisclosurePublished
        | DisclosureCorrected
        | DisclosureWithdrawn
        | DisclosureWithheld
        | WithholdingLifted,
    )
    documents = q.state.documents if q.state else ()
    return next((one for one in documents if one.issued.id == proposed.issued), None)

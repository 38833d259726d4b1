"""What the law asks, each rule with its clause; the same for tablet and server.

    for judgement in judge(decision, state, reference, now, draft=True):
        judgement.rule.id       "OS-1"
        judgement.level         Level.BLOCK
        judgement.zh            "罚款 3,500 元超过当场罚款上限 3,000 元。请改小金额，……"
        judgement.clause        "《行政处罚法》第五十一条"
        judgement.fix           "lower_fine"

A judgement is an answer, never an exception: the tablet blocks, warns or takes note before it
signs, and the server's findings say the same of what was admitted. Which rule is asked of which
statement is the table ``ASKED``; ``missing`` says what the law asks for next.

Not promised: a rule sees what is recorded, not what happened; and a roster says who held which
certificate, not who held the tablet.
"""

from collections.abc import Collection, Mapping

from protocol.case import CaseState
from protocol.redaction import Content
from protocol.reference import Reference
from protocol.rules import decision, office, officers, procedure
from protocol.rules.rule import Check, Judgement, Level, Question, Rule
from protocol.rules.steps import NextStep, missing, steps
from protocol.statements import (
    DisclosureCorrected,
    DisclosurePublished,
    DocumentIssued,
    DocumentServed,
    FileArchived,
    IdentityShown,
    InspectionClosed,
    InspectionOpened,
    MeasureTaken,
    MediaCaptured,
    RightsNotified,
    Statement,
    StatementTaken,
)

__all__ = [
    "ASKED",
    "RULES",
    "Judgement",
    "Level",
    "NextStep",
    "Rule",
    "judge",
    "missing",
    "steps",
]

RULES: Mapping[str, Rule] = {
    rule.id: rule
    for rule in (
        officers.ID_1,
        officers.ID_2,
        officers.ID_3,
        officers.ID_4,
        officers.ID_7,
        procedure.IN_1,
        procedure.RT_1,
        procedure.RT_2,
        decision.OS_1,
        decision.OS_2,
        decision.OS_3,
        decision.SG_1,
        decision.SG_4,
        procedure.AV_3,
        office.PB_1,
        office.PB_3,
        office.PB_4,
        office.PB_5,
        office.AR_1,
    )
}

_WHO: tuple[Check, ...] = (
    officers.two_officers,
    officers.valid_cards,
    officers.region_and_field,
)

ASKED: Mapping[type[Statement], tuple[Check, ...]] = {
    InspectionOpened: (*_WHO, officers.fresh_roster, procedure.listed_item),
    IdentityShown: (officers.valid_cards, officers.cards_shown, officers.fresh_roster),
    RightsNotified: (officers.cards_shown, procedure.acknowledged, decision.signatures_bound),
    MediaCaptured: (officers.cards_shown, procedure.five_facts),
    MeasureTaken: (*_WHO, officers.cards_shown),
    StatementTaken: (*_WHO, officers.cards_shown, procedure.statement_complete),
    DocumentIssued: (
        *_WHO,
        officers.cards_shown,
        officers.fresh_roster,
        procedure.told_and_heard,
        decision.spot_ceiling,
        decision.spot_elements,
        decision.reconsider_first,
        procedure.acknowledged,
        decision.refusal_on_spot,
        decision.signatures_bound,
    ),
    DocumentServed: (procedure.acknowledged, decision.signatures_bound),
    InspectionClosed: (procedure.rights_acknowledged, decision.spot_handed_over),
    DisclosurePublished: (
        office.still_stands,
        office.published_in_time,
        office.second_person,
        office.masked_by_list,
    ),
    DisclosureCorrected: (office.still_stands, office.second_person, office.masked_by_list),
    FileArchived: (office.file_complete,),
}


def judge(
    proposed: Statement,
    state: CaseState | None,
    reference: Reference,
    now: int,
    *,
    signers: tuple[bytes, ...] | None = None,
    persons: Mapping[bytes, str] | None = None,
    content: Content | None = None,
    stored: Collection[str] | None = None,
    draft: bool = False,
) -> list[Judgement]:
    """What the rules say of one statement, those that do not hold first.

    ``state`` is the case before the statement. ``signers`` are the key ids that signed it, None
    before; ``persons`` says whose the staff's keys are. ``content`` is the text of the document
    that is issued or published, ``stored`` the hashes (hex) of durable blobs; what is not given
    is not judged. A ``draft`` is not asked for signatures yet. A kind that no rule is about
    gives an empty list.
    """
    question = Question(proposed, state, reference, now, signers, persons, content, stored, draft)
    answers = (check(question) for check in ASKED.get(type(proposed), ()))
    order = [Level.BLOCK, Level.WARN, Level.RECORD, Level.PASS]
    return sorted(
        (answer for answer in answers if answer is not None),
        key=lambda answer: order.index(answer.level),
    )

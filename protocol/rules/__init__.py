"""What the law asks, each rule with its clause; the same for tablet and server.

    for judgement in judge(decision, state, reference, now, draft=True):
        judgement.rule.id       "OS-1"
        judgement.level         Level.BLOCK
        judgement.zh            "罚款 3,500 元超过当场罚款上限 3,000 元。请改小金额，……"
        judgement.clause        "《行政处罚法》第五十一条"
        judgement.fix           "lower_fine"

A judgement is an answer, never an exception: the tablet blocks, warns or takes note before it
signs, and the server's findings say the same of what was admitted. Which rule is asked of which
statement is the table ``ASKED``; ``missing`` says what the law asks for next, and
``retold`` judges a whole case as its records came.

    officers team cards     who acts                   measures terms      property held
    procedure tasks         how it is done             recordings          sound and picture
    decision cash limits    on the spot; who is spared service             what is not taken
    notices hearing review  before an ordinary penalty office disclosing   after the field
    archiving               bound, kept, destroyed

A warning that is ``overridable`` asks for a signed reason (``overrides.py``). ``fix`` names the way
out: a screen (``paper.<kind>``, ``serve.<kind>``, ``measure``), ``override.<rule>``, or an act.

Not promised: a rule sees what is recorded, not what happened; and a roster says who held which
certificate, not who held the tablet.
"""

from collections.abc import Collection, Mapping

from protocol.case import AnyRecord, CaseState
from protocol.redaction import Content
from protocol.reference import Reference
from protocol.rules import (
    archiving,
    cards,
    cash,
    decision,
    disclosing,
    hearing,
    limits,
    measures,
    notices,
    office,
    officers,
    procedure,
    recordings,
    review,
    service,
    tasks,
    team,
    terms,
)
from protocol.rules.overrides import (
    asks_reason,
    noted,
    reasons_after,
    reasons_in,
    subject_of,
)
from protocol.rules.rule import Check, Judgement, Level, Question, Rule
from protocol.rules.steps import NextStep, missing, steps
from protocol.statements import (
    ApprovalAsked,
    CaseOpened,
    DisclosureCorrected,
    DisclosurePublished,
    DisclosureWithdrawn,
    DisclosureWithheld,
    DocumentIssued,
    DocumentServed,
    FileArchived,
    FileBound,
    FineCollected,
    HandedOver,
    IdentityShown,
    InspectionClosed,
    InspectionOpened,
    MeasureEnded,
    MeasureExtended,
    MeasureTaken,
    MediaCaptured,
    RecordDestroyed,
    RecusalAsked,
    RightsNotified,
    Statement,
    StatementTaken,
    TaskAssigned,
    WithholdingLifted,
    opens_case,
)

__all__ = [
    "ASKED",
    "RULES",
    "Judgement",
    "Level",
    "NextStep",
    "Rule",
    "asks_reason",
    "judge",
    "missing",
    "retold",
    "steps",
    "subject_of",
]

RULES: Mapping[str, Rule] = {
    rule.id: rule
    for rule in (
        officers.ID_1,
        officers.ID_2,
        officers.ID_3,
        cards.ID_4,
        team.ID_5,
        team.ID_6,
        officers.ID_7,
        procedure.IN_1,
        tasks.IN_2,
        tasks.NB_1,
        procedure.RT_1,
        procedure.RT_2,
        notices.RT_3,
        decision.OS_1,
        decision.OS_2,
        decision.OS_3,
        cash.OS_4,
        hearing.HR_1,
        hearing.HR_2,
        review.LR_1,
        review.LR_2,
        review.LR_4,
        review.LR_6,
        terms.DL_3,
        terms.DL_4,
        measures.CM_1,
        measures.CM_2,
        decision.SG_1,
        measures.SG_2,
        service.SG_3,
        decision.SG_4,
        recordings.AV_1,
        recordings.AV_2,
        procedure.AV_3,
        limits.MI_1,
        limits.LM_1,
        office.PB_1,
        office.PB_3,
        office.PB_4,
        office.PB_5,
        office.PB_8,
        office.AR_1,
        archiving.AR_2,
        archiving.AR_3,
    )
}

_WHO: tuple[Check, ...] = (
    officers.two_officers,
    officers.valid_cards,
    officers.region_and_field,
    team.no_auxiliaries,
)

ASKED: Mapping[type[Statement], tuple[Check, ...]] = {
    InspectionOpened: (
        *_WHO,
        officers.fresh_roster,
        procedure.listed_item,
        tasks.within_yearly_cap,
        limits.spares_minors,
    ),
    IdentityShown: (officers.valid_cards, cards.cards_shown, officers.fresh_roster),
    HandedOver: (*_WHO, officers.fresh_roster),
    RightsNotified: (cards.cards_shown, procedure.acknowledged, decision.signatures_bound),
    MediaCaptured: (cards.cards_shown, procedure.five_facts),
    RecusalAsked: (team.recusal_noted,),
    ApprovalAsked: (measures.urgent_approval,),
    MeasureTaken: (
        *_WHO,
        cards.cards_shown,
        measures.measure_steps,
        measures.as_decided,
        measures.urgent_approval,
        measures.signed_at_measure,
        terms.preserved_in_time,
        terms.held_in_time,
    ),
    MeasureExtended: (*_WHO, terms.extended_once),
    MeasureEnded: (*_WHO, terms.ended_in_time),
    StatementTaken: (*_WHO, cards.cards_shown, procedure.statement_complete),
    DocumentIssued: (
        *_WHO,
        cards.cards_shown,
        officers.fresh_roster,
        procedure.told_and_heard,
        notices.noticed_and_heard,
        tasks.one_notice,
        notices.no_heavier_than_notified,
        hearing.hearing_offered,
        hearing.hearing_over,
        review.reviewed,
        review.review_agrees,
        review.problems_answered,
        review.head_decided,
        decision.spot_ceiling,
        decision.spot_elements,
        decision.reconsider_first,
        limits.spares_minors,
        measures.measure_paper,
        measures.as_decided,
        terms.preservation_paper,
        procedure.acknowledged,
        measures.signed_at_measure,
        decision.refusal_on_spot,
        decision.signatures_bound,
    ),
    DocumentServed: (
        officers.valid_signers,
        cards.cards_shown_again,
        procedure.acknowledged,
        service.left_lawfully,
        decision.signatures_bound,
    ),
    FineCollected: (*_WHO, cash.collected_lawfully),
    InspectionClosed: (
        procedure.rights_acknowledged,
        decision.spot_handed_over,
        measures.measures_complete,
        measures.urgent_approval,
        recordings.recorded_throughout,
        recordings.recorded_steps,
        team.recusal_pending,
    ),
    CaseOpened: (limits.within_limit,),
    DisclosurePublished: (
        office.still_stands,
        office.published_in_time,
        office.second_person,
        office.masked_by_list,
        disclosing.not_withheld,
        disclosing.listed_as_decided,
        limits.spares_minors,
    ),
    DisclosureCorrected: (
        office.still_stands,
        office.second_person,
        office.masked_by_list,
        disclosing.not_withheld,
        disclosing.listed_as_decided,
    ),
    DisclosureWithdrawn: (disclosing.withdrawn_in_time,),
    DisclosureWithheld: (office.second_person, disclosing.withheld_for_cause),
    WithholdingLifted: (
        office.second_person,
        disclosing.lifted_for_cause,
        limits.spares_minors,
    ),
    FileBound: (archiving.bound_whole, archiving.kept_by_table),
    FileArchived: (office.file_complete, archiving.kept_by_table),
    RecordDestroyed: (archiving.destroyed_lawfully,),
}

_ORDER = (Level.BLOCK, Level.WARN, Level.RECORD, Level.PASS)


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
    task: TaskAssigned | None = None,
    reasons: Mapping[str, str] | None = None,
) -> list[Judgement]:
    """What the rules say of one statement, those that do not hold first.

    ``state`` is the case before the statement. ``signers`` are the key ids that signed it, None
    before; ``persons`` says whose the staff's keys are. ``content`` is the text of the document
    that is issued or published, or that a measure is taken under, ``stored`` the hashes (hex) of
    durable blobs, ``task`` the one that an inspection is opened with; what is not given is not
    judged. A ``draft`` is not asked for signatures yet. ``reasons`` are given with the statement,
    by rule; those on record in ``state`` count too. A kind that no rule is about gives an empty
    list.
    """
    question = Question(
        proposed, state, reference, now, signers, persons, content, stored, draft, task
    )
    answers = (check(question) for check in ASKED.get(type(proposed), ()))
    given = {**reasons_in(state, proposed), **(reasons or {})}
    return sorted(
        (noted(answer, given) for answer in answers if answer is not None),
        key=lambda answer: _ORDER.index(answer.level),
    )


def retold(
    state: CaseState,
    reference: Reference,
    persons: Mapping[bytes, str] | None = None,
    task: TaskAssigned | None = None,
) -> list[tuple[AnyRecord, Judgement]]:
    """What the rules say of every record of a case, each by the records before it, as the tablet
    judged it when it was made: what anyone finds who has the file. Of the roster it is today's
    view; how old the one of that day was, nobody knows (ID-7) once a newer one is at hand."""
    found = []
    for place, record in enumerate(state.records):
        said = record.statement
        if not isinstance(said, Statement):
            continue
        opening = opens_case(said)
        before = None if opening else CaseState(state.case, _known(state, place))
        judged = judge(
            said,
            before,
            reference,
            said.at,
            signers=record.signers,
            persons=persons,
            task=task if opening else None,
            reasons=reasons_after(state.records[place + 1 :], said) if opening else None,
        )
        newer = reference.issued_at > said.at
        found += [(record, one) for one in judged if not (newer and one.rule is officers.ID_7)]
    return found


def _known(state: CaseState, place: int) -> tuple[AnyRecord, ...]:
    """What stood when a record was made: all before it, and what others had said by the server's
    time that its link bears, however slow the clock was that dated it."""
    own = state.records[place].link
    return tuple(
        one
        for number, one in enumerate(state.records)
        if number < place or (one.link.journal != own.journal and one.statement.at <= own.server_at)
    )

"""Before a penalty by the ordinary procedure: the office's part, rule by rule."""

from datetime import date

import pytest
from msgspec import UNSET

from protocol.calendar import CALENDAR_2026, day_start
from protocol.case import CaseState
from protocol.cutting import Piece
from protocol.redaction import commit
from protocol.reference import Parameters
from protocol.rules import Level, judge
from protocol.statements import (
    ApprovalGiven,
    Decision,
    DecisionMade,
    DocumentIssued,
    HearingAnswered,
    HearingMinuted,
    OpinionGiven,
    ReviewRequested,
)
from protocol.vocabulary import (
    ActKind,
    ApprovalSubject,
    DocumentKind,
    HearingAnswer,
    PartyClass,
    PenaltyKind,
    Procedure,
    RemedyRoute,
    ReviewOutcome,
    ServiceMethod,
)
from tests.protocol import yunxi
from tests.protocol.yunxi import REFERENCE, changed, reference

NOTICED = date(2026, 11, 18)  # the day of the whole story; a Wednesday
FIFTH = date(2026, 11, 25)  # its fifth working day


def ordinary(fine: int = 500_000, penalties=(PenaltyKind.FINE,), **facts) -> Decision:
    kept = {
        "act": ActKind.PENALTY,
        "procedure": Procedure.ORDINARY,
        "party_class": PartyClass.ORGANISATION,
        "penalties": list(penalties),
        "fine": fine,
        "remedy": RemedyRoute.FREE_CHOICE,
        "decided_on": "2026-11-26",
    }
    return Decision(**(kept | facts))


def penalty(decision: Decision) -> DocumentIssued:
    return yunxi.issue(DocumentKind.PENALTY_DECISION, decision=decision)


def noticed(
    *, notice=True, served=True, right=False, right_served=True, intended=500_000, heard=True
) -> yunxi.Story:
    """The story up to the record, then the notices of the ordinary procedure."""
    story = yunxi.whole_inspection()
    story.records = story.records[:5]
    if notice:
        told = story.tell(yunxi.issue(DocumentKind.PRIOR_NOTICE, intended=ordinary(intended)))
        if served:
            story.tell(yunxi.serve(told))
    if right:
        told = story.tell(yunxi.issue(DocumentKind.HEARING_RIGHT_NOTICE))
        if right_served:
            story.tell(yunxi.serve(told))
    if heard:
        story.tell(yunxi.hear())
    return story


def heard_in(story: yunxi.Story) -> str | None:
    found = story.state().statements
    return found[-1].id if found else None


def ask(
    decision: Decision, story: yunxi.Story, on: date = NOTICED, ref=REFERENCE, **more
) -> dict[str, object]:
    """The judgements of the penalty decision by rule id, issued on a day at noon."""
    at = day_start(on) + 12 * 3_600_000
    heard = decision.heard or heard_in(story)
    statement = changed(penalty(changed(decision, heard=heard)), at=at)
    found = judge(statement, story.state(), ref, at, **more)
    return {one.rule.id: one for one in found}


def level(rule: str, decision: Decision, story: yunxi.Story, on: date = NOTICED, **more):
    answer = ask(decision, story, on, **more).get(rule)
    return answer.level if answer else None


def with_office(story: yunxi.Story, *statements) -> yunxi.Story:
    for one in statements:
        story.tell(one)
    return story


def test_hr_1_stops_a_paper_that_denies_the_right_which_the_law_gives():
    """A form proposes that there is none; of a grave penalty that is false."""
    story = noticed(right=True)
    grave = ordinary(penalties=(PenaltyKind.REVOCATION,), fine=0)
    denied, said, quoted = (
        commit([Piece("hearing", words)], [bytes(16)], "penalty_decision", 1)
        for words in ("本案不属于听证范围", "当事人未要求听证", "当事人称本案不属于听证范围。")
    )
    assert ask(grave, story, content=denied)["HR-1"].fix == "complete_form"
    assert level("HR-1", grave, story, content=denied) is Level.BLOCK
    assert level("HR-1", grave, story, content=said) is Level.PASS
    assert level("HR-1", grave, story, content=quoted) is Level.PASS, "its words, not the paper's"
    assert level("HR-1", ordinary(fine=10_000), story, content=denied) is None
    notice = yunxi.issue(DocumentKind.PRIOR_NOTICE, intended=grave)
    found = judge(notice, noticed().state(), REFERENCE, notice.at, content=denied)
    assert next(one for one in found if one.rule.id == "HR-1").level is Level.BLOCK


@pytest.mark.parametrize("denies", [True, False])
def test_hr_1_believes_what_a_paper_states_of_the_right_whatever_its_words(denies):
    """A county words its form as it likes; the statement says what was chosen."""
    story = noticed(right=True)
    facts = {"penalties": (PenaltyKind.REVOCATION,), "fine": 0, "denies_hearing": denies}
    words = "无权要求听证" if denies else "本案不属于听证范围"
    content = commit([Piece("hearing", words)], [bytes(16)], "penalty_decision", 1)
    expected = Level.BLOCK if denies else Level.PASS
    assert level("HR-1", ordinary(**facts), story, content=content) is expected
    notice = yunxi.issue(DocumentKind.PRIOR_NOTICE, intended=ordinary(**facts))
    found = judge(notice, noticed().state(), REFERENCE, notice.at, content=content)
    answer = next(one for one in found if one.rule.id == "HR-1")
    assert (answer.level is Level.BLOCK) is denies


def test_hr_2_leaves_the_fifth_day_to_the_party_and_says_so():
    """APL 64: within five working days; the words take the last of them in, as the count does."""
    story = noticed(right=True)
    answer = ask(GRAVE, story, FIFTH)["HR-2"]
    assert answer.level is Level.BLOCK
    assert "到2026年11月25日（含当日）都可以要求听证" in answer.zh


@pytest.mark.parametrize(
    ("told", "fine", "expected"),
    [
        (50_000, 50_000, Level.PASS),
        (50_000, 50_001, Level.WARN),
        (None, 50_001, None),
    ],
)
def test_rt_3_holds_a_decision_on_the_spot_to_the_amount_that_the_party_was_told(
    told, fine, expected
):
    """APL 44, 45: it is told the content, and nothing heavier follows. Older records told it in
    words alone."""
    story = yunxi.whole_inspection()
    story.records = story.records[:5]
    spot = {"procedure": Procedure.SUMMARY, "remedy": RemedyRoute.RECONSIDER_FIRST}
    intended = UNSET if told is None else ordinary(told, **spot)
    heard = story.tell(yunxi.hear(intended=intended))
    decided = ordinary(fine, heard=heard.id, **spot)
    proposed = yunxi.issue(DocumentKind.SPOT_DECISION, decision=decided)
    found = judge(proposed, story.state(), REFERENCE, proposed.at)
    answer = next((one for one in found if one.rule.id == "RT-3"), None)
    assert (answer and answer.level) is expected


# ── RT-1: noticed and heard ──────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("facts", "expected", "fix"),
    [
        ({}, Level.PASS, None),
        ({"notice": False}, Level.BLOCK, "paper.prior_notice"),
        ({"served": False}, Level.BLOCK, "serve.prior_notice"),
        ({"heard": False}, Level.BLOCK, "hear_party"),
    ],
)
def test_rt_1_wants_a_served_notice_and_a_hearing(facts, expected, fix):
    """A decision of the ordinary procedure waits for both, and says which is missing."""
    answer = ask(ordinary(), noticed(**facts))["RT-1"]
    assert (answer.level, answer.fix) == (expected, fix)


@pytest.mark.parametrize(
    ("on", "expected"),
    [(NOTICED, Level.BLOCK), (FIFTH, Level.BLOCK), (date(2026, 11, 26), Level.PASS)],
)
def test_rt_1_leaves_a_silent_party_its_days(on, expected):
    """The fifth working day is still the party's; after it the silence counts."""
    assert level("RT-1", ordinary(), noticed(heard=False), on) is expected


def test_rt_1_counts_an_announced_notice_from_the_thirtieth_day():
    """A notice by announcement counts as served after 30 days (CPL 95)."""
    story = noticed(served=False, heard=False)
    told = story.state().documents[-1].issued
    story.tell(yunxi.serve(told, method=ServiceMethod.ANNOUNCEMENT))
    assert level("RT-1", ordinary(), story, date(2026, 12, 25)) is Level.BLOCK
    assert level("RT-1", ordinary(), story, date(2026, 12, 28)) is Level.PASS


def test_rt_1_wants_the_defence_answered():
    """A hearing without a reply is none."""
    story = noticed(heard=False)
    taken = story.tell(yunxi.hear(reply=""))
    assert level("RT-1", ordinary(heard=taken.id), story) is Level.BLOCK


def test_a_notice_and_a_penalty_are_drafted_freely():
    """A draft is judged and rendered; only issuing is blocked."""
    story = noticed(notice=False, heard=False)
    draft = ask(ordinary(), story, draft=True)
    assert draft["RT-1"].level is Level.BLOCK
    assert "SG-4" not in draft


# ── RT-3: no heavier than notified ───────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("fine", "penalties", "expected"),
    [
        (500_000, [PenaltyKind.FINE], Level.PASS),
        (499_999, [PenaltyKind.FINE], Level.PASS),
        (500_001, [PenaltyKind.FINE], Level.WARN),
        (500_000, [PenaltyKind.FINE, PenaltyKind.CONFISCATION], Level.WARN),
    ],
)
def test_rt_3_is_exact_to_the_fen(fine, penalties, expected):
    """One fen more than notified, or a kind more, is warned of."""
    assert level("RT-3", ordinary(fine, penalties), noticed()) is expected


def test_rt_3_is_silent_where_nothing_was_notified():
    """Without the intended penalty there is nothing to compare."""
    assert level("RT-3", ordinary(), noticed(notice=False)) is None


def test_rt_3_is_gone_against_with_a_reason():
    """The judgement becomes a note that holds the reason; an empty reason changes nothing."""
    heavier, story = ordinary(600_000), noticed()
    assert level("RT-3", heavier, story, reasons={"RT-3": " "}) is Level.WARN
    noted = ask(heavier, story, reasons={"RT-3": "新查明同类商品3种"})["RT-3"]
    assert noted.level is Level.RECORD
    assert "新查明同类商品3种" in noted.zh


def test_rt_1_does_not_say_that_whoever_waived_was_heard():
    """APL 62: who clearly waives was told, and that is what stands."""
    story = noticed(heard=False)
    said = story.tell(yunxi.hear(defence="", reply="", waived=True))
    answer = ask(ordinary(), story)["RT-1"]
    assert (answer.level, answer.zh) == (Level.PASS, "已告知，当事人明确放弃陈述、申辩。")
    waiver = judge(said.statement, story.state(), REFERENCE, said.statement.at)
    assert "明确放弃" in next(one.zh for one in waiver if one.rule.id == "RT-1")
    spot = ordinary(procedure=Procedure.SUMMARY, heard=said.id)
    decided = yunxi.issue(DocumentKind.SPOT_DECISION, decision=spot)
    found = judge(decided, story.state(), REFERENCE, decided.at)
    assert "明确放弃" in next(one.zh for one in found if one.rule.id == "RT-1")


def test_a_block_is_never_gone_against():
    """A reason for a rule that blocks is no reason."""
    story = noticed(notice=False)
    assert level("RT-1", ordinary(), story, reasons={"RT-1": "等不及"}) is Level.BLOCK


# ── HR-1, HR-2: the hearing ──────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("party_class", "fine", "expected"),
    [
        (PartyClass.ORGANISATION, 9_999_999, None),
        (PartyClass.ORGANISATION, 10_000_000, Level.BLOCK),
        (PartyClass.CITIZEN, 999_999, None),
        (PartyClass.CITIZEN, 1_000_000, Level.BLOCK),
        (PartyClass.SOLE_TRADER, 1_000_000, Level.BLOCK),
    ],
)
def test_hr_1_counts_from_the_amount_that_the_agency_sets(party_class, fine, expected):
    """At the amount itself the right to a hearing begins."""
    decision = ordinary(fine, party_class=party_class)
    assert level("HR-1", decision, noticed()) is expected


@pytest.mark.parametrize(
    "kind",
    [
        PenaltyKind.CONFISCATION,
        PenaltyKind.DOWNGRADE,
        PenaltyKind.RESTRICTION,
        PenaltyKind.SUSPENSION,
        PenaltyKind.CLOSURE,
        PenaltyKind.REVOCATION,
    ],
)
def test_hr_1_knows_the_kinds_of_the_law(kind):
    """APL 63 lists them, whatever the amount; a warning and a small fine are not among them."""
    grave = ordinary(0, [kind])
    answer = ask(grave, noticed())["HR-1"]
    assert (answer.level, answer.fix) == (Level.BLOCK, "paper.hearing_right_notice")
    unserved = ask(grave, noticed(right=True, right_served=False))["HR-1"]
    assert (unserved.level, unserved.fix) == (Level.BLOCK, "serve.hearing_right_notice")
    assert level("HR-1", grave, noticed(right=True)) is Level.PASS
    assert level("HR-1", ordinary(0, [PenaltyKind.WARNING]), noticed()) is None


def test_hr_1_reminds_when_the_notice_is_made():
    """A prior notice of a grave penalty leads to the hearing right notice, and is not stopped."""
    notice = yunxi.issue(DocumentKind.PRIOR_NOTICE, intended=ordinary(10_000_000))
    found = {one.rule.id: one for one in judge(notice, noticed(notice=False).state(), REFERENCE, 0)}
    assert (found["HR-1"].level, found["HR-1"].fix) == (
        Level.RECORD,
        "paper.hearing_right_notice",
    )


GRAVE = ordinary(10_000_000)


@pytest.mark.parametrize(
    ("on", "expected"),
    [(NOTICED, Level.BLOCK), (FIFTH, Level.BLOCK), (date(2026, 11, 26), Level.PASS)],
)
def test_hr_2_leaves_five_working_days(on, expected):
    """By the calendar: the weekend of 21 and 22 November does not count."""
    assert level("HR-2", GRAVE, noticed(right=True), on) is expected


@pytest.mark.parametrize(
    ("answers", "held", "expected"),
    [
        ([HearingAnswer.WAIVED], False, Level.PASS),
        ([HearingAnswer.REQUESTED], False, Level.BLOCK),
        ([HearingAnswer.REQUESTED, HearingAnswer.WITHDRAWN], False, Level.PASS),
        ([HearingAnswer.WAIVED, HearingAnswer.REQUESTED], False, Level.BLOCK),
        ([HearingAnswer.REQUESTED], True, Level.PASS),
    ],
)
def test_hr_2_heeds_what_the_party_says(answers, held, expected):
    """Waived: at once. Asked for: not before it was held, however many days pass."""
    story = noticed(right=True)
    notice = story.state().documents[-1].issued.id
    for answer in answers:
        story.tell(
            HearingAnswered(
                **yunxi.common(), notice=notice, answer=answer, act=yunxi.hand("周明禾", notice)
            )
        )
    if held:
        story.tell(
            HearingMinuted(
                **yunxi.common(),
                notice=notice,
                presider="罗静",
                held_on="2026-12-08",
                minutes=yunxi.blob("minutes"),
                opinion="维持",
            )
        )
    assert level("HR-2", GRAVE, story) is expected
    if answers == [HearingAnswer.REQUESTED] and not held:
        assert level("HR-2", GRAVE, story, date(2026, 12, 31)) is Level.BLOCK


def test_hr_2_does_not_guess_a_calendar():
    """Over the turn of a year that nobody announced yet the period cannot be counted."""
    story = noticed(right=True)
    ref = reference(years=[changed(CALENDAR_2026, year=2025, off=[], work=[])])
    answer = ask(GRAVE, story, date(2026, 11, 30), ref=ref)["HR-2"]
    assert answer.level is Level.BLOCK
    assert "节假日" in answer.zh


# ── LR: review, discussion, the head ─────────────────────────────────────────────────────


def request() -> ReviewRequested:
    return ReviewRequested(
        **yunxi.common(),
        draft=yunxi.blob("draft"),
        catalogue_item="罚没",
        review_unit="法规股",
        why="数额",
    )


def reviewed(story: yunxi.Story, *outcomes: ReviewOutcome | None) -> yunxi.Story:
    for outcome in outcomes:
        asked = story.tell(request())
        if outcome is not None:
            story.tell(
                OpinionGiven(**yunxi.common(), request=asked.id, outcome=outcome, opinion="同意")
            )
    return story


AGREE, PROBLEMS = ReviewOutcome.AGREE, ReviewOutcome.PROBLEMS


@pytest.mark.parametrize(
    ("outcomes", "lr_2", "lr_4"),
    [
        ([], Level.BLOCK, None),
        ([None], Level.BLOCK, None),
        ([AGREE], Level.PASS, Level.PASS),
        ([PROBLEMS], Level.PASS, Level.BLOCK),
        ([PROBLEMS, None], Level.PASS, Level.BLOCK),
        ([PROBLEMS, AGREE], Level.PASS, Level.PASS),
        ([AGREE, PROBLEMS], Level.PASS, Level.BLOCK),
    ],
)
def test_lr_2_and_lr_4_want_the_review_and_its_problems_answered(outcomes, lr_2, lr_4):
    """Every ordinary penalty is reviewed; found problems are answered and reviewed again."""
    story = reviewed(noticed(), *outcomes)
    assert level("LR-2", ordinary(), story) is lr_2
    assert level("LR-4", ordinary(), story) is lr_4


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [([], Level.BLOCK), ([PROBLEMS], Level.BLOCK), ([PROBLEMS, AGREE], Level.PASS)],
)
def test_lr_1_wants_an_opinion_that_agrees_for_grave_penalties(outcomes, expected):
    """Even where the agency does not review all of them."""
    ref = reference(parameters=Parameters(review_always=False))
    story = reviewed(noticed(right=True), *outcomes)
    assert level("LR-1", GRAVE, story, ref=ref) is expected
    assert level("LR-1", ordinary(), story, ref=ref) is None
    assert level("LR-2", GRAVE, story, ref=ref) is None


def made(discussed: bool, decision: Decision | None = None) -> DecisionMade:
    return DecisionMade(
        **yunxi.common(),
        decision=decision or ordinary(),
        text=yunxi.blob("text"),
        root="aa" * 32,
        segments=[],
        discussed=discussed,
        minutes=yunxi.blob("minutes") if discussed else None,
    )


def approved(subject: ApprovalSubject, granted: bool = True) -> ApprovalGiven:
    return ApprovalGiven(**yunxi.common(), subject=subject, granted=granted, reason="同意")


@pytest.mark.parametrize(
    ("said", "decision", "expected"),
    [
        ([], ordinary(), Level.BLOCK),
        ([approved(ApprovalSubject.DECISION)], ordinary(), Level.PASS),
        ([approved(ApprovalSubject.DECISION, granted=False)], ordinary(), Level.BLOCK),
        ([approved(ApprovalSubject.NOTICE)], ordinary(), Level.BLOCK),
        ([made(False)], ordinary(), Level.PASS),
        ([made(False)], GRAVE, Level.BLOCK),
        ([approved(ApprovalSubject.DECISION)], GRAVE, Level.BLOCK),
        ([made(True, GRAVE)], GRAVE, Level.PASS),
        ([made(True)], GRAVE, Level.BLOCK),
        ([made(True)], ordinary(500_001), Level.BLOCK),
        ([made(True)], ordinary(499_999), Level.BLOCK),
        ([changed(made(True, GRAVE), minutes=None)], GRAVE, Level.BLOCK),
        ([made(True, GRAVE), made(False, GRAVE)], GRAVE, Level.BLOCK),
    ],
)
def test_lr_6_wants_the_head_and_for_grave_ones_the_leaders(said, decision, expected):
    """APL 57: the head decides; what is grave the leaders discuss, with minutes. The paper says
    what the last decision says, to the fen."""
    assert level("LR-6", decision, with_office(noticed(right=True), *said)) is expected


def test_with_the_offices_part_done_an_ordinary_penalty_is_issued():
    """Noticed, heard, reviewed, decided: nothing blocks, and nothing of the spot is asked."""
    story = reviewed(noticed(), AGREE)
    story.tell(made(False))
    fresh = reference(issued_at=day_start(FIFTH))
    found = ask(ordinary(), story, FIFTH, ref=fresh, signers=tuple(yunxi.KEY.values()))
    assert [one for one in found.values() if one.level in (Level.BLOCK, Level.WARN)] == []
    assert not {"OS-1", "OS-2", "OS-3", "HR-1", "HR-2", "LR-1"} & set(found)


def test_the_rules_of_the_ordinary_procedure_leave_the_spot_alone():
    """A decision on the spot needs no notice, no review and no head."""
    story = yunxi.whole_inspection()
    before = CaseState(story.state().case, tuple(story.records[:6]))
    said = {one.rule.id for one in judge(story.records[6].statement, before, REFERENCE, 0)}
    assert not said & {"HR-1", "HR-2", "LR-1", "LR-2", "LR-4", "LR-6", "RT-3"}

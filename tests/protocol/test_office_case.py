"""What the office adds to a case: opening it, approvals, reviews, decisions, their end."""

from dataclasses import replace

import pytest

from protocol import statements
from protocol.case import case_of, fold
from protocol.rules import Level, judge
from protocol.statements import (
    ApprovalGiven,
    BlobRef,
    CaseOpened,
    DecisionMade,
    DecisionRevoked,
    DisclosureCorrected,
    DisclosureWithdrawn,
    FileRetrieved,
    FileSampled,
    MeasureTaken,
    OpinionGiven,
    Party,
    PropertyItem,
    RecordDestroyed,
    ReviewRequested,
    SignatureTaken,
    SignRefused,
    Unknown,
)
from protocol.timeline import tell
from protocol.vocabulary import (
    ApprovalSubject,
    CaseSource,
    Measure,
    PartyClass,
    ReviewOutcome,
    RevocationGround,
    Role,
    SampleResult,
    Step,
)
from tests.protocol import yunxi
from tests.protocol.vectors import load
from tests.protocol.yunxi import LU, MORNING, PUBLISHER, REFERENCE, REVIEWER, SHEN, SHOP

BODIES = load("statements")["good"]["kinds"]
BLOB = BlobRef(sha256="ab" * 32, size=9, media_type="application/json")
REFUSED = SignRefused(role=Role.PARTY, reason="对数额有异议", over="cd" * 32, at=MORNING)


def case_opened(**facts):
    kept = {
        "number": "云市监立〔2026〕41号",
        "cause": "未标明价格",
        "party": SHOP,
        "source": CaseSource.COMPLAINT,
        "handlers": [SHEN, LU, SHEN],
        "handling_unit": "综合行政执法大队",
    }
    return CaseOpened(**yunxi.common(), **(kept | facts))


def revoked(issued: str, **facts):
    kept = {
        "ground": RevocationGround.REVOKED,
        "authority": "云溪县人民政府",
        "reason": "主要事实不清",
        "effective_on": "2026-11-20",
    }
    return DecisionRevoked(**yunxi.common(), issued=issued, **(kept | facts))


def published_story():
    story = yunxi.whole_inspection()
    decision = story.state().decision
    assert decision is not None
    publication = story.tell(yunxi.publish(decision.issued), (PUBLISHER, REVIEWER))
    return story, decision.issued, publication


# ── what opens a case ────────────────────────────────────────────────────────────────────


def test_a_case_without_an_inspection_is_opened_by_its_own_record():
    """Its id is the record's, its officers are the handlers, and there is no inspection in it."""
    story = yunxi.Story()
    opened = story.tell(case_opened())
    state = story.state()
    assert case_of(opened) == opened.id == state.case == story.case
    assert state.opened_by is state.case_opening is opened
    assert state.opening is None
    assert state.officers == (SHEN, LU)
    assert state.timeline[0].zh == "已立案"


def test_a_case_opened_after_an_inspection_is_a_step_of_its_case():
    """The inspection's opening stays the one that opens."""
    story = yunxi.whole_inspection()
    inspection = story.case
    opened = story.tell(case_opened(inspection=inspection, source=CaseSource.INSPECTION))
    state = story.state()
    assert case_of(opened) == state.case == inspection
    assert state.opened_by is state.opening is story.records[0]
    assert state.case_opening is opened


@pytest.mark.parametrize("case", [None, "ab" * 32])
def test_only_two_kinds_open_a_case(case):
    opens = statements.opens_case(case_opened(case=case))
    assert opens is (case is None)
    assert statements.opens_case(yunxi.open_inspection())
    assert not statements.opens_case(yunxi.close())
    assert not statements.opens_case(Unknown(kind="hearing_held", **yunxi.common()))


def test_a_minor_is_never_published_of_a_case_without_an_inspection_either():
    """The party is the one of the record that opened the case."""
    minor = Party(
        name="某", party_class=PartyClass.CITIZEN, id_code="99012320081119002X", address="云溪县"
    )
    story = yunxi.Story()
    story.tell(case_opened(party=minor))
    decided = story.tell(yunxi.decide(party_class=PartyClass.CITIZEN, fine=100))
    assert judged(story, yunxi.publish(decided))["PB-4"].level is Level.BLOCK
    other = yunxi.decide(party_class=PartyClass.ORGANISATION, fine=100)
    assert judged(story, other)["OS-1"].level is Level.BLOCK


# ── what a state takes up ────────────────────────────────────────────────────────────────


def test_measures_hands_and_approvals_are_taken_up():
    """Each under its own name, in order."""
    story = yunxi.whole_inspection()
    approval = story.tell(
        ApprovalGiven(
            **yunxi.common(), subject=ApprovalSubject.MEASURE, granted=True, reason="情况紧急"
        )
    )
    measure = story.tell(
        MeasureTaken(
            **yunxi.common(),
            measure=Measure.SEIZE,
            approval=approval.id,
            urgent=True,
            basis="《行政强制法》第十九条",
            items=[PropertyItem(name="散装饼干", quantity="12.5", unit="千克")],
            from_on="2026-11-18",
            until_on="2026-12-18",
            party_act=REFUSED,
        )
    )
    hand = story.tell(
        SignatureTaken(**yunxi.common(), concerning=story.records[4].id, page=2, act=REFUSED)
    )
    state = story.state()
    assert (state.measures, state.signatures, state.approvals) == ((measure,), (hand,), (approval,))
    told = [(one.zh, one.detail_zh, one.step) for one in state.timeline[-3:]]
    assert told == [
        ("行政强制措施已批准", "情况紧急", None),
        (
            "已采取扣押（情况紧急）",
            "财物1项，2026年11月18日至2026年12月18日，当事人拒绝签名：对数额有异议",
            Step.MEASURE,
        ),
        ("当事人拒绝签名：对数额有异议", "现场检查笔录第2页", Step.RECORD),
    ]


def test_a_review_goes_with_its_opinions_and_the_last_one_counts():
    story = yunxi.whole_inspection()
    asked = story.tell(
        ReviewRequested(
            **yunxi.common(), draft=BLOB, catalogue_item="罚没5万元以上", review_unit="法规股",
            why="数额较大",
        )
    )  # fmt: skip
    assert story.state().reviews[0].opinion is None
    for outcome in (ReviewOutcome.PROBLEMS, ReviewOutcome.AGREE):
        story.tell(
            OpinionGiven(**yunxi.common(), request=asked.id, outcome=outcome, opinion="意见")
        )
    story.tell(
        OpinionGiven(
            **yunxi.common(), request="00" * 32, outcome=ReviewOutcome.AGREE, opinion="别案"
        )
    )
    (review,) = story.state().reviews
    assert [one.statement.outcome for one in review.opinions] == ["problems", "agree"]
    assert review.opinion is review.opinions[-1]


def test_what_befell_the_file_is_taken_up():
    story, _, _ = published_story()
    story.tell(FileRetrieved(**yunxi.common(), package="ab" * 32, by="方砚秋", purpose="执法监督"))
    story.tell(
        FileSampled(
            **yunxi.common(), package="ab" * 32, plan="上半年抽查", result=SampleResult.PASSED,
            remarks="卷面整洁",
        )
    )  # fmt: skip
    story.tell(
        RecordDestroyed(
            **yunxi.common(), records=["ab" * 32], blobs=[], appraisal=BLOB, ground="保管期满"
        )
    )
    state = story.state()
    assert [len(one) for one in (state.retrievals, state.samplings, state.destructions)] == [1] * 3
    assert [one.zh for one in state.timeline[-3:]] == [
        "案卷已调阅",
        "案卷抽查：合格",
        "记录已依法销毁",
    ]


# ── a decision that no longer stands ─────────────────────────────────────────────────────


def test_a_revoked_decision_shows_as_such_and_its_publication_is_to_be_withdrawn():
    story, decision, _ = published_story()
    assert not story.state().decision.withdrawal_due
    word = story.tell(revoked(decision.id))
    state = story.state()
    assert state.decision.revoked is word
    assert state.decision.withdrawal_due
    assert state.timeline[-1].zh == "当场行政处罚决定书依法撤销"
    story.tell(
        DisclosureWithdrawn(
            **yunxi.common(), issued=decision.id, reason="决定被撤销", clause="《行政处罚法》"
        )
    )
    assert not story.state().decision.withdrawal_due
    assert story.state().decision.revoked is word


def test_whoever_revokes_the_offices_decision_revokes_the_paper_that_bears_it():
    """Both commit to one text."""
    story, decision, _ = published_story()
    said = decision.statement
    made = story.tell(
        DecisionMade(
            **yunxi.common(), decision=said.decision, text=said.content, root=said.root,
            segments=said.segments,
        )
    )  # fmt: skip
    story.tell(revoked("00" * 32))
    assert story.state().decision.revoked is None
    word = story.tell(revoked(made.id))
    assert story.state().decision.revoked is word
    assert story.state().revocations == (story.records[-2], word)


def judged(story, statement, **more):
    signers = (PUBLISHER, REVIEWER)
    answers = judge(statement, story.state(), REFERENCE, MORNING, signers=signers, **more)
    return {one.rule.id: one for one in answers}


def test_a_revoked_decision_is_never_published_again():
    story = yunxi.whole_inspection()
    decision = story.state().decision.issued
    assert judged(story, yunxi.publish(decision))["PB-5"].level is Level.PASS
    story.tell(revoked(decision.id))
    answer = judged(story, yunxi.publish(decision))["PB-5"]
    assert answer.level is Level.BLOCK
    assert answer.zh == "决定自2026年11月20日起依法撤销（云溪县人民政府），不得公示。"
    assert answer.fix is None


def test_what_is_public_of_a_revoked_decision_is_due_within_three_working_days():
    """Counted from the day on which it stopped holding: Friday the 20th, so Wednesday."""
    story, decision, publication = published_story()
    story.tell(revoked(decision.id))
    correction = corrected(story, decision, publication)
    for proposed in (yunxi.publish(decision), correction):
        answer = judged(story, proposed)["PB-5"]
        assert answer.level is Level.BLOCK
        assert "已公示的最迟应在2026年11月25日（含当日）撤下并说明理由" in answer.zh
        assert answer.fix == "withdraw"


def test_that_withdrawal_is_due_holds_where_the_calendar_ends():
    story, decision, _ = published_story()
    story.tell(revoked(decision.id, effective_on="2031-01-02"))
    answer = judged(story, yunxi.publish(decision))["PB-5"]
    assert answer.level is Level.BLOCK
    assert answer.zh.endswith("，已公示的应当撤下并说明理由。")


# ── a publication corrected ──────────────────────────────────────────────────────────────


def corrected(story, decision, publication, **facts):
    first = publication.statement
    kept = {
        "issued": decision.id,
        "publication": publication.id,
        "title": "更正后的标题",
        "shown": first.shown,
        "masked": first.masked,
        "reason": "标题有误",
    }
    return DisclosureCorrected(**yunxi.common(), **(kept | facts))


def test_a_correction_shows_instead_of_what_was_published_first():
    """It stands or falls with its publication, and is judged like one."""
    story, decision, publication = published_story()
    assert story.state().decision.showing is publication
    proposed = corrected(story, decision, publication)
    assert judged(story, proposed)["PB-4"].level is Level.PASS
    one_less = corrected(story, decision, publication, shown=publication.statement.shown[1:])
    assert judged(story, one_less)["PB-4"].level is Level.BLOCK
    correction = story.tell(proposed, (PUBLISHER, REVIEWER))
    state = story.state()
    assert state.decision.published is publication
    assert state.decision.showing is correction
    again = story.tell(yunxi.publish(decision), (PUBLISHER, REVIEWER))
    assert story.state().decision.showing is again


def test_a_correction_of_another_publication_shows_nothing():
    story, decision, publication = published_story()
    story.tell(corrected(story, decision, replace(publication, hash=bytes(32))))
    assert story.state().decision.showing is publication


# ── words ────────────────────────────────────────────────────────────────────────────────


def test_every_kind_has_words_of_its_own_in_both_languages():
    """Nothing that this program knows is told as what it cannot read."""
    told = {kind: tell(statements.decode(body.encode())) for kind, body in BODIES.items()}
    assert len(told) == len(statements.KINDS)
    for words in told.values():
        assert "暂不能识读" not in words.zh
        assert words.zh
        assert words.en
        assert bool(words.detail_zh) == bool(words.detail_en)
    assert len({one.zh for one in told.values()}) == len(told)


def test_a_state_is_the_same_with_what_it_cannot_read_between():
    """Unknown kinds stand in the timeline and change nothing else."""
    story, _, _ = published_story()
    known = story.state()
    story.tell(Unknown(kind="hearing_held", **yunxi.common()))
    state = story.state()
    assert state.documents == known.documents
    assert state.timeline[-1].kind == "hearing_held"
    assert fold(reversed(state.records)) == state

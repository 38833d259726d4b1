"""What a judgement must not be fooled by: another's approval, another paper, a day set at will."""

from dataclasses import replace
from datetime import date

import pytest

from protocol.case import Record, fold
from protocol.parts import LATEST
from protocol.rules import Level, judge, retold, steps
from protocol.rules.days import told_on
from protocol.rules.measures import URGENT_MS
from protocol.statements import CaseOpened, HandedOver, HearingAnswered, HearingMinuted, Party
from protocol.vocabulary import (
    ApprovalSubject,
    CaseSource,
    DocumentKind,
    HearingAnswer,
    PartyClass,
    Procedure,
    ReviewOutcome,
    ServiceMethod,
)
from sync_server.office.archive import gate
from tests.protocol import yunxi
from tests.protocol.measured import (
    ATTESTED,
    BISCUITS,
    REFUSED,
    asked,
    begun,
    end,
    extend,
    granted,
    preserve,
    seize,
    task,
)
from tests.protocol.test_rules_ordinary import (
    FIFTH,
    GRAVE,
    NOTICED,
    ask,
    noticed,
    ordinary,
    penalty,
    reviewed,
)
from tests.protocol.yunxi import LU, MORNING, REFERENCE, SHEN, changed, officer, reference

NOW = MORNING + 3_600_000
THIRD = "00992304140"
THREE = reference(
    officers=[
        officer(SHEN, "沈知远"),
        officer(LU, "陆清和"),
        changed(officer(LU, "马立新"), cert_no=THIRD, credentials=[]),
    ]
)


def opened_case(acted_on, **facts) -> CaseOpened:
    kept = {
        "number": "云市监立〔2026〕1号",
        "cause": "标价",
        "party": yunxi.SHOP,
        "source": CaseSource.INSPECTION,
        "handlers": [SHEN, LU],
        "handling_unit": "综合行政执法大队",
        "acted_on": acted_on,
    }
    return CaseOpened(**yunxi.common(), **(kept | facts))


def answer(statement, rule_id, story, ref=REFERENCE, **more):
    found = [x for x in judge(statement, story.state(), ref, NOW, **more) if x.rule.id == rule_id]
    return found[0] if found else None


def level(statement, rule_id, story, ref=REFERENCE, **more):
    found = answer(statement, rule_id, story, ref, **more)
    return found.level if found else None


# ── who came after a hand-over ───────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("shown", "expected"),
    [((LU, THIRD), Level.PASS), ((THIRD,), Level.PASS), ((SHEN, THIRD), Level.BLOCK)],
)
def test_those_who_came_show_their_cards_though_another_left(shown, expected):
    """The card of who left was shown and stays on record; who left shows it no more."""
    story = begun()
    story.tell(HandedOver(**yunxi.common(), officers=[LU, THIRD], reason="交接班"))
    assert level(yunxi.show_cards(*shown), "ID-4", story, THREE) is expected


# ── approvals of something else ──────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "subject", [ApprovalSubject.RECUSAL, ApprovalSubject.INSPECTION, ApprovalSubject.MEASURE]
)
def test_an_approval_named_for_a_measure_is_one_of_measures(subject):
    """Granted, of this case, and for something else: it does not allow a seizure, nor does one
    for a seizure allow to preserve."""
    story = begun()
    given = granted(story, subject)
    allowed = subject is ApprovalSubject.MEASURE
    seized = level(seize(approval=given.id), "CM-1", story)
    assert seized is (Level.PASS if allowed else Level.BLOCK)
    assert level(preserve(approval=given.id), "DL-3", story) is Level.BLOCK


def test_an_approval_of_preserving_is_taken_by_its_record():
    """The right subject passes, named or not."""
    story = begun()
    given = granted(story, ApprovalSubject.PRESERVATION)
    assert level(preserve(approval=given.id), "DL-3", story) is Level.PASS
    assert level(preserve(), "DL-3", story) is Level.PASS


# ── days ─────────────────────────────────────────────────────────────────────────────────


def test_a_term_does_not_begin_after_the_day_of_the_measure():
    """Thirty days and seven working days run from the day of the act, however late the paper
    says that they begin."""
    story = begun()
    granted(story, ApprovalSubject.MEASURE)
    granted(story, ApprovalSubject.PRESERVATION)
    assert level(seize(from_on="2026-12-18", until_on="2027-01-17"), "DL-4", story) is Level.BLOCK
    late = preserve(from_on="2026-11-27", until_on="2026-12-08")
    assert level(late, "DL-3", story) is Level.BLOCK


@pytest.mark.parametrize(
    ("day", "expected"), [("2026-12-18", Level.PASS), ("2026-12-19", Level.BLOCK)]
)
def test_a_term_that_ended_is_not_extended(day, expected):
    """On its last day it may still be; after it the property goes back (ACL 27)."""
    story = begun()
    granted(story, ApprovalSubject.MEASURE)
    taken = story.tell(seize())
    given = granted(story, ApprovalSubject.MEASURE_EXTENSION)
    late = extend(taken.id, given.id, "2027-01-10")
    shift = (int(day[-2:]) + 12) * 86_400_000  # days after 18 November
    assert level(changed(late, at=MORNING + shift), "DL-4", story) is expected


def test_what_was_given_back_is_not_extended():
    """There is no term left; what was given back in part is still held for the rest."""
    story = begun()
    granted(story, ApprovalSubject.MEASURE)
    taken = story.tell(seize())
    given = granted(story, ApprovalSubject.MEASURE_EXTENSION)
    story.tell(end(taken.id, "2026-11-20", items=[BISCUITS]))
    assert level(extend(taken.id, given.id, "2027-01-10"), "DL-4", story) is Level.PASS
    story.tell(end(taken.id, "2026-11-20"))
    assert level(extend(taken.id, given.id, "2027-01-10"), "DL-4", story) is Level.BLOCK


@pytest.mark.parametrize("through_a_request", [True, False])
def test_the_approval_to_extend_one_measure_extends_no_other(through_a_request):
    """Whether the head named the measure or the request about it."""
    story = begun()
    granted(story, ApprovalSubject.MEASURE)
    first, second = story.tell(seize()), story.tell(seize())
    about = first.id
    if through_a_request:
        about = asked(story, ApprovalSubject.MEASURE_EXTENSION, concerning=first.id).id
    given = granted(story, ApprovalSubject.MEASURE_EXTENSION, concerning=about)
    assert level(extend(first.id, given.id, "2027-01-10"), "DL-4", story) is Level.PASS
    assert level(extend(second.id, given.id, "2027-01-10"), "DL-4", story) is Level.BLOCK


def test_an_approval_for_the_case_extends_one_measure():
    """It is used up by the first."""
    story = begun()
    granted(story, ApprovalSubject.MEASURE)
    first, second = story.tell(seize()), story.tell(seize())
    given = granted(story, ApprovalSubject.MEASURE_EXTENSION)
    assert level(extend(second.id, given.id, "2027-01-10"), "DL-4", story) is Level.PASS
    story.tell(extend(first.id, given.id, "2027-01-10"))
    assert level(extend(second.id, given.id, "2027-01-10"), "DL-4", story) is Level.BLOCK


def test_what_is_preserved_is_not_extended():
    """APL 56 gives seven working days and no more."""
    story = begun()
    granted(story, ApprovalSubject.PRESERVATION)
    taken = story.tell(preserve())
    given = granted(story, ApprovalSubject.MEASURE_EXTENSION)
    assert level(extend(taken.id, given.id, "2026-12-20"), "DL-3", story) is Level.BLOCK


# ── 24 hours ─────────────────────────────────────────────────────────────────────────────


def test_an_urgent_measure_that_nobody_reported_is_not_called_reported():
    """At the end of the inspection, within the 24 hours: still to be reported, and noted so."""
    story = begun()
    story.tell(seize(urgent=True))
    said = answer(yunxi.close(), "CM-2", story)
    assert said.level is Level.RECORD
    assert "还没有报告" in said.zh


def test_each_urgent_measure_is_reported():
    """A report of the first one does not cover one taken later."""
    story = begun()
    story.tell(seize(urgent=True))
    asked(story, ApprovalSubject.MEASURE, urgent=True)
    second = story.tell(seize(urgent=True))
    late = changed(yunxi.close(), at=second.statement.at + URGENT_MS + 1)
    assert level(late, "CM-2", story) is Level.WARN
    asked(story, ApprovalSubject.MEASURE, urgent=True)
    assert level(late, "CM-2", story) is Level.PASS


# ── the paper and what it decides ────────────────────────────────────────────────────────


def test_a_penalty_decision_without_a_penalty_of_its_procedure_is_not_issued():
    """Whatever it is called, the notice, the review and the head are not gone around."""
    story = noticed(notice=False, heard=False)
    nothing = yunxi.issue(DocumentKind.PENALTY_DECISION, decision=None)
    spot = penalty(ordinary(procedure=Procedure.SUMMARY))
    assert level(nothing, "RT-1", story) is Level.BLOCK
    assert level(spot, "OS-1", story) is Level.BLOCK


def test_a_penalty_on_the_spot_stands_in_its_own_form():
    """A fine above the ceiling is not decided by another paper."""
    story = begun()
    heard = story.tell(yunxi.hear())
    decision = ordinary(9_000_000, procedure=Procedure.SUMMARY, heard=heard.id)
    for kind in (DocumentKind.CORRECTION_ORDER, DocumentKind.RESULT_NOTICE):
        assert level(yunxi.issue(kind, decision=decision), "OS-1", story) is Level.BLOCK
    assert level(yunxi.issue(DocumentKind.RESULT_NOTICE), "OS-1", story) is None


# ── heard, after the notice ──────────────────────────────────────────────────────────────


def test_what_was_said_before_the_notice_is_no_answer_to_it():
    """The party has its days from the notice on; after them the silence counts."""
    story = noticed(notice=False)
    told = story.tell(yunxi.issue(DocumentKind.PRIOR_NOTICE, intended=ordinary()))
    story.tell(yunxi.serve(told))
    assert ask(ordinary(), story)["RT-1"].level is Level.BLOCK
    assert ask(ordinary(), story, FIFTH.replace(day=26))["RT-1"].level is Level.PASS
    story.tell(yunxi.hear())
    assert ask(ordinary(), story)["RT-1"].level is Level.PASS


# ── the hearing ──────────────────────────────────────────────────────────────────────────


def wanted(story: yunxi.Story) -> str:
    notice = story.state().documents[-1].issued.id
    story.tell(
        HearingAnswered(
            **yunxi.common(),
            notice=notice,
            answer=HearingAnswer.REQUESTED,
            act=yunxi.hand("周明禾", notice),
        )
    )
    return notice


def held(story: yunxi.Story, notice: str) -> None:
    story.tell(
        HearingMinuted(
            **yunxi.common(),
            notice=notice,
            presider="罗静",
            held_on="2026-12-08",
            minutes=yunxi.blob("minutes"),
            opinion="减轻",
        )
    )


def test_a_hearing_that_was_asked_for_is_held_though_the_fine_is_made_smaller():
    """APL 63: the right is in what was intended; a fen below the amount does not take it away."""
    story = noticed(right=True, intended=10_000_000)
    lighter = ordinary(9_999_999)
    assert "HR-2" not in ask(lighter, story)
    notice = wanted(story)
    assert ask(lighter, story)["HR-2"].level is Level.BLOCK
    held(story, notice)
    assert ask(lighter, story)["HR-2"].level is Level.PASS


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [(ReviewOutcome.PROBLEMS, Level.BLOCK), (ReviewOutcome.AGREE, Level.PASS)],
)
def test_after_a_hearing_the_review_agrees_whatever_the_amount(outcome, expected):
    """APL 58 (2): major rights after a hearing."""
    story = noticed(right=True, intended=10_000_000)
    held(story, wanted(story))
    assert ask(ordinary(), reviewed(story, outcome))["LR-1"].level is expected


def test_the_minutes_of_another_hearing_are_none_of_this_notice():
    """They name the notice that told of the right."""
    story = noticed(right=True)
    wanted(story)
    held(story, "aa" * 32)
    assert ask(GRAVE, story, NOTICED)["HR-2"].level is Level.BLOCK


# ── service ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("received", "expected"),
    [(None, None), (REFUSED, Level.BLOCK), (ATTESTED, Level.BLOCK)],
)
def test_electronic_service_wants_the_partys_own_consent(received, expected):
    """APL 61, CPL 90: signed for, or it is no service; no witness stands in for it."""
    story = begun()
    paper = story.tell(yunxi.issue(DocumentKind.CORRECTION_ORDER))
    served = yunxi.serve(paper, method=ServiceMethod.ELECTRONIC)
    if received is not None:
        served = changed(served, received=received)
    assert level(served, "SG-3", story) is expected


# ── minors ───────────────────────────────────────────────────────────────────────────────


def test_the_age_that_counts_is_that_on_the_day_of_the_act():
    """APL 30: who was 13 then is not punished at 14."""
    child = Party(
        name="某某",
        party_class=PartyClass.CITIZEN,
        id_code="990123201211200011",
        address="云溪县",
    )
    story = yunxi.Story()
    for one in (yunxi.open_inspection(party=child), yunxi.show_cards(), yunxi.notify_rights()):
        story.tell(one)
    heard = story.tell(yunxi.hear())
    decided = changed(yunxi.decide(heard=heard.id), at=MORNING + 5 * 86_400_000)
    assert level(decided, "MI-1", story) is Level.RECORD
    story.tell(opened_case("2026-11-01", party=child, inspection=story.case))
    assert level(decided, "MI-1", story) is Level.BLOCK


# ── the task, the file, a case retold ────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, Level.PASS),
        ({"party": changed(yunxi.SHOP, name="禾穗食品公司")}, Level.PASS),
        ({"party": changed(yunxi.SHOP, id_code="")}, Level.PASS),
        ({"party": changed(yunxi.SHOP, id_code="91350100M000100Y43")}, Level.BLOCK),
    ],
)
def test_a_task_for_another_party_is_no_approval_of_this_inspection(facts, expected):
    """IN-1: the head approved the party and the item that the task names."""
    opening = yunxi.open_inspection(task="aa" * 32, **facts)
    found = {one.rule.id: one for one in judge(opening, None, REFERENCE, NOW, task=task(0, 2))}
    assert found["IN-1"].level is expected
    other = judge(opening, None, REFERENCE, NOW, task=task(0, 2, item="XX-1"))
    assert next(one for one in other if one.rule.id == "IN-1").level is Level.BLOCK


@pytest.mark.parametrize(("notice", "expected"), [(True, Level.PASS), (False, Level.BLOCK)])
def test_a_file_is_whole_though_the_party_kept_silent(notice, expected):
    """AR-1: by the ordinary procedure the served notice and its days stand for the hearing."""
    story = noticed(notice=notice, heard=False)
    issued = story.tell(penalty(ordinary()))
    story.tell(yunxi.serve(issued))
    story.tell(yunxi.close())
    state = story.state()
    assert level(yunxi.archive(state), "AR-1", story) is expected
    shown = next(one for one in gate(state, set()) if "陈述申辩" in one.zh)
    assert shown.ok is notice


def test_a_newer_roster_says_nothing_of_how_old_the_one_of_that_day_was():
    """ID-7 is asked when the act is done; told again, it accuses nobody of a wrong clock."""
    story = yunxi.whole_inspection()
    later = reference(issued_at=MORNING + 30 * 86_400_000)
    assert not [one for _, one in retold(story.state(), later) if one.rule.id == "ID-7"]
    assert [one for _, one in retold(story.state(), REFERENCE) if one.rule.id == "ID-7"]


@pytest.mark.parametrize(("heard_at", "expected"), [(0, Level.BLOCK), (600_000, Level.PASS)])
def test_an_approval_that_a_slow_tablet_had_pulled_counts_when_the_case_is_retold(
    heard_at, expected
):
    """Its clock said less than the office's; the server's time in its link tells the order."""
    story, office = begun(), yunxi.Story(journal=b"O" * 16)
    office.case, taken = story.case, story.tell(seize())
    given = granted(office, ApprovalSubject.MEASURE)
    stated = taken.statement.at + 60_000
    given = replace(given, statement=changed(given.statement, at=stated))
    link = taken.link._replace(server_at=taken.statement.at + heard_at)
    state = fold([*story.records[:-1], replace(taken, link=link), given])
    said = {one.rule.id: one for record, one in retold(state, REFERENCE) if record.id == taken.id}
    assert said["CM-1"].level is expected


# ── the end of time ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "statement",
    [
        seize(from_on="9999-12-31", until_on="9999-12-31", urgent=True),
        preserve(from_on="9999-12-31"),
        opened_case("9999-01-01"),
        yunxi.hear(),
    ],
)
def test_a_judgement_is_an_answer_to_the_last_day_there_is(statement):
    """A record may claim any day up to the year 9999: it is judged, not stumbled over."""
    story = begun()
    granted(story, ApprovalSubject.MEASURE)
    granted(story, ApprovalSubject.PRESERVATION)
    last = changed(statement, at=LATEST)
    assert judge(last, story.state(), REFERENCE, NOW)
    held = story.tell(seize(until_on="9999-12-31", urgent=True))
    allowed = granted(story, ApprovalSubject.MEASURE_EXTENSION)
    longer = extend(held.id, allowed.id, "9999-12-31")
    assert level(longer, "DL-4", story) is Level.PASS
    late = Record(held.hash, changed(held.statement, at=LATEST), held.signers, held.link)
    records = [late if one is held else one for one in story.records]
    assert steps(fold(records), REFERENCE, NOW)


def test_an_announcement_at_the_end_of_time_is_judged():
    """Its thirty days end with the last day there is."""
    story = noticed(served=False, heard=False)
    told = story.state().documents[-1].issued
    served = yunxi.serve(told, method=ServiceMethod.ANNOUNCEMENT)
    assert told_on(changed(served, at=LATEST)) == date.max

"""The next step is the one that the law asks for, until the inspection is closed."""

import pytest

from protocol.case import CaseState
from protocol.rules import missing, steps
from protocol.rules.wording import WORDS
from protocol.vocabulary import ApprovalSubject, DocumentKind, Outcome, Step
from tests.protocol import yunxi
from tests.protocol.measured import (
    BISCUITS,
    asked,
    begun,
    end,
    granted,
    preserve,
    recusal,
    seize,
    seizure_paper,
    task,
    whole_video,
)
from tests.protocol.yunxi import REFERENCE, changed, reference

NOW = yunxi.MORNING + 3_600_000
KEYS = ["identity", "rights", "evidence", "record", "statement", "decision", "service", "close"]


def told(count: int) -> CaseState:
    story = yunxi.whole_inspection()
    story.records = story.records[:count]
    return story.state()


@pytest.mark.parametrize("count", range(1, 9))
def test_each_record_leads_to_the_next_step(count):
    """After each record of the story the next step is the following one."""
    left = missing(told(count), REFERENCE, NOW)
    assert [step.key for step in left] == KEYS[count - 1 :]


def test_nothing_is_asked_before_and_after():
    """No step before the opening, none after the end."""
    assert steps(CaseState("aa" * 32), REFERENCE, NOW) == []
    assert missing(told(9), REFERENCE, NOW) == []
    assert [step.done for step in steps(told(9), REFERENCE, NOW)] == [True] * 8


def test_a_penalty_is_required_only_once_begun():
    """Without a hearing, deciding and serving are offered; afterwards they are asked for."""
    required = {step.key: step.required for step in steps(told(5), REFERENCE, NOW)}
    assert not required["decision"]
    assert required["record"]
    begun = {step.key: step.required for step in steps(told(6), REFERENCE, NOW)}
    assert begun["decision"]
    assert begun["service"]


def test_an_inspection_without_a_finding_ends_without_a_decision():
    """Closed as without problem, nothing is left to do."""
    story = yunxi.whole_inspection()
    story.records = story.records[:5]
    story.tell(yunxi.close(Outcome.NO_PROBLEM))
    assert missing(story.state(), REFERENCE, NOW) == []


def test_one_card_shown_names_the_other_officer():
    """While one officer's card is still to be shown, the step says whose."""
    story = yunxi.Story()
    story.tell(yunxi.open_inspection())
    story.tell(yunxi.show_cards(yunxi.SHEN))
    step = missing(story.state(), REFERENCE, NOW)[0]
    assert step.key == "identity"
    assert step.detail_zh == "还差陆清和出示证件。"


def test_an_old_roster_is_said_before_the_cards_are_shown():
    """The first step says that cards will read unknown, and that work may go on."""
    old = reference(issued_at=NOW - 25 * 3_600_000)
    assert "未知" in missing(told(1), old, NOW)[0].detail_zh


def test_every_step_has_words_and_a_clause():
    """Both languages and both forms of the clause, for each step."""
    for step in steps(told(1), REFERENCE, NOW):
        assert all((step.word_zh, step.word_en, step.zh, step.en, step.detail_zh, step.detail_en))
        assert step.clause.startswith("《")
        assert step.clause_en.startswith("APL")


# ── what is asked for once it is begun ───────────────────────────────────────────────────


def keys(story: yunxi.Story) -> list[str]:
    return [step.key for step in steps(story.state(), REFERENCE, NOW)]


def open_keys(story: yunxi.Story) -> list[str]:
    return [step.key for step in missing(story.state(), REFERENCE, NOW)]


MEASURE_KEYS = [
    "measure.approval",
    "measure.cards",
    "measure.taken",
    "measure.recorded",
    "measure.paper",
    "measure.served",
]


def test_a_measure_is_asked_for_step_by_step_once_it_is_begun():
    """ACL 18 and 24: approval, cards, the act, its recording, its papers, their service."""
    story = begun()
    assert not [key for key in keys(story) if key.startswith("measure")]
    asked(story, ApprovalSubject.MEASURE)
    assert keys(story)[3:9] == MEASURE_KEYS
    granted(story, ApprovalSubject.MEASURE)
    story.tell(changed(yunxi.show_cards(), step=Step.MEASURE))
    assert open_keys(story)[1:5] == MEASURE_KEYS[2:]
    story.tell(seize())
    story.tell(whole_video())
    paper = story.tell(seizure_paper())
    assert [key for key in open_keys(story) if key.startswith("measure")] == ["measure.served"]
    story.tell(yunxi.serve(paper))
    assert [key for key in open_keys(story) if key.startswith("measure")] == []
    assert open_keys(story)[-1] == "outcome.measure"


def test_property_is_asked_for_until_it_is_settled_even_after_the_end():
    """DL-4: its last day stands at the step; what was settled in part is still open."""
    story = begun()
    two = seize(urgent=True, items=[BISCUITS, BISCUITS])
    taken = story.tell(two)
    story.tell(yunxi.close(Outcome.CASE_TO_OPEN))
    (approval, outcome) = missing(story.state(), REFERENCE, NOW)
    assert (approval.key, approval.due) == ("measure.approval", "2026-11-19")
    assert (outcome.key, outcome.due, outcome.screen) == (
        "outcome.measure",
        "2026-12-18",
        "measure",
    )
    story.tell(end(taken.id, "2026-11-30", items=[BISCUITS]))
    assert "outcome.measure" in open_keys(story)
    story.tell(end(taken.id, "2026-12-01", items=[BISCUITS]))
    assert open_keys(story) == ["measure.approval"]
    granted(story, ApprovalSubject.MEASURE)
    assert open_keys(story) == []


def test_preserved_evidence_is_due_on_the_seventh_working_day():
    """APL 56; the notice and its service are asked for with it."""
    story = begun()
    granted(story, ApprovalSubject.PRESERVATION)
    story.tell(preserve(until_on=None))
    left = {step.key: step for step in missing(story.state(), REFERENCE, NOW)}
    assert left["outcome.preservation"].due == "2026-11-27"
    assert left["preservation.paper"].screen == "paper.preservation_notice"
    notice = story.tell(yunxi.issue(DocumentKind.PRESERVATION_NOTICE))
    story.tell(yunxi.serve(notice))
    assert "preservation.served" not in open_keys(story)


def test_the_ordinary_procedure_takes_the_place_of_the_spot():
    """Once a notice is issued, the decision is the office's and asks for nothing here."""
    story = begun()
    notice = story.tell(yunxi.issue(DocumentKind.PRIOR_NOTICE))
    right = story.tell(yunxi.issue(DocumentKind.HEARING_RIGHT_NOTICE))
    left = {step.key: step for step in missing(story.state(), REFERENCE, NOW)}
    assert left["notice.served"].screen == "serve.prior_notice"
    assert left["hearing.served"].required
    assert not left["decision"].required
    assert left["decision"].screen == "paper.penalty_decision"
    story.tell(yunxi.serve(notice))
    story.tell(yunxi.serve(right))
    assert not {"notice.served", "hearing.served"} & set(open_keys(story))


def test_a_decision_on_the_spot_after_a_notice_is_the_decision_and_its_service():
    """APL 51: what was noticed first and decided on the spot is not left open by the notice."""
    story = begun()
    story.tell(yunxi.issue(DocumentKind.PRIOR_NOTICE))
    heard = story.tell(yunxi.hear())
    decided = story.tell(yunxi.decide(heard=heard.id))
    left = {step.key: step for step in missing(story.state(), REFERENCE, NOW)}
    assert "decision" not in left
    assert left["service"].screen == "serve.spot_decision"
    assert not left["notice.served"].required
    story.tell(yunxi.serve(decided))
    assert "service" not in open_keys(story)


def test_a_notice_after_a_decision_on_the_spot_is_still_to_be_served():
    """The heavier matter that was found afterwards takes the ordinary procedure."""
    story = begun()
    heard = story.tell(yunxi.hear())
    story.tell(yunxi.serve(story.tell(yunxi.decide(heard=heard.id))))
    story.tell(yunxi.issue(DocumentKind.PRIOR_NOTICE))
    left = {step.key: step for step in missing(story.state(), REFERENCE, NOW)}
    assert left["notice.served"].required


def test_an_order_to_correct_leads_to_service_result_and_re_check():
    """The re-check is the office's task; once it is assigned nothing is left of it."""
    story = begun()
    order = story.tell(yunxi.issue(DocumentKind.CORRECTION_ORDER))
    assert {"correction.served", "result", "recheck"} <= set(open_keys(story))
    story.tell(yunxi.serve(order))
    result = story.tell(yunxi.issue(DocumentKind.RESULT_NOTICE))
    story.tell(yunxi.serve(result))
    story.tell(yunxi.close(Outcome.CORRECTED))
    assert open_keys(story) == ["recheck"]
    story.tell(task(0, 0, recheck_of=story.case))
    assert open_keys(story) == []


def test_an_urgent_inspection_asks_for_its_approval_until_it_is_there():
    """54号: also after the end."""
    ref = REFERENCE
    story = yunxi.Story()
    story.tell(yunxi.open_inspection(urgent=True))
    story.tell(yunxi.close(Outcome.NO_PROBLEM))
    (step,) = missing(story.state(), ref, NOW)
    assert (step.key, step.screen) == ("approval", "approval")
    asked(story, ApprovalSubject.INSPECTION, urgent=True)
    (step,) = missing(story.state(), ref, NOW)
    assert "已报批" in step.detail_zh
    granted(story, ApprovalSubject.INSPECTION, afterwards=True)
    assert missing(story.state(), ref, NOW) == []


def test_a_wish_for_recusal_waits_for_the_head():
    """APL 43: shown, not required, until it is decided."""
    story = begun()
    wish = story.tell(recusal(yunxi.SHEN))
    step = next(x for x in missing(story.state(), REFERENCE, NOW) if x.key == "recusal")
    assert not step.required
    granted(story, ApprovalSubject.RECUSAL, concerning=wish.id, granted=False)
    assert "recusal" not in open_keys(story)


def test_every_step_that_is_begun_has_words_and_a_clause():
    """Both languages and both forms of the clause."""
    for words in WORDS.values():
        assert all(words)
        assert words.clause.startswith(("《", "国办发"))

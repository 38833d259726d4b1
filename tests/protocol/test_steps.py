"""The next step is the one that the law asks for, until the inspection is closed."""

import pytest

from protocol.case import CaseState
from protocol.rules import missing, steps
from protocol.vocabulary import Outcome
from tests.protocol import yunxi
from tests.protocol.yunxi import REFERENCE, reference

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

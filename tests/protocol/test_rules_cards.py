"""ID-4: the card is shown before the first question, and anew for a measure and on another day."""

from dataclasses import replace

import pytest

from protocol.rules import Level, cards, judge, missing, steps
from protocol.vocabulary import DocumentKind, Measure, ServiceMethod, Step
from tests.protocol import yunxi
from tests.protocol.measured import begun, preserve, seize
from tests.protocol.yunxi import LU, MORNING, REFERENCE, SHEN, changed

DAY_MS = 24 * 3_600_000
NEXT = MORNING + DAY_MS


def id_4(statement, story: yunxi.Story):
    judged = judge(statement, story.state(), REFERENCE, statement.at)
    return next((one for one in judged if one.rule.id == "ID-4"), None)


class Days(yunxi.Story):
    """A story that may go on on the next day."""

    days = 0

    @property
    def now(self) -> int:
        return super().now + self.days * DAY_MS


def of(story: yunxi.Story, count: int | None = None) -> Days:
    found = Days(story.journal)
    found.head, found.case = story.head, story.case
    found.records = story.records[:count]
    return found


def next_day(story: Days, statement) -> None:
    story.days = 1
    story.tell(statement)


def later(statement, at: int = NEXT):
    return changed(statement, at=at)


def decided() -> Days:
    return of(yunxi.whole_inspection(), 7)


def serving(story: yunxi.Story, **facts):
    return changed(yunxi.serve(story.records[6]), **facts)


def test_a_paper_that_is_served_on_another_day_asks_for_the_card_with_the_clause_of_that():
    """On the day of the showing nothing is asked; on the next whoever serves is warned."""
    story = decided()
    assert id_4(serving(story, at=MORNING + 900_000), story) is None
    found = id_4(serving(story, at=NEXT), story)
    assert (found.level, found.fix) == (Level.WARN, "show_cards")
    assert found.zh == "2026年11月19日没有沈知远、陆清和出示证件的记录。请先出示，再送达。"
    assert found.clause == "国办发〔2018〕118号"
    next_day(story, yunxi.show_cards())
    assert id_4(serving(story, at=NEXT + 60_000), story) is None


def test_an_officer_who_serves_alone_is_asked_for_his_own_card():
    """One may serve, whose signature says who it is; the other's card is not asked for."""
    story = decided()
    next_day(story, yunxi.show_cards(SHEN))
    served, state = serving(story, at=NEXT + 60_000), story.state()
    alone = judge(served, state, REFERENCE, NEXT, signers=(yunxi.KEY[SHEN],))
    assert not [one for one in alone if one.rule.id == "ID-4"]
    other = judge(served, state, REFERENCE, NEXT, signers=(yunxi.KEY[LU],))
    assert [one.zh for one in other if one.rule.id == "ID-4"] == [
        "2026年11月19日没有陆清和出示证件的记录。请先出示，再送达。"
    ]


@pytest.mark.parametrize("method", [one for one in ServiceMethod if one.value != "personal"])
def test_only_who_hands_it_over_or_leaves_it_meets_somebody(method: ServiceMethod):
    """What goes by post, by others, by wire or by announcement shows nobody a card."""
    story = decided()
    found = id_4(serving(story, at=NEXT, method=method), story)
    assert (found is not None) == (method is ServiceMethod.LEAVING)


def test_evidence_of_another_day_asks_for_the_card_by_the_day_it_was_recorded_on():
    """A clip that is imported a day later is of the day on which it was made."""
    story = begun()
    taken = yunxi.capture(began_at=NEXT, ended_at=NEXT + 1000)
    found = id_4(later(taken), story)
    assert (found.level, found.clause) == (Level.WARN, "国办发〔2018〕118号")
    assert "取证" in found.zh
    made = yunxi.capture(began_at=MORNING, ended_at=MORNING + 1000)
    assert id_4(later(made), story).level is Level.PASS
    cut = changed(taken, parent="ab" * 32)
    assert id_4(later(cut), story).level is Level.PASS, "a derivative was made at a desk"


def test_an_interview_on_another_day_asks_for_the_card_by_the_clause_of_interviews():
    """The record of one is judged by the day on which it is made; no other paper asks."""
    story = begun()
    asked = yunxi.issue(DocumentKind.INTERVIEW_RECORD)
    assert id_4(later(asked, MORNING + 900_000), story).level is Level.PASS
    found = id_4(later(asked), story)
    assert (found.level, found.clause) == (Level.WARN, "《行政处罚法》第五十五条第一款")
    assert found.zh == "2026年11月19日没有沈知远、陆清和出示证件的记录。请先出示，再询问。"
    notice = yunxi.issue(DocumentKind.RESULT_NOTICE)
    assert id_4(later(notice), story).level is Level.PASS
    shown = of(story)
    next_day(shown, yunxi.show_cards())
    assert id_4(later(asked, NEXT + 60_000), shown).level is Level.PASS


def test_each_coercive_measure_asks_for_a_showing_of_its_own():
    """ACL 18 at the second measure, too: what was shown for the first is used up by it."""
    story = begun()
    first = id_4(seize(), story)
    assert (first.level, first.clause) == (Level.WARN, "《行政强制法》第十八条")
    story.tell(changed(yunxi.show_cards(), step=Step.MEASURE))
    assert id_4(seize(), story).level is Level.PASS
    story.tell(seize())
    again = id_4(seize(measure=Measure.SEAL), story)
    assert again.level is Level.WARN
    assert again.zh.startswith("沈知远、陆清和还没有为这次措施出示证件")
    story.tell(changed(yunxi.show_cards(SHEN), step=Step.MEASURE))
    assert id_4(seize(measure=Measure.SEAL), story).zh.startswith("陆清和还没有")
    assert id_4(preserve(), story).level is Level.PASS, "evidence is taken on the day shown"


def test_the_step_of_a_measures_cards_is_done_by_a_showing_for_the_last_one():
    """And it leads to the card at that step."""
    story = begun()
    story.tell(changed(yunxi.show_cards(), step=Step.MEASURE))
    story.tell(seize())

    def cards():
        found = steps(story.state(), REFERENCE, MORNING)
        return next(one for one in found if one.key == "measure.cards")

    assert (cards().done, cards().screen) == (True, "identity.measure")
    story.tell(seize(measure=Measure.SEAL))
    assert not cards().done
    story.tell(changed(yunxi.show_cards(), step=Step.MEASURE))
    assert cards().done


def test_an_inspection_that_goes_on_another_day_begins_with_the_card():
    """It is the next step there, and none of the case that a stranger counts."""
    story = of(begun())
    state, hour = story.state(), 3_600_000
    assert missing(state, REFERENCE, MORNING + hour)[0].key == "evidence"
    first = missing(state, REFERENCE, NEXT)[0]
    assert (first.key, first.required, first.screen) == (
        "identity.again",
        True,
        "identity.evidence",
    )
    assert "identity.again" not in [one.key for one in steps(state, REFERENCE, NEXT)]
    next_day(story, yunxi.show_cards())
    assert missing(story.state(), REFERENCE, NEXT + hour)[0].key == "evidence"


def test_where_only_service_is_left_its_own_screen_asks_for_the_card():
    """A spot decision that was not handed over, on the next day: it may go by post, and nobody is
    met then. Who goes on with the inspection as well begins with the card."""
    state = decided().state()
    left = missing(state, REFERENCE, NEXT)
    assert [one.key for one in left] == ["service", "close"]
    for screen in ("service", "serve.correction_order"):
        assert cards.anew(state, NEXT, [replace(left[0], at=screen)]) == []
    other = replace(left[0], at="evidence")
    assert [one.screen for one in cards.anew(state, NEXT, [left[0], other])] == [
        "identity.evidence"
    ]


def test_who_has_only_to_close_shows_no_card():
    """Closing is done at the desk."""
    story = yunxi.whole_inspection()
    story.records = story.records[:8]
    assert [one.key for one in missing(story.state(), REFERENCE, NEXT)] == ["close"]


def test_who_only_waits_for_the_heads_approval_shows_no_card():
    """Nobody is met for that."""
    left = [one for one in missing(decided().state(), REFERENCE, MORNING) if one.key == "service"]
    assert cards.anew(decided().state(), NEXT, [replace(one, at="evidence") for one in left])
    asked = [replace(one, at="approval") for one in left]
    assert cards.anew(decided().state(), NEXT, asked) == []


def test_the_first_showing_is_asked_for_as_such():
    """Before anybody showed a card, or while one is still to be shown, it is the first step."""
    story = yunxi.Story()
    story.tell(yunxi.open_inspection())
    assert missing(story.state(), REFERENCE, NEXT)[0].key == "identity"
    story.tell(yunxi.show_cards(SHEN))
    assert missing(story.state(), REFERENCE, NEXT)[0].key == "identity"

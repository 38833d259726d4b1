"""The state of a case is a function of the set of its records."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.case import CaseState, Record, advance, case_of, fold
from protocol.statements import (
    KINDS,
    Corrected,
    DisclosureWithdrawn,
    SignAbsent,
    SignRefused,
    Unknown,
    blobs_of,
)
from protocol.timeline import tell, tell_party_act, yuan
from protocol.vocabulary import Outcome, Role, Step
from tests.protocol import yunxi

STORY = yunxi.whole_inspection()
RECORDS = STORY.records
STATE = STORY.state()


def test_an_inspection_amounts_to_its_records():
    """Opening, cards, notice, evidence, hearing, two documents, service and the end."""
    assert STATE.opening is RECORDS[0]
    assert STATE.officers == (yunxi.SHEN, yunxi.LU)
    assert STATE.cards_shown == {yunxi.SHEN, yunxi.LU}
    assert [len(x) for x in (STATE.notified, STATE.media, STATE.statements)] == [1, 1, 1]
    assert [one.served for one in STATE.documents] == [False, True]
    assert STATE.decision.issued.statement.number == "云市监当罚〔2026〕126号"
    assert STATE.closed.statement.outcome is Outcome.PENALISED_ON_SPOT
    assert (STATE.archived, STATE.overrides, STATE.corrections) == (None, (), ())


@given(st.permutations(RECORDS + RECORDS[2:5]))
def test_order_and_repetition_change_nothing(records):
    """Records in any order, some of them twice, give the same state, folded or one by one."""
    assert fold(records, STATE.case) == STATE
    state = CaseState(STATE.case)
    for record in records:
        state = advance(state, record)
    assert state == STATE


@given(st.permutations(range(8)), st.lists(st.integers(-3, 3), min_size=8, max_size=8))
def test_one_by_one_two_journals_come_to_the_order_of_a_fold(order, minutes):
    """Whichever arrives first, and however wrong the clocks: appended or sorted in."""
    stories = [yunxi.Story(b"A" * 16), yunxi.Story(b"Z" * 16)]
    told = []
    for place, late in enumerate(minutes):
        story = stories[place % 2]
        story.case = STATE.case
        one = story.tell(yunxi.show_cards())
        at = one.statement.at + 60_000 * late
        told.append(
            replace(one, statement=yunxi.changed(one.statement, at=at), hash=bytes([place]) * 32)
        )
    state = CaseState(STATE.case)
    for count, place in enumerate(order, 1):
        state = advance(state, told[place])
        assert state == fold([told[one] for one in order[:count]], STATE.case)
        assert state.shown == state.records


def test_records_are_found_by_their_own_kind():
    """No kind of statement is a special case of another, and what cannot be read is of none."""
    kinds = {type(one.statement) for one in RECORDS}
    for kind in kinds:
        found = [one for one in RECORDS if isinstance(one.statement, kind)]
        assert list(STATE.of_kind(kind)) == found
    ours = [one for kind in KINDS for one in kind.__subclasses__()]
    # Other tests make kinds of years to come.
    assert [one for one in ours if one.__module__.startswith("protocol.")] == []


def test_records_of_one_journal_keep_the_order_of_the_chain():
    """A device whose clock was set back does not reorder its own acts."""
    early = replace(
        RECORDS[3], statement=yunxi.changed(RECORDS[3].statement, at=yunxi.MORNING - 10**9)
    )
    state = fold([*RECORDS[:3], early, *RECORDS[4:]])
    assert [one.hash for one in state.records] == [one.hash for one in RECORDS]


def test_the_offices_records_come_where_their_time_says():
    """A publication by the office stands after the decision that it publishes."""
    office = yunxi.Story(b"O" * 16)
    office.case = STATE.case
    published = replace(
        office.tell(yunxi.publish(RECORDS[6])),
        statement=yunxi.changed(
            yunxi.publish(RECORDS[6]), at=yunxi.MORNING + 10**8, case=STATE.case
        ),
    )
    state = advance(STATE, published)
    assert state.records[-1] is published
    assert state.decision.published is published


def test_a_withdrawn_publication_no_longer_stands():
    """After the withdrawal nothing is published; a later publication stands again."""
    story = yunxi.whole_inspection()
    decided = story.records[6]
    story.tell(yunxi.publish(decided))
    story.tell(
        DisclosureWithdrawn(
            **yunxi.common(),
            issued=decided.id,
            reason="决定被撤销",
            clause="《行政处罚法》第四十八条",
        )
    )
    assert story.state().decision.published is None
    again = story.tell(yunxi.publish(decided))
    assert story.state().decision.published is again


def test_a_record_of_another_case_is_left_out():
    """Other cases and records outside cases change nothing."""
    other = yunxi.Story(b"X" * 16)
    foreign = other.tell(yunxi.open_inspection(number="云市监检〔2026〕319号"))
    assert advance(STATE, foreign) is STATE
    outside = yunxi.Story(b"Y" * 16).tell(yunxi.show_cards())
    assert advance(STATE, outside) is STATE
    assert fold([outside]) == CaseState("")


def test_an_opening_inside_another_case_opens_its_own():
    """An opening record is its own case, whatever it names."""
    second = STORY.records[0]
    inside = replace(second, hash=b"Z" * 32, statement=yunxi.open_inspection(case=STATE.case))
    assert case_of(inside) == inside.id


def test_without_its_opening_a_case_still_stands():
    """While the opening record is missing, the rest is told and nothing is claimed of it."""
    state = fold(RECORDS[1:])
    assert state.opening is None
    assert state.officers == ()
    assert len(state.timeline) == len(RECORDS) - 1


def test_a_record_from_the_future_is_kept_and_told():
    """A kind that this reader does not know stands in the timeline as what it is."""
    unknown = Unknown(**yunxi.common(at=STORY.now), kind="sampling_taken", case=STATE.case)
    state = advance(STATE, Record(b"U" * 32, unknown, (), RECORDS[-1].link._replace(sequence=99)))
    assert state.timeline[-1].kind == "sampling_taken"
    assert "sampling_taken" in state.timeline[-1].detail_zh


def test_a_place_in_the_log_is_learnt_once():
    """A receipt adds the index to a record that is there; nothing takes it away."""
    learnt = advance(STATE, replace(RECORDS[1], index=7))
    assert learnt.records[1].index == 7
    assert advance(learnt, RECORDS[1]) is learnt
    assert fold([replace(RECORDS[0], index=3), RECORDS[0]]).records[0].index == 3


def test_every_blob_of_the_case_is_named_once():
    """Recording, two documents with content, and each hand."""
    assert len(STATE.blobs) == len({blob.sha256 for blob in STATE.blobs}) == 1 + 4 + 3


def test_an_attestors_hand_is_a_blob_too():
    """Where the party was absent, the attestor's handwriting belongs to the case."""
    absent = SignAbsent(
        role=Role.PARTY,
        reason="店主外出",
        over="ee" * 32,
        at=0,
        attestor=yunxi.hand("见证人", "ee" * 32, Role.ATTESTOR),
    )
    assert len(blobs_of(yunxi.notify_rights(party_act=absent))) == 1


def test_the_timeline_tells_the_story_in_both_languages():
    """One line a record, in order, with the words of the tablet."""
    assert [entry.zh for entry in STATE.timeline] == [
        "检查开始",
        "2名执法人员已出示证件",
        "权利义务已告知",
        "已取证：照片",
        "现场检查笔录已制作",
        "已告知并听取陈述申辩",
        "当场行政处罚决定书已制作",
        "当场行政处罚决定书已送达",
        "检查结束",
    ]
    assert STATE.timeline[6].detail_zh == "云市监当罚〔2026〕126号，罚款500元，当事人已签名"
    assert (
        STATE.timeline[6].detail_en
        == "云市监当罚〔2026〕126号, fine of 500 yuan, signed by the party"
    )
    assert [entry.step for entry in STATE.timeline][1:3] == [Step.IDENTITY, Step.RIGHTS]
    assert all(entry.zh and entry.en and entry.kind for entry in STATE.timeline)


def test_nobody_is_told_to_have_been_heard_who_waived_it():
    story = yunxi.Story()
    story.tell(yunxi.open_inspection())
    story.tell(yunxi.hear(waived=True, defence="", reply=""))
    told = story.state().timeline[-1]
    assert (told.zh, told.detail_zh) == ("已告知陈述申辩权利", "当事人明确放弃陈述申辩")


def test_a_refusal_is_told_with_its_reason():
    """Who refused and why stands in the line."""
    refused = SignRefused(role=Role.PARTY, reason="要等老板", over="ee" * 32, at=0)
    assert tell_party_act(refused) == (
        "当事人拒绝签名：要等老板",
        "party refused to sign: 要等老板",
    )


def test_a_correction_is_told_and_the_first_record_stays():
    """A correction adds a line and takes none away."""
    story = yunxi.whole_inspection()
    first = story.records[4]
    story.tell(Corrected(**yunxi.common(), record=first.id, reason="误写", text="应为6种"))
    assert len(story.state().timeline) == len(RECORDS) + 1
    assert story.state().timeline[-1].detail_zh == "误写"
    assert first.hash in {entry.record for entry in story.state().timeline}


def test_a_record_that_cannot_be_read_is_named():
    """A kind from the future stands in the timeline as what it calls itself."""
    future = Unknown(kind="hearing_held", **yunxi.common())
    assert "暂不能识读" in tell(future).zh
    assert "hearing_held" in tell(future).detail_zh


@pytest.mark.parametrize(
    ("fen", "text"), [(0, "0"), (50_000, "500"), (350_001, "3,500.01"), (5, "0.05")]
)
def test_amounts_are_written_as_people_write_them(fen, text):
    """Whole yuan without decimals, others with two."""
    assert yuan(fen) == text

"""Each rule passes what the law allows and answers what it does not, with its clause."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.case import fold
from protocol.reference import OfficerKey, Parameters
from protocol.rules import ASKED, RULES, Level, judge
from protocol.statements import (
    BlobStored,
    Mask,
    Party,
    SignAbsent,
    Signed,
    SignRefused,
)
from protocol.vocabulary import (
    DocumentKind,
    Ground,
    Outcome,
    PartyClass,
    PenaltyKind,
    Procedure,
    RemedyRoute,
    Role,
    Standing,
    Step,
)
from tests.protocol import yunxi
from tests.protocol.yunxi import LU, MORNING, REFERENCE, SHEN, changed, officer, reference

NOW = MORNING + 3_600_000
BOTH = tuple(yunxi.KEY.values())


def ask(statement, state=None, ref=REFERENCE, now=NOW, **more):
    """The judgements by rule id."""
    return {one.rule.id: one for one in judge(statement, state, ref, now, **more)}


def level(statement, rule_id, state=None, ref=REFERENCE, now=NOW, **more):
    found = ask(statement, state, ref, now, **more).get(rule_id)
    return found.level if found else None


def up_to(count: int) -> yunxi.Story:
    """The story told as far as ``count`` records."""
    told = yunxi.whole_inspection()
    told.records = told.records[:count]
    return told


OPENED, SHOWN, RECORDED, HEARD, DECIDED, SERVED = (up_to(n) for n in (1, 2, 5, 6, 7, 8))
HEARD_ID = HEARD.records[-1].id


def spot(**facts):
    return yunxi.decide(**({"heard": HEARD_ID} | facts))


# ── the whole ────────────────────────────────────────────────────────────────────────────


def test_a_lawful_inspection_passes_every_rule():
    """Every statement of the story, judged as it was made, is neither blocked nor warned of."""
    story = yunxi.whole_inspection()
    for n, record in enumerate(story.records):
        told = up_to(n).state() if n else None
        for one in judge(record.statement, told, REFERENCE, NOW, signers=record.signers):
            assert one.level in (Level.PASS, Level.RECORD), (record.statement, one)


def test_every_rule_is_asked_and_answers_in_both_languages():
    """Each rule of the table has words, a clause and an action."""
    assert set(RULES) == set(
        "ID-1 ID-2 ID-3 ID-4 ID-5 ID-6 ID-7 IN-1 IN-2 NB-1 RT-1 RT-2 RT-3 OS-1 OS-2 OS-3 OS-4 "
        "HR-1 HR-2 LR-1 LR-2 LR-4 LR-6 DL-3 DL-4 CM-1 CM-2 SG-1 SG-2 SG-3 SG-4 AV-1 AV-2 AV-3 "
        "MI-1 LM-1 PB-1 PB-3 PB-4 PB-5 PB-8 AR-1 AR-2 AR-3".split()
    )
    for rule_id, rule in RULES.items():
        assert rule.id == rule_id
        assert all((rule.zh, rule.en, rule.source, rule.source_en, rule.action))
    assert len({check for checks in ASKED.values() for check in checks}) >= len(RULES)


def test_what_does_not_hold_comes_first():
    """Blocks before warnings before notes before passes."""
    order = [Level.BLOCK, Level.WARN, Level.RECORD, Level.PASS]
    stale = reference(issued_at=NOW - 30 * 3_600_000)
    levels = [one.level for one in judge(spot(fine=300_001), HEARD.state(), stale, NOW)]
    assert levels == sorted(levels, key=order.index)
    assert levels[0] is Level.BLOCK
    assert Level.WARN in levels


def test_a_kind_without_rules_is_not_judged():
    """An automatic fact of the server has no judgement."""
    assert judge(BlobStored(**yunxi.common(), sha256="aa" * 32, size=1), None, REFERENCE, 0) == []


def test_without_its_case_an_act_is_blocked_and_nothing_is_raised():
    """A statement whose case is not at hand gets answers, not errors."""
    for statement in (spot(), yunxi.hear(), yunxi.notify_rights(), yunxi.close()):
        assert any(one.level is Level.BLOCK for one in judge(statement, None, REFERENCE, NOW))


# ── who acts ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("named", [[], [SHEN], [SHEN, SHEN], [SHEN, "00992309999"]])
def test_id_1_needs_two_distinct_officers_of_the_roster(named):
    """One officer, the same one twice, or a stranger beside one do not make two."""
    answer = ask(yunxi.open_inspection(officers=named))["ID-1"]
    assert (answer.level, answer.clause) == (Level.BLOCK, "《行政处罚法》第四十二条")


def test_id_1_does_not_count_auxiliaries():
    """Auxiliary staff never count to two."""
    ref = reference(officers=[officer(SHEN, "沈知远"), officer(LU, "陆清和", auxiliary=True)])
    assert level(yunxi.open_inspection(), "ID-1", ref=ref) is Level.BLOCK


def test_id_1_counts_those_who_signed():
    """Two officers named, one signature: one officer; one key listed twice counts once."""
    opening = yunxi.open_inspection()
    assert level(opening, "ID-1", signers=BOTH) is Level.PASS
    assert level(opening, "ID-1", signers=BOTH[:1]) is Level.BLOCK
    assert level(opening, "ID-1", signers=BOTH[:1] * 2) is Level.BLOCK


def test_id_1_counts_persons_and_not_keys():
    """Two keys of one officer, on two devices, are one officer."""
    second = OfficerKey(key_id="77" * 32, device="YX-T08", credential=b"c")
    shen = officer(SHEN, "沈知远")
    shen = changed(shen, credentials=[*shen.credentials, second])
    ref = reference(officers=[shen, officer(LU, "陆清和")])
    keys = (yunxi.KEY[SHEN], bytes.fromhex("77" * 32))
    assert level(yunxi.open_inspection(), "ID-1", ref=ref, signers=keys) is Level.BLOCK


def test_id_1_takes_note_where_a_law_allows_one():
    """An item that names its law may be inspected by one officer, and that is noted."""
    ref = reference(items=[changed(yunxi.ITEM, solo_clause="《道路交通安全法》第八十七条")])
    answer = ask(yunxi.open_inspection(officers=[SHEN]), ref=ref)["ID-1"]
    assert answer.level is Level.RECORD
    assert "第八十七条" in answer.zh


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, Level.PASS),
        ({"standing": Standing.SUSPENDED, "effective_at": MORNING - 1}, Level.BLOCK),
        ({"standing": Standing.CANCELLED, "effective_at": MORNING}, Level.BLOCK),
        ({"standing": Standing.SUSPENDED, "effective_at": MORNING + 1}, Level.PASS),
        ({"standing": Standing.UNKNOWN}, Level.BLOCK),
        ({"standing": Standing.EXPIRED, "effective_at": MORNING + 1}, Level.BLOCK),
        ({"standing": Standing.VALID, "effective_at": MORNING + 1}, Level.BLOCK),
        ({"valid_until": "2026-11-17"}, Level.BLOCK),
        ({"valid_until": "2026-11-18"}, Level.PASS),
        ({"valid_from": "2026-11-19"}, Level.BLOCK),
        ({"valid_from": "2026-11-18"}, Level.PASS),
    ],
)
def test_id_2_judges_the_day_of_the_act(facts, expected):
    """Standing and validity count on the day of the act, the last day included."""
    ref = reference(officers=[officer(SHEN, "沈知远"), officer(LU, "陆清和", **facts)])
    assert level(yunxi.open_inspection(), "ID-2", ref=ref) is expected


@pytest.mark.parametrize(("signers", "expected"), [((SHEN,), Level.PASS), ((LU,), Level.BLOCK)])
def test_id_2_of_a_service_judges_who_serves_and_nobody_who_is_not_there(signers, expected):
    """One may serve alone; who is suspended may not, and keeps nobody else from it."""
    gone = officer(LU, "陆清和", standing=Standing.SUSPENDED, effective_at=MORNING - 1)
    ref = reference(officers=[officer(SHEN, "沈知远"), gone])
    served = yunxi.serve(DECIDED.records[-1])
    keys = tuple(yunxi.KEY[one] for one in signers)
    assert level(served, "ID-2", DECIDED.state(), ref=ref, signers=keys) is expected


def test_id_2_refuses_a_signature_that_nobody_was_certified_for():
    """A key that the roster does not explain is named."""
    stranger = hashlib.sha256(b"stranger").digest()
    answer = ask(yunxi.open_inspection(), signers=(*BOTH, stranger))["ID-2"]
    assert answer.level is Level.BLOCK
    assert stranger.hex()[:8] in answer.zh


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"region": "990000"}, Level.PASS),
        ({"region": "990124"}, Level.BLOCK),
        ({"region": ""}, Level.BLOCK),
        ({"field": "交通运输"}, Level.BLOCK),
    ],
)
def test_id_3_needs_region_and_field(facts, expected):
    """A provincial certificate covers a county; another county's or field's does not."""
    ref = reference(officers=[officer(SHEN, "沈知远"), officer(LU, "陆清和", **facts)])
    assert level(yunxi.open_inspection(), "ID-3", ref=ref) is expected


def test_id_3_needs_an_item_of_the_region():
    """An item of another county is not for this agency."""
    ref = reference(items=[changed(yunxi.ITEM, regions=["990124"])])
    assert level(yunxi.open_inspection(), "ID-3", ref=ref) is Level.BLOCK


@pytest.mark.parametrize(
    "statement",
    [yunxi.notify_rights(), yunxi.capture(), yunxi.hear(), yunxi.inspection_record(), spot()],
    ids=lambda one: type(one).__name__,
)
def test_id_4_comes_before_every_question_and_search(statement):
    """Nothing is asked, recorded or decided before both cards were shown."""
    assert level(statement, "ID-4", OPENED.state()) is Level.BLOCK
    one_shown = yunxi.Story()
    one_shown.tell(yunxi.open_inspection())
    one_shown.tell(yunxi.show_cards(SHEN))
    answer = ask(statement, one_shown.state())["ID-4"]
    assert answer.level is Level.BLOCK
    assert "陆清和" in answer.zh
    assert "沈知远" not in answer.zh
    assert level(statement, "ID-4", SHOWN.state()) is Level.PASS


def test_id_4_lets_the_arrival_be_recorded():
    """Filming the arrival needs no card yet."""
    assert level(yunxi.capture(step=Step.ARRIVAL), "ID-4", OPENED.state()) is None


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (yunxi.show_cards(), Level.PASS),
        (yunxi.show_cards(SHEN), Level.RECORD),
        (yunxi.show_cards(SHEN, "00992309999"), Level.BLOCK),
        (changed(yunxi.show_cards(), to_whom=" "), Level.BLOCK),
        (changed(yunxi.show_cards(), cards=[]), Level.BLOCK),
    ],
)
def test_id_4_records_whose_cards_were_shown_to_whom(shown, expected):
    """One card at a time is noted; a stranger's card, or nobody as audience, is refused."""
    assert level(shown, "ID-4", OPENED.state()) is expected


@pytest.mark.parametrize(
    ("age", "blocks", "expected"),
    [
        (0, False, Level.PASS),
        (24 * 3_600_000, False, Level.PASS),
        (24 * 3_600_000 + 1, False, Level.WARN),
        (26 * 3_600_000, True, Level.BLOCK),
        (-10 * 60_000, False, Level.WARN),
    ],
)
def test_id_7_warns_of_an_old_roster(age, blocks, expected):
    """Past 24 hours acts go on with a warning, and stop only where the agency says so."""
    ref = reference(issued_at=NOW - age, parameters=Parameters(stale_blocks=blocks))
    assert level(yunxi.open_inspection(), "ID-7", ref=ref) is expected


def test_id_7_says_the_age_in_hours():
    """The words say how old the roster is and what to do."""
    ref = reference(issued_at=NOW - 26 * 3_600_000)
    assert ask(yunxi.open_inspection(), ref=ref)["ID-7"].zh == (
        "名册 26 小时没更新，不能确认有效。请连网更新。"
    )


# ── how it is done ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("facts", "item", "expected"),
    [
        ({}, {}, Level.PASS),
        ({"item": "SC-9999"}, {}, Level.BLOCK),
        ({"item_version": 1}, {}, Level.BLOCK),
        ({"number": " "}, {}, Level.BLOCK),
        ({}, {"approval": ""}, Level.BLOCK),
        ({"task": "专项检查〔2026〕3号"}, {"approval": ""}, Level.PASS),
        ({"urgent": True}, {"approval": ""}, Level.WARN),
    ],
)
def test_in_1_needs_a_listed_and_approved_item(facts, item, expected):
    """Listed, current, numbered, approved; an urgent inspection is approved afterwards."""
    ref = reference(items=[changed(yunxi.ITEM, **item)])
    assert level(yunxi.open_inspection(**facts), "IN-1", ref=ref) is expected


def test_rt_1_needs_the_party_told_and_heard():
    """A decision names the record of telling and hearing of this very case."""
    assert level(spot(), "RT-1", HEARD.state()) is Level.PASS
    assert level(spot(heard=None), "RT-1", HEARD.state()) is Level.BLOCK
    assert level(spot(heard="aa" * 32), "RT-1", HEARD.state()) is Level.BLOCK
    assert level(spot(), "RT-1", RECORDED.state()) is Level.BLOCK


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, Level.PASS),
        ({"told": " "}, Level.BLOCK),
        ({"defence": ""}, Level.BLOCK),
        ({"reply": ""}, Level.BLOCK),
        ({"defence": "", "reply": "", "waived": True}, Level.PASS),
        ({"told": "", "waived": True}, Level.BLOCK),
    ],
)
def test_rt_1_wants_telling_defence_and_reply(facts, expected):
    """The defence and its answer are written down, unless the party clearly waived."""
    assert level(yunxi.hear(**facts), "RT-1", SHOWN.state()) is expected
    story = up_to(5)
    heard = story.tell(yunxi.hear(**facts))
    assert level(spot(heard=heard.id), "RT-1", story.state()) is expected


REFUSED = SignRefused(role=Role.PARTY, reason="要等老板", over=yunxi.NOTICE, at=MORNING)


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        (yunxi.hand("周明禾", yunxi.NOTICE), Level.PASS),
        (REFUSED, Level.RECORD),
        (changed(REFUSED, reason=" "), Level.BLOCK),
        (SignAbsent(role=Role.PARTY, reason="", over=yunxi.NOTICE, at=0), Level.BLOCK),
        (SignAbsent(role=Role.PARTY, reason="店主外出", over=yunxi.NOTICE, at=0), Level.RECORD),
    ],
)
def test_rt_2_wants_a_signature_or_a_reason(act, expected):
    """Who does not sign is noted with the reason; an empty reason is refused."""
    assert level(yunxi.notify_rights(party_act=act), "RT-2", SHOWN.state()) is expected


def test_rt_2_stops_the_end_without_the_rights_notice():
    """An inspection in which nobody was told the rights cannot be closed."""
    assert level(yunxi.close(), "RT-2", SHOWN.state()) is Level.BLOCK
    assert level(yunxi.close(), "RT-2", SERVED.state()) is Level.PASS


@pytest.mark.parametrize(
    "facts",
    [
        {"case_no": ""},
        {"place": changed(yunxi.SITE, text=" ")},
        {"recorder": ""},
        {"purpose": ""},
        {"device": ""},
        {"began_at": 0},
        {"ended_at": MORNING - 1},
        {"blob": changed(yunxi.blob("x"), size=0)},
    ],
)
def test_av_3_wants_the_five_facts(facts):
    """Case number, time, place, recorder, purpose, and the device and bytes behind them."""
    assert level(yunxi.capture(**facts), "AV-3", SHOWN.state()) is Level.BLOCK
    assert level(yunxi.capture(), "AV-3", SHOWN.state()) is Level.PASS


# ── the decision ─────────────────────────────────────────────────────────────────────────


def story_of(party_class: PartyClass):
    story = yunxi.Story()
    story.tell(
        yunxi.open_inspection(
            party=Party(name="当事人", party_class=party_class, id_code="110105199012310021")
        )
    )
    return story.state()


@pytest.mark.parametrize(
    ("party_class", "ceiling"),
    [
        (PartyClass.CITIZEN, 20_000),
        (PartyClass.SOLE_TRADER, 20_000),
        (PartyClass.ORGANISATION, 300_000),
    ],
)
@given(over=st.integers(1, 10**9), under=st.integers(1, 20_000))
def test_os_1_is_exact_to_the_fen(party_class, ceiling, over, under):
    """At 200.00 and 3,000.00 yuan it passes, one fen above it blocks, whatever the amount."""
    state = story_of(party_class)
    for fine, expected in (
        (ceiling, Level.PASS),
        (ceiling + 1, Level.BLOCK),
        (ceiling + over, Level.BLOCK),
        (under, Level.PASS),
    ):
        assert level(spot(fine=fine, party_class=party_class), "OS-1", state) is expected


def test_os_1_says_what_to_do():
    """The words are those of the design, and the fix is to lower the amount."""
    answer = ask(spot(fine=350_000), HEARD.state())["OS-1"]
    assert answer.zh == "罚款 3,500 元超过当场罚款上限 3,000 元。请改小金额，或者转为普通程序。"
    assert (answer.fix, answer.clause) == ("lower_fine", "《行政处罚法》第五十一条")


@pytest.mark.parametrize(
    "facts",
    [
        {"penalties": [PenaltyKind.CONFISCATION], "fine": 0},
        {"penalties": [PenaltyKind.CRITICISM], "fine": 0},
        {"penalties": [], "fine": 0},
        {"penalties": [PenaltyKind.WARNING], "fine": 1},
        {"penalties": [PenaltyKind.FINE], "fine": 0},
        {"procedure": Procedure.ORDINARY},
        {"party_class": PartyClass.CITIZEN, "fine": 100},
        {"decision": None},
    ],
)
def test_os_1_allows_only_warning_and_fine(facts):
    """Other kinds, an amount that does not fit, another class than the party's: not on the
    spot."""
    assert level(spot(**facts), "OS-1", HEARD.state()) is Level.BLOCK


def test_os_1_lets_a_warning_pass():
    """A warning alone, and a warning with a fine, are decided on the spot."""
    warning = spot(penalties=[PenaltyKind.WARNING], fine=0)
    both = spot(penalties=[PenaltyKind.WARNING, PenaltyKind.FINE])
    assert level(warning, "OS-1", HEARD.state()) is Level.PASS
    assert level(both, "OS-1", HEARD.state()) is Level.PASS


def test_os_2_wants_a_number_and_every_required_field():
    """No number, no grant, an old form or a missing field: not issued."""
    state = HEARD.state()
    assert level(spot(), "OS-2", state) is Level.PASS
    assert level(spot(number=" "), "OS-2", state) is Level.BLOCK
    assert level(spot(grant=None), "OS-2", state) is Level.BLOCK
    assert level(spot(template="site_inspection_record"), "OS-2", state) is Level.BLOCK
    lacking = spot(segments=[s for s in spot().segments if s.name != "basis"])
    answer = ask(lacking, state)["OS-2"]
    assert answer.level is Level.BLOCK
    assert "basis" in answer.zh


def test_os_2_wants_words_in_every_required_field():
    """With the text at hand, an empty field counts as missing."""
    content = yunxi.text_of(DocumentKind.SPOT_DECISION)
    empty = changed(content, pieces=[changed(content.pieces[0], text=" "), *content.pieces[1:]])
    assert level(spot(), "OS-2", HEARD.state(), content=content) is Level.PASS
    assert level(spot(), "OS-2", HEARD.state(), content=empty) is Level.BLOCK


@pytest.mark.parametrize(
    ("story", "outcome", "expected"),
    [
        (SERVED, Outcome.PENALISED_ON_SPOT, Level.PASS),
        (DECIDED, Outcome.PENALISED_ON_SPOT, Level.BLOCK),
        (HEARD, Outcome.PENALISED_ON_SPOT, Level.BLOCK),
        (SERVED, Outcome.NO_PROBLEM, Level.BLOCK),
        (RECORDED, Outcome.NO_PROBLEM, None),
    ],
)
def test_os_2_wants_the_decision_handed_over_at_the_end(story, outcome, expected):
    """The end agrees with what was decided, and what was decided was served."""
    assert level(yunxi.close(outcome), "OS-2", story.state()) is expected


def test_os_3_wants_reconsideration_first():
    """The remedy of a decision on the spot is reconsideration first, and its text says so."""
    state = HEARD.state()
    assert level(spot(), "OS-3", state) is Level.PASS
    assert level(spot(remedy=RemedyRoute.FREE_CHOICE), "OS-3", state) is Level.BLOCK
    silent = yunxi.text_of(DocumentKind.SITE_INSPECTION_RECORD)
    assert level(spot(), "OS-3", state, content=silent) is Level.BLOCK


def test_sg_1_takes_note_of_a_refusal():
    """On the spot a noted refusal suffices: nothing is blocked."""
    refused = changed(REFUSED, over=spot().root)
    answers = ask(spot(party_act=refused), HEARD.state())
    assert answers["SG-1"].level is Level.RECORD
    assert "要等老板" in answers["SG-1"].zh
    assert not [one for one in answers.values() if one.level is Level.BLOCK]
    assert "SG-1" not in ask(spot(), HEARD.state())


def test_sg_4_voids_signatures_when_the_text_changes():
    """A hand over another text, and segments that are not under the root, are void."""
    state = HEARD.state()
    assert level(spot(), "SG-4", state) is Level.PASS
    other = yunxi.hand("周明禾", "ab" * 32)
    assert level(spot(party_act=other), "SG-4", state) is Level.BLOCK
    assert level(spot(segments=spot().segments[:-1]), "SG-4", state) is Level.BLOCK
    assert level(spot(root="ab" * 32), "SG-4", state) is Level.BLOCK


def test_sg_4_wants_a_hand_of_each_officer():
    """One officer's hand twice, the party's hand as an officer's, or one alone do not do."""
    state, over = HEARD.state(), spot().root
    shen = yunxi.hand("沈知远", over, Role.OFFICER)
    party = yunxi.hand("周明禾", over, Role.OFFICER)
    for hands in ([shen], [shen, shen], [shen, party], []):
        answer = ask(spot(officer_acts=hands), state)["SG-4"]
        assert (answer.level, answer.fix) == (Level.BLOCK, "officers_sign")


def test_sg_4_binds_service_to_the_served_document():
    """The receiver's hand is over the document that was served."""
    decided = DECIDED.records[-1]
    assert level(yunxi.serve(decided), "SG-4", DECIDED.state()) is Level.PASS
    other = yunxi.serve(decided, received=yunxi.hand("周明禾", "ab" * 32))
    assert level(other, "SG-4", DECIDED.state()) is Level.BLOCK
    assert level(yunxi.serve(decided), "SG-4", HEARD.state()) is Level.BLOCK


def test_sg_4_binds_the_attestors_hand_too():
    """An attestor who signs for an absent party signs the same text."""
    attestor = Signed(
        role=Role.ATTESTOR, handwriting=yunxi.blob("attestor"), over="ab" * 32, at=MORNING
    )
    absent = SignAbsent(
        role=Role.PARTY, reason="外出", over=yunxi.NOTICE, at=MORNING, attestor=attestor
    )
    assert level(yunxi.notify_rights(party_act=absent), "SG-4", SHOWN.state()) is Level.BLOCK


def test_a_draft_is_not_asked_for_signatures():
    """While a form is filled in, signatures are still to come."""
    draft = spot(party_act=yunxi.hand("周明禾", "00" * 32), officer_acts=[])
    answers = ask(draft, HEARD.state(), draft=True)
    assert not {"SG-1", "SG-4", "RT-2"} & set(answers)
    assert all(one.level is Level.PASS for one in answers.values())


# ── the office ───────────────────────────────────────────────────────────────────────────

CLOSED = yunxi.whole_inspection()
DECISION = CLOSED.records[6]
STAFF = (yunxi.PUBLISHER, yunxi.REVIEWER)
CONTENT = yunxi.text_of(DocumentKind.SPOT_DECISION)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, Level.PASS),
        ({"due_on": "2026-11-28"}, Level.BLOCK),
        ({"matrix_row": "penalty-ordinary"}, Level.BLOCK),
        ({"issued": "aa" * 32}, Level.BLOCK),
    ],
)
def test_pb_1_follows_the_matrix(facts, expected):
    """The row, its working days and the decision of this case, or no publication."""
    publish = changed(yunxi.publish(DECISION), **facts)
    assert level(publish, "PB-1", CLOSED.state()) is expected


@pytest.mark.parametrize(("days", "expected"), [(9, Level.PASS), (10, Level.WARN)])
def test_pb_1_warns_when_late(days, expected):
    """On the seventh working day it is in time, the day after it is late."""
    late = changed(yunxi.publish(DECISION), at=MORNING + days * 86_400_000)
    assert level(late, "PB-1", CLOSED.state()) is expected


def test_pb_1_stops_where_the_matrix_or_the_calendar_is_silent():
    """No row, a row that says no, or a year without its notice: nothing is published."""
    publish, state = yunxi.publish(DECISION), CLOSED.state()
    hidden = [changed(row, publish=False) for row in REFERENCE.matrix]
    for ref in (reference(matrix=[]), reference(matrix=hidden), reference(years=[])):
        assert level(publish, "PB-1", state, ref) is Level.BLOCK


def test_pb_3_wants_two_persons():
    """One signature, one person with two keys: not reviewed."""
    publish, state = yunxi.publish(DECISION), CLOSED.state()
    assert level(publish, "PB-3", state, signers=STAFF) is Level.PASS
    assert level(publish, "PB-3", state, signers=STAFF[:1]) is Level.BLOCK
    one_person = dict.fromkeys(STAFF, "he.jingting")
    assert level(publish, "PB-3", state, signers=STAFF, persons=one_person) is Level.BLOCK
    two = dict(zip(STAFF, ("he.jingting", "luo.jing"), strict=True))
    assert level(publish, "PB-3", state, signers=STAFF, persons=two) is Level.PASS
    assert level(publish, "PB-3", state) is None


def is_stopped(proposed, rule, story):
    """Whether any question of a rule stops it."""
    judged = judge(proposed, story.state(), REFERENCE, NOW)
    return any(one.rule.id == rule and one.level is Level.BLOCK for one in judged)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, Level.PASS),
        ({"served_at": None, "served_how": None}, Level.PASS),
        ({"fine": 1}, Level.BLOCK),
        ({"number": "云市监当罚〔2026〕999号"}, Level.BLOCK),
        ({"decided_on": "2026-11-17"}, Level.BLOCK),
        ({"root": "11" * 32}, Level.BLOCK),
        ({"served_at": 1}, Level.BLOCK),
    ],
)
def test_pb_8_lists_what_was_decided(facts, expected):
    """Whoever publishes signs number, penalty, days and service as the records have them."""
    state = CLOSED.state()
    listed = state.decision.listed
    publish = changed(yunxi.publish(DECISION), facts=changed(listed, **facts))
    assert level(publish, "PB-8", state) is expected
    assert level(yunxi.publish(DECISION), "PB-8", state) is None


def test_pb_4_lifts_only_the_withholding_that_stands():
    """Another record, or one lifted already, is nothing to lift; then it may be published."""
    story = yunxi.whole_inspection()
    decision = story.state().decision.issued
    withheld = story.tell(yunxi.withhold(decision))
    assert is_stopped(yunxi.publish(decision), "PB-4", story)
    assert level(yunxi.lift(decision, decision), "PB-4", story.state()) is Level.BLOCK
    assert level(yunxi.lift(decision, withheld, reason=""), "PB-4", story.state()) is Level.BLOCK
    lifting = yunxi.lift(decision, withheld)
    assert level(lifting, "PB-4", story.state()) is Level.PASS
    assert level(lifting, "PB-3", story.state(), signers=STAFF[:1]) is Level.BLOCK
    story.tell(lifting)
    assert story.state().decision.withheld is None
    assert level(lifting, "PB-4", story.state()) is Level.BLOCK
    assert not is_stopped(yunxi.publish(decision), "PB-4", story)
    again = story.tell(yunxi.withhold(decision))
    assert story.state().decision.withheld == again


def test_pb_4_wants_the_list_masked():
    """What the list names is masked; more may be, and each piece is decided once."""
    state, publish = CLOSED.state(), yunxi.publish(DECISION)
    names = [one.name for one in CONTENT.pieces]
    assert level(publish, "PB-4", state, content=CONTENT) is Level.PASS
    unmasked = yunxi.publish(DECISION, shown=names, masked=[])
    answer = ask(unmasked, state, content=CONTENT)["PB-4"]
    assert answer.level is Level.BLOCK
    assert Ground.NATURAL_PERSON.zh in answer.zh
    more = yunxi.publish(
        DECISION,
        shown=names[1:5],
        masked=[
            Mask(name=names[0], ground=Ground.TRADE_SECRET),
            Mask(name=names[5], ground=Ground.NATURAL_PERSON),
        ],
    )
    assert level(more, "PB-4", state, content=CONTENT) is Level.PASS


@pytest.mark.parametrize("shown", [["act"], ["act", "act", "basis", "penalty", "remedy"]])
def test_pb_4_wants_each_piece_decided_once(shown):
    """A piece that is neither shown nor masked, or twice, stops the publication."""
    assert level(yunxi.publish(DECISION, shown=shown), "PB-4", CLOSED.state()) is Level.BLOCK


@pytest.mark.parametrize(
    ("born", "expected"), [("20081119", Level.BLOCK), ("20081118", Level.PASS)]
)
def test_pb_4_never_publishes_a_minor(born, expected):
    """A citizen who is 17 on the day of the decision is not published."""
    party = Party(
        name="某", party_class=PartyClass.CITIZEN, id_code=f"990123{born}002X", address="云溪县"
    )
    story = yunxi.Story()
    story.tell(yunxi.open_inspection(party=party))
    decided = story.tell(yunxi.decide(party_class=PartyClass.CITIZEN, fine=100))
    assert level(yunxi.publish(decided), "PB-4", story.state()) is expected


def test_ar_1_archives_a_complete_file_only():
    """Closed, recorded, served, counted, stored: then it is archived, not before."""
    state = CLOSED.state()
    sealed = yunxi.archive(state)
    everything = {blob.sha256 for blob in state.blobs}
    assert level(sealed, "AR-1", state, stored=everything) is Level.PASS
    assert level(sealed, "AR-1", state) is Level.PASS
    for blob in state.blobs:
        answer = ask(sealed, state, stored=everything - {blob.sha256})["AR-1"]
        assert answer.level is Level.BLOCK
    for wrong in ({"documents": 1}, {"pages": 3}, {"media": 0}):
        assert level(yunxi.archive(state, **wrong), "AR-1", state) is Level.BLOCK


@pytest.mark.parametrize("gone", range(9))
def test_ar_1_notices_each_record_that_is_gone(gone):
    """With any one record of the case missing, the same file is no longer archived."""
    sealed = yunxi.archive(CLOSED.state())
    story = yunxi.whole_inspection()
    del story.records[gone]
    assert level(sealed, "AR-1", fold(story.records, CLOSED.case)) is Level.BLOCK


def test_the_document_lists_every_rule():
    """The table of docs/protocol.md has each rule with its words, clause and action."""
    text = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text(encoding="utf-8")
    rows = [f"| {r.id} | {r.en} | {r.source_en} | {r.action.en} |" for r in RULES.values()]
    assert [row for row in rows if row not in text] == []

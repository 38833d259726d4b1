"""Team, tasks, cash, minors and limits, rule by rule; reasons for going on; a whole case retold."""

import pytest

from protocol.case import CaseState
from protocol.reference import OfficerKey
from protocol.rules import RULES, Level, judge, retold, subject_of
from protocol.rules.limits import birthday
from protocol.rules.overrides import reasons_in
from protocol.statements import (
    ApprovalGiven,
    CaseOpened,
    FineCollected,
    HandedOver,
    Party,
    RuleOverridden,
)
from protocol.timeline import tell
from protocol.timeline.field import WARNINGS
from protocol.vocabulary import (
    ApprovalSubject,
    CaseSource,
    CashGround,
    DocumentKind,
    PartyClass,
    Procedure,
    Standing,
)
from tests.protocol import yunxi
from tests.protocol.measured import asked, begun, granted, recusal, task
from tests.protocol.yunxi import LU, MORNING, REFERENCE, SHEN, SHOP, changed, officer, reference

NOW = MORNING + 3_600_000
HELPER = "00992309001"
HELPING = reference(
    officers=[
        officer(SHEN, "沈知远"),
        officer(LU, "陆清和"),
        changed(officer(LU, "小李"), cert_no=HELPER, auxiliary=True, credentials=[]),
    ]
)


def answer(statement, rule_id, state=None, ref=REFERENCE, now=NOW, **more):
    found = [x for x in judge(statement, state, ref, now, **more) if x.rule.id == rule_id]
    return found[0] if found else None


def level(statement, rule_id, state=None, ref=REFERENCE, **more):
    found = answer(statement, rule_id, state, ref, **more)
    return found.level if found else None


# ── ID-5, ID-6 ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ([SHEN, LU], Level.PASS),
        ([SHEN, HELPER], Level.BLOCK),
        ([SHEN, LU, HELPER], Level.BLOCK),
    ],
)
def test_id_5_lets_no_auxiliary_be_an_officer(named, expected):
    """Not even as a third: who is named, signs."""
    opening = yunxi.open_inspection(officers=named)
    assert level(opening, "ID-5", ref=HELPING) is expected
    over = HandedOver(**yunxi.common(), officers=named, reason="交接班")
    assert level(over, "ID-5", begun().state(), HELPING) is expected


def test_id_5_lets_no_auxiliary_sign():
    """A key of an auxiliary among the signers is named."""
    helper = changed(HELPING.officers[2], credentials=officer(LU, "小李").credentials)
    ref = changed(HELPING, officers=[HELPING.officers[0], helper])
    found = answer(yunxi.hear(), "ID-5", begun().state(), ref, signers=(yunxi.KEY[LU],))
    assert found.level is Level.BLOCK
    assert "小李" in found.zh


def test_id_6_notes_the_wish_and_the_work_goes_on():
    """Until the head decides nothing stops; at the end the open wish is said."""
    story = begun()
    assert level(recusal(SHEN), "ID-6", story.state()) is Level.RECORD
    story.tell(recusal(SHEN))
    assert level(yunxi.hear(), "ID-1", story.state()) is Level.PASS
    assert level(yunxi.close(), "ID-6", story.state()) is Level.RECORD


@pytest.mark.parametrize(
    ("said", "through", "expected"),
    [
        (True, "wish", Level.BLOCK),
        (True, "request", Level.BLOCK),
        (False, "wish", Level.PASS),
        (True, "case", Level.PASS),
    ],
)
def test_a_recused_officer_counts_no_more_towards_two(said, through, expected):
    """APL 43: once the head decides so, somebody else has to act."""
    story = begun()
    wish = story.tell(recusal(SHEN))
    request = asked(story, ApprovalSubject.RECUSAL, concerning=wish.id)
    named = {"wish": wish.id, "request": request.id, "case": story.case}[through]
    granted(story, ApprovalSubject.RECUSAL, concerning=named, granted=said)
    assert level(yunxi.hear(), "ID-1", story.state()) is expected
    pending = level(yunxi.close(), "ID-6", story.state())
    assert pending is (Level.RECORD if through == "case" else None)


def test_after_a_hand_over_the_new_officers_show_their_cards():
    """ID-4 asks those who go on, and the state names them."""
    story = begun()
    story.tell(HandedOver(**yunxi.common(), officers=[LU, "00992304140"], reason="交接班"))
    assert story.state().officers == (LU, "00992304140")
    found = answer(yunxi.hear(), "ID-4", story.state())
    assert found.level is Level.BLOCK
    assert "00992304140" in found.zh


def test_id_1_sends_those_who_came_back_to_the_hand_over():
    """An inspection that others have is not gone on with before it is handed over."""
    story = begun()
    story.tell(HandedOver(**yunxi.common(), officers=["00992304140", "00992304141"], reason="换班"))
    keys = tuple(yunxi.KEY.values())
    found = answer(yunxi.hear(), "ID-1", story.state(), signers=keys)
    assert (found.level, found.fix) == (Level.BLOCK, "hand_over")
    assert "00992304140、00992304141办理" in found.zh
    over = HandedOver(**yunxi.common(), officers=[SHEN, LU], reason="换班")
    assert level(over, "ID-1", story.state(), signers=keys) is Level.PASS


def test_id_2_asks_for_the_certificate_of_everybody_who_signs():
    """Not of those alone who have the inspection; but who must leave it may hand it over."""
    key = OfficerKey(key_id="77" * 32, device="YX-T07", credential=b"c")
    facts = {"standing": Standing.SUSPENDED, "effective_at": 1, "credentials": [key]}
    suspended = changed(officer(LU, "江叙白"), cert_no="00992304140", **facts)
    ref = reference(officers=[*REFERENCE.officers, suspended])
    keys = (*yunxi.KEY.values(), bytes.fromhex("77" * 32))
    found = answer(yunxi.hear(), "ID-2", begun().state(), ref, signers=keys)
    assert found.level is Level.BLOCK
    assert "江叙白" in found.zh
    over = HandedOver(**yunxi.common(), officers=[SHEN, LU], reason="证件停用")
    assert level(over, "ID-2", begun().state(), ref, signers=keys) is Level.PASS


# ── IN-2 ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("count", "cap", "expected"),
    [(0, 1, Level.PASS), (1, 2, Level.PASS), (2, 2, Level.WARN), (1, 1, Level.WARN), (9, 0, None)],
)
def test_in_2_counts_this_inspection(count, cap, expected):
    """The second of two is within the cap, the third is not; a cap of 0 is none."""
    opening = yunxi.open_inspection(task="aa" * 32)
    assert level(opening, "IN-2", task=task(count, cap)) is expected
    assert level(opening, "IN-2") is None


def test_in_2_is_gone_against_with_a_reason():
    """Then it is noted, and the reason is in the words."""
    found = answer(
        yunxi.open_inspection(), "IN-2", task=task(2, 2), reasons={"IN-2": "群众举报食品变质"}
    )
    assert found.level is Level.RECORD
    assert "群众举报食品变质" in found.zh


# ── NB-1 ─────────────────────────────────────────────────────────────────────────────────


def test_nb_1_asks_why_a_second_notice_bears_the_inspections_number():
    """The first is nobody's business; another inspection's number, and other kinds, neither."""
    story, kind = begun(), DocumentKind.INSPECTION_NOTICE
    number = "云市监检〔2026〕318号"
    notice = yunxi.issue(kind, number=number)
    assert level(notice, "NB-1", story.state()) is None
    story.tell(notice)
    assert level(notice, "NB-1", story.state()) is Level.WARN
    again = answer(notice, "NB-1", story.state(), reasons={"NB-1": "第一件写错地点"})
    assert (again.level, "第一件写错地点" in again.zh) == (Level.RECORD, True)
    other = yunxi.issue(kind, number="云市监检〔2026〕319号")
    assert level(other, "NB-1", story.state()) is None
    record = yunxi.issue(DocumentKind.SITE_INSPECTION_RECORD, number=number)
    assert level(record, "NB-1", story.state()) is None


# ── OS-4 ─────────────────────────────────────────────────────────────────────────────────


def collected(fine: int, procedure=Procedure.SUMMARY, **facts):
    """The judgement of a collection, after a decision with this fine."""
    story = yunxi.whole_inspection()
    story.records = story.records[:6]
    made = story.tell(yunxi.decide(fine=fine, procedure=procedure))
    kept = {
        "issued": made.id,
        "ground": CashGround.SMALL,
        "receipt_no": "赣财 00218834",
        "amount": fine,
        "hand_in_by": "2026-11-20",
    }
    taken = FineCollected(**yunxi.common(), **(kept | facts))
    return answer(taken, "OS-4", story.state())


@pytest.mark.parametrize(
    ("fine", "facts", "expected"),
    [
        (10_000, {}, Level.PASS),
        (10_001, {}, Level.BLOCK),
        (10_001, {"ground": CashGround.HARD_LATER}, Level.PASS),
        (10_001, {"ground": CashGround.REMOTE}, Level.PASS),
        (10_000, {"procedure": Procedure.ORDINARY}, Level.BLOCK),
        (
            10_000,
            {"procedure": Procedure.ORDINARY, "ground": CashGround.HARD_LATER},
            Level.BLOCK,
        ),
        (10_000, {"procedure": Procedure.ORDINARY, "ground": CashGround.REMOTE}, Level.PASS),
        (10_000, {"receipt_no": " "}, Level.BLOCK),
        (10_000, {"amount": 9_999}, Level.BLOCK),
        (10_000, {"hand_in_by": "2026-11-21"}, Level.BLOCK),
        (10_000, {"hand_in_by": "2026-11-19"}, Level.PASS),
        (10_000, {"issued": "aa" * 32}, Level.BLOCK),
        (0, {}, Level.BLOCK),
    ],
)
def test_os_4_allows_cash_as_the_law_does(fine, facts, expected):
    """100.00 yuan, or hard to collect later, both on the spot; or a remote place. Against a
    receipt, the whole fine, handed in within two working days."""
    assert collected(fine, **facts).level is expected


def test_os_4_takes_a_fine_once():
    """A second receipt for the same decision is one too many."""
    story = yunxi.whole_inspection()
    decided = story.state().decision.issued
    taken = FineCollected(
        **yunxi.common(),
        issued=decided.id,
        ground=CashGround.HARD_LATER,
        receipt_no="A0000123",
        amount=decided.statement.decision.fine,
        hand_in_by="2026-11-19",
    )
    assert answer(taken, "OS-4", story.state()).level is Level.PASS
    story.tell(taken)
    assert answer(taken, "OS-4", story.state()).level is Level.BLOCK


# ── MI-1, LM-1 ───────────────────────────────────────────────────────────────────────────


def citizen(id_code: str) -> CaseState:
    story = yunxi.Story()
    child = Party(name="小明", party_class=PartyClass.CITIZEN, id_code=id_code)
    story.tell(yunxi.open_inspection(party=child))
    return story.state()


def numbered(born: str) -> str:
    """An identity number of this day of birth, with its check digit."""
    stem = f"990123{born}001"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(d) * w for d, w in zip(stem, weights, strict=True))
    return stem + "10X98765432"[total % 11]


@pytest.mark.parametrize(
    ("born", "expected"),
    [
        ("20121119", Level.BLOCK),
        ("20121118", Level.RECORD),
        ("20081119", Level.RECORD),
        ("20081118", None),
        ("19760101", None),
    ],
)
def test_mi_1_counts_birthdays(born, expected):
    """14 and 18 are reached on the birthday itself; the day of the act is 18 November 2026."""
    spot = yunxi.decide(party_class=PartyClass.CITIZEN)
    assert level(spot, "MI-1", citizen(numbered(born))) is expected


def test_mi_1_never_lets_a_minor_be_public():
    """Neither under 14 nor under 18; an adult may be published."""
    story = yunxi.whole_inspection()
    published = yunxi.publish(story.records[6])
    assert level(published, "MI-1", citizen(numbered("20081119"))) is Level.BLOCK
    assert level(published, "MI-1", citizen(numbered("20081118"))) is None


@pytest.mark.parametrize(
    "id_code",
    ["", "99012320121119001", numbered("20121119")[:-1] + "#", "91990123MA0FJ0K21X", "0" * 18],
)
def test_mi_1_says_nothing_of_numbers_that_tell_no_age(id_code):
    """A passport, a damaged number, an enterprise: nobody guesses."""
    assert birthday(id_code) is None
    assert level(yunxi.open_inspection(), "MI-1") is None


def test_mi_1_is_silent_of_papers_that_do_not_punish():
    """An order to correct may go to anybody."""
    assert level(yunxi.inspection_record(), "MI-1", citizen(numbered("20121119"))) is None


@pytest.mark.parametrize(
    ("acted_on", "expected"),
    [
        ("2024-11-18", Level.PASS),
        ("2024-11-17", Level.WARN),
        ("2026-11-01", Level.PASS),
        (None, None),
    ],
)
def test_lm_1_gives_two_years_to_the_day(acted_on, expected):
    """Opened on the second anniversary of the act it is in time."""
    opened = CaseOpened(
        **yunxi.common(),
        number="云市监立〔2026〕41号",
        cause="未标明价格",
        party=SHOP,
        source=CaseSource.COMPLAINT,
        handlers=[SHEN, LU],
        handling_unit="综合行政执法大队",
        acted_on=acted_on,
    )
    assert level(opened, "LM-1") is expected


# ── reasons ──────────────────────────────────────────────────────────────────────────────


def why(rule: str, concerning: str) -> RuleOverridden:
    return RuleOverridden(**yunxi.common(), rule=rule, reason="确有必要", concerning=concerning)


def unrecorded() -> yunxi.Story:
    """A penalty without any recording, up to its service."""
    story = yunxi.Story()
    for statement in (yunxi.open_inspection(), yunxi.show_cards(), yunxi.notify_rights()):
        story.tell(statement)
    heard = story.tell(yunxi.hear())
    decided = story.tell(yunxi.decide(heard=heard.id))
    story.tell(yunxi.serve(decided))
    return story


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ([], Level.WARN),
        ([why("AV-2", "inspection_closed")], Level.RECORD),
        ([why("AV-2", "document_issued:spot_decision")], Level.WARN),
        ([why("RT-3", "inspection_closed")], Level.WARN),
    ],
)
def test_a_reason_on_record_counts_for_its_rule_and_its_act(said, expected):
    """And for no other."""
    story = unrecorded()
    for one in said:
        story.tell(one)
    assert level(yunxi.close(), "AV-2", story.state()) is expected


def test_a_reason_counts_once():
    """A second act of the same kind asks again."""
    story = unrecorded()
    story.tell(why("AV-2", "inspection_closed"))
    story.tell(yunxi.close())
    assert level(yunxi.close(), "AV-2", story.state()) is Level.WARN


def test_of_two_reasons_for_one_act_the_later_is_told():
    """As the officers said it last."""
    story = unrecorded()
    for reason in ("设备没电", "设备被雨淋坏"):
        said = why("AV-2", "inspection_closed")
        story.tell(yunxi.changed(said, reason=reason))
    assert reasons_in(story.state(), yunxi.close()) == {"AV-2": "设备被雨淋坏"}


def test_the_subject_names_the_act():
    """Kind, and of documents and services which."""
    spot = yunxi.decide()
    record = yunxi.whole_inspection().records[6]
    assert subject_of(spot) == "document_issued:spot_decision"
    assert subject_of(yunxi.serve(record)) == f"document_served:{record.id}"
    assert subject_of(yunxi.close()) == "inspection_closed"


def test_a_warning_gone_against_is_told_in_words_and_not_by_its_number():
    spoken = {one.id for one in RULES.values() if one.overridable}
    assert spoken == set(WARNINGS)
    told = tell(
        RuleOverridden(
            **yunxi.common(),
            rule="IN-2",
            concerning="inspection_opened",
            reason="省局交办",
        )
    )
    assert (told.zh, told.detail_zh) == (
        "有提示仍继续，已说明理由：检查次数达到年度上限",
        "省局交办",
    )
    assert "IN-2" not in told.en


def test_only_warnings_may_be_overridable():
    """A rule that blocks is never gone against."""
    chosen = {rule.id for rule in RULES.values() if rule.overridable}
    assert chosen == {"IN-2", "NB-1", "RT-3", "AV-2", "LM-1"}
    assert all(RULES[one].action is Level.WARN for one in chosen)


# ── a whole case ─────────────────────────────────────────────────────────────────────────


def test_a_case_retold_says_what_the_tablet_said():
    """Each record judged by those before it: the same answers as when it was made."""
    story = yunxi.whole_inspection()
    told = [(record.id, one) for record, one in retold(story.state(), REFERENCE)]
    made = []
    for place, record in enumerate(story.records):
        before = CaseState(story.state().case, tuple(story.records[:place])) if place else None
        made += [
            (record.id, one)
            for one in judge(
                record.statement, before, REFERENCE, record.statement.at, signers=record.signers
            )
        ]
    assert told == made
    assert not [one for _, one in told if one.level in (Level.BLOCK, Level.WARN)]


def test_a_case_retold_finds_what_was_admitted_against_a_rule():
    """A tablet that did not judge: its penalty without hearing is found, and so is its end."""
    story = begun()
    story.tell(yunxi.decide())
    story.tell(yunxi.close())
    found = {(type(record.statement).__name__, one.rule.id) for record, one in
             retold(story.state(), REFERENCE) if one.level is Level.BLOCK}  # fmt: skip
    assert found == {("DocumentIssued", "RT-1"), ("InspectionClosed", "OS-2")}


def test_an_openings_reason_stands_behind_it():
    """There is no case before it; a reason that comes after other acts is none of its."""
    story = yunxi.Story()
    story.tell(yunxi.open_inspection(task="aa" * 32))
    story.tell(why("IN-2", "inspection_opened"))
    story.tell(yunxi.show_cards())
    over = task(2, 2)
    levels = [one.level for _, one in retold(story.state(), REFERENCE, task=over)
              if one.rule.id == "IN-2"]  # fmt: skip
    assert levels == [Level.RECORD]
    late = yunxi.Story()
    late.tell(yunxi.open_inspection(task="aa" * 32))
    late.tell(yunxi.show_cards())
    late.tell(why("IN-2", "inspection_opened"))
    levels = [one.level for _, one in retold(late.state(), REFERENCE, task=over)
              if one.rule.id == "IN-2"]  # fmt: skip
    assert levels == [Level.WARN]


def test_a_recusal_that_names_no_wish_recuses_nobody():
    """The head's word has to say whose wish it answers."""
    story = begun()
    story.tell(
        ApprovalGiven(
            **yunxi.common(), subject=ApprovalSubject.RECUSAL, granted=True, reason="同意"
        )
    )
    assert story.state().decided(ApprovalSubject.RECUSAL) == {}
    assert level(yunxi.hear(), "ID-1", story.state()) is Level.PASS

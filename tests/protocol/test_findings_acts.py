"""What a report says of acts and times, archive and witnesses, and who answers for it."""

import hashlib
from dataclasses import replace

import pytest

from protocol.findings import CODES, Severity, Tenure, examine, who
from protocol.findings.agency import FIXITY_MS, AgencyFacts, Package, judged
from protocol.findings.answering import Answer, folded, state_of
from protocol.statements import RuleOverridden
from protocol.vocabulary import FindingState, StaffRole, Standing
from tests.protocol import yunxi
from tests.protocol.test_findings import HOUR, LAST, MORNING, WHOLE, Shelf, codes, lu, shelf, shen
from tests.protocol.yunxi import MORNING as START

SHEN, LU = "00992304117", "00992304132"
HOLDERS = {shen.verifier.key_id: SHEN, lu.verifier.key_id: LU}
DAY = 24 * HOUR


def tenure(at: int, standing: Standing = Standing.VALID, until: str = "2029-04-30") -> Tenure:
    return Tenure(at, "沈知远", standing, "2024-05-01", until)


def acting(made: Shelf, *tenures: Tenure, **changed):
    roster = {SHEN: tenures, LU: (tenure(0),)}
    return examine(made.facts(holders=HOLDERS, roster=roster, **changed))


def overridden(rule: str, at: int = MORNING) -> RuleOverridden:
    return RuleOverridden(**yunxi.common(at), rule=rule, reason="店里停电，没法拍照")


def test_acts_in_a_time_when_the_card_was_suspended_are_found_with_their_officer():
    """Surely: the standing changed before the last server time that the tablet had verified."""
    suspended = tenure(MORNING - 2 * HOUR, Standing.SUSPENDED)
    report = acting(WHOLE, tenure(0), suspended)
    (found,) = report.findings
    assert (found.code, found.severity) == ("invalid_holder", Severity.ACT)
    assert "停用" in found.zh
    assert "suspended" in found.en
    assert found.spans == ((0, LAST),)
    assert SHEN in found.holders
    assert report.complete


@pytest.mark.parametrize(
    ("rest", "found"),
    [
        ((MORNING - 2 * HOUR, None), [("suspended_device", Severity.ACT)]),
        ((MORNING - 2 * HOUR, MORNING + 9 * HOUR), [("suspended_device", Severity.ACT)]),
        ((MORNING, None), [("uncertain_device", Severity.WATCH)]),
        ((MORNING - 2 * HOUR, MORNING), [("uncertain_device", Severity.WATCH)]),
        ((MORNING - 3 * HOUR, MORNING - 2 * HOUR), []),
        ((MORNING + 9 * HOUR, None), []),
    ],
    ids=["since before", "ended later", "meanwhile", "ended meanwhile", "ended before", "later"],
)
def test_acts_on_a_suspended_tablet_are_found_surely_or_perhaps(rest, found):
    """Between the server's time that it had verified and the reception."""
    report = acting(WHOLE, tenure(0), rests=(rest,))
    assert [(one.code, one.severity) for one in report.findings] == found
    assert all(one.spans == ((0, LAST),) for one in report.findings)
    assert report.complete


@pytest.mark.parametrize(
    "tenures",
    [
        (tenure(0),),
        (tenure(0), tenure(MORNING + 5 * HOUR, Standing.CANCELLED)),
        (tenure(0), tenure(MORNING, Standing.SUSPENDED)),
        (),
        (tenure(MORNING + 9 * HOUR),),
    ],
    ids=["valid", "later", "in between", "no roster", "registered later"],
)
def test_nobody_is_called_invalid_who_may_have_been_valid(tenures):
    assert "invalid_holder" not in [one.code for one in acting(WHOLE, *tenures).findings]


def test_a_card_that_had_run_out_that_day_is_expired():
    (found,) = acting(WHOLE, tenure(0, until="2026-11-17")).findings
    assert (found.code, "过期" in found.zh) == ("invalid_holder", True)
    assert acting(WHOLE, tenure(0, until="2026-11-18")).findings == ()


def test_warnings_gone_against_are_found_by_rule_with_their_reasons():
    made = shelf()
    made.add(overridden("AV-2"))
    made.add(overridden("RT-3"))
    made.add(overridden("AV-2"))
    first, second = examine(made.facts()).findings
    assert (first.code, first.subject, first.spans) == ("overridden", "AV-2", ((9, 9), (11, 11)))
    assert second.subject == "RT-3"
    assert "2次" in first.zh
    assert any("停电" in one.value for one in first.evidence)
    assert examine(made.facts()).complete


def test_what_arrives_long_after_the_act_is_late():
    made = shelf()
    made.add(yunxi.show_cards(), wall_at=MORNING, received_at=MORNING + 2 * DAY)
    assert codes(made.facts(now=MORNING + 2 * DAY)) == []
    made.add(yunxi.show_cards(), wall_at=MORNING, received_at=MORNING + 3 * DAY)
    (found,) = examine(made.facts(now=MORNING + 3 * DAY)).findings
    assert (found.code, found.spans, found.since) == ("late_arrival", ((10, 10),), MORNING)
    assert "72小时" in found.zh


@pytest.mark.parametrize(
    "facts",
    [
        {"monotonic": 999},
        {"server_at": MORNING - 2 * HOUR},
        {"server_at": MORNING + 3 * HOUR, "wall_at": MORNING + 3 * HOUR},
    ],
    ids=["counter runs back", "server's time runs back", "a time that was not yet"],
)
def test_times_that_cannot_be_are_found(facts):
    made = shelf()
    made.add(yunxi.show_cards(), **facts)
    found = {one.code: one for one in examine(made.facts()).findings}
    assert found["impossible_time"].spans == ((9, 9),)
    assert found["impossible_time"].severity is Severity.ACT


def test_a_counter_may_start_anew_with_another_boot():
    made = shelf()
    made.add(yunxi.show_cards(), monotonic=5, boot=b"C" * 16)
    assert codes(made.facts()) == []


def test_acts_under_lists_that_had_been_replaced_for_a_day_are_found():
    made = Shelf()
    for record in yunxi.whole_inspection().records[:9]:
        made.add(record.statement, case_tag=b"c" * 16)
    since = MORNING - 25 * HOUR
    facts = {"holders": HOLDERS, "references": [(3, since - DAY), (4, since - HOUR), (5, since)]}
    (found,) = examine(made.facts(**facts)).findings
    assert (found.code, found.spans) == ("stale_catalogue", ((0, LAST),))
    assert "第4版" in found.zh
    assert "第5版" in found.zh
    facts["references"][2] = (5, MORNING - 20 * HOUR)
    assert codes(made.facts(**facts)) == []


def test_a_finding_keeps_its_id_until_it_is_about_more():
    """The same from another look later; another one when a record is added to it."""

    def flagged(made, now=0):
        facts = made.facts(agency="a", now=now) if now else made.facts(agency="a")
        return next(one for one in examine(facts).findings if one.code == "flagged")

    made = shelf()
    made.add(yunxi.show_cards(), reasons=(1,))
    first = flagged(made)
    assert first.id == flagged(made, now=MORNING + 30 * HOUR).id
    assert len(first.id) == 64
    made.add(yunxi.show_cards(), reasons=(1,))
    assert flagged(made).id != first.id


def test_every_code_says_who_is_to_act():
    assert all(zh and en for zh, en in map(who, CODES))


def test_records_are_counted_by_the_officer_who_signed():
    report = examine(WHOLE.facts(holders=HOLDERS))
    assert report.signed == {SHEN: 9, LU: 9}


def test_what_was_destroyed_after_appraisal_is_not_missing():
    made = shelf()
    record = next(iter(made.envelopes))
    gone = {one: data for one, data in made.envelopes.items() if one != record}
    assert codes(made.facts(envelopes=gone)) == ["statement_missing"]
    assert codes(made.facts(envelopes=gone, destroyed={record.hex()})) == []
    blob = sorted(made.blobs)[0]
    kept = made.blobs - {blob}
    assert codes(made.facts(blobs_held=kept)) == ["blob_missing"]
    assert codes(made.facts(blobs_held=kept, destroyed={blob})) == []


# ── the agency ───────────────────────────────────────────────────────────────────────────

NOW = START + 400 * DAY
PACKAGE = Package("2026-0001", hashlib.sha256(b"p").hexdigest(), START, True, False, NOW - DAY)
FACTS = AgencyFacts("a", NOW, 100, packages=[PACKAGE])


@pytest.mark.parametrize(
    ("package", "expected"),
    [
        (PACKAGE, []),
        (replace(PACKAGE, held=False), ["archive_missing"]),
        (replace(PACKAGE, damaged=True), ["archive_damaged"]),
        (replace(PACKAGE, checked_at=NOW - FIXITY_MS), []),
        (replace(PACKAGE, checked_at=NOW - FIXITY_MS - 1), ["fixity_overdue"]),
    ],
)
def test_sealed_files_are_there_whole_and_looked_at(package, expected):
    found = judged(replace(FACTS, packages=[package]))
    assert [one.code for one in found] == expected
    gone = replace(FACTS, packages=[package], destroyed=frozenset({PACKAGE.sha256}))
    assert judged(gone) == ()


def test_witnesses_that_saw_nothing_for_a_day_are_named():
    behind = replace(FACTS, witnesses=1, witnessed=(60, NOW), unwitnessed_at=NOW - DAY)
    assert judged(behind) == ()
    (found,) = judged(replace(behind, unwitnessed_at=NOW - DAY - 1))
    assert (found.code, "40条" in found.zh) == ("witness_behind", True)
    assert judged(replace(FACTS, unwitnessed_at=0)) == ()


def test_a_log_that_does_not_add_up_is_the_first_finding():
    assert [one.code for one in judged(replace(FACTS, log_ok=False))] == ["log_inconsistent"]


# ── answers ──────────────────────────────────────────────────────────────────────────────


def answer(state: FindingState, role: StaffRole, index: int) -> Answer:
    return Answer("ab" * 32, state, "平板落水", "方砚秋", role, START, "cd" * 32, index)


def test_the_last_word_counts_and_only_a_supervisor_settles():
    said = [
        answer(FindingState.SETTLED, StaffRole.AGENCY_HEAD, 3),
        answer(FindingState.EXPLAINED, StaffRole.AGENCY_HEAD, 1),
    ]
    assert state_of(folded(said)["ab" * 32]) is FindingState.EXPLAINED
    said.append(answer(FindingState.SETTLED, StaffRole.SUPERVISOR, 5))
    assert state_of(folded(said)["ab" * 32]) is FindingState.SETTLED
    said.append(answer(FindingState.OPEN, StaffRole.AGENCY_HEAD, 6))
    assert state_of(folded(said)["ab" * 32]) is FindingState.OPEN
    assert state_of(()) is FindingState.OPEN


def test_an_archivist_answers_for_no_finding():
    assert folded([answer(FindingState.EXPLAINED, StaffRole.ARCHIVIST, 1)]) == {}

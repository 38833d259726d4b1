"""Measures, recordings and what is left at a door: rule by rule, at their edges."""

import pytest

from protocol.calendar import CALENDAR_2026
from protocol.redaction import Content, Piece, commit
from protocol.reference import Parameters
from protocol.rules import Level, judge, steps
from protocol.rules.measures import URGENT_MS
from protocol.statements import ApprovalAsked, SignRefused
from protocol.vocabulary import (
    ApprovalSubject,
    DocumentKind,
    Measure,
    MediaKind,
    Outcome,
    Role,
    ServiceMethod,
    Step,
)
from tests.protocol import yunxi
from tests.protocol.measured import (
    ABSENT,
    ATTESTED,
    ATTESTOR,
    OVER,
    REFUSED,
    asked,
    begun,
    end,
    extend,
    fault,
    granted,
    preserve,
    seize,
    seizure_paper,
    whole_video,
)
from tests.protocol.yunxi import MORNING, REFERENCE, changed, reference

NOW = MORNING + 3_600_000
MEASURE, PRESERVATION = ApprovalSubject.MEASURE, ApprovalSubject.PRESERVATION


def level(statement, rule_id, story, ref=REFERENCE, **more):
    found = [
        one.level
        for one in judge(statement, story.state(), ref, NOW, **more)
        if one.rule.id == rule_id
    ]
    return found[0] if found else None


def approved(subject=MEASURE) -> yunxi.Story:
    story = begun()
    granted(story, subject)
    return story


def words(measure: str) -> Content:
    return commit([Piece("measure", measure)], [bytes(16)], "seal_seize_decision", 1)


# ── CM-1 ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, Level.PASS),
        ({"basis": " "}, Level.BLOCK),
        ({"items": []}, Level.BLOCK),
        ({"told": ""}, Level.BLOCK),
        ({"defence": ""}, Level.BLOCK),
        ({"reply": ""}, Level.BLOCK),
        ({"defence": "", "reply": "", "waived": True}, Level.PASS),
        ({"called": ""}, Level.PASS),
        ({"called": "", "party_act": ATTESTED}, Level.BLOCK),
        ({"called": "电话通知", "party_act": ATTESTED, "defence": "", "reply": ""}, Level.PASS),
        ({"measure": Measure.SEAL, "told": ""}, Level.BLOCK),
        ({"measure": Measure.OTHER, "items": []}, Level.BLOCK),
        ({"measure": Measure.FREEZE, "told": "", "items": []}, Level.PASS),
        ({"measure": Measure.SAMPLING, "told": "", "items": []}, None),
    ],
)
def test_cm_1_wants_the_steps_of_article_18(facts, expected):
    """Called, told, heard, listed; of freezing only the approval is asked (ACL 30)."""
    assert level(seize(**facts), "CM-1", approved()) is expected


@pytest.mark.parametrize(
    ("measure", "said", "expected"),
    [
        (Measure.SEAL, "扣押", Level.BLOCK),
        (Measure.SEIZE, "查封", Level.BLOCK),
        (Measure.SEAL, "查封", Level.PASS),
        (Measure.SEAL, "见清单", Level.PASS),
    ],
)
def test_cm_1_wants_the_measure_that_the_decision_says(measure, said, expected):
    """ACL 24: a seizure is not taken under a decision to seal, in whatever order they are made."""
    story = approved()
    paper = story.tell(seizure_paper())
    taken = seize(measure=measure, issued=paper.id)
    assert level(taken, "CM-1", story, content=words(said)) is expected
    story = approved()
    story.tell(seize(measure=measure))
    assert level(seizure_paper(), "CM-1", story, content=words(said)) is expected


def test_a_decision_is_held_against_the_measure_that_none_was_made_for():
    """Two measures, each with a decision of its own; only the one without is looked at."""
    story = approved()
    story.tell(seize(measure=Measure.SEAL))
    story.tell(seizure_paper())
    assert level(seizure_paper(), "CM-1", story, content=words("扣押")) is Level.PASS
    story.tell(seize(measure=Measure.SEIZE))
    assert level(seizure_paper(), "CM-1", story, content=words("扣押")) is Level.PASS
    assert level(seizure_paper(), "CM-1", story, content=words("查封")) is Level.BLOCK


@pytest.mark.parametrize(
    ("made", "facts", "expected"),
    [
        (None, {}, Level.BLOCK),
        (None, {"urgent": True}, Level.PASS),
        (None, {"approval": "aa" * 32}, Level.BLOCK),
        ({"granted": False}, {}, Level.BLOCK),
        ({"subject": PRESERVATION}, {}, Level.BLOCK),
        ({}, {}, Level.PASS),
    ],
)
def test_cm_1_wants_the_heads_approval_first(made, facts, expected):
    """Granted and for measures; urgency lets it wait, a made-up record does not."""
    story = begun()
    if made is not None:
        granted(story, **({"subject": MEASURE} | made))
    assert level(seize(**facts), "CM-1", story) is expected


def test_a_refusal_after_a_grant_counts():
    """The head's last word stands."""
    story = approved()
    granted(story, MEASURE, granted=False)
    assert level(seize(), "CM-1", story) is Level.BLOCK


def test_the_decision_to_seize_waits_for_the_approval_or_the_urgency():
    """Drafted freely; issued once approved, or when the head was told that it is urgent."""
    assert level(seizure_paper(), "CM-1", begun(), draft=True) is Level.BLOCK
    assert level(seizure_paper(), "CM-1", approved()) is Level.PASS
    calm = begun()
    asked(calm, MEASURE)
    assert level(seizure_paper(), "CM-1", calm) is Level.BLOCK
    urgent = begun()
    asked(urgent, MEASURE, urgent=True)
    assert level(seizure_paper(), "CM-1", urgent) is Level.RECORD
    taken = begun()
    taken.tell(seize(urgent=True))
    assert level(seizure_paper(), "CM-1", taken) is Level.RECORD


def test_cm_1_wants_record_and_papers_handed_over_at_the_end():
    """On-site record, decision and list, served; one after the other they are asked for."""
    story = approved()
    story.tell(seize())
    for wanted in ("paper.site_inspection_record", "paper.seal_seize_decision", "serve."):
        answer = next(x for x in judge(yunxi.close(), story.state(), REFERENCE, NOW)
                      if x.rule.id == "CM-1")  # fmt: skip
        assert answer.level is Level.BLOCK
        assert (answer.fix or "").startswith(wanted)
        if wanted.endswith("record"):
            story.tell(yunxi.inspection_record())
        elif wanted.startswith("paper"):
            paper = story.tell(seizure_paper())
        else:
            story.tell(yunxi.serve(paper))
    assert level(yunxi.close(), "CM-1", story) is Level.PASS


# ── CM-2 ─────────────────────────────────────────────────────────────────────────────────


def test_cm_2_reminds_when_an_urgent_measure_is_taken():
    """Noted, with the day's time to report; a calm one is not noted."""
    assert level(seize(urgent=True), "CM-2", begun()) is Level.RECORD
    assert level(seize(), "CM-2", approved()) is None
    assert level(preserve(urgent=True), "CM-2", begun()) is None


@pytest.mark.parametrize(
    ("after_ms", "expected"), [(URGENT_MS, Level.PASS), (URGENT_MS + 1, Level.WARN)]
)
def test_cm_2_counts_24_hours_to_the_last_millisecond(after_ms, expected):
    """From the measure to the report to the head."""
    story = begun()
    taken = story.tell(seize(urgent=True))
    report = ApprovalAsked(**yunxi.common(), subject=MEASURE, reason="补办", urgent=True)
    late = changed(report, at=taken.statement.at + after_ms)
    assert level(late, "CM-2", story) is expected
    closing = changed(yunxi.close(), at=taken.statement.at + after_ms)
    unreported = Level.RECORD if expected is Level.PASS else expected
    assert level(closing, "CM-2", story) is unreported


def test_cm_2_is_content_with_a_report_in_time():
    """However late the inspection ends."""
    story = begun()
    story.tell(seize(urgent=True))
    asked(story, MEASURE, urgent=True)
    closing = changed(yunxi.close(), at=NOW + 9 * URGENT_MS)
    assert level(closing, "CM-2", story) is Level.PASS


# ── SG-2 ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        (seize().party_act, None),
        (REFUSED, Level.RECORD),
        (changed(REFUSED, reason=" "), Level.BLOCK),
        (ABSENT, Level.BLOCK),
        (ATTESTED, Level.RECORD),
    ],
)
def test_sg_2_notes_who_refuses_and_has_an_attestor_for_who_is_absent(act, expected):
    """At the measure, on its decision, and on the on-site record that goes with it."""
    story = approved()
    assert level(seize(party_act=act), "SG-2", story) is expected
    assert level(seizure_paper(party_act=act), "SG-2", story) is expected
    record = changed(yunxi.inspection_record(), party_act=act)
    assert level(record, "SG-2", story) is None
    story.tell(seize())
    assert level(record, "SG-2", story) is expected
    assert level(preserve(party_act=act), "SG-2", story) is None


# ── DL-3 ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, Level.PASS),
        ({"until_on": "2026-11-28"}, Level.BLOCK),
        ({"until_on": None}, Level.BLOCK),
        ({"until_on": "2026-11-20"}, Level.PASS),
        ({"items": []}, Level.BLOCK),
        ({"from_on": "2026-09-23", "until_on": "2026-10-10"}, Level.PASS),
        ({"from_on": "2026-09-23", "until_on": "2026-10-11"}, Level.BLOCK),
    ],
)
def test_dl_3_gives_seven_working_days(facts, expected):
    """From 18 November the seventh is the 27th; over the autumn holidays it is 10 October, a
    Saturday that is worked."""
    assert level(preserve(**facts), "DL-3", approved(PRESERVATION)) is expected


@pytest.mark.parametrize(
    ("urgent", "allowed", "expected"),
    [
        (False, False, Level.BLOCK),
        (True, False, Level.BLOCK),
        (False, True, Level.BLOCK),
        (True, True, Level.PASS),
    ],
)
def test_dl_3_wants_the_approval_unless_a_rule_lets_it_follow(urgent, allowed, expected):
    """APL 56 wants it before; a rule of the ministry may let it follow where it is urgent."""
    ref = reference(parameters=Parameters(urgent_preservation=allowed))
    assert level(preserve(urgent=urgent), "DL-3", begun(), ref) is expected
    notice = yunxi.issue(DocumentKind.PRESERVATION_NOTICE)
    story = begun()
    asked(story, PRESERVATION, urgent=urgent)
    assert level(notice, "DL-3", story, ref) is expected
    assert level(notice, "DL-3", approved(PRESERVATION), ref) is Level.PASS
    assert level(notice, "DL-3", approved(MEASURE), ref) is Level.BLOCK


def test_dl_3_does_not_guess_a_calendar():
    """Seven working days into a year that is not announced cannot be counted."""
    ref = reference(years=[changed(CALENDAR_2026, year=2025, off=[], work=[])])
    assert level(preserve(), "DL-3", approved(PRESERVATION), ref) is Level.BLOCK


# ── DL-4 ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("until_on", "expected"),
    [("2026-12-18", Level.PASS), ("2026-12-19", Level.BLOCK), (None, Level.BLOCK)],
)
def test_dl_4_gives_thirty_calendar_days(until_on, expected):
    """From 18 November to 18 December; a term has to be set."""
    assert level(seize(until_on=until_on), "DL-4", approved()) is expected


@pytest.mark.parametrize(
    ("until_on", "subject", "reason", "earlier", "expected"),
    [
        ("2027-01-17", ApprovalSubject.MEASURE_EXTENSION, "检验", False, Level.PASS),
        ("2027-01-18", ApprovalSubject.MEASURE_EXTENSION, "检验", False, Level.BLOCK),
        ("2027-01-17", ApprovalSubject.MEASURE, "检验", False, Level.BLOCK),
        ("2027-01-17", ApprovalSubject.MEASURE_EXTENSION, " ", False, Level.BLOCK),
        ("2027-01-17", ApprovalSubject.MEASURE_EXTENSION, "检验", True, Level.BLOCK),
    ],
)
def test_dl_4_extends_once_by_thirty_days(until_on, subject, reason, earlier, expected):
    """With the head's approval of just that, and reasons in writing."""
    story = approved()
    taken = story.tell(seize())
    grant = granted(story, subject)
    if earlier:
        story.tell(extend(taken.id, grant.id, "2026-12-20"))
    longer = extend(taken.id, grant.id, until_on, reason=reason)
    assert level(longer, "DL-4", story) is expected
    assert level(extend("aa" * 32, grant.id, until_on), "DL-4", story) is Level.BLOCK


@pytest.mark.parametrize(
    ("on", "longer", "expected"),
    [
        ("2026-12-18", False, Level.PASS),
        ("2026-12-19", False, Level.RECORD),
        ("2026-12-19", True, Level.PASS),
    ],
)
def test_a_late_release_is_noted_and_never_stopped(on, longer, expected):
    """At the end of its term property goes back at once; late is still better than not."""
    story = approved()
    taken = story.tell(seize())
    if longer:
        grant = granted(story, ApprovalSubject.MEASURE_EXTENSION)
        story.tell(extend(taken.id, grant.id, "2027-01-17"))
    assert level(end(taken.id, on), "DL-4", story) is expected


def test_the_last_day_of_a_term_is_said_to_be_in_it():
    """The seventh working day is still the agency's (APL 56), the thirtieth still the measure's
    (ACL 25): words that end before them would give another day."""

    def said(statement, rule, story):
        found = judge(statement, story.state(), REFERENCE, statement.at)
        return next(one for one in found if one.rule.id == rule).zh

    story = approved(PRESERVATION)
    taken = story.tell(preserve())
    assert "最迟在2026年11月27日（含当日）作出处理决定" in said(preserve(), "DL-3", story)
    assert "最迟应当在2026年11月27日（含当日）" in said(end(taken.id, "2026-11-28"), "DL-3", story)
    held = approved()
    sealed = held.tell(seize())
    late = said(end(sealed.id, "2026-12-19"), "DL-4", held)
    assert "期限到2026年12月18日（含当日）届满，应当立即解除" in late
    for one, words in ((story, "最迟在"), (held, "期限到")):
        due = next(x for x in steps(one.state(), REFERENCE, NOW) if x.key.startswith("outcome."))
        assert due.detail_zh.startswith(words)
        assert "（含当日）" in due.detail_zh


# ── AV-1, AV-2 ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("recorded", "expected"),
    [
        ([], Level.BLOCK),
        ([whole_video()], Level.PASS),
        ([whole_video(continuous=False)], Level.BLOCK),
        ([whole_video(media=MediaKind.PHOTO)], Level.BLOCK),
        ([whole_video(step=Step.EVIDENCE)], Level.BLOCK),
        ([whole_video(began_at=MORNING + 86_400_000)], Level.BLOCK),
        ([fault()], Level.PASS),
        ([fault(reason=" ")], Level.BLOCK),
        ([fault(step=Step.EVIDENCE)], Level.BLOCK),
    ],
)
def test_av_1_wants_the_whole_measure_or_its_fault(recorded, expected):
    """A video from start to end, of the measure itself, or why there is none."""
    story = approved()
    story.tell(seize())
    for one in recorded:
        story.tell(one)
    assert level(yunxi.close(), "AV-1", story) is expected


def test_av_1_wants_each_measure_covered():
    """A recording that ended before the second measure does not cover it."""
    story = approved()
    first = story.tell(seize())
    story.tell(whole_video(ended_at=first.statement.at))
    assert level(yunxi.close(), "AV-1", story) is Level.PASS
    story.tell(seize(measure=Measure.SEAL))
    assert level(yunxi.close(), "AV-1", story) is Level.BLOCK
    story.tell(whole_video(began_at=MORNING + 1, ended_at=first.statement.at + 600_000))
    assert level(yunxi.close(), "AV-1", story) is Level.PASS


def test_av_1_takes_no_film_that_was_over_before_the_cards_were_shown():
    """What was filmed before the officers began with the measure shows nothing of it."""
    story = approved()
    before = story.now
    shown = changed(yunxi.show_cards(), step=Step.MEASURE)
    story.tell(shown)
    story.tell(seize())
    story.tell(whole_video(began_at=MORNING, ended_at=before - 1))
    assert level(yunxi.close(), "AV-1", story) is Level.BLOCK
    story.tell(whole_video(began_at=MORNING, ended_at=before + 600_000))
    assert level(yunxi.close(), "AV-1", story) is Level.PASS


@pytest.mark.parametrize("measure", [Measure.FREEZE, Measure.PRESERVATION, Measure.SAMPLING])
def test_av_1_asks_nothing_of_other_measures(measure):
    """Freezing is a bank's doing; preserving and sampling are no coercion."""
    story = approved()
    story.tell(seize(measure=measure))
    assert level(yunxi.close(), "AV-1", story) is None


def test_av_2_warns_where_something_rests_on_nothing_recorded():
    """A decision or a measure without any recording; an inspection that finds nothing is free."""
    plain = begun()
    assert level(yunxi.close(Outcome.NO_PROBLEM), "AV-2", plain) is None
    story = approved(PRESERVATION)
    story.tell(preserve())
    assert level(yunxi.close(), "AV-2", story) is Level.WARN
    ref = reference(parameters=Parameters(recorded_steps=()))
    assert level(yunxi.close(), "AV-2", story, ref) is None
    story.tell(yunxi.capture())
    assert level(yunxi.close(), "AV-2", story) is None


def test_av_2_warns_of_a_paper_that_was_left_unseen():
    """Left with an attestor and no picture: lawful, and a picture is missed."""
    story = begun()
    story.tell(yunxi.capture())
    record = story.tell(yunxi.inspection_record())
    story.tell(yunxi.serve(record, method=ServiceMethod.LEAVING, received=ATTESTED))
    assert level(yunxi.close(), "AV-2", story) is Level.WARN
    story.tell(yunxi.capture(step=Step.SERVICE))
    assert level(yunxi.close(), "AV-2", story) is None


# ── SG-3 ─────────────────────────────────────────────────────────────────────────────────

ATTESTED_REFUSAL = SignRefused(
    role=Role.PARTY, reason="拒收", over=OVER, at=MORNING, attestor=ATTESTOR
)
PERSONAL, LEAVING = ServiceMethod.PERSONAL, ServiceMethod.LEAVING


@pytest.mark.parametrize(
    ("method", "act", "expected"),
    [
        (PERSONAL, seize().party_act, None),
        (PERSONAL, REFUSED, Level.BLOCK),
        (PERSONAL, ABSENT, Level.BLOCK),
        (PERSONAL, ATTESTED_REFUSAL, Level.PASS),
        (LEAVING, REFUSED, Level.BLOCK),
        (LEAVING, ABSENT, Level.BLOCK),
        (LEAVING, ATTESTED_REFUSAL, Level.PASS),
        (LEAVING, ATTESTED, Level.PASS),
        (LEAVING, seize().party_act, Level.BLOCK),
        (ServiceMethod.POSTAL, ABSENT, None),
        (ServiceMethod.ANNOUNCEMENT, ABSENT, None),
    ],
)
def test_sg_3_wants_a_witness_or_a_picture_of_what_is_not_taken(method, act, expected):
    """A refusal on the spot decision needs only a note; every other document more."""
    story = begun()
    order = story.tell(yunxi.issue(DocumentKind.CORRECTION_ORDER))
    assert level(yunxi.serve(order, method=method, received=act), "SG-3", story) is expected


@pytest.mark.parametrize(
    ("media", "expected"),
    [(MediaKind.PHOTO, Level.PASS), (MediaKind.VIDEO, Level.PASS), (MediaKind.SOUND, Level.BLOCK)],
)
def test_sg_3_takes_a_photo_or_video_of_this_case(media, expected):
    """A sound is no picture, and a record of nowhere is none."""
    story = begun()
    order = story.tell(yunxi.issue(DocumentKind.CORRECTION_ORDER))
    shown = story.tell(yunxi.capture(media=media, step=Step.SERVICE))
    left = yunxi.serve(order, method=LEAVING, received=REFUSED, media=[shown.id])
    assert level(left, "SG-3", story) is expected
    stray = changed(left, media=["aa" * 32])
    assert level(stray, "SG-3", story) is Level.BLOCK


def test_sg_1_lets_a_noted_refusal_suffice_on_the_spot():
    """APL 52: the refusal is noted on the decision."""
    story = yunxi.whole_inspection()
    story.records = story.records[:7]
    refused = yunxi.serve(story.records[6], received=changed(REFUSED, over="00" * 32))
    assert level(refused, "SG-3", story) is None

"""What officers do on an inspection, with real keys, rules, PDF and media, without a network."""

from __future__ import annotations

import io
import json

import msgspec
import pypdf
import pytest
from msgspec import UNSET

from field_client.errors import ReasonNeeded, RuleBlocks
from field_client.inspection import Inspection
from field_client.keys.identity import Unlocked
from field_client.party_answers import Absence, Refusal
from field_client.preparing import Answers, decision_of, intended_of
from field_client.store.captures import open_blob
from field_client.store.tables import BlobRow
from protocol.redaction import check, decode_content
from protocol.rules import Level, asks_reason
from protocol.statements import BlobRef, Place, RightsNotified, SignAbsent, Signed
from protocol.vocabulary import DocumentKind, Outcome, Procedure, Role, ServiceMethod, Standing
from tests.cast import DECISION_NUMBER, NUMBER
from tests.field_client.conftest import TurnedClock
from tests.field_client.county import LU, MANAGER, SHEN, SHOP, FieldTablet, hand, left_behind
from tests.field_client.test_documents import template

DAY_MS = 24 * 3_600_000


def blob(tablet: FieldTablet, ref: BlobRef) -> bytes:
    with tablet.tablet.vault.session() as session:
        row = session.get(BlobRow, bytes.fromhex(ref.sha256))
    assert row is not None
    return open_blob(tablet.tablet.settings.blobs_dir, row).all()


def rules_of(blocked: pytest.ExceptionInfo[RuleBlocks]) -> list[str]:
    return [one.rule.id for one in blocked.value.judgements if one.level is Level.BLOCK]


def test_a_whole_inspection_without_a_network(tablet: FieldTablet) -> None:
    """From the opening to the end: ten records in one chain, both documents numbered, every
    blob readable with the hash that its record names."""
    inspection = tablet.whole_inspection()
    state = inspection.state
    assert state.opening is not None
    assert state.opening.statement.number == NUMBER
    assert state.cards_shown == {SHEN, LU}
    assert state.decision is not None
    assert state.decision.issued.statement.number == DECISION_NUMBER
    assert state.decision.served
    assert state.closed is not None
    kinds = [one.issued.statement.document for one in state.documents]
    assert kinds == [DocumentKind.SITE_INSPECTION_RECORD, DocumentKind.SPOT_DECISION]
    assert len(state.records) == 10
    assert [one.link.sequence for one in state.records] == list(range(10))
    assert {one.link.case_tag for one in state.records} == {state.opening.link.case_tag}
    for ref in state.blobs:
        assert len(blob(tablet, ref)) == ref.size
    assert left_behind(tablet) == (0, 0)


def test_statements_of_both_officers_bear_both_signatures(
    tablet: FieldTablet, inspection: Inspection
) -> None:
    """Opening and decision are signed by both keys in one step, a photo by its recorder."""
    both = tuple(sorted(one.signer.verifier.key_id for one in tablet.officers))
    photo = tablet.photo(inspection)
    signers = {one.hash: one.signers for one in inspection.state.records}
    assert signers[inspection.case] == both
    assert signers[photo.record] == (tablet.shen.signer.verifier.key_id,)


def test_the_card_shows_the_standing_and_a_code_for_this_inspection(
    tablet: FieldTablet, inspection: Inspection
) -> None:
    """Valid today by card and roster; the code changes with every second."""
    face = tablet.tablet.office.face(tablet.shen)
    assert (face.standing, face.officer.name) == (Standing.VALID, "沈知远")
    first = inspection.card_code(face)
    assert first.startswith(f"{tablet.tablet.admitted.address.upper()}/V/")
    tablet.clock.pass_seconds(1)
    assert inspection.card_code(face) != first


def test_a_stale_roster_warns_and_the_card_says_unknown(
    tablet: FieldTablet, clock: TurnedClock
) -> None:
    """After 24 hours without an update acts go on, with the warning in their judgements."""
    clock.pass_seconds(25 * 3600)
    assert tablet.tablet.office.face(tablet.shen).standing is Standing.UNKNOWN
    saved = tablet.tablet.office.open(tablet.opening(), tablet.officers)
    judged = tablet.tablet.journal.consider(saved.opening)
    assert [one.rule.id for one in judged if one.level is Level.WARN] == ["ID-7"]


def test_an_expired_certificate_stops_the_opening(tablet: FieldTablet, clock: TurnedClock) -> None:
    """2029-05-01 is the day after both certificates end."""
    clock.wall += 1200 * DAY_MS
    assert tablet.tablet.office.face(tablet.shen).standing is Standing.EXPIRED
    with pytest.raises(RuleBlocks) as blocked:
        tablet.open()
    assert "ID-2" in rules_of(blocked)
    assert tablet.stages() == []


def test_one_officer_alone_opens_nothing(tablet: FieldTablet) -> None:
    """Also when the form names two: the one who did not sign does not count (APL 42)."""
    with pytest.raises(RuleBlocks) as alone:
        tablet.tablet.office.open(tablet.opening(), [tablet.shen])
    assert "ID-1" in rules_of(alone)
    inspection = tablet.opened_and_notified()
    left = tablet.tablet.office.resume(inspection.case, [tablet.lu])
    with pytest.raises(RuleBlocks) as blocked:
        tablet.hear(left)
    assert "ID-1" in rules_of(blocked)


def test_no_question_and_no_recording_before_the_cards(
    tablet: FieldTablet, officer_shen: Unlocked
) -> None:
    """APL 55: the camera does not even start."""
    inspection = tablet.open()
    for act in (lambda: tablet.notify(inspection), lambda: tablet.photo(inspection)):
        with pytest.raises(RuleBlocks) as blocked:
            act()
        assert rules_of(blocked) == ["ID-4"]
    assert left_behind(tablet) == (0, 0)


def test_rights_may_be_signed_refused_or_told_to_nobody(tablet: FieldTablet) -> None:
    """The refusal's reason is kept as given; an attestor's hand stands in for one absent."""
    inspection = tablet.open()
    inspection.show_cards(MANAGER)
    text = bytes(range(32))
    refused = inspection.notify_rights(text, True, Refusal(Role.PARTY, "称没有时间"))
    absent = inspection.notify_rights(
        text, True, Absence(Role.PARTY, "店内无人", attestor=hand("王师傅", Role.ATTESTOR))
    )
    assert isinstance(refused.statement, RightsNotified)
    assert refused.statement.party_act.reason == "称没有时间"  # type: ignore[union-attr]
    assert isinstance(absent.statement, RightsNotified)
    act = absent.statement.party_act
    assert isinstance(act, SignAbsent)
    assert act.attestor is not None
    assert act.attestor.over == text.hex()
    with pytest.raises(RuleBlocks) as blocked:
        inspection.notify_rights(text, True, Refusal(Role.PARTY, "  "))
    assert rules_of(blocked) == ["RT-2"]


def test_a_fine_of_three_thousand_passes_and_one_fen_more_does_not(
    tablet: FieldTablet, inspection: Inspection
) -> None:
    """APL 51. What was refused took no number and left no file."""
    tablet.hear(inspection)
    desk, kind = tablet.desk(inspection), DocumentKind.SPOT_DECISION
    answers = desk.answers(kind) | {"facts": "7种散装商品未标明价格。", "fine": "3000.01"}
    warned = [one.rule.id for one in desk.judge(kind, answers) if one.level is Level.BLOCK]
    assert warned == ["OS-1"]
    with pytest.raises(RuleBlocks) as blocked:
        tablet.decide(inspection, fine="3000.01")
    assert rules_of(blocked) == ["OS-1"]
    assert left_behind(tablet) == (0, 0)
    issued = tablet.content_of(tablet.decide(inspection, fine="3000.00"))
    assert issued.number == DECISION_NUMBER
    assert issued.decision is not None
    assert issued.decision.fine == 300_000


def test_a_draft_is_judged_without_signatures(tablet: FieldTablet, inspection: Inspection) -> None:
    """Nothing stands against a complete form before anybody signed it."""
    tablet.hear(inspection)
    desk, kind = tablet.desk(inspection), DocumentKind.SPOT_DECISION
    answers = desk.answers(kind) | {"facts": "7种散装商品未标明价格。", "fine": "500"}
    assert [one for one in desk.judge(kind, answers) if one.level is Level.BLOCK] == []


def test_no_decision_before_the_party_was_heard(
    tablet: FieldTablet, inspection: Inspection
) -> None:
    """APL 44, 45."""
    with pytest.raises(RuleBlocks) as blocked:
        tablet.decide(inspection, defence="无", reply="无")
    assert rules_of(blocked) == ["RT-1"]


def test_handwriting_is_bound_to_the_text_that_was_shown(
    tablet: FieldTablet, inspection: Inspection
) -> None:
    """ESL 13: the blob says over which root it was drawn; the code bears the same root."""
    tablet.hear(inspection)
    issued = tablet.content_of(tablet.decide(inspection))
    content = decode_content(blob(tablet, issued.content))
    check(issued.segments, content.pieces)
    assert isinstance(issued.party_act, Signed)
    for act in (issued.party_act, *issued.officer_acts):
        kept = json.loads(blob(tablet, act.handwriting))
        assert kept["over"] == act.over == issued.root
    words = pypdf.PdfReader(io.BytesIO(blob(tablet, issued.pdf))).pages[-1].extract_text()
    assert issued.root[:4] in words


def test_each_officer_signs_by_hand(tablet: FieldTablet, inspection: Inspection) -> None:
    """One hand for two officers is no decision; nothing of it stays."""
    tablet.hear(inspection)
    desk, kind = tablet.desk(inspection), DocumentKind.SPOT_DECISION
    typed = {"facts": "未标价。", "evidence": "当事人的陈述", "fine": "500"}
    prepared = desk.prepare(kind, desk.answers(kind) | typed)
    for hands in ([tablet.hands()[0]], [tablet.hands()[0]] * 2):
        with pytest.raises(RuleBlocks) as blocked:
            desk.issue(prepared, hand("周明禾", Role.PARTY), hands)
        assert rules_of(blocked) == ["SG-4"]
    assert left_behind(tablet) == (0, 0)
    saved, made = desk.issue(prepared, hand("周明禾", Role.PARTY), tablet.hands())
    assert tablet.content_of(saved).pages == made.pages


def test_a_decision_is_handed_over_before_the_end(
    tablet: FieldTablet, inspection: Inspection
) -> None:
    """APL 52; the outcome has to fit the documents."""
    tablet.hear(inspection)
    decision = tablet.decide(inspection)
    with pytest.raises(RuleBlocks) as blocked:
        inspection.close(Outcome.PENALISED_ON_SPOT)
    assert rules_of(blocked) == ["OS-2"]
    desk = tablet.desk(inspection)
    party = hand("周明禾", Role.PARTY)
    desk.serve(decision.record, ServiceMethod.PERSONAL, "周明禾", Place(text=SHOP), party)
    with pytest.raises(ReasonNeeded) as asked:
        inspection.close(Outcome.PENALISED_ON_SPOT)  # nothing was recorded
    assert [one.rule.id for one in asked.value.judgements if asks_reason(one)] == ["AV-2"]
    inspection.override("AV-2", "店内不让拍照")
    closed = inspection.close(Outcome.PENALISED_ON_SPOT)
    assert closed.link.sequence == 7
    (why,) = inspection.state.overrides
    assert (why.statement.rule, why.statement.reason) == ("AV-2", "店内不让拍照")
    assert why.statement.concerning == "inspection_closed"
    assert why.link.sequence == 6
    assert [one.level for one in closed.judgements if one.rule.id == "AV-2"] == [Level.RECORD]


def test_a_recording_says_who_when_where_and_what_for(
    tablet: FieldTablet, inspection: Inspection
) -> None:
    """EVID 12: number, times, place, recorder, purpose, device; the file is an MP4."""
    clip = tablet.clip(inspection).statement
    assert (clip.case_no, clip.recorder, clip.device) == (NUMBER, LU, "YX-T07")  # type: ignore[attr-defined]
    data = blob(tablet, clip.blob)  # type: ignore[attr-defined]
    assert data[4:8] == b"ftyp"


def test_an_inspection_goes_on_after_a_restart(tablet: FieldTablet, clock: TurnedClock) -> None:
    """The state is the records': a program that starts anew knows what is done and what is not."""
    case = tablet.opened_and_notified().case
    before = tablet.stages()
    tablet.restart()
    again = tablet.tablet.office.resume(case, tablet.officers)
    assert tablet.stages() == before
    assert len(again.state.records) == 3
    tablet.photo(again)


def test_what_was_captured_twice_is_one_blob(tablet: FieldTablet, inspection: Inspection) -> None:
    """Two photos of one frame of the media file: two records, one file."""
    first, second = tablet.photo(inspection), tablet.photo(inspection)
    assert first.record != second.record
    assert first.statement.blob == second.statement.blob  # type: ignore[attr-defined]
    assert left_behind(tablet) == (0, 0)


def test_a_notice_says_the_penalty_that_it_tells_of(
    tablet: FieldTablet, inspection: Inspection
) -> None:
    """RT-3 compares the decision with it; a notice decides nothing itself."""
    told = {"penalty": "罚款", "fine": "5000"}
    case = (inspection.opening, inspection.state, tablet.clock.wall_ms())
    notice, spot = template("prior_notice"), template("spot_decision")
    intended = intended_of(notice, told, *case)
    assert intended is not None
    assert (intended.fine, intended.procedure) == (500_000, Procedure.ORDINARY)
    assert decision_of(notice, told, *case) is None
    assert intended_of(spot, told, *case) is None


def test_a_paper_states_that_it_denies_the_right_to_a_hearing(
    tablet: FieldTablet, inspection: Inspection
) -> None:
    """By the choice that its form marks; where the form asks nothing of the kind, nothing."""
    case = (inspection.opening, inspection.state, tablet.clock.wall_ms())

    def stated(form: str, hearing: str) -> object:
        answers: Answers = {"penalty": "罚款", "fine": "5000", "hearing": hearing}
        found = decision_of(template(form), answers, *case) or intended_of(
            template(form), answers, *case
        )
        assert found is not None
        return found.denies_hearing

    assert stated("prior_notice", "本案不属于听证范围") is True
    assert stated("prior_notice", "可以要求听证") is False
    assert stated("penalty_decision", "当事人未要求听证") is False
    assert stated("spot_decision", "本案不属于听证范围") is UNSET
    assert b"denies_hearing" not in msgspec.json.encode(
        decision_of(template("spot_decision"), {"penalty": "警告"}, *case)
    )

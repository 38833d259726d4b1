"""Who signs what, who attests, how a document is served: by touches through the real vault."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlmodel import select

from field_client.flow.gathering import ON_PROOF
from field_client.flow.signatories import ASKS, Attest, Side, asked_now, attest
from field_client.flow.signview import first_signer
from field_client.flow.ways import WAYS
from field_client.store.tables import NumberBlockRow
from protocol.statements import (
    DocumentIssued,
    DocumentServed,
    IdentityShown,
    MediaCaptured,
    RightsNotified,
    SignAbsent,
    SignatureTaken,
    Signed,
    SignRefused,
)
from protocol.vocabulary import DocumentKind, Role, ServiceMethod, Step
from tests.field_client.county import SHEN, FieldTablet
from tests.field_client.flowing import PARTY_HAND, Stage, count, last


@pytest.fixture
def stage(tablet: FieldTablet) -> Iterator[Stage]:
    made = Stage.of(tablet)
    yield made
    made.close()


def all_of(stage: Stage, kind: type) -> list[Any]:
    return [one for one in stage.records if isinstance(one, kind)]


def whole(stage: Stage) -> None:
    """The pages, up to the hand under the whole."""
    while stage.view.turn.whose == "page":
        stage.do.party_signs(PARTY_HAND)
    stage.work()


# ── data ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", DocumentKind)
def test_every_kind_of_document_says_who_signs_it(kind: DocumentKind) -> None:
    assert kind in ASKS


@pytest.mark.parametrize("method", ServiceMethod)
def test_every_way_of_service_says_what_it_asks_for(method: ServiceMethod) -> None:
    assert "addressee" in WAYS[method].fields
    assert WAYS[method].clause.startswith("《")


@pytest.mark.parametrize(
    ("kind", "absent", "coercion", "wanted"),
    [
        (DocumentKind.SPOT_DECISION, False, False, Attest.NEVER),
        (DocumentKind.SPOT_DECISION, True, False, Attest.NEVER),
        (DocumentKind.SITE_INSPECTION_RECORD, True, False, Attest.MAY),
        (DocumentKind.SITE_INSPECTION_RECORD, True, True, Attest.MUST),
        (DocumentKind.SITE_INSPECTION_RECORD, False, True, Attest.MAY),
        (DocumentKind.SEAL_SEIZE_DECISION, True, True, Attest.MUST),
    ],
)
def test_who_stands_in_follows_the_law(
    kind: DocumentKind, absent: bool, coercion: bool, wanted: Attest
) -> None:
    assert attest(kind, absent=absent, coercion=coercion) is wanted


# ── the party's side ─────────────────────────────────────────────────────────────────────────


def test_every_page_of_a_record_bears_a_hand_over_its_text(stage: Stage) -> None:
    stage.signing()
    pages = len(stage.view.pages)
    assert stage.view.turn.whose == "page"
    stage.party_signs()
    stage.officers_sign()
    issued, taken = last(stage, DocumentIssued), all_of(stage, SignatureTaken)
    assert [one.page for one in taken] == list(range(1, pages))
    assert {one.act.over for one in taken} == {issued.root}
    record = next(one for one in stage.desk.case.state.documents).issued.id
    assert {one.concerning for one in taken} == {record}
    assert all(isinstance(one.act, Signed) for one in taken)


def test_nothing_is_on_record_before_the_last_officer(stage: Stage) -> None:
    stage.signing()
    stage.party_signs()
    assert all_of(stage, SignatureTaken) == []
    case = stage.desk.case.case.hex()
    stage.do.lock()
    stage.unlock()
    stage.second()
    stage.do.resume(case)
    assert all_of(stage, DocumentIssued) == []


def test_hands_under_pages_of_a_record_outlive_a_lock_and_are_used_for_its_text(
    stage: Stage,
) -> None:
    stage.signing()
    stage.do.party_signs(PARTY_HAND)
    stage.work()
    root, case = stage.routes._signing._gathering.prepared.root, stage.desk.case.case.hex()
    stage.do.lock()
    stage.unlock()
    stage.second()
    stage.do.resume(case)
    stage.do.act("record")
    assert stage.view.notes[0].title == "签名中断了"
    stage.do.finish_form()
    stage.work()
    assert stage.screen == "sign"
    assert stage.view.turn.key != "page.1", "the first page is signed already"
    stage.party_signs()
    stage.officers_sign()
    assert last(stage, DocumentIssued).root == root.hex()
    assert {one.act.over for one in all_of(stage, SignatureTaken)} == {root.hex()}


def test_hands_that_wait_under_a_record_go_when_its_text_changes(stage: Stage) -> None:
    stage.signing()
    stage.do.party_signs(PARTY_HAND)
    stage.work()
    stage.do.back()
    stage.do.leave_party(SHEN, "471108")
    stage.work()
    assert stage.view.notes[0].title == "签名中断了"
    stage.do.edit_field("found", "另有三种商品未标价。")
    stage.work()
    stage.do.save_draft()
    stage.do.act("record")
    assert "签名中断了" not in [one.title for one in stage.view.notes]


def test_a_refused_page_is_noted_and_the_next_is_asked_for(stage: Stage) -> None:
    stage.signing()
    assert stage.view.refusals[0].word == "不认可本页内容"
    stage.do.party_refuses("disagrees", "日期不对")
    assert stage.view.turn.key != "page.1"
    stage.party_signs()
    stage.officers_sign()
    act = all_of(stage, SignatureTaken)[0].act
    assert isinstance(act, SignRefused)
    assert act.reason == "不认可本页内容：日期不对"
    assert isinstance(last(stage, DocumentIssued).party_act, Signed)


def test_who_has_left_signs_no_page_and_somebody_may_attest(stage: Stage) -> None:
    stage.signing()
    stage.do.party_refuses("left", "")
    assert stage.view.stage == "attestor"
    assert stage.view.missing == "name"
    assert not stage.view.attestor.must, "no coercion: nobody has to attest"
    stage.do.edit_signer("name", "王芳")
    stage.do.edit_signer("unit", "青石镇河西社区居委会")
    stage.do.party_signs(PARTY_HAND)
    assert stage.view.stage == "officers"
    stage.officers_sign()
    act = last(stage, DocumentIssued).party_act
    assert isinstance(act, SignAbsent)
    assert act.attestor is not None
    assert act.attestor.role is Role.ATTESTOR
    assert act.attestor.over == last(stage, DocumentIssued).root


def test_where_nobody_has_to_attest_the_officers_go_on(stage: Stage) -> None:
    stage.signing()
    whole(stage)
    stage.do.party_refuses("cannot_write", "")
    assert stage.view.stage == "attestor"
    stage.do.party_refuses("nobody", "")
    assert stage.view.stage == "officers"
    stage.officers_sign()
    act = last(stage, DocumentIssued).party_act
    assert isinstance(act, SignRefused)
    assert act.attestor is None


def test_an_agent_signs_by_a_written_authority(stage: Stage) -> None:
    stage.signing()
    whole(stage)
    stage.do.sign_as("agent")
    assert stage.view.missing == "signer"
    stage.do.edit_signer("signer", "李明")
    assert stage.view.missing == "authority"
    stage.do.edit_signer("authority", "2026年11月18日授权委托书")
    assert stage.view.missing == ""
    stage.do.party_signs(PARTY_HAND)
    assert last_hand(stage).signer == "李明（2026年11月18日授权委托书）"
    stage.officers_sign()
    assert last(stage, DocumentIssued).party_act.role is Role.AGENT


def last_hand(stage: Stage) -> Any:
    return stage.routes._signing._gathering.answers["party"]


def test_who_is_met_on_site_signs_by_name(stage: Stage) -> None:
    stage.signing()
    whole(stage)
    stage.do.sign_as("site_manager")
    assert stage.view.signer == "周明禾"


def test_reading_aloud_and_explaining_is_recorded(stage: Stage) -> None:
    stage.signing()
    assert stage.view.plain, "plain words stand beside the pages"
    stage.do.tick_explained(True)
    stage.party_signs()
    stage.officers_sign()
    assert last(stage, DocumentIssued).explained


def test_an_objection_voids_the_hands_under_the_older_text(stage: Stage) -> None:
    stage.signing()
    whole(stage)
    before = stage.routes._signing._gathering.prepared.root
    stage.do.party_objects("价签在仓库里。")
    stage.work()
    assert stage.view.turn.key == "page.1"
    assert stage.routes._signing._gathering.prepared.root != before


# ── service ──────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def serving(stage: Stage) -> Stage:
    """The decision is signed and is being handed over."""
    return stage.notified().decided(evidence="当事人的陈述")


def test_a_refused_decision_on_the_spot_is_noted_and_that_suffices(serving: Stage) -> None:
    serving.do.refuse_service("disagrees", "")
    serving.work()
    served = last(serving, DocumentServed)
    assert served.method is ServiceMethod.PERSONAL
    assert isinstance(served.received, SignRefused)
    assert served.received.reason == "不认可内容"


def test_leaving_asks_for_a_witness_who_signs(serving: Stage) -> None:
    serving.do.edit_serve("method", "leaving")
    assert [one.key for one in serving.view.asked][-2:] == ["witness", "unit"]
    serving.do.serve(PARTY_HAND)
    serving.work()
    assert all_of(serving, DocumentServed) == [], "witness and reason are missing"
    for key, words in (("reason", "拒绝签收"), ("witness", "王芳"), ("unit", "河西社区")):
        serving.do.edit_serve(key, words)
    assert serving.view.missing == ()
    assert serving.view.writer == "王芳"
    serving.do.serve(PARTY_HAND)
    serving.work()
    served = last(serving, DocumentServed)
    assert served.method is ServiceMethod.LEAVING
    assert served.received.attestor.role is Role.ATTESTOR
    assert "拒绝签收" in served.received.reason


def test_leaving_without_a_witness_asks_for_photo_or_video_taken_there(serving: Stage) -> None:
    serving.do.edit_serve("method", "leaving")
    serving.do.edit_serve("reason", "拒绝签收")
    serving.do.edit_serve("how", "media")
    assert serving.view.writer == ""
    assert serving.view.missing == ("照片或者录像",)
    serving.do.serve(None)
    serving.work()
    assert all_of(serving, DocumentServed) == []
    serving.pass_seconds(5)
    serving.do.record_service()
    assert serving.screen == "capture"
    for language in ("en", "zh_CN"):  # another language is no other act
        serving.do.set_language(language)
        serving.work()
    serving.do.take_photo()
    serving.work()
    serving.do.finish_capture()
    photo = last(serving, MediaCaptured)
    assert (photo.step, photo.purpose) == (Step.SERVICE, "证明：当场行政处罚决定书留置送达")
    assert [one.chosen for one in serving.view.media] == [True], "what was taken for it is chosen"
    assert serving.view.missing == ()
    serving.do.serve(None)
    serving.work()
    assert last(serving, DocumentServed).media == [serving.desk.case.state.media[-1].id]
    serving.do.act("evidence")
    assert (serving.view.labels.step, serving.view.labels.purpose) == ("evidence", "")


def test_the_post_needs_a_number_and_the_receipt_says_when(serving: Stage) -> None:
    serving.do.edit_serve("method", "postal")
    assert serving.view.missing == ("邮件号码",)
    serving.do.edit_serve("tracking", "XA123456789CN")
    serving.do.serve(None)
    serving.work()
    served = last(serving, DocumentServed)
    assert served.method is ServiceMethod.POSTAL
    assert "XA123456789CN" in served.received.reason


def test_electronic_service_needs_consent_by_hand(serving: Stage) -> None:
    serving.do.edit_serve("method", "electronic")
    serving.do.edit_serve("electronic", "hesui@mail.example")
    serving.do.serve(None)
    serving.work()
    assert all_of(serving, DocumentServed) == []
    serving.do.serve(PARTY_HAND)
    serving.work()
    served = last(serving, DocumentServed)
    assert served.place.text == "hesui@mail.example"
    assert isinstance(served.received, Signed)


def test_who_receives_for_another_says_what_he_is_to_the_addressee(serving: Stage) -> None:
    serving.do.edit_serve("receiver", "陈晓")
    serving.do.edit_serve("relation", "会计")
    serving.do.serve(PARTY_HAND)
    serving.work()
    assert last(serving, DocumentServed).received.role is Role.RECEIVER


# ── a paper whose hand is its receipt, and one whose receipt is the proof of service ─────────


def test_the_hand_under_an_order_is_its_receipt(stage: Stage) -> None:
    stage.notified()
    stage.do.act("correction")
    stage.work()
    fill(stage)
    stage.do.finish_form()
    stage.work()
    assert stage.screen == "sign", stage.shell.told or stage.view
    stage.party_signs()
    stage.officers_sign()
    assert stage.screen == "inspection"
    served = last(stage, DocumentServed)
    assert served.method is ServiceMethod.PERSONAL
    assert isinstance(served.received, Signed)


def test_an_inspection_notice_bears_the_seal_that_is_lent_with_its_number(stage: Stage) -> None:
    stage.notified()
    stage.do.paper("form.inspection_notice")
    assert "授权" in stage.view.message.title
    fill(stage)
    stage.do.finish_form()
    stage.work()
    stage.party_signs()
    stage.officers_sign()
    issued = last(stage, DocumentIssued)
    assert issued.number == stage.desk.case.opening.number
    assert issued.seal
    assert issued.grant is None, "the number was taken when the inspection began"
    assert isinstance(last(stage, DocumentServed).received, Signed)


def unsealed(stage: Stage) -> None:
    """An order to correct is signed; what was lent of the seal ran out long ago."""
    stage.notified()
    with stage.desk.open_tablet.vault.transaction() as session:
        for block in session.exec(select(NumberBlockRow)).all():
            block.sealed_until = 1
    stage.do.act("correction")
    stage.work()
    fill(stage)
    stage.do.finish_form()
    stage.work()
    assert stage.view.stage == "officers", "nobody receives it yet"
    stage.officers_sign()


def test_what_the_office_seals_later_is_served_after_the_end_of_the_inspection(
    stage: Stage,
) -> None:
    """APL 61: within seven working days; the paper waits for its seal, the shop does not."""
    unsealed(stage)
    stage.do.act("close")
    stage.do.edit_closing("outcome", "corrected")
    stage.do.fix("override.AV-2")
    assert stage.shell.asked is not None
    stage.do.answer(stage.shell.asked.key, "摄像头故障。")
    stage.do.close_inspection()
    stage.work()
    assert stage.desk.case.state.closed is not None
    stage.do.act("papers")
    stage.work()
    stage.do.paper(stage.view.main.key)
    assert stage.screen == "serve"
    stage.do.serve(PARTY_HAND)
    stage.work()
    assert isinstance(last(stage, DocumentServed).received, Signed)


def test_what_the_office_has_still_to_seal_is_not_signed_for_as_received(stage: Stage) -> None:
    unsealed(stage)
    assert last(stage, DocumentIssued).seal is None
    assert all_of(stage, DocumentServed) == []
    assert stage.screen == "paper", "it is printed and sealed first"
    assert stage.view.message.title == "这份文书要由本局盖章"
    stage.do.paper(stage.view.doors[0].key)
    assert stage.screen == "serve"
    assert stage.view.message.title == "这份文书要由本局盖章"
    stage.do.serve(PARTY_HAND)
    stage.work()
    assert isinstance(last(stage, DocumentServed).received, Signed)


def test_a_list_of_property_is_signed_there_and_then_though_the_seal_comes_later() -> None:
    wanted = asked_now(DocumentKind.SEAL_SEIZE_DECISION, sealed=False)
    assert wanted.party is Side.CONFIRMS
    assert "收到" not in wanted.under
    assert wanted.absent is Attest.MUST


def fill(stage: Stage) -> None:
    """Whatever the form still asks for."""
    for field in stage.view.fields:
        if field.required and not field.value and field.kind != "fixed":
            words = field.choices[0].key if field.choices else "按规定标明价格"
            stage.do.edit_field(field.key, "2026-07-20" if "date" in field.kind else words)
    stage.work()


def test_a_notice_that_is_proved_by_its_service_asks_no_hand_of_the_party() -> None:
    assert ASKS[DocumentKind.PRIOR_NOTICE].party.value == "elsewhere"
    assert "送达回证" in ON_PROOF


# ── who answers what is no document ──────────────────────────────────────────────────────────


def test_an_agent_acknowledges_the_rights_by_name_and_authority(stage: Stage) -> None:
    """Who acts for the party by a written authority signs as that, and not as its head."""
    stage.opened()
    stage.do.act("identity")
    stage.do.record_card_shown()
    stage.work()
    stage.do.act("rights")
    stage.do.sign_as("agent")
    stage.do.tick_read_aloud(True)
    assert not stage.view.signing.whole
    stage.do.acknowledge_notice(PARTY_HAND)
    stage.work()
    assert stage.screen == "notice", "nobody signs for another without an authority"
    stage.do.edit_signer("signer", "李律(律师)")
    stage.do.edit_signer("authority", "2026年7月6日授权委托书")
    assert stage.view.signer == "李律(律师)"
    stage.do.acknowledge_notice(PARTY_HAND)
    stage.work()
    act = last(stage, RightsNotified).party_act
    assert act.role is Role.AGENT
    blob = json.loads(stage.desk.open_tablet.office.locker.read(act.handwriting) or b"")
    assert blob["signer"] == "李律（律师，2026年7月6日授权委托书）"


def test_who_refuses_the_rights_as_an_agent_is_noted_as_one(stage: Stage) -> None:
    stage.opened()
    stage.do.act("identity")
    stage.do.record_card_shown()
    stage.work()
    stage.do.act("rights")
    stage.do.sign_as("agent")
    stage.do.refuse_notice("disagrees", "")
    stage.work()
    assert last(stage, RightsNotified).party_act.role is Role.AGENT


def test_nobody_on_site_signs_by_the_name_of_the_representative(stage: Stage) -> None:
    """Who is in charge on site is known by name once the cards were shown to him."""
    stage.opened()
    head = stage.desk.case.opening.party.legal_rep
    stage.do.act("identity")
    stage.do.edit_showing("to_whom", head)
    stage.do.record_card_shown()
    stage.work()
    stage.do.act("rights")
    assert stage.view.signer == head
    assert [one.key for one in stage.view.signing.roles] == ["party", "agent"]
    stage.do.back()
    stage.do.act("identity")
    stage.do.edit_showing("to_whom", "王芳（店员）")
    stage.do.record_card_shown()
    stage.work()
    stage.do.act("rights")
    assert stage.view.signer == "王芳"
    assert [one.key for one in stage.view.signing.roles] == ["party", "site_manager", "agent"]


def test_no_card_is_shown_to_a_company_and_no_company_signs(stage: Stage) -> None:
    """Where its representative is not known, who is on the spot is asked for by name; the pages
    wait for that person's hand."""
    stage.on_duty()
    stage.fill_in()
    stage.do.edit_new("legal_rep", "")
    stage.do.open_inspection()
    stage.work()
    company = stage.desk.case.opening.party.name
    stage.do.act("identity")
    assert stage.view.to_whom == ""
    for typed in ("", company):
        stage.do.edit_showing("to_whom", typed)
        stage.shell.asked = None
        stage.do.record_card_shown()
        stage.work()
        assert count(stage, IdentityShown) == 0
        assert stage.shell.asked.key == "to_whom"
    stage.do.answer("to_whom", "周明禾（店长）")
    stage.work()
    assert last(stage, IdentityShown).to_whom == "周明禾（店长）"
    assert first_signer(stage.desk, Role.PARTY) == "周明禾"

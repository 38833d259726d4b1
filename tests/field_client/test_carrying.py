"""From one document of a case to the next: what was said once is not typed again."""

from __future__ import annotations

import io

import pypdf
import pytest
from msgspec.structs import replace
from sqlmodel import select

from field_client import documents
from field_client.carrying import case_words
from field_client.errors import NumberGone
from field_client.inspection import Inspection
from field_client.issuing import Issuing
from field_client.store.journal import Saved
from field_client.store.tables import BlobRow, DraftRow
from protocol.statements import DocumentIssued, NumberVoided, Place
from protocol.vocabulary import (
    DocumentKind,
    PartyClass,
    Procedure,
    ReviewOutcome,
    Role,
    ServiceMethod,
)
from tests.field_client.county import SHOP, FieldTablet, hand
from tests.protocol.test_rules_ordinary import made, noticed, reviewed
from tests.protocol.yunxi import MORNING, REFERENCE

ORDER = DocumentKind.CORRECTION_ORDER
PROOF = DocumentKind.SERVICE_PROOF
RECORD = DocumentKind.SITE_INSPECTION_RECORD
ORDER_45 = "《市场监督管理行政处罚信息公示规定》"
WILL = "将依法向社会公示。"
TYPED = {"measure": "逐一明码标价。", "deadline": "2026-11-25"}


def issue(tablet: FieldTablet, desk: Issuing, kind: DocumentKind, **typed: str | int) -> Saved:
    tablet.clock.pass_seconds(60)
    prepared = desk.prepare(kind, {**desk.answers(kind), **typed})
    return desk.issue(prepared, hand("周明禾", Role.PARTY), tablet.hands())[0]


def number_of(saved: Saved) -> str:
    assert isinstance(saved.statement, DocumentIssued)
    return saved.statement.number


def serve(tablet: FieldTablet, desk: Issuing, saved: Saved) -> None:
    tablet.clock.pass_seconds(60)
    place, received = Place(text=SHOP), hand("周明禾", Role.PARTY)
    desk.serve(saved.record, ServiceMethod.PERSONAL, "周明禾", place, received)


@pytest.fixture
def told(tablet: FieldTablet) -> Inspection:
    inspection = tablet.opened_and_notified()
    tablet.write_record(inspection)
    return inspection


def test_findings_go_into_the_order_and_its_deadline_into_the_result(
    tablet: FieldTablet, told: Inspection
) -> None:
    desk = tablet.desk(told)
    assert desk.answers(ORDER)["facts"] == "货架上7种散装商品未标明价格。"
    issue(tablet, desk, ORDER, **TYPED)
    again = tablet.desk(told)  # another visit to the papers reads the same
    day = again.answers(DocumentKind.RESULT_NOTICE)["deadline"]
    assert documents.values.day(int(day)) == "2026年11月25日"


def test_what_was_corrected_in_one_document_stands_corrected_in_the_next(
    tablet: FieldTablet, told: Inspection
) -> None:
    desk = tablet.desk(told)
    assert desk.answers(ORDER)["party_phone"] == "0799-5550128"
    issue(tablet, desk, ORDER, **TYPED, party_phone="0799-5550199")
    assert desk.answers(DocumentKind.SPOT_DECISION)["party_phone"] == "0799-5550199"


def test_what_is_of_a_moment_does_not_go_on(tablet: FieldTablet, told: Inspection) -> None:
    """The day of one document is not the next one's, nor is its place."""
    desk = tablet.desk(told)
    issue(tablet, desk, ORDER, **TYPED)
    tablet.clock.pass_seconds(24 * 3600)
    assert desk.answers(DocumentKind.RESULT_NOTICE)["decided_on"] == tablet.clock.wall_ms()


def test_a_draft_of_last_week_bears_the_day_of_its_issue(
    tablet: FieldTablet, told: Inspection
) -> None:
    """What nobody changed is proposed anew; a day that an officer chose stays."""
    desk, day = tablet.desk(told), documents.values.day
    decision, seizure = DocumentKind.PENALTY_DECISION, DocumentKind.SEAL_SEIZE_DECISION
    desk.keep(decision, {**desk.answers(decision), "decided_on": "2026-07-07", "source": "检查"})
    first = desk.answers(seizure)
    assert [day(int(first[one])) for one in ("from_on", "until_on")] == [
        "2026年7月7日",
        "2026年8月5日",
    ], "thirty days, the first and the last among them"
    desk.keep(seizure, {**first, "until_on": "2026-08-01", "reason": "证据可能灭失。"})
    tablet.clock.pass_seconds(7 * 24 * 3600)
    desk = tablet.desk(told)
    answers = desk.answers(decision)
    assert (answers["source"], day(int(answers["decided_on"]))) == ("检查", "2026年7月14日")
    answers = desk.answers(seizure)
    assert (day(int(answers["from_on"])), answers["until_on"]) == ("2026年7月14日", "2026-08-01")


def test_what_is_read_before_signing_has_the_lines_that_will_be_signed(
    tablet: FieldTablet, told: Inspection
) -> None:
    """A line more on paper than on the screen may begin a page that nobody saw."""

    def lines(party: bool) -> tuple[int, int]:
        pdf = io.BytesIO(tablet.desk(told).pages(prepared, party=party).pdf)
        text = "".join(page.extract_text() for page in pypdf.PdfReader(pdf).pages)
        return text.count("当事人签名："), text.count("执法人员签名：")

    desk = tablet.desk(told)
    prepared = desk.prepare(ORDER, {**desk.answers(ORDER), **TYPED})
    assert lines(party=True) == (1, 2)
    told.officers = [*told.officers, tablet.shen]
    assert lines(party=False) == (0, 3)


def test_a_kind_may_be_issued_again_with_a_number_and_a_draft_of_its_own(
    tablet: FieldTablet, told: Inspection
) -> None:
    desk = tablet.desk(told)
    desk.keep(ORDER, {**desk.answers(ORDER), **TYPED, "measure": "第一次"})
    first = issue(tablet, desk, ORDER, **TYPED)
    assert "measure" not in desk.answers(ORDER), "the draft of the first is gone"
    second = issue(tablet, desk, ORDER, **TYPED, mode="立即改正")
    assert [number_of(one) for one in (first, second)] == [
        "云市监责改〔2026〕89号",
        "云市监责改〔2026〕90号",
    ]


def test_a_proof_names_what_was_served_and_no_proof_names_yet(
    tablet: FieldTablet, told: Inspection
) -> None:
    desk = tablet.desk(told)
    first, second = (issue(tablet, desk, ORDER, **TYPED) for _ in range(2))
    assert "documents" not in desk.answers(PROOF)
    serve(tablet, desk, first)
    answers = desk.answers(PROOF)
    assert (answers["method"], answers["addressee"]) == ("直接送达", "周明禾")
    rows = documents.rows(answers["documents"])
    assert [row["number"] for row in rows] == ["云市监责改〔2026〕89号"]
    issue(tablet, desk, PROOF)
    serve(tablet, desk, second)
    rows = documents.rows(desk.answers(PROOF)["documents"])
    assert [row["number"] for row in rows] == ["云市监责改〔2026〕90号"]


def test_a_proof_names_as_servers_those_who_served_what_it_names(
    tablet: FieldTablet, told: Inspection
) -> None:
    def servers() -> str:
        return str(tablet.desk(told).facts(PROOF).values["officers.names"])

    desk = tablet.desk(told)
    first, second = (issue(tablet, desk, ORDER, **TYPED) for _ in range(2))
    told.officers = [tablet.lu]
    serve(tablet, desk, first)
    told.officers = tablet.officers
    assert servers() == "陆清和"
    assert desk.facts(ORDER).values["officers.names"] == "沈知远、陆清和"
    issue(tablet, tablet.desk(told), PROOF)
    serve(tablet, desk, second)
    assert servers() == "沈知远、陆清和"


def test_drafts_of_documents_and_cases_never_mix_and_survive(
    tablet: FieldTablet, told: Inspection
) -> None:
    other = tablet.opened_and_notified()
    tablet.desk(told).keep(ORDER, {"measure": "甲案"})
    tablet.desk(told).keep(DocumentKind.RESULT_NOTICE, {"advice": "甲案结果"})
    tablet.desk(other).keep(ORDER, {"measure": "乙案"})
    cases = [one.case for one in (told, other)]
    tablet.restart()
    back = [tablet.tablet.office.resume(case, tablet.officers) for case in cases]
    assert [tablet.desk(one).answers(ORDER)["measure"] for one in back] == ["甲案", "乙案"]
    assert tablet.desk(back[0]).answers(DocumentKind.RESULT_NOTICE)["advice"] == "甲案结果"
    assert "advice" not in tablet.desk(back[1]).answers(DocumentKind.RESULT_NOTICE)
    issue(tablet, tablet.desk(back[0]), ORDER, **TYPED)
    with tablet.tablet.vault.session() as session:
        left = {(row.case_id, row.kind) for row in session.exec(select(DraftRow)).all()}
    assert left == {(cases[0], "result_notice"), (cases[1], "correction_order")}


def test_a_voided_number_is_a_record_and_never_comes_again(
    tablet: FieldTablet, told: Inspection
) -> None:
    desk = tablet.desk(told)
    voided = desk.void(ORDER, "打印损坏").statement
    assert isinstance(voided, NumberVoided)
    assert (voided.number, voided.reason) == ("云市监责改〔2026〕89号", "打印损坏")
    assert number_of(issue(tablet, desk, ORDER, **TYPED)) == "云市监责改〔2026〕90号"
    tablet.restart()
    resumed = tablet.tablet.office.resume(told.case, tablet.officers)
    assert desk.void(ORDER, "再作废").statement.number == "云市监责改〔2026〕91号"  # type: ignore[attr-defined]
    assert len(resumed.state.of_kind(NumberVoided)) == 2


def test_a_kind_without_numbers_has_none_to_void(tablet: FieldTablet, told: Inspection) -> None:
    with pytest.raises(NumberGone, match="have no number of their own"):
        tablet.desk(told).void(DocumentKind.INTERVIEW_RECORD, "误点")


def test_an_earlier_document_that_the_tablet_no_longer_has_leaves_its_answers_open(
    tablet: FieldTablet, told: Inspection
) -> None:
    """Its local copy went after it was archived; the form opens all the same."""
    content = told.state.documents[0].issued.statement.content
    with tablet.tablet.vault.session() as session:
        row = session.get(BlobRow, bytes.fromhex(content.sha256))
    assert row is not None
    (tablet.tablet.settings.blobs_dir / row.path).unlink()
    answers = tablet.desk(told).answers(ORDER)
    assert "facts" not in answers
    assert answers["party_name"] == "云溪县禾穗食品有限公司"


def test_periods_are_proposed_by_the_calendar(tablet: FieldTablet, told: Inspection) -> None:
    """From Tuesday 7 July 2026 seven working days end on Thursday 16, thirty on 5
    August: a paper says "from … until …", and both days are in it."""
    desk = tablet.desk(told)
    preserved = desk.answers(DocumentKind.PRESERVATION_NOTICE)["until_on"]
    assert documents.values.day(int(preserved)) == "2026年7月16日"
    sealed = desk.answers(DocumentKind.SEAL_SEIZE_DECISION)["until_on"]
    assert documents.values.day(int(sealed)) == "2026年8月5日"


def test_a_decision_says_by_the_agencys_own_matrix_whether_it_is_published_and_by_what(
    tablet: FieldTablet, told: Inspection
) -> None:
    """What is not published said on paper that it would be; and orders of another ministry are no
    basis for an agency that does not cite them."""
    assert published(tablet, told) == (
        f"依据《行政处罚法》第四十八条、{ORDER_45}第八条、第十三条的规定，本行政处罚决定信息{WILL}",
        f"依据{ORDER_45}第二条的规定，本行政处罚决定信息不向社会公示。",
    )
    shelf = tablet.tablet.shelf
    rows = [replace(one, clause="《行政处罚法》第四十八条") for one in shelf.current.matrix]
    general = "是否向社会公示，依照《中华人民共和国行政处罚法》第四十八条的规定确定。"
    for matrix, said in (
        (rows, "依据《行政处罚法》第四十八条的规定，本行政处罚决定信息" + WILL),
        ([replace(one, publish=True, clause="本局规定") for one in rows], WILL),
        (
            [replace(one, publish=False, clause="本局规定") for one in rows],
            "清单，本行政处罚决定信息不向社会公示。",
        ),
        ([], general),
    ):
        shelf._current = replace(shelf.current, matrix=matrix)
        assert published(tablet, told)[0].endswith(said)


def test_of_a_class_of_parties_that_is_not_published_no_paper_says_that_it_will_be(
    tablet: FieldTablet, told: Inspection
) -> None:
    """The first row that matches rules, as at the office; one of another class does not."""
    shelf = tablet.tablet.shelf
    rows = shelf.current.matrix
    row = next(one for one in rows if one.id == "penalty-ordinary")
    hidden = replace(row, publish=False, warning_only=None)
    for party_class, shown in ((PartyClass.ORGANISATION, False), (PartyClass.CITIZEN, True)):
        first = replace(hidden, party_class=party_class)
        shelf._current = replace(shelf.current, matrix=[first, *rows])
        assert ("将依法向社会公示" in published(tablet, told)[0]) == shown
        assert "不向社会公示" in published(tablet, told)[1]


BOTH = {DocumentKind.PENALTY_DECISION: "警告、罚款", DocumentKind.SPOT_DECISION: "警告，并处罚款"}


@pytest.mark.parametrize("kind", BOTH)
def test_a_decision_prints_of_the_two_sentences_the_one_of_its_penalty(
    tablet: FieldTablet, told: Inspection, kind: DocumentKind
) -> None:
    answers = tablet.desk(told).answers(kind)
    forms = tablet.tablet.shelf.current.templates
    form = next(one for one in forms if one.document is kind)
    said = {"警告": "disclosure_warned", "罚款": "disclosure", BOTH[kind]: "disclosure"}
    for penalty, sentence in said.items():
        asked = documents.form(form, {**answers, "penalty": penalty}, documents.CaseFacts({}))
        assert [one.name for one in asked if one.name.startswith("disclosure")] == [sentence]


def test_a_decision_on_the_spot_says_what_the_matrix_says_of_its_own_procedure(
    tablet: FieldTablet, told: Inspection
) -> None:
    """A warning on the spot is not published, and its paper said that it would be."""
    spot = DocumentKind.SPOT_DECISION
    before = (
        f"依据《行政处罚法》第四十八条的规定，本行政处罚决定信息{WILL}",
        f"依据{ORDER_45}第二条的规定，本行政处罚决定信息不向社会公示。",
    )
    assert published(tablet, told, spot) == before
    shelf = tablet.tablet.shelf
    rows = [
        replace(one, publish=False) if one.procedure is Procedure.ORDINARY else one
        for one in shelf.current.matrix
    ]
    shelf._current = replace(shelf.current, matrix=rows)
    assert published(tablet, told, spot) == before, "the other procedure's row does not rule it"
    assert "不向社会公示" in published(tablet, told)[0]


@pytest.mark.parametrize(
    ("outcomes", "said"),
    [
        ([], ""),
        ([None], ""),
        ([ReviewOutcome.PROBLEMS], ""),
        ([ReviewOutcome.AGREE], "本案已经本局法制审核机构审核。"),
        ([ReviewOutcome.AGREE, None], ""),
    ],
)
@pytest.mark.parametrize("discussed", [False, True])
def test_a_decision_says_of_its_review_what_is_on_record_of_it(
    outcomes: list[ReviewOutcome | None], said: str, discussed: bool
) -> None:
    """It said that it was reviewed before anybody had looked at it (APL 57, 58)."""
    story = reviewed(noticed(), *outcomes)
    if discussed:
        story.tell(made(discussed=True))
        said += "本案已经本局负责人集体讨论决定。"
    words = case_words(story.state(), REFERENCE, lambda _: None, MORNING)
    assert words.get("case.review", "") == said


def published(
    tablet: FieldTablet, told: Inspection, kind: DocumentKind = DocumentKind.PENALTY_DECISION
) -> tuple[str, str]:
    """What a decision proposes to say of its publication; the second with a warning alone."""
    answers = tablet.desk(told).answers(kind)
    return str(answers["disclosure"]), str(answers["disclosure_warned"])

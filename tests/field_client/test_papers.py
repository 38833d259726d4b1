"""All fourteen documents: what each must say, in whatever is typed, on pages that hold it all."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import msgspec
import pypdf
import pytest

from field_client import documents
from field_client.documents import CaseFacts, Rendered, Typesetter
from field_client.documents.tables import answer_of
from field_client.errors import (
    AnswerMissing,
    AnswerUnreadable,
    GlyphMissing,
    TemplateBroken,
    TemplateUnsafe,
)
from field_client.flow.signatories import Side, asked_now
from field_client.preparing import NUMBERED
from protocol.cutting import Piece
from protocol.reference import FieldSpec, Template
from protocol.statements import Party
from protocol.vocabulary import DocumentKind, Ground, PartyClass
from sync_server.devices import grants
from tests.field_client import test_documents as spine
from tests.field_client.test_documents import joined, template
from tests.papers import REQUIRED, TYPED, answers_for, known_for

KINDS = list(DocumentKind)
CITIZEN = Party(
    name="林小满",
    party_class=PartyClass.CITIZEN,
    id_code="11010519491231002X",
    address="云溪县青石镇柳湾村3组12号",
    phone="13800138000",
)
TRADER = Party(
    name="青石镇小满干果店",
    party_class=PartyClass.SOLE_TRADER,
    id_code="92990123MA0FJ0K22R",
    legal_rep="林小满",
    address="云溪县青石镇河西路30号",
)
# What people type who never read a manual, and what nobody should.
HOSTILE = (
    '#eval("1") $x^2$ *a* _b_ `c` @d <e> \\n // /* [x] #pagebreak() ~ -- …… “引号”《书名》𠮷㙍龘'
)


@pytest.fixture(scope="module")
def typesetter() -> Iterator[Typesetter]:
    with Typesetter() as one:
        yield one


def made(
    typesetter: Typesetter, form: Template, text: list[Piece], draft: bool = False
) -> Rendered:
    signers = [spine.party_signed(), *spine.officers_signed()]
    return documents.render(
        typesetter,
        form,
        text,
        signers,
        mark_url=spine.URL,
        root=spine.ROOT,
        at=spine.AT,
        draft=draft,
    )


def text_of(kind: DocumentKind, **typed: str | int) -> list[Piece]:
    form, known = template(kind.value), known_for()
    return documents.pieces(form, answers_for(form, known) | typed, known)


def words(text: list[Piece]) -> str:
    return re.sub(r"\s", "", "".join(piece.text for piece in text))


def everything(field: FieldSpec, value: str) -> str:
    """An answer to a field of free text, or a table of it."""
    if field.type != "table":
        return value
    plain = [column for column in field.columns if column.type in ("text", "multiline")]
    row = {column.name: value[: min(column.max_length, 600)] for column in plain}
    numbers = {column.name: "12.5" for column in field.columns if column.type == "number"}
    rows = 24 if field.max_length > 10_000 else 6
    return documents.rows_text([row | numbers] * rows)


def test_the_catalogue_has_a_form_for_every_document() -> None:
    assert {one.document for one in spine.TEMPLATES} == set(DocumentKind)
    assert all(one.id == one.document.value and one.readable for one in spine.TEMPLATES)
    assert all(one.title == one.document.zh for one in spine.TEMPLATES)


def test_the_office_grants_numbers_for_every_kind_that_has_its_own() -> None:
    assert set(grants.WORDS) >= NUMBERED | {DocumentKind.INSPECTION_NOTICE}
    patterns = {grants.pattern("云市监", kind, 2026) for kind in grants.WORDS}
    assert len(patterns) == len(grants.WORDS)
    assert "云市监登保〔2026〕{n}号" in patterns


@pytest.mark.parametrize("kind", KINDS)
def test_each_document_says_what_the_handbook_asks_of_it(
    typesetter: Typesetter, kind: DocumentKind
) -> None:
    """Every element of the handbook's table, on the pages and in what is committed to."""
    form, text = template(kind.value), text_of(kind)
    for element in REQUIRED[kind]:
        assert re.sub(r"\s", "", element) in words(text), element
    result = made(typesetter, form, text)
    assert_printed_cells(result, form, text)
    metadata = pypdf.PdfReader(io.BytesIO(result.pdf)).trailer["/Root"]["/Metadata"].get_data()
    assert b"<pdfaid:part>2</pdfaid:part>" in metadata


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("sealed", [True, False])
def test_who_is_asked_to_sign_below_has_a_line_there(kind: DocumentKind, sealed: bool) -> None:
    """Where the party's hand stands on the proof of service, the paper says so."""
    form, known = template(kind.value), known_for()
    seen = {name: one for name, one in known.values.items() if sealed or name != "seal"}
    known = CaseFacts(seen, known.people)
    said = words(documents.pieces(form, answers_for(form, known), known))
    asked = asked_now(kind, sealed=sealed)
    if asked.party is Side.ELSEWHERE:
        assert "在下方签名" not in said
        assert "签收见送达回证" in said
    elif asked.party is Side.RECEIVES and kind is not DocumentKind.SERVICE_PROOF:
        assert "在下方签名" in said
        assert "签收见送达回证" not in said


def test_an_order_to_correct_at_once_speaks_of_no_period() -> None:
    text = words(text_of(DocumentKind.CORRECTION_ORDER, mode="立即改正"))
    assert "立即改正上述违法行为" in text
    assert "期限" not in text
    assert "逾期" not in text


def assert_printed_cells(result: Rendered, form: Template, text: list[Piece]) -> None:
    """Every piece stands on the pages; those of a table cell by cell, a cell may be broken."""
    tables = {field.name for field in form.fields if field.type == "table"}
    plain = [piece for piece in text if piece.name.partition("#")[0] not in tables]
    every = re.sub(r"\s", "", "".join(page_words(result)))
    for piece in plain:
        assert re.sub(r"\s", "", piece.text) in every, piece.name
    for name in tables:
        for cell in re.split(r"[\t\n\u2028]", joined(text, name)):
            assert re.sub(r"\s", "", cell) in every, cell


def page_words(result: Rendered) -> list[str]:
    """Without heads and feet that a page break puts into a paragraph."""
    foot = re.compile(r"(?:[^\n]{0,12}签名：\s*)?[^\n]*第\s*\d+\s*页\s*共\s*\d+\s*页|签名见文末")
    pages = pypdf.PdfReader(io.BytesIO(result.pdf)).pages
    return [foot.sub("", page.extract_text()) for page in pages]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_missing_is_named_and_its_draft_has_pages(
    typesetter: Typesetter, kind: DocumentKind
) -> None:
    form, known = template(kind.value), known_for(bare=True)
    first = documents.carried(form, known)
    missing = documents.missing(form, first, known)
    if missing:
        with pytest.raises(AnswerMissing, match=missing[0].label_zh):
            documents.pieces(form, first, known)
    assert made(typesetter, form, documents.pieces(form, {}, known, draft=True), draft=True).pages


@pytest.mark.parametrize("kind", KINDS)
def test_the_least_that_is_asked_for_makes_a_document(
    typesetter: Typesetter, kind: DocumentKind
) -> None:
    form, known = template(kind.value), known_for()
    least = {
        field.name: answer
        for field in documents.form(form, answers_for(form, known), known)
        if field.required and (answer := answers_for(form, known).get(field.name)) is not None
    }
    text = documents.pieces(form, least, known)
    assert made(typesetter, form, text).pages >= 1


@pytest.mark.parametrize("kind", KINDS)
def test_markup_rare_characters_and_very_long_answers_are_printed_as_typed(
    typesetter: Typesetter, kind: DocumentKind
) -> None:
    """Every free field at once holds them; long ones run over pages, tables of 24 rows too."""
    form, known = template(kind.value), known_for()
    free = [field for field in documents.form(form, TYPED, known) if open_text(field)]
    typed = {field.name: everything(field, HOSTILE[: field.max_length]) for field in free}
    text = documents.pieces(form, answers_for(form, known) | typed, known)
    assert_printed_cells(made(typesetter, form, text), form, text)
    long = "货架上的散装商品没有标明价格，也没有价目表。" * 60
    typed = {field.name: everything(field, long[: field.max_length]) for field in free}
    text = documents.pieces(form, answers_for(form, known) | typed, known)
    assert made(typesetter, form, text).pages >= 2


def open_text(field: FieldSpec) -> bool:
    return field.type in ("text", "multiline", "table")


@pytest.mark.parametrize("kind", KINDS)
def test_a_script_without_a_glyph_is_named_with_its_place(
    typesetter: Typesetter, kind: DocumentKind
) -> None:
    form, known = template(kind.value), known_for()
    field = next(one for one in documents.form(form, TYPED, known) if open_text(one))
    typed = {field.name: everything(field, "مرحبا")}
    text = documents.pieces(form, answers_for(form, known) | typed, known)
    with pytest.raises(GlyphMissing) as refused:
        made(typesetter, form, text)
    assert set(str(refused.value.facts["characters"])) <= set("مرحبا")
    assert refused.value.facts["places"] == field.label_zh


def test_marks_that_turn_a_line_round_are_left_out() -> None:
    """What is read on the page is what is committed to (a fine that reads backwards)."""
    text = text_of(
        DocumentKind.SITE_INSPECTION_RECORD, findings="罚款\u202e005\u202c元\u200b。\r\n好"
    )
    assert joined(text, "findings") == "罚款005元。\n好"


def test_a_table_over_three_pages_has_its_head_on_each_and_says_where_it_ends(
    typesetter: Typesetter,
) -> None:
    kind = DocumentKind.PRESERVATION_NOTICE
    row = {"name": "散装红枣", "unit": "公斤", "quantity": "1", "remark": "货架第二层左侧" * 6}
    text = text_of(kind, items=documents.rows_text([row] * 60))
    pages = page_words(made(typesetter, template(kind.value), text))
    assert sum("批号" in page for page in pages) >= 3
    assert sum("共 60 项，以下空白" in page for page in pages) == 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("who", [CITIZEN, TRADER])
def test_personal_answers_bear_the_ground_on_which_they_are_masked(
    kind: DocumentKind, who: Party
) -> None:
    """Identity number, telephone and home of a person are pieces of their own, marked or ruled
    by their field; whole answers that nobody can cut out would be published whole."""
    form, known = template(kind.value), known_for(who)
    text = documents.pieces(form, answers_for(form, known), known)
    ruled = {field.name: field.ground for field in form.fields if field.ground}
    for piece in text:
        ground = piece.mark or ruled.get(piece.name.partition("#")[0])
        for private, expected in (
            (CITIZEN.id_code, Ground.ID_NUMBER),
            (CITIZEN.phone, Ground.CONTACT),
            ("柳湾村3组12号", Ground.HOME_ADDRESS),
        ):
            if private in piece.text and piece.name.startswith(("party_", "interviewee_")):
                assert ground is expected, piece.name


@pytest.mark.parametrize("kind", KINDS)
def test_each_legal_passage_is_explained_in_plain_words(kind: DocumentKind) -> None:
    form = template(kind.value)
    assert form.blocks
    for block in form.blocks:
        assert block.clause
        assert block.plain
        assert block.text
        assert block.heading_en
        assert block.clause_en
        assert block.plain_en
        assert block.text_en


def test_nothing_says_what_the_law_no_longer_says() -> None:
    """50 and 1,000 yuan, three days for a hearing, the superior bureau: all void (handbook 6)."""
    for form in spine.TEMPLATES:
        said = "".join(field.text for field in form.fields)
        said += "".join(block.text + block.plain for block in form.blocks)
        assert not re.search(
            r"五十元以下|一千元以下|三日内.{0,6}听证|上一级(?:行政)?机关|三个月内", said
        )


def test_an_ordinary_decision_leaves_the_choice_and_a_spot_decision_does_not() -> None:
    ordinary = joined(text_of(DocumentKind.PENALTY_DECISION), "remedy")
    assert "60日内向云溪县人民政府申请行政复议，或者" in ordinary
    assert "6个月内依法向云溪县人民法院" in ordinary
    spot = joined(text_of(DocumentKind.SPOT_DECISION), "remedy")
    assert "应当先" in spot
    assert "15日内" in spot
    assert "6个月" not in spot


def test_a_seal_is_words_where_it_is_lent_and_a_place_where_it_is_not() -> None:
    """Design, decision 8: a picture of a seal is not a seal."""
    form, known = template("correction_order"), known_for()
    lent = documents.pieces(form, answers_for(form, known), known)
    assert "授权记录" in joined(lent, "sealed")
    assert not joined(lent, "to_seal")
    unlent = CaseFacts({k: v for k, v in known.values.items() if k != "seal"}, known.people)
    bare = documents.pieces(form, answers_for(form, unlent), unlent)
    assert joined(bare, "to_seal") == "此处加盖本局印章"
    assert not joined(bare, "sealed")


def test_a_row_without_its_quantity_is_named() -> None:
    form, known = template("preservation_notice"), known_for()
    rows = [{"name": "红枣", "unit": "袋", "quantity": "3"}, {"name": "枸杞", "unit": "袋"}]
    typed = answers_for(form, known) | {"items": documents.rows_text(rows)}
    assert [one.name for one in documents.missing(form, typed, known)] == ["items"]
    items = next(field for field in form.fields if field.name == "items")
    lacks = documents.lacking(items, typed["items"])
    assert [(lack.row, lack.column.name) for lack in lacks] == [(1, "quantity")]
    rows[1]["quantity"] = "很多"
    with pytest.raises(AnswerMissing):
        documents.pieces(form, typed | {"items": documents.rows_text(rows)}, known)
    drawn = documents.pieces(form, typed, known, draft=True)
    assert "枸杞\t\t\t袋\t＿＿＿＿" in joined(drawn, "items")


def test_a_table_longer_than_its_form_allows_is_refused() -> None:
    rows = [{"name": "名" * 120, "unit": "袋", "quantity": "1", "remark": "注" * 120}] * 200
    with pytest.raises(AnswerUnreadable, match="物品清单"):
        text_of(DocumentKind.PRESERVATION_NOTICE, items=documents.rows_text(rows))


def test_a_printed_table_is_read_back_as_it_was_typed() -> None:
    """That is how a list goes on from one document to the next."""
    form = template("preservation_notice")
    items = next(field for field in form.fields if field.name == "items")
    rows = [{"name": "红枣\n（散装）", "unit": "袋", "quantity": "3"}]
    text = text_of(DocumentKind.PRESERVATION_NOTICE, items=documents.rows_text(rows))
    back = documents.rows(answer_of(items, joined(text, "items")))
    assert {k: v for k, v in back[0].items() if v} == rows[0]


def test_a_list_that_names_other_people_can_be_published_without_them() -> None:
    """Around a name a row is cut; the rest of it is shown."""
    text = text_of(DocumentKind.PENALTY_DECISION)
    rows = [piece for piece in text if piece.name.startswith("evidence#")]
    assert [(piece.text, piece.mark) for piece in rows] == [
        ("现场检查笔录\t店长周", None),
        ("明禾", Ground.NATURAL_PERSON),
        ("在场，7种商品未标明价格", None),
    ]


def test_a_bad_template_costs_its_page_and_the_next_document_is_made(
    typesetter: Typesetter,
) -> None:
    """A form from the office that loads, loops or reaches out of its folder is named."""
    good, text = template("result_notice"), text_of(DocumentKind.RESULT_NOTICE)
    for line, error in (
        ('#import "@preview/cetz:0.3.0": *', TemplateUnsafe),
        ("#while true {}", TemplateBroken),
        ('#image("/etc/hostname")', TemplateBroken),
        ('#text(font: "Noto Serif CJK SC")[😀]', GlyphMissing),
    ):
        bad = msgspec.structs.replace(good, source=f"{good.source}\n{line}")
        with pytest.raises(error, match="行政检查结果告知书"):
            made(typesetter, bad, text)
        assert made(typesetter, good, text).pages


@pytest.mark.parametrize(
    ("agency", "widest"),
    [
        ("云溪县市场监督管理局", 41.5),
        ("云溪县青石镇综合行政执法大队", None),
        ("云溪县财政局", 41.5),
    ],
)
def test_an_agencys_name_fits_into_the_place_of_its_seal(
    typesetter: Typesetter, agency: str, widest: float | None
) -> None:
    """The ring is as wide as a county agency's seal may be; a name that no readable size fits into
    it goes over it, which GB/T 9704 has it do."""
    form, known = template("correction_order"), known_for(bare=True)
    values = {**known.values, "agency.name": agency, "number": "云市监责改〔2026〕41号"}
    known = CaseFacts(values, known.people)
    result = made(typesetter, form, documents.pieces(form, answers_for(form, known), known))
    sizes: list[float] = []
    days: list[float] = []

    def seen(text: str, _cm: object, tm: list[float], _font: object, size: float) -> None:
        if agency[:4] in text:
            sizes.append(size * tm[0])
        if text.strip() == "2026年11月18日":
            days.append(size * tm[0])

    for page in pypdf.PdfReader(io.BytesIO(result.pdf)).pages:
        page.extract_text(visitor_text=seen)
    points = sizes[-1]  # the first stands over the title
    assert days == [pytest.approx(points)], "the day below it is as large"
    assert points >= 10.5 - 0.01, "as small as the text of a list, and no smaller"
    millimetres = points * len(agency) / 72 * 25.4
    assert (millimetres <= widest + 0.1) if widest else (points < 11)


def test_what_penalty_carries_the_right_to_a_hearing_is_chosen_and_not_proposed() -> None:
    """A large fine is not what is meant where a permit is to be revoked."""
    form, known = template("hearing_right_notice"), known_for()
    first = documents.carried(form, known) | {"penalty": "吊销许可证件"}
    assert "kinds" not in first
    assert "kinds" in [one.name for one in documents.missing(form, first, known)]


def test_a_penalty_decision_tells_the_partys_words_from_the_agencys() -> None:
    """What the party said is not read as what the agency found."""
    said = words(text_of(DocumentKind.PENALTY_DECISION))
    assert "陈述、申辩情况：马上改。复核意见：当事人陈述属实，予以采纳。听证情况：" in said
    silent = words(text_of(DocumentKind.PENALTY_DECISION, defence="未提出陈述、申辩。", reply=""))
    assert "陈述、申辩情况：未提出陈述、申辩。听证情况：" in silent
    assert "复核意见" not in silent


@pytest.mark.parametrize("kind", KINDS)
def test_no_page_bears_the_hands_alone_while_the_page_before_has_room(
    typesetter: Typesetter, kind: DocumentKind
) -> None:
    """What is signed is on the page of the hands, as far as a short document goes."""
    form, known = template(kind.value), known_for()
    values = {name: one for name, one in known.values.items() if name != "seal"}
    bare = CaseFacts(values, known.people)
    party = asked_now(kind, sealed=False).party is not Side.ELSEWHERE
    signers = [spine.party_signed()] * party + spine.officers_signed()
    text = documents.pieces(form, answers_for(form, bare), bare)
    result = documents.render(
        typesetter, form, text, signers, mark_url=spine.URL, root=spine.ROOT, at=spine.AT
    )
    assert result.pages <= (3 if kind in LONG else 2)


LONG = {DocumentKind.RIGHTS_NOTICE, DocumentKind.PENALTY_DECISION}


@pytest.mark.parametrize(
    "kind", [DocumentKind.SITE_INSPECTION_RECORD, DocumentKind.INTERVIEW_RECORD]
)
def test_no_record_says_before_anybody_was_asked_that_no_recusal_is_asked_for(
    kind: DocumentKind,
) -> None:
    """Who had left, or said nothing, stood on paper as having waived it (APL 43)."""
    form, known = template(kind), known_for()
    first = documents.carried(form, known)
    assert "recusal" not in first
    assert "recusal" in {one.name for one in documents.missing(form, first, known)}


@pytest.mark.parametrize("attestor", ["", "赵有田（青石镇河西社区）"])
def test_where_nobody_of_the_party_was_there_no_record_says_that_it_was_told_or_had_it_read(
    typesetter: Typesetter, attestor: str
) -> None:
    """It said both of an empty shop, and asked who was in charge there (EVID 15; ACL 18)."""
    form, known = template("site_inspection_record"), known_for()
    typed = {"attended": "不在场", "attestor": attestor, "findings": "店门锁闭，店内无人。"}
    answers = documents.ended(form, documents.carried(form, known) | typed, spine.AT)
    assert documents.missing(form, answers, known) == []
    text = documents.pieces(form, answers, known)
    said = words(text)
    for told in ("向你", "已交", "阅读", "宣读", "你有权", "听清", "现场负责人", "周明禾（店长）"):
        assert told not in said, told
    for true in ("均不在场", "未能向其出示行政执法证件", "未能交其核对", "注明情况", attestor):
        assert true in said
    assert_printed_cells(made(typesetter, form, text), form, text)


def test_a_record_begins_with_that_somebody_was_there_once_cards_were_shown_to_one() -> None:
    """Until then it is asked for; and who leaves before it is read is not said to have read it."""
    form, known = template("site_inspection_record"), known_for()
    assert documents.carried(form, known)["attended"] == "在场"
    alone = {name: one for name, one in known.values.items() if not name.startswith("site_")}
    first = documents.carried(form, CaseFacts(alone))
    assert "attended" in {one.name for one in documents.missing(form, first, CaseFacts(alone))}
    said = words(text_of(DocumentKind.SITE_INSPECTION_RECORD))
    assert "已交" not in said
    assert "未核对即离开的，由执法人员注明情况" in said


PUT = [
    (DocumentKind.STATEMENT_RECORD, "evidence"),
    (DocumentKind.PENALTY_DECISION, "review"),
    (DocumentKind.INTERVIEW_RECORD, "read_by"),
    (DocumentKind.RESULT_NOTICE, "outcome"),
    (DocumentKind.SERVICE_PROOF, "method"),
]


@pytest.mark.parametrize(("kind", "name"), PUT)
def test_what_somebody_did_or_found_is_asked_for_and_stands_in_no_form_before(
    kind: DocumentKind, name: str
) -> None:
    """That nothing was handed in, that a review was held, that no fault was found: each stood
    there before it was so, and went on paper where nobody looked at it."""
    form, known = template(kind.value), known_for()
    first = documents.carried(form, known)
    assert name not in first
    assert name in {one.name for one in documents.missing(form, first, known)}

"""Documents: what is printed is what is committed to, legible, complete and refused in time."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterator

import av
import msgspec
import pypdf
import pytest
import zxingcpp

from field_client import documents
from field_client.documents import CaseFacts, Rendered, Signer, Typesetter, values
from field_client.errors import (
    AnswerMissing,
    AnswerUnreadable,
    GlyphMissing,
    TemplateBroken,
)
from protocol.cutting import Piece
from protocol.reference import Item, Reference, RosterOfficer, Template
from protocol.statements import (
    BlobRef,
    InspectionOpened,
    Party,
    Place,
    Signed,
    SignRefused,
    StatementTaken,
)
from protocol.vocabulary import DocumentKind, Ground, MediaKind, PartyClass, Role
from sync_server.catalogue import load_catalogue
from tests.cast import AGENCY, DECISION_NUMBER, HEARD, NUMBER, START, agency_info, party

TEMPLATES, ITEMS = load_catalogue()
AT = START + 12 * 60_000
BLOB = BlobRef(sha256="0" * 64, size=1, media_type="application/json")
ROOT = bytes(range(32))
URL = "HTTPS://LOG.YUNXI.EXAMPLE/FUJIE/D/" + "MFRGGZDFMZTWQ2LK" * 20
FACTS = (
    "2026年11月18日9时12分检查发现，你单位经营的散装红枣、枸杞等7种商品未标明价格。"
    "店长周明禾在场确认。"
)
FINDINGS = "现场检查时，该单位正在营业。货架上散装红枣等7种商品未标明价格，现场未见价签。"


def template(name: str) -> Template:
    return next(one for one in TEMPLATES if one.id == name)


def officer(name: str, cert_no: str) -> RosterOfficer:
    return RosterOfficer(
        cert_no=cert_no,
        name=name,
        unit="综合行政执法大队",
        position="一级行政执法员",
        category="行政执法",
        field="市场监督管理",
        region="990123",
        region_name="云溪县",
        valid_from="2024-05-01",
        valid_until="2029-04-30",
        photo=BLOB,
    )


OFFICERS = [officer("沈知远", "00992304117"), officer("陆清和", "00992304132")]


def inspection_opened(who: Party | None = None) -> InspectionOpened:
    item: Item = ITEMS[0]
    return InspectionOpened(
        agency=AGENCY,
        at=AT,
        salt="0" * 32,
        number=NUMBER,
        item=item.code,
        item_version=item.version,
        cause=item.cause,
        party=who or party(),
        place=Place(text="云溪县青石镇河西路28号"),
        officers=[one.cert_no for one in OFFICERS],
    )


def facts(number: str, *, who: Party | None = None, waived: bool = False) -> CaseFacts:
    heard = StatementTaken(
        agency=AGENCY,
        at=AT,
        salt="1" * 32,
        told="拟罚款500元",
        defence="" if waived else "新到的商品没有来得及做价签，马上改。",
        reply="" if waived else "当事人陈述属实，予以采纳。",
        waived=waived,
    )
    return documents.case_facts(
        inspection_opened(who),
        Reference(version=1, issued_at=0, agency=agency_info(), items=ITEMS, officers=OFFICERS),
        now=AT + 28 * 60_000,
        number=number,
        statement=heard,
        media={MediaKind.PHOTO: 6, MediaKind.VIDEO: 1},
        records={DocumentKind.SITE_INSPECTION_RECORD},
        site_manager="周明禾（店长）",
        seal="9f" * 32,
    )


def decision(known: CaseFacts | None = None, **answers: str | int) -> list[Piece]:
    known = known or facts(DECISION_NUMBER)
    form = template("spot_decision")
    filled = documents.carried(form, known) | {"facts": FACTS, "fine": "500"} | answers
    return documents.pieces(form, filled, known)


def record(findings: str = FINDINGS) -> list[Piece]:
    known = facts(NUMBER)
    form = template("site_inspection_record")
    filled = documents.carried(form, known) | {"recusal": HEARD, "findings": findings}
    return documents.pieces(form, filled, known)


def handwriting(turn: float) -> str:
    strokes = [
        [
            (0.3 * part + 0.1 * math.sin(n / 4 + turn), 0.1 * math.cos(n / 6 + part), 12 * n)
            for n in range(30)
        ]
        for part in range(3)
    ]
    return documents.ink_svg(strokes)


def officers_signed() -> list[Signer]:
    return [
        documents.officer_signed(one.name, one.cert_no, handwriting(n), AT)
        for n, one in enumerate(OFFICERS)
    ]


def party_signed() -> Signer:
    act = Signed(role=Role.PARTY, handwriting=BLOB, over="0" * 64, at=AT)
    return documents.party_signed(act, handwriting(5))


def joined(text: list[Piece], field: str) -> str:
    return "".join(piece.text for piece in text if piece.name.partition("#")[0] == field)


def words_of(made: Rendered, footer: str) -> str:
    """All words of a PDF without white space and without the foot of its pages."""
    pages = pypdf.PdfReader(io.BytesIO(made.pdf)).pages
    foot = re.compile(re.escape(re.sub(r"\s", "", footer)) + r"第\d+页共\d+页")
    return "".join(foot.sub("", re.sub(r"\s", "", page.extract_text())) for page in pages)


def grey(png: bytes) -> memoryview:
    """The pixels of a picture, rows by columns, one byte each."""
    with av.open(io.BytesIO(png)) as file:
        frame = next(file.decode(video=0)).reformat(format="gray")
    plane = frame.planes[0]
    lines, width = bytes(plane), plane.line_size
    rows = (lines[n * width : n * width + frame.width] for n in range(frame.height))
    return memoryview(b"".join(rows)).cast("B", (frame.height, frame.width))


def assert_printed(made: Rendered, text: list[Piece], footer: str) -> None:
    """Every piece stands in the PDF, in the pieces' order."""
    words, at = words_of(made, footer), 0
    for piece in text:
        found = words.find(re.sub(r"\s", "", piece.text), at)
        assert found >= 0, f"{piece.name}: {piece.text}"
        at = found


@pytest.fixture(scope="module")
def typesetter() -> Iterator[Typesetter]:
    with Typesetter() as one:
        yield one


def test_the_decision_says_all_that_the_law_asks_for() -> None:
    """APL 52, 44–45, 72; ARL 23: the whole text, joined, has each element."""
    text = "".join(piece.text for piece in decision())
    for words in (
        "云溪县市场监督管理局",
        DECISION_NUMBER,
        "云溪县禾穗食品有限公司",
        "沈知远（执法证号00992304117）",
        "已主动出示行政执法证件",
        "2026年11月18日9时12分，本局执法人员沈知远、陆清和在云溪县青石镇河西路28号",
        "《中华人民共和国价格法》第四十二条",
        "罚款人民币500元（大写：伍佰元整）",
        "告知你单位依法享有陈述、申辩的权利",
        "新到的商品没有来得及做价签",
        "自收到本决定书之日起15日内到指定银行缴纳罚款",
        "每日按罚款数额的百分之三加处罚款",
        "应当先自收到本决定书之日起60日内向云溪县人民政府申请行政复议",
        "自收到行政复议决定书之日起15日内依法向云溪县人民法院提起行政诉讼",
        "报本局备案",
    ):
        assert words in text


def test_the_record_says_identity_purpose_and_duty() -> None:
    """APL 55: who we are, what for, the duty to cooperate; and 以上笔录已核对无误."""
    text = "".join(piece.text for piece in record())
    for words in (
        "我们是云溪县市场监督管理局的行政执法人员沈知远、陆清和，已主动向你出示行政执法证件",
        "依据《中华人民共和国价格法》第三十三条",
        "有权申请回避",
        "应当如实回答询问，并协助检查，不得拒绝或者阻挠",
        "以上笔录已核对无误",
        "照片6张、录像1段",
    ):
        assert words in text


def test_a_name_in_the_facts_is_a_piece_of_its_own() -> None:
    """So that it can be masked and all around it shown."""
    marked = [piece for piece in decision() if piece.mark == Ground.NATURAL_PERSON]
    assert [(piece.name, piece.text) for piece in marked] == [
        ("party_legal_rep#1", "明禾"),
        ("facts#2", "明禾"),
    ]
    assert joined(decision(), "facts") == FACTS


def test_a_record_that_was_not_made_proves_nothing() -> None:
    """What a decision rests on is proposed from what there is."""
    known = facts(DECISION_NUMBER)
    assert known.values["evidence"] == "现场检查笔录、照片6张、录像1段"
    bare = documents.case_facts(
        inspection_opened(),
        Reference(version=1, issued_at=0, agency=agency_info(), items=ITEMS, officers=OFFICERS),
        now=AT,
        media={MediaKind.PHOTO: 2},
    )
    assert bare.values["evidence"] == "照片2张"


def test_a_waived_defence_is_said_and_no_defence_is_asked_for() -> None:
    """APL 44: unless the party clearly waives."""
    text = decision(facts(DECISION_NUMBER, waived=True))
    assert joined(text, "waived") == "你单位明确表示放弃陈述、申辩的权利。"
    assert joined(text, "heard") == ""


def test_a_warning_has_no_fine_and_no_bank() -> None:
    text = decision(penalty="警告", fine="")
    assert joined(text, "result_warning") == "。"
    assert joined(text, "penalty") == "警告"
    assert not joined(text, "fine")
    assert not joined(text, "payment")


def test_a_citizen_is_addressed_as_one_and_the_home_is_marked() -> None:
    who = Party(
        name="林小满",
        party_class=PartyClass.CITIZEN,
        id_code="11010519491231002X",
        address="云溪县青石镇柳湾村3组12号",
    )
    text = decision(facts(DECISION_NUMBER, who=who))
    assert joined(text, "party_id_number") == "11010519491231002X"
    assert not joined(text, "party_id_code")
    assert [(piece.text, piece.mark) for piece in text if piece.name.startswith("party_home")] == [
        ("云溪县青石镇", None),
        ("柳湾村3组12号", Ground.HOME_ADDRESS),
    ]
    assert "给予你如下行政处罚" in "".join(piece.text for piece in text)


def test_what_is_missing_is_named_and_a_draft_shows_blanks() -> None:
    known, form = facts(""), template("spot_decision")
    answers = documents.carried(form, known)
    assert [field.name for field in documents.missing(form, answers, known)] == ["facts", "fine"]
    with pytest.raises(AnswerMissing, match="违法事实、罚款金额"):
        documents.pieces(form, answers, known)
    draft = documents.pieces(form, answers, known, draft=True)
    assert joined(draft, "facts") == "＿＿＿＿"
    assert joined(draft, "number") == "（待编号）"


def test_a_document_without_a_number_is_not_made() -> None:
    with pytest.raises(AnswerMissing, match="no number yet"):
        decision(facts(""))


@pytest.mark.parametrize("typed", ["五百", "500.123", "-5", "1e3"])
def test_an_amount_that_cannot_be_read_is_refused(typed: str) -> None:
    with pytest.raises(AnswerUnreadable, match="罚款金额"):
        decision(fine=typed)


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        (0, "零元整"),
        (5, "伍分"),
        (50_000, "伍佰元整"),
        (300_000, "叁仟元整"),
        (100_530, "壹仟零伍元叁角整"),
        (100_503, "壹仟零伍元零叁分"),
        (1_000_000_00, "壹佰万元整"),
        (10_010_000_00, "壹仟零壹万元整"),
        (100_000_001_00, "壹亿零壹元整"),
        (20_300_00, "贰万零叁佰元整"),
    ],
)
def test_amounts_in_capital_numerals(fen: int, words: str) -> None:
    assert values.capitals(fen) == words


def test_the_decision_prints_its_pieces(typesetter: Typesetter) -> None:
    """PDF and commitments say the same; it is PDF/A, and the same input gives the same bytes."""
    text = decision()
    signers = [party_signed(), *officers_signed()]
    first, second = (
        documents.render(
            typesetter, template("spot_decision"), text, signers, mark_url=URL, root=ROOT, at=AT
        )
        for _ in range(2)
    )
    assert first == second
    assert first.pages == len(first.images) == 2
    assert_printed(first, text, f"当场行政处罚决定书{DECISION_NUMBER}")
    metadata = pypdf.PdfReader(io.BytesIO(first.pdf)).trailer["/Root"]["/Metadata"].get_data()
    assert b"<pdfaid:part>2</pdfaid:part>" in metadata
    assert "当场行政处罚决定书".encode() in metadata


def test_the_record_prints_its_pieces(typesetter: Typesetter) -> None:
    text = record()
    made = documents.render(
        typesetter, template("site_inspection_record"), text, [party_signed()], at=AT
    )
    assert_printed(made, text, f"现场检查笔录{NUMBER}")


def test_long_facts_run_over_pages_and_every_page_says_its_number(typesetter: Typesetter) -> None:
    long = "\n".join(f"第{n}项商品未标明价格，货架上没有价签，也没有价目表。" for n in range(1, 81))
    text = record(long)
    made = documents.render(
        typesetter, template("site_inspection_record"), text, [party_signed()], at=AT
    )
    assert made.pages >= 4
    assert_printed(made, text, f"现场检查笔录{NUMBER}")
    for n, page in enumerate(pypdf.PdfReader(io.BytesIO(made.pdf)).pages, start=1):
        words = re.sub(r"\s", "", page.extract_text())
        assert f"第{n}页共{made.pages}页" in words


def test_the_code_is_read_back_from_the_printed_page(typesetter: Typesetter) -> None:
    """At 150 dpi, as a cheap scanner sees it."""
    made = documents.render(
        typesetter,
        template("spot_decision"),
        decision(),
        officers_signed(),
        mark_url=URL,
        root=ROOT,
        at=AT,
        ppi=150,
    )
    assert [code.text for code in zxingcpp.read_barcodes(grey(made.images[-1]))] == [URL]
    assert "00010203040506070809" in words_of(made, "")


def test_a_refused_signature_is_noted_with_its_reason(typesetter: Typesetter) -> None:
    """APL 52: refusal is noted on the decision."""
    act = SignRefused(role=Role.PARTY, reason="不认可处罚结果", over="0" * 64, at=AT)
    signers = [documents.party_signed(act), *officers_signed()]
    made = documents.render(typesetter, template("spot_decision"), decision(), signers, at=AT)
    noted = "当事人拒绝签名。原因：不认可处罚结果。执法人员于2026年11月18日9时12分注明。"
    assert noted in words_of(made, f"当场行政处罚决定书{DECISION_NUMBER}")


def test_a_draft_says_so_on_every_page(typesetter: Typesetter) -> None:
    known, form = facts(""), template("spot_decision")
    text = documents.pieces(form, documents.carried(form, known), known, draft=True)
    waiting = [documents.waiting(Role.PARTY), documents.waiting(Role.OFFICER)]
    made = documents.render(typesetter, form, text, waiting, draft=True)
    for page in pypdf.PdfReader(io.BytesIO(made.pdf)).pages:
        assert "草稿，未生效" in re.sub(r"\s", "", page.extract_text())
    final = documents.render(typesetter, form, decision(), at=AT)
    assert "草稿" not in words_of(final, "")


def test_the_rights_notice_prints_every_block(typesetter: Typesetter) -> None:
    known, form = facts(NUMBER), template("rights_notice")
    text = documents.pieces(form, documents.carried(form, known), known)
    made = documents.render(typesetter, form, text, [party_signed(), *officers_signed()], at=AT)
    words = words_of(made, f"权利义务告知书{NUMBER}")
    assert all(re.sub(r"\s", "", piece.text) in words for piece in text)


def test_markup_in_an_answer_is_printed_as_it_was_typed(typesetter: Typesetter) -> None:
    """Answers are data: nothing typed on the tablet is ever code."""
    typed = '价签写着"*5元* #pagebreak() $x^2$ @ref <b> \\n // 特价"。'
    text = record(typed)
    made = documents.render(typesetter, template("site_inspection_record"), text, at=AT)
    assert re.sub(r"\s", "", typed) in words_of(made, f"现场检查笔录{NUMBER}")


def test_a_character_without_a_glyph_is_named(typesetter: Typesetter) -> None:
    with pytest.raises(GlyphMissing) as refused:
        documents.render(
            typesetter, template("site_inspection_record"), record("货架上有😀标签。"), at=AT
        )
    assert refused.value.facts["characters"] == "😀"


def test_a_template_that_leaves_a_piece_out_is_refused(typesetter: Typesetter) -> None:
    """What was committed to and what was signed could differ otherwise."""
    form = template("spot_decision")
    shortened = msgspec.structs.replace(form, source=form.source.replace('"remedy", ', ""))
    with pytest.raises(TemplateBroken, match="the text remedy is not printed"):
        documents.render(typesetter, shortened, decision(), at=AT)


def test_a_fixed_text_that_asks_for_an_unknown_fact_is_refused() -> None:
    known = facts(DECISION_NUMBER)
    without = {name: value for name, value in known.values.items() if name != "agency.court"}
    with pytest.raises(TemplateBroken, match=r"agency\.court"):
        decision(CaseFacts(without, known.people))


def test_the_notice_hash_changes_with_any_word() -> None:
    form = template("rights_notice")
    blocks, text = documents.notice_text(form)
    assert {block.kind for block in blocks} == {"right", "duty"}
    assert all(block.clause and block.plain and block.text_en for block in blocks)
    changed = [msgspec.structs.replace(blocks[0], plain="别的话"), *blocks[1:]]
    assert documents.notice_text(msgspec.structs.replace(form, notice=changed))[1] != text
    assert documents.notice_text(form)[1] == text


def test_ink_is_cropped_and_a_dot_leaves_a_mark() -> None:
    assert documents.ink_svg([]) == ""
    assert documents.ink_svg([[(0.5, 0.5, 0)]]).count("<path") == 1
    moved = [[(x + 7, y + 3, t) for x, y, t in [(0.0, 0.0, 0), (1.0, 0.5, 20), (2.0, 0.0, 40)]]]
    still = [[(0.0, 0.0, 0), (1.0, 0.5, 20), (2.0, 0.0, 40)]]
    assert documents.ink_svg(moved) == documents.ink_svg(still)

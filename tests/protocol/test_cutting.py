"""Texts are cut so that a mask takes no more than it must."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.cutting import Piece, cut, cut_form, personal, surname_length
from protocol.errors import Malformed
from protocol.reference import FieldSpec
from protocol.vocabulary import Ground

words = st.text(st.sampled_from("周明禾赵店员在场。！？；\n 1380799-5X镇"), max_size=60)


@given(words, st.lists(st.sampled_from(["周明禾", "明禾", "赵", "店员", ""]), max_size=4))
def test_the_pieces_joined_are_the_text(text, names):
    """Cutting loses, adds and moves no character, however it cuts."""
    for how in ("whole", "sentences", "name", "address"):
        pieces = cut("facts", text, names, how)
        assert "".join(piece.text for piece in pieces) == text
        assert len({piece.name for piece in pieces}) == len(pieces) >= 1


def test_sentences_end_at_chinese_marks():
    """。！？； and line ends close a sentence and stay with it."""
    pieces = cut("facts", "甲。乙！丙？丁；戊\n己")
    assert [piece.text for piece in pieces] == ["甲。", "乙！", "丙？", "丁；", "戊\n", "己"]
    assert [piece.name for piece in pieces] == [f"facts#{n}" for n in range(6)]


def test_a_person_named_in_a_sentence_is_cut_out_after_the_surname():
    """Only the given name is marked; the rest of the sentence can be shown."""
    assert cut("facts", "现场由周明禾陪同。", ["周明禾"]) == [
        Piece("facts#0", "现场由周"),
        Piece("facts#1", "明禾", Ground.NATURAL_PERSON),
        Piece("facts#2", "陪同。"),
    ]


def test_each_mention_of_each_person_is_marked():
    """Names that contain one another, and repeated ones, are all found."""
    pieces = cut("facts", "周明与周明禾，周明禾答。", ["周明", "周明禾"])
    marked = [piece.text for piece in pieces if piece.mark]
    assert marked == ["明", "明禾", "明禾"]


@pytest.mark.parametrize(
    ("text", "private", "ground"),
    [
        ("证号11010519491231002X。", "11010519491231002X", Ground.ID_NUMBER),
        ("电话13812345678，在。", "13812345678", Ground.CONTACT),
        ("电话0799-5550128。", "0799-5550128", Ground.CONTACT),
        ("卡4111111111111111。", "4111111111111111", Ground.BANK_ACCOUNT),
        ("账号：1234 5678 9012。", "：1234 5678 9012", Ground.BANK_ACCOUNT),
        ("电话１３８１２３４５６７８。", "１３８１２３４５６７８", Ground.CONTACT),
        ("手机138 1234 5678。", "138 1234 5678", Ground.CONTACT),
        ("手机+86-138-1234-5678。", "+86-138-1234-5678", Ground.CONTACT),
        ("联系电话：5550128。", "5550128", Ground.CONTACT),
        ("邮箱wang.xm@mail.example。", "wang.xm@mail.example", Ground.CONTACT),
        ("微信号：wx_2026abc。", "wx_2026abc", Ground.CONTACT),
        ("QQ：123456789。", "123456789", Ground.CONTACT),
        ("护照号码E12345678。", "E12345678", Ground.ID_NUMBER),
        ("身份证号110105491231002。", "110105491231002", Ground.ID_NUMBER),
        ("港澳居民来往内地通行证H0123456700。", "H0123456700", Ground.ID_NUMBER),
        ("卡4111 1111 1111 1111。", "4111 1111 1111 1111", Ground.BANK_ACCOUNT),
        ("赵某家住青石镇河西路28号3栋。", "青石镇河西路28号3栋", Ground.HOME_ADDRESS),
        ("户籍地：云溪县白水乡6组，务农。", "云溪县白水乡6组", Ground.HOME_ADDRESS),
        ("投诉人王小明称价签缺失。", "王小明", Ground.NATURAL_PERSON),
        ("据举报人李芳来电。", "李芳", Ground.NATURAL_PERSON),
        ("举报人：张某某，男。", "张某某", Ground.NATURAL_PERSON),
        ("从业人员患有痢疾。", "从业人员患有痢疾。", Ground.HEALTH),
        ("该配比属商业秘密。", "该配比属商业秘密。", Ground.TRADE_SECRET),
    ],
)
def test_private_numbers_are_marked(text, private, ground):
    """By their form or behind their own word, in whatever width and with whatever gaps."""
    assert [(p.text, p.mark) for p in cut("facts", text) if p.mark] == [(private, ground)]
    assert personal(text) == ground


@pytest.mark.parametrize(
    "text",
    [
        "信用代码91990123MA0FJ0K21X",
        "信用代码91350100M000100Y43",
        "云市监当罚〔2026〕126号",
        "2026年11月18日9时12分",
        "罚款500元，共7种",
        "执法证号00992304117",
        "投诉举报电话12345",
        "投诉人投诉后本局即行检查",
        "从业人员未取得健康证明",
        "住所：云溪县青石镇河西路28号",
        "生产日期20261101，批号20261101023",
        "食品生产许可证编号SC10199012300018",
    ],
)
def test_public_numbers_are_not_marked(text):
    """Codes, document numbers, dates, amounts, certificates, seats and hotlines stay."""
    assert personal(text) is None


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("云溪县青石镇河西路28号", ["云溪县青石镇", "河西路28号"]),
        ("北京市朝阳区某路1号", ["北京市朝阳区", "某路1号"]),
        ("河西路28号", ["河西路28号"]),
        ("云溪县青石镇", ["云溪县青石镇"]),
        ("", [""]),
    ],
)
def test_an_address_is_cut_at_the_township(text, parts):
    """What names the place roughly can be shown, what names the door can be masked."""
    pieces = cut("address", text, how="address")
    assert [piece.text for piece in pieces] == parts
    assert pieces[0].mark is None or len(pieces) == 1


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("周明禾", ["周", "明禾"]),
        ("欧阳青", ["欧阳", "青"]),
        ("欧阳", ["欧", "阳"]),
        ("Li", ["Li"]),
    ],
)
def test_a_name_is_cut_after_the_surname(name, parts):
    """The surname stays, of two characters where it has two; other names are masked whole."""
    pieces = cut("legal_rep", name, how="name")
    assert [piece.text for piece in pieces] == parts
    assert pieces[-1].mark == Ground.NATURAL_PERSON
    assert len(name) - surname_length(name) == len(parts[-1])


def test_a_form_is_cut_field_by_field():
    """Fields come in the form's order, each cut its own way; missing answers give none."""
    form = [
        FieldSpec(name="fine", label_zh="罚款", label_en="fine", type="money"),
        FieldSpec(name="facts", label_zh="事实", label_en="facts", type="text", cut="sentences"),
        FieldSpec(name="note", label_zh="备注", label_en="note", type="text"),
    ]
    pieces = cut_form(form, {"facts": "甲。乙。", "fine": "500.00"})
    assert [piece.name for piece in pieces] == ["fine", "facts#0", "facts#1"]


@pytest.mark.parametrize("name", ["", "facts#1"])
def test_a_field_with_a_bad_name_is_refused(name):
    """Piece names stay unambiguous."""
    with pytest.raises(Malformed):
        cut(name, "甲")


def test_too_many_names_are_refused():
    """Marking is bounded."""
    with pytest.raises(Malformed):
        cut("facts", "甲", [f"周{n}" for n in range(201)])


def test_a_very_long_address_is_cut_in_one_pass() -> None:
    """Each character could end the township; a search that starts anew at each takes minutes."""
    text = "县" * 90_000 + "西街1号"
    pieces = cut("party_address", text, how="address")
    assert [len(piece.text) for piece in pieces] == [90_000, 4]
    assert [piece.mark for piece in pieces] == [None, Ground.HOME_ADDRESS]

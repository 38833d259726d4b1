"""What is published is, word for word, part of what was signed; what is masked stays hidden."""

import hashlib
import json

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from protocol.errors import Malformed, TooLarge, Unverified
from protocol.redaction import (
    MAX_CONTENT,
    Content,
    Opened,
    Piece,
    check,
    check_root,
    commit,
    content_root,
    decode_content,
    encode_content,
    lay_out,
    propose,
    reveal,
    segments,
)
from protocol.reference import FieldSpec
from protocol.statements import Decision, Mask
from protocol.vocabulary import (
    ActKind,
    Ground,
    PartyClass,
    PenaltyKind,
    Procedure,
    RemedyRoute,
)
from tests.vectors import redaction as vectors


def salts(count: int, seed: bytes = b"") -> list[bytes]:
    return [hashlib.sha256(seed + b"%d" % n).digest()[:16] for n in range(count)]


def document(*pieces: Piece, seed: bytes = b"") -> Content:
    return commit(pieces, salts(len(pieces), seed), "spot-decision", 1)


def decision(party_class=PartyClass.ORGANISATION) -> Decision:
    return Decision(
        act=ActKind.PENALTY,
        procedure=Procedure.SUMMARY,
        party_class=party_class,
        penalties=[PenaltyKind.FINE],
        fine=50_000,
        remedy=RemedyRoute.RECONSIDER_FIRST,
        decided_on="2026-11-18",
    )


def field(name, **facts) -> FieldSpec:
    return FieldSpec(name=name, label_zh=name, label_en=name, **({"type": "text"} | facts))


texts = st.text(st.characters(codec="utf-8"), max_size=40)
contents = st.lists(texts, min_size=1, max_size=8).map(
    lambda all_texts: document(*(Piece(f"p#{n}", text) for n, text in enumerate(all_texts)))
)


FROZEN = json.loads(vectors.FILE.read_text(encoding="utf-8"))
GOOD, BAD = FROZEN["good"], FROZEN["bad"]


def test_the_vectors_are_frozen():
    """The generator writes what is kept, byte for byte."""
    text = json.dumps(vectors.build(), ensure_ascii=False, indent=1) + "\n"
    assert vectors.FILE.read_text(encoding="utf-8") == text


def test_the_good_vectors_hold():
    """Commitments, root and blob are those that an independent program computed."""
    content = decode_content(GOOD["blob"].encode())
    assert encode_content(content) == GOOD["blob"].encode()
    assert [one.commitment for one in segments(content)] == GOOD["commitments"]
    assert content_root(content).hex() == GOOD["root"]
    public = reveal(content, {one.name for one in content.pieces} - {vectors.MASKED})
    assert [msgspec.json.encode(one).decode() for one in public] == GOOD["public"]
    check(segments(content), public)


@pytest.mark.parametrize("damage", BAD["public"])
def test_a_bad_public_part_is_refused(damage):
    """What is not part of the signed text is not published as such."""
    content = decode_content(GOOD["blob"].encode())
    with pytest.raises(Unverified):
        check(segments(content), msgspec.convert(BAD["public"][damage], list[Opened]))


@pytest.mark.parametrize("damage", BAD["blob"])
def test_a_bad_blob_is_refused(damage):
    """A content blob in another writing is refused."""
    with pytest.raises(Malformed):
        decode_content(BAD["blob"][damage].encode())


@given(contents, st.data())
def test_every_choice_of_pieces_checks(content, data):
    """Whatever is revealed, each piece and the root check against the statement."""
    shown = data.draw(st.sets(st.sampled_from([one.name for one in content.pieces])))
    opened = reveal(content, shown)
    assert {one.name for one in opened} == shown
    check(segments(content), opened)
    check_root(segments(content), content_root(content).hex())


@given(contents, st.data())
def test_any_changed_character_is_refused(content, data):
    """A revealed piece with one other character, name or salt is refused."""
    opened = reveal(content, {one.name for one in content.pieces})
    place = data.draw(st.integers(0, len(opened) - 1))
    one = opened[place]
    changed = data.draw(
        st.sampled_from(
            [
                {"text": one.text + " "},
                {"text": one.text[:-1] if one.text else "x"},
                {"salt": ("1" if one.salt[0] == "0" else "0") + one.salt[1:]},
                {"name": one.name + "0"},
            ]
        )
    )
    opened[place] = msgspec.structs.replace(one, **changed)
    with pytest.raises(Unverified):
        check(segments(content), opened)


@given(st.binary(min_size=1), st.data())
def test_each_byte_of_a_piece_is_bound(text, data):
    """Every bit of the text's UTF-8 counts."""
    words = text.hex()
    content = document(Piece("facts", words))
    at = data.draw(st.integers(0, len(words) - 1))
    other = words[:at] + chr(ord(words[at]) ^ 1) + words[at + 1 :]
    forged = [msgspec.structs.replace(reveal(content, {"facts"})[0], text=other)]
    with pytest.raises(Unverified):
        check(segments(content), forged)


def test_a_piece_moved_to_another_name_is_refused():
    """A fine of one field cannot be shown as the fine of another."""
    content = document(Piece("fine", "500.00"), Piece("paid", "0.00"))
    fine, paid = reveal(content, {"fine", "paid"})
    swapped = [
        msgspec.structs.replace(fine, text=paid.text, salt=paid.salt),
        msgspec.structs.replace(paid, text=fine.text, salt=fine.salt),
    ]
    with pytest.raises(Unverified):
        check(segments(content), swapped)


def test_pieces_out_of_order_or_twice_are_refused():
    """The public text keeps the document's order and repeats nothing."""
    content = document(Piece("a", "甲"), Piece("b", "乙"))
    first, second = reveal(content, {"a", "b"})
    for wrong in ([second, first], [first, first]):
        with pytest.raises(Unverified, match="order"):
            check(segments(content), wrong)


def test_an_added_segment_breaks_the_root():
    """A statement cannot list other segments than those that were signed."""
    content = document(Piece("a", "甲"), Piece("b", "乙"))
    with pytest.raises(Unverified, match="root"):
        check_root(segments(content)[:1], content_root(content).hex())


@given(texts, texts, st.binary(min_size=16, max_size=16), st.binary(min_size=16, max_size=16))
def test_masked_text_leaves_no_trace_but_its_name(secret, other, salt, fresh):
    """All that is published of a document, apart from commitments, is the same whatever the
    masked text is; and with a fresh salt the same text commits to something else."""
    known = salts(1)[0]

    def published(text, with_salt):
        content = commit([Piece("a", "甲"), Piece("b", text)], [known, with_salt], "t", 1)
        shown = reveal(content, {"a"})
        masks = [Mask(name="b", ground=Ground.CONTACT)]
        laid = lay_out(segments(content), shown, masks)
        return msgspec.json.encode([shown, laid]), segments(content)[1].commitment

    assume(known not in (salt, fresh))
    (bytes_one, commitment_one), (bytes_two, commitment_two) = (
        published(secret, salt),
        published(other, fresh),
    )
    assert bytes_one == bytes_two
    assert salt.hex().encode() not in bytes_one
    assert (commitment_one == commitment_two) == ((secret, salt) == (other, fresh))


def test_salts_are_used_once():
    """Two pieces never share a salt, and none goes without."""
    for wrong in ([bytes(16), bytes(16)], [bytes(16)], [bytes(16), bytes(15)]):
        with pytest.raises(Malformed):
            commit([Piece("a", "甲"), Piece("b", "甲")], wrong, "t", 1)


def test_names_of_pieces_are_unique():
    """A document with two pieces of one name is refused."""
    with pytest.raises(Malformed, match="one name"):
        document(Piece("a", "甲"), Piece("a", "乙"))


@given(contents)
def test_the_content_blob_reads_back(content):
    """What is written is what is read, byte for byte."""
    assert decode_content(encode_content(content)) == content


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b'{"template":"t","template_version":1,"pieces":[] }',
        b'{"template_version":1,"template":"t","pieces":[]}',
        b'{"template":"t","template_version":1,"pieces":[],"more":1}',
        b'{"template":"t","template_version":1,"pieces":[{"name":"a","salt":"00","text":""}]}',
        b"\xff\xfe",
        b"[" * 5000,
    ],
)
def test_another_writing_of_the_content_is_refused(data):
    """Spaces, another order, unknown keys and broken bytes are not canonical."""
    with pytest.raises(Malformed):
        decode_content(data)


def test_an_endless_content_is_refused_before_it_is_read():
    """A blob past its bound is not parsed."""
    with pytest.raises(TooLarge):
        decode_content(bytes(MAX_CONTENT + 1))


def test_revealing_an_unknown_piece_is_refused():
    """A name that the document does not have is a mistake, not an empty text."""
    with pytest.raises(Malformed):
        reveal(document(Piece("a", "甲")), {"b"})


FORM = [
    field("party_id", ground=Ground.ID_NUMBER, ground_for=[PartyClass.CITIZEN]),
    field("party_phone", ground=Ground.CONTACT),
    field("hotline", type="fixed"),
    field("bank", carried_from="agency.bank"),
    field("remark"),
]
ANSWERS = document(
    Piece("party_id", "91990123MA0FJ0K21X"),
    Piece("party_phone", "0799-5550128"),
    Piece("legal_rep#0", "周"),
    Piece("legal_rep#1", "明禾", Ground.NATURAL_PERSON),
    Piece("party_address#0", "云溪县青石镇"),
    Piece("party_address#1", "河西路28号", Ground.HOME_ADDRESS),
    Piece("hotline", "0799-5550000"),
    Piece("bank", "账号 6222021234567890128"),
    Piece("remark", "电话13800000000"),
)


def test_the_rule_masks_what_is_personal_of_an_organisation():
    """Of an organisation: people's names and telephones, not its code and its address."""
    assert {mask.name: mask.ground for mask in propose(ANSWERS, decision(), FORM)} == {
        "party_phone": Ground.CONTACT,
        "legal_rep#1": Ground.NATURAL_PERSON,
        "remark": Ground.CONTACT,
    }


@pytest.mark.parametrize("party_class", [PartyClass.CITIZEN, PartyClass.SOLE_TRADER])
def test_the_rule_masks_a_home_of_a_natural_person(party_class):
    """A citizen's and an individual business's address stops at the township."""
    masked = {mask.name: mask.ground for mask in propose(ANSWERS, decision(party_class), FORM)}
    assert masked["party_address#1"] == Ground.HOME_ADDRESS
    assert ("party_id" in masked) == (party_class == PartyClass.CITIZEN)


def test_where_somebody_lives_is_masked_in_an_organisations_decision_too():
    """Its seat is public; the home of a person whom the facts mention is not."""
    text = document(
        Piece("facts#0", "赵某家住"), Piece("facts#1", "河西路2号", Ground.HOME_ADDRESS)
    )
    form = [field("facts", cut="sentences")]
    assert [mask.name for mask in propose(text, decision(), form)] == ["facts#1"]


def test_without_the_form_numbers_are_still_seen():
    """A document whose template is not at hand is scanned for private numbers throughout."""
    masked = {mask.name for mask in propose(ANSWERS, decision())}
    assert {"party_phone", "hotline", "bank", "remark", "legal_rep#1"} <= masked


def test_the_public_text_shows_where_something_is_masked():
    """Masks keep their place and ground; a piece that nobody explains is not for display."""
    content = document(Piece("a#0", "甲"), Piece("a#1", "乙"), Piece("b", "丙"))
    laid = lay_out(
        segments(content), reveal(content, {"a#0"}), [Mask(name="a#1", ground=Ground.CONTACT)]
    )
    assert [(one.field, one.text, one.ground) for one in laid] == [
        ("a", "甲", None),
        ("a", None, Ground.CONTACT),
        ("b", None, Ground.NOT_FOR_DISPLAY),
    ]


def test_marks_are_not_published():
    """An opened piece carries name, salt and text, nothing else."""
    content = document(Piece("a", "甲", Ground.HEALTH))
    assert reveal(content, {"a"}) == [
        Opened(name="a", salt=content.pieces[0].salt, text="甲", mark=None)
    ]

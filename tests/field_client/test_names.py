"""Names with what somebody is, as they are typed and as a Chinese paper has them."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from field_client.documents import pieces
from field_client.flow.gathering import named
from field_client.names import bracketed, name_of, post_of
from tests.field_client.test_documents import party, template
from tests.papers import answers_for, known_for


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("周明禾(店长)", "周明禾（店长）"),
        ("周明禾 ( 店长 ) ", "周明禾（店长）"),
        ("周明禾（店长)", "周明禾（店长）"),
        ("周明禾（店长）", "周明禾（店长）"),
        ("周明禾()", "周明禾"),
        ("周明禾", "周明禾"),
        ("John Smith (manager)", "John Smith (manager)"),
        ("周明禾(店长)(代)", "周明禾(店长)(代)"),
        ("", ""),
    ],
)
def test_brackets_beside_a_chinese_name_are_those_of_chinese_text(typed: str, written: str) -> None:
    """What cannot be told apart is left as it was typed."""
    assert bracketed(typed) == written


def test_a_name_is_told_from_its_post_whatever_keyboard_wrote_them() -> None:
    for words in ("周明禾(店长)", "周明禾（店长）", "周明禾 (店长)"):
        assert (name_of(words), post_of(words)) == ("周明禾", "店长")
    assert (name_of("周明禾"), post_of("周明禾")) == ("周明禾", "")


def test_who_attests_or_acts_for_another_stands_in_one_pair_of_brackets() -> None:
    assert named(("李春生(村主任)", "柳湾村委会")) == "李春生（村主任，柳湾村委会）"
    assert named(("李春生", "柳湾村委会")) == "李春生（柳湾村委会）"


def test_a_paper_prints_full_width_brackets_in_its_names() -> None:
    form, known = template("site_inspection_record"), known_for()
    text = pieces(form, answers_for(form, known) | {"site_manager": "王芳(店员)"}, known)
    said = "".join(one.text for one in text if one.name.partition("#")[0] == "site_manager")
    assert said == "王芳（店员）"
    proof = template("service_proof")
    answers = answers_for(proof, known) | {"attestors": "赵有田(村民),李春生"}
    text = pieces(proof, answers, known)
    said = "".join(one.text for one in text if one.name.partition("#")[0] == "attestors")
    assert said == "赵有田（村民）、李春生"


def test_a_name_that_bears_its_post_is_masked_in_sentences_as_well() -> None:
    """Who is written down as 李国强（总经理） is 李国强 in the facts of the case (PIPL 25)."""
    known = known_for(replace(party(), legal_rep="李国强(总经理)"))
    assert known.people == ("周明禾", "李国强")

"""Forms of later programs: kept as they came, not used, and nothing else is lost by them."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from protocol.forms import FORM_EDITION, FieldSpec, NoticeText, Template
from protocol.reference import Reference
from tests.cast import agency_info


def form(version: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": "correction_order",
        "version": version,
        "document": "correction_order",
        "title": "责令改正通知书",
        "source": "#letterhead()",
        "fields": [{"name": "a", "label_zh": "甲", "label_en": "A", "type": "text"}],
        **changes,
    }


def bundle(*forms: dict[str, Any]) -> Reference:
    said = {
        "version": 3,
        "issued_at": 0,
        "agency": msgspec.to_builtins(agency_info()),
        "templates": list(forms),
        "a_list_of_a_later_program": [1],
    }
    return msgspec.json.decode(json.dumps(said), type=Reference)


def test_an_unknown_type_of_field_costs_its_form_and_no_other() -> None:
    """Roster, items and calendar are read; the newest form that can be used is used."""
    later = form(2, fields=[{"name": "a", "label_zh": "甲", "label_en": "A", "type": "sketch"}])
    read = bundle(form(1), later)
    kind = read.templates[0].document
    assert [one.readable for one in read.templates] == [True, False]
    usable = read.template(kind)
    assert usable is not None
    assert usable.version == 1
    assert bundle(later).template(kind) is None


def test_an_unknown_type_in_a_column_costs_its_form() -> None:
    column = {"name": "c", "label_zh": "列", "label_en": "C", "type": "sketch"}
    table = {"name": "t", "label_zh": "表", "label_en": "T", "type": "table", "columns": [column]}
    assert not bundle(form(1, fields=[table])).templates[0].readable


def test_a_form_of_a_later_edition_is_not_guessed_at() -> None:
    assert bundle(form(1, edition=FORM_EDITION)).templates[0].readable
    assert not bundle(form(1, edition=FORM_EDITION + 1)).templates[0].readable


def test_what_a_later_program_added_to_a_form_is_passed_over() -> None:
    read = bundle(form(1, colour="red", plain=[{"heading": "h", "text": "t", "clause": "c"}]))
    assert read.templates[0].blocks[0].heading == "h"


def test_choices_that_are_not_named_one_for_one_are_shown_as_they_are_printed() -> None:
    """A form from before there were names, and one whose names fell out of step."""
    sex = FieldSpec(name="a", label_zh="甲", label_en="A", type="choice", choices=["男", "女"])
    named = msgspec.structs.replace(sex, choices_en=["Male", "Female"])
    short = msgspec.structs.replace(sex, choices_en=["Female"])
    assert named.offered == [("男", "Male"), ("女", "Female")]
    assert sex.offered == short.offered == [("男", "男"), ("女", "女")]


def test_what_is_explained_is_what_is_printed_and_what_stands_beside() -> None:
    printed, beside = (NoticeText(heading=one, text="t", clause="c") for one in "甲乙")
    whole = msgspec.convert(form(1), Template)
    whole = msgspec.structs.replace(whole, notice=[printed], plain=[beside])
    assert whole.blocks == [printed, beside]
    assert FieldSpec(name="a", label_zh="甲", label_en="A", type="text").columns == []

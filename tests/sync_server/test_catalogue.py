"""The starting catalogue: it decodes, is whole, and a damaged file is named."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from pathlib import Path

import pytest

from protocol.errors import Malformed
from protocol.vocabulary import DocumentKind
from sync_server import catalogue


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(catalogue.FOLDER, tmp_path / "catalogue")
    return tmp_path / "catalogue"


def test_every_document_of_the_handbook_is_there() -> None:
    templates, items = catalogue.load_catalogue()
    assert {one.document for one in templates} == set(DocumentKind)
    assert len({item.code for item in items}) == len(items) >= 3
    assert all(item.basis and item.violated and item.penalty_basis for item in items)


def test_every_field_has_one_name_and_both_languages() -> None:
    for template in catalogue.load_catalogue()[0]:
        names = Counter(field.name for field in template.fields)
        tables = [field for field in template.fields if field.type == "table"]
        assert all(column.label_en for field in tables for column in field.columns)
        assert [name for name, count in names.items() if count > 1] == []
        assert all(field.label_zh and field.label_en for field in template.fields)
        assert all(field.text for field in template.fields if field.type == "fixed")
        choices = [field for field in template.fields if field.type == "choice"]
        assert all(field.choices for field in choices)
        assert all(len(field.choices_en) == len(field.choices) for field in choices)
        assert all(name.isascii() for field in choices for name in field.choices_en)


def test_the_matrix_decides_every_summary_penalty() -> None:
    rows = catalogue.load_matrix()
    assert {row.warning_only for row in rows} == {True, False}
    assert all(row.clause and row.why for row in rows)


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        (
            "rights_notice.json",
            (
                '{"id": "x", "version": 1, "document": "rights_notice", "title": "t", "fields": '
                '[{"name": "a", "label_zh": "a", "label_en": "a", "type": "hologram"}]}'
            ),
            "rights_notice.json",
        ),
        ("items.json", "[{]", "expected JSON"),
        ("items.json", '[{"code": 7}]', "items.json"),
        ("spot_decision.json", "[]", "spot_decision.json"),
        ("spot_decision.json", '{"id": "x"}', "spot_decision.json"),
        ("own_form.typ", "#show: official", "own_form.json"),
    ],
)
def test_a_damaged_file_is_named(folder: Path, file: str, content: str, words: str) -> None:
    (folder / file).write_text(content, encoding="utf-8")
    with pytest.raises(Malformed, match=words):
        catalogue.load_catalogue(folder)


def test_a_county_changes_one_form_and_keeps_the_others(tmp_path: Path) -> None:
    """Its file stands in place of the program's; what it does not have is the program's."""
    form = (catalogue.FOLDER / "correction_order.json").read_text(encoding="utf-8")
    changed = form.replace('"version": 1', '"version": 7').replace("一式两份", "一式三份")
    (tmp_path / "correction_order.json").write_text(changed, encoding="utf-8")
    templates = {one.id: one for one in catalogue.load_catalogue(tmp_path)[0]}
    assert len(templates) == len(DocumentKind)
    assert templates["correction_order"].version == 7
    assert (
        "一式三份"
        in {one.name: one for one in templates["correction_order"].fields}["receipt"].text
    )
    assert templates["spot_decision"] in catalogue.load_catalogue()[0]
    assert catalogue.load_matrix(tmp_path) == catalogue.load_matrix()


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Malformed, match="FUJIE_CATALOGUE"):
        catalogue.load_catalogue(tmp_path / "none")


def test_a_decision_says_what_was_heard_of_what_and_the_fine_after_the_warning() -> None:
    """``警告、罚款`` is read out in this order; an answer alone says nothing of its question."""
    found = {one.id: one for one in catalogue.load_catalogue()[0]}
    heard = next(one for one in found["penalty_decision"].fields if one.name == "heard")
    assert heard.text is not None
    for before, answer in (("陈述、申辩", "defence"), ("听证", "hearing"), ("审核", "review")):
        assert re.search(f"{before}[^{{}}]*：[^：]*{{{answer}}}", heard.text)
    for name in ("penalty_decision", "prior_notice", "hearing_right_notice"):
        source = (catalogue.FOLDER / f"{name}.typ").read_text(encoding="utf-8")
        fine = source.index("_fine")
        assert source.index("penalty_text") < fine

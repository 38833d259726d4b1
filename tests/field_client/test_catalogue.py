"""Everything the tablet may say, it says in Chinese: its screens, and every error beneath them."""

from __future__ import annotations

import re
from pathlib import Path

from babel.messages.pofile import read_po

from field_client.ui import i18n
from field_client.ui.presenters.common import problem
from protocol.errors import Refused
from tests.messages import error_classes, places, raised, spoken, unreadable

CATALOGUE = i18n.LOCALE / "zh_CN" / "LC_MESSAGES" / "fujie.po"
HANZI = re.compile(r"[\u4e00-\u9fff]")
COUNTED = re.compile(r"\{(?:n|m|count)(?::[^}]*)?\} (?:\w+ )?[a-z]{2,}s\b")
# Said of two and more alone.
SEVERAL = {
    "{n} breaks want a reason",
    "The reason stands for each of these {n} breaks:",
    "{n} days ago",
    "{n} hours",
    "{n} of {m} records and files",  # of two sorts together
    "Inspected {n} times this year",  # "once" has words of its own
    "The office counted {year}; {n} times this year by this tablet",
}
WORDLESS = re.compile(r"[\W\d_]*(\{\w+\}[\W\d_]*)*")  # "{unit} · {position}" needs no Hanzi


def said() -> set[str]:
    """All msgids: screens, presenters, flows, and the templates of errors."""
    return spoken("field_client") | raised("protocol", "field_client")


def translated() -> dict[str, str]:
    """What the .po file holds, without fuzzy entries."""
    with CATALOGUE.open("rb") as file:
        return {str(m.id): str(m.string) for m in read_po(file) if m.id and not m.fuzzy}


def test_the_catalogue_is_complete() -> None:
    have = translated()
    assert sorted(sentence for sentence in said() if not have.get(sentence)) == []


def test_the_catalogue_holds_nothing_that_nobody_says() -> None:
    assert sorted(set(translated()) - said()) == []


def test_the_tablet_reads_its_catalogue_as_others_do() -> None:
    assert i18n.catalogue("zh_CN") == {k: v for k, v in translated().items() if v}
    entries = (
        'msgid "{n} \\"a\\"\\n"\n"b"\nmsgstr "c"\n"\\\\d"\n\n#, fuzzy\nmsgid "e"\nmsgstr "f"\n'
    )
    assert list(i18n._messages(entries)) == [('{n} "a"\nb', "c\\d")]


def test_nothing_is_fuzzy() -> None:
    assert ", fuzzy" not in CATALOGUE.read_text(encoding="utf-8")


def test_the_named_places_are_the_same_in_both_languages() -> None:
    wrong = {k: v for k, v in translated().items() if places(k) != places(v)}
    assert wrong == {}


def test_translations_are_chinese() -> None:
    have = translated()
    bare = [k for k, v in have.items() if not HANZI.search(v) and not WORDLESS.fullmatch(v)]
    assert bare == []


def test_english_is_quoted_as_in_print() -> None:
    assert [key for key in sorted(said()) if '"' in key] == []


def test_one_thing_is_counted_as_one() -> None:
    """Where English says several, it says one as well; in Chinese the two are the same."""
    have = translated()
    several = {one for one in spoken("field_client") if COUNTED.search(one)}
    lone = [one for one in several - SEVERAL if [*have.values()].count(have[one]) < 2]
    assert lone == []
    assert several & SEVERAL == SEVERAL


def test_every_error_has_a_template_that_a_catalogue_can_know() -> None:
    assert unreadable("protocol", "field_client") == []


def test_english_needs_no_catalogue_and_chinese_is_the_default() -> None:
    assert i18n.LANGUAGES[0] == "zh_CN"
    assert i18n.catalogue("en") == {}


def test_an_error_reads_well_in_both_languages() -> None:
    error = Refused("Wrong PIN. Attempts left: {left}.", left=4)
    i18n.set_language("zh_CN")
    assert problem(i18n._, error).text == "PIN 不对，还可以试 4 次。"
    i18n.set_language("en")
    assert problem(i18n._, error).text == "Wrong PIN. Attempts left: 4."
    i18n.set_language("zh_CN")


def test_the_gatherer_finds_calls_in_kv_and_subclasses_of_errors() -> None:
    """The test of the test: known sentences of each kind are among those gathered."""
    assert "Seen by the party: record it" in spoken("field_client")  # .kv
    assert "Wrong PIN, {n} tries left" in spoken("field_client")  # presenter
    assert "PinLocked" in error_classes("protocol", "field_client")
    assert Path(CATALOGUE).is_file()

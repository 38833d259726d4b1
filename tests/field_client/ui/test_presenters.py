"""State to words: each presenter by values alone, in English, with its documented example."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

from field_client.ui import presenters
from field_client.ui.presenters.capture import room_words
from field_client.ui.presenters.card import Standing, standing
from field_client.ui.presenters.common import (
    DAY,
    HOUR,
    MINUTE,
    age_words,
    error_words,
    iso_words,
    moment_words,
    number_words,
    span_words,
    sync_corner,
)
from field_client.ui.presenters.enrol import passphrase_hint
from field_client.ui.presenters.form import main_label
from field_client.ui.presenters.inspection import steps
from field_client.ui.presenters.today import uscc_note
from field_client.ui.presenters.unlock import PinState, pin_message
from protocol.errors import FujieError

NINE = 1_794_963_660_000  # 2026-11-18 09:01 in Asia/Shanghai
STALE = 24 * HOUR
PURE = [
    "field_client.ui.handwriting",
    "field_client.ui.linebreak",
    "field_client.ui.gallery.ink",
    *(
        f"field_client.ui.presenters.{one.name}"
        for one in pkgutil.iter_modules(presenters.__path__)
    ),
]


@pytest.mark.parametrize("module", PURE)
def test_the_example_in_each_module_holds(module: str) -> None:
    failed, tried = doctest.testmod(importlib.import_module(module))
    assert (failed, tried > 0) == (0, True)


@pytest.mark.parametrize(
    ("state", "title"),
    [
        (PinState(tries_left=4), "Wrong PIN, 4 tries left"),
        (PinState(tries_left=1), "Wrong PIN, 1 try left"),
        (PinState(locked_minutes=15, tries_left=3), "PIN locked for 15 min"),
        (PinState(wiped=True, locked_minutes=15), "PIN removed from this tablet"),
    ],
)
def test_the_gravest_state_of_a_pin_is_told(state: PinState, title: str) -> None:
    message = pin_message(str, state)
    assert message is not None
    assert message.title == title


def test_the_warning_before_a_wipe_comes_with_the_last_two_tries() -> None:
    texts = {n: pin_message(str, PinState(tries_left=n)) for n in (3, 2, 1)}
    assert [bool(message and message.text) for message in texts.values()] == [False, True, True]


def test_before_the_first_try_nothing_is_said() -> None:
    assert pin_message(str, PinState()) is None


@pytest.mark.parametrize(
    ("state", "age", "word", "tone"),
    [
        ("valid", 2 * HOUR, "Valid · roster updated 2 h ago", "success"),
        ("valid", STALE, "Valid · roster updated 24 h ago", "success"),
        ("valid", STALE + 1, "Unknown", "unknown"),
        ("unknown", 0, "Unknown", "unknown"),
        ("valid", None, "Unknown", "unknown"),
        ("suspended", 30 * DAY, "Suspended", "danger"),
        ("cancelled", 0, "Cancelled", "danger"),
        ("expired", 0, "Expired", "danger"),
    ],
)
def test_an_old_roster_is_never_a_valid_one(
    state: Standing, age: int | None, word: str, tone: str
) -> None:
    view = standing(str, state, age, "checked", stale_after=STALE)
    assert (view.chip.word, view.chip.tone) == (word, tone)


def test_the_sync_corner_says_how_much_and_since_when() -> None:
    assert sync_corner(str, pending=0, oldest_at=None, now=NINE, online=True).word == "All synced"
    waiting = sync_corner(str, pending=3, oldest_at=NINE - MINUTE, now=NINE)
    assert (waiting.word, waiting.icon) == ("3 to sync · oldest 09:00", "wifi-off")
    old = sync_corner(str, pending=1, oldest_at=NINE - DAY, now=NINE)
    assert old.word == "1 to sync · oldest yesterday 09:01"


def test_a_moment_is_dated_by_the_legal_day_of_the_place() -> None:
    midnight = NINE - 9 * HOUR - MINUTE  # 00:00 in Shanghai, still the day before in Greenwich
    assert moment_words(str, midnight, NINE) == "00:00"
    assert moment_words(str, midnight - 1, NINE) == "yesterday 23:59"
    assert moment_words(str, NINE - 3 * DAY, NINE) == "Sun 15 November 09:01"


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (0, "just now"),
        (MINUTE, "1 min ago"),
        (HOUR, "1 h ago"),
        (2 * DAY - 1, "47 h ago"),
        (2 * DAY, "2 days ago"),
    ],
)
def test_ages_use_the_largest_unit_that_says_enough(age: int, words: str) -> None:
    assert age_words(str, age) == words


def test_what_failed_is_a_sentence_and_its_cause_goes_on_within_it() -> None:
    cause = FujieError("expected {n} pages", n=2)
    told = error_words(str, FujieError("the page stays: {why}", why=cause))
    assert told == "The page stays: expected 2 pages"
    assert error_words(str, FujieError("{name} is damaged", name="a.mp4")) == "a.mp4 is damaged"


def test_a_code_of_wrong_length_or_check_digit_warns_and_never_blocks() -> None:
    notes = [uscc_note(str, "9199", valid=False), uscc_note(str, "9" * 18, valid=False)]
    assert [note.level for note in notes if note] == ["warn", "warn"]
    assert uscc_note(str, "", valid=False) is None


def test_a_passphrase_of_twelve_characters_is_long_enough() -> None:
    assert passphrase_hint(str, "a" * 11).level == "block"
    assert passphrase_hint(str, "a" * 12).level == "pass"


def test_the_main_button_names_stops_before_gaps_and_gaps_before_going_on() -> None:
    assert main_label(str, blocks=2, missing=("place",)) == "Resolve 2 stops, then sign"
    assert main_label(str, blocks=0, missing=("place",)) == "Still to fill in: place"
    assert main_label(str, blocks=0, missing=()) == "Go to signing"


def test_small_words() -> None:
    assert span_words(3661) == "01:01:01"
    assert number_words("00992304117") == "0099 2304 117"
    assert iso_words(str, "2029-04-30") == "30 April 2029"
    assert room_words(str, 119) == "Room for about 119 min of video"
    assert room_words(str, 120) == "Room for about 2 h of video"
    assert [step.state for step in steps(str, done=0)][:2] == ["now", "later"]

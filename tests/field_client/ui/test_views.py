"""What the design language asks of every sample view, in one pass over each: building a screen
costs more than looking at it.

In Chinese: targets and their names, the sync state in words, no bare English, the way of Tab.
There, and held either way, in either language, in the usual and the largest letters: nothing
beyond the edge, no word cut or left out, nothing on anything else. Two of these looks are always
taken, the six others now and then by ``SEED``; ``LOOKS=all`` leaves out none (``make fuzz``).
"""

from __future__ import annotations

import itertools
import os
import random
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.scrollview import ScrollView
from kivy.uix.textinput import TextInput

from field_client.ui.gallery import VIEWS
from field_client.ui.i18n import _
from field_client.ui.theme import theme
from field_client.ui.widgets.fitting import content_height
from field_client.ui.widgets.focus import above, topmost
from field_client.ui.widgets.press import LEAST_FIT, Pressable, WordButton
from field_client.ui.widgets.text import Words
from tests.field_client.ui.test_design import beyond, shown
from tests.field_client.ui.test_keyboard import TAB, has_keys, press

LEAST_TOUCH = 56
LYING, UPRIGHT = (1280, 800), (800, 1280)
FIRST = (LYING, "zh_CN", "normal")
ALL = os.environ.get("LOOKS") == "all"
SEED = int(os.environ.get("SEED", "1"))
MANY = 40  # rows
OFTEN = 0.05
SLACK = 3  # pixels: heights are rounded
ROUND = 900  # more controls than any screen has
LATIN = re.compile(r"[A-Za-z]{3,}")
# Names that are the same in every language, and the other language's own name.
SHARED = re.compile(r"PIN|YX-T07|IMG|JPG|CLIP|BAK|https?://\S+|log\.\S+/fujie|English|GB")


@pytest.fixture
def letters(tablet: Any) -> Iterator[Any]:
    """A tablet that lies again afterwards, with letters of the usual size."""
    size, hint = tuple(tablet.shell.size), tuple(tablet.shell.size_hint)
    tablet.shell.size_hint = None, None
    yield tablet
    theme.use_text("normal")
    tablet.shell.size, tablet.shell.size_hint = size, hint


@pytest.mark.parametrize("key", sorted(VIEWS))
def test_every_view_keeps_to_the_design_language(letters: Any, key: str) -> None:
    tablet = letters
    wrong: list[str] = []
    for held, language, text in looks(key):
        tablet.shell.size = held
        tablet.shell.use_text(text)
        tablet.shell.use_language(language)
        tablet.show(key, shortened(VIEWS[key](_)))
        tablet.hands.settle()
        wrong += [f"{held}, {language}, {text}: {one}" for one in cut(tablet, text)]
        if (held, language, text) == FIRST:
            wrong += [*targets(tablet), *corner(tablet, key), *bare(tablet), *unreached(tablet)]
    assert wrong == []


def looks(key: str) -> list[tuple[tuple[int, int], str, str]]:
    """Two that have little in common, and now and then one of the others."""
    always = [FIRST, (LYING, "en", "largest")]
    every = itertools.product((LYING, UPRIGHT), ("zh_CN", "en"), ("normal", "largest"))
    chance = random.Random(f"{SEED} {key}")
    return always + [one for one in every if one not in always and (ALL or chance.random() < OFTEN)]


def shortened(view: Any) -> Any:
    """With no more records than show that a list goes on below what is seen of it."""
    rows = getattr(view, "rows", ())
    return replace(view, rows=rows[:MANY]) if len(rows) > MANY else view


def targets(tablet: Any) -> Iterator[str]:
    """What is too small for a finger, or has no name."""
    met = [w for w in tablet.shell.walk() if isinstance(w, Pressable) and shown(w)]
    if not met:
        yield "nothing can be pressed"
    for one in met:
        if min(one.size) < LEAST_TOUCH:
            yield f"too small for a finger: {one.name} {one.size}"
        if not one.name:
            yield f"has no name: {one}"


def corner(tablet: Any, key: str) -> Iterator[str]:
    """The sync state stands on every screen in words; nothing can wait before enrolment."""
    if not key.startswith("enrol"):
        found = tablet.hands.find("sync.corner")
        if "同步" not in (getattr(found, "word", "") or found.words):
            yield "the sync state does not stand there in words"


def bare(tablet: Any) -> Iterator[str]:
    """Lines that nobody translated."""
    for line in tablet.words().splitlines():
        if LATIN.search(SHARED.sub("", line)):
            yield f"English in Chinese: {line}"


def cut(tablet: Any, text: str) -> Iterator[str]:
    """What is beyond the edge, what a word or a box has too little room for."""
    for one in [w for w in tablet.shell.walk() if shown(w)]:
        if isinstance(one, Pressable) and beyond(one, tablet.shell.size):
            yield f"beyond the edge: {one.name} {one.pos} {one.size}"
        if text == "normal" and getattr(one, "natural", 0) and one.natural > one.width - 8:
            yield f"cut: {one.word} {one.natural} > {one.width}"
        if isinstance(one, WordButton) and one.word and one.fit == LEAST_FIT:
            yield f"too small to read: {one.word}"
        if isinstance(one, Words) and one.width > one.font_size and torn(one):
            yield f"broken once more than it should be: {one.text!r}"
        if isinstance(one, Words) and one.shortened:
            yield f"left out: {one.words!r} after {one.text[-20:]!r}"
        if isinstance(one, BoxLayout) and content_height(one) > one.height + SLACK:
            words = [w.words for w in one.walk() if getattr(w, "words", "")]
            yield f"{one.height} high for {content_height(one)}: {words[:6]}"


def torn(one: Words) -> bool:
    """Kivy found a line too long that had been broken to fit."""
    return len(one._label._cached_lines) > one.text.count("\n") + 1


def unreached(tablet: Any) -> list[str]:
    """What a finger reaches and Tab does not, and where Tab goes unseen."""
    scope = topmost(tablet.shell)
    pressed = (w for w in scope.walk() if isinstance(w, Pressable | TextInput) and shown(w))
    wanted = {one.name for one in pressed if not one.disabled}
    met: list[str] = []
    hidden: list[str] = []
    press(tablet, TAB)
    first = now = has_keys(tablet)
    while True:  # rows of a long list are made while the keyboard goes down it
        met.append(now.name)
        hidden += [f"the keyboard is on {now.name}, unseen"] if unseen(now, tablet.shell) else []
        press(tablet, TAB)
        now = has_keys(tablet)
        if now is None:
            return [f"the keyboard is nowhere after {met[-1]}"]
        if now is first or now.name == first.name:
            return [*hidden, *(f"Tab never comes to {name}" for name in sorted(wanted - {*met}))]
        if len(met) == ROUND:
            return [f"the keyboard goes in a circle: {met[-9:]}"]


def unseen(one: Any, shell: Any) -> bool:
    """Whether nothing shows that it has the keyboard, or its middle is scrolled out of sight."""
    if not (isinstance(one, TextInput) or one.ring):
        return True
    x, y = one.to_window(*one.center)
    for view in [shell, *(view for view in above(one) if isinstance(view, ScrollView))]:
        left, bottom = view.to_window(*view.pos)
        if not (left <= x <= left + view.width and bottom <= y <= bottom + view.height):
            return True
    return False


def test_the_mark_of_a_recording_is_no_button(tablet: Any) -> None:
    """On a bar it has no ground of its own: nothing happens where it is touched."""
    tablet.show("today")
    tablet.shell.mark("00:12")
    tablet.hands.settle()
    mark = tablet.hands.find("recording")
    left, middle = mark.to_window(mark.x, mark.center_y)
    inside, beside = tablet.colours((left + 2, middle + 12), (left - 8, middle + 12))
    tablet.shell.mark("")
    assert inside == beside

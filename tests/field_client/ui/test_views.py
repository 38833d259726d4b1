"""What the design language asks of every sample view, in one pass over each: building a screen
costs more than looking at it.

In Chinese: targets and their names, the sync state in words, no bare English, the way of Tab.
There, and in either language and both the usual and the largest letters: nothing beyond the
edge, no word cut, nothing on anything else. The first and the last of these looks are always
taken, the two between by ``SEED``; ``LOOKS=all`` leaves out none (``make fuzz``).
"""

from __future__ import annotations

import os
import random
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from kivy.uix.boxlayout import BoxLayout

from field_client.ui.gallery import VIEWS
from field_client.ui.i18n import _
from field_client.ui.theme import theme
from field_client.ui.widgets.fitting import content_height
from field_client.ui.widgets.focus import topmost
from field_client.ui.widgets.press import LEAST_FIT, Pressable, WordButton
from field_client.ui.widgets.text import Words
from tests.field_client.ui.test_design import beyond, shown
from tests.field_client.ui.test_keyboard import TAB, has_keys, press

LEAST_TOUCH = 56
FIRST = ("zh_CN", "normal")
ALL = os.environ.get("LOOKS") == "all"
SEED = int(os.environ.get("SEED", "1"))
MANY = 40  # rows
OFTEN = 0.15
SLACK = 3  # pixels: heights are rounded
ROUND = 900  # more controls than any screen has
LATIN = re.compile(r"[A-Za-z]{3,}")
# Names that are the same in every language, and the other language's own name.
SHARED = re.compile(r"PIN|YX-T07|IMG|JPG|CLIP|BAK|https?://\S+|log\.\S+/fujie|English|GB")


@pytest.fixture
def letters(tablet: Any) -> Iterator[Any]:
    """A tablet whose letters are of the usual size again afterwards."""
    yield tablet
    theme.use_text("normal")


@pytest.mark.parametrize("key", sorted(VIEWS))
def test_every_view_keeps_to_the_design_language(letters: Any, key: str) -> None:
    tablet = letters
    wrong: list[str] = []
    for language, text in looks(key):
        tablet.shell.use_text(text)
        tablet.shell.use_language(language)
        tablet.show(key, shortened(VIEWS[key](_)))
        tablet.hands.settle()
        wrong += [f"{language}, {text}: {one}" for one in cut(tablet, text)]
        if (language, text) == FIRST:
            wrong += [*targets(tablet), *corner(tablet, key), *bare(tablet), *unreached(tablet)]
    assert wrong == []


def looks(key: str) -> list[tuple[str, str]]:
    """The two that have least in common, and now and then one of the others."""
    others = [("zh_CN", "largest"), ("en", "normal")]
    chance = random.Random(f"{SEED} {key}")
    some = [one for one in others if ALL or chance.random() < OFTEN]
    return [FIRST, ("en", "largest"), *some]


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
        if isinstance(one, Pressable) and beyond(one):
            yield f"beyond the edge: {one.name} {one.pos} {one.size}"
        if text == "normal" and getattr(one, "natural", 0) and one.natural > one.width - 8:
            yield f"cut: {one.word} {one.natural} > {one.width}"
        if isinstance(one, WordButton) and one.word and one.fit == LEAST_FIT:
            yield f"too small to read: {one.word}"
        if isinstance(one, Words) and one.width > one.font_size and torn(one):
            yield f"broken once more than it should be: {one.text!r}"
        if isinstance(one, BoxLayout) and content_height(one) > one.height + SLACK:
            words = [w.words for w in one.walk() if getattr(w, "words", "")]
            yield f"{one.height} high for {content_height(one)}: {words[:6]}"


def torn(one: Words) -> bool:
    """Kivy found a line too long that had been broken to fit."""
    return len(one._label._cached_lines) > one.text.count("\n") + 1


def unreached(tablet: Any) -> list[str]:
    """What a finger reaches and Tab does not."""
    scope = topmost(tablet.shell)
    pressed = (w for w in scope.walk() if isinstance(w, Pressable) and shown(w))
    wanted = {one.name for one in pressed if not one.disabled}
    met: list[str] = []
    press(tablet, TAB)
    first = now = has_keys(tablet)
    while True:  # rows of a long list are made while the keyboard goes down it
        met.append(now.name)
        press(tablet, TAB)
        now = has_keys(tablet)
        if now is None:
            return [f"the keyboard is nowhere after {met[-1]}"]
        if now is first or now.name == first.name:
            return [f"Tab never comes to {name}" for name in sorted(wanted - {*met})]
        if len(met) == ROUND:
            return [f"the keyboard goes in a circle: {met[-9:]}"]

"""A screen that was another before looks as one made anew: after the tablet was turned, and where
the next view of the same screen takes the place of the one before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from field_client.ui.gallery import VIEWS
from field_client.ui.i18n import _
from field_client.ui.theme import theme
from field_client.ui.widgets.box import Box
from field_client.ui.widgets.dates import DateBox
from field_client.ui.widgets.fitting import LongPage, content_height
from field_client.ui.widgets.qr import QrCode
from field_client.ui.widgets.text import text_width
from tests.field_client.ui.test_design import shown

UPRIGHT, SLACK = (800, 1280), 3  # pixels
ARMS_LENGTH = 0.45  # of the tablet's width: 6 cm and more, a tenth of the way to a phone

# Held upright and back again; on each, what stands beside one another goes one under the other.
TURNED = ["card", "sign", "notice", "capture", "today.form"]
# Where much stands under one another: the whole card is seen at once, nothing lies on another.
CARDS = ["card", "card.unknown", "card.worn", "card.patrol"]
FULL = ["sync", "sync.journey", "sync.answer", "today.form", "today.urgent", "enrol.officers"]

# What follows on what: pages, then the party, then the officers; ways of service; an attestor.
FOLLOWING = [
    ("sign.page", "sign"),
    ("sign.agent", "sign.page"),
    ("sign", "sign.officers"),
    ("serve.media", "serve"),
    ("answer", "answer.attestor"),
    ("viewer.sound", "viewer"),
]


def places(tablet: Any) -> dict[str, tuple[float, ...]]:
    """Where each control is."""
    tablet.hands.settle()
    named = (one for one in tablet.shell.walk() if getattr(one, "name", "") and shown(one))
    return {one.name: (*one.to_window(*one.pos), *one.size) for one in named}


def elsewhere(fresh: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """What is not where it would be on a screen made anew."""
    gone = [f"{name} is there once only" for name in fresh.keys() ^ now.keys()]
    moved = [
        f"{name}: {fresh[name]}, now {now[name]}"
        for name in fresh.keys() & now.keys()
        if any(abs(a - b) > SLACK for a, b in zip(fresh[name], now[name], strict=True))
    ]
    return gone + moved


@pytest.mark.parametrize("key", TURNED)
def test_a_tablet_that_was_turned_and_turned_back_looks_as_before(tablet: Any, key: str) -> None:
    tablet.show(key)
    before, size = places(tablet), tuple(tablet.shell.size)
    tablet.shell.size_hint = None, None
    tablet.shell.size = UPRIGHT
    assert elsewhere(before, places(tablet))
    tablet.shell.size = size
    assert elsewhere(before, places(tablet)) == []


@pytest.fixture
def upright(tablet: Any) -> Iterator[Any]:
    size, hint = tuple(tablet.shell.size), tuple(tablet.shell.size_hint)
    tablet.shell.size_hint = None, None
    tablet.shell.size = UPRIGHT
    yield tablet
    theme.use_text("normal")
    tablet.shell.size, tablet.shell.size_hint = size, hint


@pytest.mark.parametrize("key", CARDS)
@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_the_whole_card_is_seen_upright(upright: Any, key: str, language: str) -> None:
    upright.shell.use_language(language)
    upright.show(key, VIEWS[key](_))
    assert [one for one in upright.shell.walk() if isinstance(one, LongPage)] == []
    leave = upright.hands.find("leave")
    assert leave.to_window(*leave.pos)[1] >= 0
    codes = [one for one in upright.shell.walk() if isinstance(one, QrCode)]
    assert all(min(one.size) > ARMS_LENGTH * UPRIGHT[0] for one in codes)


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_a_wrong_pin_is_told_upright_without_scrolling(upright: Any, language: str) -> None:
    upright.shell.use_language(language)
    upright.show("unlock", VIEWS["unlock"](_))
    assert upright.shell.screen.view.message
    upright.hands.rest(0.6)
    assert [one for one in upright.shell.walk() if isinstance(one, LongPage)] == []


@pytest.mark.parametrize("text", ["normal", "largest"])
def test_a_day_in_an_open_row_shows_whole_upright(upright: Any, text: str) -> None:
    upright.shell.use_text(text)
    upright.shell.use_language("en")
    upright.show("form.table", VIEWS["form.table"](_))
    upright.hands.tap("items.row2")
    upright.hands.wait_for(lambda: upright.hands.seek("items.made_on.calendar"))
    day = next(one for one in upright.shell.walk() if isinstance(one, DateBox) and shown(one))
    entry = day.ids.entry
    room = entry.width - entry.padding[0] - entry.padding[2]
    assert entry.text
    assert text_width(entry.text, theme.body, False) <= room


@pytest.mark.parametrize("key", FULL)
@pytest.mark.parametrize("text", ["normal", "largest"])
def test_upright_nothing_lies_on_another(upright: Any, key: str, text: str) -> None:
    upright.shell.use_text(text)
    upright.shell.use_language("en")
    upright.show(key, VIEWS[key](_))
    upright.hands.rest(0.6)
    boxes = (one for one in upright.shell.walk() if isinstance(one, Box) and shown(one))
    assert [one for one in boxes if content_height(one) > one.height + SLACK] == []


@pytest.mark.parametrize(("before", "then"), FOLLOWING)
def test_a_view_that_follows_on_another_looks_as_if_it_came_alone(
    tablet: Any, before: str, then: str
) -> None:
    tablet.show(then)
    alone = places(tablet)
    tablet.shell.use_language("zh_CN")  # forgets the screen
    tablet.show(before)
    places(tablet)
    tablet.shell.update(VIEWS[then](_))
    assert elsewhere(alone, places(tablet)) == []


@pytest.mark.parametrize("key", ["paper.print", "paper.noprinter"])
def test_upright_the_page_leaves_its_panel_the_room_that_it_needs(upright: Any, key: str) -> None:
    upright.show(key)
    back, page = upright.hands.find("print.close"), upright.shell.screen.ids.reader
    assert back.to_window(*back.pos)[1] > 0
    assert page.height > UPRIGHT[1] / 3
    assert upright.shell.screen.ids.panel.height == pytest.approx(
        upright.shell.screen.ids.panel.parent.height, abs=SLACK
    )


def test_the_way_back_from_a_code_is_seen_whole_beside_the_page(tablet: Any) -> None:
    tablet.shell.use_language("zh_CN")
    tablet.show("paper.code", VIEWS["paper.code"](_))
    back = tablet.hands.find("code.close")
    assert back.to_window(*back.pos)[1] > 0

"""A screen that was another before looks as one made anew: after the tablet was turned, and where
the next view of the same screen takes the place of the one before."""

from __future__ import annotations

from typing import Any

import pytest

from field_client.ui.gallery import VIEWS
from field_client.ui.i18n import _
from tests.field_client.ui.test_design import shown

UPRIGHT, SLACK = (800, 1280), 3  # pixels

# Held upright and back again; on each, what stands beside one another goes one under the other.
TURNED = ["card", "sign", "notice", "capture", "today.form"]
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

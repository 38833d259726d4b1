"""Tables in a real browser: what stands on one line on a desk, what names a sheet on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Locator, Page

from tests.sync_server.web import staging
from tests.sync_server.web.conftest import County
from tests.sync_server.web.staging import Office, sign_in

pytestmark = pytest.mark.xdist_group("browser")

LINES = """one => new Set([...(() => {
    const range = document.createRange();
    range.selectNodeContents(one);
    return range.getClientRects();
})()].map(box => Math.round(box.top))).size"""
"""On how many lines the words of an element stand."""


def signed_in(browser: Browser, office: Office, account: str, width: int) -> Page:
    """A window of this width, and who is signed in there."""
    context = browser.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    sign_in(page, office, account)
    return page


def shown(found: Locator) -> list[Locator]:
    """Those of them that one sees."""
    return [one for one in found.all() if one.is_visible()]


def test_a_column_is_named_on_one_line_on_a_desk(
    browser: Browser, public: Office, published: County
) -> None:
    """A word of two signs is not broken, nor a document's number; share and bar stand together."""
    staging.archive(public, published.case)
    page = signed_in(browser, public, "xuwen", 1280)
    page.goto(f"{public.url}/office/archive")
    words = {one.inner_text(): one.evaluate(LINES) for one in page.locator("th").all()}
    assert words["内容"] == 1
    assert {one for one in words.values() if one > 1} == set()
    numbers = page.locator("td .small .number").all()
    assert [one.evaluate(LINES) for one in numbers] == [1] * len(numbers) != []
    page.context.close()
    page = signed_in(browser, public, "fangqiuyan", 1280)
    page.goto(f"{public.url}/supervision/cases")
    shares = page.locator(".bars td:last-child").all()
    assert [one.evaluate(LINES) for one in shares if "100%" in one.inner_text()]
    middles = [
        abs(bar["y"] + bar["height"] / 2 - share["y"] - share["height"] / 2)
        for one in shares
        if (bar := one.locator(".bar-of").bounding_box())
        and (share := one.locator(".number").bounding_box())
    ]
    assert max(middles) < 12
    page.context.close()


def test_a_tick_names_its_sheet_on_a_phone(
    browser: Browser, public: Office, published: County
) -> None:
    """The number stands beside it, once, and touching the number ticks; on a desk it has a column
    of its own."""
    staging.archive(public, published.case)
    page = signed_in(browser, public, "xuwen", 390)
    page.goto(f"{public.url}/office/archive/transfer")
    (name,) = shown(page.get_by_text("20260001", exact=True))
    tick = page.locator("td input")
    beside, box = name.bounding_box(), tick.bounding_box()
    assert beside is not None
    assert box is not None
    assert beside["x"] > box["x"] + box["width"]
    assert abs(beside["y"] + beside["height"] / 2 - box["y"] - box["height"] / 2) < 6
    name.click()
    assert tick.is_checked()
    page.set_viewport_size({"width": 1280, "height": 900})
    assert page.locator("td.named").is_visible()
    page.context.close()

"""Pages on a phone, in a real browser: one bar, nothing cut off, tables that stack."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Locator, Page

from tests.screens_web import REGISTRY
from tests.sync_server.web.conftest import County
from tests.sync_server.web.staging import Office, sign_in
from tests.sync_server.web.test_accessible import AXE, RUN, SERIOUS

pytestmark = pytest.mark.xdist_group("browser")

PHONE, SMALL, WIDE = 390, 320, 1280
WIDTHS = (SMALL, 641, 901, 960, 961, 1000, 1200, 1201, WIDE)
"""On either side of each width at which pages are laid out anew."""
ROW = 72
"""Pixels of a bar of one row."""
TOO_WIDE = """() => {
    const page = document.documentElement, boxes = [...document.querySelectorAll('.scroll')];
    return [page, ...boxes].filter(one => one.scrollWidth > one.clientWidth + 1)
        .map(one => `${one.className} ${one.scrollWidth} > ${one.clientWidth}`);
}"""
COVERED = """() => {
    const [brand, menu] = ['.brand .short', '.menu > summary'].map(
        one => document.querySelector(one).getBoundingClientRect());
    return brand.right > menu.left;
}"""


def opened(
    browser: Browser, office: Office, account: str, width: int, language: str, *, script: bool
) -> Page:
    """A window of this width, and who is signed in there."""
    context = browser.new_context(
        viewport={"width": width, "height": 844}, java_script_enabled=script, bypass_csp=script
    )
    context.add_cookies([{"name": "lang", "value": language, "domain": "127.0.0.1", "path": "/"}])
    page = context.new_page()
    if account:
        sign_in(page, office, account)
    return page


def height(found: Locator) -> float:
    box = found.bounding_box()
    assert box is not None
    return box["height"]


@pytest.mark.parametrize(
    ("language", "place", "other"), [("zh", "案件", "归档"), ("en", "Cases", "Archive")]
)
def test_the_offices_places_fold_into_one_row_on_a_phone(
    browser: Browser, office: Office, language: str, place: str, other: str
) -> None:
    """The row names where one is; by keyboard alone, and without a script, it opens onto all of
    them, and closes again."""
    page = opened(browser, office, "gumingyuan", PHONE, language, script=False)
    page.goto(f"{office.url}/office")
    assert height(page.locator("header")) <= ROW
    menu = page.locator("header summary")
    assert menu.inner_text().split()[-1].endswith(place)
    link = page.locator("header").get_by_role("link", name=other, exact=True)
    assert link.count() == 0
    for _ in range(3):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert link.count() == 1
    assert page.locator(".menu [aria-current]").inner_text() == place
    assert page.locator(".menu a, .menu button").count() == 11
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/office/archive")
    assert menu.inner_text().split()[-1].endswith(other)
    page.context.close()


def test_the_places_stand_in_the_bar_where_there_is_room(browser: Browser, office: Office) -> None:
    """Once, and in one row, also those of the head, who has the most."""
    page = opened(browser, office, "gumingyuan", WIDE, "en", script=False)
    for width in (1261, WIDE, 1401, 1920):
        page.set_viewport_size({"width": width, "height": 844})
        for path in ("/office", "/supervision"):
            page.goto(office.url + path)
            assert not page.locator("header summary").is_visible()
            assert page.locator("header").get_by_role("link", name="Archive", exact=True).count()
            assert height(page.locator("header")) <= ROW, (path, width)
    for width in (1260, 1081, 901):
        page.set_viewport_size({"width": width, "height": 844})
        assert height(page.locator("header")) <= ROW, width
    page.context.close()


def test_the_open_menu_is_for_everybody(browser: Browser, office: Office) -> None:
    """axe finds nothing serious in it, and no word stands on another at the smallest width."""
    for account, path in (("gumingyuan", "/office/publishing"), ("tangyining", "/supervision")):
        page = opened(browser, office, account, SMALL, "en", script=True)
        page.goto(office.url + path)
        assert not page.evaluate(COVERED)
        page.locator("header summary").click()
        page.evaluate(AXE.read_text())
        found = [one for one in page.evaluate(RUN)["violations"] if one["impact"] in SERIOUS]
        assert found == []
        page.context.close()


def test_no_page_is_wider_than_its_window(
    browser: Browser, public: Office, published: County
) -> None:
    """Nowhere is anything cut off at the right or has to be pushed aside: what is a table on a desk
    is a list of sheets on a phone, each cell with the name of its column."""
    case, record = f"/office/cases/{published.case.opened.hex}", published.case.decision.hex
    decision = f"/decisions/{record}"
    seen = {
        "": ["/", "/decisions", decision, f"{decision}/verify", "/matrix", "/officers", "/items"],
        "hejingting": ["/office", case, "/office/publishing", f"{case}/correct/{record}"],
        "xuwen": ["/office/archive", f"{case}/archive", "/office/archive/transfer"],
        "fangqiuyan": ["/supervision", "/supervision/cases", "/supervision/cuts"],
        "tangyining": [*REGISTRY.values()],
    }
    wide = []
    for account, paths in seen.items():
        page = opened(browser, public, account, SMALL, "en", script=True)
        for path in paths:
            answer = page.goto(public.url + path)
            assert answer is not None
            assert answer.status == 200, path
            wide += too_wide(page, path)
        page.context.close()
    assert "\n".join(wide) == ""
    page = opened(browser, public, "", PHONE, "en", script=True)
    page.goto(f"{public.url}/matrix")
    cell = page.locator("td[data-label]").nth(1)
    told = cell.evaluate("one => getComputedStyle(one, '::before').content")
    assert told == '"Published?"'
    page.context.close()


def test_the_archives_list_fits_too(
    browser: Browser, open_office: Callable[[County], Office], sealed: County
) -> None:
    """It has the most to say in a row."""
    office = open_office(sealed)
    page = opened(browser, office, "xuwen", SMALL, "en", script=True)
    for path in ("/office/archive", "/office/archive/transfer"):
        page.goto(office.url + path)
        assert page.locator("tbody tr").count() == 1
        assert too_wide(page, path) == []
    page.context.close()


def too_wide(page: Page, path: str) -> list[str]:
    """What of a page does not fit, at any width."""
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 844})
        found += [f"{path} at {width}: {one}" for one in page.evaluate(TOO_WIDE)]
    return found


def test_what_is_printed_has_no_menu(browser: Browser, office: Office) -> None:
    """Paper is narrow too, and nobody taps on it."""
    page = opened(browser, office, "fangqiuyan", WIDE, "en", script=True)
    page.set_viewport_size({"width": 794, "height": 1100})
    page.goto(f"{office.url}/supervision")
    assert page.locator("header summary").is_visible()
    assert page.evaluate(TOO_WIDE) == []
    page.goto(f"{office.url}/office")
    assert page.evaluate(TOO_WIDE) == []
    page.goto(f"{office.url}/supervision")
    page.emulate_media(media="print")
    assert not page.locator("header summary").is_visible()
    assert page.locator("header").inner_text().strip() == "Fujie · Supervision"
    page.context.close()

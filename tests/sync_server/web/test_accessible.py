"""The pages by screen reader and keyboard: axe finds nothing serious in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import axe_playwright_python
from playwright.sync_api import Browser, Page

from sync_server.cases import asking
from tests.cast import AGENCY
from tests.screens_web import card_path, document_path
from tests.sync_server.web.conftest import County
from tests.sync_server.web.staging import Office, sign_in
from tests.sync_server.web.test_asking import ask

AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"
RUN = (
    "axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'], "
    "resultTypes: ['violations']})"
)
SERIOUS = {"serious", "critical"}
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


def faults(page: Page, url: str) -> list[str]:
    """What axe finds serious on a page. Our own policy would not let its script in."""
    page.goto(url)
    page.evaluate(AXE.read_text())
    found = page.evaluate(RUN)["violations"]
    return [
        f"{url}: {one['id']}: {node['html'][:160]}"
        for one in found
        if one["impact"] in SERIOUS
        for node in one["nodes"]
    ]


def visited(
    browser: Browser,
    office: Office,
    paths: list[str],
    account: str = "",
    narrow: tuple[str, ...] = (),
) -> list[str]:
    """The faults of these pages: by day on a wide screen; of ``narrow`` by night on a phone too."""
    found: list[str] = []
    looks = (WIDE, "light", "zh", tuple(paths)), (NARROW, "dark", "en", narrow)
    for size, scheme, language, seen in looks:
        context = browser.new_context(
            viewport=size,  # type: ignore[arg-type]
            color_scheme=scheme,  # type: ignore[arg-type]
            bypass_csp=True,
        )
        context.add_cookies(
            [{"name": "lang", "value": language, "domain": "127.0.0.1", "path": "/"}]
        )
        page = context.new_page()
        if account:
            sign_in(page, office, account)
        for path in seen:
            found += faults(page, office.url + path)
        context.close()
    return found


def test_the_publics_pages_are_open_to_everybody(
    browser: Browser, public: Office, published: County
) -> None:
    """Nothing serious on any page of the public, by day; nor at night on a phone."""
    decision = f"/decisions/{published.case.decision.hex}"
    asked = ask(public, published)
    paths = [
        *"/ /decisions /officers /officers/00992304117 /items /matrix /remedies /verify".split(),
        *(decision, f"{decision}/verify", "/decisions?q=没有的词"),
        *(f"/ask?about={published.case.decision.hex}", str(asked.url).removeprefix(public.url)),
        *(card_path(public), document_path(published.case), "/nowhere"),
    ]
    narrow = ("/decisions", decision, "/ask")
    assert visited(browser, public, paths, narrow=narrow) == []


def test_the_publishers_pages_are_open_to_everybody_in_the_office(
    browser: Browser, public: Office, published: County
) -> None:
    """Desk, correction, withdrawal, requests."""
    case = f"/office/cases/{published.case.opened.hex}"
    record = published.case.decision.hex
    ask(public, published)
    assert public.services is not None
    (row,) = asking.open_of(public.services.db, AGENCY)
    paths = [
        *("/office/publishing", f"{case}/correct/{record}", f"{case}/withdraw/{record}"),
        *("/office/requests", f"/office/requests/{row.number}"),
    ]
    assert visited(browser, public, paths, "hejingting") == []


def test_drafting_and_reviewing_are_open_to_everybody_in_the_office(
    browser: Browser, open_office: Callable[[County], Office], inspected: County
) -> None:
    """Served and public text side by side, and the form that keeps a decision away."""
    office = open_office(inspected)
    case, record = f"/office/cases/{inspected.case.opened.hex}", inspected.case.decision.hex
    paths = [f"{case}/publish/{record}", f"{case}/withhold/{record}"]
    assert visited(browser, office, paths, "hejingting") == []


def test_the_registrars_lists_are_open_to_everybody_in_the_office(
    browser: Browser, public: Office
) -> None:
    """Matrix, one of its rows, a template."""
    lists = "/office/lists"
    paths = [f"{lists}/matrix", f"{lists}/rows/permit", f"{lists}/forms/spot_decision"]
    assert visited(browser, public, paths, "tangyining") == []


def test_every_page_of_the_public_is_reached_by_keyboard(
    browser: Browser, public: Office, published: County
) -> None:
    """From the top of a page, Tab leads to the link over the bars first, and each thing that is
    reached is seen to be."""
    page = browser.new_page(viewport=WIDE)  # type: ignore[arg-type]
    page.goto(f"{public.url}/decisions/{published.case.decision.hex}")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#content"
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        href = page.evaluate("document.activeElement.getAttribute('href')")
        reached.add(href)
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert href is None or outline != "none", href
    for wanted in ("/decisions", f"/ask?about={published.case.decision.hex}", "/remedies"):
        assert wanted in reached
    page.close()

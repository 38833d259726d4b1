"""Every page as a picture: ``python -m tests.screens_web``, or with ``make screens``.

Writes ``build/screens/web-<page>-<desktop|phone>-<day|night>-<zh|en>.png`` from a real server over
a staged county (``tests/sync_server/web/staging.py``), in Debian's chromium. Pages are whole, not
cut at the window's end; desktop is 1280 wide, a phone 390.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from protocol import card
from protocol.mark import DocumentMark, document_mark, document_url
from protocol.statements import DocumentIssued
from sync_server.store.tables import LINK
from tests.cast import Inspection
from tests.sync_server.web import staging
from tests.sync_server.web.staging import PASSWORDS, Office
from tests.worlds import World

TARGET = Path(__file__).resolve().parent.parent / "build" / "screens"
CHROMIUM = "/usr/bin/chromium"
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
DESKTOP, PHONE = (1280, 900), (390, 844)


REGISTRY = {
    "staff": "/office/staff",
    "staff-new": "/office/staff/new",
    "staff-person": "/office/staff/xuwen",
    "roster": "/office/officers",
    "roster-officer": "/office/officers/00992304117",
    "roster-import": "/office/officers/import",
    "tablets-list": "/office/devices",
    "tablet": "/office/devices/YX-T07",
    "lists": "/office/lists",
    "list-items": "/office/lists/items",
    "list-matrix": "/office/lists/matrix",
    "matrix-row": "/office/lists/rows/penalty-ordinary",
    "list-calendar": "/office/lists/calendar",
    "template": "/office/lists/forms/spot_decision",
    "agencies": "/office/agencies",
    "agency": "/office/agencies/own",
}
"""The registrar's pages."""


def main() -> int:
    """Render everything; 0 when done."""
    TARGET.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        office = Office(Path(folder) / "data")
        office.found()
        office.start()
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        try:
            _story(office, browser)
            _desks(browser)
        finally:
            browser.close()
            office.stop()
    return 0


def _story(office: Office, browser: Browser) -> None:
    """The pages in the order in which their facts come to be."""
    case = staging.staged(office)
    at = f"/office/cases/{case.opened.hex}"
    desk, record = "/office/publishing", case.decision.hex
    due = {"case-due": at, "publishing-due": desk, "publish": _publish_path(case)}
    _staff(office, browser, "hejingting", due | {"withhold": f"{at}/withhold/{record}"})
    staging.draft(office, case)
    review = {"publishing-review": desk, "review": f"{desk}/{record}"}
    _staff(office, browser, "luojing", review)
    staging.confirm(office, case)
    kept = {"correct": f"{at}/correct/{record}", "withdraw": f"{at}/withdraw/{record}"}
    _staff(office, browser, "hejingting", {"publishing": desk, **kept})
    _staff(office, browser, "xuwen", {"archive": f"{at}/archive"})
    staging.archive(office, case)
    archive = {
        "cases": "/office",
        "case": at,
        "archived": "/office/archive",
        "retrieve": f"{at}/retrieve",
        "retrievals": "/office/retrievals",
        "files-whole": "/office/archive/fixity",
        "hand-over": "/office/archive/transfer",
    }
    _staff(office, browser, "xuwen", archive)
    supervision = {
        "tablets": "/supervision/progress",
        "integrity": "/supervision",
        "device": "/supervision/devices/YX-T07",
        "findings": "/supervision/findings",
        "whole-process": "/supervision/cases",
        "reports-of-days": "/supervision/cuts",
    }
    _staff(office, browser, "fangqiuyan", supervision)
    _public(office, browser, case)
    _remove_a_link(office)
    missing = {f"{name}-missing": path for name, path in supervision.items()}
    _staff(office, browser, "fangqiuyan", missing)


def _public(office: Office, browser: Browser, case: Inspection) -> None:
    decision = f"/decisions/{case.decision.hex}"
    pages = {
        "home": "/",
        "decisions": "/decisions",
        "nothing-found": "/decisions?q=没有的词",
        "decision": decision,
        "verify-decision": f"{decision}/verify",
        "officers": "/officers",
        "officer": "/officers/00992304117",
        "items": "/items",
        "matrix": "/matrix",
        "remedies": "/remedies",
        "ask": f"/ask?about={case.decision.hex}",
        "verify": "/verify",
        "card": card_path(office),
        "card-unknown": "/V/MZ2WU2LF",
        "document": document_path(case),
        "not-found": "/nowhere",
        "login": "/office/login",
    }
    for context, suffix in _contexts(browser):
        page = context.new_page()
        for name, path in pages.items():
            _shoot(page, office.url + path, f"{name}-{suffix}")
        context.close()
    office.clock.set(office.clock.now() + 120_000)
    for context, suffix in _contexts(browser):
        _shoot(context.new_page(), office.url + pages["card"], f"card-expired-{suffix}")
        context.close()
        office.clock.set(staging.NOW + 120_000)


def _staff(office: Office, browser: Browser, account: str, pages: dict[str, str]) -> None:
    for context, suffix in _contexts(browser):
        page = context.new_page()
        page.goto(f"{office.url}/office/login")
        page.fill("#account", account)
        page.fill("#password", PASSWORDS[account])
        page.click("main button")
        for name, path in pages.items():
            _shoot(page, office.url + path, f"office-{name}-{suffix}")
        context.close()


def _contexts(browser: Browser) -> Iterator[tuple[BrowserContext, str]]:
    """Desktop and phone, day and night, Chinese and English where it differs most."""
    for size, shape in ((DESKTOP, "desktop"), (PHONE, "phone")):
        for scheme, theme in (("light", "day"), ("dark", "night")):
            for language in ("zh", "en"):
                if language == "en" and (theme == "night" or shape == "phone"):
                    continue
                context = browser.new_context(
                    viewport={"width": size[0], "height": size[1]},
                    color_scheme=scheme,  # type: ignore[arg-type]
                )
                context.add_cookies(
                    [{"name": "lang", "value": language, "domain": "127.0.0.1", "path": "/"}]
                )
                yield context, f"{shape}-{theme}-{language}"


def _shoot(page: Page, url: str, name: str) -> None:
    page.goto(url)
    page.screenshot(path=str(TARGET / f"web-{name}.png"), full_page=True)


def _desks(browser: Browser) -> None:
    """The head's pages and the registrar's: another server, with a seizure that nobody approved."""
    with tempfile.TemporaryDirectory() as folder:
        office = Office(Path(folder) / "data")
        office.found()
        office.start()
        try:
            _, opened, seized = staging.asking(office)
            head = {
                "approvals": "/office/approvals",
                "approval": f"/office/approvals/{opened.hex}/{seized.hex}",
                "tasks": "/office/tasks",
                "task-new": f"/office/tasks/new?case={opened.hex}",
                "account": "/office/account",
            }
            _staff(office, browser, "gumingyuan", head)
            _staff(office, browser, "tangyining", REGISTRY)
        finally:
            office.stop()


def card_path(office: Office) -> str:
    """What a phone opens that scans 沈知远's card just now."""
    world = World()
    assert office.services is not None
    keys = office.services.facts.registry.officer_keys
    credential = keys[world.shen.signer.verifier.key_id].credential
    nonce = hashlib.sha256(b"nonce").digest()[:8]
    shown = card.present(
        world.device.signer, credential, bytes(32), office.clock.now() - 3000, 60, nonce
    )
    return "/V/" + card.card_url("https://log.yunxi.example", credential, shown).rpartition("/")[2]


def document_path(case: Inspection) -> str:
    """What a phone opens that scans the decision."""
    world, issued = World(), case.decision.statement
    assert isinstance(issued, DocumentIssued)
    mark = DocumentMark(
        issued.agency,
        issued.document,
        issued.number,
        bytes.fromhex(issued.document_id),
        bytes.fromhex(issued.root),
        issued.at,
    )
    made = document_mark(world.device.signer, mark)
    return "/D/" + document_url("https://log.yunxi.example", made).rpartition("/")[2]


def _publish_path(case: Inspection) -> str:
    return f"/office/cases/{case.opened.hex}/publish/{case.decision.hex}"


def _remove_a_link(office: Office) -> None:
    """One row of facts is taken out of the database by hand."""
    assert office.services is not None
    journal = World().device.journal
    with office.services.db.writer.begin() as connection:
        connection.execute(LINK.delete().where(LINK.c.journal == journal, LINK.c.sequence == 4))


if __name__ == "__main__":
    sys.exit(main())

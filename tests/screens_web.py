"""Every page as a picture: ``python -m tests.screens_web``, or with ``make screens``.

    python -m tests.screens_web --only decision verify --look phone-day-en

Writes ``build/screens/web-<page>-<desktop|phone>-<day|night>-<zh|en>.png`` from a real server over
a staged county (``tests/sync_server/web/staging.py``), in Debian's chromium. Pages are whole, not
cut at the window's end; desktop is 1280 wide, a phone 390. A page that is wider than its window is
named, and ends this with 1.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from protocol import card
from protocol.mark import DocumentMark, document_mark, document_url
from protocol.statements import DocumentIssued
from sync_server.log import leaves
from tests.cast import Inspection
from tests.sync_server.rotting import alter_in
from tests.sync_server.web import staging
from tests.sync_server.web.staging import Office, sign_in
from tests.worlds import World

TARGET = Path(__file__).resolve().parent.parent / "build" / "screens"
CHROMIUM = "/usr/bin/chromium"
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
DESKTOP, PHONE = (1280, 900), (390, 844)
LOOKS = {
    f"{shape}-{theme}-{language}": (size, scheme, language)
    for shape, size in (("desktop", DESKTOP), ("phone", PHONE))
    for theme, scheme in (("day", "light"), ("night", "dark"))
    for language in ("zh", "en")
    if (theme, language) != ("night", "en")
}
"""Chinese by day and night, English by day, on either width."""

WIDER = "document.documentElement.scrollWidth > document.documentElement.clientWidth"

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
    "exports": "/office/exports",
    "agencies": "/office/agencies",
    "agency": "/office/agencies/own",
}
"""The registrar's pages."""


@dataclass
class Shooting:
    """Where pictures go, which are wanted, and what of the pages was wider than its window."""

    browser: Browser
    target: Path = TARGET
    only: tuple[str, ...] = ()
    looks: tuple[str, ...] = tuple(LOOKS)
    wide: list[str] = field(default_factory=list)

    def wanted(self, pages: dict[str, str]) -> dict[str, str]:
        """Of these pages, by name, those that were asked for."""
        return {name: at for name, at in pages.items() if not self.only or name in self.only}

    def contexts(self) -> Iterator[tuple[BrowserContext, str]]:
        """A browser's window of each look."""
        for look in self.looks:
            size, scheme, language = LOOKS[look]
            context = self.browser.new_context(
                viewport={"width": size[0], "height": size[1]},
                color_scheme=scheme,  # type: ignore[arg-type]
            )
            context.add_cookies(
                [{"name": "lang", "value": language, "domain": "127.0.0.1", "path": "/"}]
            )
            yield context, look
            context.close()

    def shoot(self, page: Page, url: str, name: str) -> None:
        """One picture of a whole page."""
        page.goto(url)
        page.screenshot(path=str(self.target / f"web-{name}.png"), full_page=True)
        if page.evaluate(WIDER):
            self.wide.append(name)

    def public(self, office: Office, pages: dict[str, str]) -> None:
        """Pages that everybody sees."""
        for context, look in self.contexts() if (wanted := self.wanted(pages)) else ():
            page = context.new_page()
            for name, path in wanted.items():
                self.shoot(page, office.url + path, f"{name}-{look}")

    def staff(self, office: Office, account: str, pages: dict[str, str]) -> None:
        """Pages that somebody of the office sees; their pictures' names begin with office-."""
        named = {f"office-{name}": path for name, path in pages.items()}
        for context, look in self.contexts() if (wanted := self.wanted(named)) else ():
            page = context.new_page()
            sign_in(page, office, account)
            for name, path in wanted.items():
                self.shoot(page, office.url + path, f"{name}-{look}")


def main() -> int:
    """Render what is asked for; 0 when done, 1 if a page is wider than its window."""
    asked = _parser().parse_args()
    asked.to.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        office = Office(Path(folder) / "data")
        office.found()
        office.start()
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        shooting = Shooting(browser, asked.to, tuple(asked.only), tuple(asked.look) or tuple(LOOKS))
        try:
            _story(office, shooting)
            _desks(shooting)
        finally:
            browser.close()
            office.stop()
    for name in shooting.wide:
        print(f"wider than its window: {name}", file=sys.stderr)
    return 1 if shooting.wide else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.screens_web",
        description="Every page as a picture, from a real server in a real browser.",
    )
    parser.add_argument(
        "--only", nargs="+", default=[], metavar="PAGE", help="such as decision, office-case"
    )
    parser.add_argument("--look", nargs="+", default=[], choices=[*LOOKS], help="these alone")
    parser.add_argument("--to", type=Path, default=TARGET, metavar="FOLDER", help="of the pictures")
    return parser


def _story(office: Office, shooting: Shooting) -> None:
    """The pages in the order in which their facts come to be."""
    case = staging.staged(office)
    at = f"/office/cases/{case.opened.hex}"
    desk, record = "/office/publishing", case.decision.hex
    due = {"case-due": at, "publishing-due": desk, "publish": _publish_path(case)}
    shooting.staff(office, "hejingting", due | {"withhold": f"{at}/withhold/{record}"})
    staging.draft(office, case)
    review = {"publishing-review": desk, "review": f"{desk}/{record}"}
    shooting.staff(office, "luojing", review)
    staging.confirm(office, case)
    kept = {"correct": f"{at}/correct/{record}", "withdraw": f"{at}/withdraw/{record}"}
    shooting.staff(office, "hejingting", {"publishing": desk, **kept})
    shooting.staff(office, "xuwen", {"archive": f"{at}/archive"})
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
    shooting.staff(office, "xuwen", archive)
    supervision = {
        "tablets": "/supervision/progress",
        "integrity": "/supervision",
        "device": "/supervision/devices/YX-T07",
        "findings": "/supervision/findings",
        "whole-process": "/supervision/cases",
        "reports-of-days": "/supervision/cuts",
    }
    shooting.staff(office, "fangqiuyan", supervision)
    _public(office, shooting, case)
    _remove_a_link(office)
    missing = {f"{name}-missing": path for name, path in supervision.items()}
    shooting.staff(office, "fangqiuyan", missing)


def _public(office: Office, shooting: Shooting, case: Inspection) -> None:
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
    shooting.public(office, pages)
    office.clock.set(office.clock.now() + 120_000)
    shooting.public(office, {"card-expired": pages["card"]})
    office.clock.set(staging.NOW + 120_000)


def _desks(shooting: Shooting) -> None:
    """The head's pages and the registrar's: another server, with a seizure that nobody approved."""
    with tempfile.TemporaryDirectory() as folder:
        office = Office(Path(folder) / "data")
        office.found()
        office.start()
        try:
            tablet, opened, seized = staging.asking(office)
            head = {
                "approvals": "/office/approvals",
                "approval": f"/office/approvals/{opened.hex}/{seized.hex}",
                "tasks": "/office/tasks",
                "task-new": f"/office/tasks/new?case={opened.hex}",
                "account": "/office/account",
            }
            shooting.staff(office, "gumingyuan", head)
            case = staging.inspection(tablet.world)
            office.clock.set(tablet.world.now + 60_000)
            brought = staging.hand_in(office, staging.exported(office, tablet, case))
            refused = staging.hand_in(office, b"a letter, no export")
            for purpose, subject in (("device", "YX-T09"), ("officer", "00992304117")):
                office.code(purpose, subject)  # type: ignore[arg-type]
            handed = {"export": brought, "export-refused": refused}
            shooting.staff(office, "tangyining", REGISTRY | handed)
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
    """One fact is taken out of the database by hand."""
    assert office.services is not None
    journal = World().device.journal
    with office.services.db.writer.begin() as connection:
        (taken,) = leaves.links(connection, journal, 4, 4)
        alter_in(connection, taken.index, link=None)


if __name__ == "__main__":
    sys.exit(main())

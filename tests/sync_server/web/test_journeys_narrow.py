"""The office's and the public's ways on a phone, in either language, without a script: each step is
reached by what the page before it shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from sync_server import words
from sync_server.log import lookup
from tests.screens_web import PHONE
from tests.sync_server.rotting import alter_in
from tests.sync_server.web.conftest import County
from tests.sync_server.web.staging import PASSWORDS, Office

pytestmark = pytest.mark.xdist_group("browser")

LANGUAGES = {"zh": "zh_CN", "en": "en"}
Opened = Callable[[], Page]


class Hand:
    """Somebody with a phone, who reads one language."""

    def __init__(self, page: Page, url: str, language: str) -> None:
        self.page, self.url, self.language = page, url, LANGUAGES[language]

    def say(self, text: str, /, **facts: object) -> str:
        """A msgid as this reader sees it."""
        return words.translate(text, self.language).format(**facts)

    def sign_in(self, account: str) -> None:
        """Begin at the sign-in, and arrive at the page that one's role begins with."""
        self.page.goto(f"{self.url}/office/login")
        self.page.get_by_label(self.say("Account")).fill(account)
        self.page.get_by_label(self.say("Password"), exact=True).fill(PASSWORDS[account])
        self.press("Sign in")

    def go(self, place: str) -> None:
        """By the menu of the bar."""
        self.page.locator(".menu summary").click()
        self.tap(place)

    def tap(self, text: str, /, **facts: object) -> None:
        """The link that says this."""
        self.page.get_by_role("link", name=self.say(text, **facts)).first.click()
        look(self.page)

    def press(self, text: str) -> None:
        """The button that says this."""
        self.page.get_by_role("button", name=self.say(text)).first.click()
        look(self.page)

    def password(self, account: str, name: str) -> None:
        """The own one, where a form asks for it."""
        label = self.say("Your password ({name})", name=name)
        self.page.get_by_label(label).first.fill(PASSWORDS[account])


def look(page: Page) -> None:
    """The page is there, in one language, and asks for no second hand."""
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.get_by_role("heading", level=1).count() == 1


@pytest.fixture(params=["en", "zh"])
def hand(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Callable[[Office], Hand]]:
    contexts = []

    def made(office: Office) -> Hand:
        context = browser.new_context(
            viewport={"width": PHONE[0], "height": PHONE[1]}, java_script_enabled=False
        )
        cookie = {"name": "lang", "value": request.param, "domain": "127.0.0.1", "path": "/"}
        context.add_cookies([cookie])  # type: ignore[list-item]
        contexts.append(context)
        return Hand(context.new_page(), office.url, request.param)

    yield made
    for context in contexts:
        context.close()


def test_a_registrar_registers_a_tablet_by_code(
    hand: Callable[[Office], Hand], office: Office
) -> None:
    """The code stands whole on the phone, its square too, and the list is one step away."""
    registrar = hand(office)
    registrar.sign_in("tangyining")
    registrar.tap("Tablets")
    page = registrar.page
    page.get_by_label(registrar.say("Name of the tablet")).fill("YX-T08")
    registrar.password("tangyining", "唐一宁")
    registrar.press("Make a one-time code")
    for part in (page.locator(".code"), page.locator(".qr svg")):
        box = part.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= PHONE[0]
    registrar.tap("Back to the tablets")
    expect(page.get_by_role("link", name="YX-T07")).to_be_visible()


def test_two_people_publish_and_a_citizen_checks(
    hand: Callable[[Office], Hand], office: Office
) -> None:
    """From the case to the draft, from the desk to the second signature, from the search to the
    proof."""
    first, second, citizen = hand(office), hand(office), hand(office)
    first.sign_in("hejingting")
    first.page.get_by_role("link", name="云溪县禾穗食品有限公司").click()
    first.tap("Publish the decision")
    first.password("hejingting", "何敬亭")
    first.press("Sign the draft")
    expect(first.page.get_by_role("status")).to_be_visible()

    second.sign_in("luojing")
    second.go("Publishing")
    second.page.locator("main").get_by_role("link", name="禾穗食品").first.click()
    look(second.page)
    second.page.locator('input[name="reviewed"]').check()
    second.password("luojing", "罗静")
    second.press("Sign and publish")
    expect(second.page.get_by_role("status")).to_contain_text(second.say("Published"))
    second.page.get_by_role("status").locator("..").get_by_role("link").first.click()

    citizen.page.goto(citizen.url)
    citizen.page.get_by_role("searchbox").fill("红枣")
    citizen.press("Search")
    citizen.page.get_by_role("link", name="禾穗食品").click()
    citizen.tap("Verify it yourself")
    expect(citizen.page.locator(".checks .good")).to_have_count(4)
    with citizen.page.expect_download() as proof:
        citizen.page.get_by_role("link", name=citizen.say("Download the proof (JSON)")).click()
    assert proof.value.path().read_bytes().startswith(b"{")


def test_a_supervisor_answers_for_a_finding(
    hand: Callable[[Office], Hand], public: Office, published: County
) -> None:
    """From the report to the evidence, and the note stands on the page."""
    assert public.services is not None
    with public.services.db.writer.begin() as connection:
        (lost,) = lookup.find(connection, [published.case.decision.hash])
        alter_in(connection, lost, filed=None, statement=None)
    supervisor = hand(public)
    supervisor.sign_in("fangqiuyan")
    supervisor.go("Integrity")
    supervisor.tap("Evidence and answers")
    supervisor.page.locator("#note").fill("已从备份恢复")
    supervisor.password("fangqiuyan", "方砚秋")
    supervisor.press("Sign the answer")
    expect(supervisor.page.get_by_text("已从备份恢复")).to_be_visible()
    supervisor.go("Cases")

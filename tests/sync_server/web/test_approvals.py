"""The head's pages: what waits, its term, the answer by the head's own key, two at once."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from protocol.statements import ApprovalGiven
from protocol.vocabulary import ApprovalSubject
from sync_server import demo
from tests.cast import Recorded
from tests.sync_server.tablet import Tablet
from tests.sync_server.web import staging
from tests.sync_server.web.staging import PASSWORDS, Office, hidden

HOUR = 3_600_000
HEAD = "gumingyuan"


@dataclass
class Waiting:
    """A server with an urgent seizure that nobody approved yet."""

    office: Office
    tablet: Tablet
    opened: Recorded
    seized: Recorded

    @property
    def approvals(self) -> list[ApprovalGiven]:
        """What the head has said, in the log."""
        assert self.office.services is not None
        found = self.office.services.facts.of_kind("approval_given")
        return [one.statement for one in found if isinstance(one.statement, ApprovalGiven)]

    def path(self, record: Recorded) -> str:
        return f"/office/approvals/{self.opened.hex}/{record.hex}"

    def answer(self, record: Recorded, client: httpx.Client, **changes: str) -> httpx.Response:
        """The head's form, as a browser sends it."""
        page = client.get(self.path(record))
        form = {
            "form_token": hidden(page, "form_token"),
            "version": hidden(page, "version"),
            "granted": "yes",
            "reason": "情况属实，同意。",
            "password": PASSWORDS[HEAD],
        }
        return client.post(self.path(record), data=form | changes)


@pytest.fixture(scope="module")
def seized(tmp_path_factory: pytest.TempPathFactory) -> Waiting:
    office = Office(tmp_path_factory.mktemp("seized") / "data")
    office.found()
    office.start()
    try:
        return Waiting(office, *staging.asking(office))
    finally:
        office.stop()


@pytest.fixture
def waiting(seized: Waiting, tmp_path: Path) -> Iterator[Waiting]:
    folder = tmp_path / "data"
    shutil.copytree(seized.office.folder, folder)
    office = Office(folder, seized.office.clock.now())
    office.start()
    yield Waiting(office, seized.tablet, seized.opened, seized.seized)
    office.stop()


def test_what_was_urgent_waits_with_its_term(waiting: Waiting) -> None:
    """The seizure by its 24 hours, the inspection without a term; what is over is named late."""
    client = waiting.office.signed_in(HEAD)
    page = client.get("/office/approvals").text
    assert page.index("行政强制措施 · ") < page.index("行政检查 · ")
    assert "还剩 23 小时" in page
    assert "CM-2" in page
    assert "IN-1" in page
    assert "散装红枣 12 袋" in client.get(waiting.path(waiting.seized)).text
    waiting.office.clock.set(waiting.office.clock.now() + 25 * HOUR)
    assert "超过 1 小时" in waiting.office.signed_in(HEAD).get("/office/approvals").text


def test_the_head_approves_afterwards_with_a_key_of_the_heads_own(waiting: Waiting) -> None:
    """Said as given afterwards, about the measure itself, and nothing waits of it any more."""
    client = waiting.office.signed_in(HEAD)
    answer = waiting.answer(waiting.seized, client)
    assert answer.url.query == b"done=granted", answer.text
    (said,) = waiting.approvals
    assert (said.subject, said.concerning) == (ApprovalSubject.MEASURE, waiting.seized.hex)
    assert (said.granted, said.afterwards) == (True, True)
    assert waiting.office.services is not None
    (record,) = waiting.office.services.facts.of_kind("approval_given")
    registry = waiting.office.services.facts.registry
    assert record.signers == (registry.staff[demo.AGENCY.id, HEAD].key.key_id,)
    assert "行政强制措施 · " not in client.get("/office/approvals").text
    assert "已批准" in client.get(waiting.path(waiting.seized)).text


def test_a_refusal_is_on_record_with_its_reason(waiting: Waiting) -> None:
    """And is an answer: the measure waits no more."""
    client = waiting.office.signed_in(HEAD)
    answer = waiting.answer(waiting.seized, client, granted="no", reason="没有紧急情形，立即解除。")
    assert answer.url.query == b"done=refused", answer.text
    assert [one.granted for one in waiting.approvals] == [False]
    assert "<strong>不予批准" in client.get(waiting.path(waiting.seized)).text
    assert "行政强制措施 · " not in client.get("/office/approvals").text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"granted": ""}, "请选择批准或者不批准"),
        ({"reason": " "}, "理由是空的"),
        ({"password": "wrong"}, "密码不对"),
    ],
)
def test_a_form_that_says_not_enough_changes_nothing(
    waiting: Waiting, changes: dict[str, str], said: str
) -> None:
    """It comes back with what is wrong, and with what was typed."""
    words = {"reason": "先行扣押确有必要。"} | changes
    answer = waiting.answer(waiting.seized, waiting.office.signed_in(HEAD), **words)
    assert answer.status_code == 422
    assert said in answer.text
    assert words["reason"].strip() in answer.text
    assert waiting.approvals == []


def test_who_looks_second_sees_what_came_meanwhile(
    waiting: Waiting, seized: Waiting, open_again: Callable[[Waiting], Tablet]
) -> None:
    """A record of the officers' that came while the form was open stops the answer, and is
    shown; read again, it can be given."""
    client = waiting.office.signed_in(HEAD)
    before = client.get(waiting.path(waiting.seized))
    asked = staging.ask(open_again(waiting), waiting.opened)
    form = {
        "form_token": hidden(before, "form_token"),
        "version": hidden(before, "version"),
        "granted": "yes",
        "reason": "同意",
        "password": PASSWORDS[HEAD],
    }
    answer = client.post(waiting.path(waiting.seized), data=form)
    assert answer.status_code == 422
    assert "这期间新到" in answer.text
    assert "请示" in answer.text
    assert waiting.approvals == []
    assert waiting.answer(asked, client).url.query == b"done=granted"
    (said,) = waiting.approvals
    assert (said.concerning, said.afterwards) == (asked.hex, True)
    assert "行政强制措施 · " not in client.get("/office/approvals").text


@pytest.fixture
def open_again() -> Callable[[Waiting], Tablet]:
    """The tablet of the story at the server's copy."""

    def open_(waiting: Waiting) -> Tablet:
        tablet = Tablet(waiting.office.url, waiting.tablet.world)
        tablet.admitted = waiting.tablet.admitted
        return tablet

    return open_

"""What the public asks: taken without a name, private until it is answered, answered on record."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor

import httpx

from protocol.checkpoint import VerifierKey
from protocol.publicity import PublicRequestOutcome
from protocol.statements import PublicRequestAnswered
from sync_server.cases import asking
from sync_server.cases.asking import EACH, HOUR_MS
from sync_server.store.desktables import PublicRequestRow
from sync_server.upkeep import jobs
from sync_server.upkeep.fsck import Fsck
from tests.cast import AGENCY
from tests.sync_server.web.conftest import County
from tests.sync_server.web.staging import DAY_MS, NOW, PASSWORDS, Office, hidden

WORDS = "决定书里的商品种数写错了，应为6种。"


def ask(office: Office, county: County | None = None, **changes: str) -> httpx.Response:
    """Send the form, about the decision where there is one."""
    form = {"kind": "correction", "words": WORDS, "agency": AGENCY, "name": "王小明"}
    if county is not None:
        form["about"] = county.case.decision.hex
    return office.client().post("/ask", data=form | changes)


def answer(office: Office, number: str, account: str = "hejingting", **changes: str):  # type: ignore[no-untyped-def]
    """Answer a request at the office's page."""
    client = office.signed_in(account)
    path = f"/office/requests/{number}"
    page = client.get(path)
    if page.status_code != 200:
        return page
    form = {
        "form_token": hidden(page, "form_token"),
        "outcome": "accepted",
        "answer": "已核实更正。",
        "password": PASSWORDS[account],
    }
    return client.post(path, data=form | changes)


def number_of(sent: httpx.Response) -> str:
    return sent.url.path.rpartition("/")[2]


def test_a_request_is_answered_on_record(public: Office, published: County) -> None:
    """The log has the answer and a fingerprint of the words; who asked reads it by the key."""
    sent = ask(public, published)
    assert "已收到，尚未答复" in sent.text
    assert "只显示一次" in sent.text
    number = number_of(sent)
    listed = public.signed_in("hejingting").get("/office/publishing")
    assert "公众来件" in listed.text
    done = answer(public, number)
    assert done.url.query == b"done=answered"
    assert public.services is not None
    (record,) = public.services.facts.of_kind("public_request_answered")
    said = record.statement
    assert isinstance(said, PublicRequestAnswered)
    assert said.outcome is PublicRequestOutcome.ACCEPTED
    assert (said.issued, said.case) == (published.case.decision.hex, published.case.opened.hex)
    row = asking.of(public.services.db, AGENCY, number)
    assert said.digest == hashlib.sha256(row.salt + WORDS.encode()).hexdigest()
    assert "已核实更正" in public.client().get(str(sent.url)).text
    case = public.signed_in("xuwen").get(f"/office/cases/{published.case.opened.hex}").text
    assert "已答复来自公众的请求" in case


def test_what_was_asked_is_in_no_record_and_on_no_public_page(
    public: Office, published: County
) -> None:
    """Neither the words nor the name; not before the answer and not after it."""
    number = number_of(ask(public, published))
    answer(public, number)
    assert public.services is not None
    facts = public.services.facts
    bodies = [facts.envelope(one.hash) or b"" for one in facts.of_kind("public_request_answered")]
    for page in ("/", "/decisions", f"/decisions/{published.case.decision.hex}", "/ask"):
        assert WORDS not in public.client().get(page).text
    for body in bodies:
        assert WORDS.encode() not in body
        assert "王小明".encode() not in body


def test_without_its_key_a_request_is_not_there(public: Office) -> None:
    """Numbers can be guessed, keys cannot; a wrong one is answered like a wrong number."""
    sent = ask(public)
    assert sent.status_code == 200
    client, number = public.client(), number_of(sent)
    for path in (f"/ask/{number}", f"/ask/{number}?key=x", "/ask/2026-99999?key=x"):
        page = client.get(path)
        assert page.status_code == 404
        assert WORDS not in page.text


def test_a_request_needs_words_a_kind_and_an_agency(public: Office) -> None:
    """And says which is missing; nothing is kept."""
    assert "应写5到2000个字" in ask(public, words=" 错 ").text
    assert "应写5到2000个字" in ask(public, words="错" * 2001).text
    assert "更正还是投诉" in ask(public, kind="praise").text
    assert "请选择有关的执法机关" in ask(public, agency="nobody").text
    assert public.services is not None
    assert asking.open_of(public.services.db, AGENCY) == []


def test_an_address_asks_so_often_an_hour(public: Office) -> None:
    """Then it is told to wait; after the hour it may again."""
    for _ in range(EACH):
        assert ask(public).status_code == 200
    refused = ask(public)
    assert refused.status_code == 429
    assert "提交过于频繁" in refused.text
    public.stop()
    public.start()
    assert ask(public).status_code == 429  # a restart forgets nothing
    public.clock.set(NOW + HOUR_MS)
    assert ask(public).status_code == 200


def test_another_sites_form_is_not_taken(public: Office) -> None:
    """A page elsewhere cannot write in its visitors' name."""
    form = {"kind": "complaint", "words": WORDS, "agency": AGENCY}
    sent = public.client().post("/ask", data=form, headers={"sec-fetch-site": "cross-site"})
    assert sent.status_code == 403


def test_only_a_publisher_answers_and_with_the_own_password(public: Office) -> None:
    """No other role opens it; a session alone signs nothing."""
    number = number_of(ask(public))
    assert answer(public, number, "xuwen").status_code == 403
    assert "密码不对" in answer(public, number, password="wrong").text
    assert "请选择办理结果" in answer(public, number, outcome="").text
    assert "请填写" in answer(public, number, answer=" ").text
    assert public.services is not None
    assert public.services.facts.of_kind("public_request_answered") == []


def test_an_answer_is_given_once(public: Office) -> None:
    """The second finds no form, and one that is sent all the same is refused."""
    number = number_of(ask(public))
    client = public.signed_in("hejingting")
    page = client.get(f"/office/requests/{number}")
    form = {
        "form_token": hidden(page, "form_token"),
        "outcome": "refused",
        "answer": "不属实。",
        "password": PASSWORDS["hejingting"],
    }
    for _ in range(2):
        sent = client.post(f"/office/requests/{number}", data=form)
    assert "您书写期间，此件已经答复" in sent.text
    assert 'name="outcome"' not in sent.text
    assert public.services is not None
    assert len(public.services.facts.of_kind("public_request_answered")) == 1


def test_of_two_who_answer_at_once_the_second_sees_the_first(public: Office) -> None:
    """Both had the form open; one answer is stated, and the other's words are not lost."""
    number = number_of(ask(public))
    forms = []
    for _ in range(2):
        client = public.signed_in("hejingting")
        token = hidden(client.get(f"/office/requests/{number}"), "form_token")
        forms.append((client, token))
    words = ("属实，已更正。", "不属实，理由如下。")

    def send(which: int) -> httpx.Response:
        client, token = forms[which]
        form = {"form_token": token, "outcome": "accepted", "answer": words[which]}
        form["password"] = PASSWORDS["hejingting"]
        return client.post(f"/office/requests/{number}", data=form)

    with ThreadPoolExecutor(2) as pool:
        sent = list(pool.map(send, range(2)))
    assert public.services is not None
    (record,) = public.services.facts.of_kind("public_request_answered")
    assert isinstance(record.statement, PublicRequestAnswered)
    first = words.index(record.statement.answer)
    assert sent[first].url.query == b"done=answered"
    assert sent[1 - first].status_code == 422
    assert all(one in sent[1 - first].text for one in ("何敬亭", *words))
    assert asking.of(public.services.db, AGENCY, number).answer == record.hash


def test_who_asked_is_erased_some_time_after_the_answer(public: Office) -> None:
    """Name and contact go; number, words and answer stay. What waits keeps its contact."""
    number = number_of(ask(public, contact="13900000000"))
    waiting = number_of(ask(public, contact="13900000001"))
    answer(public, number)
    assert public.services is not None
    db, days = public.services.db, public.services.settings.contact_days
    public.clock.set(NOW + days * DAY_MS - 1)
    jobs.forget_contacts(public.services)
    held = asking.of(db, AGENCY, number)
    assert (held.contact, held.sender) == ("13900000000", None)
    assert "13900000000" in public.signed_in("hejingting").get(f"/office/requests/{number}").text
    public.clock.set(NOW + days * DAY_MS)
    jobs.forget_contacts(public.services)
    gone = asking.of(db, AGENCY, number)
    assert (gone.name, gone.contact, gone.words) == ("", "", WORDS)
    assert asking.of(db, AGENCY, waiting).contact == "13900000001"
    page = public.signed_in("hejingting").get(f"/office/requests/{number}").text
    assert "答复满90日" in page
    assert "王小明" not in page


def test_fsck_sees_that_other_words_were_answered_and_knows_what_is_erased(
    public: Office,
) -> None:
    """The digest in the answer's record opens with the words that are kept, and with no others."""
    number = number_of(ask(public))
    answer(public, number)
    assert public.services is not None
    db, blobs = public.services.db, public.services.blobs
    keys = [VerifierKey.parse(text) for text in public.services.log_keys]

    def told() -> list[str]:
        with db.engine.connect() as connection:
            return [f"{one.check}: {one.detail}" for one in Fsck(connection, blobs, keys).run()]

    public.clock.set(NOW + public.services.settings.contact_days * DAY_MS)
    jobs.forget_contacts(public.services)
    assert told() == []
    with db.private() as session:
        row = session.get(PublicRequestRow, number)
        assert row is not None
        row.words = "没有意见。"
    assert told() == [f"requests: request {number} is not what its answer names"]

"""A tablet's export is handed in by a page, and its answer goes back by the same stick."""

from __future__ import annotations

import io
import re
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest
from nacl.public import PrivateKey
from playwright.sync_api import Browser, Page, expect

from protocol.answer import Asked, open_answered, sign_asked, take_files, unseal_answer
from protocol.messages import DeviceAdmitted, PushItem
from sync_server import demo, words
from sync_server.devices import handin, importing
from sync_server.devices.exports import Far
from sync_server.devices.handin import HandIns
from sync_server.settings import ORIGIN
from sync_server.store import blobs
from sync_server.store.handintables import HandInRow
from sync_server.web import arriving
from tests.cast import Inspection
from tests.exports import export_of
from tests.sync_server.tablet import Tablet
from tests.sync_server.web import staging
from tests.sync_server.web.staging import NOW, Office, hidden, sign_in
from tests.worlds import World

pytestmark = pytest.mark.xdist_group("browser")

REGISTRAR = "tangyining"
NAME = "fujie-YX-T07-20261118-104000-unsent.export"
PATH = "/office/exports"


@dataclass
class Enrolled:
    """A county with a tablet that sent nothing."""

    folder: Path
    admitted: DeviceAdmitted


@dataclass
class Errand:
    """A stick on its way: the office, the tablet, and the inspection that nobody pushed."""

    office: Office
    tablet: Tablet
    case: Inspection
    items: list[PushItem]
    key: PrivateKey

    def file(self, first: int = 0, last: int | None = None, **other: object) -> bytes:
        """An export of some of the items with all media, which asks for an answer."""
        services = self.office.services
        assert services is not None
        assert services.keyring.exchange is not None
        asked = Asked(
            agency=demo.AGENCY.id,
            device=demo.DEVICE,
            at=self.tablet.world.now,
            key=bytes(self.key.public_key).hex(),
            origin=ORIGIN,
        )
        question = sign_asked(asked, self.tablet.world.device.signer)
        media = [data for data in self.case.blobs.values() if data]
        recipient = bytes(services.keyring.exchange.public_key)
        given = {"asked": question, **other}
        return export_of(self.tablet, recipient, self.items[first:last], media, **given)

    @property
    def rows(self) -> list[HandInRow]:
        assert self.office.services is not None
        return HandIns(self.office.services, lambda _: []).of(demo.AGENCY.id, 100)

    @property
    def left(self) -> list[str]:
        """What lies in the folder of imports."""
        folder = self.office.settings.imports
        return sorted(str(one.relative_to(folder)) for one in folder.rglob("*") if one.is_file())


@pytest.fixture(scope="module")
def enrolled(tmp_path_factory: pytest.TempPathFactory) -> Enrolled:
    office = Office(tmp_path_factory.mktemp("enrolled") / "data")
    office.found()
    office.start()
    try:
        tablet = Tablet(office.url, World())
        tablet.enrol(office.code("device", demo.DEVICE))
        tablet.enrol_officers(office.code)
        assert tablet.admitted is not None
        return Enrolled(office.folder, tablet.admitted)
    finally:
        office.stop()


@pytest.fixture
def errand(
    enrolled: Enrolled, tmp_path: Path, copy_data: Callable[[Path, Path], str]
) -> Iterator[Errand]:
    office = Office(tmp_path / "data", NOW, copy_data(enrolled.folder, tmp_path / "data"))
    office.start()
    tablet = Tablet(office.url, World())
    tablet.admitted = enrolled.admitted
    case = staging.inspection(tablet.world)
    yield Errand(office, tablet, case, tablet.links(case), PrivateKey(bytes(range(32))))
    office.stop()


def hand_in(client: httpx.Client, data: bytes, name: str = NAME, token: str = "") -> httpx.Response:
    """As a browser does: the fields in their order."""
    token = token or hidden(client.get(PATH), "form_token")
    return client.post(PATH, data={"form_token": token}, files={"file": (name, data)})


def ended(client: httpx.Client, answer: httpx.Response) -> httpx.Response:
    """The page once the export is taken in or refused."""
    assert answer.status_code == 200, answer.text
    until = time.monotonic() + 60
    while 'http-equiv="refresh"' in answer.text:
        assert time.monotonic() < until, "it is never taken in"
        time.sleep(0.05)
        answer = client.get(answer.url.path)
    return answer


def shown(answer: httpx.Response) -> str:
    """What a page says, in a line."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text.partition("<main")[2]).split())


# ── by a person ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("width", [1280, 390])
def test_a_registrar_takes_a_stick_in_and_the_answer_back(
    browser: Browser, errand: Errand, tmp_path: Path, width: int
) -> None:
    """By the form alone, no script: found from the tablets, sent, told what came of it, saved."""
    stick = tmp_path / NAME
    stick.write_bytes(errand.file())
    context = browser.new_context(
        java_script_enabled=False, viewport={"width": width, "height": 844}
    )
    page = context.new_page()
    sign_in(page, errand.office, REGISTRAR)
    page.goto(f"{errand.office.url}/office/devices")
    page.get_by_role("link", name="U盘送来的记录").click()
    page.get_by_label("U盘上的文件").set_input_files(stick)
    page.get_by_role("button", name="导入").click()
    expect(page.get_by_text("已全部收下")).to_be_visible(timeout=60_000)
    assert facts(page)["新收下的记录"] == str(len(errand.items))
    assert facts(page)["文件"].startswith(f"{len(errand.case.blobs)} 个中已入库")
    with page.expect_download() as saved:
        page.get_by_role("link", name="保存回执").click()
    assert saved.value.suggested_filename == NAME.replace(".export", ".answer")
    files: dict[str, bytes] = {}
    told = take_files(
        unseal_answer(io.BytesIO(saved.value.path().read_bytes()).read, bytes(errand.key)),
        files.__setitem__,
    )
    assert errand.office.services is not None
    office_key = errand.office.services.office_key.verifier
    assert open_answered(told, {office_key.key_id: office_key}).device == demo.DEVICE
    assert f"push/{errand.tablet.world.device.journal.hex()}/0" in files
    page.goto(f"{page.url}?lang=en")  # on a phone the link is in the menu
    expect(page.get_by_text("All of it is in")).to_be_visible()
    page.get_by_role("link", name="Back to the exports").click()
    expect(page.get_by_role("row", name=demo.DEVICE)).to_be_visible()
    context.close()


def facts(page: Page) -> dict[str, str]:
    """The terms of a page and what stands beside them; of one that comes twice, the first."""
    terms = page.locator("dl.facts > div").all()
    said = [(one.locator("dt").inner_text(), one.locator("dd").inner_text()) for one in terms]
    return dict(reversed(said))


def test_who_handed_in_what_is_kept_and_the_file_is_not(errand: Errand) -> None:
    data = errand.file()
    client = errand.office.signed_in(REGISTRAR)
    ended(client, hand_in(client, data))
    (row,) = errand.rows
    assert (row.account, row.size, row.device, row.state) == (
        REGISTRAR,
        len(data),
        demo.DEVICE,
        "done",
    )
    assert row.name == NAME
    assert errand.left == [f"handed-{row.number}/answer"]


def test_an_export_in_parts_says_what_was_here_before(errand: Errand) -> None:
    """The same file twice does no harm."""
    client = errand.office.signed_in(REGISTRAR)
    count = len(errand.items)
    ended(client, hand_in(client, errand.file(last=3)))
    said = shown(ended(client, hand_in(client, errand.file())))
    assert f"新收下的记录 {count - 3} 原来就有的 3 没有收下的 0" in said
    said = shown(ended(client, hand_in(client, errand.file())))
    assert f"新收下的记录 0 原来就有的 {count} 没有收下的 0" in said


def test_records_behind_a_gap_are_not_taken_and_the_page_says_what_to_do(errand: Errand) -> None:
    client = errand.office.signed_in(REGISTRAR)
    said = shown(ended(client, hand_in(client, errand.file(first=4))))
    left = len(errand.items) - 4
    assert f"有 {left} 条记录没有收下" in said
    assert "导出全部" in said
    assert f"新收下的记录 0 原来就有的 0 没有收下的 {left}" in said


def test_a_record_with_a_remark_is_named_with_the_reason(errand: Errand) -> None:
    """A statement that the stick did not bring: its link is in, flagged."""
    client = errand.office.signed_in(REGISTRAR)
    kept = [item.statement for item in errand.items if item.statement]
    answer = ended(client, hand_in(client, errand.file(statements=kept[:-1])))
    assert "1 条记录有存疑标记" in shown(answer)
    assert "陈述未随送" in shown(answer)
    english = client.get(answer.url.path, params={"lang": "en"})
    assert "1 record with a remark" in shown(english)
    assert "statement absent" in shown(english)


def test_every_way_out_has_its_chinese() -> None:
    told = [*importing.WAYS_OUT.values(), importing.ASK]
    refused = [handin.NOT_OURS, handin.GONE, handin.BROKEN]
    assert [one for one in told + refused if one not in words.catalogue("zh_CN")] == []


# ── refused, each with a sentence ────────────────────────────────────────────────────────


def test_what_is_no_export_is_refused_in_words_and_kept_by_nobody(errand: Errand) -> None:
    client = errand.office.signed_in(REGISTRAR)
    answer = ended(client, hand_in(client, b"a letter, no export" * 100))
    assert "应为平板的导出文件；请选择平板写出的文件" in shown(answer)
    assert errand.rows[0].state == "refused"
    assert errand.left == []
    cut = ended(client, hand_in(client, errand.file()[:-40]))
    assert errand.rows[0].state == "refused"
    assert "U盘上的内容没有改动" in shown(cut)


def test_another_agencys_tablet_is_none_of_ours(errand: Errand) -> None:
    """Nothing of it comes into the log."""
    assert errand.office.services is not None
    before = errand.office.services.facts.head.size
    number = "ab" * 8
    handin.begin(errand.office.settings, number).write_bytes(errand.file())
    hand_ins = HandIns(errand.office.services, lambda _: [])
    row = HandInRow(
        number=number, agency="another", account="a", at=1, name="x", size=1, sha256=b""
    )
    hand_ins.add(row)
    with hand_ins.running():
        until = time.monotonic() + 60
        while (found := hand_ins.one("another", number)) and found.state == "waiting":
            assert time.monotonic() < until
            time.sleep(0.02)
    assert found is not None
    assert found.state == "refused"
    assert words.retold(found.fault, "en") == handin.NOT_OURS
    assert errand.office.services.facts.head.size == before
    assert hand_ins.one(demo.AGENCY.id, number) is None
    client = errand.office.signed_in(REGISTRAR)
    assert client.get(f"{PATH}/{number}").status_code == 404


def test_a_form_of_nobody_is_not_kept(errand: Errand) -> None:
    """Without the session's token, or with the file before it; and nothing stays on the disk."""
    client = errand.office.signed_in(REGISTRAR)
    token = hidden(client.get(PATH), "form_token")
    assert hand_in(client, errand.file(), token="another").status_code == 403
    order = [("file", (NAME, errand.file())), ("form_token", (None, token))]
    assert client.post(PATH, files=order).status_code == 403
    assert (errand.rows, errand.left) == ([], [])


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"", "multipart/form-data; boundary=x", 422),
        (b"not a form", "multipart/form-data; boundary=x", 422),
        (b"form_token=1", "application/x-www-form-urlencoded", 422),
        (b"--x\r\nno header\r\n", 'multipart/form-data; boundary="x"', 422),
        (
            b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + bytes(9000) + b"\r\n--x--",
            "multipart/form-data; boundary=x",
            422,
        ),
    ],
)
def test_a_broken_form_is_told_so(errand: Errand, content: bytes, kind: str, status: int) -> None:
    client = errand.office.signed_in(REGISTRAR)
    answer = client.post(PATH, content=content, headers={"content-type": kind})
    assert answer.status_code == status, answer.text
    assert 'role="alert"' in answer.text
    assert (errand.rows, errand.left) == ([], [])


def test_an_empty_file_and_a_cut_form_are_told_so(errand: Errand) -> None:
    client = errand.office.signed_in(REGISTRAR)
    token = hidden(client.get(PATH), "form_token")
    assert hand_in(client, b"").status_code == 422
    whole = client.build_request(
        "POST", PATH, data={"form_token": token}, files={"file": (NAME, b"abc" * 999)}
    )
    body, kind = whole.read(), whole.headers["content-type"]
    answer = client.post(PATH, content=body[:-60], headers={"content-type": kind})
    assert answer.status_code == 422
    assert (errand.rows, errand.left) == ([], [])


def test_a_file_that_is_too_large_is_told_so_after_it_was_read(
    browser: Browser, errand: Errand, tmp_path: Path
) -> None:
    """In a real browser, which shows no answer before it has sent all of it."""
    errand.office.stop()
    errand.office.settings = replace(errand.office.settings, max_export=1 << 20)
    errand.office.start()
    stick = tmp_path / NAME
    stick.write_bytes(bytes(30 << 20))
    page = browser.new_page()
    sign_in(page, errand.office, REGISTRAR)
    page.goto(errand.office.url + PATH)
    page.set_input_files("#file", stick)
    page.get_by_role("button", name="导入").click()
    expect(page.get_by_role("alert")).to_contain_text("这个更大")
    page.close()
    assert (errand.rows, errand.left) == ([], [])


def test_who_reads_only_after_all_is_sent_is_answered_too(errand: Errand) -> None:
    """As browsers may: a refusal in the middle of a form would reach them as a broken line."""
    client = errand.office.signed_in(REGISTRAR)
    cookie = "; ".join(f"{one.name}={one.value}" for one in client.cookies.jar)
    part = '--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
    body = part.encode() + bytes(40 << 20) + b"\r\n--x--\r\n"
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\nConnection: close\r\n"
        f"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", errand.office.port), timeout=60) as line:
        line.sendall(head.encode() + body)
        assert line.makefile("rb").readline().split()[1] == b"403"
    assert (errand.rows, errand.left) == ([], [])


def test_a_disk_without_room_is_told_so(errand: Errand, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before a byte is kept: room for the file, and for what is in it."""
    data, usage = errand.file(), shutil.disk_usage("/")
    free = usage._replace(free=blobs.ROOM + len(data) * 3 // 2)
    monkeypatch.setattr("sync_server.store.blobs.shutil.disk_usage", lambda _: free)
    client = errand.office.signed_in(REGISTRAR)
    answer = hand_in(client, data)
    assert answer.status_code == 422
    assert "服务器磁盘已满" in shown(answer)
    assert "腾出空间，然后再导入一次" in shown(answer)
    assert (errand.rows, errand.left) == ([], [])


def test_a_sender_that_falls_silent_is_let_go(
    errand: Errand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arriving, "IDLE_S", 0.3)
    client = errand.office.signed_in(REGISTRAR)
    token = hidden(client.get(PATH), "form_token")

    def body() -> Iterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="form_token"\r\n\r\n' + token.encode()
        yield b'\r\n--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nabc'
        time.sleep(1)
        yield b"\r\n--x--"

    answer = client.post(
        PATH, content=body(), headers={"content-type": "multipart/form-data; boundary=x"}
    )
    assert answer.status_code == 422
    assert (errand.rows, errand.left) == ([], [])


# ── over time ────────────────────────────────────────────────────────────────────────────


def test_a_server_that_stops_goes_on_with_it_at_its_next_start(
    errand: Errand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped while it reads; how far it was, the page said."""
    page_said: list[str] = []
    told = HandIns._watch

    def slowly(self: HandIns, number: str) -> Callable[[Far], None]:
        watch = told(self, number)

        def far(now: Far) -> None:
            watch(now._replace(done=now.whole // 2))
            page_said.append(number)
            time.sleep(0.2)
            watch(now)

        return far

    monkeypatch.setattr(HandIns, "_watch", slowly)
    client = errand.office.signed_in(REGISTRAR)
    answer = hand_in(client, errand.file())
    while not page_said:
        time.sleep(0.01)
    assert "<progress" in client.get(answer.url.path).text
    errand.office.stop()
    assert [row.state for row in errand.rows] == ["waiting"]
    monkeypatch.setattr(HandIns, "_watch", told)
    errand.office.start()
    client = errand.office.signed_in(REGISTRAR)
    assert "已全部收下" in shown(ended(client, client.get(answer.url.path)))


def test_an_answer_that_is_no_longer_kept_is_told_so(errand: Errand) -> None:
    client = errand.office.signed_in(REGISTRAR)
    answer = ended(client, hand_in(client, errand.file()))
    shutil.rmtree(errand.office.settings.imports)
    page = client.get(answer.url.path)
    assert "已过保留期" in shown(page)
    assert "保存回执" not in page.text
    assert client.get(f"{answer.url.path}/answer").status_code == 404


def test_a_files_name_is_fit_for_page_header_and_disk(errand: Errand) -> None:
    client = errand.office.signed_in(REGISTRAR)
    name = '..\\..\\etc/<b>"回执"\r\n.export'
    answer = ended(client, hand_in(client, errand.file(), name.replace("\r\n", "")))
    assert "<b>" not in answer.text
    saved = client.get(f"{answer.url.path}/answer")
    assert saved.status_code == 200
    assert "/" not in saved.headers["content-disposition"]

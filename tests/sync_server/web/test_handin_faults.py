"""An export that is handed in meets a crash, a full disk, and bytes that mean harm."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from protocol.answer import Asked, sign_asked
from sync_server import demo
from sync_server.devices import handin
from sync_server.devices.handin import HandIns
from sync_server.settings import ORIGIN, Settings
from sync_server.store.handintables import HandInRow
from sync_server.web import arriving
from tests.sync_server.web.staging import hidden
from tests.sync_server.web.test_handin import (
    NAME,
    PATH,
    REGISTRAR,
    Errand,
    ended,
    enrolled,
    errand,
    hand_in,
    shown,
)

__all__ = ["enrolled", "errand"]

pytestmark = pytest.mark.xdist_group("browser")


def waiting(errand: Errand, number: str, tries: int = 0) -> None:
    """An export as a server leaves it that ended while it waited."""
    handin.begin(errand.office.settings, number).write_bytes(errand.file())
    row = HandInRow(
        number=number,
        agency=demo.AGENCY.id,
        account=REGISTRAR,
        at=1,
        name=NAME,
        size=1,
        sha256=b"",
        tries=tries,
    )
    errand.office.stop()
    services = errand.office.services
    assert services is not None
    HandIns(services, lambda _: []).add(row)


def test_what_a_crash_left_of_a_form_is_gone_at_the_next_start(errand: Errand) -> None:
    """Of a form that was still coming, and of an export that was done; answers stay."""
    client = errand.office.signed_in(REGISTRAR)
    ended(client, hand_in(client, errand.file()))
    (row,) = errand.rows
    errand.office.stop()
    for number in ("cd" * 8, row.number):
        handin.begin(errand.office.settings, number).write_bytes(b"half of it")
    errand.office.start()
    assert errand.left == [f"handed-{row.number}/answer"]
    assert [one.name for one in errand.office.settings.imports.iterdir()] == [
        f"handed-{row.number}"
    ]


def test_an_export_that_ends_the_server_each_time_is_let_be(errand: Errand) -> None:
    """Three times it was taken up and no more heard of: not a fourth time."""
    waiting(errand, "ab" * 8, handin.TRIES)
    errand.office.start()
    client = errand.office.signed_in(REGISTRAR)
    said = shown(ended(client, client.get(f"{PATH}/{'ab' * 8}")))
    assert "服务器没能导入这个文件" in said
    assert errand.left == []


def test_an_export_that_was_taken_up_before_is_taken_in(errand: Errand) -> None:
    waiting(errand, "ab" * 8, handin.TRIES - 1)
    errand.office.start()
    client = errand.office.signed_in(REGISTRAR)
    assert "已全部收下" in shown(ended(client, client.get(f"{PATH}/{'ab' * 8}")))


def test_a_stop_in_order_does_not_count(errand: Errand, monkeypatch: pytest.MonkeyPatch) -> None:
    """However often the server is stopped while it reads."""
    taken: list[int] = []
    told = HandIns._tried

    def tried(self: HandIns, row: HandInRow, more: int) -> int:
        if more > 0:
            taken.append(1)
            self._end.set()
        return told(self, row, more)

    monkeypatch.setattr(HandIns, "_tried", tried)
    waiting(errand, "ab" * 8)
    for _ in range(handin.TRIES + 1):
        errand.office.start()
        errand.office.stop()
    assert len(taken) == handin.TRIES + 1
    assert [(row.state, row.tries) for row in errand.rows] == [("waiting", 0)]


def test_a_database_that_takes_no_writes_keeps_nobody_waiting_for_good(
    errand: Errand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a full disk: the thread goes on with it once there is room."""
    monkeypatch.setattr(handin, "AGAIN_S", 0.05)
    settle: Callable[..., None] = HandIns._settle
    failed: list[int] = []

    def full(self: HandIns, *given: object) -> None:
        if len(failed) < 2:
            failed.append(1)
            raise OperationalError("UPDATE", {}, OSError("disk full"))
        settle(self, *given)

    monkeypatch.setattr(HandIns, "_settle", full)
    client = errand.office.signed_in(REGISTRAR)
    assert "已全部收下" in shown(ended(client, hand_in(client, errand.file())))
    assert len(failed) == 2


def test_more_records_than_memory_may_hold_are_refused(
    errand: Errand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anybody can seal a file to the server; what is no record counts as well."""
    data = errand.file(statements=[bytes(1000)] * 100)
    monkeypatch.setattr(handin, "MOST_RECORDS", 90_000)
    client = errand.office.signed_in(REGISTRAR)
    ended(client, hand_in(client, data))
    (row,) = errand.rows
    assert row.state == "refused"
    assert "got more" in handin.words.retold(row.fault, "en")
    assert errand.left == []


def test_what_was_taken_in_is_told_where_no_answer_can_be_made(errand: Errand) -> None:
    """A question that another device signed the words of; the records are in all the same."""
    other = Asked(
        agency=demo.AGENCY.id,
        device="YX-T99",
        at=errand.tablet.world.now,
        key=bytes(errand.key.public_key).hex(),
        origin=ORIGIN,
    )
    question = sign_asked(other, errand.tablet.world.device.signer)
    client = errand.office.signed_in(REGISTRAR)
    answer = ended(client, hand_in(client, errand.file(asked=question)))
    said = shown(answer)
    assert f"新收下的记录 {len(errand.items)}" in said
    assert "没有给平板的回执" in said
    assert "YX-T99" in said
    assert "保存回执" not in answer.text


class Failing:
    """A file whose disk takes ``most`` bytes, then nothing, to the end."""

    def __init__(self, path: Path, most: int, fault: int) -> None:
        self.file, self.left, self.fault = path.open("wb", buffering=0), most, fault

    def write(self, data: bytes) -> None:
        self.left -= len(data)
        if self.left < 0:
            raise OSError(self.fault, os.strerror(self.fault))
        self.file.write(data)

    def close(self) -> None:
        self.file.close()
        if self.left < 0:
            raise OSError(self.fault, os.strerror(self.fault))


def no_folder(settings: Settings, number: str) -> Path:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def failed(path: Path) -> None:
    raise OSError(errno.EIO, os.strerror(errno.EIO))


def no_row(self: HandIns, row: HandInRow) -> None:
    raise OperationalError("INSERT", {}, OSError("disk I/O error"))


@pytest.mark.parametrize(
    ("where", "zh", "en"),
    [
        ("folder", "磁盘已满", "disk is full"),
        ("full", "磁盘已满", "disk is full"),
        ("broken", "没能写下", "could not write"),
        ("synced", "没能写下", "could not write"),
        ("row", "没能写下", "could not write"),
    ],
)
def test_a_disk_that_fails_while_a_file_comes_is_told_to_whoever_sends_it(
    errand: Errand, monkeypatch: pytest.MonkeyPatch, where: str, zh: str, en: str
) -> None:
    """In the own language: what happened, that nothing is lost, what to do; and it is so. Once
    there is room the same file is taken in."""
    client, data = errand.office.signed_in(REGISTRAR), errand.file()
    token = hidden(client.get(PATH), "form_token")
    with monkeypatch.context() as broken:
        if where == "folder":
            broken.setattr(handin, "begin", no_folder)
        elif where == "row":
            broken.setattr(HandIns, "add", no_row)
        elif where == "synced":
            broken.setattr(arriving, "sync_file", failed)
        else:
            fault = errno.ENOSPC if where == "full" else errno.EIO
            broken.setattr(arriving, "_opened", lambda path: Failing(path, len(data) // 2, fault))
        for language, words, again in (("zh", zh, "再导入一次"), ("en", en, "once more")):
            client.cookies.set("lang", language)
            answer = hand_in(client, data, token=token)
            assert answer.status_code == 422
            said = shown(answer)
            assert words in said
            assert again in said
            assert ("没有丢失" if language == "zh" else "nothing is lost") in said
            assert (errand.rows, errand.left) == ([], [])
    client.cookies.set("lang", "zh")
    assert "已全部收下" in shown(ended(client, hand_in(client, data, token=token)))


def test_what_comes_behind_the_form_has_its_bound_too(
    errand: Errand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A form that is complete, and goes on for ever."""
    errand.office.settings.imports.mkdir(exist_ok=True)
    monkeypatch.setattr(arriving, "FRAME", 1 << 10)
    reading = arriving._Reading(errand.office.settings.imports / "file", 5000, lambda _: None, "x")
    part = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nabc\r\n--x--'
    reading.take(part)
    reading.take(bytes(5000))
    with pytest.raises(arriving.TooLarge):
        reading.take(bytes(1024))
    reading.drop()


def test_a_file_is_on_the_disk_before_anybody_is_told(
    errand: Errand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its bytes and its name are synced before its row is written."""
    done: list[str] = []
    sync, add = os.fsync, HandIns.add

    def synced(descriptor: int) -> None:
        done.append(os.path.basename(os.readlink(f"/proc/self/fd/{descriptor}")))
        sync(descriptor)

    def added(self: HandIns, row: HandInRow) -> None:
        done.append("row")
        add(self, row)

    client = errand.office.signed_in(REGISTRAR)
    token = hidden(client.get(PATH), "form_token")
    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(HandIns, "add", added)
    answer = hand_in(client, errand.file(), token=token)
    number = answer.url.path.rpartition("/")[2]
    before = done[: done.index("row")]
    assert before.index("export") < len(before) - 1 - before[::-1].index(f"handed-{number}")
    ended(client, answer)

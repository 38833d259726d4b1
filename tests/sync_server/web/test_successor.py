"""The office goes on in a successor of its log: pages, commands and files as before."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from protocol import __main__ as verify
from protocol.errors import Refused
from protocol.succession import read_chain
from sync_server import demo
from sync_server.__main__ import main
from sync_server.upkeep import succeeding
from tests.sync_server.web.conftest import County
from tests.sync_server.web.staging import NOW, Office, archive, publish

NAME = "log2.yunxi.example/fujie"


def succeeded(county: County, folder: Path) -> Path:
    """A copy of the county under its successor's name."""
    shutil.copytree(county.folder, folder)
    office = Office(folder, NOW)
    plan = succeeding.Plan(NAME, "磁盘损坏", folder / "root")
    succeeding.succeed(office.settings, office.clock, plan, lambda _: None)
    return folder


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[[County], Office]]:
    """Start the successor of a county's log."""
    started: list[Office] = []

    def start(county: County) -> Office:
        office = Office(succeeded(county, tmp_path / "data"), NOW)
        office.settings = replace(office.settings, origin=NAME)
        office.start()
        started.append(office)
        return office

    yield start
    for office in started:
        office.stop()


def test_what_was_public_stays_public_with_its_proof(
    serve: Callable[[County], Office], published: County
) -> None:
    """The proof leads to the successor's head now."""
    office = serve(published)
    decision = f"/decisions/{published.case.decision.hex}"
    page = office.client().get(decision)
    assert page.status_code == 200
    assert "公示文本与归档记录一致" in page.text
    assert NAME in office.client().get(f"{decision}/proof").text


def test_the_office_publishes_and_archives_in_the_successor(
    serve: Callable[[County], Office], inspected: County
) -> None:
    """Its people sign in as before; their records stand in the office's new journal."""
    office = serve(inspected)
    assert publish(office, inspected.case).url.query == b"done=published"
    assert archive(office, inspected.case).url.query == b"done=archived"
    assert office.services is not None
    facts = office.services.facts
    (first,) = facts.of_kind("succession_opened")
    assert first.link.sequence == 0
    for kind in ("disclosure_published", "file_archived"):
        (record,) = facts.of_kind(kind)
        assert record.link.journal == first.link.journal
    page = office.client().get(f"/decisions/{inspected.case.decision.hex}")
    assert "公示文本与归档记录一致" in page.text


def test_the_commands_work_on_a_successor(
    published: County,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Under its name; under the old one they refuse, and say which to set."""
    folder = succeeded(published, tmp_path / "data")
    monkeypatch.setenv("FUJIE_DATA", str(folder))
    case, trust = str(tmp_path / "case.zip"), str(tmp_path / "trust.json")
    commands = (
        ("fsck",),
        ("rebuild",),
        ("export", published.case.opened.hex, case),
        ("trust", trust),
        ("backup", str(tmp_path / "copy")),
    )
    for command in commands[:4]:
        assert main(command) == 2, command
        assert f"FUJIE_ORIGIN to {NAME}" in capsys.readouterr().err
    monkeypatch.setenv("FUJIE_ORIGIN", NAME)
    for command in commands:
        assert main(command) == 0, (command, capsys.readouterr())
    assert main(("report", demo.DEVICE)) in (0, 1)
    assert "links" in capsys.readouterr().out
    assert verify.main([case, "--trust", trust]) == 0
    monkeypatch.setenv("FUJIE_DATA", str(tmp_path / "copy"))
    assert main(("fsck",)) == 0


def test_succeed_on_the_command_line(
    inspected: County,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It tells what goes on, and what is left to do."""
    folder = tmp_path / "data"
    shutil.copytree(inspected.folder, folder)
    monkeypatch.setenv("FUJIE_DATA", str(folder))
    head = tmp_path / "head.txt"
    asked = ("succeed", "--origin", NAME, "--why", "磁盘损坏", "--checkpoint", str(head))
    assert main(asked) == 2
    assert "head.txt" in capsys.readouterr().err
    head.write_text("nonsense")
    assert main(asked) == 2
    assert main(asked[:5]) == 0
    told = capsys.readouterr().out
    assert f"{NAME} goes on from log.yunxi.example/fujie" in told
    assert f"FUJIE_ORIGIN={NAME}" in told
    assert main(asked[:5]) == 2
    assert "already" in capsys.readouterr().err


def test_a_log_that_succeeds_no_other_says_so(office: Office) -> None:
    assert httpx.get(f"{office.url}/log/succession").status_code == 404


def test_the_succession_is_served_to_anybody(
    serve: Callable[[County], Office], inspected: County
) -> None:
    """An envelope a line; whoever knows the root can follow."""
    answer = httpx.get(f"{serve(inspected).url}/log/succession")
    assert answer.status_code == 200
    assert len(read_chain(answer.content)) == 1


def test_a_crash_while_it_is_opened_leaves_a_folder_that_goes_on(
    inspected: County, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same command again finishes it, with the key that was made; another name is refused."""
    folder = tmp_path / "data"
    shutil.copytree(inspected.folder, folder)
    office = Office(folder, NOW)

    def attempt(origin: str) -> None:
        plan = succeeding.Plan(origin, "磁盘损坏", folder / "root")
        succeeding.succeed(office.settings, office.clock, plan, lambda _: None)

    with monkeypatch.context() as crash:
        crash.setattr(succeeding, "_open", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            attempt(NAME)
    made = sorted(path.name for path in (folder / "keys").iterdir())
    with pytest.raises(Refused, match="named log2"):
        attempt("log3.yunxi.example/fujie")
    attempt(NAME)
    assert sorted(path.name for path in (folder / "keys").iterdir()) == made
    monkeypatch.setenv("FUJIE_DATA", str(folder))
    monkeypatch.setenv("FUJIE_ORIGIN", NAME)
    assert main(("fsck",)) == 0

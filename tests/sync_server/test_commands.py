"""What ``fujie-server`` says on the command line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import nacl.public
import pytest

from field_client.keys.recovery import seal_for_recovery
from protocol.errors import Refused
from protocol.messages import RecoveryKept
from sync_server.__main__ import main
from sync_server.commands import checking, enrolling, serving
from sync_server.portraits import portrait
from tests.cast import AGENCY
from tests.sync_server import rotting
from tests.sync_server.conftest import Server
from tests.sync_server.tablet import Tablet

PLAN = {
    "agency": {
        "id": "11990124MB0000002B",
        "name": "云岭县市场监督管理局",
        "short_name": "岭市监",
        "region": "990124",
        "region_name": "云岭县",
        "government": "云岭县人民政府",
        "court": "云岭县人民法院",
        "hotline": "0799-5550200",
        "address": "云岭县白石镇1号",
        "bank": "云岭县农村商业银行",
    },
    "staff": [
        {"account": "wang", "name": "王某", "role": "registrar", "password": "a long password"}
    ],
    "officers": [
        {
            "cert_no": "00992400001",
            "name": "李某",
            "unit": "执法大队",
            "position": "二级行政执法员",
            "category": "行政执法",
            "field": "市场监督管理",
            "valid_from": "2025-01-01",
            "valid_until": "2029-12-31",
            "photo": "li.png",
        }
    ],
    "used": {"spot_decision": 7},
}


@pytest.fixture
def inspected(inspected_county: Path, tmp_path: Path) -> Server:
    """A stopped server that holds one inspection with all its blobs."""
    folder = tmp_path / "data"
    shutil.copytree(inspected_county, folder)
    return Server(folder)


def run(monkeypatch: pytest.MonkeyPatch, folder: Path, *arguments: str) -> int:
    """A command over a folder."""
    monkeypatch.setenv("FUJIE_DATA", str(folder))
    return main(arguments)


def test_an_agency_is_founded_from_a_plan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Once; then the folder is taken, and fsck holds."""
    (tmp_path / "plan.json").write_text(json.dumps(PLAN))
    (tmp_path / "li.png").write_bytes(portrait(0))
    data, plan = tmp_path / "data", str(tmp_path / "plan.json")
    assert run(monkeypatch, data, "found", plan) == 0
    assert "云岭县市场监督管理局" in capsys.readouterr().out
    assert run(monkeypatch, data, "found", plan) == 2
    assert "never overwritten" in capsys.readouterr().err
    assert run(monkeypatch, data, "fsck") == 0
    assert run(monkeypatch, data, "enrol-officer", "00992400001") == 0
    assert run(monkeypatch, data, "enrol-officer", "00000000000") == 2
    keys = [*(data / "keys").iterdir(), *(data / "root").iterdir()]
    assert {path.stat().st_mode & 0o777 for path in keys} == {0o600}
    assert len(keys) == 6


def test_a_plan_that_is_none_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The file and the fault are named, and nothing is made."""
    (tmp_path / "plan.json").write_text("{}")
    assert run(monkeypatch, tmp_path / "data", "found", str(tmp_path / "plan.json")) == 2
    assert "plan.json" in capsys.readouterr().err
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("photo", [b"GIF89a", portrait(0) + bytes(400_000)])
def test_a_plan_with_a_photo_that_no_tablet_shows_is_refused(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    photo: bytes,
) -> None:
    """Whose it is is named, and nothing is made."""
    (tmp_path / "plan.json").write_text(json.dumps(PLAN))
    (tmp_path / "li.png").write_bytes(photo)
    assert run(monkeypatch, tmp_path / "data", "found", str(tmp_path / "plan.json")) == 2
    assert "李某" in capsys.readouterr().err
    assert not (tmp_path / "data").exists()


def test_nothing_is_served_before_it_is_founded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message says what to run."""
    assert run(monkeypatch, tmp_path / "data", "serve") == 2
    assert "fujie-server demo" in capsys.readouterr().err


def test_a_cut_database_is_named_and_left_as_it_is(
    inspected: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message says what to do next; nothing is written to what is left."""
    database = inspected.database
    for beside in database.parent.glob("fujie.db-*"):
        beside.unlink()
    cut = database.read_bytes()[:20_000]
    database.write_bytes(cut)
    assert run(monkeypatch, database.parent, "report", "YX-T07") == 2
    assert "restore the newest backup" in capsys.readouterr().err
    assert database.read_bytes() == cut


def test_a_setting_that_cannot_be_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A port must be a port."""
    monkeypatch.setenv("FUJIE_PORT", "70000")
    assert main(["migrate"]) == 2
    assert "FUJIE_PORT" in capsys.readouterr().err


def test_the_report_names_what_was_removed(inspected: Server) -> None:
    """Complete before; after one link is taken away by hand it says which is missing."""
    said: list[str] = []
    assert checking.report(inspected.settings, "YX-T07", "zh", False, said.append) == 0
    assert said[-1].endswith(": complete")
    (journal,) = inspected.sql("SELECT journal FROM journal WHERE device = 'YX-T07'")
    places = {(one.journal, one.sequence): one.index for one in rotting.kept(inspected)}
    rotting.alter(inspected, places[journal.journal, 4], link=None)
    said.clear()
    assert checking.report(inspected.settings, "YX-T07", "en", True, said.append) == 1
    codes = [finding["code"] for finding in json.loads(said[0])["findings"]]
    assert "link_missing" in codes


def test_the_office_opens_a_vault_that_nobody_can(
    server: Server, tablet: Tablet, capsys: pytest.CaptureFixture[str]
) -> None:
    """The tablet's vault key comes back by the agency's recovery key, and by no other; nothing
    that the tablet sends later takes its place."""
    assert tablet.admitted is not None
    vault_key = bytes(range(32))
    kept = RecoveryKept(sealed=seal_for_recovery(vault_key, tablet.admitted.recovery_key))
    assert tablet.post("/v1/enrol/recovery", kept).status_code == 200
    rubbish = RecoveryKept(sealed=bytes(80))
    assert tablet.post("/v1/enrol/recovery", rubbish).status_code == 200
    key = server.settings.root / f"{AGENCY}.recovery.key"
    said: list[str] = []
    assert enrolling.recover_vault(server.settings, "YX-T07", key, said.append) == 0
    assert said == [vault_key.hex()]
    other = server.folder / "other.key"
    other.write_text(bytes(nacl.public.PrivateKey.generate()).hex())
    with pytest.raises(Refused, match="does not open"):
        enrolling.recover_vault(server.settings, "YX-T07", other, said.append)


def test_projections_are_folded_again(inspected: Server) -> None:
    """From the log alone."""
    said: list[str] = []
    assert serving.rebuild(inspected.settings, said.append) == 0
    assert said[0].endswith("entries folded again")

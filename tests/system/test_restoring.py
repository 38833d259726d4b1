"""``fujie-server restore``: one command from a backup to a log that every tablet follows.

The server is a process that is killed, the tablets are the product's own.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlmodel import select

from field_client.contact.exporting import Scope
from field_client.documents import Typesetter
from field_client.store.tables import PassedLogRow, ReceiptRow, Stage
from protocol import __main__ as verify
from protocol.errors import FujieError, Refused
from protocol.receipt import Verdict
from sync_server import demo
from sync_server.commands import checking, serving
from sync_server.keys import keyring, rootmemory
from sync_server.log import sequencer
from sync_server.log.sequencer import NotDurable
from sync_server.services import reading, writing
from sync_server.settings import ORIGIN, Settings
from sync_server.store.db import Database
from sync_server.store.tables import EnrolCodeRow, SessionRow
from sync_server.upkeep import backup as backups
from sync_server.upkeep import restoring
from sync_server.upkeep.restoring import Restore, restore
from tests.field_client.county import County, FieldTablet
from tests.system.running import Running
from tests.system.test_succession import alarmed, both_halves_match, until_calm

SECOND = f"{ORIGIN}-2"


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    """A founded county, its server running as a process of its own."""
    county = Running.founded(tmp_path)
    county.start()
    yield county
    county.stop()


def passed(tablet: FieldTablet) -> tuple[str, str, int]:
    """The log that was left, the one that is followed, and how many records were sent again."""
    with tablet.tablet.vault.session() as session:
        row = session.exec(select(PassedLogRow)).one()
    return row.origin, row.successor, row.again


def test_five_tablets_find_their_way_after_the_server_was_lost_and_restored(
    running: Running, tmp_path: Path, shop: Path, typesetter: Typesetter
) -> None:
    """Ahead of the backup, just at it, behind it, revoked after it, enrolled after it."""
    names = ("YX-T07", "YX-T08", "YX-T09", "YX-T10")
    tablets = {name: running.tablet(name, shop, typesetter) for name in names}
    ahead, _, behind, revoked = tablets.values()
    for one in tablets.values():
        one.open()
        until_calm(one, 2)
    copy, safe = tmp_path / "copy", tmp_path / "safe"
    running.run("backup", str(copy))
    ahead.photo(ahead.opened_and_notified())
    until_calm(ahead, 3)
    kept_here = behind.open()
    later = tablets["YX-T11"] = running.tablet("YX-T11", shop, typesetter)
    later.opened_and_notified()  # no photo: it would be the other one's, byte for byte
    until_calm(later, 3)
    running.stop()
    running.run("revoke-device", "YX-T10", "--reason", "停用")
    running.start()
    revoked.open()
    until_calm(revoked, 2)
    assert revoked.tablet.sync.status().halted == "revoked_device"
    assert set(ahead.stages()) == set(later.stages()) == {Stage.STORED}
    running.kill()
    shutil.move(running.folder / "root", safe)
    shutil.rmtree(running.folder)

    said = running.run("restore", str(copy), "--root", str(safe), "--why", "磁盘损坏")
    assert SECOND in said
    running.origin = SECOND
    export = later.tablet.exporter.write(tmp_path, Scope.ALL)
    assert "YX-T11" in running.run("readmit", str(export))
    running.run("revoke-device", "YX-T10", "--reason", "停用")
    running.start()
    for name in ("YX-T07", "YX-T08", "YX-T09", "YX-T11"):
        both_halves_match(running, tablets[name], name)
    sent_again = {name: passed(tablets[name])[2] for name in ("YX-T07", "YX-T08", "YX-T09")}
    assert sent_again["YX-T07"] > 0 == sent_again["YX-T08"] == sent_again["YX-T09"]
    assert passed(ahead)[:2] == (ORIGIN, SECOND)
    with later.tablet.vault.session() as session:
        assert set(session.exec(select(ReceiptRow.verdict)).all()) == {int(Verdict.ACCEPTED)}
    with behind.tablet.vault.session() as session:
        assert session.exec(select(ReceiptRow.link_hash)).all()
    assert kept_here.case
    assert len(behind.stages()) == 2
    had = revoked.stages()
    until_calm(revoked, 2)
    assert revoked.tablet.sync.status().halted == "revoked_device"
    assert revoked.stages() == had
    assert had[-1].rank < Stage.RECEIPTED.rank
    for one in tablets.values():
        one.tablet.close()


# ── the folder ───────────────────────────────────────────────────────────────────────────


def asked(county: County, copy: Path, **changes: object) -> Restore:
    return Restore(copy, county.folder.parent / "safe", **changes)  # type: ignore[arg-type]


@pytest.fixture
def copy(county: County, tmp_path: Path) -> Path:
    """A backup; the root key lies in its safe."""
    copy = tmp_path / "copy"
    backups.backup(county.settings, copy)
    shutil.move(county.folder / "root", tmp_path / "safe")
    return copy


def nothing(_: str) -> None:
    """What a command says, when nobody listens."""


def is_whole(county: County, origin: str = SECOND) -> None:
    county.origin = origin
    assert checking.fsck(county.settings, nothing, nothing) == 0
    with reading(county.settings, county.clock) as services:
        assert len(services.facts.successions()) == 1
        assert services.facts.reference(demo.AGENCY.id) is not None
    assert not (county.folder / "restoring").exists()


def test_a_living_folder_is_set_aside_only_when_that_is_asked_for(
    county: County, copy: Path
) -> None:
    """And never deleted: what stood there may be evidence."""
    before = (county.folder / "fujie.db").read_bytes()
    with pytest.raises(Refused, match="--replace"):
        restore(county.settings, county.clock, asked(county, copy), nothing)
    assert (county.folder / "fujie.db").read_bytes() == before
    assert not (county.folder / "restoring").exists()
    restore(county.settings, county.clock, asked(county, copy, replace=True), nothing)
    assert (county.folder / "replaced-1" / "fujie.db").read_bytes() == before
    assert (county.folder / "replaced-1" / "keys" / "log.key").exists()
    is_whole(county)
    again = restore(county.settings, county.clock, asked(county, copy, replace=True), nothing)
    assert again == SECOND
    assert not (county.folder / "replaced-2").exists()
    is_whole(county)


def test_a_backup_is_only_read(county: County, copy: Path) -> None:
    """It may lie on a medium that is write-protected, and serve once more."""
    held = {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}
    shutil.rmtree(county.folder)
    restore(county.settings, county.clock, asked(county, copy), nothing)
    assert {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()} == held
    is_whole(county)


class PowerCut(BaseException):
    """The machine stopped here."""


def cut_short(
    monkeypatch: pytest.MonkeyPatch, run: Callable[[], object], at: int | None = None
) -> list[str]:
    """Run until the step ``at`` of those that change a disk; the names of those there were."""
    steps: list[str] = []

    def counted(name: str, real: Callable[..., object]) -> Callable[..., object]:
        def step(*args: object, **more: object) -> object:
            steps.append(name)
            if len(steps) == at:
                raise PowerCut
            return real(*args, **more)

        return step

    with monkeypatch.context() as watched:
        for module, name in (
            (restoring, "copy_file"),
            (restoring, "write_durably"),
            (restoring, "_forget"),
            (rootmemory, "write_durably"),
            (keyring, "write_durably"),
            (sequencer, "sign_checkpoint"),
            (restoring.os, "replace"),
            (restoring.shutil, "rmtree"),
        ):
            watched.setattr(module, name, counted(name, getattr(module, name)))
        with contextlib.suppress(PowerCut, NotDurable):  # the writer's thread was the first
            run()
    return steps


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_power_cut_at_any_step_leaves_a_folder_in_which_the_same_command_goes_on(
    county: County, copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever lies there is not served meanwhile. Of all steps, some are drawn (SEED replays),
    and the last word of the writer is always among them: the successor's first reference data."""
    seed = int(os.environ.get("SEED") or random.randrange(1 << 32))
    before, safe = tmp_path / "before", tmp_path / "safe"
    shutil.copytree(county.folder, before)
    shutil.copytree(safe, tmp_path / "safe before")

    def run() -> None:
        restore(county.settings, county.clock, asked(county, copy, replace=True), nothing)

    steps = cut_short(monkeypatch, run)
    assert len(steps) > 20
    last = max(at for at, name in enumerate(steps, 1) if name == "sign_checkpoint")
    for at in sorted({last, *random.Random(seed).sample(range(1, len(steps) + 1), 5)}):
        for folder, fresh in ((county.folder, before), (safe, tmp_path / "safe before")):
            shutil.rmtree(folder)
            shutil.copytree(fresh, folder)
        county.origin = ORIGIN
        cut_short(monkeypatch, run, at)
        if (county.folder / "restoring" / "plan.json").exists():
            with pytest.raises(Refused, match="restore"):
                serving.run_demo(county.settings, nothing)
            with pytest.raises(Refused, match="restore"), writing(county.settings, county.clock):
                pass
        run()
        is_whole(county)
        kept = county.folder / "replaced-1" / "fujie.db"
        assert kept.read_bytes() == (before / "fujie.db").read_bytes(), f"SEED={seed}, step {at}"


def test_what_was_used_up_after_the_backup_does_not_come_to_life_again(
    county: County, tmp_path: Path
) -> None:
    """A one-time code that somebody used, a session that somebody ended."""
    database = Database(county.settings.database)
    with database.private() as session:
        session.add(
            EnrolCodeRow(
                code="7QF4-XK2M-9TRC-WH3D",
                agency=demo.AGENCY.id,
                purpose="device",
                subject="YX-T99",
                expires_at=1 << 50,
            )
        )
        session.add(
            SessionRow(
                token_hash=bytes(32), account="xuwen", form_token="", created_at=0, expires_at=9
            )
        )
    database.close()
    backups.backup(county.settings, tmp_path / "copy")
    shutil.move(county.folder / "root", tmp_path / "safe")
    shutil.rmtree(county.folder)
    restore(county.settings, county.clock, asked(county, tmp_path / "copy"), nothing)
    with Database(county.settings.database).reading() as session:
        assert session.exec(select(EnrolCodeRow)).all() == []
        assert session.exec(select(SessionRow)).all() == []


def lose_a_tree_row(copy: Path) -> None:
    with contextlib.closing(sqlite3.connect(copy / "fujie.db")) as database, database:
        database.execute('DELETE FROM tree WHERE level = 0 AND "first" <= 3')


def cut_the_database(copy: Path) -> None:
    path = copy / "fujie.db"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def change_a_key(name: str) -> Callable[[Path], None]:
    return lambda copy: (copy / "keys" / name).write_text("ab" * 32 + "\n") and None


@pytest.mark.parametrize(
    "harm",
    [
        lose_a_tree_row,
        cut_the_database,
        change_a_key("office.key"),
        change_a_key("log.key"),
        change_a_key(f"{demo.AGENCY.id}.issuer.key"),
        lambda copy: (copy / "fujie.db").unlink(),
        lambda copy: shutil.rmtree(copy / "keys"),
    ],
    ids=["a row", "half the database", "office key", "log key", "issuer key", "no db", "no keys"],
)
def test_a_backup_that_is_not_whole_is_refused_and_leaves_the_folder_as_it_was(
    county: County, copy: Path, harm: Callable[[Path], None]
) -> None:
    """The next best one is taken instead."""
    shutil.copytree(copy, county.folder.parent / "good")
    before = (county.folder / "fujie.db").read_bytes()
    harm(copy)
    with pytest.raises(FujieError):
        restore(county.settings, county.clock, asked(county, copy, replace=True), nothing)
    assert (county.folder / "fujie.db").read_bytes() == before
    assert not (county.folder / "restoring").exists()
    better = asked(county, county.folder.parent / "good", replace=True)
    restore(county.settings, county.clock, better, nothing)
    is_whole(county)


def test_a_successor_that_was_opened_elsewhere_is_not_opened_twice(
    county: County, copy: Path, tmp_path: Path
) -> None:
    """Tablets may follow that one already: its own newest backup is what to go on from."""
    restore(county.settings, county.clock, asked(county, copy, replace=True), nothing)
    other = Settings(tmp_path / "another machine")
    with pytest.raises(Refused, match="newest backup of"):
        restore(other, county.clock, asked(county, copy), nothing)
    county.origin = SECOND
    backups.backup(county.settings, tmp_path / "second")
    third = restore(other, county.clock, asked(county, tmp_path / "second"), nothing)
    assert third == f"{ORIGIN}-3"


def test_the_root_that_is_not_at_hand_is_fetched_and_the_same_command_goes_on(
    county: County, copy: Path, tmp_path: Path
) -> None:
    """The copy need not be made again."""
    shutil.move(tmp_path / "safe", tmp_path / "far away")
    shutil.rmtree(county.folder)
    with pytest.raises(FujieError, match=r"root\.key"):
        restore(county.settings, county.clock, asked(county, copy), nothing)
    assert (county.folder / "restoring" / "copy" / "fujie.db").exists()
    shutil.move(tmp_path / "far away", tmp_path / "safe")
    restore(county.settings, county.clock, asked(county, copy), nothing)
    is_whole(county)


# ── rolled back on purpose ───────────────────────────────────────────────────────────────


def put_back(county: Running, copy: Path) -> None:
    """By hand: the old database file in the place of the new one, and nothing else."""
    for name in ("fujie.db", "fujie.db-wal", "fujie.db-shm"):
        (county.folder / name).unlink(missing_ok=True)
    shutil.copyfile(copy / "fujie.db", county.folder / "fujie.db")


def grown_to(county: Running, note: str) -> str:
    """The head of as many entries as ``note`` has, that the log goes on to sign by and by."""
    with writing(county.settings, county.clock) as services:
        while services.sequencer.head.size < int(note.split("\n")[1]):
            services.publish_reference(demo.AGENCY.id)
        return services.sequencer.head.note.decode()


def test_a_database_put_back_by_hand_raises_an_alarm_that_supervisor_and_court_can_read(
    running: Running, tmp_path: Path, shop: Path, typesetter: Typesetter
) -> None:
    """Killed and rolled back: the tablet's alarm lasts, the supervisor's report says so, the
    evidence is one that anybody can check; ``restore`` is the way on, and nothing was lost."""
    tablet = running.tablet("YX-T07", shop, typesetter)
    tablet.open()
    until_calm(tablet, 2)
    copy = tmp_path / "copy"
    running.run("backup", str(copy))
    tablet.opened_and_notified()
    until_calm(tablet, 2)
    had = tablet.stages()
    running.run("trust", str(tmp_path / "trust.json"))
    running.kill()
    put_back(running, copy)
    running.start()
    alarmed(tablet)
    tablet.restart()
    until_calm(tablet, 1)
    assert tablet.tablet.sync.status().halted == "alarm"
    assert tablet.stages() == had
    report = running.report("YX-T07")
    assert report["complete"] is False
    codes = [one["code"] for one in report["findings"]]
    assert {"log_set_back", "receipts_lost"} <= set(codes)

    tablet.tablet.exporter.write(tmp_path, Scope.ALL)
    (evidence,) = tmp_path.glob("*-alarm-1.json")
    running.stop()
    lost = next(one for one in report["findings"] if one["code"] == "log_set_back")
    shown = next(one["value"] for one in lost["evidence"] if one["en"] == "the whole checkpoint")
    assert shown in json.loads(evidence.read_bytes())["evidence"]
    both = tmp_path / "both.json"
    both.write_text(json.dumps({"evidence": [shown, grown_to(running, shown)]}))
    judged = ["--evidence", str(both), "--trust", str(tmp_path / "trust.json")]
    assert verify.main(judged) == verify.HOLDS
    checkpoint = ("--checkpoint", str(evidence))
    said = running.run("restore", str(copy), "--replace", *checkpoint)
    assert "known to be lost" in said
    running.origin = SECOND
    running.start()
    both_halves_match(running, tablet)
    assert (running.folder / "replaced-1" / "fujie.db").exists()
    tablet.tablet.close()


def test_what_is_left_of_a_backup_that_was_refused_is_not_taken_for_another(
    county: County, copy: Path, tmp_path: Path
) -> None:
    """The power failed while it was cleared away: its database is none of the next one's."""
    left = county.folder / "restoring" / "copy"
    left.mkdir(parents=True)
    (left / "fujie.db").write_bytes(b"of a backup that was refused")
    restore(county.settings, county.clock, asked(county, copy, replace=True), nothing)
    is_whole(county)

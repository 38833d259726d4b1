"""What is PostgreSQL's alone: addresses, connections that end or never come, restores cut short."""

from __future__ import annotations

import os
import random
import shutil
import socket
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from protocol.errors import Refused
from protocol.messages import PushItem
from sync_server.clock import system_clock
from sync_server.services import writing
from sync_server.settings import BadSetting
from sync_server.store import copying, postgresql
from sync_server.store.db import Database
from sync_server.store.postgresql import Unreachable
from sync_server.upkeep import backup as backups
from sync_server.upkeep import placing, restoring
from sync_server.upkeep.restoring import Restore, restore
from tests.postgres import Cluster
from tests.sync_server.conftest import Server, tablet_of

STEPS = (
    (placing.Target, "set_aside"),
    (placing.Target, "place"),
    (copying, "_empty"),
    (copying, "_copy_table"),
    (restoring.os, "replace"),
)
"""What a restore does to the database, and to the folder beside it."""


class PowerCut(BaseException):
    """The machine stopped here."""


def test_a_restore_that_was_cut_at_any_step_goes_on(
    inspected_county: Path, tmp_path: Path, postgres: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rows that stood there are saved before they go, and the new ones are there whole or not
    at all; nobody writes until the same command has ended. Of all steps one is drawn (SEED
    replays); ``POWERCUTS=all`` tries each."""
    seed = int(os.environ.get("SEED") or random.randrange(1 << 32))
    steps = 0

    def cut_short(run: Callable[[], object], at: int) -> None:
        nonlocal steps
        steps = 0

        def counted(real: Callable[..., object]) -> Callable[..., object]:
            def step(*args: object, **more: object) -> object:
                nonlocal steps
                steps += 1
                if steps == at:
                    raise PowerCut
                return real(*args, **more)

            return step

        with suppress(PowerCut), monkeypatch.context() as watched:
            for owner, name in STEPS:
                watched.setattr(owner, name, counted(getattr(owner, name)))
            run()

    backups.backup(Server(inspected_county).settings, tmp_path / "backup")
    every = iter([0])
    tried: list[int] = []
    while (at := next(every, None)) is not None:
        folder = tmp_path / f"data{at}"
        shutil.copytree(inspected_county, folder, ignore=shutil.ignore_patterns("fujie.db*"))
        root = shutil.move(folder / "root", tmp_path / f"root{at}")
        server = Server(folder, database=postgres.copied(inspected_county / "fujie.db"))
        asked = Restore(tmp_path / "backup", Path(root), replace=True)

        def run(settings: object = server.settings, asked: Restore = asked) -> str:
            return restore(settings, system_clock(), asked, lambda _: None)  # type: ignore[arg-type]

        cut_short(run, at)
        if at == 0:
            places = range(1, steps + 1)
            drawn = random.Random(seed).sample(places, 1)
            every = iter(places if os.environ.get("POWERCUTS") == "all" else drawn)
        elif (folder / "restoring" / "plan.json").exists():
            with pytest.raises(Refused), writing(server.settings, system_clock()):
                pytest.fail("a server began")
        origin = run()
        server.settings = replace(server.settings, origin=origin)
        assert len(server.fsck()) == 1, f"SEED={seed}, step {at}"
        assert (folder / "replaced-1" / "fujie.db").is_file(), f"SEED={seed}, step {at}"
        postgres.drop(server.settings.database_url)
        tried.append(at)
    assert len(tried) > 1


def test_a_database_that_no_log_fits_into_is_named(postgres: Cluster) -> None:
    """Before anything is made in it; what is in the address is repeated nowhere."""
    with postgres.administering() as connection:
        connection.execute("CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1'")
    none = f"postgresql://fujie:secret@/none?host={postgres.folder}"
    for url, said in ((postgres.url("latin"), "LATIN1 and C; make one"), (none, "does not answer")):
        refused = pytest.raises(Unreachable, match=said)
        with closing(Database(url)) as database, refused as fault:
            database.migrate()
        assert "secret" not in str(fault.value)
    for address in ("mysql://fujie:secret@localhost/fujie", "fujie:secret@localhost", "postgresql"):
        with pytest.raises(BadSetting) as wrong:
            Database(address)
        assert "secret" not in str(wrong.value)


def test_the_lock_of_one_that_has_just_ended_is_waited_for(
    postgres: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL learns of an end a moment later; of one that goes on writing it never does."""
    url = postgres.url("postgres")
    with closing(Database(url)) as ending, closing(Database(url)) as starting:
        held = ending.holding()
        assert held.__enter__()
        looked, rest = list[float](), time.sleep

        def look(seconds: float) -> None:
            looked.append(seconds)
            if len(looked) == 3:
                held.__exit__(None, None, None)
            rest(seconds)

        monkeypatch.setattr(time, "sleep", look)
        with starting.holding() as taken:
            assert taken
            assert len(looked) >= 3
            monkeypatch.setattr(postgresql, "_LET_GO_S", 0.1)
            with ending.holding() as too:
                assert not too


def test_a_database_that_never_answers_is_not_waited_for_without_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A machine that takes the connection and is silent; the address may say how long."""
    monkeypatch.setattr(postgresql, "CONNECT_S", 2)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"postgresql://fujie@127.0.0.1:{silent.getsockname()[1]}/fujie"
        refused = pytest.raises(Unreachable, match="does not answer")
        with closing(Database(url)) as database, refused:
            database.migrate()


def test_a_server_outlives_its_database_and_its_own_end(
    enrolled_county: Path, postgres: Cluster, tmp_path: Path
) -> None:
    """Connections that were cut are made anew; what was acknowledged before SIGKILL is there, and
    the next start goes on."""
    folder = tmp_path / "data"
    shutil.copytree(enrolled_county, folder, ignore=shutil.ignore_patterns("fujie.db*"))
    server = Server(folder, in_process=True, database=postgres.copied(enrolled_county / "fujie.db"))
    server.start()
    try:
        tablet = tablet_of(server)
        items: list[PushItem] = tablet.links(tablet.world.inspection())
        tablet.push(items[:10])
        postgres.cut(server.settings.database_url)
        tablet.push(items[10:20])
        server.kill()
        postgres.cut(server.settings.database_url)  # the killed one's, which it may take for alive
        server.start()
        answer = tablet.push(items)
        assert [one.index for one in answer.admitted] == sorted({o.index for o in answer.admitted})
        assert len(answer.admitted) == len(items)
    finally:
        server.stop()
    assert len(server.fsck()) == 1

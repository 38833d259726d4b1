"""What guessing a person's password costs is kept with what it protects."""

from __future__ import annotations

import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from protocol.keys import Ed25519Signer
from sync_server.clock import system_clock
from sync_server.keys import staffkeys
from sync_server.keys.accounts import Accounts
from sync_server.keys.staffkeys import COSTS, INTERACTIVE, Cost
from sync_server.settings import ARGON2, BadSetting, Settings, read_settings
from sync_server.store.db import Database
from sync_server.store.tables import StaffKeyRow

CHEAPEST = COSTS["cheapest"]
DEARER = Cost(2, 16384)


@pytest.fixture
def db(tmp_path: Path) -> Database:
    database = Database(Settings(tmp_path).database)
    database.migrate()
    return database


def test_a_key_opens_after_the_office_asks_for_a_higher_cost(db: Database) -> None:
    """The old key by its own cost; the next password takes the new one, for the key and the
    sign-in alike, and it is the same key."""
    with db.private() as session:
        key = staffkeys.add_account(session, "a", "xuwen", "徐闻", "handler", "old", CHEAPEST)
    accounts = Accounts(db, system_clock(), DEARER)
    assert accounts.signer("xuwen", "old")[1].verifier == key.verifier
    accounts.change_password("xuwen", "old", "new")
    assert accounts.signer("xuwen", "new")[1].verifier == key.verifier
    with db.reading() as session:
        row = session.get(StaffKeyRow, "xuwen")
    assert row is not None
    assert (row.passes, row.memory) == (DEARER.passes, DEARER.memory)


def test_one_key_is_opened_at_a_time(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many sign at once, one Argon2id takes memory."""
    with db.private() as session:
        staffkeys.add_account(session, "a", "xuwen", "徐闻", "handler", "old", CHEAPEST)
    accounts = Accounts(db, system_clock(), CHEAPEST)
    open_key, under_way, most = staffkeys.open_key, [0], [0]

    def counted(row: StaffKeyRow, password: str) -> Ed25519Signer:
        under_way[0] += 1
        most[0] = max(most[0], under_way[0])
        time.sleep(0.01)
        under_way[0] -= 1
        return open_key(row, password)

    monkeypatch.setattr(staffkeys, "open_key", counted)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(accounts.signer, ["xuwen"] * 8, ["old"] * 8))
    assert most == [1]


def test_a_key_at_another_cost_than_its_own_stays_shut() -> None:
    """The cost is part of what makes the key."""
    row = staffkeys.wrap_key("xuwen", "old", secrets.token_bytes(32), CHEAPEST)
    row.memory *= 2
    with pytest.raises(staffkeys.WrongPassword):
        staffkeys.open_key(row, "old")


def test_a_sign_in_string_names_its_cost() -> None:
    """Argon2's own way to write it: version, memory in KiB, passes."""
    assert staffkeys.hash_password("x", DEARER).startswith("$argon2id$v=19$m=16,t=2,p=1$")


def test_an_office_that_names_no_cost_gets_the_interactive_one() -> None:
    """And each that it may name is one that keys are made with."""
    assert COSTS[read_settings({}).argon2] is INTERACTIVE
    assert COSTS.keys() == set(ARGON2)
    assert read_settings({"FUJIE_ARGON2": "moderate"}).argon2 == "moderate"
    with pytest.raises(BadSetting, match="FUJIE_ARGON2"):
        read_settings({"FUJIE_ARGON2": "none"})

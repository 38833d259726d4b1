"""fsck over either database: how it reads, and what a hostile tablet cannot make it say."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import event

from protocol import envelope
from protocol.chain import NO_CASE
from protocol.checkpoint import VerifierKey
from protocol.envelope import STATEMENT_TYPE
from protocol.messages import PushItem
from sync_server.clock import system_clock
from sync_server.services import reading
from sync_server.upkeep import fsck
from tests.sync_server.conftest import BOTH, Server, tablet_of

STORES = BOTH


def test_a_character_that_a_database_cannot_keep_is_no_difference(
    enrolled_county: Path, copy_server: Callable[..., Server]
) -> None:
    """A tablet that writes one into a kind, an agency and a file's type is in the log, and nobody
    is told of a damaged store."""
    server = copy_server(enrolled_county)
    server.start()
    tablet = tablet_of(server)
    world = tablet.world
    photo = {"sha256": "5a" * 32, "size": 3, "media_type": "image/\0png"}
    items = []
    for kind in ("odd\0one", "odd\u2400one"):  # one database keeps the two as the same
        said = world.said() | {"kind": kind, "agency": "云\0溪", "photo": photo}
        signed = envelope.sign(STATEMENT_TYPE, json.dumps(said).encode(), [world.shen.signer])
        link = world.link(envelope.record_hash(signed), NO_CASE, world.device)
        items.append(PushItem(link=link.encode(), statement=envelope.encode(signed)))
    tablet.push(items)
    (summary,) = server.fsck()
    assert summary.endswith("hold")


def test_rows_are_read_some_at_a_time(
    inspected_county: Path,
    copy_server: Callable[..., Server],
    store: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """PostgreSQL's driver would fetch a table whole, and hold every envelope of the log."""
    settings = copy_server(inspected_county).settings
    monkeypatch.setattr(fsck, "WINDOW", 8)
    fetched: dict[str, int] = {}

    def executed(_: Any, cursor: Any, statement: str, *__: Any) -> None:
        table = " ".join(statement.split()).partition(" FROM ")[2].partition(" ")[0]
        rows = cursor.rowcount if isinstance(cursor, psycopg.Cursor) else 0
        fetched[table] = max(rows, fetched.get(table, 0))

    with reading(settings, system_clock()) as services:
        event.listen(services.db.engine, "after_cursor_execute", executed)
        with services.db.engine.begin() as connection:
            key = VerifierKey.parse(services.log_key)
            run = fsck.Fsck(connection, services.blobs, [key])
            assert list(run.run()) == []
    assert run.size > 8
    assert all(fetched[table] <= 8 for table in ("stretch", "stretch_kind", "blob"))

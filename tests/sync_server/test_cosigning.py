"""The server asks its log's witnesses, and hands out what they have seen."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from protocol.checkpoint import VerifierKey, open_checkpoint, open_note
from protocol.credential import open_issuer
from protocol.errors import Unwitnessed
from protocol.keys import ED25519, Verifier
from protocol.receipt import Receipt, verify_receipt
from protocol.reference import Parameters, open_reference
from protocol.witness import Policy
from sync_server.clock import system_clock
from sync_server.log import cosigner
from sync_server.log.cosigning import read_watch
from sync_server.reports import integrity
from sync_server.services import reading, writing
from sync_server.settings import ORIGIN, BadSetting, Settings
from tests.sync_server import rotting
from tests.sync_server.conftest import Server, tablet_of
from tests.sync_server.witnesses import RunningWitness, settings_file


@pytest.fixture
def folder(enrolled_county: Path, tmp_path: Path) -> Path:
    """A copy of the county with its tablet."""
    copy = tmp_path / "data"
    shutil.copytree(enrolled_county, copy)
    return copy


@pytest.fixture
def make_witness(folder: Path, tmp_path: Path) -> Iterator[Callable[[str], RunningWitness]]:
    """Make a witness of the county's log; it is not started yet."""
    made: list[RunningWitness] = []
    with writing(Settings(folder), system_clock()) as services:
        keys = services.log_keys

    def make(name: str, place: str = "") -> RunningWitness:
        witness = RunningWitness(tmp_path / (place or name.replace("/", "-")), name, ORIGIN, keys)
        made.append(witness)
        return witness

    yield make
    for witness in made:
        witness.stop()


@pytest.fixture
def serve(folder: Path, tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Start the county's server with these witnesses."""
    started: list[Server] = []

    def start(witnesses: list[RunningWitness], quorum: int) -> Server:
        server = Server(folder)
        path = settings_file(tmp_path / "witnesses.json", witnesses, quorum)
        server.settings = replace(server.settings, witnesses=path)
        server.start()
        started.append(server)
        return server

    yield start
    for server in started:
        server.stop()


def key_of(server: Server) -> VerifierKey:
    return VerifierKey.parse(httpx.get(f"{server.url}/log/key", trust_env=False).text.strip())


def published(server: Server, policy: Policy, most_s: float = 20) -> bytes:
    """The published head, once it satisfies ``policy``."""
    until = time.monotonic() + most_s
    while True:
        note = httpx.get(f"{server.url}/log/checkpoint", trust_env=False).content
        try:
            open_checkpoint(note, [key_of(server)], ORIGIN, policy)
            return note
        except Unwitnessed:
            assert time.monotonic() < until, note.decode()
            time.sleep(0.02)


def test_a_published_head_bears_the_witnesses_lines(
    make_witness: Callable[[str], RunningWitness], serve: Callable[..., Server]
) -> None:
    first, second = make_witness("w1.example"), make_witness("w2.example")
    first.start()
    second.start()
    server = serve([first, second], 0)
    both = Policy((first.key, second.key), 2)
    note = published(server, both)
    tablet = tablet_of(server)
    case = tablet.world.inspection()
    tablet.push(tablet.links(case))
    later = published(server, both)
    assert open_note(later, [key_of(server)]).text != open_note(note, [key_of(server)]).text


def test_with_a_quorum_receipts_stand_under_a_witnessed_head(
    make_witness: Callable[[str], RunningWitness], serve: Callable[..., Server]
) -> None:
    witness = make_witness("w1.example")
    witness.start()
    server = serve([witness], 1)
    policy = Policy((witness.key,), 1)
    tablet = tablet_of(server)
    case = tablet.world.inspection()
    links = tablet.links(case)
    answer = tablet.push(links)
    log = key_of(server)
    for made in answer.admitted:
        receipt = Receipt(made.entry, made.index, tuple(made.proof), answer.checkpoint)
        entry = receipt.entry
        verify_receipt(receipt, entry.link_hash, entry.record_hash, [log], ORIGIN, policy)
    published(server, policy)
    pulled, _ = tablet.pull()
    assert pulled.records
    for one in pulled.records:
        receipt = Receipt.decode(one.receipt)
        open_checkpoint(receipt.checkpoint_bytes, [log], ORIGIN, policy)


def test_without_its_witness_a_push_is_admitted_and_unwitnessed(
    make_witness: Callable[[str], RunningWitness],
    serve: Callable[..., Server],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sync_server.devices.exchange.WITNESSES_MS", 50)
    monkeypatch.setattr(cosigner, "LONGEST_S", 0.5)
    witness = make_witness("w1.example")
    server = serve([witness], 1)
    policy = Policy((witness.key,), 1)
    tablet = tablet_of(server)
    case = tablet.world.inspection()
    answer = tablet.push(tablet.links(case))
    assert answer.admitted
    with pytest.raises(Unwitnessed):
        open_checkpoint(answer.checkpoint, [key_of(server)], ORIGIN, policy)
    assert tablet.pull()[0].records == []
    witness.start()
    published(server, policy)
    again = tablet.push(tablet.links(case))
    open_checkpoint(again.checkpoint, [key_of(server)], ORIGIN, policy)
    assert [one.index for one in again.admitted] == [one.index for one in answer.admitted]


def test_a_witness_that_changes_its_key_is_not_two(
    make_witness: Callable[..., RunningWitness],
    serve: Callable[..., Server],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sync_server.devices.exchange.WITNESSES_MS", 50)
    monkeypatch.setattr(cosigner, "LONGEST_S", 0.5)
    old, new = make_witness("w1.example"), make_witness("w1.example", "newer")
    old.start()
    new.start()
    other = make_witness("w2.example")
    server = serve([old, new, other], 2)
    tablet = tablet_of(server)
    tablet.push(tablet.links(tablet.world.inspection()))
    until = time.monotonic() + 20
    with reading(server.settings, system_clock()) as services:
        while not all(services.cosigned.asked(one.key) for one in (old, new)):
            assert time.monotonic() < until
            time.sleep(0.02)
        assert services.cosigned.times() == []
    assert tablet.pull()[0].records == []
    other.start()
    published(server, Policy((old.key, new.key, other.key), 2))
    assert tablet.pull()[0].records


def test_cosignatures_survive_a_restart_of_the_server(
    make_witness: Callable[[str], RunningWitness], serve: Callable[..., Server]
) -> None:
    witness = make_witness("w1.example")
    witness.start()
    server = serve([witness], 1)
    policy = Policy((witness.key,), 1)
    note = published(server, policy)
    witness.stop()
    server.stop()
    server.start()
    assert published(server, policy) == note


def test_the_first_pull_after_a_restart_waits_for_the_witness(
    make_witness: Callable[[str], RunningWitness], serve: Callable[..., Server]
) -> None:
    """What was stated while no witness was there reaches the tablet with the first contact in
    which there is one: a page that ends at the last witnessed head would bring nothing."""
    witness = make_witness("w1.example")
    witness.start()
    server = serve([witness], 1)
    tablet = tablet_of(server)
    case = tablet.world.inspection()
    tablet.push(tablet.links(case))
    cursor = tablet.pull()[0].cursor
    witness.stop()
    tablet.upload(next(data for data in case.blobs.values() if data))
    assert tablet.pull(cursor)[0].records == []
    server.stop()
    witness.start()
    server.start()
    _, told = tablet.pull(cursor)
    assert [type(one).__name__ for one in told] == ["BlobStored"]


def test_a_quorum_reaches_the_reference_data(
    make_witness: Callable[[str], RunningWitness], serve: Callable[..., Server]
) -> None:
    witness = make_witness("w1.example")
    witness.start()
    server = serve([witness], 1)
    tablet = tablet_of(server)
    tablet.push(tablet.links(tablet.world.inspection()))
    assert tablet.admitted is not None
    issuer = open_issuer(tablet.admitted.issuer, Verifier(ED25519, tablet.admitted.root_key))
    bundle = tablet.get("/v1/reference", "have=0").content
    reference = open_reference(bundle, issuer.verifier, 0)
    assert reference.witnesses == [witness.key.text()]
    assert reference.witness_quorum == 1
    assert reference.log_keys == [key_of(server).text()]


def test_a_log_that_was_put_back_gets_no_cosignature(
    make_witness: Callable[[str], RunningWitness],
    serve: Callable[..., Server],
    folder: Path,
    tmp_path: Path,
) -> None:
    """A witness remembers what an old backup does not know; its size is told, nothing cosigned."""
    old = tmp_path / "old"
    shutil.copytree(folder, old)
    witness = make_witness("w1.example")
    witness.start()
    server = serve([witness], 1)
    policy = Policy((witness.key,), 1)
    tablet = tablet_of(server)
    tablet.push(tablet.links(tablet.world.inspection()))
    published(server, policy)
    server.stop()
    assert witness.witness is not None
    remembered = witness.witness.sizes()
    shutil.rmtree(folder)
    shutil.copytree(old, folder)
    server = serve([witness], 1)
    note = httpx.get(f"{server.url}/log/checkpoint", trust_env=False).content
    time.sleep(0.3)
    with pytest.raises(Unwitnessed):
        open_checkpoint(note, [key_of(server)], ORIGIN, policy)
    assert witness.witness.sizes() == remembered


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"witnesses": [], "quorum": 1}',
        '{"witnesses": [{"url": "w1", "key": "w1"}]}',
        '{"witnesses": [], "more": 1}',
    ],
)
def test_a_wrong_list_of_witnesses_stops_the_start(tmp_path: Path, text: str) -> None:
    path = tmp_path / "witnesses.json"
    path.write_text(text)
    with pytest.raises(BadSetting):
        read_watch(path)


def test_a_gap_says_by_when_witnesses_had_seen_its_entry(
    make_witness: Callable[[str], RunningWitness], serve: Callable[..., Server]
) -> None:
    """The log's own time is its own word; a cosignature's is somebody else's."""
    witness = make_witness("w1.example")
    witness.start()
    server = serve([witness], 1)
    tablet = tablet_of(server)
    answer = tablet.push(tablet.links(tablet.world.inspection()))
    published(server, Policy((witness.key,), 1))
    server.stop()
    index = answer.admitted[-1].index
    rotting.alter(server, index, link=None)
    with reading(server.settings, system_clock()) as services:
        known = services.facts.registry.device_named("YX-T07")
        assert known is not None
        made = integrity.report(services, known, Parameters())
    told = {one.en: one.value for finding in made.findings for one in finding.evidence}
    assert "seen by witnesses by" in told


def test_fsck_finds_a_line_that_no_witness_signed(
    make_witness: Callable[[str], RunningWitness], serve: Callable[..., Server]
) -> None:
    witness = make_witness("w1.example")
    witness.start()
    server = serve([witness], 1)
    published(server, Policy((witness.key,), 1))
    server.stop()
    assert len(server.fsck()) == 1
    server.sql("UPDATE cosignature SET size = size - 1")
    found = [line for line in server.fsck() if line.startswith("cosignatures: ")]
    assert found


def test_the_first_head_over_an_entry_says_by_when_it_was_seen(
    make_witness: Callable[[str], RunningWitness], serve: Callable[..., Server]
) -> None:
    witness = make_witness("w1.example")
    witness.start()
    server = serve([witness], 1)
    policy = Policy((witness.key,), 1)
    before = open_checkpoint(published(server, policy), [key_of(server)], ORIGIN).size
    tablet = tablet_of(server)
    tablet.push(tablet.links(tablet.world.inspection()))
    published(server, policy)
    server.stop()
    with reading(server.settings, system_clock()) as services:
        times = services.cosigned.times()
        assert services.cosigned.seen_by(before - 1) == times[0][1]
        assert services.cosigned.seen_by(before) == times[1][1]
        assert services.cosigned.seen_by(times[-1][0]) is None

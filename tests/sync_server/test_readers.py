"""Processes that read pushes: the same is read wherever it is done, and none that dies takes a
push with it."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import zstandard

from protocol import envelope, messages
from protocol.errors import Malformed, Unverified
from protocol.keys import Verifier
from protocol.messages import Push, PushItem
from protocol.registry.registry import Registry
from sync_server.log import readers
from sync_server.log.inventory import read_inventory
from sync_server.log.reader import BEHIND, Told, read
from tests.sync_server.tablet import Tablet
from tests.worlds import World

DEVICE = World().device.signer.verifier
INVENTORY = Tablet("http://127.0.0.1", World()).inventory()


@pytest.fixture(scope="module")
def registry() -> Registry:
    """One that knows the cast."""
    world = World()
    keys = [one.signer.verifier for one in (world.shen, world.lu, world.device)]
    return Registry(version=7, keys={key.key_id: key for key in keys})


@pytest.fixture(scope="module")
def body() -> bytes:
    """A packed push of everything: good records, none, no envelope, another's, no link."""
    case = World().inspection()
    good = [
        PushItem(link=one.link.encode(), statement=envelope.encode(one.envelope))
        for one in case.records
    ]
    bad = [
        PushItem(link=good[0].link),
        PushItem(link=good[0].link, statement=b"\xc1"),
        PushItem(link=good[0].link, statement=good[1].statement),
        PushItem(link=b"none"),
    ]
    push = Push(inventory=INVENTORY, items=[*good, *bad], seen=3, runs=True)
    return zstandard.compress(messages.encode(push))


@pytest.fixture
def crowd(registry: Registry, body: bytes) -> Iterator[readers.Readers]:
    """Readers whose process stands, as after two pushes at once; and with somebody always reading
    beside it, so that another one is started where it ends."""
    made = readers.Readers(1, patience_s=2)
    made._here = 1
    stands(made, registry, body)
    yield made
    made.close()


def stands(made: readers.Readers, registry: Registry, body: bytes) -> None:
    """Push until a process has read one."""
    while not any(process.has_read for process in made._all):
        made.read(body, "zstd", registry, DEVICE)


def test_a_process_reads_what_a_thread_reads(
    crowd: readers.Readers, registry: Registry, body: bytes
) -> None:
    """With the keys that the registry has then: those told before, later ones, and none gone."""
    here = read(body, "zstd", registry, DEVICE)
    assert len({type(item) for item in here.push.items}) == 2
    assert crowd.read(body, "zstd", registry, DEVICE) == here
    (beside,) = crowd._all
    assert beside.read(body, "zstd", registry, DEVICE.key_id) == here
    assert len(crowd.processes) == 1
    # It gives way to the writer and to the answers, however much there is to be read.
    (process,) = crowd.processes
    assert os.getpriority(os.PRIO_PROCESS, process) == min(
        19, os.getpriority(os.PRIO_PROCESS, 0) + BEHIND
    )
    key = next(iter(registry.keys))
    fewer = replace(registry, version=8, keys=_without(registry, key))
    assert crowd.read(body, "zstd", fewer, DEVICE) == read(body, "zstd", fewer, DEVICE) != here
    assert crowd.read(body, "zstd", registry, DEVICE) == here


def _without(registry: Registry, key: bytes) -> dict[bytes, Verifier]:
    return {at: one for at, one in registry.keys.items() if at != key}


def test_what_cannot_be_read_is_said_as_ever(crowd: readers.Readers, registry: Registry) -> None:
    """By name, whoever tried first; and the process reads on."""
    for data, encoding in ((b"\xc1", ""), (b"cut", "zstd"), (b"", "gzip")):
        with pytest.raises(Malformed) as told:
            crowd.read(data, encoding, registry, DEVICE)
        with pytest.raises(Malformed) as ours:
            read(data, encoding, registry, DEVICE)
        assert str(told.value) == str(ours.value)
    assert len(crowd.processes) == 1


def test_an_inventory_is_its_devices_wherever_it_is_read(
    crowd: readers.Readers, registry: Registry, body: bytes
) -> None:
    """Another's key did not sign it, also where the log vouches for both; and a device whose key
    the process was not told is read all the same."""
    another = next(key for at, key in registry.keys.items() if at != DEVICE.key_id)
    with pytest.raises(Unverified):
        crowd.read(body, "zstd", registry, another)
    unknown = replace(registry, version=8, keys=_without(registry, DEVICE.key_id))
    assert crowd.read(body, "zstd", unknown, DEVICE).said == read_inventory(INVENTORY, DEVICE)
    assert len(crowd.processes) == 1


@pytest.mark.parametrize("ends", [signal.SIGKILL, signal.SIGSTOP])
def test_a_process_that_dies_or_hangs_takes_no_push_with_it(
    crowd: readers.Readers, registry: Registry, body: bytes, ends: signal.Signals
) -> None:
    """The push is read all the same, and another process stands for later ones."""
    expected = crowd.read(body, "zstd", registry, DEVICE)
    (first,) = crowd.processes
    os.kill(first, ends)
    assert crowd.read(body, "zstd", registry, DEVICE) == expected
    assert crowd.processes == []
    stands(crowd, registry, body)
    (second,) = crowd.processes
    assert second != first
    assert crowd.read(body, "zstd", registry, DEVICE) == expected


def test_what_ends_a_service_ends_no_process_before_the_server(
    crowd: readers.Readers, registry: Registry, body: bytes
) -> None:
    """It reads on, for pushes under way, until the server needs no more; then none is left, and
    who comes still is read by himself."""
    (process,) = crowd.processes
    for ends in (signal.SIGTERM, signal.SIGINT):
        os.kill(process, ends)
    expected = crowd.read(body, "zstd", registry, DEVICE)
    assert crowd.processes == [process]
    crowd.close()
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
    assert crowd.read(body, "zstd", registry, DEVICE) == expected


def test_where_no_process_can_be_made_threads_read(
    registry: Registry, body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """None starts, or each ends before it reads anything: pushes are read all the same, and not
    each of them tries another process."""
    expected = read(body, "zstd", registry, DEVICE)
    for program in ("/nowhere/python", "/bin/false"):
        made = readers.Readers(4)
        made._here = 1
        with monkeypatch.context() as patch:
            patch.setattr(sys, "executable", program)
            while not made._rests_until:
                assert made.read(body, "zstd", registry, DEVICE) == expected
        assert made.read(body, "zstd", registry, DEVICE) == expected
        assert made.processes == []
        made.close()


def test_processes_are_started_by_a_crowd_alone(registry: Registry, body: bytes) -> None:
    """One push after the other is read by who asks; with none allowed, all are. When the server
    ends, no process is left."""
    made, alone = readers.Readers(2), readers.Readers(0)
    assert made.read(body, "zstd", registry, DEVICE) == made.read(body, "zstd", registry, DEVICE)
    assert made.processes == []

    def at_once(some: readers.Readers) -> list[Told]:
        with ThreadPoolExecutor(4) as pool:
            return list(pool.map(lambda _: some.read(body, "zstd", registry, DEVICE), range(4)))

    while len(made.processes) < 2:
        assert len({repr(one) for one in at_once(made)}) == 1
    assert at_once(alone) == at_once(made)
    assert (len(made.processes), alone.processes) == (2, [])
    ended = made.processes
    made.close()
    for process in ended:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)

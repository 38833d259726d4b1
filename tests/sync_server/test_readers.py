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
from protocol.errors import Malformed
from protocol.keys import Verifier
from protocol.messages import Push, PushItem
from protocol.registry.registry import Registry
from sync_server.log import readers
from sync_server.log.reader import BEHIND
from sync_server.log.reading import Opened, opened
from tests.worlds import World


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
    push = Push(inventory=b"held", items=[*good, *bad], seen=3, runs=True)
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
        made.read(body, "zstd", registry)


def test_a_process_reads_what_a_thread_reads(
    crowd: readers.Readers, registry: Registry, body: bytes
) -> None:
    """With the keys that the registry has then: those told before, later ones, and none gone."""
    here = opened(body, "zstd", registry)
    assert len({type(item) for item in here.items}) == 2
    assert crowd.read(body, "zstd", registry) == here
    assert len(crowd.processes) == 1
    # It gives way to the writer and to the answers, however much there is to be read.
    (process,) = crowd.processes
    assert os.getpriority(os.PRIO_PROCESS, process) == min(
        19, os.getpriority(os.PRIO_PROCESS, 0) + BEHIND
    )
    key = next(iter(registry.keys))
    fewer = replace(registry, version=8, keys=_without(registry, key))
    assert crowd.read(body, "zstd", fewer) == opened(body, "zstd", fewer) != here
    assert crowd.read(body, "zstd", registry) == here


def _without(registry: Registry, key: bytes) -> dict[bytes, Verifier]:
    return {at: one for at, one in registry.keys.items() if at != key}


def test_what_cannot_be_read_is_said_as_ever(crowd: readers.Readers, registry: Registry) -> None:
    """By name, whoever tried first; and the process reads on."""
    for data, encoding in ((b"\xc1", ""), (b"cut", "zstd"), (b"", "gzip")):
        with pytest.raises(Malformed) as told:
            crowd.read(data, encoding, registry)
        with pytest.raises(Malformed) as ours:
            opened(data, encoding, registry)
        assert str(told.value) == str(ours.value)
    assert len(crowd.processes) == 1


@pytest.mark.parametrize("ends", [signal.SIGKILL, signal.SIGSTOP])
def test_a_process_that_dies_or_hangs_takes_no_push_with_it(
    crowd: readers.Readers, registry: Registry, body: bytes, ends: signal.Signals
) -> None:
    """The push is read all the same, and another process stands for later ones."""
    expected = crowd.read(body, "zstd", registry)
    (first,) = crowd.processes
    os.kill(first, ends)
    assert crowd.read(body, "zstd", registry) == expected
    assert crowd.processes == []
    stands(crowd, registry, body)
    (second,) = crowd.processes
    assert second != first
    assert crowd.read(body, "zstd", registry) == expected


def test_what_ends_a_service_ends_no_process_before_the_server(
    crowd: readers.Readers, registry: Registry, body: bytes
) -> None:
    """It reads on, for pushes under way, until the server needs no more; then none is left, and
    who comes still is read by himself."""
    (process,) = crowd.processes
    for ends in (signal.SIGTERM, signal.SIGINT):
        os.kill(process, ends)
    expected = crowd.read(body, "zstd", registry)
    assert crowd.processes == [process]
    crowd.close()
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
    assert crowd.read(body, "zstd", registry) == expected


def test_where_no_process_can_be_made_threads_read(
    registry: Registry, body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """None starts, or each ends before it reads anything: pushes are read all the same, and not
    each of them tries another process."""
    expected = opened(body, "zstd", registry)
    for program in ("/nowhere/python", "/bin/false"):
        made = readers.Readers(4)
        made._here = 1
        with monkeypatch.context() as patch:
            patch.setattr(sys, "executable", program)
            while not made._rests_until:
                assert made.read(body, "zstd", registry) == expected
        assert made.read(body, "zstd", registry) == expected
        assert made.processes == []
        made.close()


def test_processes_are_started_by_a_crowd_alone(registry: Registry, body: bytes) -> None:
    """One push after the other is read by who asks; with none allowed, all are. When the server
    ends, no process is left."""
    made, alone = readers.Readers(2), readers.Readers(0)
    assert made.read(body, "zstd", registry) == made.read(body, "zstd", registry)
    assert made.processes == []

    def at_once(some: readers.Readers) -> list[Opened]:
        with ThreadPoolExecutor(4) as pool:
            return list(pool.map(lambda _: some.read(body, "zstd", registry), range(4)))

    while len(made.processes) < 2:
        assert len({repr(one) for one in at_once(made)}) == 1
    assert at_once(alone) == at_once(made)
    assert (len(made.processes), alone.processes) == (2, [])
    ended = made.processes
    made.close()
    for process in ended:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)

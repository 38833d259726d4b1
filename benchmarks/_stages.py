"""Where the CPU of a pushed record goes, stage by stage, with no HTTP and no other thread.

Pushes are read, handed over as by a process of its own, admitted four to a commit by the writer
itself and answered; each stage's CPU is added up where its function is called. So the figures are
those of the server's own code in quiet; what a server takes beyond them is HTTP, the requests' and
the answers' signatures, threads that wait for one another, and caches that others have filled.

    stages(Settings(folder), [b"POST /v1/push …", …], 2)["verify"]  →  microseconds a record
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from benchmarks._load import END
from protocol import messages
from protocol.messages import Push
from sync_server.clock import system_clock
from sync_server.devices import exchange
from sync_server.log import lookup, nodes, reader, readers, reading, rows, sequencer
from sync_server.log.inventory import read_inventory
from sync_server.log.push import PushJob
from sync_server.log.reader import Told
from sync_server.log.tree import Tree
from sync_server.services import Services, writing
from sync_server.settings import Settings

GROUP = 4
"""Pushes to a commit, as of eight tablets of which four wait while four are read."""

WRITER: dict[str, tuple[Any, str]] = {
    "admit": (PushJob, "run"),
    "rows": (rows.Rows, "write"),
    "tree_hashes": (Tree, "extend"),
    "tree_rows": (nodes, "write"),
    "lookup": (lookup, "write"),
    "checkpoint": (sequencer, "sign_checkpoint"),
}
"""What the writer does, by the functions that do it."""


def stages(settings: Settings, requests: Sequence[bytes], signatures: int) -> dict[str, float]:
    """Microseconds of CPU a record and stage. ``verify`` is all that is done to an item, with its
    ``signatures``; ``commit`` what the writer takes beside its other stages."""
    spent: Counter[str] = Counter()
    count = 0
    with writing(settings, system_clock()) as services, ExitStack() as watched:
        for name, (owner, called) in WRITER.items():
            watched.enter_context(_watched(spent, name, owner, called))
        watched.enter_context(_watched(spent, "commit", services.sequencer, "_attempt"))
        for first in range(0, len(requests), GROUP):
            bodies = [one.partition(END)[2] for one in requests[first : first + GROUP]]
            count += _together(services, bodies, spent)
    spent["commit"] -= sum(spent[name] for name in WRITER)
    return {name: round(seconds / count * 1e6, 1) for name, seconds in spent.items()}


def _together(services: Services, bodies: Sequence[bytes], spent: Counter[str]) -> int:
    registry, jobs = services.sequencer.registry, []
    for body in bodies:
        raw = _timed(spent, "unpack", reading.unpack, body, "zstd")
        sent = _timed(spent, "decode", messages.decode, raw, Push)
        stretch = _timed(spent, "verify", reading.together, sent.items, registry)
        assert stretch is not None
        opened = reading.Opened(sent.inventory, [], stretch, sent.seen, sent.runs)
        link = sent.items[0].link
        device = registry.devices[registry.journals[link[1:17]]]
        said = _timed(spent, "inventory", read_inventory, sent.inventory, device.key)
        told = _timed(spent, "hand_over", reader._encode, Told(opened, said))
        opened = _timed(spent, "hand_over", readers._decode, told).push
        job = PushJob(device.key.key_id, link[1:17], opened.items, opened.stretch)
        jobs.append((job, opened, len(sent.items)))
    group = [services.sequencer.submit(job) for job, _, _ in jobs]
    for (job, opened, _), future in zip(jobs, group, strict=True):
        done = future.result()
        told_to = (services, job.journal, opened.seen, done.result, done.commit)
        answer = _timed(spent, "answer", exchange.answered_in_runs, *told_to)
        _timed(spent, "answer", messages.encode, answer)
    return sum(count for _, _, count in jobs)


def _timed(spent: Counter[str], name: str, call: Callable[..., Any], *given: Any) -> Any:
    began = time.thread_time()
    found = call(*given)
    spent[name] += time.thread_time() - began  # type: ignore[assignment]
    return found


@contextmanager
def _watched(spent: Counter[str], name: str, owner: Any, called: str) -> Iterator[None]:
    """Until the block ends, whatever calls this function of ``owner`` is timed."""
    inner = getattr(owner, called)

    def outer(*given: Any) -> Any:
        return _timed(spent, name, inner, *given)

    setattr(owner, called, outer)
    try:
        yield
    finally:
        setattr(owner, called, inner)

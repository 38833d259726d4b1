"""How many records a second a real server acknowledges with receipts, over HTTP on loopback.

``fujie-server serve`` runs in a process of its own over a freshly founded county. Tablets are
enrolled by codes; each has a journal of statements of 1.5 KB signed by two officers, and pushes
it in batches of 100 with an inventory that says something new each time, as a real one does.
Whatever a tablet computes is computed beforehand, and every receipt is verified afterwards.

The limit is PyNaCl verifying two signatures a record on two threads, in the same run: nobody
admits faster without skipping a check. ``cpu_limits`` says the same in the server's CPU time, a
ratio that other programs on the machine disturb less.

    $ python -m benchmarks.intake
      on_1_connection    records_per_second 1833, share_of_verify_limit 0.31, cpu_limits 2.91, …
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import nacl.signing

from benchmarks._timing import fsyncs, keep, spread
from protocol import envelope, messages
from protocol.chain import NO_CASE
from protocol.messages import Push, PushAnswer, PushItem
from protocol.statements import Corrected
from sync_server import demo, founding
from sync_server.clock import system_clock
from sync_server.settings import Settings
from tests.cast import seeded
from tests.sync_server.conftest import Server
from tests.sync_server.tablet import Tablet
from tests.worlds import World

BATCH = 100
BATCHES = {1: 30, 4: 32}
"""By number of connections: how many batches are pushed in all."""
SIGNATURES = 2


@dataclass(frozen=True)
class Request:
    """One push, signed and ready to be sent."""

    items: list[PushItem]
    body: bytes
    headers: Mapping[str, str]


def main() -> None:
    """Found a county, serve it, push, and keep the figures."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "data"
        founding.found(Settings(folder), system_clock(), demo.plan())
        server = Server(folder, in_process=True)
        server.start()
        try:
            keep("intake", figures(server))
        finally:
            server.stop()


def figures(server: Server) -> dict[str, object]:
    """The limits of this machine, and the pushes beside them."""
    syncs = fsyncs(server.folder)
    made: dict[str, object] = {"fsync": spread(syncs) | {"per_second": round(200 / sum(syncs))}}
    for connections, batches in BATCHES.items():
        tablets = [enrolled(server, f"YX-B{connections}{n}") for n in range(connections)]
        work = {tablet: pushes(tablet, batches // connections) for tablet in tablets}
        made[f"on_{connections}_connection{'s'[: connections - 1]}"] = pushed(server, work)
    return made


def pushed(server: Server, work: dict[Tablet, list[Request]]) -> dict[str, object]:
    """Push everything, each tablet on a connection and thread of its own."""
    item = next(iter(work.values()))[0].items[0]
    before, (cpu, own) = verify_limit(item), (server_cpu(server), time.process_time())
    began = time.perf_counter()
    with ThreadPoolExecutor(len(work)) as pool:
        answers = list(pool.map(lambda one: send(*one), work.items()))
    wall = time.perf_counter() - began
    cpu, own = server_cpu(server) - cpu, time.process_time() - own
    after = verify_limit(item)
    records = check(work, [[answer for answer, _ in one] for one in answers])
    limit, cpu_limit = (max(pair) for pair in zip(before, after, strict=True))
    return {
        "records": records,
        "record_bytes": len(item.link) + len(item.statement or b""),
        "records_per_second": round(records / wall),
        "signatures_per_second": round(SIGNATURES * records / wall),
        "verifications_per_second_on_2_threads": round(limit),
        "share_of_verify_limit": round(SIGNATURES * records / wall / limit, 2),
        "cpu_limits": round(cpu * cpu_limit / SIGNATURES / records, 2),
        "server_cpu_seconds": round(cpu, 2),
        "load_generator_cpu_seconds": round(own, 2),
        "batch": spread([spent for one in answers for _, spent in one]),
    }


def send(tablet: Tablet, requests: list[Request]) -> list[tuple[httpx.Response, float]]:
    """Send one request after another; each answer with its seconds."""
    done = []
    for request in requests:
        began = time.perf_counter()
        answer = tablet.http.post("/v1/push", content=request.body, headers=request.headers)
        done.append((answer, time.perf_counter() - began))
    return done


def check(work: dict[Tablet, list[Request]], answers: list[list[httpx.Response]]) -> int:
    """How many records were acknowledged; each receipt is verified."""
    count = 0
    for (tablet, requests), got in zip(work.items(), answers, strict=True):
        for request, response in zip(requests, got, strict=True):
            assert response.status_code == 200, response.text
            answer = messages.decode(response.content, PushAnswer)
            entries = tablet.check(request.items, answer)
            assert len(entries) == len(request.items)
            assert not any(entry.reasons for entry in entries)
            count += len(entries)
    return count


# ── what tablets bring ───────────────────────────────────────────────────────────────────


def enrolled(server: Server, name: str) -> Tablet:
    """A tablet of this name with its own keys and both officers' keys on it."""
    world = World()
    world.device = replace(
        world.device,
        signer=seeded(f"device {name}"),
        claims=replace(world.device.claims, name=name),
        journal=hashlib.sha256(name.encode()).digest()[:16],
    )
    world.shen = replace(world.shen, signer=seeded(f"shen {name}"))
    world.lu = replace(world.lu, signer=seeded(f"lu {name}"))
    tablet = Tablet(server.url, world)
    tablet.enrol(server.code("device", name))
    tablet.enrol_officers(server.code)
    return tablet


def pushes(tablet: Tablet, batches: int) -> list[Request]:
    """Everything that the tablet will push, signed."""
    made = []
    for left in range(batches, 0, -1):
        items = [record(tablet.world) for _ in range(BATCH)]
        body = messages.encode(Push(inventory=tablet.inventory(left * BATCH), items=items))
        made.append(Request(items, body, tablet.headers("POST", "/v1/push", "", body)))
    return made


def record(world: World) -> PushItem:
    """One more record of the tablet: signed by both officers, linked, not yet sent."""
    said = world.said(None) | {"record": "22" * 32, "reason": "笔误", "text": "未标明价格。" * 68}
    signed = world.sign(Corrected(**said), world.shen, world.lu)
    link = world.link(envelope.record_hash(signed), NO_CASE, world.device)
    return PushItem(link=link.encode(), statement=envelope.encode(signed))


# ── limits ───────────────────────────────────────────────────────────────────────────────


def verify_limit(item: PushItem, count: int = 4000) -> tuple[float, float]:
    """Signatures that PyNaCl verifies on two threads, by second and by second of CPU."""
    key = nacl.signing.SigningKey(bytes(32))
    message = item.statement or b""
    signature = key.sign(message).signature

    def verify(times: int) -> None:
        for _ in range(times):
            key.verify_key.verify(message, signature)

    cpu, began = time.process_time(), time.perf_counter()
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(verify, [count] * 2))
    wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    return 2 * count / wall, 2 * count / cpu


def server_cpu(server: Server) -> float:
    """Seconds of CPU that the server's process has used."""
    fields = Path(f"/proc/{server.process_id}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()

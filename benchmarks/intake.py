"""How many records a second a real server acknowledges with receipts, over HTTP on loopback.

``fujie-server serve`` runs in a process of its own over a freshly founded county. Eight tablets
are enrolled by codes; each has a journal of records of 1.5 KB, and pushes it in batches of 100,
compressed, with an inventory that says something new each time, as a real one does. Whatever a
tablet computes is computed beforehand, and every receipt is verified afterwards.

The limit is PyNaCl verifying signatures over such records on two threads, straight before and
after our pushes; the two can lie far apart on a machine that others share, so it is their mean.
Nobody admits faster without skipping a check. ``cpu_limits`` says the same in CPU time, which
other programs on the machine disturb less: the server's by signature, in verifications. Two
cores that do nothing but serve and send have reached half of the limit when the server's and the
load generator's CPU by signature are two verifications; ``quiet_share`` is what both promise.

``floor_…`` are those figures of an application that takes the same requests, verifies, stores them
and does nothing else (``_floor.py``): what this machine allows a server in Python. Ours took
``share_of_floor`` of its records a second in the same minute.

``stages_…`` say where the CPU of a record goes, in microseconds (``_stages.py``).

In the same run other programs take records of the same size in the same batches on as many
connections (``_peers.py``): ``ours_to_theirs`` is how many of ours are admitted, with two
signatures, while one of theirs is taken.

    $ python -m benchmarks.intake
      signatures_1    records_per_second 9000, share_of_verify_limit 0.5, cpu_limits 1.8, …
"""

from __future__ import annotations

import hashlib
import os
import random
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import nacl.signing
import zstandard

from benchmarks._floor import Floor, taken
from benchmarks._load import Load, drive, opened, request
from benchmarks._peers import RECORDS as PEER_RECORDS
from benchmarks._peers import measured
from benchmarks._stages import stages
from benchmarks._timing import fsyncs, keep, spread
from field_client.contact import proofs
from protocol import envelope, messages
from protocol.chain import NO_CASE
from protocol.messages import Push, PushAnswer, PushItem
from protocol.note import VerifierKey
from protocol.statements import Corrected
from protocol.trust import TrustedLog
from sync_server import demo
from sync_server.clock import system_clock
from sync_server.settings import Settings
from sync_server.upkeep import founding
from tests.cast import seeded
from tests.sync_server.conftest import Server
from tests.sync_server.tablet import Tablet
from tests.worlds import World

CONNECTIONS = 8
BATCH = 100
BATCHES = 24
"""Of each connection: a second and a half, most of which all eight are busy."""
ROUNDS = 7
"""Of which the one in the middle is kept; a machine that others share goes as fast as it may."""
WORDS = "价格 标明 商品 散装 现场 检查 当事 改正 拍照 笔录 未见 货架 门店 经营 食品 签字".split()


@dataclass(frozen=True)
class Pushed:
    """One push, signed and ready to be sent."""

    items: list[PushItem]
    request: bytes


def main() -> None:
    """Found a county, serve it, push, and keep the figures."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "data"
        founding.found(Settings(folder), system_clock(), demo.plan())
        server = Server(folder, in_process=True)
        server.start()
        try:
            made = figures(server)
            work = {count: pushed(server, count) for count in (1, 2)}
        finally:
            server.stop()
        for count, requests in work.items():
            made[f"stages_{count}"] = stages(Settings(folder), requests, count)
        keep("intake", made)


def pushed(server: Server, signatures: int) -> list[bytes]:
    """What eight more tablets send, in turns."""
    tablets = [enrolled(server, f"YX-C{signatures}{n}") for n in range(CONNECTIONS)]
    work = [pushes(tablet, signatures) for tablet in tablets]
    return [one.request for turn in zip(*work, strict=True) for one in turn]


def figures(server: Server) -> dict[str, object]:
    """The limits of this machine, and the pushes beside them."""
    syncs = fsyncs(server.folder)
    made: dict[str, object] = {"fsync": spread(syncs) | {"per_second": round(200 / sum(syncs))}}
    for signatures in (1, 2):
        tablets = [enrolled(server, f"YX-B{signatures}{n}") for n in range(CONNECTIONS)]
        rounds = [round_of(server, tablets, signatures) for _ in range(ROUNDS)]
        rounds.sort(key=lambda one: one["share_of_verify_limit"])
        shares = [one["share_of_verify_limit"] for one in rounds]
        made[f"signatures_{signatures}"] = rounds[ROUNDS // 2] | {
            "lowest_share": shares[0],
            "highest_share": shares[-1],
        }
    ours = rounds[ROUNDS // 2]["records_per_second"]
    for name, theirs in measured(plain()).items():
        rate = theirs.get("records_per_second")
        made[name] = theirs | (
            {"ours_to_theirs": round(ours / float(str(rate)), 1)} if rate else {}
        )
    return made


def round_of(server: Server, tablets: list[Tablet], signatures: int) -> dict[str, float]:
    """Push everything, each tablet on a connection of its own."""
    work = {tablet: pushes(tablet, signatures) for tablet in tablets}
    items = next(iter(work.values()))[0].items
    spent: list[float] = []
    before, memory = verify_limit(items), resident(server)
    requests = [[push.request for push in one] for one in work.values()]
    load = drive(server.port, requests, lambda: spent.append(server_cpu(server)))
    cpu, memory_after = server_cpu(server) - spent[0], resident(server)
    after = verify_limit(items)
    with tempfile.TemporaryDirectory() as folder:
        floor = taken(Path(folder), requests, [key for one in tablets for key in officers(one)])
    signed = signatures * check(work, load)
    limit, cpu_limit = (sum(pair) / 2 for pair in zip(before, after, strict=True))
    return {
        "records": signed // signatures,
        "statement_bytes": len(items[0].statement or b""),
        "records_per_second": round(signed / signatures / load.wall_seconds),
        "signatures_per_second": round(signed / load.wall_seconds),
        "verifications_per_second_on_2_threads": round(limit),
        "verifications_before": round(before[0]),
        "verifications_after": round(after[0]),
        "share_of_verify_limit": round(signed / load.wall_seconds / limit, 3),
        "quiet_share": round(signed / (cpu + load.cpu_seconds) / cpu_limit, 3),
        "cpu_limits": round(cpu * cpu_limit / signed, 2),
        **compared(floor, load, signed, limit, cpu_limit),
        "server_cpu_seconds": round(cpu, 2),
        "load_generator_cpu_seconds": round(load.cpu_seconds, 2),
        "wall_seconds": round(load.wall_seconds, 2),
        "server_mb_before": memory,
        "server_mb_after": memory_after,
        **{f"batch_{name}": value for name, value in spread(load.latencies).items()},
    }


def compared(
    floor: Floor, load: Load, signed: int, limit: float, cpu_limit: float
) -> dict[str, float]:
    """What the least that can be done took of the same requests."""
    seconds, cpu = floor.load.wall_seconds, floor.cpu_seconds
    return {
        "floor_share_of_verify_limit": round(signed / seconds / limit, 3),
        "floor_quiet_share": round(signed / (cpu + floor.load.cpu_seconds) / cpu_limit, 3),
        "floor_cpu_limits": round(cpu * cpu_limit / signed, 2),
        "share_of_floor": round(seconds / load.wall_seconds, 2),
    }


def officers(tablet: Tablet) -> list[bytes]:
    """The public keys that sign its records."""
    return [one.signer.verifier.public_key for one in (tablet.world.shen, tablet.world.lu)]


def check(work: Mapping[Tablet, list[Pushed]], load: Load) -> int:
    """How many records were acknowledged; each receipt is verified."""
    count = 0
    for (tablet, pushed), answers in zip(work.items(), load.answers, strict=True):
        assert tablet.admitted is not None
        log = TrustedLog(tablet.admitted.origin, [VerifierKey.parse(tablet.admitted.log_key)])
        for push, (status, body) in zip(pushed, map(opened, answers), strict=True):
            assert status == 200, body
            answer = messages.decode(body, PushAnswer)
            assert not any(run.flags for run in answer.runs)
            sent = [(item.link, item.statement) for item in push.items]
            proved = proofs.receipts(sent, answer, log)
            assert len(proved) == len(push.items)
            count += len(proved)
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


def pushes(tablet: Tablet, signatures: int) -> list[Pushed]:
    """Everything that the tablet will push, signed. Since it saw the log last it has grown."""
    checkpoint = tablet.http.get("/log/checkpoint").text
    made, seen = [], int(checkpoint.split("\n")[1])
    for left in range(BATCHES, 0, -1):
        items = [record(tablet.world, signatures) for _ in range(BATCH)]
        sent = Push(inventory=tablet.inventory(left * BATCH), items=items, seen=seen, runs=True)
        body = zstandard.compress(messages.encode(sent))
        headers = tablet.headers("POST", "/v1/push", "", body) | {"content-encoding": "zstd"}
        headers["host"] = f"127.0.0.1:{tablet.http.base_url.port}"
        made.append(Pushed(items, request("POST", "/v1/push", headers, body)))
    return made


def record(world: World, signatures: int) -> PushItem:
    """One more record of the tablet: signed by one officer or both, linked, not yet sent."""
    said = world.said(None) | {"record": "22" * 32, "reason": "笔误"}
    words = random.Random(world.now).choices(WORDS, k=(1150 - 100 * signatures) // 6)
    signers = (world.shen, world.lu)[:signatures]
    signed = world.sign(Corrected(**said, text="".join(words)), *signers)
    link = world.link(envelope.record_hash(signed), NO_CASE, world.device)
    return PushItem(link=link.encode(), statement=envelope.encode(signed))


def plain() -> list[dict[str, str]]:
    """Records with two signatures as programs take them that know no envelopes."""
    world, made = World(), []
    for _ in range(PEER_RECORDS):
        signed = envelope.decode(record(world, 2).statement or b"")
        made.append(
            {
                "id": envelope.record_hash(signed).hex(),
                "body": signed.body.decode(),
                "signatures": "".join(one.signature.hex() for one in signed.signatures),
            }
        )
    return made


# ── limits ───────────────────────────────────────────────────────────────────────────────


def verify_limit(items: Sequence[PushItem], times: int = 80) -> tuple[float, float]:
    """Signatures over these records that PyNaCl verifies on two threads, by second and by second
    of CPU; each of the two verifies all of them so many times."""
    key = nacl.signing.SigningKey(bytes(32))
    signed = [(one, key.sign(one).signature) for one in (item.statement or b"" for item in items)]

    def verify(times: int) -> None:
        for _ in range(times):
            for message, signature in signed:
                key.verify_key.verify(message, signature)

    cpu, began = time.process_time(), time.perf_counter()
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(verify, [times] * 2))
    wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    count = 2 * times * len(signed)
    return count / wall, count / cpu


def server_cpu(server: Server) -> float:
    """Seconds of CPU that the server's processes have used."""
    return sum(map(cpu_of, processes(server)))


def cpu_of(process: int) -> float:
    """Seconds of CPU that one process has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident(server: Server) -> int:
    """Megabytes of memory that the server's processes have, what they share counted for each."""
    held = (Path(f"/proc/{one}/statm").read_text().split()[1] for one in processes(server))
    return round(sum(map(int, held)) * os.sysconf("SC_PAGE_SIZE") / 1e6)


def processes(server: Server) -> list[int]:
    """The server's process, then those that read for it."""
    begun = Path(f"/proc/{server.process_id}/task").glob("*/children")
    return [server.process_id, *(int(one) for each in begun for one in each.read_text().split())]


if __name__ == "__main__":
    main()

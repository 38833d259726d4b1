"""How many records a second one tablet gets admitted by a real server over HTTP.

Records of 1.5 KB with two signatures, in batches of 100 on one connection: sent, verified, linked,
committed with fsync, receipted, answered. The peer is PyNaCl verifying two signatures a record on
two threads: nobody can admit faster without skipping a check.

    $ python -m benchmarks.intake
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import nacl.signing

from benchmarks._timing import keep
from protocol import envelope
from protocol.chain import NO_CASE
from protocol.messages import PushItem
from protocol.statements import Corrected
from sync_server import commands, demo, founding
from sync_server.clock import system_clock
from sync_server.settings import Settings
from tests.sync_server.tablet import Tablet
from tests.worlds import World

BATCH, BATCHES = 100, 40


def main() -> None:
    """Found a county, serve it in a process of its own, push, and keep the figures."""
    with tempfile.TemporaryDirectory() as folder, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        settings = Settings(Path(folder) / "data", port=free.getsockname()[1])
        free.close()
        founding.found(settings, system_clock(), demo.plan())
        env = os.environ | {"FUJIE_DATA": str(settings.data), "FUJIE_PORT": str(settings.port)}
        server = subprocess.Popen(
            [sys.executable, "-m", "sync_server", "serve"], env=env, stdout=subprocess.DEVNULL
        )
        try:
            keep("intake", figures(settings))
        finally:
            server.terminate()
            server.wait()


def figures(settings: Settings) -> dict[str, object]:
    """Enrol a tablet and push everything it has."""
    tablet = enrolled(settings)
    items = [made(tablet.world) for _ in range(BATCH * BATCHES)]
    times = []
    for start in range(0, len(items), BATCH):
        began = time.perf_counter()
        response = tablet.push_response(items[start : start + BATCH])
        times.append(time.perf_counter() - began)
        assert response.status_code == 200, response.text
    limit = raw_limit(items)
    rate = len(items) / sum(times)
    return {
        "records": len(items),
        "record_bytes": sum(len(i.link) + len(i.statement or b"") for i in items) // len(items),
        "records_per_second": round(rate),
        "median_ms_for_100": round(sorted(times)[len(times) // 2] * 1000, 1),
        "raw_verifications_limit_per_second": round(limit),
        "share_of_that_limit": round(rate / limit, 2),
    }


def enrolled(settings: Settings) -> Tablet:
    """A tablet of the demo county with both officers' keys on it."""
    until = time.monotonic() + 30
    while True:
        try:
            httpx.get(f"{settings.address}/log/key", trust_env=False)
            break
        except httpx.TransportError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
    tablet = Tablet(settings.address, World())
    tablet.enrol(code(settings, "device", "YX-T07"))
    tablet.enrol_officers(lambda purpose, subject: code(settings, purpose, subject))
    return tablet


def code(settings: Settings, purpose: str, subject: str) -> str:
    """A one-time code of the office."""
    said: list[str] = []
    commands.enrol(
        settings, "device" if purpose == "device" else "officer", subject, "", said.append
    )
    return said[0]


def made(world: World) -> PushItem:
    """One more record of the tablet: signed by both officers, linked, not yet sent."""
    said = world.said(None) | {"record": "22" * 32, "reason": "笔误", "text": "未标明价格。" * 68}
    signed = world.sign(Corrected(**said), world.shen, world.lu)
    link = world.link(envelope.record_hash(signed), NO_CASE, world.device)
    return PushItem(link=link.encode(), statement=envelope.encode(signed))


def raw_limit(items: list[PushItem]) -> float:
    """Records a second whose two signatures PyNaCl verifies on two threads."""
    key = nacl.signing.SigningKey(bytes(32))
    message = items[0].statement or b""
    signature = key.sign(message).signature

    def verify(count: int) -> None:
        for _ in range(count):
            key.verify_key.verify(message, signature)

    began = time.perf_counter()
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(verify, [len(items)] * 2))
    return len(items) / (time.perf_counter() - began)


if __name__ == "__main__":
    main()

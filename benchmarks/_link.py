"""A day's 1,000 records over 1 Mbit/s with 100 ms of delay each way, from a tablet that saw no
network until then to a server in a process of its own.

The line is ``tests/proxy.py``: one rate for all connections of a direction, and the delay. Counted
are all bytes of HTTP both ways, headers and answers included, from the first one of the greeting
until the last receipt is verified and durable.

    wire        what the requests' packed bodies alone need on that line
    allowed     1.25 × wire + three round trips
    cpu         what tablet and line, which share a process, and server had of the cores meanwhile
    waited      how long their threads were ready and had none: what a loaded machine adds

The tablet's program looks for garbage while nobody touches it (``field_client/ui/window.py``), so
here too none is looked for during the contact.
"""

from __future__ import annotations

import gc
import os
import random
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import httpx

from benchmarks._day import Day
from benchmarks._timing import Scheduled
from field_client.contact.inventory import unsent_links
from field_client.device_clock import SystemClock
from field_client.settings import Settings
from field_client.store import rows
from field_client.store.vault import Vault
from field_client.tablet import Tablet
from protocol import envelope
from protocol.chain import Link
from protocol.keys import Signer
from sync_server import demo
from sync_server.clock import system_clock
from sync_server.devices.codes import Purpose
from sync_server.settings import Settings as ServerSettings
from sync_server.upkeep import founding
from tests.field_client import county
from tests.proxy import Proxy
from tests.sync_server.conftest import Server

RECORDS = 1000
BITS, DELAY_MS = 1_000_000, 100
ROUND_TRIP_S = 2 * DELAY_MS / 1000
SEED = 20261118


@dataclass(frozen=True)
class Office:
    """The office as a tablet meets it: behind the line."""

    url: str
    server: Server

    def code(self, purpose: Purpose, subject: str) -> str:
        """A one-time code."""
        return self.server.code(purpose, subject)


class Counting(httpx.HTTPTransport):
    """TCP, with the size of each push's body."""

    def __init__(self) -> None:
        super().__init__()
        self.pushes: list[int] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send it, and count it if it is a push."""
        if request.url.path.endswith("/v1/push"):
            self.pushes.append(len(request.content))
        return super().handle_request(request)


def figures() -> dict[str, float]:
    """Found a county, enrol a tablet, let it work for a day, and then connect it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        founding.found(ServerSettings(folder / "office"), system_clock(), demo.plan())
        server = Server(folder / "office", in_process=True)
        server.start()
        try:
            with Proxy(server.port) as line:
                return measured(line, Office(line.url, server), folder / "tablet")
        finally:
            server.stop()


def measured(line: Proxy, office: Office, folder: Path) -> dict[str, float]:
    """Enrol a tablet over a good line, and one contact over the bad one after a day's work."""
    clock = SystemClock()
    county.enrol(office, folder, clock, demo.DEVICE)  # type: ignore[arg-type]
    keys = county.key_store(folder, clock)  # type: ignore[arg-type]
    officers = [keys.unlock(cert_no, pin) for cert_no, pin in county.PINS.items()]
    settings = Settings(folder, server_url=office.url, argon2="cheapest")
    vault = Vault.open(settings.vault_path, officers[0].vault_key)
    raw = worked(vault, (officers[0].signer, officers[1].signer))
    sent = Counting()
    tablet = Tablet.over(settings, keys, clock, vault, sent)
    try:
        return _contact(line, tablet, raw, sent.pushes, office.server.process_id)
    finally:
        tablet.close()


def _contact(
    line: Proxy, tablet: Tablet, raw: int, pushes: list[int], server: int
) -> dict[str, float]:
    line.hang_up()
    line.bits, line.delay_ms = BITS, DELAY_MS
    ended: list[tuple[float, int, int, Scheduled, Scheduled]] = []

    def now() -> tuple[float, int, int, Scheduled, Scheduled]:
        ours, theirs = Scheduled.now(os.getpid()), Scheduled.now(server)
        return time.perf_counter(), line.up, line.down, ours, theirs

    def watch() -> None:
        with tablet.vault.session() as session:
            if not ended and not unsent_links(session)[0]:
                ended.append(now())

    tablet.sync.on_change(watch)
    gc.collect()
    gc.disable()
    before = now()
    tablet.sync.contact()
    gc.enable()
    assert ended, "expected a receipt for each record"
    seconds, up, down = (ended[0][n] - before[n] for n in range(3))
    ours, theirs = ended[0][3].since(before[3]), ended[0][4].since(before[4])
    needed = sum(pushes) * 8 / BITS
    return {
        "records": RECORDS,
        "raw_envelope_bytes": raw,
        "bytes_up": up,
        "bytes_down": down,
        "wire_by_raw": round((up + down) / raw, 3),
        "pushes": len(pushes),
        "packed_bytes": sum(pushes),
        "packed_seconds": round(needed, 2),
        "seconds": round(seconds, 2),
        "allowed_seconds": round(1.25 * needed + 3 * ROUND_TRIP_S, 2),
        "tablet_and_line_cpu_seconds": ours.cpu_seconds,
        "server_cpu_seconds": theirs.cpu_seconds,
        "waited_for_a_core_seconds": round(ours.waited_seconds + theirs.waited_seconds, 2),
        "share_of_allowed": round(seconds / (1.25 * needed + 3 * ROUND_TRIP_S), 3),
    }


def worked(vault: Vault, officers: tuple[Signer, Signer]) -> int:
    """A day's records in the journal, as if the officers had made them; how many bytes."""
    made = Day(random.Random(SEED), officers).made(RECORDS)
    size = 0
    with vault.transaction() as session:
        for number, (statement, signed) in enumerate(made):
            record = envelope.record_hash(signed)
            place = rows.place_of(session, statement, record)
            link = Link(
                journal=place.journal,
                sequence=place.head.length,
                previous=place.head.hash,
                record=record,
                case_tag=place.tag,
                reference_version=1,
                wall_at=statement.at,
                boot=bytes(range(16)),
                monotonic=60_000 + number * 1000,
                server_at=statement.at - 3_600_000,
            )
            rows.store(session, statement, signed, record, link)
            size += len(envelope.encode(signed))
    return size


if __name__ == "__main__":
    print(figures())

"""What a report costs: a device's, and the county's, as the log grows.

    $ python -m benchmarks._reports --devices 1000 --entries 1000000

A county of many tablets is written to the database as the sequencer would have: real links,
entries, signed statements, the tree's root and its signed head; the same few officers sign, so that
making it takes minutes. Then the report on one device is read and examined from nothing, the
county's from nothing once, again with nothing new, after a start that finds what was looked
through before it, and after one tablet sent something. Times are
milliseconds of CPU. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from protocol import envelope, statements
from protocol.auditing.devices import report_at
from protocol.chain import EMPTY, NO_CASE, Head, Link
from protocol.checkpoint import Checkpoint, sign_checkpoint
from protocol.merkle import Frontier, leaf_hash
from protocol.receipt import Entry, Verdict
from protocol.statements import RuleOverridden
from sync_server.log import leaves, lookup, nodes
from sync_server.log.packed import Filed
from sync_server.log.rows import Rows, Run
from sync_server.reports import moments
from sync_server.reports.kept import Kept
from sync_server.reports.rows import context_of
from sync_server.services import writing
from sync_server.store.tables import CHECKPOINT, JOURNAL, TREE
from tests.cast import AGENCY, START
from tests.sync_server.reports.simulated import DAY, HOUR, County, simulated
from tests.sync_server.web.staging import Clock

AT_ONCE = 20_000
"""Entries that go into one transaction."""
PUSHED = 100
"""Links of one push."""
KIND = "rule_overridden"


def main() -> int:
    """Make the county, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks._reports")
    parser.add_argument("--devices", type=int, default=1000)
    parser.add_argument("--entries", type=int, default=1_000_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fujie-reports-") as folder:
        made = measure(Path(folder) / "data", asked.devices, asked.entries)
    print(json.dumps(made, indent=2))
    return 0


def measure(folder: Path, devices: int, entries: int) -> dict[str, Any]:
    """The figures."""
    with simulated(folder, devices) as made:
        settings = made.services.settings
        each = max(1, (entries - made.services.facts.head.size) // devices)
        _fill(made, each)
    with writing(settings, Clock(START + 2 * DAY)) as services:
        made.services = services
        device = made.device(made.tablets[devices // 2])
        kept = Kept(services)
        took: dict[str, Any] = {
            "devices": devices,
            "entries": services.facts.head.size,
            "links_a_device": each,
        }
        moment = moments.now(services, deep=False)
        shared = context_of(services, AGENCY, moment)
        one = [_timed(lambda: report_at(shared, device)) for _ in range(20)]
        took["device_ms"] = round(statistics.median(one), 1)
        took["device_p99_ms"] = round(max(one), 1)
        took["county_first_ms"] = round(_timed(lambda: kept.document(AGENCY)), 1)
        took["county_again_ms"] = round(
            statistics.median(_timed(lambda: kept.document(AGENCY)) for _ in range(5)), 1
        )
        kept.save()
        kept = Kept(services)
        took["county_start_ms"] = round(_timed(lambda: kept.document(AGENCY)), 1)
        made.clock = Clock(START + 2 * DAY)
        news = []
        for tablet in made.tablets[:5]:
            tablet.scribe.now = START + 2 * DAY - HOUR
            tablet.sent = len(tablet.records)
            tablet.act(_said(tablet))
            made.send(tablet)
            news.append(_timed(lambda: kept.document(AGENCY)))
        took["county_new_ms"] = round(statistics.median(news), 1)
        took["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return took


def _timed(work: Any) -> float:
    """Milliseconds of this process's CPU: what others do on the machine is not its cost."""
    began = time.process_time()
    work()
    return (time.process_time() - began) * 1000


def _said(tablet: Any) -> RuleOverridden:
    return RuleOverridden(**tablet.scribe.said(), rule="AV-2", reason="停电")


def _fill(made: County, each: int) -> None:
    """Links of every tablet, one tablet after the other, as commits of the log."""
    services = made.services
    tree = Frontier()
    with services.db.engine.connect() as connection:
        for _, entry in leaves.entries(connection, 0):
            tree.append(leaf_hash(entry))
    before, rows, heads = tree.size, Rows(), {}
    received = START + 3 * HOUR
    for number, tablet in enumerate(made.tablets):
        tablet.scribe.now, tablet.server_at = START, START - HOUR
        signed = envelope.sign(
            envelope.STATEMENT_TYPE,
            statements.encode(_said(tablet)),
            [one.signer for one in tablet.officers],
        )
        head = EMPTY
        for place in range(each):
            body = signed.body[:-1] + b',"x":%d}' % place
            one = envelope.Envelope(signed.payload_type, body, signed.signatures)
            record = envelope.record_hash(one)
            link = Link(
                tablet.journal, place, head.hash, record, NO_CASE, tablet.reference,
                START + place, tablet.boot, place + 1, START - HOUR,
            )  # fmt: skip
            data, named = link.encode(), link.hash()
            head = Head(place + 1, named)
            entry = Entry(named, record, received, Verdict.ACCEPTED).encode()
            if place % PUSHED == 0:
                rows.runs.append(Run(tree.size, tablet.journal, place))
                rows.kinds.add((KIND, AGENCY, tree.size))
            filed = Filed(KIND, None, AGENCY, START + place)
            rows.runs[-1].add(entry, data, filed, envelope.encode(one))
            tree.append(leaf_hash(entry))
        heads[tablet.journal] = head
        tablet.head = head
        if len(rows.runs) * PUSHED >= AT_ONCE or number == len(made.tablets) - 1:
            with services.db.writer.begin() as connection:
                rows.write(connection)
            rows = Rows()
    root = Checkpoint(services.settings.origin, tree.size, tree.root())
    with services.db.writer.begin() as connection:
        for journal, head in heads.items():
            connection.execute(
                JOURNAL.update()
                .where(JOURNAL.c.journal == journal)
                .values(length=head.length, head=head.hash)
            )
        note = sign_checkpoint(root, *services.keyring.logs)
        connection.execute(insert(CHECKPOINT).values(size=tree.size, note=note))
        _tree(connection)
        for first in range(before, tree.size, AT_ONCE):
            lookup.write(connection, first, min(first + AT_ONCE, tree.size))
    for tablet in made.tablets:
        tablet.records = []
    print(f"{tree.size} entries", hashlib.sha256(note).hexdigest()[:8], file=sys.stderr)


def _tree(connection: Any) -> None:
    """The stored hashes of the whole log."""
    connection.execute(TREE.delete())
    level = 0
    hashes = [leaf_hash(entry) for _, entry in leaves.entries(connection, 0)]
    while hashes:
        starts = range(0, len(hashes), PUSHED)
        nodes.write(connection, [(level, at, hashes[at : at + PUSHED]) for at in starts])
        hashes = [
            hashlib.sha256(b"\x01" + left + right).digest()
            for left, right in zip(hashes[::2], hashes[1::2], strict=False)
        ]
        level += 1


if __name__ == "__main__":
    sys.exit(main())

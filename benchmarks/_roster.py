"""What a large agency's roster costs: to publish, on the line, and on a tablet.

    $ python -m benchmarks._roster --devices 1000

A county of so many tablets, with two officers each. Then one officer is suspended: the bundle that
goes out, its size as a whole and by what differs from the one before (RFC 9842), and what a tablet
does to open it and to find whose code it reads. Times are milliseconds of CPU. Prints one JSON
object.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from field_client.contact.packing import Offer
from protocol.credential import hint_of
from protocol.reference import MAX_REFERENCE, open_reference
from protocol.vocabulary import Standing
from sync_server.reference.deltas import pack
from tests.cast import AGENCY
from tests.sync_server.reports.simulated import County, simulated

T = TypeVar("T")


def main() -> int:
    """Make the county, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks._roster")
    parser.add_argument("--devices", type=int, default=1000)
    asked = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="fujie-roster-") as folder,
        simulated(Path(folder) / "data", asked.devices) as county,
    ):
        made = measure(county)
    print(json.dumps({"devices": asked.devices, **made}, indent=2))
    return 0


def measure(county: County) -> dict[str, Any]:
    """The figures."""
    services = county.services
    now = services.clock.now()
    _, compose_ms = _timed(lambda: services.editions.compose(AGENCY, 9, now))
    before = services.publish_reference(AGENCY)
    county.standing(county.tablets[0].officers[0], Standing.SUSPENDED, now)
    after, publish_ms = _timed(lambda: services.publish_reference(AGENCY))
    delta, pack_ms = _timed(lambda: pack(after, before))
    offer = Offer(before, 1, 2 * MAX_REFERENCE)
    whole, unpack_ms = _timed(lambda: b"".join(offer.opened(delta.coding, iter([delta.body]))))
    issuer = services.facts.registry.agencies[AGENCY].issuer.verifier
    reference, open_ms = _timed(lambda: open_reference(whole, issuer, 0))
    _, find_ms = _timed(lambda: [hint_of(one.certificate) for one in reference.devices])
    return {
        "officers": len(reference.officers),
        "bundle_bytes": len(after),
        "room": round(MAX_REFERENCE / len(after), 1),
        "one_changed_officer_bytes": len(delta.body),
        "compose_ms": compose_ms,
        "publish_ms": publish_ms,
        "pack_ms": pack_ms,
        "tablet_unpack_ms": unpack_ms,
        "tablet_open_ms": open_ms,
        "tablet_find_code_ms": find_ms,
    }


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    began = time.process_time()
    made = work()
    return made, round((time.process_time() - began) * 1000, 1)


if __name__ == "__main__":
    sys.exit(main())

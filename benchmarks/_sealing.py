"""What sealing a case costs beside copying it: 200 documents and 2 GB of recordings.

    $ python -m benchmarks._sealing --documents 200 --gigabytes 2

A county's tablet states one inspection with so many papers and recordings; their files are put
into the blob store as if they had been uploaded. Then ``filing.seal`` runs whole: sheets, e-seal,
package, verification, both commits. Beside it, in the same run and of the same files: ``cp`` and
``sha256sum``. Prints one JSON object; ``ratio`` is theirs divided by ours, ``memory`` what the
process grew by while it sealed, in bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from benchmarks._timing import timed
from protocol.statements import BlobRef, InspectionClosed, blobs_of
from protocol.vocabulary import DocumentKind, MediaKind, Outcome, Retention
from sync_server.cases import filing
from sync_server.devices import stored
from sync_server.office.binding import Binding
from sync_server.web.site import Site
from tests import acts
from tests.sync_server.tablet import Tablet, item
from tests.sync_server.web.staging import NOW, PASSWORDS, Office
from tests.worlds import World

EACH = 100 << 20
"""Bytes of one recording."""


def main() -> int:
    """Make the case, seal it, copy its files, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks._sealing")
    parser.add_argument("--documents", type=int, default=200)
    parser.add_argument("--gigabytes", type=float, default=2.0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fujie-sealing-") as folder:
        made = measure(Path(folder), asked.documents, int(asked.gigabytes * (1 << 30)))
    print(json.dumps(made, indent=2))
    return 0


def measure(folder: Path, documents: int, size: int) -> dict[str, Any]:
    """The figures."""
    office = Office(folder / "data")
    office.found()
    office.start()
    try:
        case, world = _inspected(office, documents, size)
    finally:
        office.stop()
    office = Office(folder / "data", NOW)
    office.start()
    try:
        services = office.services
        assert services is not None
        site = Site(services)
        site.projections.catch_up()
        archivist = site.accounts.signer("xuwen", PASSWORDS["xuwen"])
        asked = Binding(Retention.YEARS_30)
        version = site.facts.case_version(case)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        sealing = timed(lambda: filing.seal(services, site, case, asked, archivist, version))
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
        held = {ref.sha256 for one in world.records for ref in blobs_of(one.statement)}
        files = [services.blobs.path(bytes.fromhex(one)) for one in sorted(held)]
        files = [one for one in files if one.is_file()]
        peers = _peers(files, folder / "copy")
    finally:
        office.stop()
    return {
        "documents": documents,
        "bytes": sum(one.stat().st_size for one in files),
        "sealing_s": round(sealing, 2),
        **{name: round(spent, 2) for name, spent in peers.items()},
        "ratio": round(sum(peers.values()) / sealing, 3),
        "memory": grown,
    }


def _inspected(office: Office, documents: int, size: int) -> tuple[bytes, World]:
    """The case in the log, its files where they would be had they been uploaded."""
    world = World()
    tablet = Tablet(office.url, world)
    tablet.enrol(office.code("device", "YX-T07"))
    tablet.enrol_officers(office.code)
    both = (world.shen, world.lu)
    begun = len(world.records)
    opened = world.state(acts.opening(world), *both)
    case = opened.hex
    world.state(acts.identity(world, case), *both)
    world.state(acts.rights(world, case), *both)
    assert office.services is not None
    blobs, folder = office.services.blobs, office.folder / "uploads"
    folder.mkdir(exist_ok=True)
    for number in range(-(-size // EACH)):
        ref = _recording(folder, min(EACH, size - number * EACH), blobs.take)
        photo = acts.photo(world, case)
        film = msgspec.structs.replace(photo, blob=ref, media=MediaKind.VIDEO)
        world.state(film, world.shen, world.device)
    for number in range(documents):
        kind = DocumentKind.SITE_INSPECTION_RECORD
        world.state(acts.document(world, case, kind, f"云市监检〔2026〕{number + 1}号"), *both)
    closed = InspectionClosed(**world.said(case), outcome=Outcome.NO_PROBLEM)
    world.state(closed, *both)
    office.clock.set(world.now + 60_000)
    records = world.records[begun:]
    for at in range(0, len(records), 100):
        tablet.push([item(one) for one in records[at : at + 100]])
    for data in world.blobs.values():
        blobs.put(data)
    stored.resume(office.services)
    return opened.hash, world


def _recording(folder: Path, size: int, take: Callable[[Path, bytes], None]) -> BlobRef:
    """A file of chance, as an upload that was verified."""
    path, digest, left = folder / "recording", hashlib.sha256(), size
    with path.open("wb") as file:
        while left:
            piece = os.urandom(min(left, 1 << 20))
            digest.update(piece)
            file.write(piece)
            left -= len(piece)
    take(path, digest.digest())
    return BlobRef(sha256=digest.hexdigest(), size=size, media_type="video/mp4")


def _peers(files: Sequence[Path], target: Path) -> dict[str, float]:
    """The same files copied and summed, by the system's own programs."""
    target.mkdir()
    listed = [str(one) for one in files]
    run = partial(subprocess.run, check=True, stdout=subprocess.DEVNULL)
    made = {
        "cp_s": timed(lambda: run(["cp", "--reflink=never", *listed, str(target)])),
        "sha256sum_s": timed(lambda: run(["sha256sum", *listed])),
    }
    shutil.rmtree(target)
    return made


if __name__ == "__main__":
    sys.exit(main())

"""Sealing a case file, with its I/O around it.

    1  the gate is asked (``office/archive.py``); nothing is built for a file that may not be sealed
    2  the package is built from the log and verified whole, as ``fujie-verify`` would
    3  it is made durable under its hash, as a blob of the office
    4  ``file_archived`` is signed by the archivist, ``blob_stored`` by the office, in one commit
    5  the name ``<data>/archive/<case>.zip`` is made; after a crash between 4 and 5 it is made at
       the next look (``package_path``)

A package that does not verify is not sealed: something of the case is lost or altered.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import threading
from pathlib import Path

from protocol.calendar import local_day
from protocol.case import CaseState
from protocol.casecheck import verify_zip
from protocol.casetrust import Trust
from protocol.errors import Refused
from protocol.note import VerifierKey
from protocol.statements import BlobRef, BlobStored, FileArchived
from protocol.vocabulary import Retention
from sync_server.cases import casefiles, publishing
from sync_server.cases.publishing import Desk, Signatory
from sync_server.log.facts import Facts
from sync_server.log.journal import Stated
from sync_server.office import archive
from sync_server.office.archive import Check, Plan
from sync_server.projections import queries
from sync_server.services import Services
from sync_server.store.files import make_folder, sync_folder

CHUNK = 1 << 20
MEDIA_TYPE = "application/zip"

# Two files sealed at once would take the same number.
_one_at_a_time = threading.Lock()


class PackageBroken(Refused):
    """The case's package does not verify."""


def gate(desk: Desk, state: CaseState) -> list[Check]:
    """What must hold before the file is sealed, and how it stands."""
    return archive.gate(state, _stored(desk.facts, state))


def seal(
    services: Services,
    desk: Desk,
    case: bytes,
    retention: Retention,
    archivist: Signatory,
    version: int,
) -> Stated:
    """Seal a case file. Raises NotHere, Changed, PackageBroken, and what ``archive.seal`` does."""
    person, signer = archivist
    with _one_at_a_time:
        found = publishing.standing(desk, person.agency, case)
        stored = _stored(desk.facts, found.state)
        plan = Plan(BlobRef(sha256="0" * 64, size=0, media_type=MEDIA_TYPE), retention, "")

        def statement(plan: Plan) -> FileArchived:
            return archive.seal(
                plan,
                found.state,
                found.reference,
                now=desk.now,
                salt=secrets.token_hex(16),
                stored=stored,
            )

        statement(plan)  # refuses before anything is built
        package = _package(services, case)
        desk.projections.catch_up()  # the numbers given so far are read from the archive's list
        number = _next_number(services, person.agency, desk.now)
        told = statement(Plan(package, retention, number))
        arrived = BlobStored(
            agency=person.agency,
            at=desk.now,
            salt=secrets.token_hex(16),
            case=case.hex(),
            sha256=package.sha256,
            size=package.size,
        )
        stated = desk.office.state_all(
            [(told, [signer]), (arrived, [services.office_key])], {case: version}
        )
        package_path(services, case, package.sha256)
        return stated[0]


def package_path(services: Services, case: bytes, sha256: str) -> Path | None:
    """The sealed file under its own name; made from the blob if a crash came between."""
    path = services.settings.data / "archive" / f"{case.hex()}.zip"
    blob = services.facts.blob_path(bytes.fromhex(sha256))
    if not path.exists():
        if blob is None:
            return None
        make_folder(path.parent)
        os.link(blob, path)
        sync_folder(path.parent)
    return path


def _package(services: Services, case: bytes) -> BlobRef:
    """Build the package, verify it, keep it as a blob."""
    path = services.settings.uploads / f"casefile-{secrets.token_hex(8)}.zip"
    try:
        casefiles.write_casefile(services, case, path)
        _expect_whole(services, case, path)
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").digest()
        size = path.stat().st_size
        services.blobs.take(path, sha256)
    finally:
        path.unlink(missing_ok=True)
    return BlobRef(sha256=sha256.hex(), size=size, media_type=MEDIA_TYPE)


def _expect_whole(services: Services, case: bytes, path: Path) -> None:
    registry = services.sequencer.registry
    roots = {agency: known.roots for agency, known in registry.agencies.items()}
    trust = Trust(tuple(map(VerifierKey.parse, services.log_keys)), roots)
    with path.open("rb") as file:
        failed = [check for check in verify_zip(file, trust) if not check.ok]
    if failed:
        raise PackageBroken(
            "the case's package does not verify ({check}: {words}); run fujie-server fsck, and "
            "seal it when that is mended",
            check=failed[0].name,
            words=f"{failed[0].zh} {failed[0].en}",
        )


def _stored(facts: Facts, state: CaseState) -> set[str]:
    """Hashes (hex) of the case's blobs that are stated as stored and on the disk."""
    held = set()
    for ref in state.blobs:
        blob = facts.blob(bytes.fromhex(ref.sha256))
        if blob is not None and blob.stored_index is not None and facts.blob_path(blob.sha256):
            held.add(ref.sha256)
    return held


def _next_number(services: Services, agency: str, now: int) -> str:
    """Year and serial of four digits each (归档号); serials begin anew each year."""
    year = f"{local_day(now).year}"
    given = [one for one in queries.archive_numbers(services.db, agency) if one.startswith(year)]
    serial = 1 + max((int(one[4:]) for one in given if one[4:].isdigit()), default=0)
    return f"{year}{serial:04}"

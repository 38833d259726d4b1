"""Sealing a case file, with its I/O around it.

    1  the gate is asked (``office/archive.py``); nothing is built for a file that may not be sealed
    2  cover, contents list and remarks sheet of each volume are printed, bear the agency's e-seal
       and are kept as blobs; ``file_bound`` is signed by the archivist (``office/binding.py``)
    3  the package is built from the log and verified whole, as ``fujie-verify`` would
    4  it is made durable under its hash, as a blob of the office
    5  ``file_archived`` is signed by the archivist, ``blob_stored`` by the office, in one commit
    6  the name ``<data>/archive/<case>.zip`` is made, for who looks through the folder; pages read
       the blob, and a crash between 5 and 6 leaves the file sealed without that name

After a crash between 2 and 5 the file is bound and not sealed; who seals it binds it anew. A
package that does not verify is not sealed: something of the case is lost or altered.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import threading
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from protocol.calendar import local_day
from protocol.case import CaseState
from protocol.casecheck import Level, verify_zip
from protocol.casetrust import Trust
from protocol.errors import Refused
from protocol.keys import Signer
from protocol.note import VerifierKey
from protocol.statements import BlobRef, BlobStored, FileArchived, FileBound, Statement
from sync_server.cases import casefiles, publishing
from sync_server.cases.publishing import Desk, Signatory, Standing
from sync_server.documents import typeset
from sync_server.keys import eseal
from sync_server.log.facts import Facts
from sync_server.log.journal import Stated
from sync_server.office import archive, binding
from sync_server.office.archive import Check, Plan
from sync_server.office.binding import Binding
from sync_server.projections import archivequeries
from sync_server.services import Services
from sync_server.store.files import make_folder, sync_folder

MEDIA_TYPE = "application/zip"
PDF = "application/pdf"
REASON = "归档"

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
    asked: Binding,
    archivist: Signatory,
    version: int,
) -> Stated:
    """Seal a case file. Raises NotHere, Changed, PackageBroken, NotTypeset, NoSeal, and what
    ``archive.seal`` does."""
    person, signer = archivist
    with _one_at_a_time:
        found = publishing.standing(desk, person.agency, case)
        blank = Plan(BlobRef(sha256="0" * 64, size=0, media_type=MEDIA_TYPE), asked.retention, "")
        _sealed(desk, found, blank)  # refuses before anything is built
        desk.projections.catch_up()  # the numbers given so far are read from the archive's list
        number = _next_number(services, person.agency, desk.now)
        asked = replace(asked, archive_no=number, checker=person.name)
        bound, printed = _bind(services, desk, found, asked)
        told: list[tuple[Statement, list[Signer]]] = [(bound, [signer])]
        told += [
            (_arrival(desk, case, person.agency, one), [services.office_key]) for one in printed
        ]
        desk.office.state_all(told, {case: version})
        found = publishing.standing(desk, person.agency, case)
        package = _package(services, case, binding.apart(found.state))
        sealed = _sealed(desk, found, Plan(package, asked.retention, number))
        arrived = _arrival(desk, case, person.agency, package)
        stated = desk.office.state_all(
            [(sealed, [signer]), (arrived, [services.office_key])], {case: found.version}
        )
        package_path(services, case, package.sha256)
        return stated[0]


def package_path(services: Services, case: bytes, sha256: str) -> Path | None:
    """The sealed file under its own name, made from the blob. What had the name before was sealed
    in a log that was lost, or is not this one's bytes any more."""
    path = services.settings.data / "archive" / f"{case.hex()}.zip"
    blob = services.facts.blob_path(bytes.fromhex(sha256))
    if blob is None:
        return None
    if not path.exists() or not path.samefile(blob):
        make_folder(path.parent)
        path.unlink(missing_ok=True)
        os.link(blob, path)
        sync_folder(path.parent)
    return path


def _sealed(desk: Desk, found: Standing, plan: Plan) -> FileArchived:
    return archive.seal(
        plan,
        found.state,
        found.reference,
        now=desk.now,
        salt=secrets.token_hex(16),
        stored=_stored(desk.facts, found.state),
    )


def _bind(
    services: Services, desk: Desk, found: Standing, asked: Binding
) -> tuple[FileBound, list[BlobRef]]:
    """The file in order, and its printed sheets, which are blobs of the office by now."""
    now = desk.now
    bound = binding.bind(asked, found.state, found.reference, now=now, salt=secrets.token_hex(16))
    archive.expect_lawful(bound, found.state, found.reference, now)
    words = binding.sheets(bound, found.state, found.reference)
    pdfs = typeset.typeset_all([("casefile", one) for one in words], at=now)
    sealed = [
        eseal.seal(
            pdf, services.settings, bound.agency, found.reference.agency.name, reason=REASON, at=now
        )
        for pdf in pdfs
    ]
    printed = [
        BlobRef(sha256=services.blobs.put(pdf).hex(), size=len(pdf), media_type=PDF)
        for pdf in sealed
    ]
    return binding.with_sheets(bound, printed), printed


def _arrival(desk: Desk, case: bytes, agency: str, ref: BlobRef) -> BlobStored:
    return BlobStored(
        agency=agency,
        at=desk.now,
        salt=secrets.token_hex(16),
        case=case.hex(),
        sha256=ref.sha256,
        size=ref.size,
    )


def _package(services: Services, case: bytes, apart: Collection[str]) -> BlobRef:
    """Build the package, verify it, keep it as a blob."""
    path = services.settings.uploads / f"casefile-{secrets.token_hex(8)}.zip"
    try:
        casefiles.write_casefile(services, case, path, apart)
        # The file's own hash is taken beside its verification: both read what was just written.
        named = services.pool.submit(_digest, path)
        _expect_whole(services, path, apart)
        sha256 = named.result()
        size = path.stat().st_size
        services.blobs.take(path, sha256)
    finally:
        path.unlink(missing_ok=True)
    return BlobRef(sha256=sha256.hex(), size=size, media_type=MEDIA_TYPE)


def _digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def _expect_whole(services: Services, path: Path, apart: Collection[str]) -> None:
    """Raises PackageBroken unless every check holds; what lies in the secret volume may be lacking,
    and nothing else."""
    registry = services.sequencer.registry
    roots = {agency: known.roots for agency, known in registry.agencies.items()}
    trust = Trust(tuple(map(VerifierKey.parse, services.log_keys)), roots)
    with path.open("rb") as file:
        failed = [check for check in verify_zip(file, trust) if not check.ok]
    for check in failed:
        if check.level is Level.LACKS and any(one in check.en for one in apart):
            continue
        raise PackageBroken(
            "the case's package does not verify ({check}: {words}); run fujie-server fsck, and "
            "seal it when that is mended",
            check=check.name,
            words=f"{check.zh} {check.en}",
        )


def _stored(facts: Facts, state: CaseState) -> set[str]:
    """Hashes (hex) of the case's blobs that are stated as stored and on the disk."""
    held: set[str] = set()
    if state.opened_by is None:
        return held
    agency = state.opened_by.statement.agency
    for ref in state.blobs:
        blob = facts.blob(bytes.fromhex(ref.sha256), agency)
        if blob is not None and blob.stored_index is not None and facts.blob_path(blob.sha256):
            held.add(ref.sha256)
    return held


def _next_number(services: Services, agency: str, now: int) -> str:
    """Year and serial of four digits each (归档号); serials begin anew each year."""
    year = f"{local_day(now).year}"
    given = [
        one for one in archivequeries.archive_numbers(services.db, agency) if one.startswith(year)
    ]
    serial = 1 + max((int(one[4:]) for one in given if one[4:].isdigit()), default=0)
    return f"{year}{serial:04}"

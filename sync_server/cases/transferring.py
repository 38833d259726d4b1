"""Sealed files handed to an archive (移交; ARC-R 20): their packages and a list in one file.

    stated = transferring.transfer(services, desk, cases, "云溪县档案馆", "2036-1", archivist)

    transfer/data/20260001.zip      each package as it was sealed, read again and its hash compared
    transfer/data/list.csv          归档号, 题名, 文号, 结案日期, 保管期限, 件数, 页数, SHA-256
    transfer/manifest-sha256.txt …  a bag (BagIt 1.0) that any archive can check

What was handed over stays here until it is destroyed; each case's record names the bag's hash.

    path = transferring.fetch(services, desk, sha256, "许文", "移交", archivist)

Who takes the bag away looks into every file in it: a retrieval of each is on record before.
"""

from __future__ import annotations

import csv
import hashlib
import io
import secrets
import zlib
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

from protocol import bag
from protocol.calendar import local_day
from protocol.errors import Refused
from protocol.keys import Signer
from protocol.package import Member, write_package
from protocol.statements import FileTransferred, Statement
from protocol.vocabulary import Retention
from sync_server.cases import publishing
from sync_server.cases.publishing import Desk, Signatory
from sync_server.office import retrieving
from sync_server.office.retrieving import Wanted
from sync_server.projections import archivequeries
from sync_server.projections.tables import ArchiveRow
from sync_server.services import Services
from sync_server.store.files import make_folder, settle, sync_file

BASE = "transfer"
CHUNK = 1 << 20
HEAD = ("归档号", "题名", "文号", "结案日期", "保管期限", "件数", "页数", "SHA-256")


class NotTransferable(Refused):
    """Nothing chosen, no receiver, or a file that cannot be handed over."""


def transfer(
    services: Services,
    desk: Desk,
    cases: Sequence[bytes],
    receiver: str,
    list_no: str,
    archivist: Signatory,
) -> str:
    """Build the bag, then state for each case that it went; the bag's hash (hex)."""
    person, signer = archivist
    if not (cases and receiver and list_no):
        raise NotTransferable(
            "expected files, their receiver and the number of the list; a transfer names all three"
        )
    found = [archivequeries.sealed(services.db, person.agency, case) for case in cases]
    rows = [one for one in found if one is not None and one.destroyed_at is None]
    if len(rows) != len(cases):
        raise NotTransferable("a file that was chosen is not sealed here; choose from the list")
    sha256 = _build(services, rows, person.agency, desk.now)
    told: list[tuple[Statement, Sequence[Signer]]] = [
        (
            FileTransferred(
                agency=person.agency,
                at=desk.now,
                salt=secrets.token_hex(16),
                case=row.case_id.hex(),
                files=[row.package.hex()],
                receiver=receiver,
                list_no=list_no,
                package=sha256,
                on=local_day(desk.now).isoformat(),
            ),
            [signer],
        )
        for row in rows
    ]
    desk.office.state_all(told)
    return sha256


def bag_of(services: Services, sha256: str) -> Path:
    """Where the bag of a transfer lies."""
    return services.settings.data / "archive" / f"transfer-{sha256[:16]}.zip"


def in_bag(services: Services, agency: str, sha256: str) -> list[ArchiveRow]:
    """The files of an agency that a bag holds by what was stated of it, also those that were handed
    over in another one since."""
    told = (one.statement for one in services.facts.of_kind("file_transferred"))
    cases = {
        bytes.fromhex(said.case)
        for said in told
        if isinstance(said, FileTransferred)
        and said.case is not None
        and (said.agency, said.package) == (agency, sha256)
    }
    found = [archivequeries.sealed(services.db, agency, case) for case in cases]
    return sorted((row for row in found if row is not None), key=lambda row: row.archive_no)


def fetch(
    services: Services, desk: Desk, sha256: str, by: str, purpose: str, archivist: Signatory
) -> Path:
    """State for each case in a bag who takes its package and for what; then where the bag lies.
    Raises NotTransferable if there is no such bag of the person's agency, NothingAsked, Changed."""
    person, signer = archivist
    rows = in_bag(services, person.agency, sha256)
    path = bag_of(services, sha256)
    if not rows or not path.exists():
        raise NotTransferable(
            "this bag is not here any more; hand the files over again, and another one is built"
        )
    told: list[tuple[Statement, Sequence[Signer]]] = []
    versions: dict[bytes, int] = {}
    for row in rows:
        found = publishing.standing(desk, person.agency, row.case_id)
        wanted = Wanted(by, row.transferred_to, purpose, None, (row.package.hex(),))
        said = retrieving.retrieve(
            wanted, found.state, now=desk.now, salt=secrets.token_hex(16), by_head=False
        )
        told.append((said, [signer]))
        versions[row.case_id] = found.version
    desk.office.state_all(told, versions)
    return path


def _build(services: Services, rows: Sequence[ArchiveRow], agency: str, now: int) -> str:
    payload = [_text("data/list.csv", _list(rows))]
    payload += [_package(services, row) for row in sorted(rows, key=lambda one: one.archive_no)]
    digests = {member.name: digest for member, digest in payload}
    size = sum(member.size for member, _ in payload)
    info = (
        f"Bagging-Date: {local_day(now).isoformat()}\n"
        f"Payload-Oxum: {size}.{len(payload)}\n"
        f"Source-Organization: {agency}\n"
    ).encode()
    tags = {bag.DECLARATION: bag.BAGIT, bag.INFO: info, bag.PAYLOAD: bag.manifest(digests)}
    listed = bag.manifest({name: hashlib.sha256(data).digest() for name, data in tags.items()})
    members = [one for one, _ in payload]
    members += [_text(name, data)[0] for name, data in [*tags.items(), (bag.TAGS, listed)]]
    make_folder(services.settings.uploads)
    part = services.settings.uploads / f"transfer-{secrets.token_hex(8)}"
    try:
        with part.open("wb") as out:
            write_package(out, [_inside(one) for one in members])
        with part.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        sync_file(part)
        settle(part, bag_of(services, sha256))
    finally:
        part.unlink(missing_ok=True)
    return sha256


def _package(services: Services, row: ArchiveRow) -> tuple[Member, bytes]:
    """A sealed package, read whole. Raises NotTransferable if it is not what was sealed."""
    path = services.facts.blob_path(row.package)
    digest, crc, size = hashlib.sha256(), 0, 0
    for chunk in _chunks(path) if path else ():
        digest.update(chunk)
        crc, size = zlib.crc32(chunk, crc), size + len(chunk)
    if path is None or digest.digest() != row.package:
        raise NotTransferable(
            "the package of {number} is not what was sealed; have the operator put it back from "
            "the newest backup first",
            number=row.archive_no,
        )
    return Member(f"data/{row.archive_no}.zip", size, crc, partial(_chunks, path)), row.package


def _list(rows: Iterable[ArchiveRow]) -> bytes:
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(HEAD)
    for row in rows:
        table.writerow(
            (
                row.archive_no,
                row.title,
                row.decision or row.number,
                local_day(row.closed_at).isoformat(),
                Retention(row.retention).zh,
                row.documents,
                row.pages,
                row.package.hex(),
            )
        )
    return out.getvalue().encode("utf-8-sig")


def _text(name: str, data: bytes) -> tuple[Member, bytes]:
    return Member(name, len(data), zlib.crc32(data), lambda: [data]), hashlib.sha256(data).digest()


def _inside(member: Member) -> Member:
    return Member(f"{BASE}/{member.name}", member.size, member.crc, member.chunks)


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk

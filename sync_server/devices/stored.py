"""How a blob that a record names comes to be stored, and the office says so.

    grant      a device may upload a blob that an admitted record of its agency names
    settle     the upload is whole: verify, make durable, state ``blob_stored``
    end        the client gives it up, or its time is over
    resume     at start: what was made durable and not stated yet is stated
    forget_…   uploads whose time is over; at start, what a crash left beside them

An upload waits longer (``upload_ms``) than a token opens it (``token_ms``), so that a tablet which
was away for days goes on where it was. A token says in itself when it ends; that the server made it
is in the row's hash of it. Of an upload that has ended the row stays for a while, to answer 410.

The statement is the office device's, because it is an automatic fact. It belongs to the case of
the record of the agency that named the blob first, and is said of that agency: the same bytes that
another agency names come from there as well (``log/namings.py``).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import structlog
from sqlmodel import col, delete, select

from protocol import envelope as dsse
from protocol import statements
from protocol.envelope import STATEMENT_TYPE
from protocol.errors import Refused, TooLarge
from protocol.messages import OfficeRecord, UploadGranted, UploadWanted
from protocol.registry.registry import Device
from protocol.statements import BlobStored, case_of
from sync_server.log.append import Append
from sync_server.log.journal import StateJob
from sync_server.log.namings import Blob
from sync_server.services import Services
from sync_server.store.blobs import Verifying, WrongBytes, expect_room
from sync_server.store.tables import UploadRow

PATH = "/v1/blobs"
REMEMBERED_MS = 7 * 24 * 3_600_000
"""How long an upload that has ended is known to have been one."""

log = structlog.get_logger(__name__)


class NotWanted(Refused):
    """No admitted record names this blob in this size."""


def grant(services: Services, device: Device, wanted: UploadWanted) -> UploadGranted:
    """An upload for a blob, a new one or the one under way, of which a chunk that is still open
    ends. Raises NotWanted, TooLarge, NoRoom, Verifying, and WrongBytes where a whole upload turns
    out to be another blob."""
    blob = _expect_wanted(services, device, wanted)
    now = services.clock.now()
    if wanted.size == 0:
        services.blobs.put(b"")
    if services.facts.holds(blob):
        state_stored(services, blob)
        return UploadGranted(
            at=now,
            path="",
            token="",
            expires_at=now,
            offset=blob.size,
            complete=True,
            stored=_told_elsewhere(services, device, blob),
        )
    ends_at = now + services.settings.token_ms
    token = f"{ends_at:x}.{secrets.token_urlsafe(32)}"
    row = _upload(services, device, blob, token, now)
    services.uploads.interrupt(row.upload)
    try:
        services.uploads.resume(row.upload, now)
        offset = services.uploads.offset(row.upload)
    except FileNotFoundError:  # it became whole just now
        raise Verifying("this upload is being verified; ask again in a moment") from None
    expect_room(services.settings.data, row.size - offset)
    if offset == row.size:  # a crash came between its last byte and its verification
        settle(services, row)
    return UploadGranted(
        at=now,
        path=f"{PATH}/{row.upload}",
        token=token,
        expires_at=ends_at,
        offset=offset,
        complete=offset == row.size,
    )


def upload_of(services: Services, upload: str, token: str) -> UploadRow | None:
    """The upload of this id if the token is its own."""
    with services.db.reading() as session:
        row = session.get(UploadRow, upload)
    return row if row and _fits(row, token) else None


def token_ends(token: str) -> int:
    """When a token ends, in ms; only of one that was found to be a row's."""
    return int(token.partition(".")[0], 16)


def upload_by_token(services: Services, token: str) -> UploadRow | None:
    """The upload that a token was made for."""
    hashed = hashlib.sha256(token.encode()).digest()
    with services.db.reading() as session:
        return session.exec(select(UploadRow).where(UploadRow.token_hash == hashed)).first()


def settle(services: Services, row: UploadRow) -> None:
    """Verify a whole upload and make it a blob. Raises WrongBytes; the upload then starts over.
    Raises WrongOffset while a chunk of it is still open: whoever sends it could cut the file."""
    with services.uploads.still(row.upload):
        _take(services, row)
    blob = services.facts.blob(row.sha256, row.agency, row.size)
    if blob is not None:
        state_stored(services, blob)


def take(services: Services, agency: str, files: Mapping[bytes, Path]) -> None:
    """Keep verified files that admitted records of an agency name, and that did not come from it
    yet; state them as stored."""
    for sha256, path in files.items():
        blob = services.facts.blob(sha256, agency, path.stat().st_size)
        if blob is not None and blob.stored_index is None:
            services.blobs.take(path, sha256)
            state_stored(services, blob)


def end(services: Services, row: UploadRow) -> None:
    """End an upload; what arrived of it is dropped. Raises Verifying."""
    with services.uploads.still(row.upload):
        _forget(services, row)


def forget_expired(services: Services) -> None:
    """End every upload whose time is over, and forget those that ended long ago."""
    now = services.clock.now()
    with services.db.reading() as session:
        old = session.exec(select(UploadRow.upload).where(UploadRow.expires_at <= now)).all()
    for upload in old:
        with suppress(Verifying), services.uploads.still(upload):
            services.uploads.remove(upload)
    with services.db.private() as session:
        session.exec(delete(UploadRow).where(col(UploadRow.expires_at) <= now - REMEMBERED_MS))


def forget_strays(services: Services) -> None:
    """Drop what a crash left beside the uploads: exports on their way out, uploads that nobody
    was told of. Only at start, when nothing is under way."""
    with services.db.reading() as session:
        known = set(session.exec(select(UploadRow.upload)).all())
    folder = services.settings.uploads
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.name not in known:
            path.unlink()


def state_stored(services: Services, blob: Blob) -> None:
    """State that a blob is durable, unless that was said before."""
    if blob.stored_index is not None:
        return
    named_by = services.facts.record(blob.record_hash)
    if named_by is None:
        return
    said = named_by.statement
    case = case_of(said, named_by.hash)
    statement = BlobStored(
        agency=said.agency,
        at=services.clock.now(),
        salt=secrets.token_hex(16),
        case=case.hex() if case else None,
        sha256=blob.sha256.hex(),
        size=blob.size,
    )
    envelope = dsse.sign(STATEMENT_TYPE, statements.encode(statement), [services.office_key])
    services.sequencer.submit(_Storing(blob, services.office.job([envelope]))).result()


@dataclass(frozen=True)
class _Storing:
    """State that a blob is durable, once: whoever saw it whole says so. A job of the writer."""

    blob: Blob
    said: StateJob

    def run(self, append: Append) -> None:
        if not append.is_stored((self.blob.sha256, self.blob.agency, self.blob.size)):
            self.said.run(append)


def _told_elsewhere(services: Services, device: Device, named: Blob) -> OfficeRecord | None:
    """The office's record that a blob is stored, for a device that was not the first to name it: it
    need not wait for its next pull. None as well until there is a head to prove it under."""
    blob = services.facts.blob(named.sha256, named.agency, named.size)
    if blob is None or blob.stored_index is None:
        return None
    first = services.sequencer.registry.device_of_journal(blob.journal)
    head = services.cosigned.newest()
    if blob.stored_index >= head.size or (first and first.name == device.name):
        return None
    said = services.facts.link_at(blob.stored_index)
    if said is None or said.envelope is None:
        return None
    receipt = services.facts.receipt(said.link_hash, head).encode()
    return OfficeRecord(link=said.link_bytes, statement=said.envelope, receipt=receipt)


def resume(services: Services) -> None:
    """State what was made durable before a crash and not stated."""
    for blob in services.facts.wanted():
        if services.facts.holds(blob):
            state_stored(services, blob)


def _take(services: Services, row: UploadRow) -> None:
    path = services.uploads.path(row.upload)
    if services.blobs.has(row.sha256) and not path.is_file():
        return  # another request saw it whole, and was first
    got = services.uploads.digest(row.upload)
    if got != row.sha256:
        log.warning("an upload is not the blob that its record names", device=row.device)
        services.blobs.quarantine(path, row.sha256, got)
        _forget(services, row)
        raise WrongBytes(
            "the whole upload is not the blob {blob} that the record names; it is kept aside, "
            "send the blob again from its beginning",
            blob=row.sha256.hex(),
        )
    try:
        services.blobs.take(path, row.sha256)
    finally:
        services.uploads.remove(row.upload)


def _forget(services: Services, row: UploadRow) -> None:
    services.uploads.remove(row.upload)
    with services.db.private() as session:
        found = session.get(UploadRow, row.upload)
        if found is not None:
            found.expires_at = services.clock.now()


def _expect_wanted(services: Services, device: Device, wanted: UploadWanted) -> Blob:
    if wanted.size > services.settings.max_blob:
        raise TooLarge(
            "expected a blob of at most {bound} bytes, got {size}",
            bound=services.settings.max_blob,
            size=wanted.size,
        )
    named = services.facts.namings(wanted.sha256, device.agency, wanted.size)
    of_device = services.sequencer.registry.device_of_journal
    blob = next((one for one in named if of_device(one.journal) is not None), None)
    if device.revoked_at is not None and device.revoked_at <= services.clock.now():
        raise Refused("this device is revoked; export its journal")
    if blob is None:
        raise NotWanted(
            "no admitted record names blob {blob} of {size} bytes; push the record first",
            blob=wanted.sha256.hex(),
            size=wanted.size,
        )
    return blob


def _upload(services: Services, device: Device, blob: Blob, token: str, now: int) -> UploadRow:
    hashed = hashlib.sha256(token.encode()).digest()
    expires_at = now + services.settings.upload_ms
    with services.db.private() as session:
        row = session.exec(
            select(UploadRow).where(
                UploadRow.sha256 == blob.sha256,
                UploadRow.size == blob.size,
                UploadRow.agency == device.agency,
                UploadRow.device == device.name,
                col(UploadRow.expires_at) > now,
            )
        ).first()
        if row is None or not services.uploads.path(row.upload).is_file():
            upload = services.uploads.create()
            row = UploadRow(
                upload=upload,
                token_hash=hashed,
                sha256=blob.sha256,
                size=blob.size,
                agency=device.agency,
                device=device.name,
                expires_at=expires_at,
            )
        row.token_hash, row.expires_at = hashed, expires_at
        session.add(row)
        session.flush()
        session.expunge(row)
    return row


def _fits(row: UploadRow, token: str) -> bool:
    return hmac.compare_digest(row.token_hash, hashlib.sha256(token.encode()).digest())

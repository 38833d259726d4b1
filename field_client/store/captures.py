"""From a capture that begins to a blob that a statement may name, across crashes.

    begin   free space is checked; the file's key is committed to the vault; then the file exists
    …       camera and microphone write (``media.py``)
    keep    in the caller's transaction the CaptureRow becomes a BlobRow

What a crash leaves is a CaptureRow without a BlobRow: ``interrupted`` lists them after the next
start, and ``rescue`` makes a whole blob of what can be read, which then says that it was cut.

    writer = begin(vault, blobs_dir, media_type="video/mp4", purpose="...", case_id=c, at=now)
    captured = record_clip(source, writer, clock, seconds=10)
    with vault.transaction() as session:
        blob = keep(session, blobs_dir, writer, captured.written, at=captured.ended_at)
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from pathlib import Path

from sqlmodel import Session, select

from field_client.durable import require_room
from field_client.errors import BlobMissing
from field_client.store import parts
from field_client.store.blobs import RESERVE, BlobReader, BlobWriter, Written
from field_client.store.parts import Part
from field_client.store.tables import BlobRow, CaptureRow
from field_client.store.vault import Vault


def begin(
    vault: Vault,
    folder: Path,
    *,
    media_type: str,
    purpose: str,
    case_id: bytes | None,
    at: int,
    reserve: int = RESERVE,
    part: Part | None = None,
) -> BlobWriter:
    """A writer for a new blob whose key is safe in the vault, with the continuous recording that
    it is a part of. Raises DiskFull."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    require_room(folder, reserve)
    # Random, as a name made from the content would tell a thief what is inside.
    name, key = f"{secrets.token_hex(16)}.blob", secrets.token_bytes(32)
    row = CaptureRow(
        path=name, key=key, media_type=media_type, purpose=purpose, case_id=case_id, started_at=at
    )
    with vault.transaction() as session:
        session.add(row)
        if part is not None:
            parts.mark(session, name, part)
    try:
        return BlobWriter(folder / name, key, reserve=reserve)
    except BaseException:
        discard(vault, folder, name)
        raise


def keep(
    session: Session,
    folder: Path,
    writer: BlobWriter,
    written: Written,
    at: int,
    *,
    named: bool = True,
) -> BlobRow:
    """Turn a finished capture into a blob, in the caller's transaction.

    The same content twice is one blob; the second file is then superfluous and removed.
    ``named`` says that a statement of the same transaction names it, and says what it is part of.
    """
    capture = session.get_one(CaptureRow, writer.path.name)
    session.delete(capture)
    known = session.get(BlobRow, written.sha256)
    if named or known is not None:
        parts.forget(session, capture.path)
    if known is not None:
        (folder / capture.path).unlink(missing_ok=True)
        known.named = known.named or named
        session.add(known)
        return known
    blob = BlobRow(
        sha256=written.sha256,
        size=written.size,
        media_type=capture.media_type,
        path=capture.path,
        key=capture.key,
        purpose=capture.purpose,
        case_id=capture.case_id,
        at=at,
        began_at=capture.started_at,
        named=named,
    )
    session.add(blob)
    return blob


def discard(vault: Vault, folder: Path, name: str) -> None:
    """Forget a capture that the officer did not keep: its file, then its key."""
    with suppress(FileNotFoundError):
        (folder / name).unlink()
    with vault.transaction() as session:
        row = session.get(CaptureRow, name)
        if row is not None:
            session.delete(row)
        parts.forget(session, name)


def open_blob(folder: Path, blob: BlobRow) -> BlobReader:
    """The plaintext of a blob: ``.chunks(offset)`` to upload it, ``.all()`` to show it."""
    return BlobReader(folder / blob.path, blob.key)


def interrupted(vault: Vault) -> list[CaptureRow]:
    """Captures that a crash cut, oldest first. Call it before a new one begins."""
    with vault.session() as session:
        return list(session.exec(select(CaptureRow).order_by("started_at")).all())


def rescue(
    vault: Vault, folder: Path, capture: CaptureRow, at: int, *, reserve: int = RESERVE
) -> BlobRow | None:
    """Make a whole blob, which no statement names yet, of what a cut capture still holds; None
    when that is nothing. ``at`` is when it broke off.

    Raises BlobTampered when what is left was changed; then nothing is touched.
    """
    with vault.session() as session:
        part = parts.part_of(session, capture.path)
    reader = BlobReader(folder / capture.path, capture.key, allow_cut=True)
    writer = begin(
        vault,
        folder,
        media_type=capture.media_type,
        purpose=capture.purpose,
        case_id=capture.case_id,
        at=capture.started_at,
        reserve=reserve,
        part=part,
    )
    try:
        with suppress(BlobMissing):  # killed between the key's commit and the file's first byte
            for chunk in reader.chunks():
                writer.write(chunk)
        written = writer.finish()
    except BaseException:
        writer.close()
        discard(vault, folder, writer.path.name)
        raise
    if not written.size:
        discard(vault, folder, writer.path.name)
        discard(vault, folder, capture.path)
        return None
    with vault.transaction() as session:
        blob = keep(session, folder, writer, written, at, named=False)
    discard(vault, folder, capture.path)
    return blob

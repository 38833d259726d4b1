"""Files of body-worn recorders, taken in as they are and labelled afterwards.

    taken = take_in(vault, folder, found, case, by="00992304117", clock=clock)
    waiting(vault, case)                    # what is in and has no record yet
    journal.save(statement, …, keeps=[kept(taken)])

The bytes are copied unchanged, encrypted and hashed on the way; what is kept is byte for byte the
file. A stick that is pulled out, a file that changes meanwhile, or a crash leaves nothing of it.
The same bytes twice are one: the second is recognised by its hash and told, not kept.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sqlmodel import Session, col, select

from field_client.device_clock import Clock
from field_client.durable import MIB, require_room
from field_client.errors import FieldError, ImportBroken
from field_client.store import captures
from field_client.store.blobs import RESERVE, BlobWriter, Written
from field_client.store.journal import Keep
from field_client.store.tables import BlobRow, ImportRow
from field_client.store.vault import Vault
from protocol.statements import BlobRef
from protocol.vocabulary import MediaKind

UNDER_WAY = "application/vnd.fujie.importing"
"""The type of an import that is not whole: what a crash leaves of it is thrown away at start."""

PIECE = MIB


def named(path: Path) -> str:
    """A file's or a stick's name as it can be shown and written down: one of another alphabet
    may hold bytes that are no text."""
    return os.fsencode(path.name).decode(errors="replace")


@dataclass(frozen=True)
class Found:
    """A media file on a stick, as it says of itself: times in ms, ``recorded_at`` by the
    recorder's clock or, where it says nothing, the file's date."""

    path: Path
    source: str
    size: int
    modified_ns: int
    media: MediaKind
    media_type: str
    codec: str
    duration_ms: int
    recorded_at: int

    @property
    def name(self) -> str:
        """The file's name on the stick, as it can be written down."""
        return named(self.path)


@dataclass(frozen=True)
class Taken:
    """A file that is in the vault. ``known``: it was there before."""

    media: MediaKind
    ref: BlobRef
    by: str
    at: int
    source: str
    name: str
    recorded_at: int
    duration_ms: int
    codec: str
    known: bool = False


def take_in(
    vault: Vault,
    folder: Path,
    found: Found,
    case: bytes,
    *,
    by: str,
    clock: Clock,
    on_progress: Callable[[int], None] = lambda done: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Taken | None:
    """Copy a file in; None when that was called off. Raises ImportBroken, DiskFull."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    require_room(folder, RESERVE + found.size)
    at = clock.wall_ms()
    writer = captures.begin(
        vault, folder, media_type=UNDER_WAY, purpose="", case_id=case, at=found.recorded_at
    )
    try:
        written = _copied(found, writer, on_progress, cancelled)
        if written is not None:
            return _entered(vault, folder, writer, written, found, case, by, at)
    except BaseException:
        writer.close()
        captures.discard(vault, folder, writer.path.name)
        raise
    writer.close()
    captures.discard(vault, folder, writer.path.name)
    return None


def take_all(
    vault: Vault,
    folder: Path,
    wanted: Sequence[Found],
    case: bytes,
    *,
    by: str,
    clock: Clock,
    on_progress: Callable[[int, str, int], None] = lambda number, name, done: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> tuple[list[Taken], FieldError | None]:
    """Copy several in, until one fails or it is called off: those that are whole, and what went
    wrong. ``on_progress`` hears which file it is, and how many bytes of all are in."""
    taken: list[Taken] = []
    before = 0
    for number, one in enumerate(wanted, 1):
        tell = partial(_tell, on_progress, number, one.name, before)
        try:
            got = take_in(
                vault,
                folder,
                one,
                case,
                by=by,
                clock=clock,
                on_progress=tell,
                cancelled=cancelled,
            )
        except FieldError as error:
            return taken, error
        if got is None:
            break
        taken.append(got)
        before += one.size
    return taken, None


def _tell(
    hear: Callable[[int, str, int], None], number: int, name: str, before: int, done: int
) -> None:
    hear(number, name, before + done)


def waiting(vault: Vault, case: bytes) -> list[Taken]:
    """Files of a case that are in and that no record names yet, in the order of their times."""
    with vault.session() as session:
        rows = session.exec(
            select(ImportRow, BlobRow)
            .where(ImportRow.sha256 == BlobRow.sha256, ImportRow.case_id == case)
            .order_by(col(ImportRow.recorded_at))
        ).all()
    return [_taken(row, blob) for row, blob in rows]


def kept(taken: Taken) -> Keep:
    """What makes it the blob of the statement that is saved, in its transaction."""
    name = bytes.fromhex(taken.ref.sha256)

    def keep(session: Session) -> object:
        blob = session.get_one(BlobRow, name)
        blob.named = True
        session.add(blob)
        row = session.get(ImportRow, name)
        if row is not None:
            session.delete(row)
        return blob

    return keep


def put_back(vault: Vault, folder: Path, taken: Taken) -> None:
    """Forget a file that was taken in and is not to be kept; it is still on its stick."""
    name = bytes.fromhex(taken.ref.sha256)
    with vault.transaction() as session:
        row, blob = session.get(ImportRow, name), session.get(BlobRow, name)
        if row is None or blob is None or blob.named:
            return
        session.delete(row)
        session.delete(blob)
        path = blob.path
    (folder / path).unlink(missing_ok=True)


def _copied(
    found: Found,
    writer: BlobWriter,
    on_progress: Callable[[int], None],
    cancelled: Callable[[], bool],
) -> Written | None:
    done = 0
    try:
        with found.path.open("rb") as file:
            while piece := file.read(PIECE):
                if cancelled():
                    return None
                writer.write(piece)
                done += len(piece)
                on_progress(done)
            now = os.fstat(file.fileno())
    except OSError as error:
        raise _broken(found) from error
    if done != found.size or now.st_mtime_ns != found.modified_ns:
        raise _broken(found)
    return writer.finish()


def _entered(
    vault: Vault,
    folder: Path,
    writer: BlobWriter,
    written: Written,
    found: Found,
    case: bytes,
    by: str,
    at: int,
) -> Taken:
    row = ImportRow(
        sha256=written.sha256,
        case_id=case,
        by=by,
        at=at,
        source=found.source,
        name=found.name,
        recorded_at=found.recorded_at,
        duration_ms=found.duration_ms,
        codec=found.codec,
    )
    with vault.transaction() as session:
        known = session.get(BlobRow, written.sha256) is not None
        blob = captures.keep(
            session, folder, writer, written, found.recorded_at + found.duration_ms, named=False
        )
        if not known:
            blob.media_type = found.media_type
            session.add(row)
    return _taken(row, blob, known=known)


def _taken(row: ImportRow, blob: BlobRow, *, known: bool = False) -> Taken:
    kind = blob.media_type.partition("/")[0]
    return Taken(
        media={"image": MediaKind.PHOTO, "audio": MediaKind.SOUND}.get(kind, MediaKind.VIDEO),
        ref=BlobRef(sha256=blob.sha256.hex(), size=blob.size, media_type=blob.media_type),
        by=row.by,
        at=row.at,
        source=row.source,
        name=row.name,
        recorded_at=row.recorded_at,
        duration_ms=row.duration_ms,
        codec=row.codec,
        known=known,
    )


def _broken(found: Found) -> ImportBroken:
    return ImportBroken(
        "{name} could not be read to its end, or changed meanwhile. Nothing of it was kept; plug "
        "the stick in again and start it anew.",
        name=found.name,
    )

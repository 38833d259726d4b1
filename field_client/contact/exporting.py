"""The tablet's journal on a stick, for the day that no push can bring it to the office.

    exporter.write(folder, Scope.UNSENT, progress)      /media/stick/fujie-YX-T07-….export

Everything, or what the office does not have: links with the signed head that they lead to,
statements, media (``freight.py``). It is sealed to the office's exchange key, so a lost stick tells
nobody anything (``protocol/export.py``); only an alarm's evidence lies beside it in the open, for
anybody to judge (``fujie-verify --evidence``). A record that is damaged here goes along as the
bytes that are left, and a recording without its end as far as it can be read.

It asks, too: the office answers with a file beside it, which the tablet takes in (``taking.py``).

The file is written as ``….part``, synced as it grows, renamed and the folder synced; what is there
is never overwritten. A stick that is pulled out, and a person who stops it, leave a ``.part`` with
which the next export of that scope to that stick goes on (``begun.py``), after everything in it was
read again: what does not hold is written anew. Only the device's key is needed, so this works while
no officer is signed in.
"""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO

import msgspec
from sqlmodel import func, select

from field_client.contact import answers, begun
from field_client.contact.answers import Cancelled
from field_client.contact.begun import Plan
from field_client.contact.far import Far, Progress, nobody
from field_client.contact.following import evidence
from field_client.contact.freight import UNSENT_ONLY, Freight, Otherwise
from field_client.contact.sticks import expect_room, fresh, full
from field_client.durable import FULL, sync_folder
from field_client.errors import ExportFailed, StickFull
from field_client.store.tables import JournalRow
from protocol.errors import Altered
from protocol.export import CHANCE, Kind, Part
from protocol.sealing import Begun, reached, seal

SUFFIX = ".export"
LOCAL = timedelta(hours=8)
SYNCED = 32 << 20
"""How many bytes are written before they are put on the stick for good: as much as a stick that is
pulled out can lose, and what keeps the bar from running ahead of it."""


class Scope(StrEnum):
    """How much: all that the tablet holds, or what the office has not acknowledged."""

    ALL = "all"
    UNSENT = UNSENT_ONLY


class Exporter(Freight):
    """Writes the exports of one tablet."""

    def write(
        self,
        folder: Path,
        scope: Scope,
        progress: Progress = nobody,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Path:
        """Write an export into ``folder``, or go on with the one that was begun there; returns its
        path when it is durable.

        Raises ExportFailed when the office has no key to seal to, or the stick does not take it;
        StickFull, Cancelled.
        """
        key = self.shelf.current.exchange_key
        if len(key) != 64:
            raise ExportFailed(
                "The office has not yet told this tablet to whom an export is sealed. Connect to "
                "it once, then export."
            )
        plan = self.unfinished(folder)
        if plan is not None and (plan.scope, plan.recipient) == (scope.value, key):
            with suppress(Altered, Otherwise):
                return self._write(folder, plan, True, progress, cancelled)
        if plan is not None:
            with suppress(OSError):
                plan.part(folder).unlink()
        begun.forget(self.vault)
        path = fresh(folder, self._stem(scope), SUFFIX)
        plan = self.plan(path.name, scope.value, key, secrets.token_bytes(CHANCE))
        return self._write(folder, plan, False, progress, cancelled)

    def unfinished(self, *folders: Path) -> Plan | None:
        """The export that was begun in one of these folders and goes on there."""
        plan = begun.kept(self.vault)
        there = plan is not None and any(os.path.isfile(plan.part(one)) for one in folders)
        return plan if there else None

    def saved_since(self, plan: Plan) -> int:
        """How many records were saved since an export was begun, and so are not in it."""
        with self.vault.session() as session:
            length = session.exec(select(func.sum(JournalRow.length))).one() or 0
        return max(0, length - plan.held)

    def _write(
        self,
        folder: Path,
        plan: Plan,
        again: bool,
        progress: Progress,
        cancelled: Callable[[], bool],
    ) -> Path:
        path, part = folder / plan.name, plan.part(folder)
        far = _Watched(plan, progress, cancelled)

        def kept() -> bool:
            return begun.kept(self.vault) is not None

        with _stick(folder, part, kept):
            with part.open("r+b" if again else "xb") as file:
                there = self._there(file, plan, far) if again else None
                expect_room(folder, plan.whole - (there.size if there else 0))
                if there is None or not there.whole:
                    self._append(file, plan, there, far)
                _sync(file)
            os.rename(part, path)
            begun.forget(self.vault)
            self._write_evidence(folder, path.stem)
            with suppress(OSError):  # FAT knows no fsync of a folder
                sync_folder(folder)
        progress(Far(far.done, far.done, plan.items, plan.items))
        return path

    def _there(self, file: BinaryIO, plan: Plan, far: _Watched) -> Begun:
        """What of the file holds; the rest of it is cut off. Raises Altered, Otherwise."""
        digest = begun.Digest()
        for part in self.front(plan):
            digest.take(part)
        if digest.value != plan.digest:
            raise Otherwise("expected the records that an export was begun with; begin anew")
        there = reached(far.reading(file), bytes.fromhex(plan.recipient), plan.chance)
        file.truncate(there.size)
        file.seek(there.size)
        far.done = there.size
        return there

    def _append(self, file: BinaryIO, plan: Plan, there: Begun | None, far: _Watched) -> None:
        if there is not None and (there.blobs or there.pieces):
            parts = self.media(plan, there)
        else:
            front = self.front(plan) if there else self._first(plan)
            skip = there.parts if there else 0
            parts = chain(islice(front, skip, None), self.media(plan, there))
        recipient, unsynced = bytes.fromhex(plan.recipient), 0
        for data in seal(far.counted(parts, there), recipient, plan.chance, begun=there):
            file.write(data)
            far.move(len(data))
            unsynced += len(data)
            if unsynced >= SYNCED:
                _sync(file)
                unsynced = 0

    def _first(self, plan: Plan) -> Iterator[Part]:
        """The parts before the media, for the first time: from their end on it can be gone on
        with."""
        digest = begun.Digest()
        yield from map(digest.take, self.front(plan))
        begun.keep(self.vault, msgspec.structs.replace(plan, digest=digest.value))

    def _write_evidence(self, folder: Path, stem: str) -> None:
        """The heads that contradicted each other, in the open: anybody may judge them."""
        for number, alarm in enumerate(evidence(self.vault), 1):
            with fresh(folder, f"{stem}-alarm-{number}", ".json").open("xb") as file:
                file.write(alarm)
                _sync(file)

    def _stem(self, scope: Scope) -> str:
        now = datetime.fromtimestamp(self.clock.wall_ms() / 1000, UTC) + LOCAL
        return f"fujie-{answers.named(self.device_name)}-{now:%Y%m%d-%H%M%S}-{scope.value}"


class _Watched:
    """How far an export is, told to somebody who may stop it."""

    def __init__(self, plan: Plan, progress: Progress, cancelled: Callable[[], bool]) -> None:
        self._plan, self._progress, self._cancelled = plan, progress, cancelled
        self.done = self._items = 0

    def move(self, size: int) -> None:
        """So many bytes more. Raises Cancelled."""
        if self._cancelled():
            raise Cancelled(
                "Stopped. Nothing is lost: export to the same stick again, and it goes on from "
                "here."
            )
        self.done += size
        whole = max(self._plan.whole, self.done)
        self._progress(Far(self.done, whole, self._items, self._plan.items))

    def reading(self, file: BinaryIO) -> Callable[[int], bytes]:
        """Reads what is there."""

        def read(size: int) -> bytes:
            data = file.read(size)
            self.move(len(data))
            return data

        return read

    def counted(self, parts: Iterator[Part], there: Begun | None) -> Iterator[Part]:
        """The parts as they come; records and files are counted."""
        if there is not None and (there.blobs or there.pieces):
            self._items = self._plan.records + there.blobs
        for part in parts:
            yield part
            self._items += part.kind in (Kind.STATEMENT, Kind.BLOB)


def _sync(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


@contextmanager
def _stick(folder: Path, part: Path, kept: Callable[[], bool]) -> Iterator[None]:
    """Name what a stick does wrong; take away what could not be finished and will not be gone on
    with."""
    try:
        yield
    except OSError as error:
        if error.errno in (*FULL, errno.EFBIG) or not kept():
            with suppress(OSError):
                part.unlink()
        if error.errno == errno.EFBIG:
            raise StickFull(
                "The stick in {folder} takes no file as large as this export: formatted as FAT32 "
                "it takes 4 GiB. Take one formatted as exFAT, or export only what is unsent.",
                folder=str(folder),
            ) from error
        if error.errno in FULL:
            raise full(folder) from error
        raise ExportFailed(
            "The stick in {folder} did not take the export ({fault}). Plug it in again and export "
            "once more: it goes on where it stopped. Or take another.",
            folder=str(folder),
            fault=error.strerror or type(error).__name__,
        ) from error
    except StickFull:
        with suppress(OSError):
            part.unlink()
        raise
    except BaseException:
        if not kept():
            with suppress(OSError):
                part.unlink()
        raise

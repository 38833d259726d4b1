"""The tablet's journal on a stick, for the day that no push can bring it to the office.

    exporter.write(folder, Scope.UNSENT, progress)      /media/stick/fujie-YX-T07-….export

Everything, or what the office does not have: links with the signed head that they lead to,
statements, media. It is sealed to the office's exchange key, so a lost stick tells nobody anything
(``protocol/export.py``); only an alarm's evidence lies beside it in the open, for anybody to judge
(``fujie-verify --evidence``). A record that is damaged here goes along as the bytes that are left,
and a recording without its end as far as it can be read.

It asks, too: the office answers with a file beside it, which the tablet takes in (``taking.py``).

The file is written as ``….part``, synced, renamed and the folder synced; what is there is never
overwritten. A stick that is pulled out leaves a ``.part``, or a file that every reader calls
truncated. Only the device's key is needed, so this works while no officer is signed in.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

from sqlmodel import Session, col, select

from field_client.contact import answers
from field_client.contact.answers import Cancelled
from field_client.contact.following import evidence
from field_client.contact.history import History
from field_client.contact.inventory import PROGRAM, signed_inventory
from field_client.contact.reference import ReferenceShelf
from field_client.contact.sticks import fresh
from field_client.device_clock import Clock
from field_client.durable import FULL, sync_folder
from field_client.errors import ExportFailed, MediaError, StickFull
from field_client.keys.device_keys import CurrentKey
from field_client.store.captures import open_blob
from field_client.store.stages import CURSOR, UNSENT
from field_client.store.tables import BlobRow, JournalRow, LinkRow, ReplacedLinkRow, StatementRow
from field_client.store.vault import Vault
from protocol import chain
from protocol.answer import Asked, sign_asked
from protocol.credential import issuer_of, open_device
from protocol.errors import FujieError
from protocol.export import CHANCE, Kind, Manifest, Part, manifest
from protocol.messages import DeviceAdmitted
from protocol.sealing import seal

SUFFIX = ".export"
LOCAL = timedelta(hours=8)

Progress = Callable[[int, int], None]
"""Bytes written, and about how many it will be."""


class Scope(StrEnum):
    """How much: all that the tablet holds, or what the office has not acknowledged."""

    ALL = "all"
    UNSENT = "unsent"


@dataclass(frozen=True)
class _Journal:
    """One journal as of the beginning of an export: its inventory and links, in order."""

    inventory: bytes
    links: tuple[bytes, ...]


@dataclass(frozen=True)
class Exporter:
    """Writes the exports of one tablet."""

    vault: Vault
    device: CurrentKey
    clock: Clock
    shelf: ReferenceShelf
    history: History
    admitted: DeviceAdmitted
    device_name: str
    data_dir: Path
    blobs_dir: Path

    def write(
        self,
        folder: Path,
        scope: Scope,
        progress: Progress = lambda _done, _all: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Path:
        """Write an export into ``folder``; returns its path when it is durable there.

        Raises ExportFailed when the office has no key to seal to, or the stick does not take it;
        StickFull, Cancelled. What could not be finished is removed again.
        """
        key = self.shelf.current.exchange_key
        if len(key) != 64:
            raise ExportFailed(
                "The office has not yet told this tablet to whom an export is sealed. Connect to "
                "it once, then export."
            )
        journals, blobs = self._contents(scope)
        whole = sum(row.size for row in blobs) + sum(len(one.links) * 2048 for one in journals)
        parts = self._parts(scope, journals, blobs)
        path = fresh(folder, self._stem(scope), SUFFIX)
        part = path.with_name(path.name + ".part")
        done = 0
        with _stick(folder, part):
            with part.open("xb") as file:
                for data in seal(parts, bytes.fromhex(key), secrets.token_bytes(CHANCE)):
                    if cancelled():
                        raise Cancelled(
                            "Stopped. Nothing was changed; begin again whenever you like."
                        )
                    file.write(data)
                    done += len(data)
                    progress(done, max(whole, done))
                _sync(file)
            os.rename(part, path)
            self._write_evidence(folder, path.stem)
            with suppress(OSError):  # FAT knows no fsync of a folder
                sync_folder(folder)
        progress(done, done)
        return path

    def _write_evidence(self, folder: Path, stem: str) -> None:
        """The heads that contradicted each other, in the open: anybody may judge them."""
        for number, alarm in enumerate(evidence(self.vault), 1):
            with fresh(folder, f"{stem}-alarm-{number}", ".json").open("xb") as file:
                file.write(alarm)
                _sync(file)

    def _stem(self, scope: Scope) -> str:
        now = datetime.fromtimestamp(self.clock.wall_ms() / 1000, UTC) + LOCAL
        return f"fujie-{answers.named(self.device_name)}-{now:%Y%m%d-%H%M%S}-{scope.value}"

    # ── what goes in ─────────────────────────────────────────────────────────────────────

    def _contents(self, scope: Scope) -> tuple[list[_Journal], list[BlobRow]]:
        """Journals and blobs in one consistent view."""
        with self.vault.session() as session:
            rows = session.exec(select(JournalRow).order_by(col(JournalRow.opened_at))).all()
            found = [(row, _links(session, row.id, scope)) for row in rows]
            wanted = select(BlobRow).order_by(col(BlobRow.size))
            if scope is Scope.UNSENT:
                wanted = wanted.where(col(BlobRow.stage).in_(UNSENT))
            blobs = list(session.exec(wanted))
        journals = [
            _Journal(self._inventory(row), links) for row, links in found if links or row.open
        ]
        return journals, blobs

    def _inventory(self, journal: JournalRow) -> bytes:
        return signed_inventory(
            self.vault,
            self.device.signer,
            self.clock,
            self.data_dir,
            agency=self.admitted.agency,
            checkpoint_size=self.history.log.size,
            reference_version=self.shelf.version,
            journal=journal,
        )

    def _parts(
        self, scope: Scope, journals: list[_Journal], blobs: list[BlobRow]
    ) -> Iterator[Part]:
        yield manifest(
            Manifest(
                agency=self.admitted.agency,
                device=self.device_name,
                made_at=self.clock.wall_ms(),
                scope=scope.value,
                program=PROGRAM,
            )
        )
        yield Part(Kind.CERTIFICATE, self._certificate())
        for officer in self.shelf.current.officers:
            for key in officer.credentials:
                if key.device == self.device_name:
                    yield Part(Kind.CREDENTIAL, key.credential)
        yield Part(Kind.ASKED, self._asked())
        for journal in journals:
            yield Part(Kind.INVENTORY, journal.inventory)
            for link in journal.links:
                yield Part(Kind.LINK, link)
        for journal in journals:
            yield from self._statements(journal)
        for blob in blobs:
            yield from self._blob(blob)

    def _asked(self) -> bytes:
        """What the office is to answer, and to which key."""
        cursor = self.vault.state(CURSOR) or b""
        asked = Asked(
            agency=self.admitted.agency,
            device=self.device_name,
            at=self.clock.wall_ms(),
            key=answers.public(answers.own_key(self.vault)).hex(),
            origin=self.history.log.origin,
            seen=self.history.log.size,
            cursor=int.from_bytes(cursor, "big"),
            photos=[name[:16] for name in self.shelf.portraits.held()],
            runs=True,
        )
        return sign_asked(asked, self.device.signer)

    def _certificate(self) -> bytes:
        """That of the key in force; of the enrolment's, where the roster does not have it."""
        for one in self.shelf.current.devices:
            with suppress(FujieError):
                issuer = issuer_of(one.certificate, self.shelf.issuers)
                if open_device(one.certificate, issuer).verifier == self.device.signer.verifier:
                    return one.certificate
        return self.admitted.certificate

    def _statements(self, journal: _Journal) -> Iterator[Part]:
        for link in journal.links:
            with self.vault.session() as session:
                row = session.get(StatementRow, chain.decode_link(link).record)
            if row is not None:
                yield Part(Kind.STATEMENT, row.envelope)

    def _blob(self, row: BlobRow) -> Iterator[Part]:
        """The pieces of a blob and its name; one that is cut or damaged has none."""
        name = row.sha256
        try:
            for piece in open_blob(self.blobs_dir, row).chunks():
                yield Part(Kind.PIECE, piece)
        except (MediaError, OSError):
            name = b""
        yield Part(Kind.BLOB, name)


def _links(session: Session, journal: bytes, scope: Scope) -> tuple[bytes, ...]:
    """The links of a journal in order, those that were replaced among them: the chain is whole."""
    held = session.exec(select(LinkRow).where(LinkRow.journal == journal)).all()
    replaced = session.exec(select(ReplacedLinkRow).where(ReplacedLinkRow.journal == journal)).all()
    placed = {row.sequence: row.link for row in replaced} | {row.sequence: row.link for row in held}
    start = 0
    if scope is Scope.UNSENT:
        waiting = [row.sequence for row in held if row.stage in UNSENT]
        waiting += [row.sequence for row in replaced]
        start = min(waiting, default=len(placed))
    return tuple(placed[at] for at in sorted(placed) if at >= start)


def _sync(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


@contextmanager
def _stick(folder: Path, part: Path) -> Iterator[None]:
    """Name what a stick does wrong, and take away what could not be finished."""
    try:
        yield
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        if error.errno in FULL:
            raise StickFull(
                "The stick in {folder} is full. Take another, or export only what is unsent.",
                folder=str(folder),
            ) from error
        raise ExportFailed(
            "The stick in {folder} did not take the export ({fault}). Plug it in again, or take "
            "another.",
            folder=str(folder),
            fault=error.strerror or type(error).__name__,
        ) from error
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise

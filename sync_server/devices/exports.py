"""A tablet's export, opened: whose it is, what it proves, and its blobs beside the uploads.

    with opened(services, Path("fujie-YX-T07-….export")) as export:
        export.device, export.branches, export.exported.statements, export.blobs

The certificate must be one that the agency's issuers gave to a device which the log knows, and
each journal must lead to a head that this device signed, by its key in force or a former one.
Whether it is revoked does not matter here. Blobs are written to this disk while the file is read,
hashed, and kept only if a statement of the export or of the log names them; what is left of a cut
one stays in the export, which is kept whole. Who reads it to import it may stop, and goes on there
(``spool.py``); who adopts it as evidence reads it whole, for its own hash.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple

from protocol import credential
from protocol.chain import Link
from protocol.errors import Refused, TooLarge
from protocol.export import BOX, HEADER, MAGIC, MEDIA_TYPE, Kind, Part, Unsealing
from protocol.exported import Branch, Exported, branches
from protocol.registry.registry import Device
from protocol.statements import BlobRef
from sync_server.devices.spool import Spool, folder_of
from sync_server.services import Services


class Far(NamedTuple):
    """How far reading has come: ``done`` bytes of ``whole``, with so many records and files;
    ``before`` of these bytes an earlier time."""

    done: int
    whole: int
    records: int
    files: int
    before: int = 0


Watch = Callable[[Far], None]


@dataclass(frozen=True)
class Opened:
    """An export after all its checks. ``blobs`` are files by the SHA-256 that they have; ``file``
    is the export itself, where it was read whole."""

    exported: Exported
    device: Device
    branches: tuple[Branch, ...]
    path: Path
    whole: BlobRef | None
    blobs: dict[bytes, Path]
    cut: int

    @property
    def file(self) -> BlobRef:
        """The export itself; only of one that was opened ``whole``."""
        assert self.whole is not None
        return self.whole

    def statement_of(self, link: Link) -> bytes | None:
        """The statement that came with a link, if one did."""
        return self.exported.statements.get(link.record)


@contextmanager
def opened(
    services: Services,
    path: Path,
    watch: Watch = lambda _far: None,
    *,
    whole: bool = False,
    most: int | None = None,
) -> Iterator[Opened]:
    """Open an export; what was written beside the uploads is gone when the block ends, unless it
    was taken. Reading that is stopped goes on there the next time, unless it is read ``whole``.
    What it has beside its blobs is held in memory, ``most`` bytes of it where that is said. Raises
    Refused, TooLarge, and what ``Unsealing``, ``branches`` and certificates raise."""
    key = services.keyring.exchange
    if key is None:
        raise Refused(
            "expected an exchange key in the folder of keys, found none; start the server once"
        )
    with _open(path) as file:
        head = _read(file, path, len(MAGIC) + BOX + HEADER)
        file.seek(0)
        spool = Spool(services, folder_of(services.settings, head))
        if whole:
            spool.clear()
        try:
            reading = _Reading(services, path, file, watch, spool, most)
            reading.read_all(bytes(key))
            device, found = reading.verified()
            yield Opened(
                exported=reading.exported,
                device=device,
                branches=found,
                path=path,
                whole=reading.whole if whole else None,
                blobs=dict(spool.kept),
                cut=spool.cut,
            )
        except BaseException:
            if whole:
                spool.clear()
            raise
        finally:
            spool.leave()
        spool.clear()


class _Reading:
    """A file that is read forward, with somebody watching."""

    def __init__(
        self,
        services: Services,
        path: Path,
        file: BinaryIO,
        watch: Watch,
        spool: Spool,
        most: int | None,
    ) -> None:
        self._services, self._watch, self._spool = services, watch, spool
        self._most, self._held = most, 0
        self._path, self._file = path, file
        self._size = os.fstat(file.fileno()).st_size
        self._hash, self._done, self._before = hashlib.sha256(), 0, 0
        self.exported = Exported()

    @property
    def whole(self) -> BlobRef:
        """The file, if it was read whole."""
        return BlobRef(sha256=self._hash.hexdigest(), size=self._done, media_type=MEDIA_TYPE)

    def read_all(self, key: bytes) -> None:
        """All parts, blobs into the spool. Whose they are is verified before the first blob."""
        front = Unsealing(self._read, key)
        for part in front:
            if part.kind not in (Kind.PIECE, Kind.BLOB):
                self._take(part)
                continue
            self.verified()
            place = self._spool.begin(front.place.state)
            if place is None:
                self._take(part)
                self._read_media(front)
            else:
                self._file.seek(place.size)
                self._before, self._done = place.size - self._done, place.size
                self._read_media(Unsealing(self._read, key, place=place))
            return

    def verified(self) -> tuple[Device, tuple[Branch, ...]]:
        """Whose it is, and what it proves."""
        device = _device(self._services, self.exported)
        keys = {one.key_id: one for one in (device.key, *(old.key for old in device.former))}
        return device, tuple(branches(self.exported, keys))

    def _read_media(self, reading: Unsealing) -> None:
        for part in reading:
            self._take(part)
            self._spool.note(reading)

    def _take(self, part: Part) -> None:
        if part.kind != Kind.PIECE:
            self._held += len(part.body)
        if self._most is not None and self._held > self._most:
            raise TooLarge(
                "expected at most {most} MB of records in an export, got more; export only what "
                "is unsent, or have the operator take it in with fujie-server import-export",
                most=self._most >> 20,
            )
        self.exported.take(part)
        self._spool.take(part, self.exported)
        records = len(self.exported.statements)
        self._watch(Far(self._done, self._size, records, self._spool.files, self._before))

    def _read(self, size: int) -> bytes:
        data = _read(self._file, self._path, size)
        self._hash.update(data)
        self._done += len(data)
        return data


def _open(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as fault:
        raise Refused(
            "expected an export in {file}, got: {fault}", file=str(path), fault=str(fault.strerror)
        ) from None


def _read(file: BinaryIO, path: Path, size: int) -> bytes:
    """The next bytes. Raises Refused when the stick was pulled out."""
    try:
        return file.read(size)
    except OSError as fault:
        raise Refused(
            "expected to read {file} to its end, got: {fault}; plug the stick in again and give "
            "the same command once more",
            file=str(path),
            fault=str(fault.strerror),
        ) from None


def _device(services: Services, exported: Exported) -> Device:
    """The device whose certificate the export brings."""
    registry = services.sequencer.registry
    said = exported.manifest
    assert said is not None  # ``unseal`` begins with it
    device = registry.devices.get((said.agency, said.device))
    agency = registry.agencies.get(said.agency)
    if device is None or agency is None:
        raise Refused(
            "expected an export of a device that is enrolled here, got {device} of {agency}",
            device=said.device,
            agency=said.agency,
        )
    issuer = credential.issuer_of(exported.certificate, agency.issuer_claims)
    claims = credential.open_device(exported.certificate, issuer)
    if claims.verifier not in (device.key, *(old.key for old in device.former)):
        raise Refused(
            "expected the certificate of {device}, got another key's; this export is not its own",
            device=said.device,
        )
    return device

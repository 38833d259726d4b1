"""A tablet's export, opened: whose it is, what it proves, and its blobs beside the uploads.

    with opened(services, Path("fujie-YX-T07-….export")) as export:
        export.device, export.branches, export.exported.statements, export.blobs

The certificate must be one that the agency's issuers gave to a device which the log knows, and
each journal must lead to a head that this device signed, by its key in force or a former one.
Whether it is revoked does not matter here. Blobs are written beside the uploads while the file is
read, hashed, and kept only if a statement of the export or of the log names them; what is left of
a cut one stays in the export, which is kept whole.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from protocol import credential, statements
from protocol import envelope as dsse
from protocol.chain import Link
from protocol.errors import FujieError, Refused, TooLarge
from protocol.export import MEDIA_TYPE, Kind, Part, unseal
from protocol.exported import Branch, Exported, branches
from protocol.registry.registry import Device
from protocol.statements import BlobRef
from sync_server.services import Services
from sync_server.store.blobs import expect_room
from sync_server.store.files import sync_file


@dataclass(frozen=True)
class Opened:
    """An export after all its checks. ``blobs`` are files by the SHA-256 that they have."""

    exported: Exported
    device: Device
    branches: tuple[Branch, ...]
    path: Path
    file: BlobRef
    blobs: dict[bytes, Path]
    cut: int

    def statement_of(self, link: Link) -> bytes | None:
        """The statement that came with a link, if one did."""
        return self.exported.statements.get(link.record)


@contextmanager
def opened(services: Services, path: Path) -> Iterator[Opened]:
    """Open an export; what was written beside the uploads is gone when the block ends, unless it
    was taken. Raises Refused, and what ``unseal``, ``branches`` and certificates raise."""
    spool = _Spool(services)
    try:
        yield _read(services, path, spool)
    finally:
        spool.clear()


def _read(services: Services, path: Path, spool: _Spool) -> Opened:
    key = services.keyring.exchange
    if key is None:
        raise Refused(
            "expected an exchange key in the folder of keys, found none; start the server once"
        )
    exported = Exported()
    with _open(path) as file:
        reading = _Hashed(file)
        for part in unseal(reading.read, bytes(key)):
            exported.take(part)
            spool.take(part, exported)
    device = _device(services, exported)
    keys = {one.key_id: one for one in (device.key, *(old.key for old in device.former))}
    return Opened(
        exported=exported,
        device=device,
        branches=tuple(branches(exported, keys)),
        path=path,
        file=BlobRef(sha256=reading.hash.hexdigest(), size=reading.size, media_type=MEDIA_TYPE),
        blobs=dict(spool.kept),
        cut=spool.cut,
    )


def _open(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as fault:
        raise Refused(
            "expected an export in {file}, got: {fault}", file=str(path), fault=str(fault.strerror)
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


class _Hashed:
    """A file that is read once, with its SHA-256."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.hash = hashlib.sha256()
        self.size = 0

    def read(self, size: int) -> bytes:
        data = self._file.read(size)
        self.hash.update(data)
        self.size += len(data)
        return data


@dataclass
class _Spool:
    """Blobs on their way out of an export."""

    services: Services
    kept: dict[bytes, Path] = field(default_factory=dict)
    cut: int = 0
    _under_way: tuple[Path, BinaryIO] | None = None
    _hash: hashlib._Hash = field(default_factory=hashlib.sha256)
    _size: int = 0
    _named: set[bytes] | None = None

    def take(self, part: Part, exported: Exported) -> None:
        """Take a piece, or the end of a blob."""
        if part.kind == Kind.PIECE:
            self._write(part.body)
        elif part.kind == Kind.BLOB:
            self._finish(part.body, exported)

    def clear(self) -> None:
        """Remove what nobody took."""
        if self._under_way is not None:
            path, file = self._under_way
            file.close()
            path.unlink(missing_ok=True)
        for path in self.kept.values():
            path.unlink(missing_ok=True)

    def _write(self, piece: bytes) -> None:
        if self._under_way is None:
            path = self.services.uploads.path(self.services.uploads.create())
            self._under_way = (path, path.open("wb"))
            self._hash, self._size = hashlib.sha256(), 0
        self._size += len(piece)
        if self._size > self.services.settings.max_blob:
            raise TooLarge(
                "expected blobs of at most {bound} bytes in an export",
                bound=self.services.settings.max_blob,
            )
        expect_room(self.services.settings.data, len(piece))
        self._hash.update(piece)
        self._under_way[1].write(piece)

    def _finish(self, name: bytes, exported: Exported) -> None:
        if self._under_way is None:
            self._write(b"")
        assert self._under_way is not None
        path, file = self._under_way
        self._under_way = None
        file.close()
        if self._named is None:  # all statements come before the first blob
            self._named = _named(exported)
        wanted = name in self._named or self.services.facts.is_named(name)
        if name != self._hash.digest():
            self.cut += 1
            path.unlink()
        elif wanted and name not in self.kept:
            sync_file(path)
            self.kept[name] = path
        else:
            path.unlink()


def _named(exported: Exported) -> set[bytes]:
    """The blobs that the statements of an export name."""
    found: set[bytes] = set()
    for data in exported.statements.values():
        try:
            said = statements.decode(dsse.decode(data).body)
        except FujieError:
            continue
        found |= {bytes.fromhex(ref.sha256) for ref in statements.blobs_of(said)}
    return found

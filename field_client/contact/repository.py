"""The agency's TUF repository as a tablet reads it: from its server, or from a folder on a stick.

    fetched = refresh(held, root, Online(wire, agency, clock), work, bundle)
    fetched.held                 what to remember for the next time, verified
    fetched.bundle               the bundle of the newest version (``protocol/reference.py``)
    keys_of(fetched.held.root)   whose word counts now: the agency's roots, and its issuer

The first root metadata are those that the root key of this tablet's enrolment signed, alone; from
there each root names the next. What was seen before is never gone back from: an older version, a
mix of two, a changed byte, a key that no longer counts, a file without end or one that hardly
comes is refused by name, and nothing has changed then, because what is remembered is a value that
the caller saves together with the bundle, and files are written in a folder that is thrown away.

The work is python-tuf's ``Updater``. It asks the machine's clock whether metadata have expired;
their dates are years away, for how fresh the data are is said by their own ``issued_at``.
"""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import msgspec
from tuf.api.exceptions import (
    BadVersionNumberError,
    DownloadError,
    DownloadHTTPError,
    DownloadLengthMismatchError,
    ExpiredMetadataError,
    LengthOrHashMismatchError,
    RepositoryError,
    SlowRetrievalError,
    UnsignedMetadataError,
)
from tuf.api.metadata import Metadata, Root, TargetFile, Targets
from tuf.ngclient import FetcherInterface, Updater

from field_client.contact.packing import Offer
from field_client.contact.wire import Wire, unclear
from field_client.device_clock import Clock
from field_client.durable import disk_full_named
from field_client.errors import NoRepository, ReferenceRefused, ServerUnclear
from protocol.keys import ED25519, Verifier
from protocol.reference import MAX_REFERENCE

log = logging.getLogger(__name__)

TARGET = "reference.dsse"
FIRST_ROOTS = 256
ROOT_BYTES = 512_000
PIECE = 64 << 10
PATIENCE_MS = 30_000
LEAST_PER_S = 1024
"""Bytes a second, on average once ``PATIENCE_MS`` have passed; a radio link at its worst has ten
times that."""

_KEPT = ("root", "timestamp", "snapshot", "targets")


class Held(msgspec.Struct, frozen=True):
    """The newest verified metadata, as they came."""

    root: bytes
    timestamp: bytes
    snapshot: bytes
    targets: bytes


@dataclass(frozen=True)
class Fetched:
    """What a refresh verified."""

    held: Held
    bundle: bytes


class Keys(NamedTuple):
    """The agency's keys, as its root metadata name them."""

    roots: tuple[Verifier, ...]
    issuer: Verifier


class Online(FetcherInterface):
    """Files of the repository on the agency's server. A bundle that follows another, which
    is here in this ``version``, comes by what differs from it (``packing.py``)."""

    def __init__(self, wire: Wire, agency: str, clock: Clock, version: int = 0) -> None:
        self._wire = wire
        self.version = version
        self._clock = clock
        self.base = f"/tuf/{agency}/"
        self.offer = Offer()

    def _fetch(self, url: str) -> Iterator[bytes]:
        offer = self.offer if url.startswith(f"{self.base}targets/") else Offer()

        def read(coding: str, pieces: Iterator[bytes]) -> Iterator[bytes]:
            return offer.opened(coding, self._paced(pieces))

        return self._wire.pieces(url, _not_there, offer.headers, read)

    def _paced(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """The same, as long as they come fast enough."""
        began, received = self._clock.monotonic_ms(), 0
        for piece in pieces:
            received += len(piece)
            waited = self._clock.monotonic_ms() - began
            if waited > PATIENCE_MS and received * 1000 < LEAST_PER_S * waited:
                raise SlowRetrievalError(f"{received} bytes in {waited // 1000} s")
            yield piece


class Stick(FetcherInterface):
    """Files of the repository in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.base = "./"  # the library would make an absolute path of nothing

    def _fetch(self, url: str) -> Iterator[bytes]:
        path = self._folder / url.removeprefix(self.base)
        if not os.path.isfile(path):  # a broken stick has none, and is no fault
            raise _not_there(404)
        try:
            with path.open("rb") as file:
                while piece := file.read(PIECE):
                    yield piece
        except OSError as fault:
            raise DownloadError(str(fault)) from fault


def refresh(
    held: Held | None, root: Verifier, source: Online | Stick, work: Path, bundle: bytes
) -> Fetched:
    """Follow the repository from what was ``held``, or from the ``root`` of the enrolment.

    ``bundle`` is the one at hand: it is not fetched again if it is still the newest. Raises
    NoRepository, ReferenceRefused, NoNetwork, ServerUnclear, DiskFull; then nothing has changed.
    """
    work.mkdir(parents=True, exist_ok=True, mode=0o700)
    for left in work.iterdir():  # by a program that was killed; one shelf fetches at a time
        shutil.rmtree(left, ignore_errors=True)
    with disk_full_named(work), tempfile.TemporaryDirectory(dir=work) as folder:
        try:
            return _refresh(held, root, source, Path(folder), bundle)
        except (RepositoryError, DownloadError) as fault:
            raise _named(fault, online=isinstance(source, Online)) from fault


def keys_of(root: bytes) -> Keys:
    """The keys that root metadata name, which were verified. Raises ReferenceRefused for those
    that no agency of ours would write."""
    signed = Metadata[Root].from_bytes(root).signed
    roots = tuple(_ed25519(signed, keyid) for keyid in signed.roles[Root.type].keyids)
    issuers = [_ed25519(signed, keyid) for keyid in signed.roles[Targets.type].keyids]
    if len(issuers) != 1:
        raise _by_other_keys(f"{len(issuers)} issuers")
    return Keys(roots, issuers[0])


def _refresh(
    held: Held | None, root: Verifier, source: Online | Stick, folder: Path, bundle: bytes
) -> Fetched:
    first = held.root if held else _first_root(root, source)
    if held:
        for name in _KEPT[1:]:
            (folder / f"{name}.json").write_bytes(getattr(held, name))
    updater = Updater(
        str(folder), source.base, None, f"{source.base}targets/", source, bootstrap=first
    )
    updater.refresh()
    told = updater.get_targetinfo(TARGET)
    if told is None or told.length > 2 * MAX_REFERENCE:
        raise RepositoryError(f"no {TARGET} of a bounded length")
    try:
        told.verify_length_and_hashes(bundle)
    except LengthOrHashMismatchError:
        bundle = _downloaded(updater, told, source, folder, bundle)
    kept = Held(*((folder / f"{name}.json").read_bytes() for name in _KEPT))
    return Fetched(kept, bundle)


def _downloaded(
    updater: Updater, told: TargetFile, source: Online | Stick, folder: Path, before: bytes
) -> bytes:
    """The newest bundle, by what differs from the one at hand; as a whole where that comes to
    nothing, as something in between may recode it."""

    def download() -> bytes:
        return Path(updater.download_target(told, str(folder / TARGET))).read_bytes()

    if isinstance(source, Online):
        source.offer = Offer(before, source.version, 2 * MAX_REFERENCE)
        try:
            return download()
        except (DownloadLengthMismatchError, LengthOrHashMismatchError, ServerUnclear) as fault:
            log.warning("reference data that were packed do not hold: %s", fault)
            source.offer = Offer()
    return download()


def _first_root(root: Verifier, source: Online | Stick) -> bytes:
    """The earliest root metadata whose one key is the enrolment's, and which it signed."""
    for version in range(1, FIRST_ROOTS):
        try:
            data = source.download_bytes(f"{source.base}{version}.root.json", ROOT_BYTES)
        except DownloadHTTPError as fault:
            if fault.status_code not in (403, 404):
                raise
            if version == 1:
                raise NoRepository("There is no reference data of this agency here.") from None
            break
        made = Metadata[Root].from_bytes(data)
        # The library reads metadata of any role here.
        if isinstance(made.signed, Root) and _is_only_root(made.signed, root):
            made.signed.verify_delegate(Root.type, made.signed_bytes, made.signatures)
            return data
    raise UnsignedMetadataError("no root metadata by the root key of this tablet's enrolment")


def _is_only_root(signed: Root, root: Verifier) -> bool:
    keys = [signed.keys.get(keyid) for keyid in signed.roles[Root.type].keyids]
    told = [(key.keytype, key.scheme, key.keyval.get("public")) for key in keys if key]
    return told == [(ED25519, ED25519, root.public_key.hex())]


def _ed25519(signed: Root, keyid: str) -> Verifier:
    key = signed.keys[keyid]
    return Verifier(key.keytype, bytes.fromhex(str(key.keyval["public"])))


def _not_there(status: int) -> DownloadHTTPError:
    return DownloadHTTPError(f"status {status}", status)


def _named(fault: Exception, *, online: bool) -> ReferenceRefused | ServerUnclear:
    """What is wrong, in words for the officer; the library's own words follow for the record."""
    told = str(fault)[:200]
    if online and isinstance(fault, DownloadHTTPError):
        return unclear("status {status}", status=fault.status_code)
    if isinstance(fault, (DownloadLengthMismatchError, SlowRetrievalError)):
        return ReferenceRefused(
            "The reference data do not come to an end, or hardly come at all. Nothing was "
            "changed; try another network, or a stick from the office. ({fault})",
            fault=told,
        )
    if isinstance(fault, ExpiredMetadataError):
        return ReferenceRefused(
            "The reference data have expired by this tablet's clock. Work goes on with what is "
            "here; check the clock, and ask the office for newer data. ({fault})",
            fault=told,
        )
    if isinstance(fault, BadVersionNumberError):
        return ReferenceRefused(
            "The reference data are older than what this tablet has seen, or mixed from two "
            "versions. Nothing was changed; ask the office for the newest. ({fault})",
            fault=told,
        )
    if isinstance(fault, UnsignedMetadataError):
        return _by_other_keys(told)
    return ReferenceRefused(
        "The reference data are damaged or were altered on their way. Nothing was changed; try "
        "again, or ask the office for a new stick. ({fault})",
        fault=told,
    )


def _by_other_keys(fault: str) -> ReferenceRefused:
    return ReferenceRefused(
        "The reference data are not signed by the keys that the agency uses now. Nothing was "
        "changed. If it stays like this, tell your administrator. ({fault})",
        fault=fault,
    )

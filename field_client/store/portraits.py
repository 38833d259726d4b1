"""Officers' photos on the tablet: published files, named by SHA-256, verified when one is read.

    held = Portraits(folder)
    held.lacking(reference.officers)     what the roster names and is not here
    held.keep(ref, data)                 one that came; Altered if it is another
    held.of(entry)                       Portrait(data, to_come=False)

They are no secrets (anyone may look up the roster), so they lie outside the vault, and the locked
screen can show them. What is altered or cut here is no photo: it is removed, and fetched again. A
photo stays over new versions of the roster, as long as one names it.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from field_client.durable import disk_full_named
from protocol import portraits
from protocol.errors import Altered
from protocol.roster import RosterOfficer
from protocol.statements import BlobRef

AT_HAND = 16
"""Photos that are kept in memory; a tablet shows the same few again and again."""


@dataclass(frozen=True)
class Portrait:
    """An officer's photo, verified, or None; ``to_come`` if the roster names one that is not here
    yet, otherwise the office has none."""

    data: bytes | None = None
    to_come: bool = False


class Portraits:
    """The photos of one tablet. Safe for use by several threads. ``not_offered`` are those that
    were asked for and that nobody had, by SHA-256; a newer roster clears them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._writing = threading.Lock()
        self._read = lru_cache(AT_HAND)(self._verified)
        self.not_offered: set[str] = set()

    def of(self, entry: RosterOfficer | None) -> Portrait:
        """The photo of an officer on the roster."""
        if entry is None:
            return Portrait()
        if entry.photo_bytes:
            return Portrait(entry.photo_bytes)
        if not portraits.is_photo(entry.photo):
            return Portrait()
        try:
            return Portrait(self._read(entry.photo))
        except OSError:
            return Portrait(to_come=True)
        except Altered:
            with suppress(OSError):
                self._path(entry.photo).unlink()
            return Portrait(to_come=True)

    def held(self) -> dict[str, int]:
        """The SHA-256 of each photo here, and its size."""
        try:
            with os.scandir(self._folder) as found:
                return {one.name: one.stat().st_size for one in found if len(one.name) == 64}
        except OSError:
            return {}

    def lacking(self, officers: Iterable[RosterOfficer]) -> list[BlobRef]:
        """The photos that a roster names and that are not here, in its order."""
        here = self.held()
        named = portraits.apart(officers).values()
        return [ref for ref in named if here.get(ref.sha256) != ref.size]

    def keep(self, ref: BlobRef, data: bytes) -> None:
        """Keep a photo that came. Raises Altered, DiskFull."""
        portraits.check(ref, data)
        part = self._folder / f"{ref.sha256}.part"
        with self._writing, disk_full_named(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            try:
                part.write_bytes(data)
                os.replace(part, self._path(ref))
            except OSError:
                with suppress(OSError):  # half a photo is no use where room is short
                    part.unlink()
                raise

    def tidy(self, officers: Iterable[RosterOfficer]) -> None:
        """Remove what this roster, which is a newer one, does not name."""
        self.not_offered.clear()
        named = portraits.apart(officers)
        with self._writing:  # what is being written goes by another name
            for name in self._names():
                if name not in named:
                    with suppress(OSError):
                        (self._folder / name).unlink()

    def _names(self) -> list[str]:
        with suppress(OSError):
            return os.listdir(self._folder)
        return []

    def _path(self, ref: BlobRef) -> Path:
        return self._folder / ref.sha256

    def _verified(self, ref: BlobRef) -> bytes:
        data = self._path(ref).read_bytes()
        portraits.check(ref, data)
        return data

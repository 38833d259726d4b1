"""What tablets said last, kept from one look to the next, so that a look costs what came since.

    hearing = Hearing(data)
    hearing.last(services, agency, size)     the last word of each that ever said one, by name

Without it a tablet that was silent for a year would be looked for among the contacts of all others
in that year. Kept in memory, and on the disk whenever much was looked through, for the next start.
It is private and recomputable: where the log's entry up to which was heard is not there any more,
everything is heard again.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import msgspec
from sqlalchemy import Connection

from protocol.auditing import heard as words
from protocol.auditing.heard import Heard
from protocol.statements import DeviceInventory
from sync_server.devices import heard
from sync_server.log import leaves
from sync_server.services import Services
from sync_server.store.files import write_durably

NAME = "contacts.kept"
FORMAT = "fujie/contacts/v1"
SAVE_AFTER = 1000
"""Contacts that a start may have to look through again."""


class _Kept(msgspec.Struct, frozen=True, array_like=True):
    """Of an agency: up to which entry was heard, that entry's link, and the last words by name."""

    above: int
    link: bytes
    last: dict[str, tuple[DeviceInventory, int]]


class _Saved(msgspec.Struct, frozen=True):
    format: str
    agencies: dict[str, _Kept]


class Hearing:
    """The last words of all tablets. Safe for use by several threads."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._lock = threading.Lock()
        self._agencies: dict[str, _Kept] | None = None
        self._heard = 0

    def last(self, services: Services, agency: str, size: int) -> dict[str, Heard]:
        """The last signed inventory of each tablet of an agency, by name, and when it came, in the
        first ``size`` entries of the log. Ask for the size first: who is who is read behind it.
        Right after a journal was closed it is of that one."""
        registry = services.facts.registry
        mine = {one.name: one for one in registry.devices.values() if one.agency == agency}
        with self._lock, services.db.engine.connect() as connection:
            if self._agencies is None:
                self._agencies = _load(self._path)
            kept = self._agencies.get(agency)
            if kept is None or not _is_there(connection, kept, size):
                kept = _Kept(-1, b"", {})
            rows = self._counted(heard.contacts(connection, agency, size, kept.above))
            new = words.last_contacts(registry, agency, list(mine.values()), rows, former=True)
            last = {
                name: one
                for name, one in (kept.last | new).items()
                if name in mine and words.wrote(registry, mine[name], one[0])
            }
            self._agencies[agency] = _Kept(size - 1, _link(connection, size - 1), last)
            if self._heard >= SAVE_AFTER:
                self._save()
        return last

    def _counted(self, rows: Iterator[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
        for row in rows:
            self._heard += 1
            yield row

    def _save(self) -> None:
        self._heard = 0
        with suppress(OSError):  # a full disk: the next start hears everything again
            write_durably(self._path, msgspec.msgpack.encode(_Saved(FORMAT, self._agencies or {})))


def _load(path: Path) -> dict[str, _Kept]:
    """What was saved last, if this program wrote it."""
    with suppress(OSError, ValueError, RecursionError, msgspec.MsgspecError):
        read = msgspec.msgpack.decode(path.read_bytes(), type=_Saved)
        if read.format == FORMAT:
            return read.agencies
    return {}


def _is_there(connection: Connection, kept: _Kept, size: int) -> bool:
    return kept.above < size and _link(connection, kept.above) == kept.link


def _link(connection: Connection, index: int) -> bytes:
    return leaves.entries_at(connection, [index]).get(index, b"")[1:33]

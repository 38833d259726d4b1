"""An export that was begun on a stick, kept in the vault until it is finished.

    keep(vault, plan)        once all that is not media has been handed to the stick
    plan = kept(vault)       with what is needed to make the same parts again, and no others
    forget(vault)            it is finished, or begun anew

A stick that is pulled out, a battery that is empty and a person who says stop leave the ``.part``
file, and the next export of the same scope to that stick goes on behind what is there
(``protocol/sealing.py``). What was saved in the meantime is not in it: its journals end where they
ended then. Only one is kept; who takes another stick begins anew there.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec

from field_client.store.vault import Vault
from protocol.export import Part

STATE = "export_begun"
"""Its name among the vault's single values."""
PART = ".part"


class Section(msgspec.Struct, frozen=True):
    """One journal of an export: its signed inventory, and its links from ``first`` up to
    ``length``."""

    journal: bytes
    inventory: bytes
    first: int
    length: int


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What an export is made of: the parts that are made once (``head``), journals, blobs by their
    SHA-256, and the ``digest`` of everything before these. ``whole`` is about how long it gets;
    ``held``, how many links the tablet had; ``cut``, the blobs that went along without their end.
    """

    scope: str
    name: str
    at: int
    recipient: str
    chance: bytes
    head: list[tuple[int, bytes]]
    sections: list[Section]
    blobs: list[bytes]
    whole: int
    held: int
    digest: bytes = b""
    cut: list[bytes] = []

    @property
    def records(self) -> int:
        """How many records go into it."""
        return sum(one.length - one.first for one in self.sections)

    @property
    def items(self) -> int:
        """How many records and files."""
        return self.records + len(self.blobs)

    def part(self, folder: Path) -> Path:
        """Its file in ``folder`` while it is not finished."""
        return folder / (self.name + PART)


def keep(vault: Vault, plan: Plan) -> None:
    """From now on it can be gone on with."""
    vault.set_state(STATE, msgspec.msgpack.encode(plan))


def kept(vault: Vault) -> Plan | None:
    """The one that was begun last and is not finished; none that another version of this program
    began in its own way."""
    told = vault.state(STATE)
    try:
        return msgspec.msgpack.decode(told, type=Plan) if told else None
    except msgspec.MsgspecError:
        return None


def forget(vault: Vault) -> None:
    """It is over."""
    vault.set_state(STATE, b"")


def note_cut(vault: Vault, blob: bytes) -> None:
    """A blob could not be read to its end. Should it be readable later, its frames would say
    something else under the same key, so it is none to go on with."""
    plan = kept(vault)
    if plan is not None:
        keep(vault, msgspec.structs.replace(plan, cut=[*plan.cut, blob]))


class Digest:
    """A hash of parts that other parts do not have."""

    def __init__(self) -> None:
        self._whole = hashlib.sha256()

    def take(self, part: Part) -> Part:
        """One part more; returned as it is."""
        self._whole.update(part.kind.to_bytes(1, "big") + len(part.body).to_bytes(4, "big"))
        self._whole.update(part.body)
        return part

    @property
    def value(self) -> bytes:
        """Of all that were taken."""
        return self._whole.digest()

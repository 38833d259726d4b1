"""What reports were made of, on the disk, so that the first look after a start costs what is new.

    save(path, Saved(rules=RULES, devices=…, …))
    load(path)        None where there is none, it is another version's, or it cannot be read

It is private and recomputable: whatever it says is compared with the rows' own numbers before it is
taken, read again in turns (``kept.py``), and nothing that is asked for as of a day, written as
evidence or checked by fsck takes anything from it.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from protocol.findings import Before, Report
from protocol.findings.completeness import Completeness
from protocol.findings.document import RULES
from protocol.statements import DeviceInventory
from sync_server.store.files import write_durably

NAME = "reports.kept"
FORMAT = f"fujie/kept/v3 rules {RULES}"


class Saved(msgspec.Struct, frozen=True, kw_only=True):
    """``held`` is how many bytes were in the log's columns; ``devices`` as (agency, name, stamp,
    read at, report), ``offices`` as (agency, stamp, what was looked through by journal), ``cases``
    as (agency, id, stamp, read at, report), ``heard`` as (agency, which devices, index, last words
    by name); ``log`` is size, tree and when it was read from its first entry."""

    format: str
    held: tuple[int, ...]
    devices: list[tuple[str, str, bytes, int, Report]]
    offices: list[tuple[str, bytes, dict[bytes, Before]]]
    cases: list[tuple[str, bytes, bytes, int, Completeness | None]]
    heard: list[tuple[str, dict[str, bytes], int, dict[str, tuple[DeviceInventory, int]]]]
    log: tuple[int, list[bytes], int] | None


def save(path: Path, saved: Saved) -> None:
    """Write it, whole or not at all. Raises OSError."""
    write_durably(path, msgspec.msgpack.encode(saved))


def load(path: Path) -> Saved | None:
    """What was written last, if this program wrote it."""
    try:
        read = msgspec.msgpack.decode(path.read_bytes(), type=Saved)
    except (OSError, msgspec.MsgspecError, RecursionError, ValueError):
        return None
    return read if read.format == FORMAT else None

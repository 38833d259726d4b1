"""Small files that are either the old or the new one after a power cut, never half of each.

A durable write is, in this order: a temporary file in the same folder is written and fsynced;
it is renamed over the old one; the folder is fsynced, without which the rename itself may be
lost. The hole that remains: a disk that lies about fsync.

>>> import tempfile
>>> path = Path(tempfile.mkdtemp()) / "deep" / "a.json"
>>> write_durably(path, b"{}"); path.read_bytes()
b'{}'
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from field_client.errors import DiskFails, DiskFull

MIB = 1 << 20
FULL = (errno.ENOSPC, errno.EDQUOT)
FAILS = (errno.EIO, errno.EROFS)
# What msgspec raises for bytes that are no such JSON: damaged letters and nested lists too.
UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


def write_durably(path: Path, data: bytes) -> None:
    """Replace ``path`` by ``data``, readable by this user only. Raises DiskFull; then the old
    file stands."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = path.with_name(path.name + ".new")
    with disk_full_named(path.parent):
        try:
            _write_synced(temporary, data)
            os.replace(temporary, path)
            sync_folder(path.parent)
        except OSError:
            with suppress(FileNotFoundError):
                temporary.unlink()
            raise


def move_durably(source: Path, target: Path) -> None:
    """Put a file that was written durably under another name of its folder, in one step."""
    os.replace(source, target)
    sync_folder(target.parent)


def _write_synced(path: Path, data: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable (POSIX; elsewhere the rename is all there is)."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def free_bytes(folder: Path) -> int:
    """How much this user may still write to the folder's disk."""
    return shutil.disk_usage(folder).free


def total_bytes(folder: Path) -> int:
    """The size of the folder's disk."""
    status = os.statvfs(folder)
    return status.f_blocks * status.f_frsize


def require_room(folder: Path, needed: int) -> None:
    """DiskFull unless ``needed`` bytes are free under ``folder``, with both figures in it."""
    free = free_bytes(folder)
    if free < needed:
        raise DiskFull(
            "The tablet's disk needs {needed} MiB free and has {free}. "
            "Synchronise so that sent media can go, or remove other files, then try again.",
            needed=-(-needed // MIB),
            free=free // MIB,
        )


@contextmanager
def disk_full_named(folder: Path) -> Iterator[None]:
    """Turn the system's "no space left" into DiskFull, and its "input/output error" into
    DiskFails; other errors pass."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise disk_full(folder) from error
        if error.errno in FAILS:
            raise disk_fails() from error
        raise


def disk_full(folder: Path) -> DiskFull:
    """The error for a disk that ran full while something was written under ``folder``."""
    return DiskFull(
        "The tablet's disk is full ({free} MiB free); this was not saved. "
        "Synchronise so that sent media can go, or remove other files, then try again.",
        free=free_bytes(folder) // MIB,
    )


def disk_fails() -> DiskFails:
    """The error for a disk that refused a write without being full."""
    return DiskFails(
        "The tablet's disk reports an error; this may not have been saved. What was saved before "
        "is kept. Try again; if it says so again, bring the tablet to your administrator."
    )

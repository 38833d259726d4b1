"""Durable files: written beside their place, synced, renamed, and the folder synced.

    1  write <name>.part, flush, fsync(file)      its bytes are on the disk, under no name yet
    2  rename over <name>                         one step: a reader sees the old or the new
    3  fsync(folder)                              the name is on the disk too

After a crash there is either the whole file or a ``.part`` that nobody reads. What remains: a
disk that lies about fsync.
"""

from __future__ import annotations

import os
from pathlib import Path


def write_durably(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Write a file as told above; its folder is made if it is missing."""
    make_folder(path.parent)
    part = path.with_name(path.name + ".part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    settle(part, path)


def settle(source: Path, target: Path) -> None:
    """Move a file, whose bytes are synced already, to its name (steps 2 and 3)."""
    make_folder(target.parent)
    os.replace(source, target)
    sync_folder(target.parent)


def make_folder(folder: Path) -> None:
    """Make a folder, and its name durable."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
        sync_folder(folder.parent)


def sync_file(path: Path) -> None:
    """Put a file's bytes on the disk."""
    _sync(path, os.O_RDONLY)


def sync_folder(folder: Path) -> None:
    """Put a folder's names on the disk."""
    _sync(folder, os.O_RDONLY | os.O_DIRECTORY)


def _sync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

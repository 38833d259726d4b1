"""Where a USB stick is: folders of the setting, or whatever is mounted for this user.

sticks(settings)          folders that can be written to now, the likeliest first
plugged(settings)         folders that can be read
fresh(folder, name)       a name that nothing there has
expect_room(folder, n)    raise StickFull at once, not hours later
with_repository(…)        the agency's reference data on one of them

What cannot be looked at, on a stick that is broken or somebody else's, is not there.
"""

from __future__ import annotations

import getpass
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from field_client.errors import NoStick, StickFull

MOUNTS = (Path("/media"), Path("/run/media"), Path("/mnt"))


def sticks(chosen: Sequence[Path], mounts: Sequence[Path] = MOUNTS) -> list[Path]:
    """The folders to write to or read from: those ``chosen`` by setting, else mounted ones."""
    return [path for path in _present(chosen, mounts) if os.access(path, os.W_OK)]


def plugged(chosen: Sequence[Path], mounts: Sequence[Path] = MOUNTS) -> list[Path]:
    """The folders to read from, be they write-protected, as recorders often are."""
    return [path for path in _present(chosen, mounts) if os.access(path, os.R_OK | os.X_OK)]


def the_stick(chosen: Sequence[Path], mounts: Sequence[Path] = MOUNTS) -> Path:
    """The first of them. Raises NoStick."""
    found = sticks(chosen, mounts)
    if not found:
        raise NoStick("No USB stick can be written to. Plug one in, wait a moment and try again.")
    return found[0]


def with_repository(
    chosen: Sequence[Path], agency: str, mounts: Sequence[Path] = MOUNTS
) -> Path | None:
    """The agency's reference data on the first stick that has them, be it write-protected, as
    ``fujie-server export-reference`` writes them; None if there are none."""
    places = (path / "tuf" / agency for path in _present(chosen, mounts))
    return next((path for path in places if os.path.isfile(path / "timestamp.json")), None)


def fresh(folder: Path, stem: str, suffix: str) -> Path:
    """A path in ``folder`` that does not exist, so that nothing is ever overwritten."""
    number = 1
    while True:
        name = f"{stem}{suffix}" if number == 1 else f"{stem}-{number}{suffix}"
        path = folder / name
        if not os.path.lexists(path) and not os.path.lexists(f"{path}.part"):
            return path
        number += 1


def expect_room(folder: Path, size: int) -> None:
    """Raise StickFull where ``size`` bytes more do not fit."""
    if size > 0 and shutil.disk_usage(folder).free < size:
        raise full(folder)


def full(folder: Path) -> StickFull:
    """The error for a stick that has no room left, or not enough."""
    return StickFull(
        "The stick in {folder} is full. Take another, or export only what is unsent.",
        folder=str(folder),
    )


def _present(chosen: Sequence[Path], mounts: Sequence[Path]) -> list[Path]:
    found = list(chosen) or [path for mount in mounts for path in _mounted(mount)]
    return [path for path in found if os.path.isdir(path)]


def _mounted(mount: Path) -> list[Path]:
    """Mount points below: ``/media/stick``, ``/media/<user>/stick``."""
    try:
        places = [mount, mount / getpass.getuser()]
        return sorted(
            path
            for place in places
            if place.is_dir()
            for path in place.iterdir()
            if os.path.ismount(path)
        )
    except (OSError, KeyError):
        return []

"""Officers' photos as tablets fetch them: the blobs that the roster names, beside the repository.

    data(facts, ref)                     the photo that a line of the roster names
    read(facts, agency, sha256)          one photo that an officer of the agency has, or had
    lacking(facts, agency, now, held)    those of the roster that a reader does not hold yet
    export(facts, agency, now, folder)   all of the roster's, as files on a stick

A photo is verified against the roster by whoever reads it (``protocol/portraits.py``), so that one
that was cut on its way is none and comes again. One whose blob is not here, or is damaged, is left
out: nobody asks for it every minute then.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path

from protocol import portraits
from protocol.errors import Altered
from protocol.statements import BlobRef
from sync_server.log.facts import Facts

PREFIX = 16
"""Digits of a photo's SHA-256 by which a tablet says that it holds it."""


def data(facts: Facts, ref: BlobRef) -> bytes | None:
    """The photo of this hash; None where there is none, or other bytes in its place."""
    path = facts.blob_path(bytes.fromhex(ref.sha256))
    with suppress(FileNotFoundError, Altered):
        found = path.read_bytes() if path is not None else b""
        portraits.check(ref, found)
        return found
    return None


def read(facts: Facts, agency: str, sha256: str) -> tuple[BlobRef, bytes] | None:
    """A photo by its SHA-256, if any line of the agency's roster ever named it."""
    for (of, _), changes in facts.registry.officers.items():
        for change in changes if of == agency else ():
            ref = change.record.photo
            if ref.sha256 == sha256:
                found = data(facts, ref)
                return (ref, found) if found is not None else None
    return None


def lacking(
    facts: Facts, agency: str, now: int, held: Collection[str], device: str = ""
) -> Iterator[tuple[BlobRef, bytes]]:
    """The photos of the roster at ``now`` (ms) but for those ``held`` (by their first ``PREFIX``
    digits); those of officers with keys on ``device`` come first."""
    registry = facts.registry
    here = {
        one.cert_no
        for one in registry.officer_keys.values()
        if (one.agency, one.device) == (agency, device)
    }
    lines = sorted(registry.roster(agency, now), key=lambda line: line.cert_no not in here)
    for ref in portraits.named(line.photo for line in lines).values():
        found = None if ref.sha256[:PREFIX] in held else data(facts, ref)
        if found is not None:
            yield ref, found


def export(facts: Facts, agency: str, now: int, folder: Path) -> None:
    """Write the roster's photos under ``folder``, which holds the agency's repository; those that
    lie there whole stay, those of nobody go."""
    target = folder / portraits.FOLDER
    target.mkdir(parents=True, exist_ok=True)
    _let_read(target, 0o755)
    named = portraits.named(line.photo for line in facts.registry.roster(agency, now))
    for path in target.iterdir():
        if path.name not in named and not path.is_dir():
            path.unlink()
    for ref in named.values():
        found = data(facts, ref)
        if found is not None and not _is_whole(ref, target / ref.sha256):
            _write(target / ref.sha256, found)


def _is_whole(ref: BlobRef, path: Path) -> bool:
    with suppress(OSError, Altered):
        portraits.check(ref, path.read_bytes())
        return True
    return False


def _write(path: Path, data: bytes) -> None:
    part = path.with_name(path.name + ".part")
    part.write_bytes(data)
    _let_read(part, 0o644)
    os.replace(part, path)


def _let_read(path: Path, mode: int) -> None:
    with suppress(OSError):  # some sticks know no permissions, and need none
        path.chmod(mode)

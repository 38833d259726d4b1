"""What lies on a stick: media files with what they say of themselves, others by name.

    for one in listed(Path("/media/BWC-07")): …       Found, or Unusable with its name

Looked at one by one, so that a full recorder shows at once. Folders are searched a few levels
deep, never through links; what cannot be read is told and passed over.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from av.container import InputContainer

from field_client.camera import safely
from field_client.errors import NotMedia
from field_client.store.imports import Found, named
from protocol.vocabulary import MediaKind

DEEPEST = 6
MOST_FILES = 5000
LONGEST_MS = 48 * 3_600_000  # a claim beyond this is none
LATEST_MS = 4_102_444_800_000  # 2100-01-01: no recorder of today was there
SUFFIXES = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".bmp": "image/bmp",
    ".mp4": "video/mp4",
    ".mov": "video/quicktime",
    ".m4v": "video/mp4",
    ".3gp": "video/3gpp",
    ".mkv": "video/x-matroska",
    ".webm": "video/webm",
    ".avi": "video/x-msvideo",
    ".ts": "video/mp2t",
    ".m2ts": "video/mp2t",
    ".mts": "video/mp2t",
    ".mpg": "video/mpeg",
    ".mpeg": "video/mpeg",
    ".asf": "video/x-ms-asf",
    ".wmv": "video/x-ms-wmv",
    ".wav": "audio/wav",
    ".mp3": "audio/mpeg",
    ".m4a": "audio/mp4",
    ".aac": "audio/aac",
    ".ogg": "audio/ogg",
    ".opus": "audio/ogg",
    ".flac": "audio/flac",
    ".amr": "audio/amr",
}
FALLBACK = {
    MediaKind.PHOTO: "image/octet-stream",
    MediaKind.VIDEO: "video/octet-stream",
    MediaKind.SOUND: "audio/octet-stream",
}


@dataclass(frozen=True)
class Unusable:
    """A file that cannot be taken in, by its name."""

    name: str
    source: str


def listed(stick: Path) -> Iterator[Found | Unusable]:
    """The files of a stick in the order of their names. A stick that is pulled out ends it."""
    for number, path in enumerate(_files(stick, DEEPEST)):
        if number >= MOST_FILES:
            return
        try:
            yield looked_at(path, named(stick))
        except (NotMedia, OSError):
            yield Unusable(named(path), named(stick))


def looked_at(path: Path, source: str) -> Found:
    """What one file says of itself. Raises NotMedia, OSError."""
    with path.open("rb") as file:
        status = os.fstat(file.fileno())
        with safely.opened(file, path.name) as container:
            kind = safely.kind_of(container)
            recorded = _recorded(container)
            return Found(
                path=path,
                source=source,
                size=status.st_size,
                modified_ns=status.st_mtime_ns,
                media=kind,
                media_type=_media_type(path, kind),
                codec=_codec(container, kind),
                duration_ms=_duration(container, kind),
                recorded_at=recorded or _believed(status.st_mtime_ns // 1_000_000),
            )


def _files(folder: Path, depth: int) -> Iterator[Path]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        try:
            if entry.is_file(follow_symlinks=False):
                yield Path(entry.path)
            elif depth and entry.is_dir(follow_symlinks=False):
                yield from _files(Path(entry.path), depth - 1)
        except OSError:
            continue


def _duration(container: InputContainer, kind: MediaKind) -> int:
    """As the file says; nothing where it claims the impossible."""
    if kind is MediaKind.PHOTO or container.duration is None:
        return 0
    claimed = container.duration // 1000
    return claimed if 0 < claimed <= LONGEST_MS else 0


def _recorded(container: InputContainer) -> int:
    """The recorder's own time of the beginning, ms; 0 where it says none."""
    said = container.metadata.get("creation_time", "")
    try:
        at = datetime.fromisoformat(said)
    except ValueError:
        return 0
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return _believed(int(at.timestamp() * 1000))


def _believed(at: int) -> int:
    """A time that can be one; 0 for a claim that no calendar holds."""
    return at if 0 < at < LATEST_MS else 0


def _codec(container: InputContainer, kind: MediaKind) -> str:
    streams = [*container.streams.video[:1], *container.streams.audio[:1]]
    if kind is MediaKind.SOUND:
        streams = [*container.streams.audio[:1]]
    return "+".join(one.codec_context.name for one in streams if one.codec_context)[:64]


def _media_type(path: Path, kind: MediaKind) -> str:
    """By the name where it fits what is inside, else only the kind."""
    named = SUFFIXES.get(path.suffix.lower(), "")
    kinds = {MediaKind.PHOTO: "image", MediaKind.VIDEO: "video", MediaKind.SOUND: "audio"}
    return named if named.startswith(kinds[kind]) else FALLBACK[kind]

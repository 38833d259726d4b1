"""Opening media that others made: as what it may be, and nothing else.

    with opened(stream) as container: …          raises NotMedia

A file from a stick is hostile until proved otherwise. It is read through our own stream, never
by its name; only the containers listed here are tried, so that no playlist can make the library
fetch another file or address; and a picture of an impossible size is refused before its memory is
asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import av
import av.error
from av.container import InputContainer

from field_client.errors import NotMedia
from protocol.vocabulary import MediaKind

PICTURES = ("jpeg_pipe", "png_pipe", "webp_pipe", "bmp_pipe")
FILMS = ("mov", "mp4", "m4a", "3gp", "3g2", "mj2", "matroska", "webm", "avi", "mpegts", "mpeg")
SOUNDS = ("wav", "mp3", "ogg", "flac", "aac", "amr", "w64")
ALLOWED = ",".join((*PICTURES, *FILMS, *SOUNDS, "asf"))
MOST_PIXELS = 100_000_000
BROKEN = (av.error.FFmpegError, ValueError, OSError, EOFError, OverflowError)
"""What PyAV raises on media that do not hold what they say."""


@contextmanager
def opened(stream: Any, name: str = "") -> Iterator[InputContainer]:
    """A container over a readable, seekable stream. Raises NotMedia."""
    refuse_giants(stream, name)
    try:
        container = av.open(stream, options={"format_whitelist": ALLOWED})
    except BROKEN as error:
        raise not_media(name) from error
    with container:
        for one in container.streams.video:
            if (
                one.codec_context
                and one.codec_context.width * one.codec_context.height > MOST_PIXELS
            ):
                raise not_media(name)
        if not container.streams.video and not container.streams.audio:
            raise not_media(name)
        yield container


def kind_of(container: InputContainer) -> MediaKind:
    """Picture, film or sound."""
    if container.format.name in PICTURES:
        return MediaKind.PHOTO
    films = [one for one in container.streams.video if not _cover(one)]
    return MediaKind.VIDEO if films else MediaKind.SOUND


def refuse_giants(stream: BinaryIO, name: str = "") -> None:
    """A JPEG or PNG says its sides in its first bytes: NotMedia where no memory holds them."""
    head = stream.read(1 << 16)
    stream.seek(0)
    width, height = _sides(head)
    if width * height > MOST_PIXELS:
        raise not_media(name)


def not_media(name: str) -> NotMedia:
    """The error, by the file's name."""
    return NotMedia(
        "{name} is no picture, video or sound that can be read. It was left where it is.",
        name=name or "—",
    )


def _cover(stream: Any) -> bool:
    """Whether a "film" is the picture on the cover of a sound file."""
    return bool(stream.disposition & type(stream.disposition).attached_pic)


def _sides(head: bytes) -> tuple[int, int]:
    """Width and height as a PNG (ISO/IEC 15948 §11.2.2) or JPEG (ITU-T T.81 §B.2.2) claims them;
    zeros for others."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big")
    at = 2 if head.startswith(b"\xff\xd8") else len(head)
    while at + 9 <= len(head) and head[at] == 0xFF:
        marker, size = head[at + 1], int.from_bytes(head[at + 2 : at + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return (
                int.from_bytes(head[at + 7 : at + 9], "big"),
                int.from_bytes(head[at + 5 : at + 7], "big"),
            )
        at += 2 + size
    return 0, 0

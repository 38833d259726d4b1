"""Stored files as answers: shown in the browser where it shows them safely, else saved."""

from pathlib import Path

from litestar.background_tasks import BackgroundTask
from litestar.response import File

from protocol.errors import Refused
from sync_server.web.site import HEADERS


class Sealed(Refused):
    """A file of a sealed case, and no retrieval that opens it."""


INLINE = (
    "application/pdf",
    "image/png",
    "image/jpeg",
    "video/mp4",
    "audio/mp4",
    "audio/ogg",
)


def inline(path: Path, sha256: str, media_type: str) -> File:
    """A document or a recording."""
    shown = media_type in INLINE
    return File(
        path=path,
        filename=sha256[:16],
        media_type=media_type if shown else "application/octet-stream",
        content_disposition_type="inline" if shown else "attachment",
        # Browsers show a PDF in a page of their own, which the pages' policy would leave blank.
        headers={name: value for name, value in HEADERS.items() if "Policy" not in name},
    )


def package(path: Path, case: str, after: BackgroundTask | None = None) -> File:
    """A case file."""
    return File(
        path=path,
        filename=f"case-{case[:16]}.zip",
        media_type="application/zip",
        headers=HEADERS,
        background=after,
    )

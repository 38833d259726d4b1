"""What the locked screen may show before the vault is open: names, pictures, the tablet's name.

Published facts, no secrets, in ``faces.json``. Losing it locks nobody out.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from field_client.durable import UNREADABLE, write_durably
from field_client.errors import DiskFull
from field_client.settings import Settings

if TYPE_CHECKING:
    from field_client.store.portraits import Portraits
    from protocol.reference import Reference


class Face(msgspec.Struct, frozen=True):
    """An officer's name and picture for the locked screen. Published facts, not secrets."""

    cert_no: str
    name: str
    photo: bytes = b""


class Faces(msgspec.Struct, frozen=True):
    """What the locked screen shows before the vault is open; kept in ``faces.json``."""

    device: str = ""
    agency: str = ""
    issued_at: int = 0
    officers: list[Face] = []


def read(settings: Settings) -> Faces:
    """What was kept; where the file is lost, the numbers of those who have keys here."""
    try:
        return msgspec.json.decode(_file(settings).read_bytes(), type=Faces)
    except (OSError, *UNREADABLE):
        return Faces(officers=[Face(cert_no, cert_no) for cert_no in _held(settings)])


def keep(settings: Settings, reference: Reference, portraits: Portraits, device: str) -> None:
    """Keep what the roster says of those who have keys here. On a full disk the older facts
    stand: nobody is kept out for that."""
    here = _held(settings)
    faces = Faces(
        device=device,
        agency=reference.agency.name,
        issued_at=reference.issued_at,
        officers=[
            Face(one.cert_no, one.name, portraits.of(one).data or b"")
            for one in reference.officers
            if one.cert_no in here
        ],
    )
    if faces != read(settings):
        with suppress(DiskFull):
            write_durably(_file(settings), msgspec.json.encode(faces))


def _held(settings: Settings) -> list[str]:
    """Who has a key file here, whole or not."""
    return sorted(path.stem for path in settings.keys_dir.glob("officers/*.json"))


def _file(settings: Settings) -> Path:
    return settings.data_dir / "faces.json"

"""The roster of officers: registered, corrected, suspended, by a registrar's word. Pure.

    registered(common, form, known)              → OfficerRegistered, the first or with new details
    stood(common, known, standing, reason)       → OfficerRegistered, with another standing
    picture_type(data)                           → "image/png" or "image/jpeg", by the bytes alone

The six published fields (T-6, H-8), validity and issuer are one line; another line takes its place
from its own time on, and the former one stays what it was for what was done before.

>>> from protocol.portraits import BLANK
>>> picture_type(BLANK)
'image/png'
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, fields

import msgspec

from protocol.calendar import read_day
from protocol.errors import FujieError, Refused
from protocol.portraits import MOST
from protocol.statements import BlobRef, OfficerRegistered
from protocol.vocabulary import Standing
from sync_server.office.staff import Common

ISSUERS = ("province", "ministry")
"""Who issues certificates: the province, or a ministry, which files them there (X-2.2b)."""
MAX_SIDE = 2000
SETTABLE = (Standing.VALID, Standing.SUSPENDED, Standing.CANCELLED)
"""What a registrar says of a card; that it expired is said by its days."""

_CERT_NO = re.compile(r"[0-9A-Za-z-]{4,40}")
_REGION = re.compile(r"[0-9]{6}(?:[0-9]{6})?")


class NotAnOfficer(Refused):
    """The line cannot be registered like this; ``field`` is the one that is wrong."""

    @property
    def field(self) -> str:
        """The name of the field that is wrong."""
        return str(self.facts.get("field", ""))


@dataclass(frozen=True)
class Line:
    """An officer as typed or imported; every field is text."""

    cert_no: str
    name: str
    unit: str
    position: str
    category: str
    field: str
    region: str
    region_name: str
    valid_from: str
    valid_until: str
    issuer_kind: str = "province"
    filing: str = ""


NAMES = tuple(one.name for one in fields(Line))


def line_of(said: OfficerRegistered) -> Line:
    """A registered officer as one would type it."""
    return Line(**{name: getattr(said, name) for name in NAMES})


def registered(
    common: Common, line: Line, photo: BlobRef | None, known: OfficerRegistered | None, reason: str
) -> OfficerRegistered:
    """A new officer, or new details of a known one, whose standing stays. Raises NotAnOfficer."""
    line = Line(**{name: getattr(line, name).strip() for name in NAMES})
    expect_line(line)
    photo = photo or (known.photo if known else None)
    if photo is None:
        raise NotAnOfficer("expected a photo of {name}, got none; choose one", name=line.name)
    if known is not None and not reason.strip():
        raise NotAnOfficer("the reason is empty; say why, for the record")
    return OfficerRegistered(
        agency=common.agency,
        at=common.at,
        salt=common.salt,
        **{name: getattr(line, name) for name in NAMES},
        photo=photo,
        standing=known.standing if known else Standing.VALID,
        effective_at=common.at,
        reason=reason.strip(),
    )


def stood(
    common: Common, known: OfficerRegistered | None, standing: Standing, reason: str
) -> OfficerRegistered:
    """A known officer with another standing from now on. Raises NotAnOfficer."""
    if known is None:
        raise NotAnOfficer("there is no such officer in your agency; choose one from the list")
    if standing not in SETTABLE:
        raise NotAnOfficer("choose a standing from the list")
    if standing is known.standing:
        raise NotAnOfficer("the certificate stands like this already; nothing is left to do")
    if known.standing is Standing.CANCELLED:
        raise NotAnOfficer(
            "the certificate {cert_no} is cancelled for good; register the officer under a new one",
            cert_no=known.cert_no,
        )
    if not reason.strip():
        raise NotAnOfficer("the reason is empty; say why, for the record")
    return msgspec.structs.replace(
        known,
        at=common.at,
        salt=common.salt,
        standing=standing,
        effective_at=common.at,
        reason=reason.strip(),
    )


def expect_line(line: Line) -> None:
    """Raises NotAnOfficer, which names the field."""
    for name in NAMES:
        text = getattr(line, name)
        if len(text) > 200 or any(ord(sign) < 32 for sign in text):
            raise NotAnOfficer("{field}: expected one line of at most 200 characters", field=name)
        if not text and name != "filing":
            raise NotAnOfficer("{field}: expected a text, got none", field=name)
    if not _CERT_NO.fullmatch(line.cert_no):
        _wrong("cert_no", "00992304117", line.cert_no)
    if not _REGION.fullmatch(line.region):
        _wrong("region", "990123", line.region)
    if line.issuer_kind not in ISSUERS:
        _wrong("issuer_kind", "province", line.issuer_kind)
    if line.issuer_kind == "ministry" and not line.filing:
        raise NotAnOfficer(
            "{field}: a ministry's certificate is shown with the number of its filing (X-2.2b)",
            field="filing",
        )
    _expect_days(line)


def picture_type(data: bytes) -> str:
    """What the bytes are, whatever their name says. Raises NotAnOfficer."""
    if len(data) > MOST:
        raise NotAnOfficer(
            "expected a photo of at most {most} bytes, got {size}; make it smaller",
            most=MOST,
            size=len(data),
        )
    size = _png_size(data) or _jpeg_size(data)
    if size is None or not all(0 < side <= MAX_SIDE for side in size):
        raise NotAnOfficer(
            "expected a PNG or JPEG picture of at most {side} by {side} dots, got something else; "
            "save it anew and choose it again",
            side=MAX_SIDE,
        )
    return "image/png" if _png_size(data) else "image/jpeg"


def _expect_days(line: Line) -> None:
    for name in ("valid_from", "valid_until"):
        try:
            read_day(getattr(line, name))
        except (FujieError, ValueError):
            _wrong(name, "2024-05-01", getattr(line, name))
    if line.valid_until < line.valid_from:
        raise NotAnOfficer(
            "{field}: expected a day not before {day}, got {got}",
            field="valid_until",
            day=line.valid_from,
            got=line.valid_until,
        )


def _wrong(name: str, example: str, got: str) -> None:
    raise NotAnOfficer(
        "{field}: expected something like {example}, got {got}",
        field=name,
        example=example,
        got=got[:60],
    )


def _png_size(data: bytes) -> tuple[int, int] | None:
    if not data.startswith(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR") or len(data) < 33:
        return None
    width, height = struct.unpack(">II", data[16:24])
    return width, height


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    """The size that the first frame header says; None if the bytes are no JPEG."""
    if not data.startswith(b"\xff\xd8\xff"):
        return None
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        kind, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if 0xC0 <= kind <= 0xCF and kind not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return width, height
        if length < 2:
            return None
        at += 2 + length
    return None

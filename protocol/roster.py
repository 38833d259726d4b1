"""The roster in the reference data: officers with their keys, devices, and the agency's issuers.

    >>> key = OfficerKey(key_id="00" * 32, device="YX-T07", credential=b"", retired_at=5)
    >>> key.live(4), key.live(5)
    (True, False)

Keys that count no more stay listed as such, so that what they signed before can still be judged.
"""

import msgspec

from protocol.parts import BlobRef, Day, Hex32, Millis, Short
from protocol.vocabulary import Standing

LOST = "遗失"
"""How the reason of a *device revoked* begins where the device is lost. A tablet that learns it
of itself locks and removes its officers' wraps; revoked for another reason it does not."""


class OfficerKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key of an officer on one device, and its credential (CWT of ``credential.py``). From
    ``retired_at`` on (ms; 0 means never) it counts no more; what it signed before stands."""

    key_id: Hex32
    device: Short
    credential: bytes
    retired_at: Millis = 0

    def live(self, at: int) -> bool:
        """Whether the key counts for what is signed at ``at`` (ms)."""
        return not 0 < self.retired_at <= at


class RosterOfficer(msgspec.Struct, frozen=True, kw_only=True):
    """An officer as published (T-6, H-8), the keys with which this person signs, and standing.

    ``photo`` names the picture, which comes as a file of its own (``portraits.py``); in bundles of
    before ``photo_bytes`` brought it along. ``effective_at`` is when ``standing`` began (ms).
    """

    cert_no: Short
    name: Short
    unit: Short
    position: Short
    category: Short
    field: Short
    region: Short
    region_name: Short
    valid_from: Day
    valid_until: Day
    photo: BlobRef
    photo_bytes: bytes = b""
    issuer_kind: Short = "province"
    standing: Standing = Standing.UNKNOWN
    effective_at: Millis = 0
    auxiliary: bool = False
    filing: Short = ""
    credentials: list[OfficerKey] = []


class RosterDevice(msgspec.Struct, frozen=True, kw_only=True):
    """A device of the agency and the certificate of its key. ``revoked_at`` 0 means never, as does
    ``suspended_at``: since when nobody takes its word, until it is reinstated.
    ``former`` are certificates of keys that it had before: old marks and records are proved by
    them, and nothing new is."""

    name: Short
    certificate: bytes
    revoked_at: Millis = 0
    former: list[bytes] = []
    suspended_at: Millis = 0

    def is_trusted(self, at: int) -> bool:
        """Whether its word counts at ``at`` (ms)."""
        return not (0 < self.revoked_at <= at or 0 < self.suspended_at <= at)


class IssuerEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A key with which the agency certifies, or once did: its certificate (CWT of
    ``credential.py``) and the root key that signed that."""

    certificate: bytes
    root_key: Hex32

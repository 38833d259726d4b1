"""An officer's card as it may be shown now: never *valid* unless card and roster both say so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from field_client.keys.identity import Unlocked
from protocol.credential import IssuerClaims, OfficerClaims, issuer_of, open_officer, standing
from protocol.errors import FujieError
from protocol.reference import OfficerKey, Reference, RosterOfficer
from protocol.statements import BlobRef
from protocol.vocabulary import Standing


@dataclass(frozen=True)
class Face:
    """An officer's card as it may be shown now. ``age_ms`` is the roster's; below 0 the roster
    is dated after the tablet's clock, and nobody knows."""

    officer: RosterOfficer
    credential: bytes
    standing: Standing
    age_ms: int


def face_of(
    officer: Unlocked,
    device: str,
    reference: Reference,
    issuers: Sequence[IssuerClaims],
    now: int,
) -> Face:
    """The card of an officer who is signed in on ``device``, at ``now`` (ms)."""
    age = now - reference.issued_at
    entry = reference.officer(officer.cert_no)
    held = _credential(entry, officer, device, issuers) if entry else None
    if entry is None or held is None:
        return Face(entry or _stranger(officer.cert_no), b"", Standing.UNKNOWN, age)
    if is_revoked(reference, device, now):  # nobody takes this tablet's word for a card
        return Face(entry, held.credential, Standing.UNKNOWN, age)
    claims, _key = _opened(held.credential, tuple(issuers))
    told = standing(claims, entry, reference.issued_at, now, reference.parameters.stale_ms)
    return Face(entry, held.credential, told, age)


def is_revoked(reference: Reference, device: str, now: int) -> bool:
    """Whether the roster says that this tablet is trusted no longer at ``now`` (ms)."""
    return any(one.name == device and not one.is_trusted(now) for one in reference.devices)


def _credential(
    entry: RosterOfficer, officer: Unlocked, device: str, issuers: Sequence[IssuerClaims]
) -> OfficerKey | None:
    """The credential that an issuer gave to this officer for this very key and tablet."""
    for held in entry.credentials:
        try:
            claims, key = _opened(held.credential, tuple(issuers))
        except FujieError:
            continue
        ours = key == officer.signer.verifier.key_id
        if ours and (claims.cert_no, claims.device) == (officer.cert_no, device):
            return held
    return None


@lru_cache(maxsize=64)
def _opened(credential: bytes, issuers: tuple[IssuerClaims, ...]) -> tuple[OfficerClaims, bytes]:
    """What a credential says, proved, and the id of its key. Kept: a card that is shown asks with
    every view, each time it would be half a dozen checks of curves and signatures, and each of
    these lets other threads in before the window."""
    claims = open_officer(credential, issuer_of(credential, issuers))
    return claims, claims.key_id


def _stranger(cert_no: str) -> RosterOfficer:
    """A card's place for an officer whom the roster at hand does not know."""
    nobody = BlobRef(sha256="00" * 32, size=0, media_type="image/png")
    return RosterOfficer(
        cert_no=cert_no,
        name="",
        unit="",
        position="",
        category="",
        field="",
        region="",
        region_name="",
        valid_from="1970-01-01",
        valid_until="1970-01-01",
        photo=nobody,
    )

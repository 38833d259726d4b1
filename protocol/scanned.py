"""What a scanned code is worth by reference data alone: what another tablet says with no network.

    check_card(text, reference, issuers, now)   who is shown, and whether the card is in force
    check_mark(text, reference, issuers)        which document a tablet of the agency marked

A code is one of four things, and only the first says anything about its bearer:

    fresh     every signature holds and the presentation is within its seconds
    stale     it held once: a photograph, or a clock that is off; scan it again
    unknown   nobody in these reference data made it: another agency, a newer device, a revoked one
    false     it names a key that is known, and the signature is not that key's

Whether the bearer may act is ``credential.standing``, *unknown* whenever the roster is older
than the agency allows. Cards are shown by a tablet's key in force alone; what it marked by a key
that it had before stays marked. A mark proves number and fingerprint of a document; that it was
signed, served or withdrawn is in the log, which is not at hand here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from protocol import cose
from protocol.card import ShownCard, open_card
from protocol.credential import DeviceClaims, IssuerClaims, hint_of, open_device, standing
from protocol.errors import BadSignature, Expired, FujieError, Malformed
from protocol.mark import DocumentMark, open_mark, parse_document_url
from protocol.reference import Reference, RosterDevice
from protocol.vocabulary import Standing


class Code(Enum):
    """What became of the signatures in a code."""

    FRESH = "fresh"
    STALE = "stale"
    UNKNOWN = "unknown"
    FALSE = "false"


@dataclass(frozen=True)
class CheckedCard:
    """What may be said of a card. ``shown`` only if the code is fresh; ``standing`` is unknown
    otherwise."""

    code: Code
    standing: Standing = Standing.UNKNOWN
    shown: ShownCard | None = None


@dataclass(frozen=True)
class CheckedMark:
    """What may be said of a document's mark: which document, made on which device. ``doubtful``
    says that the device had been revoked by the time that the mark claims."""

    code: Code
    mark: DocumentMark | None = None
    device: str = ""
    doubtful: bool = False


def check_card(
    text: str, reference: Reference, issuers: Sequence[IssuerClaims], now: int
) -> CheckedCard:
    """Judge the text of a card's code at ``now`` (ms). Raises Malformed or TooLarge for a text
    that is no card's code at all."""
    devices = [one for one in reference.devices if not _revoked(one, now)]
    try:
        shown = open_card(
            text,
            lambda hint: _issuer(issuers, hint),
            lambda hint: _device(devices, issuers, hint),
            now,
        )
    except Expired:
        return CheckedCard(Code.STALE)
    except FujieError as fault:
        return CheckedCard(_verdict(fault))
    entry = reference.officer(shown.officer.cert_no)
    stale_ms = reference.parameters.stale_ms
    said = standing(shown.officer, entry, reference.issued_at, now, stale_ms)
    return CheckedCard(Code.FRESH, said, shown)


def check_mark(text: str, reference: Reference, issuers: Sequence[IssuerClaims]) -> CheckedMark:
    """Judge the text of a document's code. A mark does not age, and what a device marked before
    it was revoked stays marked. Raises as ``check_card``."""
    data = parse_document_url(text)
    try:
        device = _device(reference.devices, issuers, cose.kid(data), former=True)
        if device is None:
            return CheckedMark(Code.UNKNOWN)
        mark = open_mark(data, device)
    except FujieError as fault:
        return CheckedMark(_verdict(fault))
    listed = next(one for one in reference.devices if one.name == device.name)
    return CheckedMark(Code.FRESH, mark, device.name, _revoked(listed, mark.at))


def _verdict(fault: FujieError) -> Code:
    """A known key's signature that does not hold is a forgery or damage; all else is not known
    here. A text that is no code is the caller's to tell."""
    if isinstance(fault, BadSignature):
        return Code.FALSE
    if isinstance(fault, Malformed):
        raise fault
    return Code.UNKNOWN


def _revoked(device: RosterDevice, at: int) -> bool:
    return not device.is_trusted(at)


def _issuer(issuers: Sequence[IssuerClaims], hint: bytes) -> IssuerClaims | None:
    return next((one for one in issuers if one.key_id.startswith(hint)), None)


def _device(
    devices: Sequence[RosterDevice],
    issuers: Sequence[IssuerClaims],
    hint: bytes,
    *,
    former: bool = False,
) -> DeviceClaims | None:
    """The device of a key hint, if the agency certified it: by its key in force, or by one that
    it had before."""
    for listed in devices:
        for certificate in (listed.certificate, *(listed.former if former else ())):
            if hint_of(certificate) != hint:
                continue
            issuer = _issuer(issuers, cose.kid(certificate))
            claims = open_device(certificate, issuer) if issuer else None
            if claims is not None and claims.key_id.startswith(hint):
                return claims
    return None

"""An officer's card as it is shown: the credential and the tablet's fresh word that it is here.

    presentation = COSE_Sign1 by the device over
        {6: issued at (s), 7: nonce 8, -65537: [4, card 16, case 16, ttl (s)]}

``card`` is SHA-256(credential)[:16] and ``case`` is SHA-256(case id)[:16], so that a
presentation fits one card at one inspection for ``ttl`` seconds. The QR code holds both, as
``[credential, presentation]`` in CBOR, behind the address of the agency's page (``qr.py``).

A photographed code dies with its ttl; a live relay of the screen works within it, and nobody
promises otherwise. Whether the person may act today is ``credential.standing``'s answer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import cbor2

from protocol import cose, qr
from protocol.cose import CTI, IAT
from protocol.credential import (
    FUJIE,
    PRESENTATION,
    DeviceClaims,
    IssuerClaims,
    OfficerClaims,
    expect_current,
    expect_kind,
    open_officer,
)
from protocol.errors import Expired, Malformed, UnknownSigner
from protocol.keys import Signer

CARD_PATH = "V"
NONCE_SIZE = 8
MAX_TTL_S = 300
SKEW_MS = 5_000
"""How far ahead of the reader's clock a presentation may be: clocks differ by seconds."""


@dataclass(frozen=True)
class Presentation:
    """One showing of a card: bound to 16 bytes of the card's and of the case's hash."""

    card: bytes
    case: bytes
    issued_at: int
    ttl_s: int
    nonce: bytes


@dataclass(frozen=True)
class ShownCard:
    """A card that was proved to be shown now: who, on which device, at which inspection."""

    officer: OfficerClaims
    device: DeviceClaims
    presentation: Presentation


def digest16(data: bytes) -> bytes:
    """SHA-256(data)[:16], by which a presentation names a card and a case."""
    return hashlib.sha256(data).digest()[:16]


def present(device: Signer, card: bytes, case: bytes, at: int, ttl_s: int, nonce: bytes) -> bytes:
    """Show ``card`` (its bytes) at the inspection ``case`` (its 32-byte id) at ``at`` (ms).

    ``nonce`` is 8 random bytes; ``ttl_s`` 1 to 300. Raises Malformed.
    """
    if len(nonce) != NONCE_SIZE or not 0 < ttl_s <= MAX_TTL_S:
        raise Malformed(
            "expected a nonce of 8 bytes and a ttl of 1 to {most} seconds; check the settings",
            most=MAX_TTL_S,
        )
    body = [PRESENTATION, digest16(card), digest16(case), ttl_s]
    return cose.sign1({IAT: at // 1000, CTI: nonce, FUJIE: body}, device)


def open_presentation(
    data: bytes, card: bytes, device: DeviceClaims, now: int, case: bytes | None = None
) -> Presentation:
    """The device's word that ``card`` is shown now, and at ``case`` if that is known.

    Raises Malformed, UnknownSigner, BadSignature, or Expired past its ttl.
    """
    claims = cose.open1(data, device.verifier)
    shown_card, shown_case, ttl_s = expect_kind(claims, PRESENTATION, 3)
    issued, nonce = claims.get(IAT), claims.get(CTI)
    if type(issued) is not int or type(ttl_s) is not int or not 0 < ttl_s <= MAX_TTL_S:
        raise Malformed("expected times in whole seconds and a ttl of at most 300")
    if not isinstance(nonce, bytes) or len(nonce) != NONCE_SIZE:
        raise Malformed("expected a nonce of 8 bytes; show the card again")
    if shown_card != digest16(card) or (case is not None and shown_case != digest16(case)):
        raise UnknownSigner(
            "expected a presentation of this card at this inspection, got another one; "
            "show the card again"
        )
    age = now - issued * 1000
    if not -SKEW_MS <= age < ttl_s * 1000:
        raise Expired(
            "expected a code shown within {ttl} seconds, got one of {age} seconds ago; "
            "ask the officer to show the card itself",
            ttl=ttl_s,
            age=age // 1000,
        )
    return Presentation(shown_card, shown_case, issued * 1000, ttl_s, nonce)


def card_url(base: str, card: bytes, presentation: bytes) -> str:
    """The text of the card's QR code. Raises Malformed or TooLarge."""
    return qr.address(base, CARD_PATH, cbor2.dumps([card, presentation]))


def parse_card_url(text: str) -> tuple[bytes, bytes]:
    """Card and presentation in a scanned text or in the last part of its path.

    Proves nothing yet. Raises Malformed or TooLarge.
    """
    pair = cose.load(qr.payload(text, CARD_PATH))
    if not isinstance(pair, list) or [type(part) for part in pair] != [bytes, bytes]:
        raise Malformed("expected a card and its presentation in the code; scan it again")
    card, presentation = pair
    return card, presentation


def open_card(
    text: str,
    issuers: Callable[[bytes], IssuerClaims | None],
    devices: Callable[[bytes], DeviceClaims | None],
    now: int,
    case: bytes | None = None,
) -> ShownCard:
    """Prove a scanned card: issuer, officer, device, presentation, all at ``now`` (ms).

    ``issuers`` and ``devices`` answer an 8-byte key hint (``cose.kid``) with what the reference
    data vouch for, or None; leave out revoked devices. Raises what the parts raise. Ask
    ``credential.standing`` next: this says who is shown, not whether the card is in force.
    """
    card, presentation = parse_card_url(text)
    issuer, device = issuers(cose.kid(card)), devices(cose.kid(presentation))
    if issuer is None or device is None:
        raise UnknownSigner(
            "no agency or device at hand signed this code; update the reference data, or ask "
            "the agency's own page"
        )
    officer = open_officer(card, issuer)
    if (officer.agency, officer.device) != (device.agency, device.name):
        raise UnknownSigner(
            "expected the card on device {device}, got it on {got}; show it on its own device",
            device=officer.device,
            got=device.name,
        )
    expect_current(now, issuer, device)
    shown = open_presentation(presentation, card, device, now, case)
    return ShownCard(officer, device, shown)

"""Targets: credentials, cards, marks, the text in QR codes, and reference data."""

from __future__ import annotations

import cbor2
import msgspec

from protocol import card, cose, credential, envelope, mark, qr, sm2
from protocol.errors import BadSignature
from protocol.keys import SM2, Verifier
from protocol.reference import REFERENCE_TYPE, Reference, open_reference, sign_reference
from protocol.vocabulary import DocumentKind
from tests.cast import DECISION_NUMBER
from tests.fuzzing.scene import scene
from tests.fuzzing.target import NOW, PROOF, Target, frozen, strings, text, unhex

BASE = "https://log.yunxi.example"


def targets() -> list[Target]:
    """Every one of them."""
    return [*_cbor(), *_credentials(), *_suites(), *_shown(), *_marks(), *_reference()]


def _cbor() -> list[Target]:
    read = frozen("credential")
    messages = tuple(one for one in strings(read, unhex) if one[:1] == b"\xd2")
    return [
        Target("cose", messages, lambda data: cose.kid(data)),
        Target("cbor", tuple(one[1:] for one in messages), cose.load, rewrite=_dumped),
    ]


def _suites() -> list[Target]:
    """A key and a signature by it, over one message: C is behind these bytes."""
    good = frozen("sm2")["good"]
    seeds = tuple(
        bytes.fromhex(good["keys"]["shen"]["public_key"] + good[name])
        for name in ("by_openssl", "by_tongsuo")
    )

    def verify(data: bytes) -> None:
        key, signature = Verifier(SM2, data[: sm2.KEY_SIZE]), data[sm2.KEY_SIZE :]
        if not key.verify(good["message"].encode(), signature):
            raise BadSignature("expected a signature that holds")

    return [Target("sm2 key and signature", seeds, verify, PROOF, proves=True)]


def _dumped(value: object) -> bytes:
    return cbor2.dumps(value, canonical=True)


def _credentials() -> list[Target]:
    world = scene().world
    issuer = world.issuer_claims
    others = [one for one in strings(frozen("credential"), unhex) if one[:1] == b"\xd2"][:20]
    return [
        Target(
            "issuer certificate",
            (world.issuer_certificate, *others),
            lambda data: credential.open_issuer(data, world.root.verifier),
            PROOF,
            proves=True,
        ),
        Target(
            "officer credential",
            (world.shen.credential, *others),
            lambda data: credential.open_officer(data, issuer),
            PROOF,
            proves=True,
        ),
        Target(
            "device certificate",
            (world.device.certificate, *others),
            lambda data: credential.open_device(data, issuer),
            PROOF,
            proves=True,
        ),
    ]


def presentation() -> bytes:
    """Shen's card, shown at the inspection, now."""
    world, case = scene()
    shown = world.shen.credential
    return card.present(world.device.signer, shown, case.id, world.now, 30, bytes(8))


def _shown() -> list[Target]:
    world, case = scene()
    shown, device = presentation(), world.device.claims
    url = card.card_url(BASE, world.shen.credential, shown).encode()
    issuers = {world.issuer_claims.key_id[: cose.KID_SIZE]: world.issuer_claims}
    devices = {device.key_id[: cose.KID_SIZE]: device}
    others = tuple(one for one in strings(frozen("credential")) if one.startswith(b"HTTP"))

    def rewritten(pair: tuple[bytes, bytes]) -> bytes:
        return card.card_url(BASE, *pair).encode()

    return [
        Target(
            "presentation",
            (shown,),
            lambda data: card.open_presentation(
                data, world.shen.credential, device, world.now, case.id
            ),
            PROOF,
            proves=True,
        ),
        Target(
            "card address",
            (url, *others),
            text(card.parse_card_url),
            rewrite=rewritten,
            one_form=False,  # the host is free
        ),
        Target(
            "card, proved",
            (url,),
            text(lambda told: card.open_card(told, issuers.get, devices.get, world.now, case.id)),
            PROOF,
            proves=True,
        ),
    ]


def document_mark() -> bytes:
    """The mark of a decision."""
    world = scene().world
    said = mark.DocumentMark(
        world.issuer_claims.agency,
        DocumentKind.SPOT_DECISION,
        DECISION_NUMBER,
        bytes(16),
        bytes(32),
        NOW,
    )
    return mark.document_mark(world.device.signer, said)


def _marks() -> list[Target]:
    device, marked = scene().world.device.claims, document_mark()
    url = mark.document_url(BASE, marked).encode()

    def opened(told: str) -> object:
        return mark.open_mark(mark.parse_document_url(told), device)

    return [
        Target(
            "document mark",
            (marked,),
            lambda data: mark.open_mark(data, device),
            PROOF,
            proves=True,
        ),
        Target("document address", (url,), text(opened), PROOF, proves=True),
        Target(
            "qr payload",
            (url,),
            text(lambda told: qr.payload(told, mark.DOCUMENT_PATH)),
            rewrite=lambda data: qr.address(BASE, mark.DOCUMENT_PATH, data).encode(),
            one_form=False,
        ),
    ]


def resigned(data: bytes) -> Reference:
    """What is inside a bundle, under a good signature: the issuer's key in a hostile hand."""
    issuer = scene().world.issuer
    signed = envelope.sign(REFERENCE_TYPE, data, [issuer])
    return open_reference(envelope.encode(signed), issuer.verifier, 0)


def _reference() -> list[Target]:
    world = scene().world
    bundle = sign_reference(world.reference, world.issuer)
    body = msgspec.json.encode(world.reference)

    return [
        Target(
            "reference data",
            (bundle,),
            lambda data: open_reference(data, world.issuer.verifier, 0),
            PROOF,
            proves=True,
        ),
        Target(
            "reference data, inside",
            (body,),
            resigned,
            PROOF,
            rewrite=msgspec.json.encode,
            one_form=False,
        ),
    ]

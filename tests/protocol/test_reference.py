"""Reference data: signed by the issuer, never older than what is held, as old as it says."""

from __future__ import annotations

import msgspec
import pytest

from protocol import envelope
from protocol.errors import BadSignature, Expired, FujieError, Malformed, TooLarge, UnknownSigner
from protocol.reference import (
    MAX_REFERENCE,
    REFERENCE_TYPE,
    age_ms,
    open_reference,
    sign_reference,
)
from tests.cast import seeded
from tests.worlds import World

WORLD = World()
BUNDLE = sign_reference(WORLD.reference, WORLD.issuer)
ISSUER = WORLD.issuer.verifier


def test_what_was_signed_is_read() -> None:
    assert open_reference(BUNDLE, ISSUER, 0) == WORLD.reference


def test_the_same_version_again_is_no_rollback() -> None:
    assert open_reference(BUNDLE, ISSUER, 1).version == 1


def test_an_older_version_is_refused() -> None:
    with pytest.raises(Expired, match="version 2 or later, got 1"):
        open_reference(BUNDLE, ISSUER, 2)


def test_another_issuer_is_refused() -> None:
    with pytest.raises(UnknownSigner):
        open_reference(sign_reference(WORLD.reference, seeded("other")), ISSUER, 0)


def test_a_second_signature_is_refused() -> None:
    body = msgspec.json.encode(WORLD.reference)
    both = envelope.sign(REFERENCE_TYPE, body, [WORLD.issuer, seeded("other")])
    with pytest.raises(UnknownSigner):
        open_reference(envelope.encode(both), ISSUER, 0)


def test_a_statement_is_no_reference_data() -> None:
    body = msgspec.json.encode(WORLD.reference)
    signed = envelope.sign(envelope.STATEMENT_TYPE, body, [WORLD.issuer])
    with pytest.raises(Malformed):
        open_reference(envelope.encode(signed), ISSUER, 0)


def test_a_signature_of_other_bytes_is_refused() -> None:
    signed = envelope.decode(BUNDLE)
    other = envelope.Envelope(REFERENCE_TYPE, signed.body + b" ", signed.signatures)
    with pytest.raises(BadSignature):
        open_reference(envelope.encode(other), ISSUER, 0)


def test_no_byte_may_change() -> None:
    for place in range(len(BUNDLE)):
        changed = bytearray(BUNDLE)
        changed[place] ^= 1
        with pytest.raises(FujieError):
            open_reference(bytes(changed), ISSUER, 0)


def test_more_than_the_bound_is_neither_made_nor_read() -> None:
    officers = WORLD.reference.officers
    large = msgspec.structs.replace(officers[0], photo_bytes=bytes(MAX_REFERENCE))
    with pytest.raises(TooLarge):
        sign_reference(msgspec.structs.replace(WORLD.reference, officers=[large]), WORLD.issuer)
    with pytest.raises(TooLarge):
        open_reference(bytes(MAX_REFERENCE * 2), ISSUER, 0)


def test_photos_of_more_than_a_statement_fit() -> None:
    large = msgspec.structs.replace(WORLD.reference.officers[0], photo_bytes=bytes(2 << 20))
    reference = msgspec.structs.replace(WORLD.reference, officers=[large])
    assert open_reference(sign_reference(reference, WORLD.issuer), ISSUER, 0) == reference


def test_age_is_told_by_the_signed_time() -> None:
    issued = WORLD.reference.issued_at
    assert age_ms(WORLD.reference, issued + 5) == 5
    assert age_ms(WORLD.reference, issued - 1) > WORLD.reference.parameters.stale_ms

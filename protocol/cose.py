"""COSE_Sign1 with CWT claims (RFC 9052, RFC 8392): small signed things that fit into a QR code.

    18([ << {1: -8, 4: kid} >>, {}, << claims >>, signature ])        -8 = EdDSA (RFC 9053 §2.2)

``kid`` is the first 8 bytes of the signing key's id (``keys.py``); it finds the key and proves
nothing. The algorithm is the key's, not the message's: a header that names another one is
refused. One value has one encoding (RFC 8949 §4.2.1, definite lengths, shortest integers,
sorted keys), the unprotected header is empty, and a critical header that this program does
not know is refused (RFC 9052 §3.1), so that no byte can change unnoticed.

>>> from protocol.keys import Ed25519Signer
>>> signer = Ed25519Signer(bytes(32))
>>> open1(sign1({ISS: "example"}, signer), signer.verifier)
{1: 'example'}
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

import cbor2

from protocol.errors import BadSignature, FujieError, Malformed, TooLarge, UnknownSigner
from protocol.keys import ED25519, Signer, Verifier

ISS, SUB, EXP, NBF, IAT, CTI, CNF = 1, 2, 4, 5, 6, 7, 8  # RFC 8392 §4, RFC 8747 §3.1
MAX_SIGN1 = 1500
"""Bytes of a whole message. Two of them, in base32, still fit one QR code at level M."""

KID_SIZE = 8

_SIGN1 = b"\xd2"  # tag 18 (RFC 9052 §2)
_ALG, _CRIT, _KID = 1, 2, 4
_EDDSA = -8
_MAX_DEPTH = 6
_PAIR = 7  # what a list of two messages adds (RFC 8949 §3)


def sign1(claims: Mapping[int, Any], signer: Signer) -> bytes:
    """Sign ``claims``; the bytes of the tagged message. Raises TooLarge, and Malformed for a key
    that is not Ed25519."""
    _expect_eddsa(signer.verifier)
    protected = _dump({_ALG: _EDDSA, _KID: signer.verifier.key_id[:KID_SIZE]})
    payload = _dump(dict(claims))
    signature = signer.sign(_to_be_signed(protected, payload))
    data = _SIGN1 + _dump([protected, {}, payload, signature])
    _expect_bound(data)
    return data


def kid(data: bytes) -> bytes:
    """The 8-byte hint of the key that should have signed. Raises Malformed or TooLarge."""
    return _split(data)[0]


def unproved(data: bytes) -> dict[int, Any]:
    """The claims, whoever signed them: to find what is to be opened. Raises Malformed, TooLarge."""
    _expect_bound(data)
    try:
        parts = cbor2.loads(data[1:], semantic_decoders=_NO_TAGS, max_depth=_MAX_DEPTH)
        claims = cbor2.loads(parts[2], semantic_decoders=_NO_TAGS, max_depth=_MAX_DEPTH)
    except (cbor2.CBORError, FujieError, ValueError, TypeError, LookupError, RecursionError):
        claims = None
    if not isinstance(claims, dict):
        raise Malformed("expected a map of CWT claims; ask for the code again")
    return claims


def open1(data: bytes, verifier: Verifier) -> dict[int, Any]:
    """The claims, if ``verifier``'s key signed them.

    Raises Malformed or TooLarge for the form, UnknownSigner if another key is named, and
    BadSignature.
    """
    _expect_eddsa(verifier)
    named, protected, payload, signature = _split(data)
    claims = load(payload)
    if not isinstance(claims, dict) or not all(type(key) is int for key in claims):
        raise Malformed("expected a map of CWT claims; ask for the code again")
    if named != verifier.key_id[:KID_SIZE]:
        raise UnknownSigner(
            "expected a signature by key {key}, got one by {got}; update the reference data",
            key=verifier.key_id[:KID_SIZE].hex(),
            got=named.hex(),
        )
    if not verifier.verify(_to_be_signed(protected, payload), signature):
        raise BadSignature(
            "expected a signature by key {key} over these claims; they were altered",
            key=verifier.key_id[:KID_SIZE].hex(),
        )
    return claims


def _split(data: bytes) -> tuple[bytes, bytes, bytes, bytes]:
    """kid, protected header, payload and signature of a well-formed message."""
    _expect_bound(data)
    parts = load(data[1:]) if data[:1] == _SIGN1 else None
    if not isinstance(parts, list) or [type(part) for part in parts] != [bytes, dict, bytes, bytes]:
        raise Malformed("expected a COSE_Sign1 message (RFC 9052 §4.2); ask for the code again")
    protected, unprotected, payload, signature = parts
    headers = load(protected)
    if unprotected or not isinstance(headers, dict) or headers.get(_ALG) != _EDDSA:
        raise Malformed("expected EdDSA in the protected header, and no header unprotected")
    if _CRIT in headers:
        raise Malformed(
            "expected no critical header, got {labels}; update this program",
            labels=str(headers[_CRIT])[:60],
        )
    named = headers.get(_KID)
    if not isinstance(named, bytes) or len(named) != KID_SIZE:
        raise Malformed("expected a key hint of {size} bytes in the header", size=KID_SIZE)
    return named, protected, payload, signature


def _expect_eddsa(verifier: Verifier) -> None:
    if verifier.algorithm != ED25519:
        raise Malformed(
            "expected an Ed25519 key for a signed code, got {algorithm}; use the key of the "
            "device or the issuer",
            algorithm=verifier.algorithm,
        )


def _to_be_signed(protected: bytes, payload: bytes) -> bytes:
    return _dump(["Signature1", protected, b"", payload])  # RFC 9052 §4.4


def _expect_bound(data: bytes, bound: int = MAX_SIGN1) -> None:
    if len(data) > bound:
        raise TooLarge(
            "expected a signed code of at most {bound} bytes, got {size}; shorten its texts",
            bound=bound,
            size=len(data),
        )


def _dump(value: object) -> bytes:
    return cbor2.dumps(value, canonical=True)


def _refuse_tag(_: object, *rest: object) -> NoReturn:
    raise Malformed("expected no CBOR tag inside; ask for the code again")


# cbor2 turns these tags into numbers, dates, patterns and shared values by itself. None has
# business here, and some cost more than the bytes that ask for them.
_TAGS = (0, 1, 2, 3, 4, 5, 25, 28, 29, 30, 35, 36, 37, 52, 54, 100, 256, 258, 260, 261, 1004)
_NO_TAGS: dict[int, Any] = dict.fromkeys((*_TAGS, 43000, 55799), _refuse_tag)


def load(data: bytes) -> Any:
    """One CBOR value that encodes to exactly ``data`` again. Raises Malformed or TooLarge."""
    _expect_bound(data, 2 * MAX_SIGN1 + _PAIR)
    try:
        value = cbor2.loads(
            data,
            semantic_decoders=_NO_TAGS,
            max_depth=_MAX_DEPTH,
            allow_indefinite=False,
            allow_duplicate_keys=False,
        )
        same = _dump(value) == data
    except (cbor2.CBORError, FujieError, ValueError, TypeError, RecursionError):
        raise Malformed("expected plain CBOR of definite length; ask for the code again") from None
    if not same:
        raise Malformed("expected the one deterministic encoding of CBOR; ask for the code again")
    return value

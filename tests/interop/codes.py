"""Credentials of the case file, verified by pycose (COSE, RFC 9052)."""

from __future__ import annotations

import base64
from typing import Any

import cbor2
from pycose.keys import OKPKey
from pycose.keys.curves import Ed25519
from pycose.messages import Sign1Message

from tests.interop.served import Served


def read(served: Served) -> str:
    """Each issuer by its agency's root, each officer and device by an issuer."""
    entries = served.keys().values()
    roots = served.trusted()["roots"].values()
    above = [key for told in roots for key in ([told] if isinstance(told, str) else told)]
    issuers = [one for one in entries if one["kind"] == "issuer"]
    held = [one for one in entries if one["kind"] in ("officer", "device")]
    for one in issuers:
        _verify(one["credential"], above)
    for one in held:
        claims = _verify(one["credential"], [issuer["public_key"] for issuer in issuers])
        # RFC 8747: the key that this credential confirms.
        assert claims[8][1][-2].hex() == one["public_key"]
    assert issuers
    assert held
    return f"{len(issuers)} issuers, {len(held)} credentials"


def _verify(credential: str, keys: list[str]) -> dict[int, Any]:
    data = base64.b64decode(credential)
    assert any(_signed(data, bytes.fromhex(key)) for key in keys)
    assert not any(_signed(data[:-1] + bytes([data[-1] ^ 1]), bytes.fromhex(key)) for key in keys)
    claims: dict[int, Any] = cbor2.loads(_message(data).payload)
    return claims


def _signed(data: bytes, key: bytes) -> bool:
    message = _message(data)
    message.key = OKPKey(crv=Ed25519, x=key)
    return bool(message.verify_signature())


def _message(data: bytes) -> Sign1Message:
    """Without its tag, below which cbor2 6 gives a tuple where pycose asks for a list."""
    assert data[:1] == b"\xd2"  # tag 18, COSE_Sign1 (RFC 9052 §2)
    return Sign1Message.from_cose_obj(cbor2.loads(data[1:]), True)

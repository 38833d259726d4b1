"""DSSE envelopes of the case file, by securesystemslib (the library of TUF and in-toto)."""

from __future__ import annotations

import json

from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import Key, SSlibKey

from tests.interop.served import Served


def read(served: Served) -> str:
    """Every statement, with as many signers as it lists; and none after a byte was changed."""
    keys: list[Key] = [
        SSlibKey(key_id, one["algorithm"], one["algorithm"], {"public": one["public_key"]})
        for key_id, one in served.keys().items()
        if one["algorithm"] == "ed25519"
    ]
    statements = served.members(".dsse.json")
    assert statements
    signatures = 0
    for data in statements.values():
        told = Envelope.from_dict(json.loads(data))
        signatures += len(told.verify(keys, len(told.signatures)))
        _expect_refused(told, keys)
    return f"{len(statements)} statements with {signatures} signatures"


def _expect_refused(told: Envelope, keys: list[Key]) -> None:
    told.payload = told.payload.replace(b'"at":1', b'"at":2')
    try:
        told.verify(keys, 1)
    except VerificationError:
        return
    raise AssertionError("a changed statement verifies")

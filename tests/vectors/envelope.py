"""Vectors of DSSE envelopes in both forms, and of record hashes.

JSON by the standard's words, msgpack by hand from its specification, not by the code under test.
"""

import hashlib
import json

import nacl.signing

from tests.vectors.keys import LU, SHEN
from tests.vectors.materials import DEVICE, ROOT, Vectors, b64, flip, key_id, public, sign
from tests.vectors.statements import CLOSED, line

STATEMENT = "application/vnd.fujie.statement+json"
CHINESE = "application/符节+json"
LONG_TYPE = "application/" + "x" * 243

Made = list[tuple[bytes, bytes]]


def pae(kind: str, body: bytes) -> bytes:
    """DSSE 1.0.2: lengths in bytes, of the type too."""
    name = kind.encode()
    return b" ".join([b"DSSEv1", b"%d" % len(name), name, b"%d" % len(body), body])


def signed(kind: str, body: bytes, *keys: nacl.signing.SigningKey) -> Made:
    """(key id, signature), ascending by key id."""
    return sorted((key_id(key), sign(key, pae(kind, body))) for key in keys)


def raw(data: bytes) -> bytes:
    """msgpack bin 8, 16 or 32, the shortest."""
    size = 1 if len(data) < 1 << 8 else 2 if len(data) < 1 << 16 else 4
    return {1: b"\xc4", 2: b"\xc5", 4: b"\xc6"}[size] + len(data).to_bytes(size, "big") + data


def text(value: str) -> bytes:
    """msgpack fixstr, str 8 or str 16, the shortest."""
    data = value.encode()
    if len(data) < 32:
        return bytes([0xA0 | len(data)]) + data
    if len(data) < 1 << 8:
        return b"\xd9" + bytes([len(data)]) + data
    return b"\xda" + len(data).to_bytes(2, "big") + data


def array(*items: bytes) -> bytes:
    head = bytes([0x90 | len(items)]) if len(items) < 16 else b"\xdc\0" + bytes([len(items)])
    return head + b"".join(items)


def wire(kind: str, body: bytes, made: Made) -> bytes:
    return array(text(kind), raw(body), array(*(array(raw(k), raw(s)) for k, s in made)))


def form(kind: str, body: bytes, made: Made) -> str:
    signatures = [{"keyid": k.hex(), "sig": b64(s)} for k, s in made]
    return line({"payload": b64(body), "payloadType": kind, "signatures": signatures})


def preimage(kind: str, body: bytes, made: Made) -> bytes:
    """What the record hash is the SHA-256 of."""
    parts = [b"fujie/record/v1\n", hashlib.sha256(pae(kind, body)).digest()]
    for key, signature in sorted(made):
        parts += [key, len(signature).to_bytes(2, "big"), signature]
    return b"".join(parts)


def record(kind: str, body: bytes, made: Made) -> dict[str, str]:
    whole = preimage(kind, body, made)
    return {
        "json": form(kind, body, made),
        "msgpack": wire(kind, body, made).hex(),
        "record_hash": hashlib.sha256(whole).hexdigest(),
    }


BODY = line(CLOSED).encode()
ONE, TWO = signed(STATEMENT, BODY, SHEN), signed(STATEMENT, BODY, SHEN, LU)
THREE = signed(STATEMENT, BODY, SHEN, LU, DEVICE)


def build() -> Vectors:
    good = {
        "type": STATEMENT,
        "body": BODY.decode(),
        "keys": {key_id(key).hex(): public(key).hex() for key in (SHEN, LU, DEVICE)},
        "pae": {
            "standard": pae_vector("http://example.com/HelloWorld", b"hello world"),
            "type_not_ascii": pae_vector(CHINESE, "你好".encode()),
            "empty_body": pae_vector(STATEMENT, b""),
        },
        "one": record(STATEMENT, BODY, ONE),
        "two": record(STATEMENT, BODY, TWO),
        "three": record(STATEMENT, BODY, THREE),
        "three_in_another_order": record(STATEMENT, BODY, THREE[::-1]),
        "two_preimage": preimage(STATEMENT, BODY, TWO).hex(),
        "type_not_ascii": record(CHINESE, BODY, signed(CHINESE, BODY, SHEN)),
        "longest_type": record(LONG_TYPE, BODY, signed(LONG_TYPE, BODY, SHEN)),
        "empty_body": record(STATEMENT, b"", signed(STATEMENT, b"", SHEN)),
        "two_json_as_others_write_it": json.dumps(json.loads(form(STATEMENT, BODY, TWO)), indent=2),
    }
    return {"good": good, "bad": {"msgpack": msgpack(), "json": jsons(), "verify": unproved()}}


def pae_vector(kind: str, body: bytes) -> dict[str, str]:
    return {"type": kind, "body": body.decode(), "pae": pae(kind, body).decode()}


def msgpack() -> Vectors:
    (key, signature), good = ONE[0], wire(STATEMENT, BODY, ONE)
    name, body, made = text(STATEMENT), raw(BODY), array(array(raw(key), raw(signature)))
    cases = {
        "empty": (b"", "Malformed"),
        "truncated": (good[:-1], "Malformed"),
        "a byte after it": (good + b"\xc0", "Malformed"),
        "a fourth element": (array(name, body, made, b"\xc0"), "Malformed"),
        "a fourth element of deep lists": (
            array(name, body, made, b"\x91" * 2000 + b"\xc0"),
            "Malformed",
        ),
        "a third element in a signature": (
            array(name, body, array(array(raw(key), raw(signature), b"\xc0"))),
            "Malformed",
        ),
        "two elements": (array(name, body), "Malformed"),
        "a map": (b"\x83" + good[1:], "Malformed"),
        "the body as text": (array(name, text(BODY.decode()), made), "Malformed"),
        "the type as bytes": (array(raw(STATEMENT.encode()), body, made), "Malformed"),
        "the type not UTF-8": (array(b"\xa2\xc3\x28", body, made), "Malformed"),
        "the type with a longer head": (
            array(b"\xda\0" + bytes([len(STATEMENT)]) + STATEMENT.encode(), body, made),
            "Malformed",
        ),
        "no type": (array(text(""), body, made), "Malformed"),
        "a type of 256 bytes": (array(text(LONG_TYPE + "x"), body, made), "Malformed"),
        "a key id of 31 bytes": (wire(STATEMENT, BODY, [(key[:31], signature)]), "Malformed"),
        "an empty signature": (wire(STATEMENT, BODY, [(key, b"")]), "Malformed"),
        "a signature of 513 bytes": (wire(STATEMENT, BODY, [(key, bytes(513))]), "Malformed"),
        "a signature and its copy": (wire(STATEMENT, BODY, [*ONE, *ONE]), "Malformed"),
        "one key id with two signatures": (
            wire(STATEMENT, BODY, [*ONE, (key, flip(signature, 40))]),
            "Malformed",
        ),
        "17 signatures": (
            wire(STATEMENT, BODY, [(bytes([n]) * 32, signature) for n in range(17)]),
            "TooLarge",
        ),
    }
    return {name: {"msgpack": data.hex(), "error": error} for name, (data, error) in cases.items()}


def jsons() -> Vectors:
    good, payload = form(STATEMENT, BODY, ONE), b64(BODY)
    key, sig = ONE[0][0].hex(), b64(ONE[0][1])
    unused = payload.rstrip("=")[:-1] + "1" + "=" * payload.count("=")
    cases = {
        "empty": "",
        "truncated": good[:-1],
        "a second envelope after it": good + good,
        "an unknown name": good[:-1] + ',"cert":""}',
        "no payload type": good.replace('"payloadType"', '"type"'),
        "payload without padding": good.replace(payload, payload.rstrip("=")),
        "payload with unused bits set": good.replace(payload, unused),
        "payload with a space": good.replace(payload, payload[:4] + " " + payload[4:]),
        "a signature in the alphabet of addresses": good.replace(
            sig, sig.replace("+", "-").replace("/", "_")
        ),
        "a key id in capitals": good.replace(key, key.upper()),
        "a key id of 63 digits": good.replace(key, key[:-1]),
        "no key id": good.replace(key, ""),
        "half a character as type": good.replace(STATEMENT, "\\ud83d"),
        "no type": good.replace(STATEMENT, ""),
        "signatures as one object": good.replace("[{", "{").replace("}]", "}"),
        "a signature and its copy": form(STATEMENT, BODY, [*ONE, *ONE]),
    }
    assert good not in cases.values()  # each fault took
    return {name: {"json": data, "error": "Malformed"} for name, data in cases.items()}


def unproved() -> Vectors:
    """Envelopes in good form that prove nothing: with ``keys``, by key id, and the error."""
    known = {key_id(key): public(key) for key in (SHEN, LU)}
    (first, first_sig), (second, second_sig) = TWO
    alias = hashlib.sha256(b"another name").digest()
    changed = line(CLOSED | {"note": "已改"}).encode()
    shen = sign(SHEN, pae(STATEMENT, BODY))
    cases = {
        "no signature": (STATEMENT, BODY, [], known, "BadSignature"),
        "another body": (STATEMENT, changed, TWO, known, "BadSignature"),
        "another type": ("text/plain", BODY, TWO, known, "BadSignature"),
        "the signatures exchanged": (
            STATEMENT,
            BODY,
            [(first, second_sig), (second, first_sig)],
            known,
            "BadSignature",
        ),
        "one good signature and one bad": (
            STATEMENT,
            BODY,
            [(first, first_sig), (second, flip(second_sig, 0))],
            known,
            "BadSignature",
        ),
        "signed without the type": (
            STATEMENT,
            BODY,
            [(key_id(SHEN), sign(SHEN, BODY))],
            known,
            "BadSignature",
        ),
        "a stranger": (STATEMENT, BODY, signed(STATEMENT, BODY, ROOT), known, "UnknownSigner"),
        "an officer and a stranger": (
            STATEMENT,
            BODY,
            signed(STATEMENT, BODY, SHEN, ROOT),
            known,
            "UnknownSigner",
        ),
        "one key under two key ids": (
            STATEMENT,
            BODY,
            [(key_id(SHEN), shen), (alias, shen)],
            known | {alias: public(SHEN)},
            "UnknownSigner",
        ),
    }
    return {
        name: {
            "msgpack": wire(kind, body, made).hex(),
            "keys": {key.hex(): value.hex() for key, value in keys.items()},
            "error": error,
        }
        for name, (kind, body, made, keys, error) in cases.items()
    }

"""Vectors of the suite SM2: the standard's example, keys, signatures, one statement by both suites.

SM2 signatures are different every time, so that these were made once and are kept here as they
came: by OpenSSL 3.0 (``openssl pkeyutl -rawin -digest sm3 -pkeyopt distid:…``) and one by Tongsuo
8.3, not by the code under test.
"""

import hashlib

import nacl.signing

from tests.vectors.credential import FIELDS, ISSUER, certificate, cose, diagnostic
from tests.vectors.envelope import STATEMENT, pae, preimage, record, wire
from tests.vectors.keys import MESSAGE, SHEN
from tests.vectors.materials import Vectors, flip, key_id, public, sign

USER_ID = "1234567812345678"
P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123

# GM/T 0003.5-2012, A.2 (GB/T 32918.5-2017, A.2)
STANDARD = {
    "secret": "3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8",
    "public_key": "04"
    "09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
    "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13",
    "message": "message digest",
    "signature": "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
    "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa",
}

# The secrets are SHA-256("fujie/vectors/sm2 " ‖ certificate number).
SHEN_SM2 = bytes.fromhex(
    "040ac494c2be30f1cdb147b6f68f577e258f396823f5e6ddd984b346d21fd6cf2d"
    "562c0647c90cf2d1e7b82647c07df8f4371d183fc1c3b21e8bce59de508dd8dc"
)
LU_SM2 = bytes.fromhex(
    "0484b49ecd481eb1a7d928278867db0460618faa5a980a43f190affb623227b4fc"
    "ff31600e41dd12dd0c38778c43914a8d8c17f9cac2f3c1bb568240571bcd85ba"
)

# Over MESSAGE.
BY_OPENSSL = bytes.fromhex(
    "7e31e57e83ee101a885fe85d4bb0ad51cc2832e7259245695fcb2f9a99147385"
    "6908bcf7f38b4175c6249921beef31e2a8218b7ca444126213d4fdcb85ed0645"
)
AS_DER = bytes.fromhex("30440220") + BY_OPENSSL[:32] + bytes.fromhex("0220") + BY_OPENSSL[32:]
BY_TONGSUO = bytes.fromhex(
    "47fecf22482b7339373adff27e0a1650d3316ff8c4fe88b7c3c2785ae2cb3919"
    "eafae26ee06bc04d695d474b21e8839627999bbe3d54c4b41d48aaeb275e1075"
)
BY_LU = bytes.fromhex(
    "afbd5e51b9bf7c3f05cb25e9d54ee9b92df25ba3ec3155b2af83b5b9e4d25514"
    "4af2d401cf3a307ae95a11ad0dc6eb20c3d32318154568eb53d704fd8388c8f8"
)
OTHER_USER_ID = bytes.fromhex(  # distid:ALICE123@YAHOO.COM
    "f66c8892fa01aff61dfa69d75b8f26979aba87ba199a02f49e8ee98f57fa82bf"
    "1eaba2abf1d92687f33a4b45d2e3de63eb064d2dd4bd8b8e2700b9b909b8f8f4"
)
NO_USER_ID = bytes.fromhex(  # what OpenSSL before 4.0 does unless it is told one
    "fef6537395aaa7142b597b3952feae02cf4ee8a8bed7e6336f35a70cfed90dc3"
    "1559ffd8266267a0a717d77662ec3637f0cf7a6f20d1685feb40302c8e6b6f00"
)

BODY = '{"kind":"example","text":"两种算法，一份陈述"}'
BODY_SM2 = bytes.fromhex(  # over its PAE
    "0b7f9b319457edcd5e4befc49d9aa1e075c15a2edad2d389f0fa09274d3a094f"
    "976f7a4eec97fb93e929f3c80c060ffe439411de28788be367ce16adf1a7b3f5"
)

# The point with x = 1, and the same with x + p, which has as many bits.
SMALL_X = bytes.fromhex("9f7a091433a81e3f218f405f792355bf2aa98b5ffa95982f03870800065279a3")


def number(value: int) -> bytes:
    return value.to_bytes(32, "big")


def sm2_id(public_key: bytes) -> bytes:
    return hashlib.sha256(b"sm2" + public_key).digest()


def secret(cert_no: str) -> str:
    return hashlib.sha256(f"fujie/vectors/sm2 {cert_no}".encode()).hexdigest()


def confirmed(public_key: bytes, **changed: object) -> dict[int, object]:
    """The COSE_Key of an SM2 key: EC2 on a curve of the range for private use."""
    key = {1: 2, -1: -65537, -2: public_key[1:33], -3: public_key[33:]}
    names = {"kty": 1, "crv": -1, "x": -2, "y": -3}
    return {1: key | {names[name]: value for name, value in changed.items()}}


def build() -> Vectors:
    return {"good": good(), "bad": {"keys": keys(), "signatures": signatures(), **made_of_them()}}


def signed(*made: tuple[bytes, bytes]) -> list[tuple[bytes, bytes]]:
    return sorted(made)


def by_shen(signer: nacl.signing.SigningKey = SHEN) -> tuple[bytes, bytes]:
    return key_id(signer), sign(signer, pae(STATEMENT, BODY.encode()))


ED, SM = by_shen(), (sm2_id(SHEN_SM2), BODY_SM2)
CLAIMS = {**certificate(2, "00992304117", SHEN, *FIELDS), 8: confirmed(SHEN_SM2)}


def good() -> Vectors:
    body = BODY.encode()
    return {
        "user_id": USER_ID,
        "standard": STANDARD,
        "keys": {
            name: {
                "secret": secret(cert_no),
                "public_key": key.hex(),
                "key_id": sm2_id(key).hex(),
            }
            for name, cert_no, key in (
                ("shen", "00992304117", SHEN_SM2),
                ("lu", "00992304132", LU_SM2),
            )
        },
        "the_point_with_x_1": (b"\x04" + number(1) + SMALL_X).hex(),
        "preimage": (b"sm2" + SHEN_SM2).hex(),
        "message": MESSAGE,
        "by_openssl": BY_OPENSSL.hex(),
        "by_tongsuo": BY_TONGSUO.hex(),
        "type": STATEMENT,
        "body": BODY,
        "ed25519_key": public(SHEN).hex(),
        "by_both": record(STATEMENT, body, signed(ED, SM)),
        "by_both_preimage": preimage(STATEMENT, body, signed(ED, SM)).hex(),
        "by_ed25519_alone": record(STATEMENT, body, [ED]),
        "by_sm2_alone": record(STATEMENT, body, [SM]),
        "officer_claims": diagnostic(CLAIMS),
        "officer": cose(CLAIMS, ISSUER).hex(),
    }


def keys() -> Vectors:
    x, y = SHEN_SM2[1:33], SHEN_SM2[33:]
    faults = {
        "empty": b"",
        "the point at infinity": b"\0",
        "compressed": bytes([2 + y[-1] % 2]) + x,
        "hybrid": bytes([6 + y[-1] % 2]) + x + y,
        "without the 04": x + y,
        "a byte after it": SHEN_SM2 + b"\0",
        "not on the curve": flip(SHEN_SM2, 64),
        "x and y exchanged": b"\x04" + y + x,
        "nought": b"\x04" + bytes(64),
        "x not below p": b"\x04" + number(1 + P) + SMALL_X,
        "as SubjectPublicKeyInfo": bytes.fromhex(
            "3059301306072a8648ce3d020106082a811ccf5501822d034200"
        )
        + SHEN_SM2,
        "an Ed25519 key": public(SHEN),
    }
    return {name: data.hex() for name, data in faults.items()}


def signatures() -> Vectors:
    data, good = MESSAGE.encode(), BY_OPENSSL
    r, s = good[:32], good[32:]
    key = SHEN_SM2
    faults = {
        "r is 0": (key, data, bytes(32) + s),
        "s is 0": (key, data, r + bytes(32)),
        "r is n": (key, data, number(N) + s),
        "s is n": (key, data, r + number(N)),
        "all bits set": (key, data, b"\xff" * 64),
        "r and s add up to n": (key, data, r + number(N - int.from_bytes(r, "big"))),
        "n minus s, which ECDSA takes": (key, data, r + number(N - int.from_bytes(s, "big"))),
        "a flipped bit in r": (key, data, flip(good, 31)),
        "a flipped bit in s": (key, data, flip(good, 63)),
        "r and s exchanged": (key, data, s + r),
        "in DER": (key, data, AS_DER),
        "63 bytes": (key, data, good[:63]),
        "65 bytes": (key, data, good + b"\0"),
        "empty": (key, data, b""),
        "another user id": (key, data, OTHER_USER_ID),
        "no user id": (key, data, NO_USER_ID),
        "over another message": (key, data + b"\n", good),
        "by another key": (key, data, BY_LU),
        "of Ed25519": (key, data, sign(SHEN, data)),
    }
    return {
        name: {"public_key": public_key.hex(), "message": message.hex(), "signature": made.hex()}
        for name, (public_key, message, made) in faults.items()
    }


def made_of_them() -> Vectors:
    """Envelopes that any reader with the suite refuses, and cards that every reader refuses.
    ``without``: whether a reader that lacks the suite sees it too."""
    body = BODY.encode()
    (ed_id, ed), (sm_id, sm) = ED, SM
    envelopes = {
        "Ed25519 holds, SM2 does not": (signed(ED, (sm_id, flip(sm, 63))), False),
        "SM2 holds, Ed25519 does not": (signed((ed_id, flip(ed, 0)), SM), True),
        "SM2 in DER": (signed(ED, (sm_id, AS_DER)), True),
        "each under the other's key id": (signed((ed_id, sm), (sm_id, ed)), True),
    }
    cards = {
        "y left out": {**CLAIMS, 8: {1: {1: 2, -1: -65537, -2: SHEN_SM2[1:33]}}},
        "x of 31 bytes": {**CLAIMS, 8: confirmed(SHEN_SM2, x=SHEN_SM2[2:33])},
        "the sign of y in its place": {**CLAIMS, 8: confirmed(SHEN_SM2, y=True)},
        "on P-256": {**CLAIMS, 8: confirmed(SHEN_SM2, crv=1)},
        "as an octet key": {**CLAIMS, 8: confirmed(SHEN_SM2, kty=1)},
    }
    device = {**certificate(3, "YX-T07", SHEN), 8: confirmed(SHEN_SM2)}
    return {
        "envelopes": {
            name: {"msgpack": wire(STATEMENT, body, made).hex(), "without": seen}
            for name, (made, seen) in envelopes.items()
        },
        "officers": {name: cose(claims, ISSUER).hex() for name, claims in cards.items()},
        "device": cose(device, ISSUER).hex(),
    }

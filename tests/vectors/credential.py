"""Vectors of credentials, cards and document marks; run it to write ``credential.json``.

    python -m tests.vectors.credential              leaves no diff

CBOR is written here by hand from RFC 8949 and COSE from RFC 9052, not by the code under test.
"""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import nacl.signing

from tests.vectors.materials import AT, DEVICE, ROOT, Vectors, key_id, public, seed, sign

AGENCY = "11990123MB0000001A"
OTHER_AGENCY = "11990124MB0000002B"
ISSUER = nacl.signing.SigningKey(seed("issuer"))
OFFICER = nacl.signing.SigningKey(seed("officer"))
CASE = hashlib.sha256(b"fujie/vectors/case").digest()
BASE = "https://log.yunxi.example"
FROM, UNTIL = 1_714_492_800, 1_872_172_800
FIELDS = [
    "沈知远",
    "综合行政执法大队",
    "一级行政执法员",
    "行政执法",
    "市场监督管理",
    "990123",
    "YX-T07",
]


class Raw(bytes):
    """CBOR that is put in as it is."""


def head(major: int, number: int) -> bytes:
    """The shortest head of an item (RFC 8949 §3)."""
    if number < 24:
        return bytes([major << 5 | number])
    size = next(size for size in (1, 2, 4, 8) if number < 1 << 8 * size)
    return bytes([major << 5 | 24 + size.bit_length() - 1]) + number.to_bytes(size, "big")


def cbor(value: Any) -> bytes:
    """Deterministic CBOR (RFC 8949 §4.2.1) of what our claims need."""
    match value:
        case Raw():
            return bytes(value)
        case bytes():
            return head(2, len(value)) + value
        case str():
            return head(3, len(value.encode())) + value.encode()
        case int():
            return head(0, value) if value >= 0 else head(1, -1 - value)
        case list():
            return head(4, len(value)) + b"".join(map(cbor, value))
        case dict():
            pairs = sorted((cbor(key), cbor(item)) for key, item in value.items())
            return head(5, len(pairs)) + b"".join(key + item for key, item in pairs)
    raise TypeError(value)


def diagnostic(value: Any) -> str:
    """CBOR as RFC 8949 §8 writes it down for people."""
    match value:
        case bytes():
            return f"h'{value.hex()}'"
        case str():
            return json.dumps(value, ensure_ascii=False)
        case list():
            return f"[{', '.join(map(diagnostic, value))}]"
        case dict():
            pairs = sorted(value.items(), key=lambda pair: cbor(pair[0]))
            return "{" + ", ".join(f"{key}: {diagnostic(item)}" for key, item in pairs) + "}"
    return str(value)


def cose(
    claims: Any,
    key: nacl.signing.SigningKey,
    headers: dict[int, Any] | None = None,
    unprotected: Any = None,
    tag: bytes = b"\xd2",
) -> bytes:
    """COSE_Sign1 (RFC 9052 §4.2, §4.4)."""
    protected = cbor({1: -8, 4: key_id(key)[:8], **(headers or {})})
    payload = cbor(claims)
    signature = sign(key, cbor(["Signature1", protected, b"", payload]))
    return tag + cbor([protected, unprotected or {}, payload, signature])


def confirmed(key: nacl.signing.SigningKey) -> dict[int, Any]:
    return {1: {1: 1, -1: 6, -2: public(key)}}


def certificate(kind: int, subject: str, holder: nacl.signing.SigningKey, *fields: str) -> Any:
    named = {2: subject} if subject else {}
    times = {4: UNTIL, 5: FROM}
    return {1: AGENCY, **named, **times, 8: confirmed(holder), -65537: [kind, *fields]}


def b32(data: bytes) -> str:
    return base64.b32encode(data).decode().rstrip("=")


def card_text(card: bytes, shown: bytes) -> str:
    return f"HTTPS://LOG.YUNXI.EXAMPLE/V/{b32(cbor([card, shown]))}"


ISSUER_CLAIMS = certificate(1, "", ISSUER)
OFFICER_CLAIMS = certificate(2, "00992304117", OFFICER, *FIELDS)
DEVICE_CLAIMS = certificate(3, "YX-T07", DEVICE)
CARD = cose(OFFICER_CLAIMS, ISSUER)
NONCE8 = bytes(range(8))


def presentation(
    card: bytes = CARD, case: bytes = CASE, at: int = AT // 1000, ttl: int = 30
) -> Any:
    digests = [hashlib.sha256(one).digest()[:16] for one in (card, case)]
    return {6: at, 7: NONCE8, -65537: [4, *digests, ttl]}


DOCUMENT_ID, DOCUMENT_ROOT = CASE[:16], hashlib.sha256(b"fujie/vectors/root").digest()
MARK_CLAIMS = {
    1: AGENCY,
    6: AT // 1000,
    -65537: [5, "spot_decision", "云市监当罚〔2026〕126号", DOCUMENT_ID, DOCUMENT_ROOT],
}


def build() -> Vectors:
    shown, mark = cose(presentation(), DEVICE), cose(MARK_CLAIMS, DEVICE)
    good = {
        "root_key": public(ROOT).hex(),
        "issuer": cose(ISSUER_CLAIMS, ROOT).hex(),
        "officer": CARD.hex(),
        "officer_claims": diagnostic(OFFICER_CLAIMS),
        "presentation_claims": diagnostic(presentation()),
        "mark_claims": diagnostic(MARK_CLAIMS),
        "officer_key": public(OFFICER).hex(),
        "device": cose(DEVICE_CLAIMS, ISSUER).hex(),
        "case": CASE.hex(),
        "at": AT,
        "presentation": shown.hex(),
        "card_url": card_text(CARD, shown),
        "mark": mark.hex(),
        "document_url": f"HTTPS://LOG.YUNXI.EXAMPLE/D/{b32(mark)}",
        "document_root": DOCUMENT_ROOT.hex(),
    }
    bad = {**bad_officers(), **bad_presentations(), **bad_texts(shown), **bad_marks()}
    return {"good": good, "bad": bad}


def fault(what: str, data: bytes | str, error: str) -> dict[str, str]:
    return {"what": what, "data": data if isinstance(data, str) else data.hex(), "error": error}


def bad_officers() -> Vectors:
    claims = OFFICER_CLAIMS
    long_time = cbor(claims).replace(head(0, UNTIL), b"\x1b" + UNTIL.to_bytes(8, "big"))
    twice = b"\xa7\x01" + cbor(AGENCY) + cbor(claims)[1:]
    changed = CARD.replace("沈".encode(), "陆".encode())
    kind_of = {**claims, -65537: [3, *FIELDS]}
    no_name = {**claims, -65537: [2, 5, *FIELDS[1:]]}
    date = {**claims, 4: Raw(b"\xc1" + cbor(UNTIL))}
    faults = {
        "signed by the root, not the issuer": (cose(claims, ROOT), "UnknownSigner"),
        "signed by the officer for himself": (cose(claims, OFFICER), "UnknownSigner"),
        "name changed after signing": (changed, "BadSignature"),
        "for another agency": (cose({**claims, 1: OTHER_AGENCY}, ISSUER), "UnknownSigner"),
        "a device's certificate as a card": (cose(kind_of, ISSUER), "Malformed"),
        "name is a number": (cose(no_name, ISSUER), "Malformed"),
        "without the officer's key": (
            cose({k: v for k, v in claims.items() if k != 8}, ISSUER),
            "Malformed",
        ),
        "key of small order": (
            cose({**claims, 8: {1: {1: 1, -1: 6, -2: bytes([1]) + bytes(31)}}}, ISSUER),
            "Malformed",
        ),
        "ends before it begins": (cose({**claims, 4: FROM, 5: UNTIL}, ISSUER), "Malformed"),
        "time as text": (cose({**claims, 4: "2029-04-30"}, ISSUER), "Malformed"),
        "time as a tagged date": (cose(date, ISSUER), "Malformed"),
        "unknown critical header": (
            cose(claims, ISSUER, {2: [99], 99: 1}),
            "Malformed",
        ),
        "another algorithm in the header": (cose(claims, ISSUER, {1: -7}), "Malformed"),
        "a header left unprotected": (cose(claims, ISSUER, None, {33: b"x"}), "Malformed"),
        "without the tag": (CARD[1:], "Malformed"),
        "another tag": (cose(claims, ISSUER, tag=b"\xd1"), "Malformed"),
        "integer longer than needed": (cose(Raw(long_time), ISSUER), "Malformed"),
        "a key twice": (cose(Raw(twice), ISSUER), "Malformed"),
        "indefinite length": (
            cose(Raw(b"\xbf" + cbor(claims)[1:] + b"\xff"), ISSUER),
            "Malformed",
        ),
        "a byte after the end": (CARD + b"\x00", "Malformed"),
        "cut short": (CARD[:-1], "Malformed"),
        "past the bound": (
            cose({**claims, -65537: [2, "长" * 600, *FIELDS[1:]]}, ISSUER),
            "TooLarge",
        ),
        "nested without end": (b"\xd2" + b"\x81" * 1400, "Malformed"),
        "a length that the bytes do not have": (b"\xd2\x84\x5b" + b"\x7f" * 8, "Malformed"),
        "nothing": (b"", "Malformed"),
    }
    return {f"officer: {name}": fault("officer", *how) for name, how in faults.items()}


def bad_presentations() -> Vectors:
    now = AT // 1000
    other_case = presentation(case=bytes(32))
    faults = {
        "31 seconds old": (presentation(at=now - 31), "Expired"),
        "exactly at its end": (presentation(at=now - 30), "Expired"),
        "a minute ahead": (presentation(at=now + 60), "Expired"),
        "lives longer than allowed": (presentation(ttl=301), "Malformed"),
        "lives no time": (presentation(ttl=0), "Malformed"),
        "of another card": (presentation(card=b"another"), "UnknownSigner"),
        "at another inspection": (other_case, "UnknownSigner"),
        "without a nonce": ({k: v for k, v in presentation().items() if k != 7}, "Malformed"),
        "a document's mark": (MARK_CLAIMS, "Malformed"),
    }
    made = {name: (cose(claims, DEVICE), error) for name, (claims, error) in faults.items()}
    made["by the officer's key"] = (cose(presentation(), OFFICER), "UnknownSigner")
    return {f"presentation: {name}": fault("presentation", *how) for name, how in made.items()}


def bad_texts(shown: bytes) -> Vectors:
    text = card_text(CARD, shown)
    base, _, code = text.rpartition("/")
    pair = cbor([CARD, shown])
    faults = {
        "lower case": text.lower(),
        "padded": f"{base}/{base64.b32encode(pair + b'x').decode()}",
        "unused bits set": f"{base}/{code[:-1]}{chr(ord(code[-1]) + 1)}",
        "a document's address": text.replace("/V/", "/D/"),
        "another scheme": text.replace("HTTPS", "FTP"),
        "with a query": f"{text}?A=1",
        "one part": f"{base}/{b32(cbor([CARD]))}",
        "parts that are no bytes": f"{base}/{b32(cbor([1, 2]))}",
        "nothing behind the address": f"{base}/",
    }
    return {
        f"card_url: {name}": fault("card_url", how, "Malformed") for name, how in faults.items()
    }


def bad_marks() -> Vectors:
    fields = MARK_CLAIMS[-65537]
    assert isinstance(fields, list)
    faults = {
        "of another agency": ({**MARK_CLAIMS, 1: OTHER_AGENCY}, DEVICE, "UnknownSigner"),
        "by another device": (MARK_CLAIMS, OFFICER, "UnknownSigner"),
        "of an unknown kind of document": (
            {**MARK_CLAIMS, -65537: [5, "poem", *fields[2:]]},
            DEVICE,
            "Malformed",
        ),
        "with a short root": (
            {**MARK_CLAIMS, -65537: [*fields[:4], b"short"]},
            DEVICE,
            "Malformed",
        ),
        "a presentation": (presentation(), DEVICE, "Malformed"),
    }
    return {
        f"mark: {name}": fault("mark", cose(claims, key), error)
        for name, (claims, key, error) in faults.items()
    }


def render() -> str:
    """The whole text of ``credential.json``."""
    return json.dumps(build(), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    path = Path(__file__).with_name("credential.json")
    path.write_text(render(), encoding="utf-8")

"""Vectors of an agency's TUF repository: before and after a change of issuer and root.

TUF 1.0 by its specification's words (canonical JSON, hashlib, libsodium), not by a TUF library.
The second version is by another issuer under another root. ``bad`` are the second repository with
files exchanged, each refused by a tablet that has followed the first one.
"""

import hashlib
import json
from typing import Any

import nacl.signing

from tests.vectors.credential import AGENCY, ISSUER, ISSUER_CLAIMS, certificate, cose
from tests.vectors.envelope import signed, wire
from tests.vectors.materials import AT, ROOT, Vectors, b64, flip, public, seed, sign

REFERENCE = "application/vnd.fujie.reference+json"
NEXT_ROOT = nacl.signing.SigningKey(seed("next agency root"))
NEXT_ISSUER = nacl.signing.SigningKey(seed("next issuer"))
UNTIL = "2099-12-31T00:00:00Z"
PAST = "2026-01-01T00:00:00Z"

Key = nacl.signing.SigningKey
Files = dict[str, str]


def canonical(value: Any) -> str:
    """OLPC's canonical JSON, of what TUF metadata hold: sorted, no spaces."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def described(key: Key) -> dict[str, Any]:
    public_key = {"public": public(key).hex()}
    return {"keytype": "ed25519", "keyval": public_key, "scheme": "ed25519"}


def keyid(key: Key) -> str:
    """SHA-256 of the key's canonical JSON (TUF 1.0, 4.2)."""
    return hashlib.sha256(canonical(described(key)).encode()).hexdigest()


def metadata(body: dict[str, Any], *keys: Key) -> str:
    data = canonical(body).encode()
    made = [{"keyid": keyid(key), "sig": sign(key, data).hex()} for key in keys]
    return canonical({"signatures": made, "signed": body})


def role(kind: str, version: int, until: str, **fields: Any) -> dict[str, Any]:
    head = {"_type": kind, "spec_version": "1.0.31", "version": version, "expires": until}
    return head | fields


def root(version: int, holder: Key, issuer: Key, *signers: Key, until: str = UNTIL) -> str:
    roles = {
        name: {"keyids": [keyid(holder if name == "root" else issuer)], "threshold": 1}
        for name in ("root", "snapshot", "targets", "timestamp")
    }
    keys = {keyid(key): described(key) for key in (holder, issuer)}
    body = role("root", version, until, consistent_snapshot=True, keys=keys, roles=roles)
    return metadata(body, *signers)


def listed(data: bytes, **more: Any) -> dict[str, Any]:
    return {"hashes": {"sha256": hashlib.sha256(data).hexdigest()}, "length": len(data), **more}


def body(version: int, *issuers: tuple[bytes, Key]) -> bytes:
    """Reference data with hardly anything in them."""
    names = ["name", "short_name", "region", "region_name", "government", "court", "hotline"]
    values = ["云溪县市场监督管理局", "云市监", "990123", "云溪县", "云溪县人民政府"]
    values += ["云溪县人民法院", "0799-5550100"]
    agency = {"id": AGENCY, **dict(zip(names, values, strict=True)), "address": "", "bank": ""}
    named = [
        {"certificate": b64(certified), "root_key": public(holder).hex()}
        for certified, holder in issuers
    ]
    said = {"version": version, "issued_at": AT, "agency": agency, "issuers": named}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


def bundle(version: int, issuer: Key, *issuers: tuple[bytes, Key]) -> bytes:
    data = body(version, *issuers)
    return wire(REFERENCE, data, signed(REFERENCE, data, issuer))


def files(version: int, data: bytes, issuer: Key, until: str = UNTIL) -> Files:
    """Targets, snapshot and timestamp; the bundle is in hex."""
    target = {"reference.dsse": listed(data)}
    targets = metadata(role("targets", version, until, targets=target), issuer)
    of_targets = {"targets.json": listed(targets.encode(), version=version)}
    snapshot = metadata(role("snapshot", version, until, meta=of_targets), issuer)
    of_snapshot = {"snapshot.json": listed(snapshot.encode(), version=version)}
    sha256 = hashlib.sha256(data).hexdigest()
    return {
        "timestamp.json": metadata(role("timestamp", version, until, meta=of_snapshot), issuer),
        f"{version}.snapshot.json": snapshot,
        f"{version}.targets.json": targets,
        f"targets/{sha256}.reference.dsse": data.hex(),
    }


CERTIFIED = cose(ISSUER_CLAIMS, ROOT), ROOT
NEXT_CERTIFIED = cose(certificate(1, "", NEXT_ISSUER), NEXT_ROOT), NEXT_ROOT
BUNDLE = bundle(7, ISSUER, CERTIFIED)
NEXT_BUNDLE = bundle(8, NEXT_ISSUER, NEXT_CERTIFIED, CERTIFIED)
FIRST = {"1.root.json": root(1, ROOT, ISSUER, ROOT), **files(7, BUNDLE, ISSUER)}
SECOND = {
    "1.root.json": FIRST["1.root.json"],
    "2.root.json": root(2, NEXT_ROOT, NEXT_ISSUER, NEXT_ROOT, ROOT),
    **files(8, NEXT_BUNDLE, NEXT_ISSUER),
}


def build() -> Vectors:
    """The whole of ``tuf.json``."""
    return {
        "good": {
            "root_key": public(ROOT).hex(),
            "issuer_certificate": CERTIFIED[0].hex(),
            "first": FIRST,
            "second": SECOND,
            "second_keys": {
                "roots": [public(NEXT_ROOT).hex()],
                "issuers": [public(NEXT_ISSUER).hex(), public(ISSUER).hex()],
            },
        },
        "bad": _bad(),
    }


def _bad() -> dict[str, Files]:
    newer, older = files(9, NEXT_BUNDLE, NEXT_ISSUER), files(6, bundle(6, ISSUER), ISSUER)
    name = next(name for name in SECOND if name.startswith("targets/"))
    stale = files(8, NEXT_BUNDLE, NEXT_ISSUER, PAST)
    return {
        "rolled back to an older version": {"2.root.json": "", **older},
        "signed by the former issuer": files(8, bundle(8, ISSUER, CERTIFIED), ISSUER),
        "a root without the old root's signature": {
            "2.root.json": root(2, NEXT_ROOT, NEXT_ISSUER, NEXT_ROOT)
        },
        "a root without its own signature": {"2.root.json": root(2, NEXT_ROOT, NEXT_ISSUER, ROOT)},
        "a root two versions on": {"2.root.json": root(3, NEXT_ROOT, NEXT_ISSUER, NEXT_ROOT, ROOT)},
        "an expired root": {
            "2.root.json": root(2, NEXT_ROOT, NEXT_ISSUER, NEXT_ROOT, ROOT, until=PAST)
        },
        "expired": stale,
        "mixed with a later targets.json": {"8.targets.json": newer["9.targets.json"]},
        "mixed with an earlier snapshot.json": {"8.snapshot.json": FIRST["7.snapshot.json"]},
        "another bundle": {name: BUNDLE.hex()},
        "a bundle with another byte": {name: flip(NEXT_BUNDLE, 200).hex()},
        "an issuer that the new root did not certify": files(
            8, bundle(8, NEXT_ISSUER, CERTIFIED), NEXT_ISSUER
        ),
        "a bundle that the issuer did not sign": files(
            8, bundle(8, ISSUER, NEXT_CERTIFIED), NEXT_ISSUER
        ),
    }

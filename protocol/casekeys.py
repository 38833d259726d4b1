"""Who holds each key of a case file: ``data/keys.json``.

    {"keys":[{"keyid":"…","algorithm":"ed25519","public_key":"…","kind":"officer",
              "holder":"沈知远 00992304117","credential":"<base64>"}]}

Entries ascend by key id. ``kind`` is issuer, officer, device or staff. ``credential`` is the
certificate (``credential.py``); for staff it is the statement *staff_registered* that the
agency's issuer signed (DSSE, msgpack form). All other fields follow from it, and a reader
refuses an entry of which one differs. Only keys that signed something are listed, and the
issuers that certified them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from protocol import cose, credential, envelope, statements
from protocol.credential import (
    Claims,
    DeviceClaims,
    IssuerClaims,
    OfficerClaims,
    expect_current,
)
from protocol.envelope import Envelope
from protocol.errors import Malformed, UnknownSigner
from protocol.keys import ED25519, Verifier
from protocol.statements import StaffRegistered


class KeyEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One key and the certificate that says who holds it."""

    keyid: str
    algorithm: str
    public_key: str
    kind: str
    holder: str
    credential: bytes


@dataclass(frozen=True)
class Holder:
    """Who holds a key, as a certificate proved it. ``person`` is unique within the agency."""

    verifier: Verifier
    kind: str
    agency: str
    person: str
    claims: Claims | None


@dataclass(frozen=True)
class Signers:
    """Who signed a statement. ``unchecked`` hold keys whose suite this installation lacks: their
    certificates count, their signatures do not."""

    verified: tuple[Holder, ...]
    unchecked: tuple[Holder, ...] = ()


def issuer_key(claims: IssuerClaims, certificate: bytes) -> KeyEntry:
    """The entry of an agency's issuer."""
    return _entry(claims.verifier, "issuer", claims.agency, certificate)


def officer_key(claims: OfficerClaims, credential: bytes) -> KeyEntry:
    """The entry of an officer's key."""
    return _entry(claims.verifier, "officer", f"{claims.name} {claims.cert_no}", credential)


def device_key(claims: DeviceClaims, certificate: bytes) -> KeyEntry:
    """The entry of a device's key."""
    return _entry(claims.verifier, "device", claims.name, certificate)


def staff_key(registered: StaffRegistered, signed: Envelope) -> KeyEntry:
    """The entry of a member of the office, by the statement that the issuer signed."""
    verifier = Verifier(ED25519, bytes.fromhex(registered.public_key))
    holder = f"{registered.name} {registered.account}"
    return _entry(verifier, "staff", holder, envelope.encode(signed))


def encode_keys(keys: Sequence[KeyEntry]) -> bytes:
    """``keys.json``: ascending by key id, one canonical line."""
    return msgspec.json.encode({"keys": sorted(keys, key=lambda entry: entry.keyid)})


def read_keys(data: bytes, roots: Mapping[str, Sequence[Verifier]]) -> dict[bytes, Holder]:
    """The holders of all keys but the issuers', by key id. ``roots`` are the trusted ones.

    Raises Malformed, TooLarge, UnknownSigner or BadSignature.
    """
    entries = _decode(data)
    if encode_keys(entries) != data or len({entry.keyid for entry in entries}) != len(entries):
        raise Malformed("expected keys.json in its one form, by ascending key id, none twice")
    issuers = [_issuer(entry, roots) for entry in entries if entry.kind == "issuer"]
    holders = [_holder(entry, issuers) for entry in entries if entry.kind != "issuer"]
    return {holder.verifier.key_id: holder for holder in holders}


def signers_of(signed: Envelope, agency: str, at: int, holders: Mapping[bytes, Holder]) -> Signers:
    """Who signed, for ``agency`` and with a certificate that held ``at`` (ms).

    Raises BadSignature, UnknownSigner, Expired.
    """
    keys = {key_id: holder.verifier for key_id, holder in holders.items()}
    found = envelope.check(signed, keys.get)
    for key in (*found.verified, *found.unchecked):
        holder = holders[key.key_id]
        if holder.claims:
            expect_current(at, holder.claims)
        if holder.agency != agency:
            raise UnknownSigner(
                "expected signatures for agency {agency}, got one for {got} by {holder}",
                agency=agency,
                got=holder.agency,
                holder=holder.person,
            )
    return Signers(
        tuple(holders[key.key_id] for key in found.verified),
        tuple(holders[key.key_id] for key in found.unchecked),
    )


def _decode(data: bytes) -> list[KeyEntry]:
    try:
        return msgspec.json.decode(data, type=dict[str, list[KeyEntry]]).get("keys", [])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
        raise Malformed("expected keys.json: {fault}", fault=str(fault)) from None


def _issuer(entry: KeyEntry, roots: Mapping[str, Sequence[Verifier]]) -> IssuerClaims:
    trusted = roots.get(entry.holder)
    if not trusted:
        raise UnknownSigner(
            "no trusted root for agency {agency}; ask the agency for its root key",
            agency=entry.holder,
        )
    hint = cose.kid(entry.credential)
    root = next((one for one in trusted if one.key_id.startswith(hint)), trusted[0])
    claims = credential.open_issuer(entry.credential, root)
    _expect_entry(entry, issuer_key(claims, entry.credential))
    return claims


def _expect_entry(entry: KeyEntry, proved: KeyEntry) -> None:
    if entry != proved:
        raise UnknownSigner(
            "expected key {key} to be the one that its certificate names, with that holder",
            key=entry.keyid[:64],
        )


def _holder(entry: KeyEntry, issuers: list[IssuerClaims]) -> Holder:
    """Who holds a key that is not an issuer's. Raises what the certificate's reader raises."""
    if entry.kind == "staff":
        return _staff(entry, issuers)
    hint = cose.kid(entry.credential)
    issuer = next((one for one in issuers if one.key_id.startswith(hint)), None)
    if issuer is None:
        raise UnknownSigner("no issuer here certified key {key}", key=entry.keyid)
    if entry.kind == "officer":
        officer = credential.open_officer(entry.credential, issuer)
        _expect_entry(entry, officer_key(officer, entry.credential))
        return Holder(officer.verifier, "officer", officer.agency, officer.cert_no, officer)
    device = credential.open_device(entry.credential, issuer)
    _expect_entry(entry, device_key(device, entry.credential))
    return Holder(device.verifier, "device", device.agency, device.name, device)


def _staff(entry: KeyEntry, issuers: list[IssuerClaims]) -> Holder:
    signed = envelope.decode(entry.credential)
    by_id = {issuer.key_id: issuer for issuer in issuers}
    keys = envelope.verify(signed, {key: issuer.verifier for key, issuer in by_id.items()}.get)
    registered = statements.decode(signed.body)
    if (
        signed.payload_type != envelope.STATEMENT_TYPE
        or not isinstance(registered, StaffRegistered)
        or by_id[keys[0].key_id].agency != registered.agency
    ):
        raise Malformed("expected the registration of a member of the office")
    _expect_entry(entry, staff_key(registered, signed))
    verifier = Verifier(ED25519, bytes.fromhex(registered.public_key))
    return Holder(verifier, "staff", registered.agency, registered.account, None)


def _entry(verifier: Verifier, kind: str, holder: str, credential: bytes) -> KeyEntry:
    return KeyEntry(
        keyid=verifier.key_id.hex(),
        algorithm=verifier.algorithm,
        public_key=verifier.public_key.hex(),
        kind=kind,
        holder=holder,
        credential=credential,
    )

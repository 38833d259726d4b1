"""Credentials: who holds a key, said by the agency. COSE_Sign1 CWT (``cose.py``), in a chain:

    agency root ── issuer ──┬── officer   the card; ``cnf`` is the officer's key on one tablet
                            └── device    the tablet that presents cards and marks documents

    {1: agency, 2: subject, 4: until, 5: from, 8: {1: {1: 1, -1: 6, -2: key}}, -65537: [kind, …]}

The certified key is a COSE_Key: Ed25519 as above, SM2 as ``{1: 2, -1: -65537, -2: x, -3: y}``,
whose curve has no number at IANA, so that ours is of the range for private use. Only officers
hold SM2 keys, each certified by a credential of its own: issuers and devices sign things whose
formats have no SM2 (COSE, RFC 9421), and that every reader must be able to check.

Times are seconds in the CWT (RFC 8392) and ms here; ``valid_until`` is exclusive. ``open_…``
proves the chain and says nothing of time: call ``expect_current`` with the time of the act,
and ``standing`` for what may be said of a card today, which is never *valid* by default.

>>> from protocol.keys import Ed25519Signer
>>> root, issuer = Ed25519Signer(bytes(32)), Ed25519Signer(bytes([1]) * 32)
>>> data = issue_issuer(root, issuer.verifier.public_key, "11990123MB0000001A", 0, 1000)
>>> open_issuer(data, root.verifier).agency
'11990123MB0000001A'
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from protocol.calendar import local_day
from protocol.cose import CNF, EXP, ISS, KID_SIZE, NBF, SUB, kid, open1, sign1, unproved
from protocol.errors import Expired, Malformed, UnknownSigner
from protocol.keys import ED25519, SM2, Signer, Verifier
from protocol.reference import Reference, RosterOfficer
from protocol.vocabulary import Standing

FUJIE = -65537
"""The claim that says which kind of thing this is, then its own fields (private use)."""

ISSUER, OFFICER, DEVICE, PRESENTATION, MARK = range(1, 6)

MAX_TIME = 1 << 53


@dataclass(frozen=True, kw_only=True)
class Claims:
    """What every credential says: for which agency, which key, and when it holds (ms)."""

    agency: str
    public_key: bytes
    valid_from: int
    valid_until: int
    algorithm: str = ED25519

    @property
    def verifier(self) -> Verifier:
        """The certified key. Raises Malformed if it is no key."""
        return Verifier(self.algorithm, self.public_key)

    @property
    def key_id(self) -> bytes:
        """The 32-byte id by which statements name this key."""
        return self.verifier.key_id


@dataclass(frozen=True, kw_only=True)
class IssuerClaims(Claims):
    """The key with which an agency certifies; got from ``open_issuer`` alone."""


@dataclass(frozen=True, kw_only=True)
class OfficerClaims(Claims):
    """An officer's card (T-6: six fields) and the device on which the key was made."""

    cert_no: str
    name: str
    unit: str
    position: str
    category: str
    field: str
    region: str
    device: str


@dataclass(frozen=True, kw_only=True)
class DeviceClaims(Claims):
    """A device and its key."""

    name: str


def issue_issuer(
    root: Signer, public_key: bytes, agency: str, not_before: int, not_after: int
) -> bytes:
    """The agency root certifies an issuer key from ``not_before`` up to ``not_after`` (ms)."""
    claims = IssuerClaims(
        agency=agency, public_key=public_key, valid_from=not_before, valid_until=not_after
    )
    return _issue(root, ISSUER, "", claims, [])


def issue_officer(issuer: Signer, officer: OfficerClaims) -> bytes:
    """The agency certifies an officer's key. Raises Malformed or TooLarge."""
    o = officer
    details = [o.name, o.unit, o.position, o.category, o.field, o.region, o.device]
    return _issue(issuer, OFFICER, o.cert_no, o, details)


def issue_device(issuer: Signer, device: DeviceClaims) -> bytes:
    """The agency certifies a device's key. Raises Malformed or TooLarge."""
    return _issue(issuer, DEVICE, device.name, device, [])


def open_issuer(data: bytes, root: Verifier) -> IssuerClaims:
    """The issuer that ``root`` certified. Raises Malformed, UnknownSigner, BadSignature."""
    common, _, _ = _open(data, root, ISSUER, 0)
    return IssuerClaims(**common)


def open_officer(data: bytes, issuer: IssuerClaims) -> OfficerClaims:
    """The card that the agency's issuer signed. Raises Malformed, UnknownSigner, BadSignature."""
    common, cert_no, details = _open(data, issuer.verifier, OFFICER, 7)
    _expect_agency(common, issuer)
    name, unit, position, category, field, region, device = details
    return OfficerClaims(
        **common,
        cert_no=cert_no,
        name=name,
        unit=unit,
        position=position,
        category=category,
        field=field,
        region=region,
        device=device,
    )


def open_device(data: bytes, issuer: IssuerClaims) -> DeviceClaims:
    """The device that the agency's issuer certified. Raises as ``open_officer``."""
    common, name, _ = _open(data, issuer.verifier, DEVICE, 0)
    _expect_agency(common, issuer)
    return DeviceClaims(**common, name=name)


def hint_of(data: bytes) -> bytes:
    """The 8-byte hint of the key that a certificate says it is for. Proves nothing; among a
    thousand certificates it finds the one to open. Raises Malformed or TooLarge."""
    claims = unproved(data)
    return _confirmed_key(claims.get(CNF)).key_id[:KID_SIZE]


def issuer_of(data: bytes, issuers: Iterable[IssuerClaims]) -> IssuerClaims:
    """Which of an agency's issuers, present and former, should have signed this certificate;
    the first, if none did, so that opening it says what is wrong. ``issuers`` is not empty."""
    known = list(issuers)
    hint = kid(data)
    return next((one for one in known if one.key_id.startswith(hint)), known[0])


def issuers_of(
    reference: Reference, roots: Iterable[Verifier], issuer: Verifier
) -> tuple[IssuerClaims, ...]:
    """The issuers that reference data name, the one in force first: ``issuer``, which signed
    them, certified by one of the ``roots``. On its word stand the former ones, each certified by
    the root of its time. Empty for data from before issuers were named.

    Raises Malformed, UnknownSigner or BadSignature.
    """
    trusted = {root.public_key.hex(): root for root in roots}
    known: list[IssuerClaims] = []
    for entry in reference.issuers:
        if not known and entry.root_key not in trusted:
            raise UnknownSigner(
                "expected an issuer that root {root} certified, got one under {got}; ask the "
                "agency for newer reference data",
                root=", ".join(trusted),
                got=entry.root_key,
            )
        root = trusted.get(entry.root_key) or Verifier(ED25519, bytes.fromhex(entry.root_key))
        known.append(open_issuer(entry.certificate, root))
    if known and known[0].verifier != issuer:
        raise UnknownSigner(
            "expected issuer {key} in force, got {got}; ask the agency for newer reference data",
            key=issuer.key_id.hex(),
            got=known[0].key_id.hex(),
        )
    for one in known:
        _expect_agency({"agency": reference.agency.id}, one)
    return tuple(known)


def expect_current(at: int, *chain: Claims) -> None:
    """Raises Expired unless every credential of the chain holds at ``at`` (ms)."""
    for claims in chain:
        if not claims.valid_from <= at < claims.valid_until:
            raise Expired(
                "expected a credential for time {at}, got one from {start} up to {end}; "
                "ask the agency for a new one",
                at=at,
                start=claims.valid_from,
                end=claims.valid_until,
            )


def standing(
    card: OfficerClaims,
    entry: RosterOfficer | None,
    roster_issued_at: int,
    now: int,
    stale_ms: int,
) -> Standing:
    """What may be said of a card now. Times in ms.

    *Valid* only if card and roster both say so, today, and the roster is not older than
    ``stale_ms``. Bad news does not go stale: a suspension stays one however old the roster is.
    A card whose key was retired says nothing any more: the officer has another one. Nor does one
    whose key the roster does not name: the issuer alone makes no card valid.
    """
    if entry is None or entry.cert_no != card.cert_no or entry.auxiliary:
        return Standing.UNKNOWN
    key_id = card.key_id.hex()
    in_force = any(one.key_id == key_id and one.live(now) for one in entry.credentials)
    if entry.standing in (Standing.CANCELLED, Standing.SUSPENDED, Standing.EXPIRED):
        return entry.standing if entry.effective_at <= now else Standing.UNKNOWN
    today = local_day(now).isoformat()
    if now >= card.valid_until or today > entry.valid_until:
        return Standing.EXPIRED
    begun = now >= card.valid_from and today >= entry.valid_from and now >= entry.effective_at
    # A roster from the future means that one of two clocks is wrong, so nobody knows its age.
    fresh = 0 <= now - roster_issued_at <= stale_ms
    known = entry.standing is Standing.VALID and begun and fresh and in_force
    return Standing.VALID if known else Standing.UNKNOWN


def _issue(signer: Signer, kind: int, subject: str, claims: Claims, details: list[str]) -> bytes:
    _expect_window(claims.valid_from, claims.valid_until)
    named = {SUB: subject} if subject else {}
    _expect_suite(claims.algorithm, kind)
    return sign1(
        {
            ISS: claims.agency,
            **named,
            EXP: claims.valid_until // 1000,
            NBF: claims.valid_from // 1000,
            CNF: {1: _cose_key(claims.verifier)},
            FUJIE: [kind, *details],
        },
        signer,
    )


def _open(
    data: bytes, verifier: Verifier, kind: int, details: int
) -> tuple[dict[str, Any], str, list[str]]:
    """The common fields, the subject and the kind's own texts of a proved credential."""
    claims = open1(data, verifier)
    fields = expect_kind(claims, kind, details)
    texts = [claims.get(ISS), claims.get(SUB, ""), *fields]
    if not all(isinstance(text, str) for text in texts) or (kind == ISSUER) != (SUB not in claims):
        raise Malformed("expected agency, subject and fields as texts; ask for a new credential")
    start, end = claims.get(NBF), claims.get(EXP)
    if type(start) is not int or type(end) is not int:
        raise Malformed("expected the credential's time in whole seconds; ask for a new one")
    _expect_window(start * 1000, end * 1000)
    key = _confirmed_key(claims.get(CNF))
    _expect_suite(key.algorithm, kind)
    common = {
        "agency": claims[ISS],
        "public_key": key.public_key,
        "algorithm": key.algorithm,
        "valid_from": start * 1000,
        "valid_until": end * 1000,
    }
    return common, claims.get(SUB, ""), fields


def expect_kind(claims: dict[int, Any], kind: int, count: int) -> list[Any]:
    """The ``count`` own fields of a thing of ``kind``. Raises Malformed.

    Later versions may append fields; these are left aside.
    """
    body = claims.get(FUJIE)
    if not isinstance(body, list) or body[:1] != [kind] or len(body) < 1 + count:
        raise Malformed(
            "expected a signed code of kind {kind}; scan the right one, or update this program",
            kind=kind,
        )
    return body[1 : 1 + count]


_SM2_CURVE = -65537


def _cose_key(key: Verifier) -> dict[int, Any]:
    """A key as RFC 9053 §7 writes it: OKP with x, or EC2 with x and y."""
    if key.algorithm == SM2:
        return {1: 2, -1: _SM2_CURVE, -2: key.public_key[1:33], -3: key.public_key[33:]}
    return {1: 1, -1: 6, -2: key.public_key}


def _confirmed_key(cnf: object) -> Verifier:
    match cnf:
        case {1: {1: 1, -1: 6, -2: bytes(x)}}:
            return Verifier(ED25519, x)
        case {1: {1: 2, -1: -65537, -2: bytes(x), -3: bytes(y)}} if len(x) == len(y) == 32:
            return Verifier(SM2, b"\x04" + x + y)
    raise Malformed("expected an Ed25519 or SM2 key in the credential; update this program")


def _expect_suite(algorithm: str, kind: int) -> None:
    if algorithm != ED25519 and kind != OFFICER:
        raise Malformed(
            "expected an Ed25519 key for an issuer or a device, got {algorithm}; only officers "
            "have keys of another suite",
            algorithm=algorithm,
        )


def _expect_agency(common: dict[str, Any], issuer: IssuerClaims) -> None:
    if common["agency"] != issuer.agency:
        raise UnknownSigner(
            "expected a credential of agency {agency}, got one for {got}; "
            "an issuer certifies for its own agency alone",
            agency=issuer.agency,
            got=common["agency"],
        )


def _expect_window(start: int, end: int) -> None:
    if not 0 <= start < end <= MAX_TIME:
        raise Malformed(
            "expected a time from {start} up to a later one, got {end}; check the dates",
            start=start,
            end=end,
        )

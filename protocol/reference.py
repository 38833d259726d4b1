"""The reference data that an agency signs for its devices, and how old it is.

    items       what may be inspected, and on which basis      officers    who may act
    templates   documents and notices, with their forms        devices     whose chain is admitted
    years       working days, as announced                     matrix      what is published, when
    parameters  ceilings and ages that law or agency sets      log_keys    whose receipts count
                                                               witnesses   who cosigns the log

One bundle holds all of it. A device keeps the newest it has verified and refuses an older
one; how fresh it is, is said by ``issued_at``, which the agency signs (ms, UTC).

>>> Parameters().spot_ceiling(PartyClass.SOLE_TRADER)
20000
"""

import msgspec

from protocol import envelope
from protocol.errors import Expired, Malformed, TooLarge, UnknownSigner
from protocol.forms import FieldSpec, FieldType, NoticeText, Template
from protocol.keys import Signer, Verifier
from protocol.parameters import Parameters
from protocol.roster import IssuerEntry, OfficerKey, RosterDevice, RosterOfficer
from protocol.statements import Day, Fen, Millis, Short
from protocol.vocabulary import (
    ActKind,
    DocumentKind,
    PartyClass,
    PenaltyKind,
    Procedure,
)

__all__ = [
    "AgencyInfo",
    "CalendarYear",
    "FieldSpec",
    "FieldType",
    "IssuerEntry",
    "Item",
    "NoticeText",
    "OfficerKey",
    "Parameters",
    "PublicationRow",
    "Reference",
    "RosterDevice",
    "RosterOfficer",
    "Template",
    "age_ms",
    "open_reference",
    "sign_reference",
]

REFERENCE_TYPE = "application/vnd.fujie.reference+json"
MAX_REFERENCE = 6 << 20
"""Bytes of a bundle's body; it travels inside an enrolment's answer of at most 8 MiB."""


class AgencyInfo(msgspec.Struct, frozen=True, kw_only=True):
    """An agency as its documents and pages name it. ``id`` is its social credit code."""

    id: Short
    name: Short
    short_name: Short
    region: Short
    region_name: Short
    government: Short
    court: Short
    hotline: Short
    address: Short
    bank: Short


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """An enforcement item of the agency's list (C-2), with the violation that it looks for.

    ``approval`` is the head's approval under which officers may inspect (国办发〔2024〕54号);
    ``solo_clause`` is the law that allows one officer, empty where there is none (APL 42);
    ``regions`` are prefixes of GB/T 2260 codes, and ``field`` an officer's field of work.
    """

    code: Short
    version: int
    name: Short
    act: ActKind
    unit: Short
    field: Short
    regions: list[Short]
    basis: Short
    cause: Short = ""
    violated: Short = ""
    penalty_basis: Short = ""
    penalties: list[PenaltyKind] = []
    fine_min: Fen = 0
    fine_max: Fen = 0
    benchmark: Short = ""
    approval: Short = ""
    solo_clause: Short = ""


class CalendarYear(msgspec.Struct, frozen=True, kw_only=True):
    """The State Council's notice for one year: weekdays off, and weekend days worked."""

    year: int
    off: list[Day]
    work: list[Day]
    source: Short = ""


class PublicationRow(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the publication matrix: which decisions, published or not and why, within
    how many working days of the decision, for how many months (None: no end), by what clause.
    ``procedure`` and ``party_class`` None match any."""

    id: Short
    act: ActKind
    procedure: Procedure | None
    party_class: PartyClass | None
    publish: bool
    why: Short
    limit_days: int
    clause: Short
    display_months: int | None = None
    warning_only: bool | None = None


class Reference(msgspec.Struct, frozen=True, kw_only=True):
    """One version of an agency's reference data. Lists hold one row per code or number.

    ``log_keys`` sign the log (verifier key texts, two while one replaces the other),
    ``log_keys_lost`` did and may be in other hands. ``witnesses`` are verifier keys of type 4,
    ``witness_quorum`` of them must have cosigned a receipt's head (``witness.py``). Exports are
    sealed to the ``exchange_key`` (X25519, hex; ``export.py``).
    """

    version: int
    issued_at: Millis
    agency: AgencyInfo
    items: list[Item] = []
    officers: list[RosterOfficer] = []
    devices: list[RosterDevice] = []
    templates: list[Template] = []
    years: list[CalendarYear] = []
    matrix: list[PublicationRow] = []
    parameters: Parameters = Parameters()
    log_keys: list[Short] = []
    log_keys_lost: list[Short] = []
    witnesses: list[Short] = []
    witness_quorum: int = 0
    issuers: list[IssuerEntry] = []
    exchange_key: Short = ""

    def item(self, code: str) -> Item | None:
        """The listed item of this code, in its newest version."""
        found = [item for item in self.items if item.code == code]
        return max(found, key=lambda item: item.version, default=None)

    def officer(self, cert_no: str) -> RosterOfficer | None:
        """The officer with this certificate number."""
        return next((one for one in self.officers if one.cert_no == cert_no), None)

    def officer_of_key(self, key_id: str, at: int = 0) -> RosterOfficer | None:
        """The officer to whom the agency certified this key (lowercase hex), which counts for what
        is signed at ``at`` (ms)."""
        for one in self.officers:
            if any(key.key_id == key_id and key.live(at) for key in one.credentials):
                return one
        return None

    def template(self, document: DocumentKind) -> Template | None:
        """The newest template of this kind of document that this program can use."""
        found = [one for one in self.templates if one.document == document and one.readable]
        return max(found, key=lambda one: one.version, default=None)


# ── the signed bundle ────────────────────────────────────────────────────────────────────


_decode = msgspec.json.Decoder(Reference).decode


def sign_reference(reference: Reference, issuer: Signer) -> bytes:
    """The bundle: a DSSE envelope (msgpack form) by the agency's issuer key. Raises TooLarge."""
    body = msgspec.json.encode(reference)
    if len(body) > MAX_REFERENCE:
        raise TooLarge(
            "expected reference data of at most {bound} bytes, got {size}; shorten the lists",
            bound=MAX_REFERENCE,
            size=len(body),
        )
    return envelope.encode(envelope.sign(REFERENCE_TYPE, body, [issuer]))


def open_reference(data: bytes, issuer: Verifier, newest: int) -> Reference:
    """The reference data in a bundle, if ``issuer`` signed it and it is not older than the
    version ``newest`` that is already held (0 for none).

    ``issuer`` is the key of a certificate that ``credential.open_issuer`` proved. Raises
    TooLarge, Malformed, UnknownSigner, BadSignature, or Expired for an older version.
    """
    signed = envelope.decode(data, MAX_REFERENCE)
    if signed.payload_type != REFERENCE_TYPE:
        raise Malformed(
            "expected reference data, got {kind}; fetch the bundle again",
            kind=signed.payload_type[:80],
        )
    if [made.key_id for made in signed.signatures] != [issuer.key_id]:
        raise UnknownSigner(
            "expected reference data signed by issuer {key} alone; check which agency sent them",
            key=issuer.key_id.hex(),
        )
    envelope.verify(signed, lambda _: issuer)
    try:
        reference = _decode(signed.body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
        raise Malformed("expected reference data: {fault}", fault=str(fault)) from None
    if reference.version < newest:
        raise Expired(
            "expected reference data of version {newest} or later, got {got}; the sender is "
            "behind or replays an old bundle",
            newest=newest,
            got=reference.version,
        )
    return reference


def age_ms(reference: Reference, now: int) -> int:
    """How old the reference data are at ``now``, in ms. A time from the future counts as older
    than anything: one of two clocks is wrong, so nobody knows the age."""
    age = now - reference.issued_at
    return age if age >= 0 else 1 << 53

"""What can be stated: one Struct per kind, a tagged union told apart by ``kind``.

A statement is the JSON body of a DSSE envelope. Every one says its schema version, agency,
case (the record id of the opening record, absent in it and outside cases), the claimed time
of the act and a random salt; then come the kind's own fields:

    {"kind":"inspection_closed","agency":"11990123MB0000001A","at":1763690000000,
     "salt":"00…","case":"9f…","outcome":"penalised_on_spot","note":""}

A published meaning never changes; fields are only added, with a default. A reader that meets
a kind or field it does not know keeps the bytes as they are (``Unknown``). Ids and hashes are
lowercase hex, times are ms since the Unix epoch in UTC, money is in fen (0.01 yuan).
"""

from typing import Annotated, Any, ClassVar

import msgspec

from protocol.errors import Malformed, TooLarge
from protocol.vocabulary import (
    ActKind,
    DocumentKind,
    Ground,
    MediaKind,
    Outcome,
    PartyClass,
    PenaltyKind,
    Procedure,
    RemedyRoute,
    Retention,
    Role,
    ServiceMethod,
    StaffRole,
    Standing,
    Step,
)

SCHEMA = 1
MAX_STATEMENT = 1 << 20

Hex32 = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
Hex16 = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{32}$")]
Millis = Annotated[int, msgspec.Meta(ge=0, le=1 << 53)]
Fen = Annotated[int, msgspec.Meta(ge=0, le=1 << 53)]
Day = Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d{2}-\d{2}$")]
Short = Annotated[str, msgspec.Meta(max_length=500)]
Long = Annotated[str, msgspec.Meta(max_length=100_000)]


# ── parts ────────────────────────────────────────────────────────────────────────────────


class BlobRef(msgspec.Struct, frozen=True, kw_only=True):
    """A blob named by the SHA-256 of its plaintext bytes."""

    sha256: Hex32
    size: Annotated[int, msgspec.Meta(ge=0, le=1 << 48)]
    media_type: Short


class Party(msgspec.Struct, frozen=True, kw_only=True):
    """当事人. ``id_code`` is a unified social credit code or an identity number."""

    name: Short
    party_class: PartyClass
    id_code: Short = ""
    legal_rep: Short = ""
    address: Short = ""
    phone: Short = ""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where: typed, chosen or measured. Coordinates only when measured, in degrees (WGS 84)."""

    text: Short
    source: Annotated[str, msgspec.Meta(pattern="^(typed|chosen|gps)$")] = "typed"
    latitude: float | None = None
    longitude: float | None = None


class Signed(msgspec.Struct, frozen=True, kw_only=True, tag_field="act", tag="signed"):
    """Somebody wrote by hand. The blob holds the name and the strokes; ``over`` is the hash
    of what was signed, so that a later change voids it (ESL 13)."""

    role: Role
    handwriting: BlobRef
    over: Hex32
    at: Millis


class SignRefused(msgspec.Struct, frozen=True, kw_only=True, tag_field="act", tag="refused"):
    """Somebody present would not sign; the reason is noted (APL 52; EVID 15)."""

    role: Role
    reason: Short
    over: Hex32
    at: Millis


class SignAbsent(msgspec.Struct, frozen=True, kw_only=True, tag_field="act", tag="absent"):
    """Nobody was there to sign; an attestor's hand stands in where the law asks (ACL 18)."""

    role: Role
    reason: Short
    over: Hex32
    at: Millis
    attestor: Signed | None = None


PartyAct = Signed | SignRefused | SignAbsent


class ShownCard(msgspec.Struct, frozen=True, kw_only=True):
    """One card as it was shown: standing, and how old the roster was that said so."""

    cert_no: Short
    standing: Standing
    roster_issued_at: Millis
    presentation: Hex32


class Segment(msgspec.Struct, frozen=True, kw_only=True):
    """The commitment to one piece of a document's text (``redaction.py``)."""

    name: Short
    commitment: Hex32


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What rules and the publication matrix need to know of a decision, without its text."""

    act: ActKind
    procedure: Procedure
    party_class: PartyClass
    penalties: list[PenaltyKind]
    fine: Fen = 0
    remedy: RemedyRoute
    decided_on: Day
    heard: Hex32 | None = None


class Mask(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of text that is not published, and on what ground."""

    name: Short
    ground: Ground


# ── every statement ──────────────────────────────────────────────────────────────────────


class Statement(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """What every statement says. ``salt`` is random, so that hashes give nothing away."""

    ABOUT: ClassVar[str] = ""

    agency: Short
    at: Millis
    salt: Hex16
    case: Hex32 | None = None
    v: int = SCHEMA


# ── the field's ──────────────────────────────────────────────────────────────────────────


class InspectionOpened(Statement, frozen=True, kw_only=True, tag="inspection_opened"):
    """An inspection begins; this record's id is the case's id. ``urgent`` ones are approved
    afterwards (国办发〔2024〕54号)."""

    number: Short
    item: Short
    item_version: int
    cause: Short
    party: Party
    place: Place
    officers: list[Short]
    urgent: bool = False
    task: Short = ""


class IdentityShown(Statement, frozen=True, kw_only=True, tag="identity_shown"):
    """The officers showed their cards unasked (APL 52, 55)."""

    step: Step
    cards: list[ShownCard]
    to_whom: Short
    place: Place
    uniform: bool = True
    worn: bool = False


class RightsNotified(Statement, frozen=True, kw_only=True, tag="rights_notified"):
    """The party was told rights and duties (APL 7, 43–45, 50, 55)."""

    template: Short
    template_version: int
    text: Hex32
    read_aloud: bool
    party_act: PartyAct


class MediaCaptured(Statement, frozen=True, kw_only=True, tag="media_captured"):
    """A photo, video or sound recording with the five facts asked for (EVID 12; X-3.2d)."""

    media: MediaKind
    blob: BlobRef
    case_no: Short
    began_at: Millis
    ended_at: Millis
    place: Place
    recorder: Short
    purpose: Short
    step: Step
    device: Short
    codec: Short = ""
    parent: Hex32 | None = None


class StatementTaken(Statement, frozen=True, kw_only=True, tag="statement_taken"):
    """Before deciding, the party was told facts, reasons, basis, intended content and rights,
    and was heard (APL 44, 45, 62)."""

    told: Long
    defence: Long
    reply: Long
    waived: bool = False


class DocumentIssued(Statement, frozen=True, kw_only=True, tag="document_issued"):
    """A document was made, signed and fixed. Its text is committed to piece by piece, so that
    a public version can be proved; ``content`` is the blob that opens the commitments, and
    signatures by hand are ``over`` the ``root`` of all pieces."""

    document: DocumentKind
    document_id: Hex16
    number: Short
    grant: Hex32 | None
    seal: Hex32 | None
    template: Short
    template_version: int
    segments: list[Segment]
    root: Hex32
    content: BlobRef
    pdf: BlobRef
    pages: int
    party_act: PartyAct
    officer_acts: list[Signed]
    decision: Decision | None = None


class DocumentServed(Statement, frozen=True, kw_only=True, tag="document_served"):
    """A document reached the party, or was left (CPL 87–95; APL 61)."""

    issued: Hex32
    method: ServiceMethod
    addressee: Short
    place: Place
    received: PartyAct


class InspectionClosed(Statement, frozen=True, kw_only=True, tag="inspection_closed"):
    """An inspection ended."""

    outcome: Outcome
    note: Short = ""


class RuleOverridden(Statement, frozen=True, kw_only=True, tag="rule_overridden"):
    """The officers went on against a warning and say why."""

    rule: Short
    reason: Short
    concerning: Short = ""


class Corrected(Statement, frozen=True, kw_only=True, tag="corrected"):
    """An earlier record of the same case is corrected; the earlier one stays."""

    record: Hex32
    reason: Short
    text: Long


class NumberVoided(Statement, frozen=True, kw_only=True, tag="number_voided"):
    """A document number will not be used, and why."""

    document: DocumentKind
    number: Short
    grant: Hex32
    reason: Short


class DeviceInventory(Statement, frozen=True, kw_only=True, tag="device_inventory"):
    """What a device says it holds, signed by the device with every push. ``length`` and
    ``head`` are its journal's; counts are of links and blobs not yet sent whole."""

    journal: Hex16
    length: int
    head: Hex32
    unsent: int
    oldest_unsent_at: Millis | None
    blobs_outstanding: int
    bytes_outstanding: int
    free_bytes: int
    boot: Hex16
    monotonic: int
    checkpoint_size: int
    reference_version: int
    program: Short


# ── the office's ─────────────────────────────────────────────────────────────────────────


class AgencyRegistered(Statement, frozen=True, kw_only=True, tag="agency_registered"):
    """An enforcement agency and what its documents and pages need to name (ARL 24)."""

    name: Short
    short_name: Short
    region: Short
    region_name: Short
    government: Short
    court: Short
    hotline: Short
    address: Short
    bank: Short
    root_key: Hex32
    issuer: bytes
    recovery_key: Hex32


class StaffRegistered(Statement, frozen=True, kw_only=True, tag="staff_registered"):
    """A member of the office and the key with which this person signs."""

    account: Short
    name: Short
    role: StaffRole
    public_key: Hex32


class OfficerRegistered(Statement, frozen=True, kw_only=True, tag="officer_registered"):
    """An officer as published (T-6, H-8): the six fields, validity, standing, photo."""

    cert_no: Short
    name: Short
    unit: Short
    position: Short
    category: Short
    field: Short
    region: Short
    region_name: Short
    valid_from: Day
    valid_until: Day
    photo: BlobRef
    issuer_kind: Short = "province"
    standing: Standing = Standing.VALID
    effective_at: Millis = 0
    reason: Short = ""


class OfficerCredentialed(Statement, frozen=True, kw_only=True, tag="officer_credentialed"):
    """An officer's key, made on a device, was certified (CWT of ``credential.py``)."""

    cert_no: Short
    device: Short
    credential: bytes


class DeviceEnrolled(Statement, frozen=True, kw_only=True, tag="device_enrolled"):
    """A device's key was certified, and its journal opened."""

    device: Short
    certificate: bytes
    journal: Hex16


class DeviceRevoked(Statement, frozen=True, kw_only=True, tag="device_revoked"):
    """A device is no longer trusted from ``effective_at`` on."""

    device: Short
    reason: Short
    effective_at: Millis


class NumbersGranted(Statement, frozen=True, kw_only=True, tag="numbers_granted"):
    """A block of document numbers for one device; with ``sealed_until`` also the agency's
    seal, delegated for this kind until then. ``pattern`` holds ``{n}``."""

    device: Short
    document: DocumentKind
    year: int
    first: int
    last: int
    pattern: Short
    sealed_until: Millis | None = None


class ReferencePublished(Statement, frozen=True, kw_only=True, tag="reference_published"):
    """A version of the reference data went out to the devices (``reference.py``)."""

    version: int
    sha256: Hex32


class DeviceContacted(Statement, frozen=True, kw_only=True, tag="device_contacted"):
    """A device made contact; ``inventory`` is its signed envelope (msgpack form)."""

    device: Short
    inventory: bytes


class BlobStored(Statement, frozen=True, kw_only=True, tag="blob_stored"):
    """The server verified a blob's whole hash and its bytes are durable."""

    sha256: Hex32
    size: int


class DisclosurePublished(Statement, frozen=True, kw_only=True, tag="disclosure_published"):
    """A decision was published, signed by the publisher and a second person (PB-3): which
    pieces are shown and which masked, the row of the publication matrix, its clause, the day
    it was due and the day display ends."""

    issued: Hex32
    title: Short
    shown: list[Short]
    masked: list[Mask]
    matrix_row: Short
    clause: Short
    due_on: Day
    display_until: Day | None


class DisclosureWithdrawn(Statement, frozen=True, kw_only=True, tag="disclosure_withdrawn"):
    """A publication was withdrawn, with the reason that is shown to the public (APL 48)."""

    issued: Hex32
    reason: Short
    clause: Short


class FileArchived(Statement, frozen=True, kw_only=True, tag="file_archived"):
    """A case file was closed and sealed: its package, retention and extent (AR-1, AR-2)."""

    package: BlobRef
    retention: Retention
    archive_no: Short
    documents: int
    pages: int
    media: int


class Unknown(msgspec.Struct, frozen=True, kw_only=True):
    """A statement of a kind, version or shape that this reader does not know. Its bytes are
    kept and passed on as they came."""

    kind: str
    agency: str
    at: int
    salt: Hex16
    case: Hex32 | None = None
    v: int = SCHEMA


KINDS: tuple[type[Statement], ...] = tuple(Statement.__subclasses__())

_BY_TAG: dict[str, type[Statement]] = {str(kind.__struct_config__.tag): kind for kind in KINDS}
_decoders: dict[str, msgspec.json.Decoder[Any]] = {
    tag: msgspec.json.Decoder(kind) for tag, kind in _BY_TAG.items()
}
_decode_head = msgspec.json.Decoder(Unknown).decode


def encode(statement: Statement) -> bytes:
    """The body bytes of a new statement. Raises TooLarge."""
    body = msgspec.json.encode(statement)
    if len(body) > MAX_STATEMENT:
        raise TooLarge(
            "expected a statement of at most {bound} bytes, got {size}; move long parts to a blob",
            bound=MAX_STATEMENT,
            size=len(body),
        )
    return body


def decode(body: bytes) -> Statement | Unknown:
    """Read a body. A kind or version from the future gives Unknown; anything that does not
    even carry what every statement says raises Malformed."""
    if len(body) > MAX_STATEMENT:
        raise TooLarge(
            "expected a statement of at most {bound} bytes, got {size}",
            bound=MAX_STATEMENT,
            size=len(body),
        )
    try:
        head = _decode_head(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
        raise Malformed("expected a statement: {fault}", fault=str(fault)) from None
    decoder = _decoders.get(head.kind)
    if decoder is None or head.v > SCHEMA:
        return head
    try:
        read: Statement = decoder.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
        raise Malformed(
            "expected a statement of kind {kind}: {fault}", kind=head.kind, fault=str(fault)
        ) from None
    return read


def kind_of(statement: Statement | Unknown) -> str:
    """The wire name of a statement's kind."""
    if isinstance(statement, Unknown):
        return statement.kind
    return str(type(statement).__struct_config__.tag)


def blobs_of(statement: Statement | Unknown) -> list[BlobRef]:
    """Every blob that a statement names, in the order of its fields, none twice."""
    found: dict[str, BlobRef] = {}
    waiting: list[Any] = [statement]
    while waiting:
        part = waiting.pop(0)
        if isinstance(part, BlobRef):
            found.setdefault(part.sha256, part)
        elif isinstance(part, msgspec.Struct):
            waiting.extend(getattr(part, name) for name in part.__struct_fields__)
        elif isinstance(part, (list, tuple)):
            waiting.extend(part)
    return list(found.values())

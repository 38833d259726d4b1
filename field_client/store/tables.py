"""What the vault holds, one table a noun.

    journals ─┬─ links ─── statements (by record hash)
              ├─ receipts (by link hash)
              └─ replaced links of a closed journal
    cases · drafts · number_blocks · references · notices · unread · state
    office_records · begun      what the office stated of cases and tasks; tasks begun here
    captures → blobs            a recording under way becomes a blob when it is whole
    imports · released · parts · breaks   what is to be said of recordings
    skipped                     why a blob could not be sent

Ids and hashes are raw bytes, times milliseconds since the Unix epoch (UTC), ``answers`` JSON
text. Statements, links, receipts and bundles are kept as the bytes that were signed or
received, never re-encoded. Rows change only where a stage, a head, a counter or a draft moves.
"""

from enum import StrEnum

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

SCHEMA_VERSION = 1


class Stage(StrEnum):
    """How far a record or blob has come; forward only within one log."""

    SAVED = "saved"
    SENT = "sent"
    RECEIPTED = "receipted"
    STORED = "stored"
    ARCHIVED = "archived"

    @property
    def rank(self) -> int:
        """0 for saved … 4 for archived."""
        return list(Stage).index(self)


class JournalRow(SQLModel, table=True):
    """One journal and its head, as ``protocol.chain.Head``: ``length`` links, the last's hash."""

    __tablename__ = "journals"
    id: bytes = Field(primary_key=True)
    agency: str
    device: str
    length: int = 0
    head_hash: bytes = bytes(32)
    open: bool = True
    opened_at: int


class LinkRow(SQLModel, table=True):
    """One link (153 bytes) and its record's stage."""

    __tablename__ = "links"
    __table_args__ = (Index("links_by_place", "journal", "sequence", unique=True),)
    link_hash: bytes = Field(primary_key=True)
    journal: bytes = Field(foreign_key="journals.id")
    sequence: int
    link: bytes
    record_hash: bytes = Field(index=True)
    stage: str = Field(default=Stage.SAVED.value, index=True)
    saved_at: int


class ReplacedLinkRow(SQLModel, table=True):
    """A link of a closed journal that the office does not hold, as it was; its record is linked
    again, by ``again``, in the journal that followed. Exports bring it along."""

    __tablename__ = "replaced_links"
    link_hash: bytes = Field(primary_key=True)
    journal: bytes = Field(index=True)
    sequence: int
    link: bytes
    record_hash: bytes
    again: bytes
    replaced_at: int


class StatementRow(SQLModel, table=True):
    """A signed statement; ``envelope`` is the msgpack form of ``protocol.envelope``.

    ``case_id`` is the opening record's hash; ``at`` the act's claimed time.
    """

    __tablename__ = "statements"
    record_hash: bytes = Field(primary_key=True)
    envelope: bytes
    kind: str = Field(index=True)
    case_id: bytes | None = Field(default=None, index=True)
    at: int
    agency: str


class ReceiptRow(SQLModel, table=True):
    """A verified receipt (tlog-proof text) and the verdict in its entry."""

    __tablename__ = "receipts"
    link_hash: bytes = Field(primary_key=True, foreign_key="links.link_hash")
    receipt: bytes
    verdict: int
    reasons: bytes = b""
    received_at: int = 0


class OldReceiptRow(SQLModel, table=True):
    """A receipt of a log that was succeeded, for a link that its successor was sent again: it
    still proves that the log of this ``origin`` had admitted the link."""

    __tablename__ = "old_receipts"
    link_hash: bytes = Field(primary_key=True)
    origin: str = Field(primary_key=True)
    receipt: bytes


class PassedLogRow(SQLModel, table=True):
    """A log that this tablet left for its successor: its keys (a line each) and last head here,
    the signed succession, up to how many entries the two agree (``kept``), how many records were
    sent again, and the alarm that stood, which the succession answers."""

    __tablename__ = "passed_logs"
    origin: str = Field(primary_key=True)
    keys: str
    checkpoint: bytes
    successor: str
    succession: bytes
    why: str
    kept: int
    again: int
    at: int
    alarm: bytes = b""


class WordRow(SQLModel, table=True):
    """Where in the log the office's word stands: that a blob is stored, that a block of numbers
    is granted. ``subject`` is the blob's hash or the grant's record hash."""

    __tablename__ = "words"
    subject: bytes = Field(primary_key=True)
    place: int


class SuspendedGrantRow(SQLModel, table=True):
    """A block whose grant the successor of a log may not know: what was used of it stays used,
    and nothing more is, until the office's word for it comes again."""

    __tablename__ = "suspended_grants"
    grant_record: bytes = Field(primary_key=True)


class CaptureRow(SQLModel, table=True):
    """A photo or clip that is being written. Its key is here before its first byte is on disk,
    so that a recording cut by a crash can be read. Replaced by a BlobRow when it is whole."""

    __tablename__ = "captures"
    path: str = Field(primary_key=True)
    key: bytes
    media_type: str
    purpose: str
    case_id: bytes | None = Field(default=None, index=True)
    started_at: int


class BlobRow(SQLModel, table=True):
    """An encrypted file under the blobs folder; ``sha256`` and ``size`` are of the plaintext.

    ``named`` is false while no statement names it: a recording that was cut by a crash, begun at
    ``began_at``, and waits for one. Only what is named is sent."""

    __tablename__ = "blobs"
    sha256: bytes = Field(primary_key=True)
    size: int
    media_type: str
    path: str
    key: bytes
    purpose: str = ""
    case_id: bytes | None = Field(default=None, index=True)
    uploaded_offset: int = 0
    stage: str = Field(default=Stage.SAVED.value, index=True)
    at: int = 0
    began_at: int = 0
    named: bool = True


class PartRow(SQLModel, table=True):
    """A file that no statement names yet is a part of the continuous recording ``run``;
    ``broke`` is the break that its end made, once that is told."""

    __tablename__ = "parts"
    path: str = Field(primary_key=True)
    run: str = Field(index=True)
    step: str
    broke: str = ""


class BreakRow(SQLModel, table=True):
    """A break in a continuous recording whose reason is not stated yet: after the recording of
    the record ``media``, from ``from_at`` (ms); ``until_at`` 0 while it has not gone on."""

    __tablename__ = "breaks"
    id: str = Field(primary_key=True)
    case_id: bytes = Field(index=True)
    step: str
    from_at: int
    until_at: int = 0
    media: bytes | None = None


class ImportRow(SQLModel, table=True):
    """A file taken in from a body-worn recorder that no statement names yet: who took it in and
    when (ms), from where and under which name, and when it was recorded as the file says."""

    __tablename__ = "imports"
    sha256: bytes = Field(primary_key=True)
    case_id: bytes = Field(index=True)
    by: str
    at: int
    source: str
    name: str
    recorded_at: int
    duration_ms: int
    codec: str = ""


class SkippedRow(SQLModel, table=True):
    """Why a blob was not sent when it was tried last (``skipped.py``), as JSON."""

    __tablename__ = "skipped"
    sha256: bytes = Field(primary_key=True)
    reason: bytes


class ReleasedRow(SQLModel, table=True):
    """A blob whose local copy was let go at ``at`` (ms), because the office keeps it; written
    before the file is removed."""

    __tablename__ = "released"
    sha256: bytes = Field(primary_key=True)
    at: int


class CaseRow(SQLModel, table=True):
    """A case as this tablet lists it; ``case_id`` is the opening record's hash."""

    __tablename__ = "cases"
    case_id: bytes = Field(primary_key=True)
    tag: bytes
    label: str = ""
    title: str = ""
    opened_at: int
    closed_at: int | None = None


class DraftRow(SQLModel, table=True):
    """A document or form being filled in; not a record, and gone once it is one."""

    __tablename__ = "drafts"
    id: str = Field(primary_key=True)
    case_id: bytes | None = Field(default=None, index=True)
    kind: str
    answers: str = "{}"
    updated_at: int


class NumberBlockRow(SQLModel, table=True):
    """Numbers ``next`` … ``last`` that the office granted; ``pattern`` holds ``{n}``.
    Until ``sealed_until`` (ms) the grant also lends the agency's seal (design, decision 8)."""

    __tablename__ = "number_blocks"
    grant_record: bytes = Field(primary_key=True)
    agency: str
    document: str
    year: int
    next: int
    last: int
    pattern: str
    sealed_until: int | None = None


class ReferenceRow(SQLModel, table=True):
    """A verified bundle of reference data, as it was signed."""

    __tablename__ = "references"
    version: int = Field(primary_key=True)
    bundle: bytes
    issued_at: int


class NoticeRow(SQLModel, table=True):
    """A finding or outcome pulled from the office; ``body`` is JSON text."""

    __tablename__ = "notices"
    id: bytes = Field(primary_key=True)
    kind: str
    case_id: bytes | None = Field(default=None, index=True)
    record_hash: bytes | None = None
    body: str
    at: int
    seen: bool = False


class OfficeRow(SQLModel, table=True):
    """A proved record of the office that belongs to a case of this tablet, or a task: link and
    envelope as they came, and its place in the log."""

    __tablename__ = "office_records"
    record_hash: bytes = Field(primary_key=True)
    kind: str = Field(index=True)
    case_id: bytes | None = Field(default=None, index=True)
    link: bytes
    envelope: bytes
    place: int


class BegunRow(SQLModel, table=True):
    """A task that an inspection on this tablet was opened with."""

    __tablename__ = "begun"
    task: str = Field(primary_key=True)
    case_id: bytes


class UnreadRow(SQLModel, table=True):
    """A proved record of the office that this program cannot read yet (``unread.py``), as it
    came: link, envelope, receipt; ``at`` is when the log took it."""

    __tablename__ = "unread"
    record_hash: bytes = Field(primary_key=True)
    kind: str
    link: bytes
    statement: bytes
    receipt: bytes
    at: int


class StateRow(SQLModel, table=True):
    """Single values: checkpoint, cursor, alarms, last verified server time."""

    __tablename__ = "state"
    name: str = Field(primary_key=True)
    value: bytes

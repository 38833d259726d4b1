"""The tables, in two halves that are never mixed.

    facts           what was admitted, and what proves it; fsck recomputes them from nothing
    private state   what this one server needs to run; outside the log and the rebuild

``FACTS`` and ``PRIVATE`` at the end name each table once; ``projections/tables.py`` names those
that are folded from facts. A table in no list fails tests/sync_server/test_tampering.py.

An entry's ``index`` is its place in the log. Hashes are 32 raw bytes, times ms since the Unix
epoch. A fact's row is written once, by the sequencer, in the transaction that commits to it;
what may change afterwards is a journal's head, a blob's arrival, and of a stretch a statement that
comes late, is read later, or is destroyed.
"""

from typing import ClassVar

from sqlalchemy import Column, Index, LargeBinary, MetaData
from sqlmodel import Field, SQLModel

from sync_server.store.columns import big, place

_BY_KEY = {"sqlite_with_rowid": False}
"""For rows that are small and come in the order of their key: one tree on the disk, not two. Each
index by a hash besides costs a commit as many pages as it has rows."""


class StretchRow(SQLModel, table=True):
    """Entries that follow one another in the log, of links that follow one another in a journal:
    all that was admitted of them, as columns of ``length`` values each (``log/leaves.py``)."""

    __tablename__: ClassVar[str] = "stretch"
    __table_args__ = (Index("ix_stretch_journal_sequence", "journal", "sequence"),)

    first: int = Field(sa_column=place())
    length: int
    journal: bytes
    sequence: int = Field(sa_column=big())
    entries: bytes
    links: bytes
    filed: bytes
    statements: bytes


class StretchKindRow(SQLModel, table=True):
    """That statements of a kind and an agency stand in a stretch; one that no reader here
    understands has no kind."""

    __tablename__: ClassVar[str] = "stretch_kind"
    __table_args__ = _BY_KEY

    kind: str = Field(primary_key=True)
    agency: str = Field(primary_key=True)
    first: int = Field(sa_column=big(key=True))


class StretchCaseRow(SQLModel, table=True):
    """That statements of a case stand in a stretch."""

    __tablename__: ClassVar[str] = "stretch_case"
    __table_args__ = _BY_KEY

    case_id: bytes = Field(primary_key=True)
    first: int = Field(sa_column=big(key=True))


class LookupRow(SQLModel, table=True):
    """An entry by the first 8 bytes of its link's or of its record's hash: of all but the newest
    (``log/lookup.py``)."""

    __tablename__: ClassVar[str] = "lookup"
    __table_args__ = _BY_KEY

    key: int = Field(sa_column=big(key=True))
    index: int = Field(sa_column=big(key=True))


class LateRow(SQLModel, table=True):
    """A statement that came after its link, numbered in the order of arrival from 1 on without a
    gap: it stands under an old index, so whoever folds the log in order looks here for what he has
    passed."""

    __tablename__: ClassVar[str] = "late"

    number: int | None = Field(default=None, primary_key=True)
    record_hash: bytes


class TreeRow(SQLModel, table=True):
    """The hashes of perfect subtrees of the log (``protocol/merkle.py``) that one commit added to a
    level, one behind the other from the index ``first`` on (``log/nodes.py``)."""

    __tablename__: ClassVar[str] = "tree"

    level: int = Field(primary_key=True)
    first: int = Field(sa_column=big(key=True))
    hashes: bytes


class CheckpointRow(SQLModel, table=True):
    """A signed head of the log, one for each commit."""

    __tablename__: ClassVar[str] = "checkpoint"

    size: int = Field(sa_column=big(key=True))
    note: bytes


class CosignatureRow(SQLModel, table=True):
    """A witness's line under the head of a size (``cosigning.py``); ``witness`` is its verifier
    key. When it was written stands in the line, signed."""

    __tablename__: ClassVar[str] = "cosignature"

    size: int = Field(sa_column=big(key=True))
    witness: str = Field(primary_key=True)
    origin: str
    line: str


class JournalRow(SQLModel, table=True):
    """The server's copy of a journal's head. ``state`` is open, forked, closed or adopted."""

    __tablename__: ClassVar[str] = "journal"

    journal: bytes = Field(primary_key=True)
    device: str = Field(index=True)
    agency: str
    length: int = Field(sa_column=big())
    head: bytes
    state: str = "open"


class BlobRow(SQLModel, table=True):
    """That an admitted record names a blob: a row for each that does, so that nobody's word takes
    another's place. ``index`` is where the record came, ``journal`` that of its link there;
    ``stored_index`` the entry of the office's statement that the blob came, from this agency and in
    this size."""

    __tablename__: ClassVar[str] = "blob"

    sha256: bytes = Field(primary_key=True)
    record_hash: bytes = Field(primary_key=True)
    agency: str
    journal: bytes = Field(index=True)
    size: int = Field(sa_column=big())
    media_type: str
    index: int = Field(sa_column=big(index=True))
    stored_index: int | None = Field(default=None, sa_column=big(nullable=True))


class EvidenceRow(SQLModel, table=True):
    """Bytes that were refused for what they show: a fork, a rewrite, a revoked device's push."""

    __tablename__: ClassVar[str] = "evidence"

    hash: bytes = Field(primary_key=True)
    device: str = Field(index=True)
    journal: bytes
    reason: str
    at: int = Field(sa_column=big())
    link: bytes
    statement: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))


class ReferenceRow(SQLModel, table=True):
    """A published version of the reference data: the signed bundle."""

    __tablename__: ClassVar[str] = "reference"

    agency: str = Field(primary_key=True)
    version: int = Field(sa_column=big(key=True))
    bundle: bytes


class TufRow(SQLModel, table=True):
    """A file of an agency's TUF repository. ``version`` is that of the reference data, 0 for
    root metadata, which stay."""

    __tablename__: ClassVar[str] = "tuf"

    agency: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    version: int = Field(sa_column=big(index=True))
    body: bytes


class AccountRow(SQLModel, table=True):
    """A sign-in of a member of the office; ``password`` is an Argon2id string."""

    __tablename__: ClassVar[str] = "account"

    account: str = Field(primary_key=True)
    agency: str
    name: str
    role: str
    password: str
    failures: int = 0
    locked_until: int = Field(default=0, sa_column=big())


class SessionRow(SQLModel, table=True):
    """A signed-in browser; ``token_hash`` is SHA-256 of its cookie's value. It opens no signing
    key: whoever signs types the password again."""

    __tablename__: ClassVar[str] = "session"

    token_hash: bytes = Field(primary_key=True)
    account: str = Field(index=True)
    form_token: str
    created_at: int = Field(sa_column=big())
    expires_at: int = Field(sa_column=big())


class SignInRow(SQLModel, table=True):
    """An attempt to sign in, or to sign, and what came of it (``web/access.py``)."""

    __tablename__: ClassVar[str] = "sign_in"

    id: int | None = Field(default=None, primary_key=True)
    account: str = Field(index=True)
    outcome: str
    at: int = Field(sa_column=big())


class StaffKeyRow(SQLModel, table=True):
    """A staff member's signing key, wrapped by the person's own password: Argon2id with ``passes``
    over ``memory`` bytes."""

    __tablename__: ClassVar[str] = "staff_key"

    account: str = Field(primary_key=True)
    salt: bytes
    passes: int
    memory: int
    wrapped: bytes
    public_key: bytes


class EnrolCodeRow(SQLModel, table=True):
    """A one-time code for a device (``subject`` is its name) or an officer (the certificate
    number). It is kept readable until used or expired, because it is a shared secret."""

    __tablename__: ClassVar[str] = "enrol_code"

    code: str = Field(primary_key=True)
    agency: str
    purpose: str
    subject: str
    expires_at: int = Field(sa_column=big())
    used_by: bytes | None = None


class NonceRow(SQLModel, table=True):
    """A request's nonce, kept as long as the request could be replayed."""

    __tablename__: ClassVar[str] = "nonce"

    nonce: str = Field(primary_key=True)
    expires_at: int = Field(sa_column=big(index=True))


class UploadRow(SQLModel, table=True):
    """An upload under way; its offset is the length of its file."""

    __tablename__: ClassVar[str] = "upload"

    upload: str = Field(primary_key=True)
    token_hash: bytes
    sha256: bytes = Field(index=True)
    size: int = Field(sa_column=big())
    agency: str
    device: str
    expires_at: int = Field(sa_column=big())


class ReaderRow(SQLModel, table=True):
    """What the program could read when it looked last (``rereading.py``): a fingerprint of the
    kinds and of the edition of the lists of words that it knew."""

    __tablename__: ClassVar[str] = "reader"

    name: str = Field(primary_key=True)
    known: str


class RecoveryRow(SQLModel, table=True):
    """A tablet's vault key, sealed to the agency's recovery key."""

    __tablename__: ClassVar[str] = "recovery"

    device: str = Field(primary_key=True)
    sealed: bytes
    at: int = Field(sa_column=big())


METADATA: MetaData = SQLModel.metadata

FACTS = (
    "stretch",
    "stretch_kind",
    "stretch_case",
    "lookup",
    "late",
    "tree",
    "checkpoint",
    "cosignature",
    "journal",
    "blob",
    "evidence",
    "reference",
    "tuf",
)
PRIVATE = (
    "account",
    "session",
    "sign_in",
    "staff_key",
    "staff_waiting",
    "enrol_code",
    "nonce",
    "upload",
    "reader",
    "recovery",
    "upstream",
    "upstream_receipt",
    "upstream_text",
    "disclosure_draft",
    "public_request",
    "hand_in",
)

STRETCH = METADATA.tables["stretch"]
STRETCH_KIND = METADATA.tables["stretch_kind"]
STRETCH_CASE = METADATA.tables["stretch_case"]
LOOKUP = METADATA.tables["lookup"]
TREE = METADATA.tables["tree"]
CHECKPOINT = METADATA.tables["checkpoint"]
JOURNAL = METADATA.tables["journal"]
BLOB = METADATA.tables["blob"]
EVIDENCE = METADATA.tables["evidence"]
LATE = METADATA.tables["late"]
NONCE = METADATA.tables["nonce"]
COSIGNATURE = METADATA.tables["cosignature"]
READER = METADATA.tables["reader"]
"""The tables that the writer works on through Core; the others are used by their classes."""

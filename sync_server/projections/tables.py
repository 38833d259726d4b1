"""The tables of the projections. Nothing here is a fact: all of it is folded from the log.

``position`` says up to which entry the rows are folded, and up to which late statement: one that
came after its link makes its case be folded again.
"""

from typing import ClassVar

from sqlalchemy import Column, LargeBinary, MetaData
from sqlmodel import Field, SQLModel

from sync_server.store.columns import big


class PositionRow(SQLModel, table=True):
    """How far the projections are: the next entry to read, the last late statement read."""

    __tablename__: ClassVar[str] = "position"

    name: str = Field(primary_key=True)
    next: int = Field(sa_column=big())
    late: int


class CaseRow(SQLModel, table=True):
    """One line of the list of cases. ``newest`` is the index of its newest record; days are
    ISO dates, empty where there is none yet; ``waiting`` counts what the head has to answer, and
    ``task`` is the record (hex) that the inspection was opened with."""

    __tablename__: ClassVar[str] = "view_case"

    case_id: bytes = Field(primary_key=True)
    agency: str = Field(index=True)
    number: str
    party: str
    cause: str
    opened_at: int = Field(sa_column=big(index=True))
    closed_at: int | None = Field(default=None, sa_column=big(nullable=True))
    outcome: str = ""
    decision: str = ""
    decided_on: str = ""
    published_at: int | None = Field(default=None, sa_column=big(nullable=True))
    archived_at: int | None = Field(default=None, sa_column=big(nullable=True))
    records: int = 0
    waiting: int = Field(default=0, index=True)
    task: str = Field(default="", index=True)
    newest: int = Field(default=0, sa_column=big())


class DocumentRow(SQLModel, table=True):
    """Which record issued the document that a mark names."""

    __tablename__: ClassVar[str] = "view_document"

    record: bytes = Field(primary_key=True)
    document_id: str = Field(index=True)
    agency: str
    case_id: bytes = Field(index=True)


class DisclosureRow(SQLModel, table=True):
    """A decision that is or was public. ``shown`` and ``masked`` are JSON of the opened pieces
    and of the masks; nothing that is masked is in any column. ``publication`` is the
    record that says what is shown: the publication, or its last correction. ``segments`` are those
    of a decision that a lower level reported, whose document is not here, and whose ``issued`` is
    the record that first published it; None of our own. Of such a one ``vouched`` says what the
    two who published it signed beside its words (``reported.py``), ``source`` where the lower
    level's own page of it is."""

    __tablename__: ClassVar[str] = "view_disclosure"

    issued: bytes = Field(primary_key=True)
    publication: bytes
    place: int = Field(default=0, sa_column=big())
    case_id: bytes = Field(index=True)
    agency: str = Field(index=True)
    number: str
    title: str
    act: str
    document: str
    template: str
    penalties: str
    fine: int = Field(sa_column=big())
    remedy: str
    decided_on: str = Field(index=True)
    due_on: str
    published_at: int = Field(sa_column=big(index=True))
    display_until: str
    matrix_row: str
    clause: str
    served_at: int | None = Field(default=None, sa_column=big(nullable=True))
    served_how: str = ""
    shown: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    masked: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    provable: bool
    withdrawn_at: int | None = Field(default=None, sa_column=big(nullable=True))
    withdrawn_reason: str = ""
    withdrawn_clause: str = ""
    corrected_at: int | None = Field(default=None, sa_column=big(nullable=True))
    corrected_reason: str = ""
    segments: bytes | None = None
    vouched: str = ""
    source: str = ""


class DueRow(SQLModel, table=True):
    """A decision, and how it stands towards the public (``due.py``) since when. Days are ISO dates,
    empty where there is none."""

    __tablename__: ClassVar[str] = "view_due"

    issued: bytes = Field(primary_key=True)
    case_id: bytes = Field(index=True)
    agency: str = Field(index=True)
    number: str
    party: str
    cause: str
    sort: str
    decided_on: str
    served_at: int | None = Field(default=None, sa_column=big(nullable=True))
    standing: str = Field(index=True)
    since: int = Field(sa_column=big())
    revoked_on: str
    ground: str


class ArchiveRow(SQLModel, table=True):
    """A sealed case file, and what became of it. ``kept_until`` is the last year of its retention,
    None for ever; days are ISO dates, empty where there is none."""

    __tablename__: ClassVar[str] = "view_archive"

    case_id: bytes = Field(primary_key=True)
    agency: str = Field(index=True)
    archive_no: str = Field(index=True)
    number: str
    party: str
    opened_at: int = Field(sa_column=big())
    archived_at: int = Field(sa_column=big())
    package: bytes
    size: int = Field(sa_column=big())
    retention: str
    documents: int
    pages: int
    media: int
    closed_at: int = Field(sa_column=big(index=True))
    title: str
    decision: str = ""
    fonds_no: str = ""
    catalogue_no: str = ""
    file_no: str = ""
    kept_until: int | None = None
    transferred_on: str = ""
    transferred_to: str = ""
    transferred_in: str = ""
    destroyed_at: int | None = Field(default=None, sa_column=big(nullable=True))


class RetrievalRow(SQLModel, table=True):
    """Somebody looked into a sealed file (调阅): who, for what, until when, how many files."""

    __tablename__: ClassVar[str] = "view_retrieval"

    record: bytes = Field(primary_key=True)
    case_id: bytes = Field(index=True)
    agency: str = Field(index=True)
    at: int = Field(sa_column=big())
    who: str
    unit: str
    purpose: str
    until_on: str
    archive_no: str
    party: str
    opened: int


METADATA: MetaData = SQLModel.metadata

POSITION = METADATA.tables["position"]
CASE = METADATA.tables["view_case"]
DOCUMENT = METADATA.tables["view_document"]
DISCLOSURE = METADATA.tables["view_disclosure"]
DUE = METADATA.tables["view_due"]
ARCHIVE = METADATA.tables["view_archive"]
RETRIEVAL = METADATA.tables["view_retrieval"]

VIEWS = (
    "position",
    "view_case",
    "view_document",
    "view_disclosure",
    "view_due",
    "view_archive",
    "view_retrieval",
)
"""``fulltext.py`` has an index of its own beside these."""

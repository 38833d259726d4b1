"""What this server keeps of the upper level that it reports to. Private state: a receipt is proof
by itself, and what was reported is in the log.
"""

from typing import ClassVar

from sqlmodel import Field, SQLModel

from sync_server.store.columns import big


class UpstreamRow(SQLModel, table=True):
    """The upper level that this server pushes to (``sync_server/upstream/``), one row at most:
    where it is, whom to believe there, and how far it is. ``note`` is the newest head of its log
    that was verified, ``halted`` why nothing is sent, ``trouble`` what failed last. ``agency``
    is the one that it admitted, empty where an older acceptance did not say."""

    __tablename__: ClassVar[str] = "upstream"

    origin: str = Field(primary_key=True)
    name: str
    address: str
    log_keys: str
    office: str
    device: str
    journal: bytes
    acknowledged: int = Field(default=0, sa_column=big())
    cursor: int = Field(default=0, sa_column=big())
    note: bytes = b""
    halted: str = ""
    trouble: str = ""
    heard_at: int = Field(default=0, sa_column=big())
    agency: str = ""


class UpstreamReceiptRow(SQLModel, table=True):
    """What the upper level's log proves of a record that was reported to it: its receipt."""

    __tablename__: ClassVar[str] = "upstream_receipt"

    record_hash: bytes = Field(primary_key=True)
    origin: str
    receipt: str
    at: int = Field(sa_column=big())


class UpstreamTextRow(SQLModel, table=True):
    """A public text that the upper level said it has whole."""

    __tablename__: ClassVar[str] = "upstream_text"

    sha256: bytes = Field(primary_key=True)
    origin: str = Field(primary_key=True)

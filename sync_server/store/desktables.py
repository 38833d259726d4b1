"""What lies on the publisher's desk: drafts and the public's requests. Private state: a draft is no
fact before a second person confirmed it, and a request is nobody's business before and after it
was answered, but for the answer, which is a record.
"""

from typing import ClassVar

from sqlalchemy import Column, LargeBinary
from sqlmodel import Field, SQLModel

from sync_server.store.columns import big


class DraftRow(SQLModel, table=True):
    """Statements that one person signed and a second is to sign; ``envelopes`` is their msgpack,
    ``returned`` why the second one sent it back. One for each decision, the last that was saved."""

    __tablename__: ClassVar[str] = "disclosure_draft"

    issued: bytes = Field(primary_key=True)
    case_id: bytes
    agency: str = Field(index=True)
    account: str
    saved_at: int = Field(sa_column=big())
    envelopes: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    returned: str = ""
    returned_by: str = ""


class PublicRequestRow(SQLModel, table=True):
    """What somebody outside asked. ``token`` is what only that person has, hashed; ``answer`` is
    the record that answered, None until then; ``erased_at`` is when name and contact went.
    ``sender`` stands for the address, for an hour."""

    __tablename__: ClassVar[str] = "public_request"

    number: str = Field(primary_key=True)
    agency: str = Field(index=True)
    kind: str
    issued: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    name: str
    contact: str
    words: str
    salt: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    token: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    at: int = Field(sa_column=big(index=True))
    answer: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    answered_at: int | None = Field(default=None, sa_column=big(nullable=True))
    sender: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    erased_at: int | None = Field(default=None, sa_column=big(nullable=True))


DRAFT = SQLModel.metadata.tables["disclosure_draft"]
REQUEST = SQLModel.metadata.tables["public_request"]

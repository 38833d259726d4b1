"""Exports that somebody of the office handed in by a page. Private state: who brought which file,
and what came of it. What it brought stands in the log.
"""

from typing import ClassVar

from sqlalchemy import Column, LargeBinary
from sqlmodel import Field, SQLModel

from sync_server.store.columns import big


class HandInRow(SQLModel, table=True):
    """One file. ``state`` is waiting, done or refused; ``came`` is what came of it (JSON,
    ``devices/handin.py``), ``fault`` why it was refused, or has no answer
    (``words.kept``); ``tries`` counts how often it was taken up and the server did not end in
    order."""

    __tablename__: ClassVar[str] = "hand_in"

    number: str = Field(primary_key=True)
    agency: str = Field(index=True)
    account: str
    at: int = Field(sa_column=big())
    name: str
    size: int = Field(sa_column=big())
    sha256: bytes
    state: str = "waiting"
    tries: int = 0
    device: str = ""
    came: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    fault: str = ""
    ended_at: int | None = Field(default=None, sa_column=big(nullable=True))

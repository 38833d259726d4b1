"""What waits for a commit of the log. Private state: gone as soon as that has come, or failed."""

from typing import ClassVar

from sqlalchemy import BigInteger, Column, LargeBinary
from sqlmodel import Field, SQLModel


class StaffWaitingRow(SQLModel, table=True):
    """A person's account and wrapped key, from before the log hears of the key until they are in
    their tables; ``rows`` is their msgpack, ``code`` the invitation's code that the key used up."""

    __tablename__: ClassVar[str] = "staff_waiting"

    public_key: bytes = Field(primary_key=True)
    code: str
    agency: str
    account: str = Field(index=True)
    rows: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    at: int = Field(sa_column=Column(BigInteger, nullable=False, autoincrement=False))

"""A column that holds a time in ms, a size in bytes or a place in the log: 64 bits everywhere."""

from sqlalchemy import BigInteger, Column, Integer


def big(*, key: bool = False, index: bool = False, nullable: bool = False) -> "Column[int]":
    """A column of whole numbers; as a ``key`` it is never counted up by the database itself."""
    return Column(BigInteger, primary_key=key, index=index, nullable=nullable, autoincrement=False)


def place() -> "Column[int]":
    """A key of 64 bits that is SQLite's own number of the row: found without an index."""
    whole = BigInteger().with_variant(Integer(), "sqlite")
    return Column(whole, primary_key=True, autoincrement=False)

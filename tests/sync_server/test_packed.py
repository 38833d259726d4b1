"""A column of a stretch is read as it was packed, or as nothing at all: never as something else."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_server.log.packed import UNREAD, Filed, packed, unpacked, unpacked_filed

PARTS = [b"", b"link", None, bytes(300)]
FILED = [Filed("case_opened", b"c" * 32, "agency", 1 << 41), None, UNREAD]

parts = st.lists(st.none() | st.binary(max_size=40))
filings = st.lists(
    st.none()
    | st.builds(
        Filed, st.text(max_size=9), st.none() | st.binary(), st.text(max_size=9), st.integers(0, 9)
    )
)


@given(parts, filings)
def test_what_is_packed_is_unpacked(some: list[bytes | None], said: list[Filed | None]) -> None:
    assert unpacked(packed(some), len(some)) == some
    assert unpacked_filed(packed(said), len(said)) == said


@pytest.mark.parametrize("count", [5, 2, 0])
def test_a_column_of_another_length_is_not_read(count: int) -> None:
    """Its values would stand at places of others."""
    assert unpacked(packed(PARTS), count) == [None] * count
    assert unpacked_filed(packed(FILED), count) == [None] * count


def test_a_column_that_was_not_asked_for_is_empty() -> None:
    assert unpacked(None, 2) == unpacked_filed(None, 2) == [None, None]


@pytest.mark.parametrize(
    "column",
    [
        b"",
        b"\xc1",
        b"\xc0",
        b"\x80",
        b"\x02",
        packed("ab"),
        packed(["a", "b"]),
        packed([b"a", 7]),
        packed([[b"a"], b"b"]),
        packed([("kind", None, "agency", "1"), None]),
        packed([("kind", None, "agency"), None]),
        packed([("kind", "case", "agency", 1), None]),
        packed([("kind", None, "agency", 1 << 63, 2), None]),
        b"\x92" + b"\xa2\xff\xfe" * 2,
        b"\x92\x94\xa2\xff\xfe\xc0\xa1a\x01\xc0",
        b"\xdd\xff\xff\xff\xff\xc0",
        b"\xc6\xff\xff\xff\xff\xc0",
        b"\x91" * 100_000,
        packed([b"a", None]) + b"\xc0",
    ],
    ids=lambda column: column[:12].hex() or "nothing",
)
def test_what_no_program_packed_is_read_as_nothing(column: bytes) -> None:
    assert unpacked(column, 2) == [None, None]
    assert unpacked_filed(column, 2) == [None, None]


@given(st.binary(max_size=60), st.integers(0, 3))
def test_whatever_the_bytes_reading_them_raises_nothing(column: bytes, count: int) -> None:
    for found in (unpacked(column, count), unpacked_filed(column, count)):
        assert len(found) == count


@pytest.mark.parametrize("values", [PARTS, FILED], ids=["parts", "filed"])
def test_one_bit_that_turned_raises_nothing(values: list[object]) -> None:
    """Wherever it is; what is read of it then has the same number of places."""
    whole, count = packed(values), len(values)
    read = unpacked if values is PARTS else unpacked_filed
    for place in range(8 * len(whole)):
        rotten = bytearray(whole)
        rotten[place // 8] ^= 1 << place % 8
        found = read(bytes(rotten), count)
        assert len(found) == count
        assert all(one is None or isinstance(one, bytes | Filed) for one in found)


def test_a_filing_is_kept_as_four_values() -> None:
    """The form that databases have, whatever becomes of the class."""
    assert msgspec.msgpack.decode(packed(FILED)) == [
        ["case_opened", b"c" * 32, "agency", 1 << 41],
        None,
        ["", None, "", 0],
    ]

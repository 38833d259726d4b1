"""Every bit of everything that proves something, turned, one at a time: refused, or named here
as a bit that says nothing.

What is proved by a target of ``tests/fuzzing`` is flipped here, so that a new format is guarded
from the day that it is hunted. Long ones have one bit of each byte turned, a different one each
time. The case file's own bytes are turned in ``tests/protocol/test_casefile.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from protocol.errors import FujieError
from tests.fuzzing.catalogue import targets
from tests.fuzzing.target import Judge, Target

PROOFS = {target.name: target for target in targets() if target.proves}
MOST_FLIPS, SLOW = 8_000, 40

Free = Callable[[bytes, int, int], bool]
"""Whether the bit of this value of the byte at this place may be turned."""


def _case_of_a_letter(good: bytes, place: int, bit: int) -> bool:
    return bit == 0x20 and chr(good[place]).isalpha()


def _request_line_by_line(good: bytes, place: int, bit: int) -> bool:
    """HTTP does not distinguish the case of field names and of the host (RFC 9110 §4.2.3, §5.1)."""
    before = good[:place].rpartition(b"\r\n")[2]
    headers = good[:place].count(b"\r\n") > 0 and b"\r\n\r\n" not in good[:place]
    name = headers and b":" not in before
    host = before.startswith(b"Host: ")
    return (name or host) and _case_of_a_letter(good, place, bit)


def _answer_line_by_line(good: bytes, place: int, bit: int) -> bool:
    """The case of field names."""
    name = b":" not in good[:place].rpartition(b"\n")[2]
    return name and _case_of_a_letter(good, place, bit)


def _host_of_an_address(good: bytes, place: int, bit: int) -> bool:
    """Tablets read codes of every host and believe signatures, not addresses."""
    changed = chr(good[place] ^ bit)
    host = good.index(b"://") + 3 <= place < good.index(b"/", 9)
    return host and changed in "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:/"


def _letters_of_a_tuf_signature(good: bytes, place: int, bit: int) -> bool:
    """python-tuf reads hex in either case; a signature's own letters sign nothing."""
    value = good[:place].rpartition(b'"')[0].endswith(b'"sig":')
    return value and _case_of_a_letter(good, place, bit)


FREE: dict[str, Free] = {
    "tuf repository on a stick": _letters_of_a_tuf_signature,
    "signed request": _request_line_by_line,
    "signed answer": _answer_line_by_line,
    "card, proved": _host_of_an_address,
    "document address": _host_of_an_address,
}


def flips(target: Target) -> Iterator[tuple[int, int, bytes]]:
    """Place, bit and bytes; every bit, or one of each byte where there are too many, or one of
    some bytes where a single one costs milliseconds (python-tuf's own tests do the rest)."""
    data, most = target.seeds[0], MOST_FLIPS * 10 // max(10, target.slow)
    whole = len(data) * 8 <= MOST_FLIPS and target.slow == 1
    step = -(-len(data) // most) if target.slow > SLOW else 1
    for place in range(0, len(data), step):
        for bit in range(8) if whole else (place % 8,):
            yield place, 1 << bit, _turned(data, place, 1 << bit)


def _turned(data: bytes, place: int, bit: int) -> bytes:
    return data[:place] + bytes([data[place] ^ bit]) + data[place + 1 :]


def proved(target: Target, data: bytes) -> bool:
    """Whether anything is proved by ``data``; a case file that does not hold says False."""
    try:
        return target.parse(data) is not False
    except FujieError:
        return False


@pytest.mark.parametrize("name", PROOFS)
def test_every_flipped_bit_is_refused(name: str) -> None:
    """What may stay equal is named in ``FREE``; for all others that is nothing."""
    target, judge = PROOFS[name], Judge(PROOFS[name])
    good, free = target.seeds[0], FREE.get(name, lambda *_: False)
    wrong = []
    for place, bit, turned in flips(target):
        if finding := judge.attempt(turned):
            wrong.append((place, bit, finding.fault))
        elif proved(target, turned) and not free(good, place, bit):
            wrong.append((place, bit, f"taken: {turned[max(0, place - 20) : place + 20]!r}"))
    assert wrong == []


@pytest.mark.parametrize("name", PROOFS)
def test_every_beginning_is_refused(name: str) -> None:
    target = PROOFS[name]
    good = target.seeds[0]
    step = max(1, len(good) * target.slow // 2000)
    assert [size for size in range(0, len(good), step) if proved(target, good[:size])] == []


@pytest.mark.parametrize("name", sorted(FREE))
def test_what_is_free_is_free(name: str) -> None:
    """The list above says no more than what is so: some bit that it names may be turned."""
    target, free = PROOFS[name], FREE[name]
    good = target.seeds[0]
    named = (n for n in range(len(good) * 8) if free(good, n // 8, 1 << n % 8))
    assert any(proved(target, _turned(good, n // 8, 1 << n % 8)) for n in named)


@pytest.mark.parametrize("name", ["link", "entry", "envelope (msgpack)"])
def test_a_form_that_proves_nothing_alone_never_reads_two_strings_as_one_value(name: str) -> None:
    """Every flipped bit is refused or makes another value, so another hash."""
    target = next(one for one in targets() if one.name == name)
    good = target.seeds[0]
    meant = target.parse(good)
    for _, _, turned in flips(target):
        try:
            assert target.parse(turned) != meant
        except FujieError:
            continue

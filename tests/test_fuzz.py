"""A short, fixed walk through what ``make fuzz`` does at random for as long as one likes."""

from __future__ import annotations

from tests.fuzz import Target, attempt, findings


def test_no_parser_breaks_on_broken_bytes_and_no_proof_proves_something_else() -> None:
    found = [finding for finding in findings(iter(range(60)), seed=20261118) if finding]
    assert found == []


def test_the_search_sees_a_crash_and_a_false_proof() -> None:
    crash = Target("crash", b"x", lambda data: data[5])
    forged = Target("forged", b"x", lambda data: data, proves=True)
    assert attempt(crash, b"", None)
    assert attempt(forged, b"y", b"x")
    assert attempt(forged, b"x", b"x") is None

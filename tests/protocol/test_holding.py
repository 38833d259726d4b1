"""What a device says it holds, against what the centre has; each finding and its absence."""

from __future__ import annotations

import pytest

from protocol import envelope, statements
from protocol.findings import CODES, DeviceFacts, examine
from tests.protocol.test_findings import HOUR, LAST, MORNING, WHOLE, shelf, shen

NEWEST = "fujie-field/0.3"
DAY = 24 * HOUR


def found(facts: DeviceFacts) -> list[str]:
    return [finding.code for finding in examine(facts).findings]


def test_receipts_for_records_that_the_centre_does_not_hold_are_found() -> None:
    """The centre was set back: the device has receipts for two records more than there are."""
    fewer = shelf(LAST - 1)
    report = examine(fewer.facts(inventory=WHOLE.inventory()))
    codes = [one.code for one in report.findings]
    assert codes[0] == "receipts_lost"
    assert not report.complete
    assert "2条" in report.findings[0].zh
    still_unsent = fewer.facts(inventory=WHOLE.inventory(unsent=2, oldest_unsent_at=MORNING))
    assert "receipts_lost" not in found(still_unsent)


def test_a_head_that_the_log_signed_and_does_not_have_is_found_for_ever() -> None:
    """Its evidence is the checkpoint itself, whatever the log holds by now."""
    note = "log.yunxi.example/fujie\n112\nrootrootroot\n\n— log.yunxi.example/fujie signature\n"
    said = WHOLE.inventory(checkpoint=note, checkpoint_size=112)
    signed = envelope.sign(envelope.STATEMENT_TYPE, statements.encode(said), [shen])
    facts = WHOLE.facts(doubted=[(MORNING, envelope.encode(signed))])
    (one,) = examine(facts).findings
    assert (one.code, one.since, CODES[one.code]) == ("log_set_back", MORNING, False)
    assert {"112", "rootrootroot", note} <= {fact.value for fact in one.evidence}
    assert found(WHOLE.facts(doubted=[(MORNING, b"nonsense")])) == []


@pytest.mark.parametrize(
    ("free", "disk", "codes"),
    [(1 << 30, 1 << 36, ["low_space"]), (1 << 33, 1 << 36, []), (1 << 30, 0, [])],
    ids=["full", "room", "an older program, which does not say"],
)
def test_a_tablet_without_room_is_found(free: int, disk: int, codes: list[str]) -> None:
    told = WHOLE.inventory(free_bytes=free, disk_bytes=disk)
    report = examine(WHOLE.facts(inventory=told))
    assert [one.code for one in report.findings] == codes
    assert report.complete


@pytest.mark.parametrize(
    ("program", "codes"),
    [
        ("fujie-field/0.1", ["old_program"]),
        ("fujie-field 0.2.9", ["old_program"]),
        (NEWEST, []),
        ("fujie-field/0.10", []),
        ("another program", []),
    ],
)
def test_an_old_program_is_found(program: str, codes: list[str]) -> None:
    """By its number, not by its letters."""
    told = WHOLE.inventory(program=program)
    assert found(WHOLE.facts(inventory=told, program=NEWEST)) == codes


def test_reference_data_that_stay_old_over_contacts_are_found() -> None:
    """Those of a day's grace are not: the contact itself brings the newer ones."""
    at = MORNING + 2 * HOUR
    assert found(WHOLE.facts(reference=(5, at - 2 * DAY))) == ["old_reference"]
    assert found(WHOLE.facts(reference=(5, at - HOUR))) == []
    assert found(WHOLE.facts(reference=(4, at - 9 * DAY))) == []


def test_a_device_of_which_nothing_was_heard_is_said_to_be_silent_and_nothing_else() -> None:
    facts = WHOLE.facts(inventory=None, contacted_at=None, program=NEWEST, reference=(9, 0))
    assert found(facts) == ["silent_device"]

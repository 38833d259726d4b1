"""An integrity report names what is missing, with evidence, and claims nothing else."""

import hashlib
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import envelope, statements
from protocol.case import blobs_of
from protocol.chain import EMPTY, NO_CASE, ZERO_HASH, Head, Link, advance, decode_link
from protocol.findings import (
    CODES,
    DeviceFacts,
    RetiredKey,
    Severity,
    StandingChange,
    examine,
)
from protocol.findings.finding import gaps, numbered, runs
from protocol.keys import Ed25519Signer
from protocol.receipt import Entry, Reason, Verdict
from protocol.statements import DeviceInventory, Statement
from protocol.vocabulary import Standing
from tests.protocol import yunxi
from tests.protocol.yunxi import MORNING

JOURNAL = b"J" * 16
MINUTE = 60_000
HOUR = 60 * MINUTE
shen, lu = Ed25519Signer(b"s" * 32), Ed25519Signer(b"l" * 32)


class Shelf:
    """A server's rows for one device, with real signatures and hashes."""

    def __init__(self) -> None:
        self.links: dict[int, bytes] = {}
        self.entries: list[tuple[int, bytes]] = []
        self.envelopes: dict[bytes, bytes] = {}
        self.blobs: set[str] = set()
        self.head = EMPTY

    def add(self, statement: Statement, received_at=None, reasons=(), **link_facts) -> bytes:
        signed = envelope.sign(envelope.STATEMENT_TYPE, statements.encode(statement), [shen, lu])
        record = envelope.record_hash(signed)
        link = Link(
            JOURNAL,
            self.head.length,
            self.head.hash if self.head.length else ZERO_HASH,
            record,
            NO_CASE,
            4,
            statement.at,
            b"B" * 16,
            1000,
            MORNING - HOUR,
        )._replace(**link_facts)
        self.head = advance(self.head, link)
        self.links[link.sequence] = link.encode()
        if Reason.STATEMENT_ABSENT not in reasons:
            self.envelopes[record] = envelope.encode(signed)
        verdict = Verdict.FLAGGED if reasons else Verdict.ACCEPTED
        at = received_at or MORNING + 2 * HOUR
        entry = Entry(link.hash(), record, at, verdict, tuple(reasons))
        self.entries.append((100 + 3 * link.sequence, entry.encode()))
        self.blobs |= {blob.sha256 for blob in blobs_of(statement)}
        return record

    def inventory(self, **facts) -> DeviceInventory:
        kept = {
            "journal": JOURNAL.hex(),
            "length": self.head.length,
            "head": self.head.hash.hex(),
            "unsent": 0,
            "oldest_unsent_at": None,
            "blobs_outstanding": 0,
            "bytes_outstanding": 0,
            "free_bytes": 1 << 30,
            "boot": "42" * 16,
            "monotonic": 5000,
            "checkpoint_size": 0,
            "reference_version": 4,
            "program": "fujie-field 0.1.0",
        }
        return DeviceInventory(**yunxi.common(MORNING + 2 * HOUR), **(kept | facts))

    def facts(self, **changed) -> DeviceFacts:
        kept = {
            "device": "YX-T07",
            "journal": JOURNAL,
            "now": MORNING + 3 * HOUR,
            "links": self.links,
            "entries": self.entries,
            "envelopes": self.envelopes,
            "blobs_held": self.blobs,
            "blobs_stated": self.blobs,
            "admitted": self.head,
            "inventory": self.inventory(),
            "contacted_at": MORNING + 2 * HOUR,
            "log_size": 200,
        }
        return DeviceFacts(**(kept | changed))


def shelf(count=9) -> Shelf:
    made = Shelf()
    for record in yunxi.whole_inspection().records[:count]:
        made.add(record.statement)
    return made


WHOLE = shelf()
LAST = len(WHOLE.links) - 1


def codes(facts: DeviceFacts) -> list[str]:
    return [finding.code for finding in examine(facts).findings]


def without(mapping, key):
    return {one: value for one, value in mapping.items() if one != key}


def test_of_a_complete_device_nothing_is_claimed():
    """Everything stated is here and holds: complete, no finding, and the counts say so."""
    report = examine(WHOLE.facts())
    assert report.complete
    assert report.findings == ()
    assert report.severity is None
    assert (report.expected, report.links, report.entries, report.statements) == (9, 9, 9, 9)
    assert report.blobs == len(WHOLE.blobs)


def test_an_enrolled_device_without_records_is_complete():
    """An empty journal that was reported as such lacks nothing."""
    assert examine(Shelf().facts()).complete


# ── one row taken away ───────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("sequence", range(LAST + 1))
def test_a_link_taken_away_is_found_with_its_neighbours(sequence):
    """The gap is named, with the hashes beside it and the log's word that it was received."""
    report = examine(WHOLE.facts(links=without(WHOLE.links, sequence)))
    assert [one.code for one in report.findings] == ["link_missing"]
    finding = report.findings[0]
    assert not report.complete
    assert finding.severity is Severity.ACT
    assert f"{sequence:04}号" in finding.zh
    assert finding.en.startswith("1 record missing: "), "one is counted as one"
    assert "中心收过" in finding.zh
    values = " ".join(one.value for one in finding.evidence)
    gone = hashlib.sha256(WHOLE.links[sequence]).hexdigest()
    assert gone in values
    assert f"#{100 + 3 * sequence}" in values
    for beside in (sequence - 1, sequence + 1):
        if beside in WHOLE.links:
            assert hashlib.sha256(WHOLE.links[beside]).hexdigest() in values


@pytest.mark.parametrize("sequence", range(LAST + 1))
def test_an_entry_taken_away_is_found(sequence):
    """A link that no entry admits is named, with the log's places beside it."""
    rest = [one for n, one in enumerate(WHOLE.entries) if n != sequence]
    report = examine(WHOLE.facts(entries=rest, checkpoint_ok=False))
    assert {one.code for one in report.findings} == {"entry_missing", "log_inconsistent"}
    finding = next(one for one in report.findings if one.code == "entry_missing")
    assert f"{sequence:04}号" in finding.zh
    named = {one.value for one in finding.evidence}
    assert hashlib.sha256(WHOLE.links[sequence]).hexdigest() in named


def test_an_entry_that_admits_another_record_is_found():
    """A link's entry must name the link's record too."""
    entry = Entry.decode(WHOLE.entries[3][1])
    other = msgspec.structs.replace(entry, record_hash=b"x" * 32).encode()
    entries = [*WHOLE.entries[:3], (109, other), *WHOLE.entries[4:]]
    assert codes(WHOLE.facts(entries=entries)) == ["entry_missing"]


@pytest.mark.parametrize("sequence", range(LAST + 1))
def test_a_statement_taken_away_is_found(sequence):
    """A link whose record is gone is named with the record's id."""
    record = list(WHOLE.envelopes)[sequence]
    report = examine(WHOLE.facts(envelopes=without(WHOLE.envelopes, record)))
    assert [one.code for one in report.findings] == ["statement_missing"]
    assert f"{sequence:04}号" in report.findings[0].zh
    assert record.hex() in {one.value for one in report.findings[0].evidence}
    assert report.statements == LAST


@pytest.mark.parametrize("gone", sorted(WHOLE.blobs))
def test_a_blob_taken_away_is_found(gone):
    """A file that a record names and that is gone is named by its hash."""
    report = examine(WHOLE.facts(blobs_held=WHOLE.blobs - {gone}))
    assert [one.code for one in report.findings] == ["blob_missing"]
    assert gone in {one.value for one in report.findings[0].evidence}
    assert "yes" in report.findings[0].evidence[-1].value


def test_a_run_of_links_is_one_finding():
    """Three links in a row make one finding, two apart make two."""

    def left(*gone):
        return {n: link for n, link in WHOLE.links.items() if n not in gone}

    run = examine(WHOLE.facts(links=left(3, 4, 5))).findings
    assert [one.zh[:5] for one in run] == ["缺3条记录"]
    assert "0003至0005号" in run[0].zh
    assert run[0].en.startswith("3 records missing: ")
    assert codes(WHOLE.facts(links=left(1, 7))) == ["link_missing", "link_missing"]


def test_links_that_never_arrived_are_told_apart():
    """A gap of which the log knows nothing did not reach the centre; the device should send."""
    facts = WHOLE.facts(links=without(WHOLE.links, 4), entries=WHOLE.entries[:4])
    finding = examine(replace(facts, entries=WHOLE.entries[:4] + WHOLE.entries[5:])).findings[0]
    assert "没有到达中心" in finding.zh
    assert "补传" in finding.remedy_zh


@given(st.data())
def test_any_changed_byte_of_any_row_is_found(data):
    """A flipped bit in a link, entry or envelope makes at least one finding to act on."""
    table = data.draw(st.sampled_from(["links", "entries", "envelopes"]))
    rows = getattr(WHOLE, table)
    items = list(rows) if table == "entries" else list(rows.items())
    place = data.draw(st.integers(0, len(items) - 1))
    key, old = items[place]
    at = data.draw(st.integers(0, len(old) - 1))
    new = old[:at] + bytes([old[at] ^ (1 << data.draw(st.integers(0, 7)))]) + old[at + 1 :]
    items[place] = (key, new)
    changed = items if table == "entries" else dict(items)
    # An entry's time and verdict are covered by the log's root alone.
    report = examine(WHOLE.facts(**{table: changed}, checkpoint_ok=table != "entries"))
    assert not report.complete
    assert report.severity is Severity.ACT


def test_a_row_that_cannot_be_read_counts_as_missing():
    """Garbage in place of a link, entry or envelope is found, and nothing is raised."""
    assert codes(WHOLE.facts(links=WHOLE.links | {3: b"?"})) == ["link_missing"]
    record = list(WHOLE.envelopes)[3]
    assert codes(WHOLE.facts(envelopes=WHOLE.envelopes | {record: b"?"})) == ["statement_damaged"]
    entries = [*WHOLE.entries[:3], (109, b"?"), *WHOLE.entries[4:]]
    assert codes(WHOLE.facts(entries=entries)) == ["entry_missing"]


def test_an_envelope_under_a_wrong_record_is_damaged():
    """A well-formed statement that is not the one linked to is found."""
    first, second = list(WHOLE.envelopes)[:2]
    swapped = WHOLE.envelopes | {first: WHOLE.envelopes[second]}
    assert codes(WHOLE.facts(envelopes=swapped)) == ["statement_damaged"]


# ── chain and heads ──────────────────────────────────────────────────────────────────────


def test_an_altered_link_breaks_the_chain():
    """A link with another wall clock no longer carries the one after it."""
    link = decode_link(WHOLE.links[3])
    altered = link._replace(wall_at=link.wall_at + 1).encode()
    found = codes(WHOLE.facts(links=WHOLE.links | {3: altered}))
    assert set(found) == {"chain_broken", "entry_missing"}


def test_two_links_in_each_others_place_are_found():
    """Links are checked against the place they are kept at."""
    swapped = WHOLE.links | {3: WHOLE.links[4], 4: WHOLE.links[3]}
    assert "chain_broken" in codes(WHOLE.facts(links=swapped))


def test_a_device_that_signed_another_end_is_found():
    """The signed inventory and the centre disagree on the last link."""
    told = WHOLE.inventory(head="ab" * 32)
    report = examine(WHOLE.facts(inventory=told))
    assert [one.code for one in report.findings] == ["head_mismatch"]
    assert "ab" * 32 in {one.value for one in report.findings[0].evidence}


def test_a_device_that_was_set_back_is_found():
    """A device that now says fewer links than it had sent before was restored to an old state."""
    told = shelf(5).inventory()
    facts = WHOLE.facts(inventory=told, contacted_at=MORNING + 2 * HOUR + 1)
    assert codes(facts) == ["head_mismatch"]
    # Links that were received after the inventory are no contradiction.
    assert codes(replace(facts, contacted_at=MORNING + HOUR)) == ["clock_skew"]


def test_a_changed_head_at_the_centre_is_found():
    """The server's own copy of the head is compared with its links."""
    assert codes(WHOLE.facts(admitted=Head(9, b"x" * 32))) == ["head_mismatch"]
    assert codes(WHOLE.facts(admitted=Head(8, WHOLE.head.hash))) == ["head_mismatch"]


# ── the device ───────────────────────────────────────────────────────────────────────────


def test_what_the_device_still_holds_is_unsent_and_not_missing():
    """Links past the admitted head are on the device: to watch, with the oldest one's time."""
    part = shelf(6)
    told = WHOLE.inventory(unsent=3, oldest_unsent_at=MORNING + 7 * MINUTE)
    report = examine(part.facts(inventory=told))
    assert [one.code for one in report.findings] == ["unsent"]
    assert report.findings[0].zh == "3条记录还在设备上没有上传，最早11月18日 09:07。"
    assert report.findings[0].severity is Severity.WATCH
    assert not report.complete


def test_a_blob_under_way_is_unsent_and_not_missing():
    """While the device says that files are outstanding, a file not yet here is no loss."""
    gone = sorted(WHOLE.blobs)[0]
    facts = WHOLE.facts(
        blobs_held=WHOLE.blobs - {gone},
        blobs_stated=WHOLE.blobs - {gone},
        inventory=WHOLE.inventory(blobs_outstanding=1),
    )
    assert codes(facts) == ["unsent"]
    assert codes(replace(facts, inventory=WHOLE.inventory())) == ["blob_missing"]


def test_an_old_count_of_files_claims_nothing():
    """An inventory taken before the upload does not make arrived files unsent."""
    assert codes(WHOLE.facts(inventory=WHOLE.inventory(blobs_outstanding=4))) == []


def test_a_damaged_blob_is_found():
    """Bytes that no longer have their hash are named, whether or not they are held."""
    bad = sorted(WHOLE.blobs)[:1]
    assert codes(WHOLE.facts(blobs_damaged=bad)) == ["blob_damaged"]


def test_a_silent_device_is_found_after_the_agencys_time():
    """Seven days by default; a device that never reported cannot be called complete."""
    week = 7 * 24 * HOUR
    at = MORNING + 2 * HOUR
    assert codes(WHOLE.facts(now=at + week)) == []
    report = examine(WHOLE.facts(now=at + week + 1))
    assert [one.code for one in report.findings] == ["silent_device"]
    assert report.findings[0].since == at
    never = examine(WHOLE.facts(inventory=None, contacted_at=None))
    assert [one.code for one in never.findings] == ["silent_device"]
    assert not never.complete


@pytest.mark.parametrize(
    ("facts", "word"),
    [
        ({"received_at": MORNING - HOUR}, "快"),
        ({"server_at": MORNING + 10 * HOUR, "received_at": MORNING + 11 * HOUR}, "慢"),
    ],
)
def test_a_wrong_clock_is_found(facts, word):
    """Dated after it was received: fast; before the server time it had verified: slow."""
    made = shelf()
    made.add(yunxi.show_cards(), **facts)
    report = examine(made.facts())
    assert [one.code for one in report.findings] == ["clock_skew"]
    assert f"时钟{word}" in report.findings[0].zh
    assert report.complete


def test_a_clock_within_the_bound_is_fine():
    """Five minutes either way are not a finding."""
    made = shelf()
    late = yunxi.changed(yunxi.show_cards(), at=MORNING + 2 * HOUR + 5 * MINUTE)
    made.add(late)
    assert codes(made.facts()) == []


# ── the log and the officers ─────────────────────────────────────────────────────────────


def test_flagged_records_are_named_by_reason():
    """What was admitted with a reservation is listed, and the journal is still complete."""
    made = shelf()
    made.add(yunxi.show_cards(), reasons=(Reason.BAD_SIGNATURE,))
    made.add(yunxi.show_cards(yunxi.SHEN), reasons=(77,))
    report = examine(made.facts())
    assert [one.code for one in report.findings] == ["flagged", "flagged"]
    assert "签名无效" in report.findings[0].zh
    assert "原因77" in report.findings[1].zh
    assert report.complete


def test_a_statement_held_back_is_flagged_and_not_missing():
    """A link that travelled alone says so in its entry; nothing was lost at the centre."""
    made = shelf()
    made.add(yunxi.show_cards(), reasons=(Reason.STATEMENT_ABSENT,))
    assert codes(made.facts()) == ["flagged"]


@pytest.mark.parametrize(
    ("at", "key", "found"),
    [
        (MORNING, shen, ["uncertain_standing"]),
        (MORNING - HOUR, shen, []),
        (MORNING + 2 * HOUR, shen, ["uncertain_standing"]),
        (MORNING + 2 * HOUR + 1, shen, []),
        (MORNING, Ed25519Signer(b"x" * 32), []),
    ],
)
def test_a_standing_that_changed_in_between_is_uncertain(at, key, found):
    """Only acts of that officer whose interval holds the change are named."""
    change = StandingChange(
        yunxi.SHEN, "沈知远", frozenset({key.verifier.key_id}), at, Standing.SUSPENDED
    )
    assert codes(WHOLE.facts(changes=[change])) == found


@pytest.mark.parametrize(
    ("at", "key", "found"),
    [
        (MORNING - HOUR, shen, ["retired_key"]),
        (MORNING, shen, ["uncertain_key"]),
        (MORNING + 2 * HOUR, shen, ["uncertain_key"]),
        (MORNING + 2 * HOUR + 1, shen, []),
        (MORNING - HOUR, Ed25519Signer(b"x" * 32), []),
    ],
)
def test_a_signature_by_a_retired_key_counts_by_when_it_was_made(at, key, found):
    """Before the key was retired it stands; surely afterwards it is to be acted on; where the
    interval holds that time nobody knows. The journal is as complete as ever."""
    key = RetiredKey(yunxi.SHEN, "沈知远", key.verifier.key_id, at)
    facts = WHOLE.facts(retired=[key])
    assert codes(facts) == found
    assert examine(facts).complete


# ── words ────────────────────────────────────────────────────────────────────────────────


def test_what_is_to_act_on_comes_first_and_says_what_to_do():
    """Findings to act on come before those to watch; each has words and a remedy."""
    made = shelf()
    made.add(yunxi.show_cards(), reasons=(Reason.MALFORMED,), server_at=MORNING + 10 * HOUR)
    change = StandingChange(
        yunxi.SHEN, "沈知远", frozenset({shen.verifier.key_id}), MORNING, Standing.CANCELLED
    )
    record = list(made.envelopes)[2]
    report = examine(
        made.facts(
            links=without(made.links, 1),
            envelopes=without(made.envelopes, record),
            changes=[change],
            checkpoint_ok=False,
            inventory=made.inventory(length=12, head="ab" * 32),
            now=MORNING + 400 * HOUR,
        )
    )
    severities = [one.severity for one in report.findings]
    assert severities == sorted(severities)
    assert len(set(severities)) == 2
    for one in report.findings:
        assert one.code in CODES
        assert all((one.zh, one.en, one.rule, one.remedy_zh, one.remedy_en))
        assert one.severity.zh in ("要处理", "留意")


@given(st.sets(st.integers(0, 60)))
def test_runs_cover_exactly_the_numbers(numbers):
    """Runs are disjoint, in order, apart from one another, and hold each number once."""
    found = list(runs(numbers))
    assert [n for first, last in found for n in range(first, last + 1)] == sorted(numbers)
    assert all(one[1] + 1 < two[0] for one, two in pairwise(found))


def test_long_lists_are_cut():
    """A report lists the first twenty numbers and says how many there are."""
    assert numbered([1, 2]) == "0001、0002"
    assert numbered(list(range(30))).endswith("……（30）")


def test_the_document_lists_every_code():
    """The table of docs/protocol.md says of each code whether the journal is still complete."""
    text = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    for code, complete in CODES.items():
        row = next(one for one in rows if one.startswith(f"| `{code}` |"))
        assert row.endswith("| yes |" if complete else "| no |")


def test_a_forged_length_is_told_at_once_as_one_gap() -> None:
    """A row or head that claims 2^53 links costs no more than the links that are there."""
    assert list(gaps([0, 1, 3, 9], 7)) == [(2, 2), (4, 6)]
    assert list(gaps([], 0)) == []
    assert list(gaps([2, 0, 1], 3)) == []
    assert list(gaps([5], 1 << 53)) == [(0, 4), (6, (1 << 53) - 1)]

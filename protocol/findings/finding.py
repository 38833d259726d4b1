"""What a finding says, and the facts about one device (``facts.py``) as they are read."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from protocol import statements
from protocol.blobnames import blobs_wanted
from protocol.calendar import CHINA
from protocol.chain import Link, decode_link
from protocol.envelope import Envelope
from protocol.envelope import decode as decode_envelope
from protocol.errors import FujieError, Malformed
from protocol.findings.facts import DeviceFacts
from protocol.receipt import Entry
from protocol.statements import (
    BlobRef,
    Statement,
    Unknown,
)

LISTED = 20

# The whole course of enforcement is recorded and kept (APL 47).
RECORDED = "《行政处罚法》第四十七条"


class Severity(StrEnum):
    """Whether somebody has to act, or to keep an eye on it."""

    ACT = "act"
    WATCH = "watch"

    @property
    def zh(self) -> str:
        """The word on the report."""
        return "要处理" if self is Severity.ACT else "留意"

    @property
    def en(self) -> str:
        """The word in English."""
        return "act" if self is Severity.ACT else "watch"


@dataclass(frozen=True)
class Evidence:
    """One fact that bears a finding out: its name in two languages, and its value."""

    zh: str
    en: str
    value: str


@dataclass(frozen=True)
class Finding:
    """What is wrong, since when (ms, None when unknown), why that can be said, by what clause,
    and what to do about it.

    ``spans`` are the runs of the journal's numbers that it is about, ``subject`` tells it from
    others of its code where they do not. ``id`` (hex) stays the same as long as it is about the
    same; ``holders`` are the certificate numbers of the officers whom it concerns: ``examine``
    fills in both.
    """

    code: str
    severity: Severity
    zh: str
    en: str
    since: int | None
    evidence: tuple[Evidence, ...]
    rule: str
    remedy_zh: str
    remedy_en: str
    spans: tuple[tuple[int, int], ...] = ()
    subject: str = ""
    id: str = ""
    holders: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reading:
    """The facts, read: rows that cannot be read are as good as missing, and named."""

    facts: DeviceFacts

    def witnessed_at(self, index: int) -> int | None:
        """By when witnesses had seen the entry ``index`` of the log (ms), by their own clocks."""
        return min((at for size, at in self.facts.witnessed if size > index), default=None)

    @property
    def first(self) -> int:
        """The place of the first link that is looked through."""
        return self.facts.before.length if self.facts.before else 0

    def hash_at(self, sequence: int) -> bytes | None:
        """The hash of a held link, or of the last one that was looked through before."""
        before = self.facts.before
        if before is not None and sequence == before.length - 1:
            return before.head
        return self.hashes.get(sequence)

    @cached_property
    def links(self) -> dict[int, Link]:
        """The links that are held, by the place they are kept at."""
        read = {}
        for sequence, data in sorted(self.facts.links.items()):
            try:
                read[sequence] = decode_link(data)
            except Malformed:
                continue
        return read

    @cached_property
    def hashes(self) -> dict[int, bytes]:
        """The hash of each held link."""
        return {sequence: link.hash() for sequence, link in self.links.items()}

    @cached_property
    def entries(self) -> dict[bytes, tuple[int, Entry]]:
        """Index and entry by the link hash that the entry names."""
        read = {}
        for index, data in self.facts.entries:
            try:
                entry = Entry.decode(data)
            except Malformed:
                continue
            read[entry.link_hash] = (index, entry)
        return read

    @cached_property
    def length(self) -> int:
        """How many links there must be: as many as were admitted, or as the last one says."""
        admitted = self.facts.admitted.length if self.facts.admitted else 0
        return max(admitted, max(self.links, default=-1) + 1, self.first)

    def expected(self, sequence: int) -> bytes | None:
        """The hash that link ``sequence`` must have, as the next link or a head says."""
        following = self.links.get(sequence + 1)
        if following is not None:
            return following.previous
        admitted, told = self.facts.admitted, self.facts.inventory
        if admitted is not None and admitted.length == sequence + 1:
            return admitted.hash
        if told is not None and told.length == sequence + 1:
            return bytes.fromhex(told.head)
        return None

    def entry_of(self, sequence: int) -> tuple[int, Entry] | None:
        """The log's entry of a link, held or not, where its hash is known."""
        named = self.hash_at(sequence) or self.expected(sequence)
        return self.entries.get(named) if named else None

    @cached_property
    def envelopes(self) -> dict[bytes, Envelope]:
        """The envelopes that can be read, by the record hash they are kept under."""
        read = {}
        for record, data in self.facts.envelopes.items():
            try:
                read[record] = decode_envelope(data)
            except FujieError:
                continue
        return read

    @cached_property
    def signed(self) -> dict[int, tuple[str, ...]]:
        """Certificate numbers of the officers who signed the record of each held link."""
        holders, found = self.facts.holders, {}
        for sequence, link in self.links.items():
            envelope = self.envelopes.get(link.record)
            signatures = envelope.signatures if envelope else ()
            names = {holders[one.key_id] for one in signatures if one.key_id in holders}
            found[sequence] = tuple(sorted(names))
        return found

    def signers(self, sequence: int) -> tuple[str, ...]:
        """The same of one."""
        return self.signed[sequence]

    @property
    def clocks_before(self) -> tuple[dict[bytes, int], int]:
        """By boot the highest counter, and the server's last time, before the first link here."""
        before = self.facts.before
        return (dict(before.counters), before.server_at) if before else ({}, 0)

    @cached_property
    def statements(self) -> dict[bytes, Statement | Unknown]:
        """The statements that are there and can be read, by their record."""
        found = {}
        for record, envelope in self.envelopes.items():
            try:
                found[record] = statements.decode(envelope.body)
            except FujieError:
                continue
        return found

    def statement(self, record: bytes) -> Statement | Unknown | None:
        """The statement of a record, where its bytes are there and can be read."""
        return self.statements.get(record)

    @cached_property
    def wanted(self) -> dict[BlobRef, tuple[int, str]]:
        """Every blob that a readable record names: where first, and its type."""
        wanted: dict[BlobRef, tuple[int, str]] = {}
        known = self.facts.before.wanted if self.facts.before else frozenset()
        for sequence, link in self.links.items():
            statement, envelope = self.statement(link.record), self.envelopes.get(link.record)
            for blob in blobs_wanted(statement, envelope.body) if statement and envelope else []:
                if blob not in known:
                    wanted.setdefault(blob, (sequence, blob.media_type))
        return wanted


def gaps(held: Iterable[int], length: int, first: int = 0) -> Iterator[tuple[int, int]]:
    """The places from ``first`` to ``length`` - 1 that are not ``held``, joined: 1, 4 of 5 give
    (0, 0) and (2, 3). The work grows with what is held, not with what a forged row claims."""
    expected = first
    for sequence in (*sorted(n for n in held if first <= n < length), length):
        if sequence > expected:
            yield expected, sequence - 1
        expected = sequence + 1


def runs(sequences: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Consecutive numbers joined: 1, 2, 3, 7 gives (1, 3) and (7, 7)."""
    first = last = None
    for sequence in sorted(sequences):
        if first is None or last is None:
            first = sequence
        elif sequence != last + 1:
            yield first, last
            first = sequence
        last = sequence
    if first is not None and last is not None:
        yield first, last


def span(first: int, last: int) -> tuple[str, str]:
    """A run of sequence numbers in words."""
    if first == last:
        return f"{first:04}号", f"no. {first:04}"
    return f"{first:04}至{last:04}号", f"nos. {first:04} to {last:04}"


def numbered(sequences: Sequence[int]) -> str:
    """The first few numbers, and how many there are."""
    shown = "、".join(f"{sequence:04}" for sequence in sequences[:LISTED])
    return shown if len(sequences) <= LISTED else f"{shown}……（{len(sequences)}）"


def some(n: int, thing: str = "record") -> str:
    """So many of a thing, in English, which counts one as one.

    >>> some(1), some(2), some(1, "file")
    ('1 record', '2 records', '1 file')
    """
    return f"{n} {thing}" if n == 1 else f"{n} {thing}s"


def day_time(at: int) -> tuple[str, str]:
    """A time (ms) as people in China read it, and in ISO form."""
    local = datetime.fromtimestamp(at / 1000, CHINA)
    zh = f"{local.month}月{local.day}日 {local.hour:02}:{local.minute:02}"
    return zh, f"{local:%Y-%m-%d %H:%M}"

"""What a finding says, and the facts about one device from which findings are computed."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from protocol import statements
from protocol.blobnames import blobs_wanted
from protocol.calendar import CHINA
from protocol.chain import Head, Link, decode_link
from protocol.envelope import Envelope
from protocol.envelope import decode as decode_envelope
from protocol.errors import FujieError, Malformed
from protocol.receipt import Entry
from protocol.reference import Parameters
from protocol.statements import (
    BlobRef,
    DeviceInventory,
    EvidenceAdopted,
    JournalClosed,
    Statement,
    Unknown,
)
from protocol.vocabulary import Standing

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
class Tenure:
    """What the roster says of an officer from ``effective_at`` (ms) on: standing, and the first
    and last day (YYYY-MM-DD) of the card."""

    effective_at: int
    name: str
    standing: Standing
    valid_from: str
    valid_until: str


@dataclass(frozen=True)
class StandingChange:
    """An officer's standing became another one at ``effective_at`` (ms)."""

    cert_no: str
    name: str
    key_ids: frozenset[bytes]
    effective_at: int
    standing: Standing


@dataclass(frozen=True)
class RetiredKey:
    """An officer's key that counts no more from ``retired_at`` on (ms)."""

    cert_no: str
    name: str
    key_id: bytes
    retired_at: int


@dataclass(frozen=True)
class DeviceFacts:
    """All that is held of one device's journal, as rows of bytes; nothing is believed.

    ``links`` by sequence, ``entries`` as (index in the log, bytes), ``envelopes`` by record
    hash. ``admitted`` is the server's own copy of the journal's head, ``inventory`` the device's
    last signed word, got at ``contacted_at``. ``blobs_held`` are hashes (hex) of blobs whose
    bytes are there, ``blobs_damaged`` of those that no longer have their hash, ``blobs_stated``
    of those that a *blob stored* statement vouches for. ``refused`` are links that were kept as
    evidence, ``closed`` is the office's word that ended the journal, ``adopted`` what a registrar
    (by name) let in. ``checkpoint_ok``: the log's root
    recomputed from all its entries is the signed one. ``witnessed`` are (size, ms): when the log's
    witnesses had seen its head of that size. ``doubted`` are (ms, signed inventory): contacts at
    which the device showed a head of this log that this log does not have. ``program`` is the
    centre's program, ``reference`` its newest reference data: version, and since when (ms);
    ``references`` are all versions with the time of each, ascending. ``holders`` says whose an
    officer's key is (certificate number by key id), ``roster`` what was known of that officer when,
    in order; ``users`` are the officers who have a key on the device. ``destroyed`` are records
    and blobs (hex) that were destroyed after appraisal: their absence is none. ``rests`` are the
    times (ms) from which and until which the device was suspended, None where it still is.
    ``others`` are records of other agencies, in the journal of an office that serves several: they
    are here, and a report on those agencies looks into them.
    """

    device: str
    journal: bytes
    now: int
    links: Mapping[int, bytes]
    entries: Sequence[tuple[int, bytes]]
    envelopes: Mapping[bytes, bytes]
    blobs_held: Collection[str]
    blobs_damaged: Collection[str] = ()
    blobs_stated: Collection[str] = ()
    admitted: Head | None = None
    inventory: DeviceInventory | None = None
    contacted_at: int | None = None
    log_size: int = 0
    checkpoint_ok: bool = True
    changes: Sequence[StandingChange] = ()
    retired: Sequence[RetiredKey] = ()
    refused: Sequence[bytes] = ()
    closed: JournalClosed | None = None
    adopted: Sequence[tuple[EvidenceAdopted, str]] = ()
    parameters: Parameters = field(default_factory=Parameters)
    witnessed: Sequence[tuple[int, int]] = ()
    doubted: Sequence[tuple[int, bytes]] = ()
    program: str = ""
    reference: tuple[int, int] = (0, 0)
    agency: str = ""
    references: Sequence[tuple[int, int]] = ()
    holders: Mapping[bytes, str] = field(default_factory=dict)
    roster: Mapping[str, Sequence[Tenure]] = field(default_factory=dict)
    users: Sequence[str] = ()
    destroyed: Collection[str] = ()
    rests: Sequence[tuple[int, int | None]] = ()
    others: Collection[bytes] = ()


@dataclass(frozen=True)
class Reading:
    """The facts, read: rows that cannot be read are as good as missing, and named."""

    facts: DeviceFacts

    def witnessed_at(self, index: int) -> int | None:
        """By when witnesses had seen the entry ``index`` of the log (ms), by their own clocks."""
        return min((at for size, at in self.facts.witnessed if size > index), default=None)

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
        return max(admitted, max(self.links, default=-1) + 1)

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
        named = self.hashes.get(sequence) or self.expected(sequence)
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
        for sequence, link in self.links.items():
            statement, envelope = self.statement(link.record), self.envelopes.get(link.record)
            for blob in blobs_wanted(statement, envelope.body) if statement and envelope else []:
                wanted.setdefault(blob, (sequence, blob.media_type))
        return wanted


def gaps(held: Iterable[int], length: int) -> Iterator[tuple[int, int]]:
    """The places from 0 to ``length`` - 1 that are not ``held``, joined: 1, 4 of 5 give (0, 0)
    and (2, 3). The work grows with what is held, not with a length that a forged row claims."""
    expected = 0
    for sequence in (*sorted(n for n in held if 0 <= n < length), length):
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


def day_time(at: int) -> tuple[str, str]:
    """A time (ms) as people in China read it, and in ISO form."""
    local = datetime.fromtimestamp(at / 1000, CHINA)
    zh = f"{local.month}月{local.day}日 {local.hour:02}:{local.minute:02}"
    return zh, f"{local:%Y-%m-%d %H:%M}"

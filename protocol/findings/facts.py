"""The facts about one device's journal, from which findings are computed: rows of bytes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from protocol.chain import Head
from protocol.reference import Parameters
from protocol.statements import BlobRef, DeviceInventory, EvidenceAdopted, JournalClosed
from protocol.vocabulary import Standing


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
class Before:
    """What was looked through of a journal, with nothing found: its first ``length`` links, which
    end in ``head``, so many ``statements``, the files that they name; of each boot the highest
    ``counters``, and the last server's time that was verified. No officer signed any of it."""

    length: int
    head: bytes
    statements: int
    wanted: frozenset[BlobRef]
    counters: Mapping[bytes, int]
    server_at: int


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
    are here, and a report on those agencies looks into them. Of what was looked through ``before``
    nothing else is here: ``links`` are those behind it.
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
    before: Before | None = None

"""What a report is made from, as of one moment: the log, what it commits to, and the store's word.

A server answers from its database (``sync_server/reports/rows.py``), whoever checks a report from a
bundle of evidence (``bundle.py``). Both answer with bytes, and from the same bytes the same report
follows.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from protocol.case import AnyRecord
from protocol.chain import Head
from protocol.registry.registry import Device, Registry

UNBOUNDED = 1 << 62
"""An index that no log reaches."""


@dataclass(frozen=True)
class Moment:
    """``size`` entries whose root is ``root`` (empty where entries are gone), judged ``at`` (ms).
    ``whole``: all entries that are here give the newest signed root. ``live``: as of now."""

    size: int
    at: int
    root: bytes
    whole: bool
    live: bool

    @property
    def below(self) -> int:
        """Entries of the log from this index on say nothing."""
        return UNBOUNDED if self.live else self.size


@dataclass(frozen=True)
class Envelopes:
    """Envelopes by record hash; ``others`` are records of other agencies in the same journal, into
    which a report on this one does not look."""

    held: dict[bytes, bytes]
    others: frozenset[bytes] = frozenset()


@dataclass(frozen=True)
class Blobs:
    """Files (hex) that journals name: whose bytes are here, are here and are others, and that the
    office stated to be here."""

    held: Collection[str] = ()
    damaged: Collection[str] = ()
    stated: Collection[str] = ()


class Source(Protocol):
    """What is known as of ``moment``: entries, links and records from ``moment.below`` on, and what
    came late (``late``), are left out by who asks where it is not said here."""

    @property
    def moment(self) -> Moment:
        """As of when it speaks."""

    @property
    def offices(self) -> Sequence[bytes]:
        """The office's journals."""

    @property
    def witnesses(self) -> int:
        """How many witnesses the log asks."""

    def registry(self) -> Registry:
        """Who is who as of the moment."""

    def references(self, agency: str) -> list[tuple[int, int]]:
        """Every published version of the reference data, the earliest first, and since when."""

    def reference(self, agency: str, version: int) -> bytes | None:
        """A version as it was signed."""

    def late(self) -> frozenset[bytes]:
        """Records that came after their links, where that matters."""

    def witnessed(self) -> list[tuple[int, int]]:
        """(size, ms): when the log's witnesses had seen its head of that size."""

    def received_at(self, index: int) -> int | None:
        """When an entry was received (ms)."""

    def of_kind(self, *kinds: str) -> Sequence[AnyRecord]:
        """The records of these kinds, in the order of the log."""

    def contacts(self, agency: str, above: int = -1) -> Iterable[tuple[int, bytes]]:
        """(index, envelope) of what the office says that it heard, the newest first."""

    def cases(self, agency: str) -> list[bytes]:
        """The agency's cases, in the order in which they were opened."""

    def case(self, case: bytes) -> Sequence[AnyRecord]:
        """The records of a case, in the order of the log."""

    def holds(self, sha256: str) -> bool:
        """Whether a file's bytes are here."""

    def links(self, journal: bytes, first: int = 0) -> dict[int, bytes]:
        """The links of a journal by the place they are kept at, from ``first`` on."""

    def entries(self, hashes: Collection[bytes]) -> list[tuple[int, bytes]]:
        """The entries, in order, that admit links of these hashes."""

    def envelopes(self, device: Device, records: Collection[bytes]) -> Envelopes:
        """The statements of these records of a device."""

    def blobs(self, journals: Collection[bytes], records: Collection[bytes] | None = None) -> Blobs:
        """The files that these journals name, or these records of them."""

    def admitted(self, journal: bytes) -> Head | None:
        """Where the journal ended."""

    def refused(self, journal: bytes) -> list[bytes]:
        """Links that were kept as evidence of a fork or a rewrite."""

    def doubted(self, device: Device, journal: bytes) -> list[tuple[int, bytes]]:
        """(ms, signed inventory): when the device showed a head that this log does not have."""

"""What the simulated server has durably, and what one commit of its writer adds.

``MemoryAppend`` stands where ``sync_server.log.append.Append`` stands: the real push job runs on
it, and what it gathered becomes durable in one moment, or not at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import msgspec

from protocol import merkle
from protocol.chain import Head, Link
from protocol.merkle import leaf_hash
from protocol.receipt import Entry, Verdict
from protocol.registry.registry import Device, Registry
from sync_server.log.append import Place
from sync_server.log.intake import Checked
from sync_server.log.standing import FORKED, OPEN, JournalHead
from sync_server.log.stretch import Stretch
from sync_server.log.tree import Tree
from tests.cast import AGENCY
from tests.simulation import records

OFFICE = b"the office's own"


@dataclass(frozen=True)
class Told:
    """What a device said of itself with a push; ``number`` counts, for the truth alone."""

    length: int
    head: bytes
    unsent: int
    oldest_unsent_at: int | None
    blobs_outstanding: int
    at: int
    boot: bytes = b""
    monotonic: int = 0
    number: int = 0


@dataclass(frozen=True)
class Word:
    """The office's record that a blob is stored: its link, its entry and place in the log."""

    blob: bytes
    journal: bytes
    link_hash: bytes
    record: bytes
    entry: bytes
    index: int


@dataclass(frozen=True)
class Wanted:
    """A blob that a record names: how much of it came, and where the log says it is stored."""

    size: int
    journal: bytes
    offset: int = 0
    whole: bool = False
    stored_index: int | None = None


@dataclass
class Store:
    """Everything that outlives a crash. The first ``succeeded[i].taken_over`` entries of each log
    go on in the next."""

    origins: tuple[tuple[str, int], ...] = (("log.yunxi.example/1", 0),)
    entries: list[bytes] = field(default_factory=list)
    hashes: dict[tuple[int, int], bytes] = field(default_factory=dict)
    tree: Tree = field(default_factory=Tree)
    links: dict[tuple[bytes, int], tuple[bytes, int, bytes]] = field(default_factory=dict)
    statements: dict[bytes, bytes] = field(default_factory=dict)
    journals: dict[bytes, JournalHead] = field(default_factory=dict)
    evidence: list[str] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)
    blobs: dict[bytes, Wanted] = field(default_factory=dict)
    told: dict[bytes, Told] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        """The log's name."""
        return self.origins[-1][0]

    @property
    def size(self) -> int:
        """How many entries the log has."""
        return len(self.entries)

    def get(self, level: int, index: int) -> bytes:
        """A stored hash of the tree."""
        return self.hashes[level, index]

    def root(self, size: int) -> bytes:
        """The root over the first entries."""
        return merkle.Frontier.load(size, self.get).root() if size else merkle.EMPTY_ROOT

    def copy(self) -> Store:
        """A backup."""
        return replace(
            self,
            entries=list(self.entries),
            hashes=dict(self.hashes),
            tree=self.tree.copy(),
            links=dict(self.links),
            statements=dict(self.statements),
            journals=dict(self.journals),
            evidence=list(self.evidence),
            words=list(self.words),
            blobs=dict(self.blobs),
            told=dict(self.told),
        )


def founded(keys: Sequence[object], journals: Sequence[bytes]) -> tuple[Store, Registry]:
    """The store of a new server, and the registry in which all tablets are enrolled."""
    devices = {
        (AGENCY, f"T{number:02}"): Device(AGENCY, f"T{number:02}", key, journal, b"", 0)
        for number, (key, journal) in enumerate(zip(keys, journals, strict=True))
    }
    store = Store(journals={OFFICE: JournalHead(OFFICE, "office", AGENCY)})
    for (_, name), one in devices.items():
        store.journals[one.journal] = JournalHead(one.journal, name, AGENCY)
    registry = Registry(
        devices=devices,
        keys=records.keys(),
        journals={one.journal: name for name, one in devices.items()},
        device_keys={one.key.key_id: name for name, one in devices.items()},
    )
    return store, registry


class MemoryAppend:
    """One group of jobs, on its way to one commit."""

    def __init__(self, store: Store, registry: Registry, now: int) -> None:
        self.store = store
        self.now = now
        self.registry = registry
        self.tree = store.tree.copy()
        self.journals = _Layer(store.journals)
        self.entries: list[bytes] = []
        self.links = _Layer(store.links)
        self.statements: dict[bytes, bytes] = {}
        self.evidence: list[str] = []
        self.wanted: dict[bytes, Wanted] = {}
        self.words: list[Word] = []
        self.told: dict[bytes, Told] = {}

    # ── what the push job asks ───────────────────────────────────────────────────────────

    def preload(self, journal: bytes, length: int, items: Sequence[Checked]) -> None:
        """Everything is at hand."""

    def held(self, journal: bytes, sequence: int) -> tuple[bytes, int] | None:
        """The hash and the index of an admitted link."""
        found = self.links.get((journal, sequence))
        return found[:2] if found else None

    def link_at(self, journal: bytes, sequence: int) -> bytes | None:
        """The bytes of an admitted link."""
        found = self.links.get((journal, sequence))
        return found[2] if found else None

    def entry(self, index: int) -> bytes | None:
        """An entry that this commit adds."""
        place = index - self.store.size
        return self.entries[place] if place >= 0 else None

    def add(self, item: Checked) -> Place:
        """Append one item."""
        link = item.link
        place = self._enter(item.link_hash, link, item.link_bytes, item.verdict, item.reasons)
        if item.statement is not None:
            self._keep(item)
        return place

    def follow(self, stretch: Stretch) -> dict[int, bytes]:
        """Append a stretch."""
        places = [self.add(item) for item in stretch.items()]
        return {place.index: place.entry for place in places}

    def add_late(self, item: Checked, index: int) -> None:
        """Keep the statement of a link that was admitted without it."""
        record = item.link.record
        if item.statement is not None and record not in self.store.statements:
            self._keep(item)

    def keep_evidence(self, item: Checked, reason: str) -> None:
        """Keep what was refused."""
        self.evidence.append(reason)

    def end(self, journal: bytes) -> None:
        """The journal takes nothing new."""
        known = self.journals[journal]
        if known.state == OPEN:
            self.journals[journal] = msgspec.structs.replace(known, state=FORKED)

    # ── what the office states ───────────────────────────────────────────────────────────

    def state_stored(self, name: bytes) -> None:
        """The office's record that a blob is whole and durable."""
        wanted = self.store.blobs[name]
        head = self.journals[OFFICE].head
        link = Link(OFFICE, head.length, head.hash, name, bytes(16), 0, self.now, bytes(16), 0, 0)
        data, hashed = link.encode(), link.hash()
        place = self._enter(hashed, link, data, Verdict.ACCEPTED, ())
        self.words.append(Word(name, wanted.journal, hashed, name, place.entry, place.index))

    def _enter(
        self, hashed: bytes, link: Link, data: bytes, verdict: Verdict, reasons: Sequence[int]
    ) -> Place:
        entry = Entry(hashed, link.record, self.now, verdict, tuple(reasons)).encode()
        index = self.tree.size
        self.tree.extend([leaf_hash(entry)])
        self.entries.append(entry)
        self.links[link.journal, link.sequence] = (hashed, index, data)
        known = self.journals[link.journal]
        self.journals[link.journal] = msgspec.structs.replace(
            known, head=Head(link.sequence + 1, hashed)
        )
        return Place(index, entry)

    def _keep(self, item: Checked) -> None:
        assert item.statement is not None
        self.statements[item.link.record] = item.statement
        for blob in records.blobs_of(item):
            name = bytes.fromhex(blob.sha256)
            if name not in self.store.blobs:
                self.wanted[name] = Wanted(blob.size, item.link.journal)

    def commit(self) -> None:
        """It is on the disk now, all of it."""
        store = self.store
        store.entries += self.entries
        store.hashes |= self.tree.added()
        store.tree = self.tree.copy()
        store.links |= self.links.above
        store.statements |= self.statements
        store.journals |= self.journals.above
        store.evidence += self.evidence
        store.blobs |= self.wanted
        store.told |= self.told
        for word in self.words:
            store.words.append(word)
            store.blobs[word.blob] = replace(store.blobs[word.blob], stored_index=word.index)


class _Layer(dict[object, object]):
    """Changes over what is durable, which stays as it is."""

    def __init__(self, below: Mapping[object, object]) -> None:
        super().__init__()
        self.below = below

    def __missing__(self, key: object) -> object:
        return self.below[key]

    def __contains__(self, key: object) -> bool:
        return super().__contains__(key) or key in self.below

    def get(self, key: object, default: object = None) -> object:
        """A change, or what is below."""
        try:
            return self[key]
        except KeyError:
            return default

    @property
    def above(self) -> dict[object, object]:
        """The changes alone."""
        return dict(self)

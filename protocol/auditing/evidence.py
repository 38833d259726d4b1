"""A bundle of evidence as what a report is made from (``source.py``), believing none of it but what
it proves: links and statements are hashed again, signatures checked, the registry folded.

    evidence = Evidence.read(package, trust)
    county.report(context_of(evidence, evidence.facts.agency))
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from protocol import envelope as dsse
from protocol import statements
from protocol.auditing import bundle, heard
from protocol.auditing.bundle import EvidenceFacts, Journal
from protocol.auditing.source import Blobs, Envelopes, Moment
from protocol.case import AnyRecord, Record
from protocol.chain import Head, Link, decode_link
from protocol.checkpoint import Checkpoint
from protocol.errors import FujieError, Malformed, Unverified
from protocol.merkle import Frontier, leaf_hash
from protocol.package import Package
from protocol.receipt import Entry, Verdict
from protocol.registry import folding
from protocol.registry.folding import Admitted
from protocol.registry.registry import KINDS, Device, Registry
from protocol.statements import BlobStored, Statement, Unknown, kind_of


class Evidence:
    """What a bundle holds. ``head`` is the log's head, already proved; ``unproved`` are accepted
    records (hex) of which no signature holds here."""

    def __init__(self, package: Package, head: Checkpoint) -> None:
        self.facts: EvidenceFacts = bundle.facts(package)
        self.head = head
        self.unproved: list[str] = []
        self._entries: dict[int, bytes] = {}
        self._places: dict[bytes, list[int]] = defaultdict(list)
        root, whole = self._survey(package)
        self._moment = Moment(self.facts.size, self.facts.at, root, whole, self.facts.live)
        self._journals = {one.journal: one for one in bundle.journals(package)}
        self._envelopes = {
            record: data for some in bundle.statements(package) for record, data in some
        }
        self._registry = folding.fold(self._admitted(), self.facts.offices)
        self._records = self._read()
        self._by_kind: dict[str, list[AnyRecord]] = defaultdict(list)
        self._by_case: dict[bytes, list[AnyRecord]] = defaultdict(list)
        for one in self._records:
            self._by_kind[kind_of(one.statement)].append(one)
            case = statements.case_of(one.statement, one.hash)
            if case is not None:
                self._by_case[case].append(one)
        self._held, self._damaged = frozenset(self.facts.held), frozenset(self.facts.damaged)
        self._stated = frozenset(
            said.sha256
            for one in self.of_kind("blob_stored")
            if isinstance(said := one.statement, BlobStored)
            and said.agency == self.facts.agency
            and one.link.journal in self.facts.offices
        )

    # ── what proves it ───────────────────────────────────────────────────────────────────

    @property
    def uncovered(self) -> int:
        """Entries as of the moment whose links are not here."""
        here = {
            decoded.hash()
            for one in self._journals.values()
            for _, data in one.links
            if (decoded := _link(data)) is not None
        }
        count = 0
        for index, data in self._entries.items():
            entry = _entry(data) if index < self.facts.size else None
            count += entry is not None and entry.link_hash not in here
        return count

    @property
    def withheld(self) -> int:
        """Records of other agencies in the office's journals, which are not here."""
        return sum(len(one.others) for one in self._journals.values())

    @property
    def links_held(self) -> int:
        """How many links there are."""
        return sum(len(one.links) for one in self._journals.values())

    @property
    def statements_held(self) -> int:
        """How many statements there are."""
        return len(self._envelopes)

    # ── the log as a whole ───────────────────────────────────────────────────────────────

    @property
    def moment(self) -> Moment:
        """As of when."""
        return self._moment

    @property
    def offices(self) -> Sequence[bytes]:
        """The office's journals."""
        return self.facts.offices

    @property
    def witnesses(self) -> int:
        """How many witnesses are asked."""
        return self.facts.witnesses

    def registry(self) -> Registry:
        """Who is who."""
        return self._registry

    def references(self, agency: str) -> list[tuple[int, int]]:
        """Every published version, and since when."""
        return heard.published(
            self._envelopes[one.hash]
            for one in self.of_kind("reference_published")
            if one.statement.agency == agency and one.link.journal in self.facts.offices
        )

    def reference(self, agency: str, version: int) -> bytes | None:
        """The newest version as it was signed."""
        return self.facts.reference

    def late(self) -> frozenset[bytes]:
        """None: what came late is not in the bundle."""
        return frozenset()

    def witnessed(self) -> list[tuple[int, int]]:
        """When witnesses had seen which size."""
        return list(self.facts.witnessed)

    def received_at(self, index: int) -> int | None:
        """When an entry was received."""
        entry = _entry(self._entries[index]) if index in self._entries else None
        return entry.received_at if entry else None

    def of_kind(self, *kinds: str) -> list[AnyRecord]:
        """The records of these kinds."""
        found = [one for kind in kinds for one in self._by_kind.get(kind, ())]
        return sorted(found, key=lambda one: one.index or 0)

    def contacts(self, agency: str, above: int = -1) -> Iterable[tuple[int, bytes]]:
        """What the office says that it heard, the newest first."""
        for one in reversed(self._by_kind.get("device_contacted", ())):
            if one.statement.agency == agency and one.index is not None and one.index > above:
                yield one.index, self._envelopes[one.hash]

    def cases(self, agency: str) -> list[bytes]:
        """The agency's cases."""
        return [
            one.hash
            for one in self._records
            if statements.opens_case(one.statement) and one.statement.agency == agency
        ]

    def case(self, case: bytes) -> list[AnyRecord]:
        """The records of a case."""
        return self._by_case.get(case, [])

    def holds(self, sha256: str) -> bool:
        """Whether the server says that it has a file."""
        return sha256 in self._held

    # ── one journal ──────────────────────────────────────────────────────────────────────

    def links(self, journal: bytes, first: int = 0) -> dict[int, bytes]:
        """The links of a journal."""
        one = self._journals.get(journal)
        return {place: data for place, data in one.links if place >= first} if one else {}

    def entries(self, hashes: Collection[bytes]) -> list[tuple[int, bytes]]:
        """The entries that admit these links."""
        places = {
            place
            for one in hashes
            for place in self._places.get(one, ())
            if place < self._moment.below
        }
        return [(place, self._entries[place]) for place in sorted(places)]

    def envelopes(self, device: Device, records: Collection[bytes]) -> Envelopes:
        """The statements of these records."""
        one = self._journals.get(device.journal)
        others = frozenset(one.others if one else ()) & frozenset(records)
        known = self._envelopes
        held = {record: known[record] for record in records if record in known}
        return Envelopes({k: v for k, v in held.items() if k not in others}, others)

    def blobs(self, journals: Collection[bytes], records: Collection[bytes] | None = None) -> Blobs:
        """The files, on the server's word."""
        held = self._held if self._moment.live else self._held & self._stated
        return Blobs(held, self._damaged, self._stated)

    def admitted(self, journal: bytes) -> Head | None:
        """Where the journal ended."""
        one = self._journals.get(journal)
        return Head(one.length, one.head) if one and one.own and one.head else None

    def refused(self, journal: bytes) -> list[bytes]:
        """Links that were refused."""
        one = self._journals.get(journal)
        return list(one.refused) if one else []

    def doubted(self, device: Device, journal: bytes) -> list[tuple[int, bytes]]:
        """Heads that the device showed, by its own signature."""
        one = self._journals.get(journal)
        return [
            (at, data)
            for at, data in (one.doubted if one else ())
            if heard.is_signed(data, device, self.head.origin)
        ]

    # ── reading ──────────────────────────────────────────────────────────────────────────

    def _survey(self, package: Package) -> tuple[bytes, bool]:
        """The root as of the moment, and whether all entries give the signed one."""
        tree, sound, root, size = Frontier(), True, b"", self.facts.size
        for index, data in bundle.entries(package):
            if index == size and sound and tree.size == size:
                root = tree.root()
            self._entries[index] = data
            entry = _entry(data)
            if entry is not None:
                self._places[entry.link_hash].append(index)
            sound = sound and index == tree.size
            if sound:
                tree.append(leaf_hash(data))
        if sound and tree.size == size:
            root = tree.root()
        return root, sound and (tree.size, tree.root()) == (self.head.size, self.head.root)

    def _linked(self) -> list[tuple[int, Link]]:
        """(index, link) of every link that an entry admits, in the order of the log."""
        found = []
        for one in self._journals.values():
            for _, data in one.links:
                link = _link(data)
                places = self._places.get(link.hash(), ()) if link else ()
                found += [(place, link) for place in places if link and place < self.facts.size]
        return sorted(found, key=lambda pair: pair[0])

    def _admitted(self) -> Iterable[Admitted]:
        """The records that the registry is folded from."""
        seen = set()
        for index, link in self._linked():
            data = self._envelopes.get(link.record)
            if data is None or link.record in seen or _kind(data) not in KINDS:
                continue
            seen.add(link.record)
            entry = _entry(self._entries[index])
            accepted = entry is not None and entry.verdict is Verdict.ACCEPTED
            yield Admitted(link, index, accepted, data)

    def _read(self) -> list[AnyRecord]:
        """Every record that can be read, where it was admitted first, with those who signed it."""
        found: list[AnyRecord] = []
        seen = set()
        for index, link in self._linked():
            data = self._envelopes.get(link.record)
            if data is None or link.record in seen:
                continue
            seen.add(link.record)
            record = self._record(index, link, data)
            if record is not None:
                found.append(record)
        return found

    def _record(self, index: int, link: Link, data: bytes) -> AnyRecord | None:
        try:
            envelope = dsse.decode(data)
            read: Statement | Unknown = statements.decode(envelope.body)
        except Malformed:
            return None
        entry = _entry(self._entries[index])
        signers: tuple[bytes, ...] = ()
        if dsse.record_hash(envelope) != link.record:
            return None
        try:
            signed = dsse.check(envelope, self._registry.lookup_for(read))
            signers = tuple(sorted(key.key_id for key in signed.verified))
        except Unverified:
            if entry is not None and entry.verdict is Verdict.ACCEPTED:
                self.unproved.append(link.record.hex())
        return Record(link.record, read, signers, link, index)


def _link(data: bytes) -> Link | None:
    try:
        return decode_link(data)
    except FujieError:
        return None


def _entry(data: bytes) -> Entry | None:
    try:
        return Entry.decode(data)
    except FujieError:
        return None


def _kind(data: bytes) -> str:
    try:
        return kind_of(statements.decode(dsse.decode(data).body))
    except FujieError:
        return ""


__all__ = ["Evidence", "Journal"]

"""A bundle of evidence as what a report is made from (``source.py``), believing none of it but what
it proves: links and statements are hashed again, signatures checked, the registry folded.

    evidence = Evidence.read(package, trust)
    county.report(context_of(evidence, evidence.facts.agency))
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from functools import cached_property
from hashlib import sha256
from itertools import pairwise

from protocol import envelope as dsse
from protocol import statements
from protocol.auditing import bundle, heard
from protocol.auditing.bundle import EvidenceFacts, Journal
from protocol.auditing.entries import Entries
from protocol.auditing.source import Blobs, Envelopes, Moment
from protocol.case import AnyRecord, Record
from protocol.chain import Head, Link, decode_link
from protocol.checkpoint import Checkpoint
from protocol.errors import FujieError, Malformed, Unverified
from protocol.package import Package
from protocol.receipt import Verdict
from protocol.registry import folding
from protocol.registry.folding import Admitted
from protocol.registry.registry import KINDS, OFFICE, Device, Registry
from protocol.statements import BlobStored, ReferencePublished, Statement, Unknown, kind_of


class Evidence:
    """What a bundle holds. ``head`` is the log's head, and ``seen`` the one under which witnesses
    wrote, both already proved; ``unproved`` are accepted records (hex) of which no signature holds
    here, ``seen_root`` is what the entries give for ``seen``. Raises Malformed."""

    def __init__(self, package: Package, head: Checkpoint, seen: Checkpoint | None = None) -> None:
        self.facts: EvidenceFacts = bundle.facts(package)
        self.head = head
        self.unproved: list[str] = []
        self._entries: dict[int, bytes] = {}
        self._places: dict[bytes, list[int]] = defaultdict(list)
        size, sizes = self.facts.size, [head.size, self.facts.size]
        self._log = Entries(package, [*sizes, seen.size] if seen else sizes)
        whole = (self._log.size, self._log.roots[head.size]) == (head.size, head.root)
        self.seen_root = self._log.roots[seen.size] if seen else b""
        self._moment = Moment(size, self.facts.at, self._log.roots[size], whole, self.facts.live)
        self._journals: dict[bytes, Journal] = {}
        for part in bundle.journals(package):
            _expect_one_place_each(part, self._journals)
            self._journals[part.journal] = part
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
        """Entries as of the moment whose links are not here. A link is where it says that it is, or
        in a journal that is looked through: under another name it would be out of sight."""
        here = {
            decoded.hash()
            for one in self._journals.values()
            for _, data in one.links
            if (decoded := _link(data)) is not None
            and (one.journal == decoded.journal or one.journal in self._examined)
        }
        return sum(link not in here for link in self._log.links(self.facts.size))

    @property
    def withheld(self) -> int:
        """Links whose statements are not here because, on the server's word, they are others'."""
        return sum(
            len(one.others) if one.journal in self._examined else len(one.links)
            for one in self._journals.values()
        )

    @property
    def lacks_reference(self) -> bool:
        """Whether reference data were out as of the moment, and the newest are not here."""
        out = self.references(self.facts.agency)
        return bool(out) and self.reference(self.facts.agency, out[-1][0]) is None

    @cached_property
    def _examined(self) -> frozenset[bytes]:
        """The journals that the report looks through."""
        registry, agency = self._registry, self.facts.agency
        mine = [one for one in registry.devices.values() if one.agency == agency]
        tablets = [one for one in mine if one.name != OFFICE and not one.is_lower]
        theirs = {journal for one in tablets for journal in registry.journals_of(one)}
        return frozenset(theirs.union(self.facts.offices))

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
        """The newest version as it was signed, if it is the one that the office stated."""
        named = sha256(self.facts.reference).hexdigest() if self.facts.reference else ""
        for one in self.of_kind("reference_published"):
            said = one.statement
            if (
                isinstance(said, ReferencePublished)
                and (said.agency, said.version, said.sha256) == (agency, version, named)
                and one.link.journal in self.facts.offices
            ):
                return self.facts.reference
        return None

    def late(self) -> frozenset[bytes]:
        """None: what came late is not in the bundle."""
        return frozenset()

    def witnessed(self) -> list[tuple[int, int]]:
        """When witnesses had seen which size."""
        return list(self.facts.witnessed)

    def received_at(self, index: int) -> int | None:
        """When an entry was received."""
        entry = self._log.entry(index)
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
            place for one in hashes for place in self._log.places(one) if place < self._moment.below
        }
        return [(place, self._log.data(place)) for place in sorted(places)]

    def envelopes(self, device: Device, records: Collection[bytes]) -> Envelopes:
        """The statements of these records. Nobody but the office writes for several agencies, and
        what is here can be read, whoever's it is said to be."""
        known = self._envelopes
        held = {record: known[record] for record in records if record in known}
        if device.name != OFFICE:
            return Envelopes(held)
        offices = [self._journals[one] for one in self.facts.offices if one in self._journals]
        others = frozenset(record for one in offices for record in one.others)
        return Envelopes(held, (others & frozenset(records)) - held.keys())

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

    def _linked(self) -> list[tuple[int, Link]]:
        """(index, link) of every link that an entry admits, in the order of the log."""
        found = []
        for one in self._journals.values():
            for _, data in one.links:
                link = _link(data)
                places = self._log.places(link.hash()) if link else ()
                found += [(place, link) for place in places if link and place < self.facts.size]
        return sorted(found, key=lambda pair: pair[0])

    def _admitted(self) -> Iterable[Admitted]:
        """The records that the registry is folded from, each wherever a link names it: it counts
        where it stands in the office's journal, also if somebody else sent it before."""
        for index, link in self._linked():
            data = self._envelopes.get(link.record)
            if data is None or _kind(data) not in KINDS:
                continue
            if dsse.record_hash(dsse.decode(data)) != link.record:
                continue  # another statement in its place is found as damaged
            entry = self._log.entry(index)
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
        entry = self._log.entry(index)
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


def _expect_one_place_each(one: Journal, known: Collection[bytes]) -> None:
    """A second link at a place, or a second part of a journal, would be looked at by nobody."""
    places = [place for place, _ in one.links]
    if one.journal in known or any(b <= a for a, b in pairwise(places)):
        raise Malformed(
            "expected each journal once in the evidence, its links by their places, each once; got "
            "others in {journal}; ask for it again",
            journal=one.journal.hex(),
        )


def _link(data: bytes) -> Link | None:
    try:
        return decode_link(data)
    except FujieError:
        return None


def _kind(data: bytes) -> str:
    try:
        return kind_of(statements.decode(dsse.decode(data).body))
    except FujieError:
        return ""


__all__ = ["Evidence", "Journal"]

"""What one commit will write, gathered in memory before it is written at once.

``Append`` begins as a copy of what the writer knows (``standing.py``). The jobs of one group
add entries to it; ``rows.py`` writes them with the checkpoint; ``standing()`` is what the next
group starts from.

If anything fails before the commit has returned, the copy is thrown away and nothing has
happened. Looking up what earlier commits wrote goes through the group's own connection.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from hashlib import sha256
from itertools import pairwise

import msgspec
from sqlalchemy import Connection

from protocol import envelope as dsse
from protocol import statements
from protocol.chain import NO_CASE, Head, case_tag
from protocol.errors import Refused
from protocol.merkle import leaf_hash
from protocol.receipt import encode_accepted, encode_entry
from protocol.registry import lower
from protocol.registry import registry as registry_fold
from protocol.registry.registry import OFFICE, Told
from protocol.statements import (
    BlobStored,
    DeviceEnrolled,
    EvidenceAdopted,
    JournalClosed,
    Statement,
    Unknown,
)
from sync_server.log import leaves, lookup
from sync_server.log.intake import BELIEVED, Checked
from sync_server.log.leaves import Leaf
from sync_server.log.namings import Key, stored_at
from sync_server.log.packed import UNREAD, Filed
from sync_server.log.rows import MOST, Rows
from sync_server.log.standing import ADOPTED, CLOSED, FORKED, OPEN, JournalHead, Standing
from sync_server.log.stretch import Stretch
from sync_server.log.tree import Tree


class Place(msgspec.Struct, frozen=True):
    """Where an item stands in the log."""

    index: int
    entry: bytes


class Append:
    """One group of jobs, on its way to one commit."""

    def __init__(self, before: Standing, connection: Connection, now: int) -> None:
        self.now = now
        self.journals = dict(before.journals)
        self.registry = before.registry
        self.offices = before.offices
        self.rows = Rows()
        self.touched: set[bytes] = set()
        self._connection = connection
        self._before = before.tree
        self._tree: Tree | None = None
        self._held: dict[tuple[bytes, int], Leaf] = {}
        self._here: set[bytes] = set()

    @property
    def office(self) -> bytes | None:
        """The journal that the office writes; None before the log's first entry."""
        return self.offices[-1] if self.offices else None

    @property
    def connection(self) -> Connection:
        """The group's own transaction, for a job whose private state changes together with what it
        appends, or not at all."""
        return self._connection

    @property
    def tree(self) -> Tree:
        """The log's tree with every entry of this commit; to be asked when all are in."""
        if self._tree is None:
            self._tree = self._before.copy()
            self._tree.extend(map(leaf_hash, self.rows.entries))
        return self._tree

    # ── asking ───────────────────────────────────────────────────────────────────────────

    def standing(self) -> Standing:
        """Where the next group starts, once this one is durable."""
        return Standing(self.tree.copy(), self.journals, self.registry, self.offices)

    def preload(self, journal: bytes, length: int, items: Sequence[Checked]) -> None:
        """Look up at once which of ``items`` lie before the journal's ``length``, and which of
        their statements are here."""
        sent = {item.link.sequence: item for item in items if item.link.sequence < length}
        if not sent:
            return
        absent = set[bytes]()
        for leaf in self._stored(journal, sent):
            # What it says would be kept until the commit, a mebibyte for each link of 153 bytes.
            self._held[journal, leaf.sequence] = msgspec.structs.replace(leaf, statement=None)
            item = sent[leaf.sequence]
            if item.link_hash != leaf.link_hash:
                continue
            if leaf.link != item.link_bytes:
                self.rows.heal(leaf.index, item.link_bytes)
            if leaf.statement is None:
                absent.add(leaf.record_hash)
            else:
                self._here.add(leaf.record_hash)
        if absent:
            self._here |= lookup.here(self._connection, absent)

    def _stored(self, journal: bytes, sequences: Collection[int]) -> Iterator[Leaf]:
        """The leaves of these links. Whoever sends the first and the last one of a long journal
        has not all of it read."""
        for first, last in _spans(sequences):
            for leaf in leaves.of_journal(self._connection, journal, first, last):
                if leaf.sequence in sequences:
                    yield leaf

    def held(self, journal: bytes, sequence: int) -> tuple[bytes, int] | None:
        """The hash and the index of an admitted link, of this commit or an earlier one."""
        leaf = self._leaf(journal, sequence)
        if leaf is None:
            return None
        # Nobody is to be said to rewrite what rotted here.
        known = leaf.link_hash or (leaf.link and sha256(leaf.link).digest())
        if not known:
            raise Refused(
                "entry {index} is damaged here; run fujie-server fsck, and restore from a backup",
                index=leaf.index,
            )
        return known, leaf.index

    def link_at(self, journal: bytes, sequence: int) -> bytes | None:
        """The bytes of an admitted link, of this commit or an earlier one."""
        leaf = self._leaf(journal, sequence)
        return None if leaf is None else leaf.link

    def _leaf(self, journal: bytes, sequence: int) -> Leaf | None:
        added = self.rows.link(journal, sequence)
        if added is not None:
            return added
        if (journal, sequence) not in self._held:
            found = leaves.links(self._connection, journal, sequence, sequence)
            for leaf in found:
                self._held[journal, sequence] = leaf
        return self._held.get((journal, sequence))

    def admitted(self, record: bytes) -> bool:
        """Whether an earlier commit brought a link of this record."""
        return lookup.is_linked(self._connection, record)

    def is_stored(self, blob: Key) -> bool:
        """Whether the office stated that a blob came, in this commit or an earlier one."""
        return blob in self.rows.stored or bool(stored_at(self._connection, [blob]))

    def entry(self, index: int) -> bytes | None:
        """An entry that this commit adds."""
        place = index - self._before.size
        return self.rows.entries[place] if 0 <= place < len(self.rows.entries) else None

    def case_version(self, case: bytes) -> int:
        """How many statements of a case are here: any new one, a late one too, makes another."""
        stored = leaves.of_cases(self._connection, [case], whole=False)
        here = (record for record, filed in self.rows.filings() if filed.case == case)
        return len({leaf.record_hash for leaf in stored}.union(here))

    def tag_of(self, case: str | None) -> bytes:
        """The opaque tag of a case for a link; zeros outside cases."""
        if case is None:
            return NO_CASE
        record = bytes.fromhex(case)
        leaf = self.rows.record(record) or lookup.record(self._connection, record)
        if leaf is None or leaf.statement is None:
            return NO_CASE
        opening = statements.decode(dsse.decode(leaf.statement).body)
        return case_tag(bytes.fromhex(opening.salt), record)

    # ── adding ───────────────────────────────────────────────────────────────────────────

    def add(self, item: Checked) -> Place:
        """Append one item: its entry, its link, its statement and what follows from it."""
        link = item.link
        entry = encode_entry(item.link_hash, link.record, self.now, item.reasons)
        index = self._before.size + len(self.rows.entries)
        self.rows.add(index, entry, link, item.link_bytes)
        self._open_office(item)
        known = self.journals[link.journal]
        head = Head(link.sequence + 1, item.link_hash)
        self.journals[link.journal] = JournalHead(
            known.journal, known.device, known.agency, head, known.state
        )
        self.touched.add(link.journal)
        if item.stray is not None:
            self.keep_evidence(item, "not_the_linked_record")
        if item.statement is not None:
            self._keep(item, item.statement, index)
        return Place(index, entry)

    def follow(self, stretch: Stretch) -> dict[int, bytes]:
        """Append a stretch that goes on where its journal ends; its entries by their places."""
        first = self._before.size + len(self.rows.entries)
        entries = encode_accepted(stretch.hashes, self.now)
        self.rows.follow(stretch, first, entries)
        known = self.journals[stretch.journal]
        head = Head(stretch.first + len(entries), stretch.hashes[-1][0])
        self.journals[stretch.journal] = JournalHead(
            known.journal, known.device, known.agency, head, known.state
        )
        self.touched.add(stretch.journal)
        return dict(enumerate(entries, first))

    def add_late(self, item: Checked, index: int) -> None:
        """Keep the statement of a link that was admitted without it, at ``index``. Its entry
        does not change. A statement that is here already is nothing new (``preload``)."""
        if item.stray is not None:
            self.keep_evidence(item, "not_the_linked_record")
        record = item.link.record
        if item.statement is None or record in self._here or self.rows.record(record):
            return
        self._here.add(record)
        self.rows.late.append(record)
        self._keep(item, item.statement, index)

    def _keep(self, item: Checked, statement: bytes, index: int) -> None:
        said, record = item.said, item.link.record
        filed = Filed(said.kind, said.case, said.agency, said.at) if said else UNREAD
        self.rows.say(index, filed, statement)
        if said is None:
            return
        self.rows.name(said.blobs, said.agency, record, item.link.journal, index)
        if not item.reasons and said.kind in BELIEVED:
            self._hear(item, statement, index)

    def keep_evidence(self, item: Checked, reason: str) -> None:
        """Keep bytes that were refused, because of what they show."""
        known = self.journals.get(item.link.journal)
        self.rows.evidence.append(
            {
                "hash": item.link_hash,
                "device": known.device if known else "",
                "journal": item.link.journal,
                "reason": reason,
                "at": self.now,
                "link": item.link_bytes,
                "statement": item.statement if item.stray is None else item.stray,
            }
        )

    def end(self, journal: bytes) -> None:
        """A journal whose device has shown two histories takes nothing new."""
        if self.journals[journal].state == OPEN:
            self._mark(journal, FORKED)

    def _mark(self, journal: bytes, state: str) -> None:
        self.journals[journal] = msgspec.structs.replace(self.journals[journal], state=state)
        self.touched.add(journal)

    def _open(self, journal: bytes, read: Statement, device: str, state: str = OPEN) -> None:
        self.journals.setdefault(journal, JournalHead(journal, device, read.agency, state=state))
        self.touched.add(journal)

    def _open_office(self, item: Checked) -> None:
        """The log's first entry opens the office's own journal: there is nobody yet who could
        enrol it. Every other journal is opened by a ``device_enrolled`` of the office."""
        if not self.offices:
            self.open_office(item.link.journal, item.said.agency if item.said else "")

    def open_office(self, journal: bytes, agency: str) -> None:
        """The office writes this journal from now on."""
        self.offices = (*self.offices, journal)
        self.journals[journal] = JournalHead(journal, OFFICE, agency)

    def _hear(self, item: Checked, statement: bytes, index: int) -> None:
        """What the office says counts, and what a lower level says of its own people."""
        read = statements.decode(dsse.decode(statement).body)
        journal = item.link.journal
        if journal == self.office or lower.counts(self.registry, journal, read):
            self._believe(item, read, index)

    def _believe(self, item: Checked, read: Statement | Unknown, index: int) -> None:
        before = self.registry
        told = Told(read, item.signers, item.link.record, index, item.link.journal)
        self.registry = registry_fold.apply(before, told)
        if isinstance(read, BlobStored):
            self.rows.stored.setdefault((bytes.fromhex(read.sha256), read.agency, read.size), index)
        if self.registry is before:
            return
        if isinstance(read, DeviceEnrolled) and read.device != OFFICE:
            self._open(bytes.fromhex(read.journal), read, read.device)
        if isinstance(read, JournalClosed):
            self._mark(bytes.fromhex(read.journal), CLOSED)
            if read.successor is not None:
                self._open(bytes.fromhex(read.successor), read, read.device)
        if isinstance(read, EvidenceAdopted):
            self._open(bytes.fromhex(read.journal), read, read.device, ADOPTED)


def _spans(numbers: Collection[int]) -> Iterator[tuple[int, int]]:
    """From where to where numbers go that lie no further apart than what a row has."""
    every = sorted(numbers)
    ends = [one for one, other in pairwise(every) if other - one > MOST]
    begins = [other for one, other in pairwise(every) if other - one > MOST]
    return zip([*every[:1], *begins], [*ends, *every[-1:]], strict=True)

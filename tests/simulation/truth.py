"""What really happened in a simulation, noted beside the actors, and whether their word agrees.

at each commit of the server    no link twice, each journal in order and without a gap
at each acknowledgement         the server's disk has it, at the place that was proved
at each contact                 what the tablet says of itself is the truth of that moment
at the end, all being well      everything saved is there, stored, once; both sides agree
"""

from __future__ import annotations

from dataclasses import dataclass, field

from field_client.store.tables import Stage
from protocol.chain import decode_link
from protocol.receipt import Entry
from tests.simulation.device import Tablet
from tests.simulation.records import Sample
from tests.simulation.server import Server
from tests.simulation.store import Told
from tests.simulation.vault import Kept
from tests.simulation.world import Broken, World


@dataclass
class Life:
    """What one officer knows he saved, and what his tablet showed him as acknowledged."""

    saved: list[tuple[Sample, int]] = field(default_factory=list)
    acknowledged: dict[int, bytes] = field(default_factory=dict)


class Truth:
    """The bookkeeping of somebody who sees everything."""

    def __init__(self, world: World, server: Server, tablets: list[Tablet]) -> None:
        self.world = world
        self.server = server
        self.tablets = tablets
        self.lives = {tablet.vault.journal: Life() for tablet in tablets}
        self.checked = 0
        self.seen: set[bytes] = set()
        self.revoked: dict[bytes, int] = {}
        self.doubled: set[bytes] = set()
        server.watchers.append(self.committed)
        for tablet in tablets:
            tablet.acknowledged, tablet.says = self.acknowledged, self.says

    def expect(self, holds: bool, what: str, *facts: object) -> None:
        """A promise. Raises Broken."""
        if not holds:
            said = " ".join(str(fact) for fact in facts)
            self.world.tell("TRUTH", f"{what}: {said}")
            raise Broken(f"seed {self.world.seed}: {what}: {said}")

    # ── while it goes on ─────────────────────────────────────────────────────────────────

    def save(self, tablet: Tablet, sample: Sample) -> None:
        """An officer saves; what was durable when the power went is saved too."""
        life, before = self.lives[tablet.vault.journal], len(tablet.vault.links)
        wall = tablet.wall
        try:
            tablet.save(sample)
        finally:
            if len(tablet.vault.links) > before:
                life.saved.append((sample, wall))

    def committed(self) -> None:
        """The newest entries: each link once, each journal unbroken."""
        store = self.server.store
        for index in range(min(self.checked, store.size), store.size):
            link_hash = Entry.decode(store.entries[index]).link_hash
            self.expect(link_hash not in self.seen, "a link is in the log twice", index)
            self.seen.add(link_hash)
        self.checked = store.size
        for (journal, boot), number in self.server.arrived.items():
            told = store.told[journal]
            newest = told.boot != boot or told.number >= number
            self.expect(newest, "an older word replaced the newest", journal.hex(), number)
        for journal, head in store.journals.items():
            length, last = head.head
            self.expect(
                length == 0 or store.links.get((journal, length - 1), (b"",))[0] == last,
                "the server's head is not its last link",
                journal,
            )
        for journal, most in self.revoked.items():
            grown = store.journals[journal].head.length > most
            self.expect(not grown, "a revoked tablet's journal grows", journal.hex())

    def length_of(self, tablet: Tablet) -> int:
        """How many links of a tablet the server's disk has."""
        return self.server.store.journals[tablet.vault.journal].head.length

    def put_back(self, tablet: Tablet, length: int) -> None:
        """A tablet's disk is replaced by a copy of so many links: what came after them is known to
        the server at most, and what comes now may contradict it."""
        life = self.lives[tablet.vault.journal]
        del life.saved[length:]
        self.doubled.add(tablet.vault.journal)

    def is_stopped(self, tablet: Tablet) -> bool:
        """Whether a tablet rightly waits for people: it was revoked, or its disk put back. It
        knows, over restarts as well."""
        mine = tablet.vault.journal in self.revoked or tablet.vault.journal in self.doubled
        return mine and tablet.vault.halted is not None and tablet.state.halted is not None

    def restored(self) -> None:
        """The server has an older disk: what came after it is not there."""
        store = self.server.store
        self.seen = {Entry.decode(entry).link_hash for entry in store.entries}
        self.checked = store.size

    def acknowledged(self, tablet: Tablet, kept: Kept) -> None:
        """A tablet shows a record as acknowledged: the log on the server's disk has it."""
        if tablet.vault.origin != self.server.store.origin:
            return  # the disk was replaced meanwhile; the tablet will hear of it
        store = self.server.store
        self.expect(
            kept.index < store.size and store.entries[kept.index] == kept.entry,
            "acknowledged and not durable",
            tablet.name,
            kept.index,
        )

    def says(self, tablet: Tablet, told: Told) -> None:
        """A tablet is about to say what it holds: that is so."""
        true = self.told(tablet)
        self.expect(_gist(told) == _gist(true), "an inventory", tablet.name, told, true)

    def told(self, tablet: Tablet) -> Told:
        """What a tablet should say of itself now."""
        life, vault = self.lives[tablet.vault.journal], tablet.vault
        waiting = [wall for n, (_, wall) in enumerate(life.saved) if vault.links[n].index < 0]
        blobs = {sample.blob for sample, _ in life.saved if sample.blob is not None}
        there = {name for name in blobs if self.server_has_whole(name, vault.blobs[name].stage)}
        return Told(
            length=len(life.saved),
            head=vault.links[-1].hash if vault.links else bytes(32),
            unsent=len(waiting),
            oldest_unsent_at=min(waiting, default=None),
            blobs_outstanding=len(blobs - there),
            at=tablet.wall,
        )

    @staticmethod
    def server_has_whole(name: bytes, stage: Stage) -> bool:
        """As far as the tablet was told."""
        return stage.rank >= Stage.RECEIPTED.rank

    # ── at the end ───────────────────────────────────────────────────────────────────────

    def drained(self) -> bool:
        """Whether everything arrived and everybody knows."""
        return all(
            (tablet.up and self.is_stopped(tablet))
            or (
                tablet.up
                and tablet.vault.journal not in self.revoked
                and tablet.vault.origin == self.server.store.origin
                and tablet.state.drained
                and not tablet.state.word_due
                and all(one.stage is Stage.STORED for one in tablet.vault.links)
                and not self.overtaken(tablet)
            )
            for tablet in self.tablets
        )

    def overtaken(self, tablet: Tablet) -> bool:
        """Whether a push of its disk's former life came after its last contact: the next one tells
        it, and it stops."""
        journal = tablet.vault.journal
        return journal in self.doubled and self.length_of(tablet) > len(self.lives[journal].saved)

    def agreed(self) -> bool:
        """Whether what each tablet said last is how it is."""
        said = self.server.store.told
        return all(
            self.is_stopped(tablet)
            or (
                tablet.vault.journal in said
                and _gist(said[tablet.vault.journal]) == _gist(self.told(tablet))
            )
            for tablet in self.tablets
        )

    def laggards(self) -> str:
        """Who is not done, and with what."""
        late = [
            f"{tablet.name}: {tablet.state.acknowledged}/{tablet.state.length} links, "
            f"{len(tablet.state.media.uploads)} blobs, halted {tablet.state.halted}, "
            f"stages {[one.stage.value for one in tablet.vault.links]}"
            for tablet in self.tablets
            if not self.is_stopped(tablet)
            and (
                not tablet.state.drained
                or tablet.vault.journal in self.revoked
                or any(one.stage is not Stage.STORED for one in tablet.vault.links)
            )
        ]
        return "; ".join(late)

    def examine(self) -> None:
        """Everything saved is there once, in order, as it was; both sides say the same."""
        store = self.server.store
        stopped = [one for one in self.tablets if self.is_stopped(one)]
        for tablet in self.tablets:
            if tablet not in stopped:
                self.examine_tablet(tablet)
        for tablet in stopped:
            self.examine_stopped(tablet)
        linked = sum(one.head.length for one in store.journals.values())
        self.expect(store.size == linked, "entries", store.size, linked)
        lives = [self.lives[one.vault.journal] for one in self.tablets if one not in stopped]
        blobs = {sample.blob for life in lives for sample, _ in life.saved} - {None}
        words = [word.blob for word in store.words]
        twice = len(words) - len(set(words))
        self.expect(not twice and blobs <= set(words), "a blob is stored once", len(words))

    def examine_stopped(self, tablet: Tablet) -> None:
        """A tablet that waits for people: the server holds one unbroken history of it, and what the
        tablet shows as acknowledged in this log is part of it."""
        store, vault = self.server.store, tablet.vault
        before = bytes(32)
        for number in range(self.length_of(tablet)):
            hashed, _, data = store.links[vault.journal, number]
            self.expect(decode_link(data).previous == before, "a broken history", tablet.name)
            before = hashed
        for kept in vault.links:
            if kept.index >= 0 and vault.origin == store.origin:
                entry = store.entries[kept.index] if kept.index < store.size else b""
                self.expect(entry == kept.entry, "acknowledged and gone", tablet.name)

    def examine_tablet(self, tablet: Tablet) -> None:
        """One tablet against the server's ledger."""
        store, vault, life = self.server.store, tablet.vault, self.lives[tablet.vault.journal]
        self.expect(len(life.saved) == len(vault.links), "a saved record is gone", tablet.name)
        last = -1
        for number, ((sample, _), kept) in enumerate(zip(life.saved, vault.links, strict=True)):
            held = store.links.get((vault.journal, number))
            self.expect(held is not None, "a saved link is not there", tablet.name, number)
            assert held is not None
            self.expect(held[0] == kept.hash, "another link is there", tablet.name, number)
            self.expect(held[1] == kept.index > last, "order", tablet.name, number, held[1], last)
            last = held[1]
            entry = Entry.decode(store.entries[held[1]])
            self.expect(entry.link_hash == kept.hash, "an entry of something else", number)
            wrong = tuple(entry.reasons) != sample.reasons
            self.expect(not wrong, "a verdict", tablet.name, number, entry.reasons)
            if sample.reasons == () and sample.sent is not None:
                self.expect(sample.record in store.statements, "a statement is gone", number)
        self.expect(
            (vault.journal, len(life.saved)) not in store.links, "more than was saved", tablet.name
        )
        told, true = store.told.get(vault.journal), self.told(tablet)
        self.expect(told is not None, "the server knows nothing of", tablet.name)
        assert told is not None
        self.expect(
            _gist(told) == _gist(true) == (true.length, true.head, 0, None, 0),
            "the server believes what is not so",
            tablet.name,
            told,
            true,
        )
        head = store.journals[vault.journal].head
        self.expect(head == vault.head, "the server's head is not the tablet's", tablet.name)


def _gist(told: Told) -> tuple[object, ...]:
    return (told.length, told.head, told.unsent, told.oldest_unsent_at, told.blobs_outstanding)

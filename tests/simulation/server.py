"""The simulated server: verify, one writer with group commits, answers with proofs; crashes.

    request ──► verify ──► waiting jobs ──► commit ──► answers          a crash comes anywhere

``restore`` puts an old backup in place of what is there and opens a successor of the log.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from protocol.merkle import consistency_proof, inclusion_proof
from protocol.messages import PushItem
from protocol.registry.registry import Registry
from sync_server.devices.contacts import Latest
from sync_server.log.push import Pushed, PushJob
from tests.simulation import records
from tests.simulation.store import MemoryAppend, Store, Told, Wanted, Word
from tests.simulation.world import Process, World

SKEW_MS = 300_000
PULL_PAGE = 12

# ── what is asked ────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Push:
    """Links, the inventory, and the size of the head that was seen."""

    items: tuple[PushItem, ...]
    told: Told
    seen: int


@dataclass(frozen=True)
class Pull:
    """The office's records after the cursor; ``seen`` as above."""

    cursor: int
    seen: int


@dataclass(frozen=True)
class Reference:
    """Anything newer?"""


@dataclass(frozen=True)
class Succession:
    """The logs before this one, and a proof from ``shared`` entries on, if it is known."""

    shared: int = 0


@dataclass(frozen=True)
class Open:
    """How much is there of a blob?"""

    name: bytes
    size: int


@dataclass(frozen=True)
class Chunk:
    """Bytes of a blob."""

    name: bytes
    offset: int
    size: int


Asked = Push | Pull | Reference | Succession | Open | Chunk


# ── what is answered ─────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class HeadSeen:
    """A head of the log, and what leads there from the one that was seen."""

    origin: str
    size: int
    root: bytes
    consistency: tuple[bytes, ...] = ()


@dataclass(frozen=True)
class Proved:
    """An entry with its proof."""

    entry: bytes
    index: int
    proof: tuple[bytes, ...]


@dataclass(frozen=True)
class Answer:
    """To all requests: the server's time and head, and what else was asked for."""

    at: int
    head: HeadSeen
    length: int = 0
    last: bytes = b""
    admitted: tuple[Proved, ...] = ()
    refusal: str = ""
    words: tuple[tuple[Word, Proved], ...] = ()
    cursor: int = 0
    more: bool = False
    origins: tuple[tuple[str, int], ...] = ()
    offset: int = 0
    complete: bool = False
    status: int = 200


Reply = Callable[[Answer], None]


@dataclass(frozen=True)
class Waiting:
    """A push that waits for the writer."""

    journal: bytes
    job: PushJob
    asked: Push
    reply: Reply


class Server(Process):
    """One server; ``store`` is its disk."""

    def __init__(self, world: World, store: Store, registry: Registry) -> None:
        super().__init__(world, "server")
        self.store = store
        self.registry = registry
        self.waiting: list[Waiting] = []
        self.latest = Latest()
        self.arrived: dict[tuple[bytes, bytes], int] = {}
        self.watchers: list[Callable[[], None]] = []

    def boot(self) -> None:
        """State what was made durable before a crash and not stated."""
        self.tell("starts")
        self.waiting, self.latest, self.arrived = [], Latest(), {}
        for name, blob in list(self.store.blobs.items()):
            if blob.whole and blob.stored_index is None:
                self.state_stored(name)

    def receive(self, key: bytes, journal: bytes, at: int, asked: Asked, reply: Reply) -> None:
        """A signed request of the tablet that writes ``journal``."""
        if not self.up:
            return

        def answered(answer: Answer) -> None:
            self.point("before it answers")
            reply(answer)

        def work() -> None:
            self.point(f"as {type(asked).__name__} comes")
            if abs(at - self.world.now) > SKEW_MS:
                answered(replace(self.answer(), status=401))
            elif isinstance(asked, Push):
                self.push(key, journal, asked, answered)
            else:
                answered(self.reply_to(journal, asked))

        self.alive(work)()

    def reply_to(self, journal: bytes, asked: Asked) -> Answer:
        """What is answered at once."""
        match asked:
            case Pull(cursor=cursor, seen=seen):
                return self.pull(journal, cursor, seen)
            case Succession(shared=shared):
                return replace(self.answer(shared), origins=self.store.origins)
            case Open(name=name, size=size):
                revoked = self.is_revoked(journal)
                return replace(self.answer(), status=403) if revoked else self.open(name, size)
            case Chunk():
                return self.chunk(asked)
        return self.answer()

    # ── push ─────────────────────────────────────────────────────────────────────────────

    def push(self, key: bytes, journal: bytes, asked: Push, reply: Reply) -> None:
        """Verify, and wait for the writer."""
        items = [records.checked(item, self.registry) for item in asked.items]
        stretch = records.joined(items, self.registry.version)
        job = PushJob(key, journal, [] if stretch else items, stretch)
        self.waiting.append(Waiting(journal, job, asked, reply))
        if len(self.waiting) == 1:
            self.later(2, self.commit_group)

    def commit_group(self) -> None:
        """Everything that waits, in one commit; only then the answers."""
        group, self.waiting = self.waiting, []
        append = MemoryAppend(self.store, self.registry, self.world.now)
        done = [one.job.run(append) for one in group]
        for one in group:
            told = one.asked.told
            said = (one.journal, told.boot)
            self.arrived[said] = max(told.number, self.arrived.get(said, 0))
            if self.latest.takes(one.journal, told.boot, told.monotonic):
                append.told[one.journal] = told
        self.durably(append)
        for one, result in zip(group, done, strict=True):
            one.reply(self.push_answer(one, result))

    def durably(self, append: MemoryAppend) -> None:
        """The commit, and whoever watches the truth."""
        self.write(f"entries {self.store.size}+{len(append.entries)}", append.commit)
        for watcher in self.watchers:
            watcher()

    def push_answer(self, one: Waiting, result: Pushed) -> Answer:
        """Receipts for what was admitted."""
        return replace(
            self.answer(one.asked.seen),
            length=result.head.length,
            last=result.head.hash,
            admitted=tuple(self.proved(index) for index in result.indexes),
            refusal=result.stopped.reason if result.stopped else "",
        )

    def proved(self, index: int) -> Proved:
        """An entry with its proof under the newest head."""
        proof = tuple(inclusion_proof(index, self.store.size, self.store.get))
        return Proved(self.store.entries[index], index, proof)

    def answer(self, seen: int = 0) -> Answer:
        """The newest head."""
        store, proof = self.store, ()
        if 0 < seen < store.size:
            proof = tuple(consistency_proof(seen, store.size, store.get))
        head = HeadSeen(store.origin, store.size, store.tree.root(), proof)
        return Answer(self.world.now, head)

    # ── pull ─────────────────────────────────────────────────────────────────────────────

    def pull(self, journal: bytes, cursor: int, seen: int) -> Answer:
        """The words on blobs of this tablet, a page of them."""
        behind = [word for word in self.store.words if word.index > cursor][: PULL_PAGE + 1]
        more = len(behind) > PULL_PAGE
        found = behind[:PULL_PAGE]
        mine = tuple((word, self.proved(word.index)) for word in found if word.journal == journal)
        reached = found[-1].index if more else max(cursor, self.store.size - 1, 0)
        return replace(self.answer(seen), words=mine, cursor=reached, more=more)

    # ── blobs ────────────────────────────────────────────────────────────────────────────

    def open(self, name: bytes, size: int) -> Answer:
        """How much is there; a blob that no record names is declined."""
        wanted = self.store.blobs.get(name)
        if wanted is None or wanted.size != size:
            return replace(self.answer(), status=403)
        if wanted.whole:
            if wanted.stored_index is None:
                self.state_stored(name)
            return replace(self.answer(), offset=size, complete=True)
        return replace(self.answer(), offset=wanted.offset)

    def chunk(self, asked: Chunk) -> Answer:
        """Append bytes where they belong; verify the whole; make it durable; say so."""
        wanted = self.store.blobs.get(asked.name)
        if wanted is None or wanted.whole or wanted.offset != asked.offset:
            return replace(self.answer(), status=409)
        reached = asked.offset + asked.size
        if not self.world.healed and self.world.chance.random() < 0.02:
            # Bytes that are not the blob's, or an upload whose time was over.
            self.write("an upload's end", lambda: self.put(asked.name, replace(wanted, offset=0)))
            return replace(self.answer(), status=460)
        whole = reached == wanted.size
        self.write(
            "a chunk", lambda: self.put(asked.name, replace(wanted, offset=reached, whole=whole))
        )
        if whole:
            self.state_stored(asked.name)
        return replace(self.answer(), offset=reached, complete=whole)

    def put(self, name: bytes, wanted: Wanted) -> None:
        """What came of a blob."""
        self.store.blobs[name] = wanted

    def state_stored(self, name: bytes) -> None:
        """The office says that a blob is stored, once."""
        append = MemoryAppend(self.store, self.registry, self.world.now)
        append.state_stored(name)
        self.durably(append)

    # ── a tablet is lost ─────────────────────────────────────────────────────────────────

    def is_revoked(self, journal: bytes) -> bool:
        """Whether the device that writes a journal may do nothing any more."""
        device = self.registry.device_of_journal(journal)
        return device is not None and device.revoked_at is not None

    def revoke(self, journal: bytes) -> None:
        """The registrar says that a device is lost, in one commit."""
        device = self.registry.device_of_journal(journal)
        assert device is not None
        gone = replace(device, revoked_at=self.world.now)
        devices = {**self.registry.devices, (device.agency, device.name): gone}
        self.registry = replace(self.registry, devices=devices)
        self.tell(f"{device.name} is REVOKED")

    # ── a backup comes back ──────────────────────────────────────────────────────────────

    def restore(self, backup: Store) -> None:
        """The machine is lost; what was backed up goes on under another name."""
        number = len(backup.origins) + 1
        taken_over = (f"log.yunxi.example/{number}", backup.size)
        self.tell(f"is RESTORED: {self.store.size} entries become {backup.size}, {taken_over[0]}")
        self.store = replace(backup.copy(), origins=(*backup.origins, taken_over))
        self.end()

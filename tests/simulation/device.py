"""A simulated tablet: the real engine over a durable vault, performing what it decides.

As in ``field_client/contact``: save the state, then send; verify, then save, then tell the engine.
Every message, every write and every step between them is a place where the process may end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from field_client.store.tables import Stage
from protocol.chain import LINK_SIZE
from protocol.engine import (
    Action,
    ChunkStored,
    Due,
    Event,
    FetchReference,
    GapNamed,
    Halted,
    OpenUpload,
    Pulled,
    Pushed,
    Referenced,
    Restarted,
    Saved,
    SendChunk,
    SendPull,
    SendPush,
    SyncState,
    Upload,
    UploadLost,
    UploadOpened,
    UploadSkipped,
    WakeAt,
    Woken,
    step,
)
from protocol.merkle import check_consistency, check_inclusion, leaf_hash
from protocol.messages import PushItem
from protocol.receipt import Entry
from tests.simulation import server as s
from tests.simulation.records import Sample
from tests.simulation.server import Answer, HeadSeen, Server
from tests.simulation.store import Told
from tests.simulation.talk import Talker, Unclear
from tests.simulation.vault import Kept, Vault
from tests.simulation.world import World

LOST = (409, 460)


class Tablet(Talker):
    """One tablet; ``vault`` is its disk."""

    def __init__(self, world: World, name: str, key: bytes, journal: bytes, server: Server) -> None:
        super().__init__(world, name, key, server)
        self.vault = Vault(journal, server.store.origin)
        self.clock_ms = 0
        self.state = SyncState()
        self.boots, self.born = 0, 0
        self.timer = 0
        self.ahead: tuple[bytes, int, list[Kept]] | None = None
        self.acknowledged: Callable[[Tablet, Kept], None] = lambda tablet, kept: None
        self.says: Callable[[Tablet, Told], None] = lambda tablet, told: None

    # ── the machine ──────────────────────────────────────────────────────────────────────

    def boot(self) -> None:
        """Sync starts from what is saved, and tries at once."""
        self.correction, self.ahead = 0, None
        if not self.boots or self.world.chance.random() < 0.3:  # the machine, not the program alone
            self.boots, self.born = self.boots + 1, self.world.now
        self.state = self.vault.standing()
        self.tell(f"starts with {self.state.acknowledged}/{self.state.length} links acknowledged")
        self.feed(Woken(self.monotonic))

    @property
    def monotonic(self) -> int:
        """The clock that never jumps, since the machine started."""
        return self.world.now - self.born

    @property
    def wall(self) -> int:
        """The clock that people set."""
        return self.world.now + self.clock_ms

    def save(self, sample: Sample) -> None:
        """An officer saves a statement; sync hears of it once it is durable."""
        saved: list[Kept] = []
        number = self.vault.head.length
        self.write(
            f"link {number}",
            lambda: saved.append(self.vault.save(sample, self.wall, bytes(16), self.monotonic)),
        )
        uploads = (Upload(sample.blob, sample.size, self.wall),) if sample.blob else ()
        self.feed(Saved(number + 1, uploads, self.vault.journal))

    # ── the performer ────────────────────────────────────────────────────────────────────

    def feed(self, event: Event) -> None:
        """One step of the engine, and everything that it asks for is begun."""
        self.tell(str(event))
        self.state, actions = step(self.state, event)
        for action in actions:
            self.tell(f"  {action}")
            if isinstance(action, WakeAt):
                self.wake_at(action.at)
            else:
                self.later(0, lambda action=action: self.perform(action))

    def wake_at(self, at: int) -> None:
        """A later timer replaces the one that was set."""
        self.timer += 1
        mine = self.timer

        def fire() -> None:
            if mine == self.timer:
                self.feed(Due(self.monotonic))

        self.later(max(0, at - self.monotonic), fire)

    def perform(self, action: Action) -> None:
        """Begin one action; its answer, or its failure, is told to the engine."""
        match action:
            case SendPush(start=start, most=most):
                self.push(start, most)
            case SendPull(cursor=cursor):
                self.ask(s.Pull(cursor, self.vault.seen[0]), lambda a: self.pulled(cursor, a))
            case FetchReference():
                self.ask(s.Reference(), lambda answer: Referenced())
            case OpenUpload(sha256=name, size=size):
                self.ask(s.Open(name, size), lambda a: self.opened(name, size, a), name)
            case SendChunk(sha256=name, offset=offset, size=size):
                asked = s.Chunk(name, offset, size)
                self.ask(asked, lambda a: self.chunk_stored(asked, a), name)

    # ── push ─────────────────────────────────────────────────────────────────────────────

    def push(self, start: int, most: int) -> None:
        """Mark as sent, then send with the inventory."""
        batch = self.batch(start, most)
        if any(one.stage is Stage.SAVED for one in batch):
            self.write(f"links {start}+{len(batch)} as sent", lambda: self.vault.mark_sent(batch))
        items = tuple(PushItem(link=one.link, statement=one.sent) for one in batch)
        told = replace(
            self.vault.told(self.wall),
            boot=self.boots.to_bytes(4, "big"),
            monotonic=self.monotonic,
            number=self.world.steps,
        )
        self.says(self, told)
        asked = s.Push(items, told, self.vault.seen[0])
        if batch:  # what follows is read while this is under way
            then = start + len(batch)
            self.ahead = (self.vault.journal, then, self.vault.links[then : then + 3])
        self.ask(asked, lambda answer: self.pushed(start, batch, answer))

    def batch(self, start: int, most: int) -> list[Kept]:
        """Links from ``start`` on; small batches, so that there are several."""
        batch: list[Kept] = []
        ahead, self.ahead = self.ahead, None
        known = ahead is not None and ahead[:2] == (self.vault.journal, start)
        read = ahead[2] if ahead is not None and known else []
        for one in read or self.vault.links[start : start + 3]:
            most -= LINK_SIZE + len(one.sent or b"")
            if batch and most < 0:
                break
            batch.append(one)
        return batch

    def pushed(self, start: int, batch: list[Kept], answer: Answer) -> Event | None:
        """Verify every receipt and the log that they come from; then save all at once."""
        if answer.head.origin != self.vault.origin:
            self.follow()
            return None
        self.expect_continued(answer.head)
        if len(answer.admitted) > len(batch):
            raise Unclear("receipts of links that were not sent")
        proved = []
        for kept, admitted in zip(batch, answer.admitted, strict=False):
            entry = Entry.decode(admitted.entry)
            if (entry.link_hash, entry.record_hash) != (kept.hash, kept.record):
                raise Unclear("a receipt of something else")
            leaf = leaf_hash(admitted.entry)
            check_inclusion(
                leaf, admitted.index, answer.head.size, admitted.proof, answer.head.root
            )
            proved.append((kept, admitted.index, admitted.entry))
        self.keep(proved, answer)
        reached = start + len(proved)
        if answer.refusal == "gap":
            return GapNamed(answer.length)
        if answer.refusal:
            return self.halt(answer.refusal)
        if not self.is_ours(answer):
            return self.halt("alarm")
        if (batch and not proved) or answer.length < reached:
            raise Unclear("nothing was taken")
        return Pushed(reached)

    def is_ours(self, answer: Answer) -> bool:
        """Whether the server's head of the journal is a link of this disk
        (``field_client/contact/forks.py``)."""
        if not answer.length:
            return True
        links = self.vault.links[answer.length - 1 : answer.length]
        return [one.hash for one in links] == [answer.last]

    def halt(self, reason: str) -> Halted:
        """Durable before the engine hears of it."""
        self.write(f"that it is halted: {reason}", lambda: self.vault.halt(reason))
        return Halted(reason)

    def keep(self, proved: list[tuple[Kept, int, bytes]], answer: Answer) -> None:
        """The receipts, durable, before anybody is told of them."""
        head = (answer.head.size, answer.head.root)
        at = max((Entry.decode(entry).received_at for _, _, entry in proved), default=0)
        self.write("receipts", lambda: self.vault.keep_receipts(proved, head, at))
        for kept, _, _ in proved:
            self.acknowledged(self, kept)

    def expect_continued(self, head: HeadSeen) -> None:
        """The head goes on from the one that was seen: answers come in order, so none is older."""
        size, root = self.vault.seen
        if size:
            check_consistency(size, head.size, head.consistency, root, head.root)

    # ── pull ─────────────────────────────────────────────────────────────────────────────

    def pulled(self, cursor: int, answer: Answer) -> Event | None:
        """Verify all, then apply all, with the cursor."""
        if answer.head.origin != self.vault.origin:
            self.follow()
            return None
        self.expect_continued(answer.head)
        words = []
        for word, proved in answer.words:
            leaf = leaf_hash(proved.entry)
            check_inclusion(leaf, proved.index, answer.head.size, proved.proof, answer.head.root)
            if Entry.decode(proved.entry).record_hash != word.blob:
                raise Unclear("a word on something else")
            words.append((word.blob, proved.index))
        self.take(words, answer.cursor)
        return Pulled(answer.cursor, answer.more)

    def take(self, words: list[tuple[bytes, int]], cursor: int) -> None:
        """The office's words and the cursor behind them."""
        self.write("what was pulled", lambda: self.vault.take_words(words, cursor))

    # ── succession ───────────────────────────────────────────────────────────────────────

    def follow(self) -> None:
        """Ask for the chain of logs, then for the proof of what both hold."""

        def told(answer: Answer) -> None:
            names = [name for name, _ in answer.origins]
            if self.vault.origin not in names:
                raise Unclear("no succession of this log")
            later = answer.origins[names.index(self.vault.origin) + 1 :]
            most = min((size for _, size in later), default=0)
            shared = max((n for n in self.vault.seen_sizes if n <= most), default=0)
            self.ask(s.Succession(shared), lambda answer: self.passed(shared, answer))

        self.ask(s.Succession(), told)

    def passed(self, shared: int, answer: Answer) -> Event:
        """The successor holds what was shared; the rest is saved again, in one transaction."""
        head = answer.head
        if head.origin == self.vault.origin:
            raise Unclear("no other log")
        if shared:
            root = self.vault.seen_sizes[shared]
            check_consistency(shared, head.size, head.consistency, root, head.root)
        seen = (head.size, head.root)
        self.pass_log(head.origin, seen, shared)
        return Restarted(self.vault.standing())

    def pass_log(self, origin: str, head: tuple[int, bytes], shared: int) -> None:
        """One transaction."""
        self.write(f"that {origin} follows", lambda: self.vault.pass_log(origin, head, shared))

    # ── blobs ────────────────────────────────────────────────────────────────────────────

    def opened(self, name: bytes, size: int, answer: Answer) -> Event:
        """How much the server has."""
        if answer.status == 403:
            return UploadSkipped(name)
        stage = Stage.RECEIPTED if answer.complete else Stage.SENT
        self.write("where an upload stands", lambda: self.vault.uploaded(name, stage))
        return UploadOpened(name, answer.offset, answer.complete)

    def chunk_stored(self, asked: s.Chunk, answer: Answer) -> Event:
        """How much the server has now."""
        if answer.status in LOST:
            return UploadLost(asked.name)
        if answer.complete:
            done = Stage.RECEIPTED
            self.write("an upload's end", lambda: self.vault.uploaded(asked.name, done))
        return ChunkStored(asked.name, answer.offset, answer.complete)

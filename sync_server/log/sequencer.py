"""The one writer: it puts what was verified into the log, many jobs to a commit.

    sequencer.push(...)    a device's items            ──┐
    sequencer.state(...)   the office's statements     ──┤   one thread
                                                         ▼
    1  take every job that waits; in a crowd, wait a little for more (``line.py``)
    2  BEGIN; each job is admitted against what stands now, in the order of arrival
    3  rows, tree hashes, heads; the checkpoint over all of it is signed and written
    4  COMMIT with synchronous=FULL: the write-ahead log is on the disk
    5  only now the jobs are answered, and readers may see the new checkpoint

A job that cannot be done is answered with its error, and the group begins again without it, so
that a job happens whole or not at all. If step 3 or 4 fails, nothing is answered as done: the
outcome of a failed fsync is unknown, so what the writer knows is read again from the database
before the next group, and every client sends again; all of it is idempotent by link hash.

The promise that the log never signs two heads of which neither continues the other is kept
here: one thread, one transaction, and a checkpoint is handed out only after its commit. What
remains: a disk that lies about fsync, or a database file that is rolled back by hand. The
first is beyond us; the second is caught by every device that has seen a later head.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import structlog
from sqlalchemy import Connection, select
from sqlalchemy.exc import NoResultFound, SQLAlchemyError

from protocol.checkpoint import Checkpoint, sign_checkpoint
from protocol.errors import FujieError
from protocol.keys import Signer
from protocol.registry.registry import Registry
from sync_server.clock import Clock
from sync_server.log import leaves, lookup, nodes, origin, rows, standing
from sync_server.log.append import Append
from sync_server.log.line import Line
from sync_server.log.standing import Standing
from sync_server.store.db import Database
from sync_server.store.inserting import add
from sync_server.store.tables import CHECKPOINT, NONCE

T = TypeVar("T")
U = TypeVar("U")
T_co = TypeVar("T_co", covariant=True)

log = structlog.get_logger(__name__)


class NotDurable(FujieError):
    """The disk or the database did not take it; whether it is saved is not known."""


def _altered(size: int) -> NotDurable:
    return NotDurable(
        "the stored tree of {size} entries is not the one that was signed; run "
        "fujie-server fsck, and restore from a backup",
        size=size,
    )


class Job(Protocol[T_co]):
    """Something to append. ``run`` may raise a FujieError: then nothing of it happens."""

    def run(self, append: Append) -> T_co:
        """Add to the group what is to be added, and say what came of it."""


@dataclass(frozen=True)
class Committed:
    """A durable head of the log. ``nodes`` are the tree's hashes that were at hand: they prove
    the inclusion of what this commit added."""

    size: int
    note: bytes
    at: int
    nodes: Mapping[tuple[int, int], bytes]


@dataclass(frozen=True)
class Done(Generic[T]):
    """A job's result, and the commit that made it durable."""

    result: T
    commit: Committed


@dataclass
class _Waiting:
    job: Job[object]
    future: Future[Done[object]]


class Sequencer:
    """The writer's thread and its queue. One for each log; ``name`` is its origin, ``succeeds``
    that of the log whose tree it goes on with, until its own first head is stored. ``watchers``
    are called after each commit by the writer itself, so they must not wait."""

    def __init__(
        self,
        db: Database,
        log_keys: Sequence[Signer],
        name: str,
        clock: Clock,
        succeeds: str = "",
    ) -> None:
        self._db = db
        self._keys = tuple(log_keys)
        self._origin = name
        self._succeeds = (succeeds,) if succeeds else ()
        self._clock = clock
        self._line = Line[_Waiting]()
        self._nonces: queue.SimpleQueue[tuple[str, int]] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="sequencer", daemon=True)
        self._standing = Standing()
        self._used: dict[str, dict[str, object]] = {}
        self._certain = self._ended = False
        self.head = Committed(0, b"", 0, {})
        self.watchers: list[Callable[[], None]] = []

    @property
    def registry(self) -> Registry:
        """The registry as of the last commit; a value, safe to keep."""
        return self._standing.registry

    @property
    def office(self) -> bytes | None:
        """The office's own journal, once the log has begun."""
        return self._standing.office

    @property
    def offices(self) -> tuple[bytes, ...]:
        """All that the office ever wrote, the newest journal last."""
        return self._standing.offices

    def journal(self, journal: bytes) -> standing.JournalHead | None:
        """The head of a journal as of the last commit."""
        return self._standing.journals.get(journal)

    def start(self) -> None:
        """Learn what stands from the database, and begin to write."""
        with self._db.writer.begin() as connection:
            self._learn(connection)
        self._thread.start()

    @property
    def is_writing(self) -> bool:
        """Whether the writer is there and takes jobs."""
        return self._thread.is_alive() and not self._ended

    @property
    def is_certain(self) -> bool:
        """Whether the last commit was taken; if not, the next one shows."""
        return self._certain

    def look(self) -> None:
        """Learn what stands without beginning to write, for programs that only read. What was
        tampered with is theirs to find: nothing is signed here, so nothing is checked."""
        with self._db.engine.begin() as connection:
            self._standing = standing.load_people(connection)
            newest = select(CHECKPOINT).order_by(CHECKPOINT.c.size.desc()).limit(1)
            row = connection.execute(newest).first()
        if row is not None:
            origin.expect(row.note, self._origin, *self._succeeds)
            self.head = Committed(row.size, row.note, self._clock.now(), {})

    def stop(self) -> None:
        """Write what waits, and end."""
        if self._thread.is_alive():
            self._line.close()
            self._thread.join()

    def submit(self, job: Job[T]) -> Future[Done[T]]:
        """Queue a job. The future is done after the commit, or fails with why it was not; also
        where the writer has ended, so that nobody waits for ever."""
        future: Future[Done[T]] = Future()
        self._put(_Waiting(job, future))  # type: ignore[arg-type]
        return future

    def submit_both(self, job: Job[T], other: Job[U]) -> tuple[Future[Done[T]], Future[Done[U]]]:
        """Queue two jobs for the same commit."""
        future, then = Future[Done[T]](), Future[Done[U]]()
        self._put(_Waiting(job, future), _Waiting(other, then))  # type: ignore[arg-type]
        return future, then

    def expecting(self) -> AbstractContextManager[None]:
        """Until the block ends, a job is being made ready: a group waits for it a little. In the
        event loop's thread only."""
        return self._line.expecting()

    def _put(self, *together: _Waiting) -> None:
        self._line.put(*together)
        if self._ended:
            self._turn_away()

    def note_nonce(self, nonce: str, expires_at: int) -> None:
        """Write down with the next commit that a request's nonce was used."""
        self._nonces.put((nonce, expires_at))

    def _run(self) -> None:
        try:
            last = False
            while not last:
                group, last = self._line.take()
                # Whoever stopped waiting before this point never asked; behind it, it is too late.
                self._commit_group(
                    [one for one in group if one.future.set_running_or_notify_cancel()]
                )
        finally:
            self._ended = True
            self._turn_away()

    def _turn_away(self) -> None:
        """Tell those who wait for a writer that has ended."""
        for one in self._line.rest():
            if one.future.set_running_or_notify_cancel():
                self._fail([one], "the writer has ended")

    def _commit_group(self, group: list[_Waiting]) -> None:
        while group:
            try:
                failed = self._attempt(group)
            except (SQLAlchemyError, OSError) as fault:
                self._certain = False
                log.error("commit failed", fault=type(fault).__name__)
                self._fail(group, str(fault))
                return
            except Exception as fault:
                log.exception("commit failed")
                self._fail(group, str(fault))
                return
            except BaseException as fault:
                self._fail(group, type(fault).__name__)
                raise
            if failed is None:
                return
            group.remove(failed)

    def _attempt(self, group: list[_Waiting]) -> _Waiting | None:
        """One transaction. Returns the job that could not be done, after undoing all."""
        with self._db.writer.connect() as connection, connection.begin() as transaction:
            if not self._certain:
                self._learn(connection)
            append = Append(self._standing, connection, self._clock.now())
            results: list[object] = []
            for waiting in group:
                try:
                    results.append(waiting.job.run(append))
                except FujieError as fault:
                    transaction.rollback()
                    waiting.future.set_exception(fault)
                    return waiting
                except (SQLAlchemyError, OSError):
                    raise
                except Exception as fault:  # ours, of this job: no fault of those beside it
                    transaction.rollback()
                    log.exception("job failed")
                    self._fail([waiting], str(fault))
                    return waiting
            commit = self._write(connection, append)
        self._standing, self.head = append.standing(), commit
        self._used.clear()
        for waiting, result in zip(group, results, strict=True):
            waiting.future.set_result(Done(result, commit))
        for watcher in self.watchers:
            watcher()
        return None

    def _write(self, connection: Connection, append: Append) -> Committed:
        append.rows.write(connection)
        rows.write_heads(connection, (append.journals[journal] for journal in append.touched))
        self._write_nonces(connection)
        if append.tree.size == self.head.size:
            return self.head
        nodes.write(connection, append.tree.new())
        lookup.write(connection, self.head.size, append.tree.size)
        commit = self._committed(append)
        rows.write_checkpoint(connection, commit.size, commit.note)
        return commit

    def _write_nonces(self, connection: Connection) -> None:
        while not self._nonces.empty():
            nonce, until = self._nonces.get()
            self._used[nonce] = {"nonce": nonce, "expires_at": until}
        if self._used:
            add(connection, NONCE, list(self._used.values()), held="nonce")

    def _learn(self, connection: Connection) -> None:
        self._standing = self._load(connection)
        append = Append(self._standing, connection, self._clock.now())
        commit = self._committed(append)
        note = connection.execute(
            select(CHECKPOINT.c.note).order_by(CHECKPOINT.c.size.desc()).limit(1)
        ).scalar()
        # Signing another root for a size that was signed before would be the very lie that the
        # log exists to rule out: an altered database stops the writer.
        origin.expect(note, self._origin, *self._succeeds)
        texts = [
            Checkpoint(name, append.tree.size, append.tree.root()).text().encode()
            for name in (self._origin, *self._succeeds)
        ]
        if commit.size and not (note or b"").startswith(tuple(texts)):
            raise _altered(commit.size)
        self.head = commit
        self._certain = True

    @staticmethod
    def _load(connection: Connection) -> Standing:
        try:
            return standing.load(connection)
        except NoResultFound:
            raise _altered(leaves.size(connection)) from None

    def _committed(self, append: Append) -> Committed:
        tree = append.tree
        checkpoint = Checkpoint(self._origin, tree.size, tree.root())
        note = sign_checkpoint(checkpoint, *self._keys)
        return Committed(tree.size, note, append.now, tree.at_hand())

    @staticmethod
    def _fail(group: Sequence[_Waiting], fault: str) -> None:
        for waiting in group:
            if waiting.future.done():
                continue
            waiting.future.set_exception(
                NotDurable(
                    "the record store did not confirm the write ({fault}); send again",
                    fault=fault[:200],
                )
            )

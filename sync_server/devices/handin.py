"""An export that was handed in by a page: kept, taken in beside the answers, and answered.

    handin.folder_of(settings, number)      where the page puts the file
    hand_ins.add(row)                       it is taken in next
    hand_ins.far(number)                    how far reading is; None before and after

One thread takes in one export at a time, as ``import-export`` does: what is read goes on where it
was when the server stops and starts again, and what the log has is not taken twice. The file is
dropped as soon as it is in or refused, for the stick has it; the answer stays ``spool.KEPT_S``.
What a crash left of a file that was still coming is dropped at the next start:

    <data>/imports/handed-<number>/export, then answer

Nobody signs for it, the device did; who handed it in, which file, and what came of it, is kept.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec
import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col, select

from protocol.errors import FujieError, Refused
from protocol.messages import Found
from protocol.receipt import Entry
from protocol.registry.registry import Device
from sync_server import words
from sync_server.devices import answering, exports, importing
from sync_server.devices.exports import Far, Opened
from sync_server.devices.importing import Brought
from sync_server.services import Services
from sync_server.settings import Settings
from sync_server.store.files import make_folder, write_durably
from sync_server.store.handintables import HandInRow

MOST_FLAGGED = 100
"""How many flagged records are named one by one."""
MOST_RECORDS = 256 << 20
"""Bytes of an export beside its files, which are read into memory: anybody can seal a file to this
server. A tablet writes some 3 KB for each record."""
TRIES = 3
"""How often a server that did not end in order takes the same export up again."""
AGAIN_S = 10.0
"""How long what waits is let be where the database or the disk takes no writes."""
HANDED = "handed-"
NOT_OURS = "this export is of another agency's tablet; hand it in at that agency"
GONE = "the file is no longer on the server; hand the export in once more"
BROKEN = (
    "the server could not take this export in; what came of it stays, and the stick has all of it: "
    "tell the operator, then hand it in once more"
)

Review = Callable[[Device], list[Found]]

log = structlog.get_logger(__name__)


class JournalCame(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one journal: ``new`` records, those that were ``known``, and how many were
    ``left`` because of ``stopped``, the reason of a refusal (``log/intake.py``), empty for none."""

    journal: str
    new: int
    known: int
    left: int
    stopped: str = ""


class FlaggedCame(msgspec.Struct, frozen=True, kw_only=True):
    """A record that was let in with something said against it, by its entry in the log."""

    index: int
    reasons: tuple[int, ...]


class Came(msgspec.Struct, frozen=True, kw_only=True):
    """What an export held and what came of it. Sizes are in bytes; ``stored`` files are safe here,
    ``cut`` ones were not whole in it; ``answer`` is the answer's size, 0 for none; ``reviewed`` is
    false where findings could not be told with it."""

    scope: str
    made_at: int
    records: int
    journals: tuple[JournalCame, ...]
    flagged: tuple[FlaggedCame, ...]
    all_flagged: int
    files: int
    files_size: int
    stored: int
    cut: int
    answer: int
    reviewed: bool


class _Ended(BaseException):
    """The server stops; reading goes on at the next start."""


def folder_of(settings: Settings, number: str) -> Path:
    """Where an export and its answer lie."""
    return settings.imports / f"{HANDED}{number}"


class HandIns:
    """The exports that are handed in to this server. ``review`` finds what an answer tells of a
    device's records."""

    def __init__(self, services: Services, review: Review) -> None:
        self._services, self._review = services, review
        self._far: dict[str, Far] = {}
        self._wake, self._end = threading.Event(), threading.Event()

    def add(self, row: HandInRow) -> None:
        """Take it in as soon as those before it are."""
        with self._services.db.private() as session:
            session.add(row)
        self._wake.set()

    def far(self, number: str) -> Far | None:
        """How far reading has come, while it goes on."""
        return self._far.get(number)

    def of(self, agency: str, most: int) -> list[HandInRow]:
        """The newest of an agency."""
        wanted = select(HandInRow).where(HandInRow.agency == agency)
        with self._services.db.reading() as session:
            return list(session.exec(wanted.order_by(col(HandInRow.at).desc()).limit(most)).all())

    def one(self, agency: str, number: str) -> HandInRow | None:
        """One of an agency."""
        with self._services.db.reading() as session:
            row = session.get(HandInRow, number)
        return row if row is not None and row.agency == agency else None

    def answer(self, number: str) -> Path | None:
        """The file for the tablet, as long as it is kept."""
        path = folder_of(self._services.settings, number) / "answer"
        return path if path.is_file() else None

    @contextmanager
    def running(self) -> Iterator[None]:
        """Take in what waits until the block ends, first what an earlier stop left."""
        self._drop_strays()
        self._end.clear()
        self._wake.set()
        thread = threading.Thread(target=self._run, name="hand-ins", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._end.set()
            self._wake.set()
            thread.join()

    def _run(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            try:
                while not self._end.is_set() and (row := self._next()) is not None:
                    with suppress(_Ended):
                        self._take(row)
            except Exception as fault:  # a thread that ended would leave all of them waiting
                log.error("exports that were handed in wait", exc_info=fault)
                self._end.wait(AGAIN_S)
                self._wake.set()
            if self._end.is_set():
                return

    def _next(self) -> HandInRow | None:
        wanted = select(HandInRow).where(HandInRow.state == "waiting")
        with self._services.db.reading() as session:
            return session.exec(wanted.order_by(col(HandInRow.at)).limit(1)).first()

    def _take(self, row: HandInRow) -> None:
        came, fault = None, ""
        try:
            if self._tried(row, 1) > TRIES:  # it may be what ended the server, and would again
                raise Refused(BROKEN)
            came, row.device, fault = self._bring(row)
        except FujieError as refused:
            fault = words.kept(refused)
        except _Ended:
            self._tried(row, -1)
            raise
        except SQLAlchemyError:
            raise
        except Exception as broken:
            log.error(
                "an export that was handed in failed", kind=type(broken).__name__, exc_info=broken
            )
            fault = words.kept(Refused(BROKEN))
        finally:
            self._far.pop(row.number, None)
        self._settle(row, came, fault)

    def _bring(self, row: HandInRow) -> tuple[Came, str, str]:
        """What came of it, whose it is, and why there is no answer, if there should be one."""
        services, folder = self._services, folder_of(self._services.settings, row.number)
        if not (folder / "export").is_file():
            raise Refused(GONE)
        watch = self._watch(row.number)
        with exports.opened(services, folder / "export", watch, most=MOST_RECORDS) as export:
            if export.device.agency != row.agency:
                raise Refused(NOT_OURS)
            size = sum(path.stat().st_size for path in export.blobs.values())
            brought = importing.bring_in(services, export)
            found = self._found(export.device)
            answer, fault = None, ""
            try:
                answer = answering.answer_to(services, export, brought, found)
            except FujieError as refused:  # what was brought in stays in
                fault = words.kept(refused)
            if answer is not None:
                write_durably(folder / "answer", answer)
            told = _told(services, export, brought, size)
            told = msgspec.structs.replace(
                told, answer=len(answer or b""), reviewed=found is not None
            )
            return told, export.device.name, fault

    def _watch(self, number: str) -> Callable[[Far], None]:
        def far(now: Far) -> None:
            if self._end.is_set():
                raise _Ended
            self._far[number] = now

        return far

    def _found(self, device: Device) -> list[Found] | None:
        """What cannot be looked through keeps no answer back."""
        try:
            return self._review(device)
        except (FujieError, SQLAlchemyError, OSError) as fault:
            log.error("no review", device=device.name, kind=type(fault).__name__)
            return None

    def _tried(self, row: HandInRow, more: int) -> int:
        """How often it was taken up and not ended in order."""
        with self._services.db.private() as session:
            kept = session.get_one(HandInRow, row.number)
            kept.tries += more
            return kept.tries

    def _settle(self, row: HandInRow, came: Came | None, fault: str) -> None:
        with self._services.db.private() as session:
            kept = session.get_one(HandInRow, row.number)
            kept.state = "refused" if came is None else "done"
            kept.came = None if came is None else msgspec.json.encode(came)
            kept.device, kept.fault = row.device, fault
            kept.ended_at = self._services.clock.now()
        drop_file(self._services.settings, row.number)

    def _drop_strays(self) -> None:
        """Files that a crash left, of forms that were still coming or of exports that were done.
        Before anything is handed in: what has no row now never gets one."""
        with self._services.db.reading() as session:
            waiting = select(HandInRow.number).where(HandInRow.state == "waiting")
            kept = {folder_of(self._services.settings, one) for one in session.exec(waiting)}
        for folder in self._services.settings.imports.glob(f"{HANDED}*"):
            if folder not in kept:
                drop_file(self._services.settings, folder.name.removeprefix(HANDED))


def begin(settings: Settings, number: str) -> Path:
    """A folder for an export, and where to write it."""
    folder = folder_of(settings, number)
    make_folder(folder)
    return folder / "export"


def drop_file(settings: Settings, number: str) -> None:
    """The file is not needed any more; with it goes a folder that has no answer."""
    folder = folder_of(settings, number)
    (folder / "export").unlink(missing_ok=True)
    if not (folder / "answer").exists():
        shutil.rmtree(folder, ignore_errors=True)


def _told(services: Services, export: Opened, brought: Sequence[Brought], size: int) -> Came:
    said = export.exported.manifest
    assert said is not None  # ``opened`` begins with it
    facts, agency = services.facts, export.device.agency
    doubted = [(index, Entry.decode(entry)) for index, entry in _new(brought)]
    flagged = [
        FlaggedCame(index=index, reasons=one.reasons) for index, one in doubted if one.reasons
    ]
    named = [facts.blob(sha256, agency) for sha256 in export.blobs]
    return Came(
        scope=said.scope,
        made_at=said.made_at,
        records=sum(len(one.links) for one in export.branches),
        journals=tuple(
            JournalCame(
                journal=one.journal.hex(),
                new=one.new,
                known=one.known,
                left=len(branch.links) - one.new - one.known,
                stopped=one.stopped.reason if one.stopped else "",
            )
            for one, branch in zip(brought, export.branches, strict=True)
        ),
        flagged=tuple(flagged[:MOST_FLAGGED]),
        all_flagged=len(flagged),
        files=len(export.blobs),
        files_size=size,
        stored=sum(one is not None and one.stored_index is not None for one in named),
        cut=export.cut,
        answer=0,
        reviewed=False,
    )


def _new(brought: Sequence[Brought]) -> Iterator[tuple[int, bytes]]:
    for one in brought:
        for page in one.pages:
            yield from page.pushed.new.items()

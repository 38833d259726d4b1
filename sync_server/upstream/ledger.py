"""What the upper level has, as it proved it: this server's private note of it.

    read(db)            the upper level that is followed; None where there is none
    receipted(db, …)    a push was answered: receipts, head and length, in one transaction

Nothing here is a fact of this log: lose it, and everything is pushed once more, answered as it was
the first time, and proved again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlmodel import col, delete, select

from protocol.checkpoint import VerifierKey
from sync_server.store.db import Database
from sync_server.store.uppertables import UpstreamReceiptRow, UpstreamRow, UpstreamTextRow
from sync_server.upstream.papers import Acceptance

BATCH = 1000
FORMER = "former "
"""How a line begins whose key the upper level's log had before."""


def read(db: Database) -> UpstreamRow | None:
    """The upper level that this server follows."""
    with db.reading() as session:
        return session.exec(select(UpstreamRow)).first()


def follow(db: Database, paper: Acceptance) -> None:
    """Follow this one, and no other; the same one again forgets what halted it. Keys that its log
    had before stay good for the head that is known."""
    with db.private() as session:
        session.exec(delete(UpstreamRow).where(col(UpstreamRow.origin) != paper.origin))
        row = session.get(UpstreamRow, paper.origin) or UpstreamRow(
            origin=paper.origin, name="", address="", log_keys="", office="", device="", journal=b""
        )
        row.name, row.address = paper.name, paper.address.rstrip("/")
        known = [line.removeprefix(FORMER) for line in row.log_keys.splitlines()]
        former = [f"{FORMER}{key}" for key in known if key not in paper.log_keys]
        row.log_keys, row.office = "\n".join([*paper.log_keys, *former]), paper.office
        row.device, row.agency = paper.device, paper.agency
        row.halted, row.trouble = "", ""
        session.add(row)


def keys(row: UpstreamRow) -> tuple[list[VerifierKey], list[VerifierKey]]:
    """The keys of the upper level's log: those in force, and former ones."""
    lines = row.log_keys.splitlines()
    now = [VerifierKey.parse(line) for line in lines if not line.startswith(FORMER)]
    before = [line.removeprefix(FORMER) for line in lines if line.startswith(FORMER)]
    return now, [VerifierKey.parse(line) for line in before]


def leave(db: Database) -> None:
    """Push nowhere any more. Receipts stay."""
    with db.private() as session:
        session.exec(delete(UpstreamRow))


def begin(db: Database, journal: bytes) -> UpstreamRow | None:
    """The upper level as a push of this journal finds it: another journal begins anew."""
    found = read(db)
    if found is None or found.journal == journal:
        return found  # nearly always, after each commit: the log's writer is not to wait for this
    with db.private() as session:
        row = session.exec(select(UpstreamRow)).first()
        if row is not None:
            row.journal, row.acknowledged = journal, 0
            session.add(row)
    return read(db)


def receipted(
    db: Database, origin: str, length: int, note: bytes, receipts: dict[bytes, str], at: int
) -> None:
    """The upper level has ``length`` links, and ``receipts``, by record hash, prove some."""
    with db.private() as session:
        row = session.get(UpstreamRow, origin)
        if row is None:
            return
        row.acknowledged, row.note, row.heard_at, row.trouble = length, note, at, ""
        session.add(row)
        for record, receipt in receipts.items():
            session.merge(
                UpstreamReceiptRow(record_hash=record, origin=origin, receipt=receipt, at=at)
            )


def note(db: Database, origin: str, **changes: object) -> None:
    """Write down how it stands: ``cursor``, ``halted``, ``trouble``, ``heard_at``,
    ``acknowledged``."""
    with db.private() as session:
        row = session.get(UpstreamRow, origin)
        if row is not None:
            for name, value in changes.items():
                setattr(row, name, value)
            session.add(row)


def stored(db: Database, origin: str, sha256: bytes) -> None:
    """The upper level has this text whole."""
    with db.private() as session:
        session.merge(UpstreamTextRow(sha256=sha256, origin=origin))


def stored_of(db: Database, origin: str, texts: Sequence[bytes]) -> set[bytes]:
    """Those of the texts that it has."""
    found: set[bytes] = set()
    with db.reading() as session:
        for at in range(0, len(texts), BATCH):
            asked = col(UpstreamTextRow.sha256).in_(texts[at : at + BATCH])
            of_it = UpstreamTextRow.origin == origin
            found |= set(session.exec(select(UpstreamTextRow.sha256).where(of_it, asked)).all())
    return found


def receipts(db: Database, records: Iterable[bytes]) -> Sequence[UpstreamReceiptRow]:
    """The receipts of these records."""
    with db.reading() as session:
        wanted = col(UpstreamReceiptRow.record_hash).in_(list(records))
        return session.exec(select(UpstreamReceiptRow).where(wanted)).all()

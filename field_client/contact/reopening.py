"""After a fork: the journal that the office closed is left, and its successor opened.

    closed journal   0 ─ 1 ─ 2 ─ 3'─ 4'          3' and 4' have no receipt: the office holds
                                 └─ 3 ─ 4        another branch there
    successor        0 (the record of 3') ─ 1 (the record of 4')

What has a receipt stays where it is, and stays proved. What has none is linked again in the
successor: the same records at the same times, in the same order, under new links, *saved* and on
their way once more. The former links are kept beside (``replaced_links``), for an export brings
both. All of it is one transaction with the cursor's; numbers, drafts and cases know nothing of it.
"""

from __future__ import annotations

from sqlmodel import Session, col, select

from field_client.contact import standing
from field_client.contact.inventory import open_journal
from field_client.store import stages
from field_client.store.tables import (
    JournalRow,
    LinkRow,
    OldReceiptRow,
    ReceiptRow,
    ReplacedLinkRow,
    Stage,
)
from protocol import chain
from protocol.chain import Head
from protocol.receipt import Receipt
from protocol.statements import JournalClosed

LIFTED = ("fork", "rewrite", "closed", "unknown_device")
"""Reasons of a refusal that another journal resolves."""


def reopen(session: Session, closed: JournalClosed, at: int) -> bool:
    """Leave the closed journal, and those that followed it here, for the successor that the office
    names. Whether anything changed."""
    ours = session.get(JournalRow, bytes.fromhex(closed.journal))
    if ours is None or closed.successor is None:
        return False
    held = _held_after_all(session, closed)
    if session.get(JournalRow, bytes.fromhex(closed.successor)) is not None:
        # One that is ended is never gone on with; the office has to name another.
        return held or (not ours.open and _link_again(session, ours.id, open_journal(session), at))
    former = _from(session, ours)
    successor = JournalRow(
        id=bytes.fromhex(closed.successor),
        agency=ours.agency,
        device=ours.device,
        opened_at=max(at, former[-1].opened_at + 1),  # the journals' order, whatever a clock said
    )
    for one in former:
        one.open = False
        session.add(one)
    session.add(successor)
    session.flush()
    for one in former:
        _link_again(session, one.id, successor, at)
    if standing.halt(session) in LIFTED:
        standing.lift(session)
    return True


def _from(session: Session, ours: JournalRow) -> list[JournalRow]:
    """A journal and those that were opened after it, in order."""
    found = select(JournalRow).where(JournalRow.opened_at >= ours.opened_at)
    return list(session.exec(found.order_by(col(JournalRow.opened_at))))


def _held_after_all(session: Session, closed: JournalClosed) -> bool:
    """The office names the last link that it holds of a journal: what was taken for lost up to
    there is not, and is proved by the receipts that it had. Whether there was any."""
    journal = bytes.fromhex(closed.journal)
    last = session.exec(
        select(LinkRow.link_hash).where(
            LinkRow.journal == journal, LinkRow.sequence == closed.length - 1
        )
    ).first()
    if last is None or last.hex() != closed.head:
        return False
    rows = session.exec(
        select(LinkRow.link_hash, OldReceiptRow.receipt)
        .join(OldReceiptRow, col(OldReceiptRow.link_hash) == LinkRow.link_hash)
        .where(LinkRow.journal == journal, LinkRow.sequence < closed.length)
        .where(LinkRow.stage == Stage.SAVED.value)
    ).all()
    back = {link: Receipt.decode(receipt) for link, receipt in rows}
    stages.receipted(session, list(back.items()))
    stages.settle(session, list(back))
    return bool(back)


def _link_again(session: Session, journal: bytes, successor: JournalRow, at: int) -> bool:
    """Whether there was anything."""
    left = _without_receipt(session, journal)
    head = Head(successor.length, successor.head_hash)
    links = chain.relink(successor.id, (chain.decode_link(row.link) for row in left), head)
    for row, link in zip(left, links, strict=True):
        session.add(
            ReplacedLinkRow(
                link_hash=row.link_hash,
                journal=journal,
                sequence=row.sequence,
                link=row.link,
                record_hash=row.record_hash,
                again=link.hash(),
                replaced_at=at,
            )
        )
        session.add(
            LinkRow(
                link_hash=link.hash(),
                journal=successor.id,
                sequence=link.sequence,
                link=link.encode(),
                record_hash=row.record_hash,
                stage=Stage.SAVED.value,
                saved_at=row.saved_at,
            )
        )
        session.delete(row)
        head = Head(link.sequence + 1, link.hash())
        successor.length, successor.head_hash = head
    session.add(successor)
    session.flush()
    return bool(left)


def _without_receipt(session: Session, journal: bytes) -> list[LinkRow]:
    """What the office is not proved to hold, in order."""
    found = session.exec(
        select(LinkRow)
        .outerjoin(ReceiptRow, col(ReceiptRow.link_hash) == LinkRow.link_hash)
        .where(LinkRow.journal == journal, col(ReceiptRow.link_hash).is_(None))
        .order_by(col(LinkRow.sequence))
    ).all()
    return list(found)

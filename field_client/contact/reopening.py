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
from field_client.store.tables import JournalRow, LinkRow, ReceiptRow, ReplacedLinkRow, Stage
from protocol import chain
from protocol.chain import Head
from protocol.statements import JournalClosed

LIFTED = ("fork", "rewrite", "closed")
"""Reasons of a refusal that another journal resolves."""


def reopen(session: Session, closed: JournalClosed, at: int) -> bool:
    """Leave the closed journal for the successor that the office names, if it is the one that this
    tablet writes. Whether anything changed."""
    ours = session.get(JournalRow, bytes.fromhex(closed.journal))
    if ours is None or not ours.open or closed.successor is None:
        return False
    if session.get(JournalRow, bytes.fromhex(closed.successor)) is not None:
        return (
            False  # a journal that is ended is never gone on with; the office has to name another
        )
    ours.open = False
    session.add(ours)
    successor = JournalRow(
        id=bytes.fromhex(closed.successor),
        agency=ours.agency,
        device=ours.device,
        opened_at=max(at, ours.opened_at + 1),  # the journals' order, whatever a clock said
    )
    session.add(successor)
    session.flush()
    _link_again(session, ours.id, successor, at)
    if standing.halt(session) in LIFTED:
        standing.lift(session)
    return True


def _link_again(session: Session, journal: bytes, successor: JournalRow, at: int) -> None:
    left = _without_receipt(session, journal)
    links = chain.relink(successor.id, (chain.decode_link(row.link) for row in left))
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


def _without_receipt(session: Session, journal: bytes) -> list[LinkRow]:
    """What the office is not proved to hold, in order."""
    found = session.exec(
        select(LinkRow)
        .outerjoin(ReceiptRow, col(ReceiptRow.link_hash) == LinkRow.link_hash)
        .where(LinkRow.journal == journal, col(ReceiptRow.link_hash).is_(None))
        .order_by(col(LinkRow.sequence))
    ).all()
    return list(found)

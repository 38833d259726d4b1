"""What the publisher's desk asks of ``view_due``. Everything here only reads.

sorts(db, agency)                        which sorts of decisions wait
waiting(db, agency, sorts)               those that wait, decided longest ago first
standing(db, agency, "withheld")         those that stand so, the newest first
leaving(db, agency)                      public, though the decision no longer stands
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func
from sqlmodel import col, select

from sync_server.projections import due
from sync_server.projections.tables import DueRow
from sync_server.store.db import Database

MOST = 200


def sorts(db: Database, agency: str) -> dict[str, int]:
    """How many decisions of each sort wait to be published."""
    with db.reading() as session:
        query = select(DueRow.sort, func.count()).where(*_waiting(agency)).group_by(DueRow.sort)
        return {sort: int(count) for sort, count in session.exec(query)}


def waiting(db: Database, agency: str, of: Sequence[str]) -> list[DueRow]:
    """The decisions of these sorts that wait, ``MOST`` of them."""
    with db.reading() as session:
        query = select(DueRow).where(*_waiting(agency), col(DueRow.sort).in_(list(of)))
        rows = session.exec(query.order_by(col(DueRow.decided_on)).limit(MOST)).all()
        session.expunge_all()
        return list(rows)


def standing(db: Database, agency: str, how: str, most: int = MOST) -> list[DueRow]:
    """The decisions that stand so towards the public."""
    with db.reading() as session:
        query = select(DueRow).where(DueRow.agency == agency, DueRow.standing == how)
        rows = session.exec(query.order_by(col(DueRow.since).desc()).limit(most)).all()
        session.expunge_all()
        return list(rows)


def leaving(db: Database, agency: str) -> list[DueRow]:
    """What is public of decisions that no longer stand, the longest so first."""
    with db.reading() as session:
        query = select(DueRow).where(
            DueRow.agency == agency, DueRow.standing == due.PUBLIC, DueRow.revoked_on != ""
        )
        rows = session.exec(query.order_by(col(DueRow.revoked_on))).all()
        session.expunge_all()
        return list(rows)


def _waiting(agency: str) -> list[Any]:
    return [DueRow.agency == agency, DueRow.standing == due.WAITING]

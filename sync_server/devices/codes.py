"""One-time codes, by which the office admits one tablet, one officer's key or one colleague.

    K7QF-2MZX-9PLA-T4WD      16 characters of Crockford's base32: 80 random bits

The code is a secret that office and tablet share for a day, so it is kept readable until it is
used or expires. It is used up before anything is stated and given back if that fails: two
tablets are never enrolled by one code.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from sqlalchemy import delete, update
from sqlmodel import col, select

from protocol.errors import Refused
from sync_server.store.db import Database
from sync_server.store.tables import EnrolCodeRow

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
Purpose = Literal["device", "officer", "staff"]


class BadCode(Refused):
    """No valid code fits: wrong, used or expired."""


def new_code(
    db: Database, agency: str, purpose: Purpose, subject: str, now: int, lifetime_ms: int
) -> str:
    """Make a code for a device (its name), an officer (certificate number) or staff (account). An
    unused older one for the same subject stops working."""
    plain = "".join(secrets.choice(ALPHABET) for _ in range(16))
    code = "-".join(plain[at : at + 4] for at in range(0, 16, 4))
    row = EnrolCodeRow(
        code=code, agency=agency, purpose=purpose, subject=subject, expires_at=now + lifetime_ms
    )
    with db.private() as session:
        session.execute(
            delete(EnrolCodeRow).where(
                col(EnrolCodeRow.agency) == agency,
                col(EnrolCodeRow.purpose) == purpose,
                col(EnrolCodeRow.subject) == subject,
                col(EnrolCodeRow.used_by).is_(None),
            )
        )
        session.add(row)
    return code


def open_codes(db: Database, purpose: Purpose, subject: str, now: int) -> list[EnrolCodeRow]:
    """The unused codes for this subject that have not expired."""
    with db.reading() as session:
        found = session.exec(
            select(EnrolCodeRow).where(
                EnrolCodeRow.purpose == purpose,
                EnrolCodeRow.subject == subject,
                col(EnrolCodeRow.used_by).is_(None),
                EnrolCodeRow.expires_at > now,
            )
        )
        return list(found.all())


def codes_out(db: Database, agency: str, purpose: Purpose, now: int) -> list[EnrolCodeRow]:
    """The unused codes of an agency that have not expired, those that end first before others."""
    with db.reading() as session:
        found = session.exec(
            select(EnrolCodeRow)
            .where(
                EnrolCodeRow.agency == agency,
                EnrolCodeRow.purpose == purpose,
                col(EnrolCodeRow.used_by).is_(None),
                EnrolCodeRow.expires_at > now,
            )
            .order_by(col(EnrolCodeRow.expires_at), col(EnrolCodeRow.subject))
        )
        return list(found.all())


def withdraw(db: Database, agency: str, purpose: Purpose, subject: str, now: int) -> bool:
    """Let a code that is out work no more; False if none is: it was used, or its time is over."""
    with db.private() as session:
        gone = session.execute(
            delete(EnrolCodeRow).where(
                col(EnrolCodeRow.agency) == agency,
                col(EnrolCodeRow.purpose) == purpose,
                col(EnrolCodeRow.subject) == subject,
                col(EnrolCodeRow.used_by).is_(None),
                col(EnrolCodeRow.expires_at) > now,
            )
        )
        return int(gone.rowcount) > 0  # type: ignore[attr-defined]


@contextmanager
def used(db: Database, code: str, by: bytes) -> Iterator[None]:
    """Use a code up for the key id ``by`` while the block runs; given back if it fails."""
    if not _mark(db, code, None, by):
        raise BadCode("this one-time code was used already; ask the office for a new one")
    try:
        yield
    except BaseException:
        _mark(db, code, by, None)
        raise


def _mark(db: Database, code: str, before: bytes | None, after: bytes | None) -> bool:
    with db.private() as session:
        changed = session.execute(
            update(EnrolCodeRow)
            .where(
                col(EnrolCodeRow.code) == code,
                col(EnrolCodeRow.used_by).is_(None)
                if before is None
                else col(EnrolCodeRow.used_by) == before,
            )
            .values(used_by=after)
        )
        return int(changed.rowcount) == 1  # type: ignore[attr-defined]

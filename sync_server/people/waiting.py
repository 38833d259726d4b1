"""A person's new key between the log and the tables: a crash there loses neither.

    with waiting.kept(services, code, account, key):      written down, the code used up
        services.office.state_all(…)                      the log says whose key it is
                                                          account and key are in their tables

    waiting.settle(services)        at start, and before somebody signs in: what the log says is
                                    done to its end; of the rest the code is given back

Only who chose the password can open the key that waits; whoever reads the table has no more than
whoever reads that of the keys.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
from sqlalchemy import Delete
from sqlmodel import col, delete, select, update

from protocol.keys import ED25519, Verifier
from protocol.registry.roster import Staff
from sync_server.devices import codes
from sync_server.services import Services
from sync_server.store.tables import AccountRow, EnrolCodeRow, SessionRow, StaffKeyRow
from sync_server.store.waitingtables import StaffWaitingRow

UNDER_WAY_MS = 10 * 60_000
"""What is younger may be under way in this moment."""


@contextmanager
def kept(services: Services, code: str, account: AccountRow, key: StaffKeyRow) -> Iterator[None]:
    """Keep both while the block tells the log; in their tables when the log says so. Raises
    BadCode."""
    row = StaffWaitingRow(
        public_key=key.public_key,
        code=code,
        agency=account.agency,
        account=account.account,
        rows=msgspec.msgpack.encode([account.model_dump(), key.model_dump()]),
        at=services.clock.now(),
    )
    with services.db.private() as session:
        session.add(row)
        session.flush()
        session.expunge(row)
    try:
        with codes.used(services.db, code, _key_id(row)):
            yield
    except Exception:
        if _known(services, row) is None:
            _forget(services, row)
            raise
    _finish(services, row)


def settle(services: Services, under_way_ms: int = UNDER_WAY_MS) -> None:
    """Do what a crash left, but for what may be ``under_way_ms`` old and under way."""
    with services.db.reading() as session:
        rows = list(session.exec(select(StaffWaitingRow)).all())
    now = services.clock.now()
    for row in rows:
        if _known(services, row) is not None:
            _finish(services, row)
        elif row.at <= now - under_way_ms:
            _give_back(services, row, now)


def _known(services: Services, row: StaffWaitingRow) -> Staff | None:
    """The person, if the log knows him by this key."""
    known = services.facts.registry.staff.get((row.agency, row.account))
    stands = known and not known.ended and known.key.public_key == row.public_key
    return known if stands else None


def _finish(services: Services, row: StaffWaitingRow) -> None:
    known = _known(services, row)
    if known is None:  # ended in this moment
        _forget(services, row)
        return
    account, key = msgspec.msgpack.decode(row.rows)
    account |= {"name": known.name, "role": known.role.value}
    with services.db.private() as session:
        if not session.execute(_this(row)).rowcount:  # type: ignore[attr-defined]
            return  # done by another sign-in: what the person did since stands
        session.execute(delete(SessionRow).where(col(SessionRow.account) == row.account))
        session.merge(AccountRow(**account))
        session.merge(StaffKeyRow(**key))


def _give_back(services: Services, row: StaffWaitingRow, now: int) -> None:
    """The code is good again, unless the registrar has given another one since."""
    others = codes.open_codes(services.db, "staff", row.account, now)
    with services.db.private() as session:
        if not others:
            used = col(EnrolCodeRow.used_by) == _key_id(row), col(EnrolCodeRow.code) == row.code
            session.execute(update(EnrolCodeRow).where(*used).values(used_by=None))
        session.execute(_this(row))


def _forget(services: Services, row: StaffWaitingRow) -> None:
    with services.db.private() as session:
        session.execute(_this(row))


def _this(row: StaffWaitingRow) -> Delete:
    return delete(StaffWaitingRow).where(col(StaffWaitingRow.public_key) == row.public_key)


def _key_id(row: StaffWaitingRow) -> bytes:
    return Verifier(ED25519, row.public_key).key_id

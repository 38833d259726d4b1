"""Records of the office that this program cannot read yet: kept, and read by a newer one.

    keep(session, record, proved)        a kind from the future, proved and without meaning here
    keep_aside(session, records, proved) by a key that the roster at hand does not name
    readable(vault)                      those that this program can read by now
    done(session, proved)                it was read, and did what it says
    first(session, place)                where in the log the first of them stands
    keep_findings(session, answer)       what the office's reviews found, as of now
    findings(vault)                      the same, for people to read

The cursor of the pull moves past them, so that they hold up nothing behind them; without a copy
here, what they say would be lost to this tablet when its program is updated. They are proved
anew before anything changes, because what a kind asks of its signers is not known before.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import msgspec
from sqlmodel import Session, select

from field_client.contact.proofs import Proved
from field_client.store import stages
from field_client.store.tables import UnreadRow
from field_client.store.vault import Vault
from protocol import envelope, statements
from protocol.errors import FujieError, Malformed
from protocol.messages import Found, OfficeRecord, PullAnswer
from protocol.receipt import Receipt
from protocol.statements import Unknown, kind_of


def keep(session: Session, record: OfficeRecord, proved: Proved) -> None:
    """Keep a record as it came, if this program cannot read it."""
    if not isinstance(proved.statement, Unknown):
        return
    session.merge(
        UnreadRow(
            record_hash=proved.record,
            kind=kind_of(proved.statement),
            link=record.link,
            statement=record.statement,
            receipt=record.receipt,
            at=proved.receipt.entry.received_at,
        )
    )


def keep_aside(
    session: Session, records: Sequence[OfficeRecord], proved: Sequence[OfficeRecord]
) -> None:
    """Keep those of the records that were not proved, because the roster at hand names nobody who
    signed them: a newer one may."""
    known = {one.link for one in proved}
    for record in records:
        if record.link in known:
            continue
        signed = envelope.decode(record.statement)
        with suppress(Malformed):  # the log's key was not known, and nothing of it was read
            session.merge(
                UnreadRow(
                    record_hash=envelope.record_hash(signed),
                    kind=kind_of(statements.decode(signed.body)),
                    link=record.link,
                    statement=record.statement,
                    receipt=record.receipt,
                    at=Receipt.decode(record.receipt).entry.received_at,
                )
            )


def readable(vault: Vault) -> list[OfficeRecord]:
    """The kept records that this program can read, in the order of the log."""
    with vault.session() as session:
        rows = session.exec(select(UnreadRow)).all()
    return [
        OfficeRecord(link=row.link, statement=row.statement, receipt=row.receipt)
        for row in sorted(rows, key=lambda row: _place(row.receipt))  # clocks jump
        if _is_known(row.statement)
    ]


def done(session: Session, proved: Proved) -> None:
    """Forget a record that was read."""
    row = session.get(UnreadRow, proved.record)
    if row is not None and not isinstance(proved.statement, Unknown):
        session.delete(row)


def keep_findings(session: Session, answer: PullAnswer) -> None:
    """Keep the findings that came, in place of those before; none came from an older server."""
    if answer.findings is not None:
        stages.put(session, stages.FINDINGS, msgspec.json.encode(answer.findings))


def findings(vault: Vault) -> list[Found]:
    """What the office's reviews found of this tablet's records, as of the last pull."""
    kept = vault.state(stages.FINDINGS)
    return msgspec.json.decode(kept, type=list[Found]) if kept else []


def first(session: Session, place: int) -> int:
    """The least place of those that are kept, or ``place``. Their receipts prove nothing in the
    log of a successor, which is asked for them again."""
    kept = session.exec(select(UnreadRow.receipt)).all()
    return min((_place(one) for one in kept), default=place)


def _place(receipt: bytes) -> int:
    try:
        return Receipt.decode(receipt).index
    except FujieError:
        return 0  # it is damaged: ask for all


def _is_known(statement: bytes) -> bool:
    try:
        return not isinstance(statements.decode(envelope.decode(statement).body), Unknown)
    except FujieError:
        return False

"""How far records and blobs have come: forward only, and each step on proof.

    sent        marked before the bytes leave
    receipted   the log's receipt was verified
    stored      the server's signed word is there for every blob that the record names
    archived    a case file that was sealed after the record was admitted holds it

Functions work in the caller's transaction.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeVar

from sqlalchemy import delete, insert, update
from sqlmodel import Session, col, select

from field_client.store import damaged
from field_client.store.tables import (
    BlobRow,
    LinkRow,
    ReceiptRow,
    Stage,
    StatementRow,
    StateRow,
    WordRow,
)
from protocol import statements
from protocol.receipt import Receipt

CHECKPOINT, CURSOR, SERVER_AT, ALARM, CONTACT, HALTED, LOG, FORMER, PAUSED, FINDINGS = (
    "checkpoint",
    "cursor",
    "server_at",
    "alarm",
    "contact_at",
    "halted",
    "log",
    "former_log_keys",
    "media_paused",
    "findings",
)
"""Names of single values in the vault's ``state``: the last verified checkpoint; the office's
last record; the last verified server time; the evidence of an alarm; the last contact; why
sync stands still; name and keys of the log, where it is not the one of the enrolment; keys that
signed it before; whether somebody lets photos and films wait; what the office's reviews found of
this tablet's records, as of the last pull."""

UNSENT = (Stage.SAVED.value, Stage.SENT.value)
WHOLE = (Stage.STORED.value, Stage.ARCHIVED.value)
SOME = 500
"""Rows that are asked for at once: a query has no more places than the database allows."""

NAMED = re.compile(rb'"sha256":"([0-9a-f]{64})"')
"""How a blob is named in a statement of this tablet, whose JSON has no spaces."""

T = TypeVar("T")


def put(session: Session, name: str, value: bytes) -> None:
    """Set one single value."""
    session.merge(StateRow(name=name, value=value))
    session.flush()  # what is merged can be read again in this transaction


def put_later(session: Session, name: str, value: int) -> None:
    """Set a time or cursor (u64) that never goes back."""
    held = session.get(StateRow, name)
    if held is None or int.from_bytes(held.value, "big") < value:
        put(session, name, value.to_bytes(8, "big"))


def receipted(session: Session, proved: Sequence[tuple[bytes, Receipt]]) -> None:
    """Keep receipts that were verified, each with the hash of its link."""
    for some in _some(proved):
        by_link = dict(some)
        held = select(LinkRow.link_hash).where(col(LinkRow.link_hash).in_(by_link))
        kept = [_receipt_row(one, by_link[one]) for one in session.exec(held)]
        _all_forward(session, list(by_link), Stage.RECEIPTED)
        session.execute(delete(ReceiptRow).where(col(ReceiptRow.link_hash).in_(by_link)))
        if kept:
            session.execute(insert(ReceiptRow), kept)
    if proved:
        put_later(session, SERVER_AT, max(one.entry.received_at for _, one in proved))


def _receipt_row(link_hash: bytes, receipt: Receipt) -> dict[str, object]:
    return {
        "link_hash": link_hash,
        "receipt": receipt.encode(),
        "verdict": int(receipt.entry.verdict),
        "reasons": bytes(receipt.entry.reasons),
        "received_at": receipt.entry.received_at,
    }


def blob_stored(session: Session, name: bytes, place: int) -> None:
    """The server said, signed and at this place of the log, that this blob is whole and durable."""
    row = session.get(BlobRow, name)
    if row is not None:
        session.merge(WordRow(subject=name, place=place))
        row.uploaded_offset = row.size
        _forward(session, row, Stage.STORED)


def settle(session: Session, links: Sequence[bytes] | None = None) -> None:
    """A receipted record is stored when every blob that it names is; one without, at once. Of all
    that wait, or of these ``links`` alone."""
    waiting = (
        select(LinkRow.link_hash, StatementRow.record_hash, StatementRow.envelope)
        .where(LinkRow.record_hash == StatementRow.record_hash)
        .where(LinkRow.stage == Stage.RECEIPTED.value)
    )
    whole = select(BlobRow.sha256).where(col(BlobRow.stage).in_(WHOLE))
    arrived = set(session.exec(whole).all())
    parts: list[Sequence[bytes] | None] = [None] if links is None else [*_some(links)]
    for some in parts:
        found = waiting if some is None else waiting.where(col(LinkRow.link_hash).in_(some))
        stored: list[bytes] = []
        for link, record, signed in session.exec(found).all():
            if not arrived.issuperset(map(_hash, NAMED.findall(signed))):
                continue  # at a glance: reading a day's statements takes longer than their receipts
            said = damaged.read(signed, record)
            if said is None:
                continue
            named = {bytes.fromhex(blob.sha256) for blob in statements.blobs_of(said)}
            if named <= arrived:
                stored.append(link)
        for others in _some(stored):
            _all_forward(session, others, Stage.STORED)


def archived(session: Session, case: bytes, index: int) -> None:
    """A file of the case was sealed at ``index`` of the log. What was admitted later, or not
    at all, is not in it."""
    found = session.exec(
        select(LinkRow, ReceiptRow, StatementRow)
        .where(LinkRow.record_hash == StatementRow.record_hash)
        .where(LinkRow.link_hash == ReceiptRow.link_hash)
        .where(StatementRow.case_id == case, LinkRow.stage == Stage.STORED.value)
    ).all()
    for link, receipt, row in found:
        if Receipt.decode(receipt.receipt).index > index:
            continue
        _forward(session, link, Stage.ARCHIVED)
        said = damaged.readable(row)
        for named in statements.blobs_of(said) if said is not None else ():
            blob = session.get(BlobRow, bytes.fromhex(named.sha256))
            if blob is not None:
                _forward(session, blob, Stage.ARCHIVED)


def _forward(session: Session, row: LinkRow | BlobRow, stage: Stage) -> None:
    """Stages go forward only, within one log."""
    if Stage(row.stage).rank < stage.rank:
        row.stage = stage.value
        session.add(row)


def _all_forward(session: Session, links: Sequence[bytes], stage: Stage) -> None:
    """The same of many links by one statement: a day's rows take longer as objects."""
    before = [one.value for one in Stage if one.rank < stage.rank]
    session.execute(
        update(LinkRow)
        .where(col(LinkRow.link_hash).in_(links), col(LinkRow.stage).in_(before))
        .values(stage=stage.value)
    )


def _hash(digits: bytes) -> bytes:
    return bytes.fromhex(digits.decode())


def _some(things: Sequence[T]) -> list[Sequence[T]]:
    return [things[at : at + SOME] for at in range(0, len(things), SOME)]

"""What the office says, put into a tablet's vault as a pull would: signed, linked, kept whole.

task = say(tablet, TaskAssigned, number="…", …)          the record id, hex
say(tablet, ApprovalGiven, case, subject=…, granted=True, …)
"""

from __future__ import annotations

import secrets
from typing import Any

from field_client.store import office
from protocol import chain, envelope, statements
from protocol.chain import Link
from protocol.statements import Statement, TaskAssigned
from protocol.vocabulary import TaskSource
from tests.cast import party, seeded
from tests.field_client.county import LU, SHEN, SHOP, FieldTablet

HEAD = seeded("agency head")


def say(tablet: Any, kind: type[Statement], case: bytes | None = None, **fields: Any) -> str:
    """Keep one record of the office; its id."""
    journal = tablet.journal
    said = journal.stamp(kind, case, **fields)
    signed = envelope.sign(envelope.STATEMENT_TYPE, statements.encode(said), [HEAD])
    record = envelope.record_hash(signed)
    link = Link(
        journal=b"\x77" * 16,
        sequence=1 + secrets.randbelow(1_000_000),
        previous=b"\x01" * 32,
        record=record,
        case_tag=chain.NO_CASE,
        reference_version=1,
        wall_at=said.at,
        boot=bytes(16),
        monotonic=0,
        server_at=0,
    )
    with tablet.vault.transaction() as session:
        office.keep(session, said, record, link.encode(), envelope.encode(signed), said.at)
    tablet.vault.told += 1
    return record.hex()


def task(tablet: FieldTablet | Any, **changes: Any) -> str:
    """A task to inspect 云溪县禾穗食品有限公司; its id."""
    opened = tablet.tablet if isinstance(tablet, FieldTablet) else tablet
    item = opened.shelf.current.items[0]
    fields: dict[str, Any] = {
        "number": "云市监检派〔2026〕31号",
        "source": TaskSource.RANDOM_DRAW,
        "item": item.code,
        "item_version": item.version,
        "party": party(),
        "place": statements.Place(text=SHOP),
        "officers": [SHEN, LU],
        "devices": [],
        "yearly_count": 0,
        "yearly_cap": 2,
        "approval": "云市监检批〔2026〕45号",
        "due_on": "2026-07-10",
    }
    return say(opened, TaskAssigned, **{**fields, **changes})

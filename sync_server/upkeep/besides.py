"""What lies beside the log and follows from it all the same; a part of ``fsck``.

    heads        entries of two moments were two commits: between them the log signed a head
    late         a statement that came after its link is numbered among the late ones, and is here
    statements   what an entry was flagged for says whether its statement had come with it
    journals     each belongs to the device that the office named; a forked one has its evidence
    evidence     its hash, its journal, its owner, and the statement that its link names; a
                 refused branch without a gap
    references   nothing is kept as published that nobody published

What no signature and no hash covers can be altered unseen: the moment at which evidence or a
cosignature came, the bytes of a statement that was never the linked one. Whoever takes away a
witness's line takes it from this server alone: the witness has it, and writes it again. So does a
device with the end of a refused branch, at its next contact.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from protocol import envelope as dsse
from protocol.chain import EMPTY, Link, decode_link
from protocol.errors import Malformed
from protocol.receipt import Entry, Reason, Verdict
from protocol.registry.registry import OFFICE, Registry
from sync_server.devices import doubts
from sync_server.log.standing import ADOPTED, CLOSED, FORKED, OPEN
from sync_server.store.tables import EVIDENCE, JOURNAL, LATE, LINK

STRAY = "not_the_linked_record"
FORKS = ("fork", "rewrite")
REASONS = frozenset((*FORKS, "closed", STRAY, "adopted", doubts.REASON))
_CAME_WITHOUT = {Reason.STATEMENT_ABSENT, Reason.MALFORMED}


def heads(entries: Sequence[Entry], signed: Collection[int]) -> Iterator[str]:
    """Sizes at which a commit ended, by the times of its entries, and no head is kept."""
    for size in range(1, len(entries)):
        if entries[size - 1].received_at != entries[size].received_at and size not in signed:
            yield f"checkpoint {size} is missing"


def statements(connection: Connection, entries: Sequence[Entry], kept: set[bytes]) -> Iterator[str]:
    """Statements that must be here besides those of accepted entries, and who is late."""
    rows = connection.execute(select(LATE.c.number, LATE.c.record_hash).order_by(LATE.c.number))
    late = [row.record_hash for row in rows]
    for record in late:
        if record not in kept:
            yield f"the late statement {record.hex()} is missing"
    absent: dict[bytes, bool] = {}
    after = set(late)
    strays = set(
        connection.execute(select(EVIDENCE.c.hash).where(EVIDENCE.c.reason == STRAY)).scalars()
    )
    for index, entry in enumerate(entries):
        reasons = set(entry.reasons)
        first = entry.record_hash not in absent
        came = not reasons & _CAME_WITHOUT
        absent[entry.record_hash] = absent.get(entry.record_hash, True) and not came
        is_here = entry.record_hash in kept
        if first and came and not is_here and entry.verdict is not Verdict.ACCEPTED:
            yield f"the statement of entry {index}, which came with it, is missing"
        itself = is_here and entry.record_hash not in after
        if reasons == {Reason.MALFORMED} and not itself and entry.link_hash not in strays:
            yield f"what came with entry {index} is kept nowhere"
    for record in sorted(kept - after):
        if absent.get(record, False):
            yield f"the statement {record.hex()} came after its link and is not numbered so"


def journals(
    connection: Connection, registry: Registry, offices: Collection[bytes]
) -> Iterator[str]:
    """Rows of journals that say another owner or another fate than the log and the evidence."""
    forked = set(
        connection.execute(select(EVIDENCE.c.journal).where(EVIDENCE.c.reason.in_(FORKS))).scalars()
    )
    rows = connection.execute(
        select(JOURNAL.c.journal, JOURNAL.c.agency, JOURNAL.c.device, JOURNAL.c.state)
    )
    for journal, agency, device, state in rows:
        owner = registry.journals.get(journal)
        if journal in offices:
            owner = (agency, OFFICE) if agency in registry.agencies else ("", OFFICE)
        if state not in (OPEN, FORKED, CLOSED, ADOPTED):
            yield f"journal {journal.hex()} is in no known state"
        if owner != (agency, device):
            yield f"journal {journal.hex()} is listed under another device than its own"
        if state == FORKED and journal not in forked:
            yield f"journal {journal.hex()} is kept as forked, and nothing shows it"
        if state == OPEN and journal in forked:
            yield f"journal {journal.hex()} is kept as open, and has forked"


def evidence(connection: Connection, registry: Registry) -> Iterator[str]:
    """Evidence that is not what its own hash, journal and link say."""
    for row in connection.execute(select(EVIDENCE).order_by(EVIDENCE.c.at)).mappings():
        name = f"evidence {row['hash'].hex()}"
        owner = registry.journals.get(row["journal"], ("", ""))[1]
        if hashlib.sha256(row["link"]).digest() != row["hash"] or row["reason"] not in REASONS:
            yield f"{name} was altered"
        elif row["reason"] == doubts.REASON:
            if row["statement"] is not None or row["device"] != owner:
                yield f"{name} is listed as another than it is"
        elif row["device"] not in (owner, "") or not _fits(row):
            yield f"{name} is listed as another than it is"
    yield from branches(connection)


def branches(connection: Connection) -> Iterator[str]:
    """Refused branches with a gap: each link goes on from one that is here."""
    rows = connection.execute(
        select(EVIDENCE.c.hash, EVIDENCE.c.link).where(EVIDENCE.c.reason.in_(FORKS))
    ).all()
    here = {row.hash for row in rows}
    for row in rows:
        try:
            before = decode_link(row.link).previous
        except Malformed:
            continue  # named above
        known = select(LINK.c.index).where(LINK.c.link_hash == before)
        if before not in here and before != EMPTY.hash and not connection.execute(known).first():
            yield f"what evidence {row.hash.hex()} goes on from is missing"


def _fits(row: Mapping[Any, Any]) -> bool:
    """Whether the row is about its link, and the statement is the link's, or was never that."""
    try:
        link: Link = decode_link(row["link"])
    except Malformed:
        return False
    if link.journal != row["journal"]:
        return False
    if row["statement"] is None:
        return bool(row["reason"] != STRAY)
    try:
        record = dsse.record_hash(dsse.decode(row["statement"]))
    except Malformed:
        record = b""
    return (record == link.record) is (row["reason"] != STRAY)


def references(
    kept: Collection[tuple[str, int]], published: Collection[tuple[str, int]]
) -> Iterator[str]:
    """Versions that are kept and were not published, below one that was: a crash may leave the
    next one."""
    for agency, version in sorted(kept):
        newest = max((number for name, number in published if name == agency), default=0)
        if (agency, version) not in published and version != newest + 1:
            yield f"reference data {version} of {agency} is kept, and was never published"

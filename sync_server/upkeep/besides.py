"""What lies beside the log and follows from it all the same; a part of ``fsck``.

    journals     each belongs to the device that the office named; a forked one has its evidence
    evidence     its hash, its journal, its owner, and the statement that its link names; a
                 refused branch without a gap
    references   nothing is kept as published that nobody published
    requests     what the public asked is what its answer names; name and contact may be erased

What no signature and no hash covers can be altered unseen: the moment at which evidence came, the
bytes of a statement that was never the linked one. Whoever takes away a
witness's line takes it from this server alone: the witness has it, and writes it again. So does a
device with the end of a refused branch, at its next contact.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, select

from protocol import envelope as dsse
from protocol import statements
from protocol.chain import EMPTY, Link, decode_link
from protocol.errors import FujieError, Malformed
from protocol.registry.registry import OFFICE, Registry
from protocol.statements import DeviceInventory, PublicRequestAnswered
from sync_server.devices import doubts
from sync_server.log import leaves, lookup
from sync_server.log.standing import ADOPTED, CLOSED, FORKED, OPEN
from sync_server.store.desktables import REQUEST
from sync_server.store.tables import EVIDENCE, JOURNAL

STRAY = "not_the_linked_record"
FORKS = ("fork", "rewrite")
REASONS = frozenset((*FORKS, "closed", STRAY, "adopted", doubts.REASON))


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
    query = select(EVIDENCE).order_by(EVIDENCE.c.at)
    for row in connection.execute(query, execution_options={"yield_per": 100}).mappings():
        name = f"evidence {row['hash'].hex()}"
        if hashlib.sha256(row["link"]).digest() != row["hash"] or row["reason"] not in REASONS:
            yield f"{name} was altered"
        elif not (_is_doubt if row["reason"] == doubts.REASON else _is_refused)(row, registry):
            yield f"{name} is listed as another than it is"
    yield from branches(connection)


def branches(connection: Connection) -> Iterator[str]:
    """Refused branches with a gap: each link goes on from one that is here."""
    c = EVIDENCE.c
    query = select(c.hash, c.link).where(c.reason.in_(FORKS))
    for row in connection.execute(query, execution_options={"yield_per": 100}):
        try:
            link = decode_link(row.link)
        except Malformed:
            continue  # named above
        before = link.previous
        if before == EMPTY.hash:
            continue
        refused = select(c.hash).where(c.hash == before, c.reason.in_(FORKS))
        place = link.sequence - 1
        held = [one.link_hash for one in leaves.links(connection, link.journal, place, place)]
        if before not in held and connection.execute(refused).first() is None:
            yield f"what evidence {row.hash.hex()} goes on from is missing"


def _is_refused(row: Mapping[Any, Any], registry: Registry) -> bool:
    owner = registry.journals.get(row["journal"], ("", ""))[1]
    return row["device"] in (owner, "") and _fits(row)


def _is_doubt(row: Mapping[Any, Any], registry: Registry) -> bool:
    """Whether the row is about its inventory. Its journal is the device's, or the device signed:
    a log that was set back may have lost the journal's opening too."""
    owner = registry.journals.get(row["journal"])
    try:
        signed = dsse.decode(row["link"])
        said = statements.decode(signed.body)
        if not isinstance(said, DeviceInventory) or said.journal != row["journal"].hex():
            return False
        if owner is None:
            named = [one for one in registry.devices.values() if one.name == row["device"]]
            keys = [key for one in named for key in (one.key, *(old.key for old in one.former))]
            dsse.verify(signed, {key.key_id: key for key in keys}.get)
    except FujieError:
        return False
    return row["statement"] is None and (owner is None or owner[1] == row["device"])


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


def requests(connection: Connection) -> Iterator[str]:
    """Requests of the public that were answered, and say another thing than the answer names."""
    c = REQUEST.c
    query = select(c.number, c.salt, c.words, c.answer).where(c.answer.is_not(None))
    rows = connection.execute(query.order_by(c.number), execution_options={"yield_per": 100})
    for some in rows.partitions():
        answers = lookup.records(connection, [row.answer for row in some])
        for row in some:
            leaf = answers.get(row.answer)
            if leaf is None or leaf.statement is None:
                yield f"the answer to request {row.number} is missing"
                continue
            said = statements.decode(dsse.decode(leaf.statement).body)
            digest = hashlib.sha256(row.salt + row.words.encode()).hexdigest()
            if not isinstance(said, PublicRequestAnswered) or (
                (said.request, said.digest) != (row.number, digest)
            ):
                yield f"request {row.number} is not what its answer names"


def references(
    kept: Collection[tuple[str, int]], published: Collection[tuple[str, int]]
) -> Iterator[str]:
    """Versions that are kept and were not published, below one that was: a crash may leave the
    next one."""
    for agency, version in sorted(kept):
        newest = max((number for name, number in published if name == agency), default=0)
        if (agency, version) not in published and version != newest + 1:
            yield f"reference data {version} of {agency} is kept, and was never published"

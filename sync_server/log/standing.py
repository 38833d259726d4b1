"""What the writer knows between two commits, and how it learns it again at start.

    tree       the right edge of the log (``tree.py``)
    journals   the server's copy of every journal's head
    registry   agencies, persons, devices and keys (``registry.py``)
    offices    the journals of the office itself: the one that the log's first entry is in, and
               one that each succession opened since (``succession.py``)

All of it follows from the facts in the database; nothing here is saved by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec
from sqlalchemy import Connection, select
from sqlalchemy.exc import NoResultFound

from protocol.chain import EMPTY, Head, decode_link
from protocol.receipt import Entry, Verdict
from protocol.registry import folding
from protocol.registry.folding import Admitted
from protocol.registry.registry import KINDS, OFFICE, Registry
from protocol.registry.roster import LOWER
from sync_server.log import leaves, nodes
from sync_server.log.tree import Tree
from sync_server.store.tables import JOURNAL, STRETCH

OPEN, FORKED, CLOSED, ADOPTED = "open", "forked", "closed", "adopted"
"""States of a journal: only an open one takes what is pushed. A forked one waits for the office to
close it; an adopted one holds a branch that came with an export."""


class JournalHead(msgspec.Struct, frozen=True):
    """The server's copy of a journal's head, and its state."""

    journal: bytes
    device: str
    agency: str
    head: Head = EMPTY
    state: str = OPEN


@dataclass
class Standing:
    """What the writer carries from commit to commit."""

    tree: Tree = field(default_factory=Tree)
    journals: dict[bytes, JournalHead] = field(default_factory=dict)
    registry: Registry = field(default_factory=Registry)
    offices: tuple[bytes, ...] = ()

    @property
    def office(self) -> bytes | None:
        """The journal that the office writes now."""
        return self.offices[-1] if self.offices else None


def load(connection: Connection) -> Standing:
    """What follows from the facts in the database. Raises NoResultFound if the tree has holes."""

    def stored_hash(level: int, index: int) -> bytes:
        found = nodes.node(connection, level, index)
        if found is None:
            raise NoResultFound
        return found

    known = load_people(connection)
    known.tree = Tree.load(leaves.size(connection), stored_hash)
    return known


def load_people(connection: Connection) -> Standing:
    """The same without the tree."""
    offices = load_offices(connection)
    journals = {
        row.journal: JournalHead(
            row.journal, row.device, row.agency, Head(row.length, row.head), row.state
        )
        for row in connection.execute(select(JOURNAL))
    }
    registry = load_registry(connection, offices)
    return Standing(Tree(), journals, registry, offices)


def load_offices(connection: Connection) -> tuple[bytes, ...]:
    """The office's journals in the order in which they were opened."""
    c = STRETCH.c
    rows = connection.execute(
        select(c.journal)
        .join(JOURNAL, JOURNAL.c.journal == c.journal)
        .where(JOURNAL.c.device == OFFICE, c.sequence == 0)
        .order_by(c.first)
    )
    return tuple(rows.scalars())


def _lower_journals(connection: Connection) -> set[bytes]:
    """The journals that servers of a lower level push."""
    lower = select(JOURNAL.c.journal).where(JOURNAL.c.device.startswith(LOWER))
    return set(connection.execute(lower).scalars())


def load_registry(
    connection: Connection, offices: Sequence[bytes], below: int | None = None
) -> Registry:
    """Fold the registry again from the office's accepted records: of the whole log, or of the
    entries ``below`` an index. As the writer heard them: what somebody else sent first counts where
    it stands in a journal that is heard, and there each time."""
    heard = {*offices, *_lower_journals(connection)}
    end = leaves.UNBOUNDED if below is None else below
    return folding.fold(
        (
            Admitted(
                decode_link(leaf.link),
                leaf.index,
                Entry.decode(leaf.entry).verdict is Verdict.ACCEPTED,
                leaf.statement,
            )
            for leaf in leaves.of_kinds(connection, KINDS, end=end, journals=heard)
            if leaf.statement is not None
        ),
        offices,
    )

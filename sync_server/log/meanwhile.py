"""What is judged by what stands of a kind is judged again if something of it came meanwhile.

    stated = meanwhile.state(db, office, signers, ("task_assigned", "task_withdrawn"), judge)

``judge`` reads what stands and makes the statement, or refuses. The writer looks, inside its
transaction, whether something of these kinds was added since ``judge`` began; if so,
nothing is said and ``judge`` is asked anew: of two who take one number the second reads what the
first one said.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from protocol import envelope as dsse
from protocol import statements
from protocol.envelope import STATEMENT_TYPE
from protocol.keys import Signer
from protocol.registry.standing import Subject
from protocol.statements import Statement
from sync_server.log import late
from sync_server.log.append import Append
from sync_server.log.journal import Changed, OfficeJournal, Stated, StateJob
from sync_server.store.db import Database
from sync_server.store.tables import STRETCH_KIND

TRIES = 8


@dataclass(frozen=True)
class _Judged:
    """State what was judged when this was the newest stretch with these kinds, and this the newest
    late statement; None: others came. A job of the writer."""

    kinds: Sequence[str]
    seen: tuple[int, int]
    said: StateJob

    def run(self, append: Append) -> Stated | None:
        here = append.rows
        if here.late or any(kind in self.kinds for kind, _, _ in here.kinds):
            return None
        if _seen(append.connection, self.kinds) != self.seen:
            return None
        return self.said.run(append)[0]


def state(
    db: Database,
    office: OfficeJournal,
    signers: Sequence[Signer],
    kinds: Sequence[str],
    judge: Callable[[], Statement],
    marks: Mapping[Subject, int] | None = None,
) -> Stated:
    """State what ``judge`` makes, if what it is about stands at these ``marks``. Raises what it
    raises, and Changed."""
    for _ in range(TRIES):
        with db.engine.connect() as connection:
            seen = _seen(connection, kinds)
        made = dsse.sign(STATEMENT_TYPE, statements.encode(judge()), signers)
        stated = office.run(_Judged(kinds, seen, office.job([made], marks=marks)))
        if stated is not None:
            return stated
    raise Changed("others say something of this all the time; wait a moment, and send it again")


def _seen(connection: Connection, kinds: Sequence[str]) -> tuple[int, int]:
    """What grows with each statement of these kinds: one that comes late opens no stretch."""
    newest = select(func.max(STRETCH_KIND.c.first)).where(STRETCH_KIND.c.kind.in_(kinds))
    found = connection.execute(newest).scalar()
    return -1 if found is None else int(found), late.newest(connection)

"""What is judged by what stands of a kind is judged again if something of it came meanwhile.

    stated = meanwhile.state(db, office, signers, ("task_assigned", "task_withdrawn"), judge)

``judge`` reads what stands and makes the statement, or refuses. The writer looks, inside its
transaction, whether there are as many records of these kinds as before ``judge`` began; if not,
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
from sync_server.log.append import Append
from sync_server.log.journal import Changed, OfficeJournal, Stated, StateJob
from sync_server.store.db import Database
from sync_server.store.tables import STATEMENT

TRIES = 8


@dataclass(frozen=True)
class _Judged:
    """State what was judged when there were so many records of these kinds; None: there are more.
    A job of the writer."""

    kinds: Sequence[str]
    seen: int
    said: StateJob

    def run(self, append: Append) -> Stated | None:
        here = sum(kind in self.kinds for kind in append.rows.kinds())
        if _count(append.connection, self.kinds) + here != self.seen:
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
            seen = _count(connection, kinds)
        made = dsse.sign(STATEMENT_TYPE, statements.encode(judge()), signers)
        stated = office.run(_Judged(kinds, seen, office.job([made], marks=marks)))
        if stated is not None:
            return stated
    raise Changed("others say something of this all the time; wait a moment, and send it again")


def _count(connection: Connection, kinds: Sequence[str]) -> int:
    counted = select(func.count()).select_from(STATEMENT).where(STATEMENT.c.kind.in_(kinds))
    return int(connection.execute(counted).scalar_one())

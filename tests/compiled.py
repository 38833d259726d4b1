"""A statement is compiled once for all databases of a kind.

Each database that tests open, and they open thousands, is an engine of its own to SQLAlchemy, with
a dialect of its own, for which it compiles every statement anew: a quarter of the work of a test
that syncs, for the same words each time. A program opens one database and compiles once. Here what
was compiled for one is at hand for the next that speaks the same dialect. What is executed, and
that the program's own statement is what is compiled, stays as it is.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache

MOST = 5_000
"""statements that are kept; the two programs have some hundreds."""
STATEMENTS: LRUCache[Any, Any] = LRUCache(MOST)


def share() -> None:
    """From here on, in this process. Called again it changes nothing."""
    if not event.contains(Engine, "engine_connect", _take):
        # The mappers keep what they insert and update by dialect; the engines, the rest.
        for name, says in (("__eq__", _speaks_the_same), ("__hash__", _kind)):
            setattr(DefaultDialect, name, says)
        event.listen(Engine, "engine_connect", _take)


def _take(connection: Connection) -> None:
    connection.execution_options(compiled_cache=STATEMENTS)


def _speaks_the_same(one: DefaultDialect, other: object) -> bool:
    return isinstance(other, DefaultDialect) and _words(one) == _words(other)


def _kind(one: DefaultDialect) -> int:
    return hash(type(one))


def _words(one: DefaultDialect) -> tuple[object, ...]:
    """What a compiled statement depends on."""
    return type(one), one.paramstyle, one.server_version_info, one.label_length

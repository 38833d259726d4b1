"""The public search's index beside ``view_disclosure``, in either database; ``search.py`` says which
tokens; this is where they lie.

    put(connection, issued, text)     index one decision
    drop(connection, issued)          forget these
    found(connection, words)          the decisions that show all of these words

    SQLite        FTS5 with a column of characters and one of pairs; several characters: a phrase
    PostgreSQL    a ``tsvector`` of characters and pairs under a GIN index narrows down; what is
                  found must then hold each word as it was asked for, wherever its pairs lie

A ``tsvector`` counts places up to 16383 only, so that a phrase late in a long decision would not
be found by them.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, text

from sync_server.projections import search

TABLE = "disclosure_search"
MOST = 2000


def found(connection: Connection, words: str) -> list[bytes] | None:
    """The decisions that show all of these words, ``MOST`` at most; None if no word was given."""
    if not search.query(words):
        return None
    ask = _ask_fts5 if _is_sqlite(connection) else _ask_tsvector
    return [bytes.fromhex(issued) for issued in ask(connection, words)]


def put(connection: Connection, issued: bytes, words: str) -> None:
    """Index a decision that is not indexed."""
    made = search.index(words)
    row: dict[str, object] = {"row": _row(issued), "issued": issued.hex()}
    if _is_sqlite(connection):
        connection.execute(
            text(
                f"INSERT INTO {TABLE} (rowid, issued, singles, pairs) "
                "VALUES (:row, :issued, :singles, :pairs)"
            ),
            row | {"singles": made.singles, "pairs": made.pairs},
        )
        return
    tokens = sorted({*made.singles.split(), *made.pairs.split()})
    connection.execute(
        text(
            f"INSERT INTO {TABLE} (id, issued, words, tokens) "
            "VALUES (:row, :issued, :words, array_to_tsvector(CAST(:tokens AS text[])))"
        ),
        row | {"words": " ".join(search.words(words)), "tokens": tokens},
    )


def drop(connection: Connection, issued: Iterable[bytes]) -> None:
    """Forget decisions, indexed or not."""
    number = "rowid" if _is_sqlite(connection) else "id"
    for one in issued:
        connection.execute(text(f"DELETE FROM {TABLE} WHERE {number} = :row"), {"row": _row(one)})


def clear(connection: Connection) -> None:
    """Forget all."""
    connection.execute(text(f"DELETE FROM {TABLE}"))


def _ask_fts5(connection: Connection, words: str) -> list[str]:
    query = text(
        f"SELECT issued FROM {TABLE} WHERE {TABLE} MATCH :asked ORDER BY rank LIMIT {MOST}"
    )
    return list(connection.execute(query, {"asked": search.query(words)}).scalars())


def _ask_tsvector(connection: Connection, words: str) -> list[str]:
    asked = search.asked(words)
    # Words are letters and digits (``search.words``): nothing in them needs a quote's escape.
    tokens = " & ".join(f"'{token}'" for word in asked for token in search.pairs(word))
    holds = " AND ".join(f"strpos(words, :word{at}) > 0" for at in range(len(asked)))
    query = text(
        f"SELECT issued FROM {TABLE} WHERE tokens @@ CAST(:tokens AS tsquery) AND {holds} "
        f"ORDER BY id LIMIT {MOST}"
    )
    values = {f"word{at}": word for at, word in enumerate(asked)}
    return list(connection.execute(query, values | {"tokens": tokens}).scalars())


def _is_sqlite(connection: Connection) -> bool:
    return connection.dialect.name == "sqlite"


def _row(issued: bytes) -> int:
    """A decision's place in the index; FTS5 finds rows by number alone."""
    return int.from_bytes(issued[:8], "big") >> 1

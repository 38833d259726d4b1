"""What follows one another in a journal and in the log is one row (log/leaves.py)"""

import struct
from collections.abc import Iterable, Iterator
from itertools import groupby, islice
from typing import Any

import msgspec
import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

MOST, MOST_BYTES = 128, 1 << 20
STEP = 2048
WINDOW = 4096
AT_ONCE = 64
KEY = 300

_pack = msgspec.msgpack.Encoder().encode
_KEY = struct.Struct(">q")
_ROWS = """
    SELECT entry."index" AS place, entry.entry, entry.link_hash, entry.record_hash,
        link.journal, link.sequence, link.link,
        statement.envelope, statement.kind, statement.case_id, statement.agency, statement.at
    FROM entry
    LEFT JOIN link ON link."index" = entry."index"
    LEFT JOIN statement ON statement."index" = entry."index"
    WHERE entry."index" >= :first AND entry."index" < :end
    ORDER BY entry."index"
"""
_PLACED = """
    UPDATE blob SET "index" = (
        SELECT statement."index" FROM statement WHERE statement.record_hash = blob.record_hash
    )
"""


def upgrade() -> None:
    """Go to this revision."""
    _tables()
    bind = op.get_bind()
    size = bind.execute(sa.text('SELECT coalesce(max("index") + 1, 0) FROM entry')).scalar() or 0
    for first in range(0, size, WINDOW):
        bounds = {"first": first, "end": first + WINDOW}
        # A statement may have a mebibyte: not all of a window at once.
        some = {"yield_per": AT_ONCE}
        _write(bind, bind.execute(sa.text(_ROWS), bounds, execution_options=some))
    _look_up(bind, size - size % STEP)
    op.add_column("blob", sa.Column("index", sa.BigInteger(), nullable=True))
    bind.execute(sa.text(_PLACED))
    bind.execute(sa.text('DELETE FROM blob WHERE "index" IS NULL'))
    with op.batch_alter_table("blob") as blob:
        blob.alter_column("index", existing_type=sa.BigInteger(), nullable=False)
    op.create_index("ix_blob_index", "blob", ["index"])
    for name in ("statement", "link", "entry"):
        op.drop_table(name)
    _join_tree(bind)


def _tables() -> None:
    place = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "stretch",
        sa.Column("first", place, autoincrement=False, nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("journal", sa.LargeBinary(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entries", sa.LargeBinary(), nullable=False),
        sa.Column("links", sa.LargeBinary(), nullable=False),
        sa.Column("filed", sa.LargeBinary(), nullable=False),
        sa.Column("statements", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("first"),
    )
    op.create_index("ix_stretch_journal_sequence", "stretch", ["journal", "sequence"])
    op.create_table(
        "stretch_kind",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("first", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("kind", "agency", "first"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "stretch_case",
        sa.Column("case_id", sa.LargeBinary(), nullable=False),
        sa.Column("first", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("case_id", "first"),
        sqlite_with_rowid=False,
    )
    op.drop_table("lookup")
    op.create_table(
        "lookup",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("key", "index"),
        sqlite_with_rowid=False,
    )


def _write(bind: sa.Connection, rows: Iterable[Any]) -> None:
    """Write the rows of some entries; one that is lacking leaves its place empty, as before."""
    for run in _runs(rows):
        first = run[0].place
        filed = [
            None if one.envelope is None else (one.kind, one.case_id, one.agency, one.at)
            for one in run
        ]
        row = {
            "first": first,
            "length": len(run),
            "journal": run[0].journal or b"",
            "sequence": run[0].sequence or 0,
            "entries": _pack([one.entry for one in run]),
            "links": _pack([one.link for one in run]),
            "filed": _pack(filed),
            "statements": _pack([one.envelope for one in run]),
        }
        _insert(bind, "stretch", [row])
        kinds = sorted({(one[0][:KEY], one[2][:KEY]) for one in filed if one})
        cases = sorted({one[1] for one in filed if one and one[1] is not None})
        found = [{"kind": kind, "agency": agency, "first": first} for kind, agency in kinds]
        _insert(bind, "stretch_kind", found)
        _insert(bind, "stretch_case", [{"case_id": case, "first": first} for case in cases])


def _runs(rows: Iterable[Any]) -> Iterator[list[Any]]:
    """Rows that follow one another in the log and in a journal, ``MOST`` at most, and no more where
    they are ``MOST_BYTES``."""

    def goes_on(numbered: tuple[int, Any]) -> tuple[Any, ...]:
        number, one = numbered
        lacks = one.place if one.journal is None else None
        return lacks, one.journal, number - one.place, number - (one.sequence or 0)

    for _, found in groupby(enumerate(rows), goes_on):
        run, size = list[Any](), 0
        for _, one in found:
            if len(run) == MOST or size >= MOST_BYTES:
                yield run
                run, size = [], 0
            run.append(one)
            size += len(one.envelope or b"")
        yield run


def _join_tree(bind: sa.Connection) -> None:
    """The tree's hashes, as many to a row as follow one another, ``MOST`` at most."""
    op.create_table(
        "tree_joined",
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("first", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "first"),
    )
    rows = bind.execute(
        sa.text('SELECT level, "index" AS place, hash FROM tree ORDER BY level, "index"'),
        execution_options={"yield_per": WINDOW},
    )
    numbered = enumerate(rows)
    for _, found in groupby(numbered, lambda one: (one[1].level, one[0] - one[1].place)):
        while some := [one for _, one in islice(found, MOST)]:
            hashes = b"".join(one.hash for one in some)
            row = {"level": some[0].level, "first": some[0].place, "hashes": hashes}
            _insert(bind, "tree_joined", [row])
    op.drop_table("tree")
    op.rename_table("tree_joined", "tree")


def _part_tree(bind: sa.Connection) -> None:
    """Each of the tree's hashes as a row."""
    op.create_table(
        "tree_parted",
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "index"),
        sqlite_with_rowid=False,
    )
    for level, first, hashes in bind.execute(
        sa.text('SELECT level, "first", hashes FROM tree ORDER BY level, "first"'),
        execution_options={"yield_per": WINDOW},
    ):
        kept = [hashes[at : at + 32] for at in range(0, len(hashes), 32)]
        rows = [
            {"level": level, "index": index, "hash": one} for index, one in enumerate(kept, first)
        ]
        _insert(bind, "tree_parted", rows)
    op.drop_table("tree")
    op.rename_table("tree_parted", "tree")


def _look_up(bind: sa.Connection, end: int) -> None:
    for first in range(0, end, WINDOW):
        found = bind.execute(
            sa.text(
                'SELECT "index", link_hash, record_hash FROM entry '
                'WHERE "index" >= :first AND "index" < :end'
            ),
            {"first": first, "end": min(end, first + WINDOW)},
        )
        keys = {
            (_KEY.unpack_from(hash_)[0], index)
            for index, link, record in found
            for hash_ in (link, record)
        }
        _insert(bind, "lookup", [{"key": key, "index": index} for key, index in sorted(keys)])


def _insert(
    bind: sa.Connection, table: str, rows: list[dict[str, Any]], otherwise: str = ""
) -> None:
    if rows:
        names = ", ".join(f'"{name}"' for name in rows[0])
        places = ", ".join(f":{name}" for name in rows[0])
        bind.execute(sa.text(f"INSERT INTO {table} ({names}) VALUES ({places}){otherwise}"), rows)


def downgrade() -> None:
    """Go back."""
    _former_tables()
    bind = op.get_bind()
    size = bind.execute(sa.text('SELECT coalesce(max("first" + length), 0) FROM stretch')).scalar()
    every = sa.text('SELECT * FROM stretch ORDER BY "first"')
    rows = bind.execute(every, execution_options={"yield_per": 16})
    for row in rows.mappings():
        _write_singly(bind, row)
    _write_former_lookup(bind, (size or 0) // STEP * STEP)
    op.drop_index("ix_blob_index", table_name="blob")
    with op.batch_alter_table("blob") as blob:
        blob.drop_column("index")
    for name in ("stretch_case", "stretch_kind", "stretch"):
        op.drop_table(name)
    _part_tree(bind)


def _former_tables() -> None:
    op.create_table(
        "entry",
        sa.Column("index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entry", sa.LargeBinary(), nullable=False),
        sa.Column("link_hash", sa.LargeBinary(), nullable=False),
        sa.Column("record_hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("index"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "link",
        sa.Column("journal", sa.LargeBinary(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("link_hash", sa.LargeBinary(), nullable=False),
        sa.Column("record_hash", sa.LargeBinary(), nullable=False),
        sa.Column("link", sa.LargeBinary(), nullable=False),
        sa.Column("index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("journal", "sequence"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_link_index", "link", ["index"])
    op.create_table(
        "statement",
        sa.Column("record_hash", sa.LargeBinary(), nullable=False),
        sa.Column("index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("case_id", sa.LargeBinary(), nullable=True),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("record_hash"),
    )
    op.create_index("ix_statement_case_index", "statement", ["case_id", "index"])
    op.create_index("ix_statement_index", "statement", ["index"])
    op.create_index("ix_statement_kind_index", "statement", ["kind", "index"])
    op.drop_table("lookup")
    op.create_table(
        "lookup",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("hash", "index"),
        sqlite_with_rowid=False,
    )


def _write_singly(bind: sa.Connection, row: Any) -> None:
    """Each entry, link and statement of a stretch as a row; a record's first statement stays."""
    names = ("entries", "links", "filed", "statements")
    columns = (msgspec.msgpack.decode(row[name]) for name in names)
    entries, links, statements = list[Any](), list[Any](), list[Any]()
    for number, (entry, link, filed, envelope) in enumerate(zip(*columns, strict=True)):
        index, link_hash, record_hash = row["first"] + number, entry[1:33], entry[33:65]
        hashes = {"link_hash": link_hash, "record_hash": record_hash}
        entries.append({"index": index, "entry": entry, **hashes})
        at = {"journal": row["journal"], "sequence": row["sequence"] + number, "index": index}
        if link is not None:
            links.append({"link": link, **at, **hashes})
        if envelope is None:
            continue
        kind, case, agency, told_at = filed
        said = {"kind": kind, "case_id": case, "agency": agency, "at": told_at}
        statements.append(
            {"record_hash": record_hash, "index": index, "envelope": envelope, **said}
        )
    _insert(bind, "entry", entries)
    _insert(bind, "link", links)
    _insert(bind, "statement", statements, " ON CONFLICT (record_hash) DO NOTHING")


def _write_former_lookup(bind: sa.Connection, end: int) -> None:
    for name in ("link_hash", "record_hash"):
        bind.execute(
            sa.text(
                f'INSERT INTO lookup (hash, "index") SELECT {name}, "index" FROM entry '
                'WHERE "index" < :end ON CONFLICT (hash, "index") DO NOTHING'
            ),
            {"end": end},
        )

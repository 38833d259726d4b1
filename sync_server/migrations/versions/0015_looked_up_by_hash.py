"""Hashes are looked up by one table that is written in large steps (log/lookup.py)"""

from contextlib import AbstractContextManager
from typing import Literal

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

STEP = 2048
_NAMED = {"uq": "%(table_name)s_%(column_0_name)s_key"}
_WRITTEN = """
    INSERT INTO lookup (hash, "index")
    SELECT hash, "index"
    FROM (
        SELECT link_hash AS hash, "index" FROM entry
        UNION ALL SELECT record_hash, "index" FROM entry
    ) AS named
    WHERE "index" < (SELECT count(*) FROM entry) / :step * :step
    ORDER BY hash
"""


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "lookup",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("hash", "index"),
        sqlite_with_rowid=False,
    )
    op.get_bind().execute(sa.text(_WRITTEN), {"step": STEP})
    with _entry() as entry:
        entry.drop_constraint("entry_link_hash_key", type_="unique")
    op.drop_index("ix_link_record_hash", table_name="link")


def downgrade() -> None:
    """Go back."""
    op.create_index("ix_link_record_hash", "link", ["record_hash"])
    with _entry() as entry:
        entry.create_unique_constraint("entry_link_hash_key", ["link_hash"])
    op.drop_table("lookup")


def _entry() -> AbstractContextManager[BatchOperations]:
    recreate: Literal["always", "never"]
    recreate = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    return op.batch_alter_table(
        "entry",
        recreate=recreate,
        table_kwargs={"sqlite_with_rowid": False},
        naming_convention=_NAMED,
    )

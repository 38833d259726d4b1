"""Entries, links and the tree by their keys alone, and without indexes that nobody asks"""

from typing import Literal

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_NAMED = {"uq": "%(table_name)s_%(column_0_name)s_key"}


def upgrade() -> None:
    """Go to this revision."""
    _rewrite(with_rowid=False)


def downgrade() -> None:
    """Go back."""
    _rewrite(with_rowid=True)


def _rewrite(*, with_rowid: bool) -> None:
    recreate: Literal["always", "never"]
    recreate = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    shape = {"sqlite_with_rowid": with_rowid}
    with op.batch_alter_table("entry", recreate=recreate, table_kwargs=shape) as entry:
        if with_rowid:
            entry.create_index("ix_entry_record_hash", ["record_hash"])
        else:
            entry.drop_index("ix_entry_record_hash")
    with op.batch_alter_table(
        "link", recreate=recreate, table_kwargs=shape, naming_convention=_NAMED
    ) as link:
        if with_rowid:
            link.create_unique_constraint("link_link_hash_key", ["link_hash"])
        else:
            link.drop_constraint("link_link_hash_key", type_="unique")
    if recreate == "always":
        with op.batch_alter_table("tree", recreate=recreate, table_kwargs=shape):
            pass

"""Late statements are numbered without a gap; a witness's line says itself when it was written"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.drop_column("cosignature", "at")
    _number_again()


def downgrade() -> None:
    """Go back. When a line came is known nowhere any more."""
    never = sa.Column("at", sa.BigInteger(), nullable=False, server_default="0")
    op.add_column("cosignature", never)
    with op.batch_alter_table("cosignature") as table:
        table.alter_column("at", server_default=None)
    if op.get_bind().dialect.name == "postgresql":  # the program of before lets it count
        op.execute(
            "SELECT setval(pg_get_serial_sequence('late', 'number'), "
            "coalesce(max(number), 0) + 1, false) FROM late"
        )


def _number_again() -> None:
    """A database that counts by itself leaves a gap where a commit failed."""
    bind = op.get_bind()
    numbers = bind.execute(sa.text("SELECT number FROM late ORDER BY number")).scalars().all()
    moved = [(old, new) for new, old in enumerate(numbers, 1) if old != new]
    for old, new in moved:
        move = sa.text("UPDATE late SET number = :new WHERE number = :old")
        bind.execute(move, {"old": old, "new": new})
    if moved:  # how far they were folded was said by the old numbers
        bind.execute(sa.text("DELETE FROM position"))

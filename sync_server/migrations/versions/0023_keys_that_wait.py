"""A person's new key waits for the log where a crash does not lose it"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "staff_waiting",
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("rows", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("public_key"),
    )
    op.create_index("ix_staff_waiting_account", "staff_waiting", ["account"])


def downgrade() -> None:
    """Go back."""
    op.drop_table("staff_waiting")

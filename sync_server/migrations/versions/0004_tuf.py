"""The files of the agencies' TUF repositories"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "tuf",
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("agency", "name"),
    )
    with op.batch_alter_table("tuf", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tuf_version"), ["version"], unique=False)


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("tuf", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_tuf_version"))
    op.drop_table("tuf")

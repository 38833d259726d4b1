"""What the program could read when it looked last"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "reader",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("known", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table("reader")

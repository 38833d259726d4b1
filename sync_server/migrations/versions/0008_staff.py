"""What waits for the head, and the task of an inspection, stand in the list of cases"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    with op.batch_alter_table("view_case") as case:
        case.add_column(sa.Column("waiting", sa.Integer(), nullable=False, server_default="0"))
        case.add_column(sa.Column("task", sa.String(), nullable=False, server_default=""))
        case.create_index("ix_view_case_waiting", ["waiting"])
        case.create_index("ix_view_case_task", ["task"])
    op.execute(sa.text('DELETE FROM "position"'))  # everything is folded once more


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("view_case") as case:
        case.drop_index("ix_view_case_task")
        case.drop_index("ix_view_case_waiting")
        case.drop_column("task")
        case.drop_column("waiting")

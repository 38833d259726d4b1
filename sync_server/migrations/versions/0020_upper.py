"""Who vouches for what a lower level reported, and where it is; contacts that are erased"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0018"
branch_labels = None
depends_on = None

_VIEW = ("vouched", "source")


def upgrade() -> None:
    """Go to this revision."""
    op.add_column("public_request", sa.Column("sender", sa.LargeBinary(), nullable=True))
    op.add_column("public_request", sa.Column("erased_at", sa.BigInteger(), nullable=True))
    for name in _VIEW:
        op.add_column(
            "view_disclosure", sa.Column(name, sa.String(), nullable=False, server_default="")
        )
    op.add_column("upstream", sa.Column("agency", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    """Go back."""
    op.drop_column("upstream", "agency")
    for name in reversed(_VIEW):
        op.drop_column("view_disclosure", name)
    for name in ("erased_at", "sender"):
        op.drop_column("public_request", name)

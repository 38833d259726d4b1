"""What guessing a password costs is kept with the key that it wraps"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0020"
branch_labels = None
depends_on = None

# What every key was wrapped with until now: libsodium's "interactive".
_PASSES, _MEMORY = "2", str(64 << 20)


def upgrade() -> None:
    """Go to this revision."""
    for name, was in (("passes", _PASSES), ("memory", _MEMORY)):
        op.add_column(
            "staff_key", sa.Column(name, sa.Integer(), nullable=False, server_default=was)
        )


def downgrade() -> None:
    """Go back."""
    for name in ("memory", "passes"):
        op.drop_column("staff_key", name)

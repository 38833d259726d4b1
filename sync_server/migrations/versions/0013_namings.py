"""Every record that names a blob, not only the first

The rows follow from the log: they are written again at the next start (``log/rereading.py``).
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.add_column("upload", sa.Column("agency", sa.String(), nullable=False, server_default=""))
    op.execute(
        "UPDATE upload SET agency = COALESCE((SELECT journal.agency FROM blob JOIN journal"
        " ON journal.journal = blob.journal WHERE blob.sha256 = upload.sha256), '')"
    )
    op.drop_table("blob")
    op.create_table(
        "blob",
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("record_hash", sa.LargeBinary(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("journal", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("stored_index", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.PrimaryKeyConstraint("sha256", "record_hash"),
    )
    op.create_index("ix_blob_journal", "blob", ["journal"])


def downgrade() -> None:
    """Go back: of those who name a blob, one stays, of those that it came for if there is one."""
    op.create_table(
        "one_naming",
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("record_hash", sa.LargeBinary(), nullable=False),
        sa.Column("journal", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("stored_index", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.PrimaryKeyConstraint("sha256"),
    )
    op.execute(
        "INSERT INTO one_naming SELECT sha256, size, media_type, record_hash, journal,"
        " CASE WHEN stored_index IS NULL THEN 'wanted' ELSE 'stored' END, stored_index"
        " FROM blob WHERE true ORDER BY stored_index IS NULL, record_hash"
        " ON CONFLICT (sha256) DO NOTHING"
    )
    op.drop_table("blob")
    op.rename_table("one_naming", "blob")
    op.create_index("ix_blob_journal", "blob", ["journal"])
    op.execute("DELETE FROM reader WHERE name = 'namings'")
    with op.batch_alter_table("upload") as upload:
        upload.drop_column("agency")

"""The archive's list with volumes' numbers and ends; who looked into a file"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_COUNTS = ("documents", "pages", "media")


def _big(name: str, *, nullable: bool = False) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=nullable)


def _text(*names: str) -> "list[sa.Column[str]]":
    return [sa.Column(name, sa.String(), nullable=False) for name in names]


def _bytes(*names: str) -> "list[sa.Column[bytes]]":
    return [sa.Column(name, sa.LargeBinary(), nullable=False) for name in names]


def _indexes(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(f"ix_{table}_{column}", table, [column], unique=False)


def _archive(*more: "sa.Column[int] | sa.Column[str]") -> None:
    """Made anew, and filled by the next look: a projection is folded from the log."""
    op.drop_table("view_archive")
    op.create_table(
        "view_archive",
        *_bytes("case_id"),
        *_text("agency", "archive_no", "number", "party"),
        _big("opened_at"),
        _big("archived_at"),
        *_bytes("package"),
        _big("size"),
        *_text("retention"),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in _COUNTS),
        *more,
        sa.PrimaryKeyConstraint("case_id"),
    )
    _indexes("view_archive", "agency", "archive_no")
    op.execute("DELETE FROM position")


def upgrade() -> None:
    """Go to this revision."""
    _archive(
        _big("closed_at"),
        *_text("title", "decision", "fonds_no", "catalogue_no", "file_no"),
        sa.Column("kept_until", sa.Integer(), nullable=True),
        *_text("transferred_on", "transferred_to", "transferred_in"),
        _big("destroyed_at", nullable=True),
    )
    _indexes("view_archive", "closed_at")
    op.create_table(
        "view_retrieval",
        *_bytes("record", "case_id"),
        *_text("agency"),
        _big("at"),
        *_text("who", "unit", "purpose", "until_on", "archive_no", "party"),
        sa.Column("opened", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("record"),
    )
    _indexes("view_retrieval", "case_id", "agency")


def downgrade() -> None:
    """Go back."""
    op.drop_table("view_retrieval")
    _archive()

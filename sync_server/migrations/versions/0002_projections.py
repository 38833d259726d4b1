"""What people look at: cases, documents, disclosures, the archive, the public search"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def _big(name: str, *, nullable: bool = False) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=nullable)


def _text(*names: str) -> "list[sa.Column[str]]":
    return [sa.Column(name, sa.String(), nullable=False) for name in names]


def _bytes(*names: str) -> "list[sa.Column[bytes]]":
    return [sa.Column(name, sa.LargeBinary(), nullable=False) for name in names]


def _indexes(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(f"ix_{table}_{column}", table, [column], unique=False)


def upgrade() -> None:
    """Go to this revision."""
    op.create_table("position", *_text("name"), _big("next"), sa.PrimaryKeyConstraint("name"))
    op.create_table("waiting", *_bytes("record"), sa.PrimaryKeyConstraint("record"))
    op.create_table(
        "view_case",
        *_bytes("case_id"),
        *_text("agency", "number", "party", "cause"),
        _big("opened_at"),
        _big("closed_at", nullable=True),
        *_text("outcome", "decision", "decided_on"),
        _big("published_at", nullable=True),
        _big("archived_at", nullable=True),
        sa.Column("records", sa.Integer(), nullable=False),
        _big("newest"),
        sa.PrimaryKeyConstraint("case_id"),
    )
    _indexes("view_case", "agency", "opened_at")
    op.create_table(
        "view_document",
        *_bytes("record"),
        *_text("document_id", "agency"),
        *_bytes("case_id"),
        sa.PrimaryKeyConstraint("record"),
    )
    _indexes("view_document", "document_id", "case_id")
    _disclosures()
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
        sa.PrimaryKeyConstraint("case_id"),
    )
    _indexes("view_archive", "agency", "archive_no")
    op.create_table(
        "sign_in",
        sa.Column("id", sa.Integer(), nullable=False),
        *_text("account", "outcome"),
        _big("at"),
        sa.PrimaryKeyConstraint("id"),
    )
    _indexes("sign_in", "account")
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TABLE disclosure_search (id bigint PRIMARY KEY, issued text NOT NULL, "
            "words text NOT NULL, tokens tsvector NOT NULL)"
        )
        op.execute(
            "CREATE INDEX ix_disclosure_search_tokens ON disclosure_search USING gin(tokens)"
        )
        return
    op.execute(
        "CREATE VIRTUAL TABLE disclosure_search USING fts5("
        "issued UNINDEXED, singles, pairs, tokenize = 'unicode61 remove_diacritics 0')"
    )


_COUNTS = ("documents", "pages", "media")


def _disclosures() -> None:
    op.create_table(
        "view_disclosure",
        *_bytes("issued", "publication", "case_id"),
        *_text("agency", "number", "title", "act", "document", "template", "penalties"),
        _big("fine"),
        *_text("remedy", "decided_on", "due_on"),
        _big("published_at"),
        *_text("display_until", "matrix_row", "clause"),
        _big("served_at", nullable=True),
        *_text("served_how"),
        *_bytes("shown", "masked"),
        sa.Column("provable", sa.Boolean(), nullable=False),
        _big("withdrawn_at", nullable=True),
        *_text("withdrawn_reason", "withdrawn_clause"),
        sa.PrimaryKeyConstraint("issued"),
    )
    _indexes("view_disclosure", "case_id", "agency", "decided_on", "published_at")


def downgrade() -> None:
    """Go back."""
    for name in ("disclosure_search", "sign_in", "view_archive", "view_disclosure"):
        op.drop_table(name)
    for name in ("view_document", "view_case", "waiting", "position"):
        op.drop_table(name)

"""Drafts, requests from the public, and how every decision stands towards the public"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def _big(name: str, *, nullable: bool = False) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=nullable)


def _text(*names: str) -> "list[sa.Column[str]]":
    return [sa.Column(name, sa.String(), nullable=False) for name in names]


def _bytes(*names: str, nullable: bool = False) -> "list[sa.Column[bytes]]":
    return [sa.Column(name, sa.LargeBinary(), nullable=nullable) for name in names]


def _indexes(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(f"ix_{table}_{column}", table, [column], unique=False)


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "view_due",
        *_bytes("issued", "case_id"),
        *_text("agency", "number", "party", "cause", "sort", "decided_on"),
        _big("served_at", nullable=True),
        *_text("standing"),
        _big("since"),
        *_text("revoked_on", "ground"),
        sa.PrimaryKeyConstraint("issued"),
    )
    _indexes("view_due", "case_id", "agency", "standing")
    op.create_table(
        "disclosure_draft",
        *_bytes("issued", "case_id"),
        *_text("agency", "account"),
        _big("saved_at"),
        *_bytes("envelopes"),
        *_text("returned", "returned_by"),
        sa.PrimaryKeyConstraint("issued"),
    )
    _indexes("disclosure_draft", "agency")
    op.create_table(
        "public_request",
        *_text("number", "agency", "kind"),
        *_bytes("issued", nullable=True),
        *_text("name", "contact", "words"),
        *_bytes("salt", "token"),
        _big("at"),
        *_bytes("answer", nullable=True),
        _big("answered_at", nullable=True),
        sa.PrimaryKeyConstraint("number"),
    )
    _indexes("public_request", "agency", "at")
    _search(with_marks=True)
    op.execute(sa.text("DELETE FROM view_disclosure"))
    with op.batch_alter_table("view_disclosure") as disclosure:
        disclosure.add_column(_big("place"))
        disclosure.add_column(_big("corrected_at", nullable=True))
        disclosure.add_column(*_text("corrected_reason"))
        disclosure.create_index("ix_view_disclosure_place", ["place", "display_until", "issued"])
        disclosure.create_index(
            "ix_view_disclosure_display", ["withdrawn_at", "display_until", "decided_on", "place"]
        )
    op.execute(sa.text('DELETE FROM "position"'))  # everything is folded once more


def _search(*, with_marks: bool) -> None:
    """The public search from nothing. On PostgreSQL its table has one shape."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(sa.text("DELETE FROM disclosure_search"))
        return
    columns = "singles, pairs, marks" if with_marks else "issued UNINDEXED, singles, pairs"
    op.execute(sa.text("DROP TABLE disclosure_search"))
    op.execute(
        sa.text(
            f"CREATE VIRTUAL TABLE disclosure_search USING fts5({columns}, "
            "tokenize = 'unicode61 remove_diacritics 0')"
        )
    )


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("view_disclosure") as disclosure:
        disclosure.drop_index("ix_view_disclosure_display")
        disclosure.drop_index("ix_view_disclosure_place")
        for column in ("place", "corrected_at", "corrected_reason"):
            disclosure.drop_column(column)
    _search(with_marks=False)
    op.execute(sa.text('DELETE FROM "position"'))
    for name in ("public_request", "disclosure_draft", "view_due"):
        op.drop_table(name)

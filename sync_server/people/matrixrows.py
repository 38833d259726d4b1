"""The publication matrix as rows of a table: read, with what is wrong in each cell; written. Pure.

    read(rows)          [PublicationRow(…)]; raises BadSheet, which names row and column
    line(values)        one of them, as typed into a form; raises Wrong, which names the field
    typed(row)          {"act": "行政处罚", "publish": "是", …}

The order of the rows is theirs in the matrix: the first that fits a decision rules it.

>>> _whole("limit_days", {"limit_days": "7"})
7
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from protocol.reference import PublicationRow
from protocol.vocabulary import ActKind, PartyClass, Procedure
from sync_server.office import matrix
from sync_server.office.matrix import NotAMatrix
from sync_server.people.itemrows import Wrong, term
from sync_server.people.sheets import BadCell, BadSheet, Column, Fault, Row

ALL = ("全部", "all")
YES, NO = ("是", "yes"), ("否", "no")

MATRIX_COLUMNS = (
    Column("id", ("行号标识", "Id of the row")),
    Column("act", ("执法类型", "Kind of act")),
    Column("procedure", ("程序", "Procedure"), optional=True),
    Column("party_class", ("当事人类型", "Class of the party"), optional=True),
    Column("warning_only", ("仅警告", "Mere warnings"), optional=True),
    Column("publish", ("是否公示", "Published?")),
    Column("limit_days", ("公示期限（工作日）", "Within (working days)")),
    Column("display_months", ("公示时长（月）", "Shown for (months)"), optional=True),
    Column("why", ("规则", "Rule")),
    Column("clause", ("依据条款", "Clause")),
)


def read(rows: Sequence[Row]) -> list[PublicationRow]:
    """The matrix of a table. Raises BadSheet."""
    made, faults = [], []
    for row in rows:
        try:
            made.append(line(row.values))
        except Wrong as fault:
            faults.append(Fault(row.number, fault.field, fault.error))
    if not faults:
        try:
            matrix.expect_sound(made)
        except NotAMatrix as fault:
            number = rows[fault.row - 1].number if fault.row else 0
            faults.append(Fault(number, fault.field, fault))
    if faults:
        raise BadSheet(faults)
    return made


def line(values: Mapping[str, str]) -> PublicationRow:
    """One row as typed. Raises Wrong."""
    for column in MATRIX_COLUMNS:
        if not values.get(column.field, "").strip() and not column.optional:
            raise Wrong(BadCell("expected a text, got none"), column.field)
        if len(values.get(column.field, "")) > 500:
            got = len(values[column.field])
            told = BadCell("expected at most {most} characters, got {got}", most=500, got=got)
            raise Wrong(told, column.field)
    plain = {name: text.strip() for name, text in values.items()}
    procedure, party = plain.get("procedure", ""), plain.get("party_class", "")
    months = plain.get("display_months", "")
    warned = plain.get("warning_only", "")
    return PublicationRow(
        id=plain["id"],
        act=term(ActKind, "act", plain["act"]),
        procedure=None if _is_all(procedure) else term(Procedure, "procedure", procedure),
        party_class=None if _is_all(party) else term(PartyClass, "party_class", party),
        publish=_yes("publish", plain["publish"]),
        why=plain["why"],
        limit_days=_whole("limit_days", plain),
        clause=plain["clause"],
        display_months=_whole("display_months", plain) if months else None,
        warning_only=None if _is_all(warned) else _yes("warning_only", warned),
    )


def typed(row: PublicationRow) -> dict[str, str]:
    """A row as one would type it."""
    return {
        "id": row.id,
        "act": row.act.zh,
        "procedure": row.procedure.zh if row.procedure else "",
        "party_class": row.party_class.zh if row.party_class else "",
        "warning_only": "" if row.warning_only is None else _said(row.warning_only),
        "publish": _said(row.publish),
        "limit_days": str(row.limit_days),
        "display_months": str(row.display_months or ""),
        "why": row.why,
        "clause": row.clause,
    }


def _said(yes: bool) -> str:
    return (YES if yes else NO)[0]


def _is_all(text: str) -> bool:
    return not text or text in ALL


def _yes(field: str, text: str) -> bool:
    if text in YES or text in NO:
        return text in YES
    raise Wrong(BadCell("expected yes or no (是, 否), got {got}", got=text[:40]), field)


def _whole(field: str, values: Mapping[str, str]) -> int:
    text = values.get(field, "")
    if not (text.isascii() and text.isdigit() and len(text) <= 6):
        raise Wrong(BadCell("expected a whole number such as 7, got {got}", got=text[:40]), field)
    return int(text)

"""Enforcement items as rows of a table (C-2): read, with what is wrong in each cell; written. Pure.

>>> _fen("fine_max", {"fine_max": "500.5"}), _yuan(50_050)
(50050, '500.50')
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

import msgspec

from protocol.errors import Refused
from protocol.reference import Item
from protocol.vocabulary import ActKind, PenaltyKind, Term
from sync_server.people.sheets import BadCell, BadSheet, Column, Fault, Row

SEPARATOR = "；"
"""Between several values in one cell."""
MAX_FINE = 10**9

_T = TypeVar("_T", bound=Term)

ITEM_COLUMNS = (
    Column("code", ("项目编码", "Code"), digits=True),
    Column("name", ("事项名称", "Name of the item")),
    Column("act", ("执法类型", "Kind of act")),
    Column("unit", ("承办机构", "Unit in charge")),
    Column("field", ("执法领域", "Field of work")),
    Column("regions", ("适用区域", "Regions"), digits=True),
    Column("basis", ("执法依据", "Basis")),
    Column("cause", ("案由", "Violation"), optional=True),
    Column("violated", ("违反条款", "Law broken"), optional=True),
    Column("penalty_basis", ("处罚依据", "Penalty under"), optional=True),
    Column("penalties", ("处罚种类", "Kinds of penalty"), optional=True),
    Column("fine_min", ("罚款下限（元）", "Least fine (yuan)"), optional=True),
    Column("fine_max", ("罚款上限（元）", "Highest fine (yuan)"), optional=True),
    Column("benchmark", ("裁量基准", "Benchmark"), optional=True),
    Column("approval", ("检查批准", "Approval of inspections"), optional=True),
    Column("solo_clause", ("单人执法依据", "Law that allows one officer"), optional=True),
)


def twice(name: str) -> Refused:
    """That a row says again what an earlier one said."""
    return BadCell("{name} stands in an earlier row too; leave one", name=name)


def read(rows: Sequence[Row], before: Mapping[str, Item], ever: Mapping[str, int]) -> list[Item]:
    """The items of a table; one that is not as it stands ``before`` gets the version after the
    highest that its code ``ever`` had, so that one that returns is none that was. Raises
    BadSheet."""
    made: list[Item] = []
    faults = []
    seen: set[str] = set()
    for row in rows:
        try:
            one = _item(row.values)
        except Wrong as fault:
            faults.append(Fault(row.number, fault.field, fault.error))
            continue
        if one.code in seen:
            faults.append(Fault(row.number, "code", twice(one.code)))
        seen.add(one.code)
        known = before.get(one.code)
        if known is not None:
            one = msgspec.structs.replace(one, version=known.version)
        if one != known:
            one = msgspec.structs.replace(one, version=ever.get(one.code, 0) + 1)
        made.append(one)
    if not rows:
        faults.append(Fault(0, "", BadCell("the table has no rows; an item list is never empty")))
    if faults:
        raise BadSheet(faults)
    return made


class Wrong(Exception):
    """A field of a row that is wrong."""

    def __init__(self, error: Refused, field: str) -> None:
        super().__init__(field)
        self.field, self.error = field, error


def _item(values: Mapping[str, str]) -> Item:
    for column in ITEM_COLUMNS:
        text = values.get(column.field, "")
        if not text and not column.optional:
            raise Wrong(BadCell("expected a text, got none"), column.field)
        if len(text) > 500:
            raise Wrong(
                BadCell("expected at most {most} characters, got {got}", most=500, got=len(text)),
                column.field,
            )
    regions = _several(values["regions"])
    if not all(one.isascii() and one.isdigit() and 2 <= len(one) <= 12 for one in regions):
        raise Wrong(
            BadCell(
                "expected codes of regions such as 990123, got {got}", got=values["regions"][:60]
            ),
            "regions",
        )
    least, highest = _fen("fine_min", values), _fen("fine_max", values)
    if highest and least > highest:
        raise Wrong(
            BadCell("the least fine is higher than the highest one; correct one of them"),
            "fine_min",
        )
    plain = {name: values.get(name, "") for name in _PLAIN}
    return Item(
        version=1,
        act=term(ActKind, "act", values["act"]),
        regions=regions,
        penalties=[
            term(PenaltyKind, "penalties", one) for one in _several(values.get("penalties", ""))
        ],
        fine_min=least,
        fine_max=highest,
        **plain,
    )


_PLAIN = (
    "code",
    "name",
    "unit",
    "field",
    "basis",
    "cause",
    "violated",
    "penalty_basis",
    "benchmark",
    "approval",
    "solo_clause",
)


def typed(item: Item) -> dict[str, str]:
    """An item as a row is typed."""
    return {name: getattr(item, name) for name in _PLAIN} | {
        "act": item.act.zh,
        "regions": SEPARATOR.join(item.regions),
        "penalties": SEPARATOR.join(one.zh for one in item.penalties),
        "fine_min": _yuan(item.fine_min),
        "fine_max": _yuan(item.fine_max),
    }


def _several(text: str) -> list[str]:
    return [one.strip() for one in text.replace(";", SEPARATOR).split(SEPARATOR) if one.strip()]


def term(kind: type[_T], field: str, text: str) -> _T:
    """The word of a list, by its value or either of its names."""
    for one in kind:
        if text in (one.value, one.zh, one.en):
            return one
    known = "、".join(one.zh for one in kind)
    raise Wrong(BadCell("expected one of {known}, got {got}", known=known, got=text[:40]), field)


def _fen(field: str, values: Mapping[str, str]) -> int:
    text = values.get(field, "") or "0"
    whole, _, cents = text.partition(".")
    digits = whole + cents
    fits = digits.isascii() and digits.isdigit() and len(cents) <= 2 and len(whole) <= 10
    if not fits or int(whole or "0") > MAX_FINE:
        raise Wrong(
            BadCell("expected an amount in yuan such as 500, got {got}", got=text[:40]), field
        )
    return int(whole or "0") * 100 + int((cents + "00")[:2])


def _yuan(fen: int) -> str:
    if not fen:
        return ""
    return str(fen // 100) if fen % 100 == 0 else f"{fen // 100}.{fen % 100:02}"

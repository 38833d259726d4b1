"""The publication matrix as an agency may set it: which decisions, in how many days, why. Pure.

    expect_sound(rows)        raises NotAMatrix, which names the row (from 1) and the field
    placed(rows, row, at)     the matrix with a row put in, or moved, to the place ``at`` (from 1)
    without(rows, id)         the matrix without one

The first row that fits a decision rules it, so that one below another that fits all the same rules
nothing. Every decision has its row: what nobody decided about would never be published, and nobody
would say why not. Penalties and permits are published within 7 working days, all else within 20
(T-11, X-2.3); an ordinary penalty's full text always is, but for a mere warning (X-2.3d, SAMR45 2).

>>> placed([], row_of(PENALTY), 1)[0].limit_days
7
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import product

from protocol.errors import Refused
from protocol.reference import PublicationRow
from protocol.vocabulary import ActKind, PartyClass, Procedure

SHORT_DAYS, LONG_DAYS = 7, 20
"""Working days for permits and penalties, and for every other decision (T-11, X-2.3)."""
MAX_MONTHS = 120
MAX_ROWS = 200
PENALTY = ActKind.PENALTY

NEW = "new"
"""No row is called so: in an address it is the one that is not there yet."""
_ID = re.compile(rf"(?!{NEW}$)[a-z0-9][a-z0-9-]{{1,59}}")
_Asked = tuple[ActKind, Procedure, PartyClass, bool]


class NotAMatrix(Refused):
    """A matrix that cannot rule; ``row`` (from 1, 0 for all of it) and ``field`` say where."""

    @property
    def row(self) -> int:
        """The row that is wrong, 0 for all of it."""
        return int(str(self.facts.get("row", 0)))

    @property
    def field(self) -> str:
        """The name of the field that is wrong."""
        return str(self.facts.get("field", ""))


def row_of(act: ActKind) -> PublicationRow:
    """A row for a kind of act as the handbook has it, to be filled in."""
    return PublicationRow(
        id=act.value,
        act=act,
        procedure=None,
        party_class=None,
        publish=True,
        why="",
        limit_days=longest(act),
        clause="",
    )


def longest(act: ActKind) -> int:
    """The most working days that there are for decisions of a kind."""
    return SHORT_DAYS if act in (ActKind.PENALTY, ActKind.PERMIT) else LONG_DAYS


def placed(rows: Sequence[PublicationRow], row: PublicationRow, at: int) -> list[PublicationRow]:
    """The matrix with ``row`` at this place, in place of the one of its id."""
    others = [one for one in rows if one.id != row.id]
    place = max(0, min(at - 1, len(others)))
    return [*others[:place], row, *others[place:]]


def without(rows: Sequence[PublicationRow], row: str) -> list[PublicationRow]:
    """The matrix without a row. Raises NotAMatrix if there is none of this id."""
    left = [one for one in rows if one.id != row]
    if len(left) == len(rows):
        raise NotAMatrix("there is no such row; choose one from the matrix")
    return left


def expect_another(rows: Sequence[PublicationRow], row: PublicationRow) -> None:
    """Raises NotAMatrix where a new ``row`` would take the place of one that stands."""
    number = next((n for n, one in enumerate(rows, start=1) if one.id == row.id), 0)
    if number:
        raise NotAMatrix(
            "row {row} is called {id} already; give this one another id, or open that one",
            row=number,
            field="id",
            id=row.id,
        )


def expect_sound(rows: Sequence[PublicationRow]) -> None:
    """Raises NotAMatrix."""
    if len(rows) > MAX_ROWS:
        raise NotAMatrix("expected at most {most} rows, got more; join some", most=MAX_ROWS)
    for number, row in enumerate(rows, start=1):
        _expect_row(number, row)
        if any(row.id == one.id for one in rows[: number - 1]):
            raise NotAMatrix(
                "the id {id} stands in an earlier row too; give this one another",
                row=number,
                field="id",
                id=row.id,
            )
    ruled: dict[int, int] = dict.fromkeys(range(1, len(rows) + 1), 0)
    for asked in _decisions():
        number = next((n for n, row in enumerate(rows, start=1) if fits(row, *asked)), 0)
        if not number:
            raise _nobody(*asked)
        ruled[number] += 1
        _expect_published(number, rows[number - 1], *asked)
    idle = next((number for number, count in ruled.items() if not count), 0)
    if idle:
        raise NotAMatrix(
            "this row rules nothing: earlier ones fit whatever it fits; move it up, or remove it",
            row=idle,
            field="act",
        )


def fits(
    row: PublicationRow,
    act: ActKind,
    procedure: Procedure,
    party_class: PartyClass,
    warning_only: bool,
) -> bool:
    """Whether a row is about such decisions (``publication.matrix_row``)."""
    return (
        row.act == act
        and row.procedure in (None, procedure)
        and row.party_class in (None, party_class)
        and row.warning_only in (None, warning_only)
    )


def _decisions() -> Iterator[_Asked]:
    """Every decision that the matrix can tell from another; a warning is a penalty (APL 9)."""
    for act, procedure, party, warned in product(ActKind, Procedure, PartyClass, (False, True)):
        if act is PENALTY or not warned:
            yield act, procedure, party, warned


def _expect_row(number: int, row: PublicationRow) -> None:
    if not _ID.fullmatch(row.id):
        raise NotAMatrix(
            "expected an id of 2 to 60 small letters, digits and dashes, got {got}; choose another",
            row=number,
            field="id",
            got=row.id[:80],
        )
    for field in ("why", "clause"):
        if not getattr(row, field).strip():
            raise NotAMatrix(
                "expected a text, got none; every row says why, and by which clause",
                row=number,
                field=field,
            )
    most = longest(row.act)
    if not 1 <= row.limit_days <= most:
        raise NotAMatrix(
            "expected 1 to {most} working days, got {got}: decisions of this kind are published "
            "within {most} (X-2.3); correct it",
            row=number,
            field="limit_days",
            most=most,
            got=row.limit_days,
        )
    if row.display_months is not None and not 1 <= row.display_months <= MAX_MONTHS:
        raise NotAMatrix(
            "expected 1 to {most} months, or none for no end, got {got}; correct it",
            row=number,
            field="display_months",
            most=MAX_MONTHS,
            got=row.display_months,
        )
    if row.warning_only and row.act is not PENALTY:
        raise NotAMatrix(
            "only a penalty can be a mere warning; let this row be about all decisions",
            row=number,
            field="warning_only",
        )


def _expect_published(
    number: int,
    row: PublicationRow,
    act: ActKind,
    procedure: Procedure,
    party_class: PartyClass,
    warning_only: bool,
) -> None:
    if act is PENALTY and procedure is Procedure.ORDINARY and not warning_only and not row.publish:
        raise NotAMatrix(
            "an ordinary penalty's decision is published in full (X-2.3d); let this row publish "
            "it, or be about mere warnings only",
            row=number,
            field="publish",
        )


def _nobody(
    act: ActKind, procedure: Procedure, party_class: PartyClass, warning_only: bool
) -> NotAMatrix:
    if act is not PENALTY:
        return NotAMatrix(
            "no row says whether such a decision is published: {act}, {party}; add one for it",
            act=act,
            party=party_class,
        )
    if warning_only:
        return NotAMatrix(
            "no row says whether a mere warning is published: {procedure}, {party}; add one for it",
            procedure=procedure,
            party=party_class,
        )
    return NotAMatrix(
        "no row says whether such a penalty is published: {procedure}, {party}; add one for it",
        procedure=procedure,
        party=party_class,
    )

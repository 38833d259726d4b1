"""Officers and lists as tables: everything of a table is taken over, or nothing.

    importing.officers(services, registrar, …)      changed and new ones, in one commit
    importing.items(…) · matrix(…) · days(…)        the whole list, one version on
    importing.officer_rows(…) · item_rows(…) …      what an export writes

``mark`` is how long the log was when the form was made: an officer, or the list, that was changed
since is not overwritten. What a row leaves as it is, is not said again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from protocol.registry.standing import called
from protocol.registry.standing import mark as mark_of
from protocol.statements import OfficerRegistered
from protocol.vocabulary import Catalogue as List
from sync_server.log.journal import Changed
from sync_server.office.roster import NAMES, Line, NotAnOfficer, expect_line, line_of
from sync_server.people import dayrows, itemrows, listing, matrixrows, roster
from sync_server.people.listing import NothingNew
from sync_server.people.sheets import BadSheet, Column, Fault, Row
from sync_server.people.staffing import Signatory
from sync_server.services import Services

OFFICER_COLUMNS = (
    Column("cert_no", ("证件编号", "Certificate number"), digits=True),
    Column("name", ("姓名", "Full name")),
    Column("unit", ("单位", "Unit")),
    Column("position", ("职务", "Position")),
    Column("category", ("执法类别", "Category of enforcement")),
    Column("field", ("执法领域", "Field of work")),
    Column("region", ("区域代码", "Code of the region")),
    Column("region_name", ("区域", "Region")),
    Column("valid_from", ("有效期起", "Valid from")),
    Column("valid_until", ("有效期至", "Valid until")),
    Column("issuer_kind", ("发证机关", "Issued by"), optional=True),
    Column("filing", ("备案号", "Number of the filing"), optional=True, digits=True),
)


@dataclass(frozen=True)
class Outcome:
    """What a table changes, by certificate number or code."""

    new: tuple[str, ...]
    changed: tuple[str, ...]
    gone: tuple[str, ...] = ()


def officers(
    services: Services,
    registrar: Signatory | None,
    agency: str,
    rows: Sequence[Row],
    reason: str,
    mark: int,
) -> Outcome:
    """Take the officers of a table over; without a ``registrar`` only say what would change.
    Raises BadSheet, NothingNew, NotAnOfficer, Changed."""
    lines = _lines(rows)
    known = {one.cert_no: roster.officer(services, agency, one.cert_no) for _, one in lines}
    wanted = [one for _, one in lines if _differs(one, known[one.cert_no])]
    outcome = Outcome(
        tuple(one.cert_no for one in wanted if known[one.cert_no] is None),
        tuple(one.cert_no for one in wanted if known[one.cert_no] is not None),
    )
    if registrar is None:
        return outcome
    _expect_some(wanted)
    told = [
        (one, b"", reason, _seen(services, ("officer", agency, one.cert_no), mark))
        for one in wanted
    ]
    roster.register_all(services, registrar, told)
    return outcome


def items(
    services: Services,
    registrar: Signatory | None,
    agency: str,
    rows: Sequence[Row],
    reason: str,
    mark: int,
) -> Outcome:
    """Put a table in the place of the item list. Raises BadSheet, NothingNew, NoReason, Changed."""
    before = {one.code: one for one in services.editions.catalogue(agency).items}
    made = itemrows.read(rows, before, services.versions(agency, List.ITEMS))
    return _put(
        services,
        registrar,
        List.ITEMS,
        agency,
        before,
        {one.code: one for one in made},
        reason,
        mark,
    )


def matrix(
    services: Services,
    registrar: Signatory | None,
    agency: str,
    rows: Sequence[Row],
    reason: str,
    mark: int,
) -> Outcome:
    """Put a table in the place of the publication matrix. Raises as ``items`` does."""
    before = {one.id: one for one in services.editions.catalogue(agency).matrix}
    made = {one.id: one for one in matrixrows.read(rows)}
    return _put(services, registrar, List.PUBLICATION, agency, before, made, reason, mark)


def days(
    services: Services,
    registrar: Signatory | None,
    agency: str,
    rows: Sequence[Row],
    reason: str,
    mark: int,
) -> Outcome:
    """Put a table in the place of the working calendar. Raises as ``items`` does."""
    before = {str(one.year): one for one in services.editions.catalogue(agency).years}
    loaded = [one.year for one in before.values()]
    made = {str(one.year): one for one in dayrows.read(rows, loaded)}
    return _put(services, registrar, List.CALENDAR, agency, before, made, reason, mark)


def officer_rows(services: Services, agency: str) -> list[dict[str, str]]:
    """The roster as an export writes it."""
    found = (
        roster.officer(services, of, cert_no)
        for of, cert_no in sorted(services.facts.registry.officers)
        if of == agency
    )
    return [vars(line_of(one)) for one in found if one is not None]


def item_rows(services: Services, agency: str) -> list[dict[str, str]]:
    """The item list as an export writes it."""
    return [itemrows.typed(one) for one in services.editions.catalogue(agency).items]


def matrix_rows(services: Services, agency: str) -> list[dict[str, str]]:
    """The publication matrix as an export writes it."""
    return [matrixrows.typed(one) for one in services.editions.catalogue(agency).matrix]


def day_rows(services: Services, agency: str) -> list[dict[str, str]]:
    """The working calendar as an export writes it."""
    return dayrows.typed(services.editions.catalogue(agency).years)


# ── inside ───────────────────────────────────────────────────────────────────────────────


def _lines(rows: Sequence[Row]) -> list[tuple[int, Line]]:
    lines, faults = [], []
    seen: set[str] = set()
    for row in rows:
        typed = {name: row.values.get(name, "") for name in NAMES}
        line = Line(**(typed | {"issuer_kind": typed["issuer_kind"] or "province"}))
        try:
            expect_line(line)
        except NotAnOfficer as fault:
            faults.append(Fault(row.number, fault.field, fault))
        if line.cert_no in seen:
            faults.append(Fault(row.number, "cert_no", itemrows.twice(line.cert_no)))
        seen.add(line.cert_no)
        lines.append((row.number, line))
    if faults:
        raise BadSheet(faults)
    return lines


def _differs(line: Line, known: OfficerRegistered | None) -> bool:
    return known is None or line_of(known) != line


def _seen(services: Services, subject: tuple[str, str, str], mark: int) -> int:
    """The mark of a subject, if the form knew it. Raises Changed."""
    found = mark_of(services.facts.registry, subject)
    if found >= mark:
        raise Changed(
            "{name} was changed while you looked at it; read it again and decide again",
            name=called(subject),
        )
    return found


def _expect_some(wanted: Sequence[object]) -> None:
    if not wanted:
        raise NothingNew("the table says what stands already; nothing is left to do")


def _put(
    services: Services,
    registrar: Signatory | None,
    which: List,
    agency: str,
    before: Mapping[str, Any],
    made: Mapping[str, Any],
    reason: str,
    mark: int,
) -> Outcome:
    """What a list's table changes; done, if a ``registrar`` signs it."""
    outcome = Outcome(
        tuple(name for name in made if name not in before),
        tuple(name for name in made if before.get(name, made[name]) != made[name]),
        tuple(name for name in before if name not in made),
    )
    if registrar is None:
        return outcome
    if list(made) == list(before):
        _expect_some((*outcome.new, *outcome.changed, *outcome.gone))
    found = _seen(services, ("catalogue", agency, which.value), mark)
    listing.state(services, registrar, agency, which, list(made.values()), reason, found)
    return outcome

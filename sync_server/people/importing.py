"""Officers and enforcement items as tables: everything of a table is taken over, or nothing.

    importing.officers(services, registrar, …)      changed and new ones, in one commit
    importing.items(services, registrar, …)         the whole list, one version on
    importing.officer_rows(…) · item_rows(…)        what an export writes

``mark`` is how long the log was when the form was made: an officer, or the list, that was changed
since is not overwritten. What a row leaves as it is, is not said again.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from protocol.errors import Refused
from protocol.reference import Item
from protocol.registry.standing import mark as mark_of
from protocol.statements import BlobRef, BlobStored, CatalogueChanged, OfficerRegistered
from protocol.vocabulary import Catalogue as List
from sync_server.log.journal import Changed
from sync_server.office.roster import NAMES, Line, NotAnOfficer, expect_line, line_of
from sync_server.people import itemrows, roster
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


class NothingNew(Refused):
    """A table that says what stands already."""


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
    """Put a table in the place of the item list. Raises BadSheet, NothingNew, Changed."""
    before = {one.code: one for one in services.editions.catalogue(agency).items}
    made = itemrows.read(rows, before)
    outcome = Outcome(
        tuple(one.code for one in made if one.code not in before),
        tuple(one.code for one in made if before.get(one.code, one) != one),
        tuple(code for code in before if code not in {one.code for one in made}),
    )
    if registrar is None:
        return outcome
    _expect_some((*outcome.new, *outcome.changed, *outcome.gone))
    if not reason.strip():
        raise NotAnOfficer("the reason is empty; say why, for the record")
    _state(services, registrar, agency, made, reason, mark)
    return outcome


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
            name=subject[2],
        )
    return found


def _expect_some(wanted: Sequence[object]) -> None:
    if not wanted:
        raise NothingNew("the table says what stands already; nothing is left to do")


def _state(
    services: Services,
    registrar: Signatory,
    agency: str,
    made: Sequence[Item],
    reason: str,
    mark: int,
) -> None:
    subject = ("catalogue", agency, List.ITEMS.value)
    found = _seen(services, subject, mark)
    standing = services.facts.registry.catalogues.get((agency, List.ITEMS.value))
    data, now = msgspec.json.encode(list(made)), services.clock.now()
    sha256 = hashlib.sha256(data).hexdigest()
    said = CatalogueChanged(
        agency=agency,
        at=now,
        salt=secrets.token_hex(16),
        catalogue=List.ITEMS,
        version=standing.record.version + 1 if standing else 2,
        content=BlobRef(sha256=sha256, size=len(data), media_type="application/json"),
        reason=reason.strip(),
    )
    stored = BlobStored(
        agency=agency, at=now, salt=secrets.token_hex(16), sha256=sha256, size=len(data)
    )
    services.blobs.put(data)
    told = [(said, [registrar[1]]), (stored, [services.office_key])]
    services.office.state_all(told, marks={subject: found})
    services.publish_reference(agency)

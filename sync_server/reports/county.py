"""The integrity report of an agency: every device, the log, the archive, every case, and who
answered for what; as of now, or as of a day, a size of the log or a cut.

    document = county.report(services, agency, moments.as_of(services, "2026-11-30"))
    protocol.findings.document.encode(document)       the same bytes whenever it is made

What is read of the store besides the log (rows, files) is read as it is: where nothing was taken
away or altered, a report as of an earlier size stays the same for ever; where something was, it
says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from sqlalchemy import select

from protocol import case as cases_of
from protocol.findings import CODES, Report, agency, document
from protocol.findings.agency import AgencyFacts, Package
from protocol.findings.answering import Answer, folded
from protocol.findings.completeness import Completeness, completeness
from protocol.findings.document import AsOf, Json, Person
from protocol.registry import authority
from protocol.registry.registry import Device
from protocol.statements import DeviceInventory, FileArchived, FindingAnswered, FixityChecked
from sync_server.devices import heard
from sync_server.log.facts import OPENING
from sync_server.reports import integrity
from sync_server.reports.context import Context, context_of
from sync_server.reports.moments import Moment
from sync_server.services import Services
from sync_server.store.tables import STATEMENT

Examine = Callable[[Context, Device], Report]
Fold = Callable[[Context, bytes], Completeness | None]
Hear = Callable[[Context], Mapping[str, tuple[DeviceInventory, int]]]


def report(
    services: Services,
    of: str,
    moment: Moment,
    *,
    examine: Examine | None = None,
    fold: Fold | None = None,
    hear: Hear | None = None,
    deep: bool = True,
) -> Json:
    """The document. ``examine``, ``fold`` and ``hear`` take the place of reading again a device's
    rows, a case's records, and what devices said last, for who has them at hand."""
    context = context_of(services, of, moment)
    context = replace(context, contacts=(hear or partial(contacts, services))(context))
    examine = examine or (
        lambda context, device: integrity.report_at(services, context, device, deep=deep)
    )
    fold = fold or (lambda context, case: case_report(services, context, case))
    known = context.registry.agencies.get(of)
    devices = [(examine(context, one), context.users(one)) for one in context.devices]
    office = context.office
    if office is not None:
        devices.append((examine(context, office), ()))
    cases = [made for one in cases_opened(services, context) if (made := fold(context, one))]
    return document.made(
        (of, known.record.name if known else of),
        AsOf(moment.size, moment.root.hex(), moment.at),
        [(_without_log(made), users) for made, users in devices],
        agency.judged(agency_facts(services, context)),
        cases,
        answers(services, context),
        people(context),
    )


def contacts(services: Services, context: Context) -> Mapping[str, tuple[DeviceInventory, int]]:
    """The last word of every device."""
    with services.db.engine.connect() as connection:
        return heard.last_contacts(
            context.registry, connection, context.agency, context.devices, context.below
        )


def people(context: Context) -> list[Person]:
    """Everybody on the roster as of the moment, by certificate number."""
    lines = context.registry.roster(context.agency, context.moment.at)
    return [Person(one.cert_no, one.name, one.unit) for one in lines]


def answers(services: Services, context: Context) -> dict[str, tuple[Answer, ...]]:
    """Who answered for which finding of the agency."""
    found = []
    for record in services.facts.of_kind("finding_answered"):
        said, index = record.statement, record.index
        if not isinstance(said, FindingAnswered) or said.agency != context.agency:
            continue
        if index is None or index >= context.below:
            continue
        found += [
            Answer(
                said.finding, said.state, said.note, one.name, one.role, said.at, record.id, index
            )
            for one in authority.staff_of(context.registry, record)[:1]
        ]
    return folded(found)


def agency_facts(services: Services, context: Context) -> AgencyFacts:
    """What is known of the log's witnesses and of the sealed files."""
    moment, watch = context.moment, services.cosigned.policy
    witnessed = max(context.witnessed, default=None)
    seen = witnessed[0] if witnessed else 0
    first = services.facts.entries(seen, seen) if watch.keys and seen < moment.size else []
    return AgencyFacts(
        agency=context.agency,
        now=moment.at,
        log_size=moment.size,
        log_ok=moment.whole,
        witnesses=len(watch.keys),
        witnessed=witnessed,
        unwitnessed_at=int.from_bytes(first[0][1][65:73], "big") if first else None,
        packages=_packages(services, context),
        destroyed=context.destroyed,
    )


def cases_opened(services: Services, context: Context) -> list[bytes]:
    """The agency's cases, in the order in which they were opened."""
    with services.db.engine.connect() as connection:
        rows = connection.execute(
            select(STATEMENT.c.record_hash)
            .where(
                STATEMENT.c.kind.in_(OPENING),
                STATEMENT.c.agency == context.agency,
                STATEMENT.c.case_id == STATEMENT.c.record_hash,
                STATEMENT.c.index < context.below,
            )
            .order_by(STATEMENT.c.index)
        )
        return list(rows.scalars())


def case_report(services: Services, context: Context, case: bytes) -> Completeness | None:
    """What one case has of what is asked of it."""
    if context.reference is None:
        return None
    records = [
        one
        for one in services.facts.case(case)
        if one.index is not None and one.index < context.below and one.hash not in context.late
    ]
    state = cases_of.fold(authority.sound(context.registry, records), case.hex())
    return completeness(state, context.reference, _persons(context))


def _persons(context: Context) -> dict[bytes, str]:
    """Whose the keys of the staff are."""
    return {
        one.key.key_id: one.account
        for one in context.registry.staff.values()
        if one.agency == context.agency
    }


def _packages(services: Services, context: Context) -> list[Package]:
    """The agency's sealed files, each with what the last fixity check said of it."""
    checked = _checked(services, context)
    found = []
    for record in services.facts.of_kind("file_archived"):
        said, index = record.statement, record.index
        if (
            not isinstance(said, FileArchived)
            or said.agency != context.agency
            or index is None
            or index >= context.below
            or not authority.stands(context.registry, record)
        ):
            continue
        sha256 = said.package.sha256
        at, held, damaged = checked.get(sha256, (said.at, True, False))
        here = services.blobs.has(bytes.fromhex(sha256))
        found.append(
            Package(said.archive_no, sha256, said.at, held and here, damaged, max(at, said.at))
        )
    return found


def _checked(services: Services, context: Context) -> dict[str, tuple[int, bool, bool]]:
    """By file (hex): when it was read last, whether it was there, whether it was damaged."""
    found: dict[str, tuple[int, bool, bool]] = {}
    for record in services.facts.of_kind("fixity_checked"):
        said = record.statement
        # A tablet may state what it likes; the office alone reads the office's files.
        if record.link.journal not in services.sequencer.offices:
            continue
        if isinstance(said, FixityChecked) and (record.index or 0) < context.below:
            damaged, missing = {*said.damaged}, {*said.missing}
            for one in said.checked:
                found[one] = said.at, one not in missing, one in damaged
    return found


def _without_log(made: Report) -> Report:
    """What is found of the log stands once, under the log."""
    left = tuple(one for one in made.findings if one.code != "log_inconsistent")
    return replace(made, findings=left, complete=all(CODES[one.code] for one in left))

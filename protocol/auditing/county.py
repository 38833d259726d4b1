"""The integrity report of an agency: every device, the log, the archive, every case, and who
answered for what; as of now, or as of a day, a size of the log or a cut.

    document = report(context_of(source, agency))
    protocol.findings.document.encode(document)       the same bytes whenever it is made
"""

from collections.abc import Callable
from dataclasses import replace

from protocol import case as cases_of
from protocol.auditing import devices as devices_of
from protocol.auditing import heard
from protocol.auditing.context import Context
from protocol.findings import CODES, Report, agency, document
from protocol.findings.agency import AgencyFacts, Package
from protocol.findings.answering import Answer, folded
from protocol.findings.completeness import Completeness, completeness
from protocol.findings.document import AsOf, Json, Person
from protocol.registry import authority
from protocol.registry.registry import Device
from protocol.statements import FileArchived, FindingAnswered, FixityChecked

Examine = Callable[[Context, Device], Report]
Fold = Callable[[Context, bytes], Completeness | None]


def report(context: Context, *, examine: Examine | None = None, fold: Fold | None = None) -> Json:
    """The document. ``examine`` and ``fold`` take the place of looking through a device or a case
    again, for who has them at hand; ``context.contacts`` are read if nobody gathered them."""
    if context.contacts is None:
        context = heard_of(context)
    examine, fold = examine or devices_of.report_at, fold or case_report
    known, moment = context.registry.agencies.get(context.agency), context.moment
    devices = [(examine(context, one), context.users(one)) for one in context.devices]
    if context.office is not None:
        devices.append((examine(context, context.office), ()))
    opened = context.source.cases(context.agency)
    cases = [made for one in opened if (made := fold(context, one))]
    return document.made(
        (context.agency, known.record.name if known else context.agency),
        AsOf(moment.size, moment.root.hex(), moment.at),
        [(_without_log(made), users) for made, users in devices],
        agency.judged(agency_facts(context)),
        cases,
        answers(context),
        people(context),
    )


def heard_of(context: Context) -> Context:
    """The context with the last word of every device."""
    rows = context.source.contacts(context.agency)
    found = heard.last_contacts(context.registry, context.agency, context.devices, rows)
    return replace(context, contacts=found)


def people(context: Context) -> list[Person]:
    """Everybody on the roster as of the moment, by certificate number."""
    lines = context.registry.roster(context.agency, context.moment.at)
    return [Person(one.cert_no, one.name, one.unit) for one in lines]


def answers(context: Context) -> dict[str, tuple[Answer, ...]]:
    """Who answered for which finding of the agency."""
    found = []
    for record in context.source.of_kind("finding_answered"):
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


def agency_facts(context: Context) -> AgencyFacts:
    """What is known of the log's witnesses and of the sealed files."""
    moment, source = context.moment, context.source
    witnessed = max(context.witnessed, default=None)
    seen = witnessed[0] if witnessed else 0
    return AgencyFacts(
        agency=context.agency,
        now=moment.at,
        log_size=moment.size,
        log_ok=moment.whole,
        witnesses=source.witnesses,
        witnessed=witnessed,
        unwitnessed_at=source.received_at(seen)
        if source.witnesses and seen < moment.size
        else None,
        packages=_packages(context),
        destroyed=context.destroyed,
    )


def case_report(context: Context, case: bytes) -> Completeness | None:
    """What one case has of what is asked of it."""
    if context.reference is None:
        return None
    records = [
        one
        for one in context.source.case(case)
        if one.index is not None and one.index < context.below and one.hash not in context.late
    ]
    state = cases_of.fold(authority.sound(context.registry, records), case.hex())
    persons = {
        one.key.key_id: one.account
        for one in context.registry.staff.values()
        if one.agency == context.agency
    }
    return completeness(state, context.reference, persons)


def _packages(context: Context) -> list[Package]:
    """The agency's sealed files, each with what the last fixity check said of it."""
    checked = _checked(context)
    found = []
    for record in context.source.of_kind("file_archived"):
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
        here = context.source.holds(sha256)
        found.append(
            Package(said.archive_no, sha256, said.at, held and here, damaged, max(at, said.at))
        )
    return found


def _checked(context: Context) -> dict[str, tuple[int, bool, bool]]:
    """By file (hex): when it was read last, whether it was there, whether it was damaged."""
    found: dict[str, tuple[int, bool, bool]] = {}
    for record in context.source.of_kind("fixity_checked"):
        said = record.statement
        # A tablet may state what it likes; the office alone reads the office's files.
        if record.link.journal not in context.source.offices:
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

"""Which records were made by somebody who may make them.

The log admits what verifies; whether a signer may say it is judged here, by the registry as it
stood before the record:

    any record              somebody's signature holds; a tablet speaks for its own agency, and
                            an agency of its own cases (``sound``); what the staff have to sign
                            counts by those signatures, whoever brought it first
    disclosure_published    two persons of the staff, one of them a publisher     (PB-3)
    disclosure_corrected, disclosure_withheld, withholding_lifted    the same
    record_destroyed        two persons of the staff, one of them an archivist    (AR-3)
    disclosure_withdrawn, public_request_answered    a publisher
    file_bound, file_archived, file_transferred         an archivist              (AR-1)
    approval_given, decision_made, decision_revoked     the head of the agency
    opinion_given           a legal reviewer                                      (APL 58)
    task_assigned, task_withdrawn                       a handler, or the head    (54号)
    report_cut              a supervisor
    finding_answered        a supervisor, the head or a registrar                 (X-6.4d)
    disclosure_reported     the server's own key: it follows from a publication
    every other step of the office's in a case: the role of the table below

A tablet that states a publication is in the log with it, and nothing becomes public. How many
officers signed is told (``officers_of``) and judged where it matters: a decision of one is kept
and shown in the office, and never published.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from protocol.case import AnyRecord
from protocol.registry.registry import OFFICE, Registry, Staff
from protocol.statements import (
    AgencyDescribed,
    ApprovalGiven,
    CaseOpened,
    DecisionMade,
    DecisionRevoked,
    DeviceReinstated,
    DeviceSuspended,
    DisclosureCorrected,
    DisclosurePublished,
    DisclosureReported,
    DisclosureWithdrawn,
    DisclosureWithheld,
    FileArchived,
    FileBound,
    FileRetrieved,
    FileSampled,
    FileTransferred,
    FindingAnswered,
    HearingMinuted,
    InvitationWithdrawn,
    OpinionGiven,
    PublicRequestAnswered,
    RecordDestroyed,
    ReportCut,
    ReviewRequested,
    StaffEnded,
    StaffInvited,
    StaffReasonGiven,
    StaffRoleChanged,
    Statement,
    TaskAssigned,
    TaskWithdrawn,
    Unknown,
    WithholdingLifted,
    opens_case,
)
from protocol.vocabulary import StaffRole

NEEDED: Mapping[type[Statement], tuple[frozenset[StaffRole], int]] = {
    DisclosurePublished: (frozenset({StaffRole.PUBLISHER}), 2),
    DisclosureCorrected: (frozenset({StaffRole.PUBLISHER}), 2),
    DisclosureWithdrawn: (frozenset({StaffRole.PUBLISHER}), 1),
    DisclosureWithheld: (frozenset({StaffRole.PUBLISHER}), 2),
    WithholdingLifted: (frozenset({StaffRole.PUBLISHER}), 2),
    PublicRequestAnswered: (frozenset({StaffRole.PUBLISHER}), 1),
    FileBound: (frozenset({StaffRole.ARCHIVIST}), 1),
    FileArchived: (frozenset({StaffRole.ARCHIVIST}), 1),
    FileTransferred: (frozenset({StaffRole.ARCHIVIST}), 1),
    FileRetrieved: (frozenset({StaffRole.ARCHIVIST, StaffRole.SUPERVISOR}), 1),
    FileSampled: (frozenset({StaffRole.SUPERVISOR}), 1),
    RecordDestroyed: (frozenset({StaffRole.ARCHIVIST}), 2),
    ReportCut: (frozenset({StaffRole.SUPERVISOR}), 1),
    FindingAnswered: (
        frozenset({StaffRole.SUPERVISOR, StaffRole.AGENCY_HEAD, StaffRole.REGISTRAR}),
        1,
    ),
    CaseOpened: (frozenset({StaffRole.HANDLER, StaffRole.AGENCY_HEAD}), 1),
    ApprovalGiven: (frozenset({StaffRole.AGENCY_HEAD}), 1),
    ReviewRequested: (frozenset({StaffRole.HANDLER, StaffRole.AGENCY_HEAD}), 1),
    OpinionGiven: (frozenset({StaffRole.REVIEWER}), 1),
    AgencyDescribed: (frozenset({StaffRole.REGISTRAR}), 1),
    StaffReasonGiven: (frozenset({StaffRole.REGISTRAR}), 1),
    InvitationWithdrawn: (frozenset({StaffRole.REGISTRAR}), 1),
    StaffInvited: (frozenset({StaffRole.REGISTRAR}), 1),
    StaffRoleChanged: (frozenset({StaffRole.REGISTRAR}), 1),
    StaffEnded: (frozenset({StaffRole.REGISTRAR}), 1),
    DeviceSuspended: (frozenset({StaffRole.REGISTRAR}), 1),
    DeviceReinstated: (frozenset({StaffRole.REGISTRAR}), 1),
    TaskAssigned: (frozenset({StaffRole.HANDLER, StaffRole.AGENCY_HEAD}), 1),
    TaskWithdrawn: (frozenset({StaffRole.HANDLER, StaffRole.AGENCY_HEAD}), 1),
    HearingMinuted: (
        frozenset({StaffRole.HANDLER, StaffRole.REVIEWER, StaffRole.AGENCY_HEAD}),
        1,
    ),
    DecisionMade: (frozenset({StaffRole.AGENCY_HEAD}), 1),
    DecisionRevoked: (frozenset({StaffRole.AGENCY_HEAD}), 1),
}
"""One of these roles has to be among the signers, and so many persons of the staff in all."""


def staff_of(registry: Registry, record: AnyRecord) -> list[Staff]:
    """The persons of the record's own agency that signed it, each once, as what they were then."""
    index = record.index if record.index is not None else 1 << 62
    known = (one.at(index) for one in registry.staff.values())
    return [
        person
        for person in known
        if person is not None
        and not person.ended
        and person.agency == record.statement.agency
        and person.key.key_id in record.signers
    ]


def officers_of(registry: Registry, record: AnyRecord) -> set[str]:
    """Certificate numbers of the officers of the record's own agency that signed it: persons,
    however many keys or tablets they used."""
    keys = (registry.officer_keys.get(key) for key in record.signers)
    return {key.cert_no for key in keys if key and key.agency == record.statement.agency}


def stands(registry: Registry, record: AnyRecord) -> bool:
    """Whether the record was made by those who may make it."""
    statement = record.statement
    device = registry.device_of_journal(record.link.journal)
    if not record.signers or device is None:
        return False
    needed = None if isinstance(statement, Unknown) else NEEDED.get(type(statement))
    if needed is None and device.name != OFFICE and device.agency != statement.agency:
        return False
    if isinstance(statement, DisclosureReported):
        index = record.index if record.index is not None else 1 << 62
        return not set(device.keys_at(index)).isdisjoint(record.signers)
    if needed is None:
        return True
    roles, persons = needed
    people = staff_of(registry, record)
    return bool(roles & {one.role for one in people}) and (
        len({one.account for one in people}) >= persons
    )


def sound(registry: Registry, records: Iterable[AnyRecord]) -> list[AnyRecord]:
    """The records of a case that stand, in their order: what another agency says of it is none of
    its steps, but for those who supervise."""
    standing = [record for record in records if stands(registry, record)]
    owner = {one.statement.agency for one in standing if opens_case(one.statement)}
    return [
        record
        for record in standing
        if not owner
        or record.statement.agency in owner
        or isinstance(record.statement, FileRetrieved | FileSampled)
    ]

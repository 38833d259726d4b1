"""Every kind of statement, one Struct per kind; a module for each group of those who state it.

    archive.py     what is stated of the archive: bound, read again, handed on
    field.py       what officers and devices state
    incident.py    what happens beside the acts: approvals asked, hand-overs, faults
    office.py      what staff and the server state about cases
    disclosure.py  what is never public, what was answered to the public
    registry.py    who may do what, and with which keys
    staff.py       people of the office who come, change and go; tablets that rest
    supervision.py where reports are cut, and who answers for a finding

>>> from protocol.kinds import InspectionClosed
>>> InspectionClosed.__struct_config__.tag
'inspection_closed'

A kind is a subclass of ``Statement``, and importing its module is what makes it known:
``statements.py`` reads and writes whatever stands here. Readers import from there.
"""

from protocol.kinds.archive import FileBound, Filed, FileTransferred, FixityChecked, Volume
from protocol.kinds.disclosure import (
    DisclosureReported,
    DisclosureWithheld,
    PublicRequestAnswered,
    WithholdingLifted,
)
from protocol.kinds.field import (
    Corrected,
    DeviceInventory,
    DocumentIssued,
    DocumentServed,
    IdentityShown,
    InspectionClosed,
    InspectionOpened,
    MeasureTaken,
    MediaCaptured,
    NumberVoided,
    RightsNotified,
    RuleOverridden,
    SignatureTaken,
    StatementTaken,
)
from protocol.kinds.incident import (
    ApprovalAsked,
    FineCollected,
    HandedOver,
    HearingAnswered,
    MeasureEnded,
    MeasureExtended,
    RecordingBroken,
    RecusalAsked,
)
from protocol.kinds.office import (
    ApprovalGiven,
    BlobStored,
    CaseOpened,
    DecisionMade,
    DecisionRevoked,
    DeviceContacted,
    DisclosureCorrected,
    DisclosurePublished,
    DisclosureWithdrawn,
    FileArchived,
    FileRetrieved,
    FileSampled,
    HearingMinuted,
    OpinionGiven,
    RecordDestroyed,
    ReviewRequested,
    TaskAssigned,
    TaskWithdrawn,
)
from protocol.kinds.registry import (
    AgencyDescribed,
    AgencyRegistered,
    AgencyRerooted,
    CatalogueChanged,
    DeviceEnrolled,
    DeviceKeyAsked,
    DeviceRekeyed,
    DeviceRevoked,
    EvidenceAdopted,
    JournalClosed,
    LogKeysChanged,
    NumbersGranted,
    OfficerCredentialed,
    OfficerKeyRetired,
    OfficerRegistered,
    ReferencePublished,
    StaffRegistered,
    SuccessionOpened,
)
from protocol.kinds.staff import (
    DeviceReinstated,
    DeviceSuspended,
    InvitationWithdrawn,
    StaffEnded,
    StaffInvited,
    StaffReasonGiven,
    StaffRoleChanged,
)
from protocol.kinds.supervision import FindingAnswered, ReportCut

__all__ = [
    "AgencyDescribed",
    "AgencyRegistered",
    "AgencyRerooted",
    "ApprovalAsked",
    "ApprovalGiven",
    "BlobStored",
    "CaseOpened",
    "CatalogueChanged",
    "Corrected",
    "DecisionMade",
    "DecisionRevoked",
    "DeviceContacted",
    "DeviceEnrolled",
    "DeviceInventory",
    "DeviceKeyAsked",
    "DeviceReinstated",
    "DeviceRekeyed",
    "DeviceRevoked",
    "DeviceSuspended",
    "DisclosureCorrected",
    "DisclosurePublished",
    "DisclosureReported",
    "DisclosureWithdrawn",
    "DisclosureWithheld",
    "DocumentIssued",
    "DocumentServed",
    "EvidenceAdopted",
    "FileArchived",
    "FileBound",
    "FileRetrieved",
    "FileSampled",
    "FileTransferred",
    "Filed",
    "FindingAnswered",
    "FineCollected",
    "FixityChecked",
    "HandedOver",
    "HearingAnswered",
    "HearingMinuted",
    "IdentityShown",
    "InspectionClosed",
    "InspectionOpened",
    "InvitationWithdrawn",
    "JournalClosed",
    "LogKeysChanged",
    "MeasureEnded",
    "MeasureExtended",
    "MeasureTaken",
    "MediaCaptured",
    "NumberVoided",
    "NumbersGranted",
    "OfficerCredentialed",
    "OfficerKeyRetired",
    "OfficerRegistered",
    "OpinionGiven",
    "PublicRequestAnswered",
    "RecordDestroyed",
    "RecordingBroken",
    "RecusalAsked",
    "ReferencePublished",
    "ReportCut",
    "ReviewRequested",
    "RightsNotified",
    "RuleOverridden",
    "SignatureTaken",
    "StaffEnded",
    "StaffInvited",
    "StaffReasonGiven",
    "StaffRegistered",
    "StaffRoleChanged",
    "StatementTaken",
    "SuccessionOpened",
    "TaskAssigned",
    "TaskWithdrawn",
    "Volume",
    "WithholdingLifted",
]

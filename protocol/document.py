"""A document of a case, and all that happened to it since: served, published, revoked.

    document.published          the publication that stands, None before or after it
    document.showing            what that publication shows now: its own, or its last correction's
    document.revoked            who said that the decision no longer stands as it was, if anybody
    document.withheld           who said that it is never public, unless that was lifted
    document.listed             what public lists say of it, if it is a decision

A decision that was revoked still has its record, its service and its place in the file; what was
published of it is to be withdrawn (APL 48), and it is never published again.
"""

from dataclasses import dataclass
from typing import Generic, TypeVar

from protocol.chain import Link
from protocol.statements import (
    DecisionRevoked,
    DisclosureCorrected,
    DisclosurePublished,
    DisclosureWithdrawn,
    DisclosureWithheld,
    DocumentIssued,
    DocumentServed,
    ListedFacts,
    Statement,
    Unknown,
    WithholdingLifted,
)

S = TypeVar("S", bound=Statement | Unknown, covariant=True)


@dataclass(frozen=True)
class Record(Generic[S]):
    """A statement as it stands in a journal and perhaps in the log.

    ``hash`` is the record hash, ``signers`` the key ids of the verified signatures, ``index``
    the place in the log, None before a receipt.
    """

    hash: bytes
    statement: S
    signers: tuple[bytes, ...]
    link: Link
    index: int | None = None

    @property
    def id(self) -> str:
        """The record hash in hex, as statements name it."""
        return self.hash.hex()


AnyRecord = Record[Statement | Unknown]


@dataclass(frozen=True)
class IssuedDocument:
    """A document of the case and all that happened to it since."""

    issued: Record[DocumentIssued]
    services: tuple[Record[DocumentServed], ...]
    publications: tuple[Record[DisclosurePublished], ...]
    withdrawals: tuple[Record[DisclosureWithdrawn], ...]
    corrections: tuple[Record[DisclosureCorrected], ...] = ()
    revocations: tuple[Record[DecisionRevoked], ...] = ()
    withholdings: tuple[Record[DisclosureWithheld], ...] = ()
    liftings: tuple[Record[WithholdingLifted], ...] = ()

    @property
    def served(self) -> bool:
        """Whether it was served at least once."""
        return bool(self.services)

    @property
    def published(self) -> Record[DisclosurePublished] | None:
        """The publication that stands: the last one, unless withdrawn after it."""
        if not self.publications:
            return None
        last = self.publications[-1]
        later = [one for one in self.withdrawals if one.statement.at >= last.statement.at]
        return None if later else last

    @property
    def showing(self) -> Record[DisclosurePublished] | Record[DisclosureCorrected] | None:
        """What the last publication shows: as it was corrected last, else as it was published."""
        if not self.publications:
            return None
        last = self.publications[-1]
        mine = [one for one in self.corrections if one.statement.publication == last.id]
        return mine[-1] if mine else last

    @property
    def revoked(self) -> Record[DecisionRevoked] | None:
        """The last word that the decision no longer stands as it was."""
        return self.revocations[-1] if self.revocations else None

    @property
    def withheld(self) -> Record[DisclosureWithheld] | None:
        """The first word that it is never public which was not lifted."""
        lifted = {one.statement.withholding for one in self.liftings}
        return next((one for one in self.withholdings if one.id not in lifted), None)

    @property
    def listed(self) -> ListedFacts | None:
        """What public lists say of a decision; None of any other document."""
        said, decision = self.issued.statement, self.issued.statement.decision
        if decision is None:
            return None
        served = self.services[0].statement if self.services else None
        return ListedFacts(
            number=said.number,
            document=said.document,
            act=decision.act,
            penalties=decision.penalties,
            fine=decision.fine,
            remedy=decision.remedy,
            decided_on=decision.decided_on,
            root=said.root,
            served_at=served.at if served else None,
            served_how=served.method if served else None,
        )

    @property
    def withdrawal_due(self) -> bool:
        """Whether something is public that is to be withdrawn (APL 48)."""
        return self.revoked is not None and self.published is not None

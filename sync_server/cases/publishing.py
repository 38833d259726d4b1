"""Publishing, with its I/O around it: gather what stands, ask ``office/``, sign, keep or state.

    draft = publishing.draft(desk, agency, case, issued)                 for the page
    publishing.save(desk, signatory, case, issued, request, read)        the first person signs
    publishing.confirm(desk, signatory, issued, read)                    the second signs; stated
    publishing.give_back(desk, signatory, issued, why, read)             or sends it back
    publishing.withdraw(desk, signatory, case, issued, request, version) one publisher signs

The case's version travels with every form, and with those about a draft which one was there: if
either moved on since it was read, nothing is saved or stated, and the caller shows what changed.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypedDict

from protocol.case import CaseState
from protocol.errors import Refused
from protocol.keys import Ed25519Signer
from protocol.publicity import NeverPublic
from protocol.redaction import Content
from protocol.reference import Reference
from protocol.registry import authority
from protocol.statements import Statement
from protocol.vocabulary import StaffRole
from sync_server.cases import drafts
from sync_server.cases.drafts import Draft
from sync_server.keys.accounts import Person
from sync_server.log.append import Append
from sync_server.log.facts import Facts
from sync_server.log.journal import Changed, OfficeJournal, Stated, StateJob
from sync_server.office import disclose as disclosing
from sync_server.office import publish as publishing
from sync_server.office.disclose import Correction, Revision, Withdrawal
from sync_server.office.publish import Draft as Proposal
from sync_server.office.publish import Request
from sync_server.projections.runner import Projections
from sync_server.store.db import Database

OFFICERS = 2
"""Who decides on the spot is never alone (APL 42)."""

Signatory = tuple[Person, Ed25519Signer]


class Desk(Protocol):
    """What publishing and filing need of the server."""

    db: Database
    facts: Facts
    projections: Projections

    @property
    def now(self) -> int:
        """The server's time in ms."""

    @property
    def office(self) -> OfficeJournal:
        """The office's journal."""

    def reference(self, agency: str) -> Reference | None:
        """The newest reference data of an agency."""


class _How(TypedDict):
    now: int
    salt: Callable[[], str]


class NotHere(Refused):
    """No such case of this agency."""


@dataclass(frozen=True)
class Withholding:
    """What the publisher asks for who wants a decision never to be public."""

    ground: NeverPublic
    clause: str
    reason: str


@dataclass(frozen=True)
class Lifting:
    """What the publisher asks for who wants what was withheld to be publishable again."""

    clause: str
    reason: str


Asked = Request | Correction | Withholding | Lifting


@dataclass(frozen=True)
class Read:
    """What a form was made on: the case's version, and the digest of the draft that was there,
    empty for none."""

    version: int
    draft: str = ""


@dataclass(frozen=True)
class Standing:
    """A case as it stands, its reference data, and the version that a decision is made on."""

    state: CaseState
    reference: Reference
    version: int


def standing(desk: Desk, agency: str, case: bytes) -> Standing:
    """A case of ``agency``. Raises NotHere: other agencies' cases are not there."""
    version = desk.facts.case_version(case)
    state = desk.projections.state(case)
    reference = desk.reference(agency)
    begun = state.opened_by
    if begun is None or begun.statement.agency != agency or reference is None:
        raise NotHere("there is no such case in your agency; choose one from the list of cases")
    return Standing(state, reference, version)


def draft(desk: Desk, agency: str, case: bytes, issued: str) -> Proposal:
    """The proposal for a decision of the case. Raises what ``office.publish.prepare`` raises."""
    return _draft(desk, standing(desk, agency, case), issued)


def revision(desk: Desk, agency: str, case: bytes, issued: str) -> Revision:
    """What a correction of a public decision starts from. Raises NotHere, NotPublishable."""
    found = standing(desk, agency, case)
    return disclosing.revise(found.state, issued, _text(desk, found, issued), found.reference)


def save(
    desk: Desk,
    by: Signatory,
    case: bytes,
    issued: str,
    request: Asked,
    read: Read,
) -> Draft:
    """Sign a draft and keep it for a second person, in place of the one that was read. Raises
    NotHere, Changed, and what ``office`` raises."""
    person, signer = by
    found = _unchanged(standing(desk, person.agency, case), read.version)
    how = _How(now=desk.now, salt=_salt)
    told: list[Statement]
    match request:
        case Request():
            proposal = _draft(desk, found, issued)
            told = publishing.publish(request, proposal, found.state, found.reference, **how)
        case Correction():
            before = disclosing.revise(
                found.state, issued, _text(desk, found, issued), found.reference
            )
            told = disclosing.correct(request, before, found.state, found.reference, **how)
        case Withholding():
            told = disclosing.withhold(
                request.ground,
                request.clause,
                request.reason,
                found.state,
                issued,
                found.reference,
                **how,
            )
        case Lifting(clause=clause, reason=reason):
            told = disclosing.lift(clause, reason, found.state, issued, found.reference, **how)
    made = Draft(
        bytes.fromhex(issued),
        case,
        person.agency,
        person.account,
        desk.now,
        drafts.signed(told, signer),
    )
    drafts.save(desk.db, made, read.draft)
    return made


def waiting(desk: Desk, agency: str, issued: bytes) -> Draft:
    """The draft of a decision of ``agency`` that waits for a second person. Raises NotHere."""
    found = drafts.find(desk.db, issued)
    if found is None or found.agency != agency or found.returned:
        raise NotHere("no draft of this decision waits; choose one from the list to publish")
    return found


def give_back(desk: Desk, by: Signatory, issued: bytes, why: str, read: Read) -> None:
    """Send a draft back, if it is the one that was read. Raises NotHere, Changed, ReasonMissing."""
    person, _ = by
    saved = waiting(desk, person.agency, issued)
    drafts.expect_same(saved.digest, read.draft)
    if not why.strip():
        raise publishing.ReasonMissing("say what is to be changed, then send the draft back")
    drafts.give_back(desk.db, saved, why.strip()[:500], person.account)


def confirm(desk: Desk, by: Signatory, issued: bytes, read: Read) -> Stated:
    """Sign a draft as the second person and state it, if it is the one that was read and nothing
    came to the case since. Raises NotHere, Changed, and what ``office.disclose.confirm`` raises."""
    person, signer = by
    saved = waiting(desk, person.agency, issued)
    drafts.expect_same(saved.digest, read.draft)
    found = _unchanged(standing(desk, person.agency, saved.case), read.version)
    accounts = {one.key.key_id: one.account for one in desk.facts.registry.staff.values()} | {
        signer.verifier.key_id: person.account
    }
    signers = tuple(dict.fromkeys((*saved.signers, signer.verifier.key_id)))
    disclosing.confirm(
        saved.told,
        found.state,
        found.reference,
        _text(desk, found, issued.hex()),
        now=desk.now,
        signers=signers,
        persons={key: accounts.get(key, key.hex()) for key in signers},
    )
    _expect_publisher(desk, person.agency, signers)
    envelopes = drafts.cosigned(saved, signer)
    return desk.office.run(
        _Confirming(saved, desk.office.job(envelopes, {saved.case: read.version}))
    )


@dataclass(frozen=True)
class _Confirming:
    """State a draft, and keep it no longer: both, or neither. A job of the writer."""

    draft: Draft
    said: StateJob

    def run(self, append: Append) -> Stated:
        stated = self.said.run(append)
        drafts.take(append.connection, self.draft)
        return stated[0]


def withdraw(
    desk: Desk, by: Signatory, case: bytes, issued: str, request: Withdrawal, version: int
) -> Stated:
    """Withdraw what is public. Raises NotHere, Changed, and what ``office.disclose`` raises."""
    person, signer = by
    found = standing(desk, person.agency, case)
    text = _text(desk, found, issued)
    told = disclosing.withdraw(
        request, found.state, issued, text, found.reference, now=desk.now, salt=_salt
    )
    return desk.office.state_all([(one, [signer]) for one in told], {case: version})[0]


def _expect_publisher(desk: Desk, agency: str, signers: tuple[bytes, ...]) -> None:
    """Raises NotHere unless the keys are of two who are in office now, one a publisher: what they
    sign would be in the log, and no fact."""
    staff = desk.facts.registry.staff.values()
    here = [one for one in staff if one.agency == agency and one.key.key_id in signers]
    roles = {one.account: one.role for one in here if not one.ended}
    if len(roles) < 2 or StaffRole.PUBLISHER not in roles.values():
        raise NotHere(
            "whoever signed this draft publishes no more; have it saved again by a publisher"
        )


def _unchanged(found: Standing, version: int) -> Standing:
    if found.version != version:
        raise Changed(
            "this case changed while you looked at it ({found} records, you saw {version}); read "
            "it again and decide again",
            found=found.version,
            version=version,
        )
    return found


def _salt() -> str:
    return secrets.token_hex(16)


def _text(desk: Desk, found: Standing, issued: str) -> Content | None:
    document = next((one for one in found.state.documents if one.issued.id == issued), None)
    return desk.projections.content(document.issued.statement.content.sha256) if document else None


def _draft(desk: Desk, found: Standing, issued: str) -> Proposal:
    document = next((one for one in found.state.documents if one.issued.id == issued), None)
    if document and len(authority.officers_of(desk.facts.registry, document.issued)) < OFFICERS:
        raise publishing.NotPublishable(
            "this decision does not bear the signatures of two officers (ID-1), so it is not "
            "published; ask those who made it"
        )
    content = _text(desk, found, issued)
    return publishing.prepare(found.state, issued, content, found.reference, desk.now)

"""Publishing, with its I/O around it: gather what stands, ask ``office/publish.py``, sign, state.

    draft = publishing.draft(desk, case, issued)                        for the page
    publishing.publish(desk, case, issued, request, first, second)      both keys in one step

Both persons sign the same statements at once. The case's version travels with them: if the case
moved on since the draft was read, nothing is published and the caller shows what changed.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from protocol.case import CaseState
from protocol.errors import Refused
from protocol.keys import Ed25519Signer
from protocol.reference import Reference
from sync_server.keys.accounts import Person
from sync_server.log.facts import Facts
from sync_server.log.journal import OfficeJournal, Stated
from sync_server.office import publish as publishing
from sync_server.office.publish import Draft, Request
from sync_server.projections import authority
from sync_server.projections.runner import Projections

OFFICERS = 2
"""Who decides on the spot is never alone (APL 42)."""

Signatory = tuple[Person, Ed25519Signer]


class Desk(Protocol):
    """What publishing and filing need of the server."""

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


class NotHere(Refused):
    """No such case of this agency."""


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


def draft(desk: Desk, agency: str, case: bytes, issued: str) -> Draft:
    """The proposal for a decision of the case. Raises what ``office.publish.prepare`` raises."""
    return _draft(desk, standing(desk, agency, case), issued)


def publish(
    desk: Desk,
    case: bytes,
    issued: str,
    request: Request,
    people: Sequence[Signatory],
    version: int,
) -> Stated:
    """Publish with the keys of ``people``, if nothing of the case is newer than ``version``.

    Raises NotHere, Changed, and what ``office.publish`` raises.
    """
    agency = people[0][0].agency
    if any(person.agency != agency for person, _ in people):
        raise NotHere("the second person is of another agency; ask somebody of your own")
    found = standing(desk, agency, case)
    keys = {signer.verifier.key_id: person.account for person, signer in people}
    told = publishing.publish(
        request,
        _draft(desk, found, issued),
        found.state,
        found.reference,
        now=desk.now,
        salt=lambda: secrets.token_hex(16),
        signers=tuple(keys),
        persons=keys,
    )
    signers = list({signer.verifier.key_id: signer for _, signer in people}.values())
    stated = desk.office.state_all([(one, signers) for one in told], {case: version})
    return stated[0]


def _draft(desk: Desk, found: Standing, issued: str) -> Draft:
    document = next((one for one in found.state.documents if one.issued.id == issued), None)
    if document and len(authority.officers_of(desk.facts.registry, document.issued)) < OFFICERS:
        raise publishing.NotPublishable(
            "this decision does not bear the signatures of two officers (ID-1), so it is not "
            "published; ask those who made it"
        )
    sha256 = document.issued.statement.content.sha256 if document else ""
    content = desk.projections.content(sha256) if sha256 else None
    return publishing.prepare(found.state, issued, content, found.reference, desk.now)

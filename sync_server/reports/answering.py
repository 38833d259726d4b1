"""Answers to findings and cuts of reports with their I/O: gather, ask ``office/``, sign, state.

answer(services, kept, signatory, "9f3c…", FindingState.SETTLED, "…", seen=2)
cut(services, signatory, "2026-11-30")
cuts(services, agency)                  what was cut, the newest first
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from protocol.errors import Refused
from protocol.findings.document import Json, findings_of
from protocol.keys import Signer
from protocol.registry import authority
from protocol.statements import ReportCut
from protocol.vocabulary import FindingState
from sync_server.keys.accounts import Person
from sync_server.log.journal import Changed, Stated
from sync_server.office import supervising
from sync_server.reports import county, moments
from sync_server.reports.kept import Kept
from sync_server.services import Services

Signatory = tuple[Person, Signer]


class NoFinding(Refused):
    """The report has no such finding now."""


@dataclass(frozen=True)
class Cut:
    """A report that was cut: its record (hex), by whom, and what it says."""

    record: str
    by: str
    said: ReportCut


def finding(document: Json, named: str) -> tuple[str, Json]:
    """A finding of the document with its device. Raises NoFinding."""
    found = next((pair for pair in findings_of(document) if pair[1]["id"] == named), None)
    if found is None:
        raise NoFinding(
            "the report has no such finding now; what it was about has changed, read it again"
        )
    return found


def answer(
    services: Services,
    kept: Kept,
    signatory: Signatory,
    named: str,
    state: FindingState,
    note: str,
    seen: int,
) -> Stated:
    """Answer for a finding, of which ``seen`` answers were there. Raises NoFinding, NotAnswerable,
    Changed."""
    person, signer = signatory
    with kept.answering:  # until it is in the log: of two at once, the second sees the first
        device, one = finding(kept.document(person.agency), named)
        if len(one["answers"]) != seen:
            raise Changed("somebody answered for this finding meanwhile; read it again")
        said = supervising.answer(
            person.role,
            person.agency,
            device,
            one,
            state,
            note,
            now=services.clock.now(),
            salt=secrets.token_hex(16),
        )
        return services.office.state(said, [signer])


def cut(services: Services, signatory: Signatory, as_of: str) -> Stated:
    """Fix the report as of a day or a size. Raises Refused, NotAnswerable."""
    person, signer = signatory
    made = county.report(services, person.agency, moments.as_of(services, as_of))
    said = supervising.cut(person.role, made, now=services.clock.now(), salt=secrets.token_hex(16))
    return services.office.state(said, [signer])


def cuts(services: Services, agency: str) -> list[Cut]:
    """The agency's cuts by those who may, the newest first."""
    registry, found = services.facts.registry, []
    for record in services.facts.of_kind("report_cut"):
        said = record.statement
        if isinstance(said, ReportCut) and said.agency == agency:
            people = authority.staff_of(registry, record)
            if authority.stands(registry, record):
                found.append(Cut(record.id, people[0].name, said))
    return found[::-1]

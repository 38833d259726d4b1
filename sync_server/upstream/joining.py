"""How a county joins its province: introduced, admitted, followed.

    county     introduce(services)            the file about itself
    province   admit(services, data)          its records into the log; the answering file
    county     follow(services, data)         from the next start on it pushes there

The introduction holds nothing that is not in the county's log already, but for the certificate of
its office's key as a device of the province, which it states there too. The province believes it
below the root alone that it names: its registrar compares the fingerprint first.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from protocol import envelope as dsse
from protocol import statements
from protocol.checkpoint import VerifierKey
from protocol.credential import DeviceClaims, issue_device
from protocol.envelope import STATEMENT_TYPE
from protocol.errors import Malformed, Refused
from protocol.registry import lower
from protocol.registry.roster import LOWER, Registry
from protocol.statements import (
    AgencyRegistered,
    DeviceEnrolled,
    StaffEnded,
    StaffRoleChanged,
    kind_of,
)
from sync_server.log.append import Append
from sync_server.log.factrows import Linked
from sync_server.log.journal import StateJob
from sync_server.services import Services
from sync_server.upstream import ledger, papers
from sync_server.upstream.papers import Acceptance, Introduction

TEN_YEARS_MS = 10 * 366 * 24 * 3_600_000


def introduce(services: Services, agency: str) -> bytes:
    """The file about an agency of this server. Raises NoKey, Refused."""
    journal = services.office.journal
    device = f"{LOWER}{journal.hex()[:8]}"
    known = [
        one.envelope
        for one in _told(services, *lower.KINDS)
        if one.envelope and _says(one, journal) and _agency_of(one.envelope) == agency
    ]
    if not known:
        raise Refused("expected an agency of this server, got {agency}", agency=agency)
    paper = Introduction(
        agency=agency, device=device, records=[*known, _enrolled(services, agency, device)]
    )
    return papers.write(paper)


def admit(services: Services, data: bytes) -> bytes:
    """Take a county in; the answering file. Again with the same file it changes nothing. Raises
    Malformed, Refused, and what its signatures lack."""
    paper = papers.read(data, Introduction)
    envelopes = [dsse.decode(one) for one in paper.records]
    read = [statements.decode(one.body) for one in envelopes]
    first, last = read[0], read[-1]
    if (
        not isinstance(first, AgencyRegistered)
        or not isinstance(last, DeviceEnrolled)
        or last.device != paper.device
        or not paper.device.startswith(LOWER)
        or any(one.agency != paper.agency for one in read)
        or any(kind_of(one) not in lower.KINDS for one in read[:-1])
    ):
        raise Malformed(
            "expected an agency, its people and its server, got other records; have the county "
            "write its introduction again"
        )
    registry = services.sequencer.registry
    if paper.agency in registry.own_agencies:
        raise Refused(
            "{agency} has its office on this server; there is nothing to admit", agency=paper.agency
        )
    _expect_free(registry, paper, last)
    here = _heard(services, registry, paper.agency)
    news = [one for one in envelopes if dsse.record_hash(one) not in here]
    if news or (paper.agency, paper.device) not in registry.devices:
        services.office.run(_Admitting(paper.agency, paper.device, services.office.job(news)))
    return papers.write(_acceptance(services, paper))


@dataclass(frozen=True)
class _Admitting:
    """Take the records of an introduction, if they make its server known: all, or none. A job of
    the writer."""

    agency: str
    device: str
    said: StateJob

    def run(self, append: Append) -> None:
        self.said.run(append)
        if (self.agency, self.device) not in append.registry.devices:
            raise Refused(
                "the introduction of {agency} is not signed by its root and issuer; have it "
                "written again",
                agency=self.agency,
            )


def _heard(services: Services, registry: Registry, agency: str) -> set[bytes]:
    """The records of an introduction that count here already: in the office's journals, or in those
    that this county pushes, where they stand before what became of somebody later. What a tablet
    sent first counts for nothing and is stated."""
    devices = registry.devices.values()
    theirs = [one.journal for one in devices if one.is_lower and one.agency == agency]
    told = _told(services, *lower.KINDS, "device_enrolled")
    told += services.facts.office_records(theirs, lower.KINDS, -1, 1 << 20)
    return {one.link.record for one in told}


def _expect_free(registry: Registry, paper: Introduction, said: DeviceEnrolled) -> None:
    """Raises Refused where the same server is known as another agency's; it has one owner."""
    owner = registry.device_of_journal(bytes.fromhex(said.journal))
    if owner is not None and owner.agency != paper.agency:
        raise Refused(
            "the server of {agency} reports for {other} here; a server reports one agency",
            agency=paper.agency,
            other=owner.agency,
        )


def follow(services: Services, data: bytes) -> Acceptance:
    """Push to this upper level from now on. What another one had stays there."""
    paper = papers.read(data, Acceptance)
    if not paper.address.startswith(("http://", "https://")):
        raise Malformed(
            "expected an address that starts with http:// or https://, got {address}",
            address=paper.address[:100],
        )
    if not all(VerifierKey.parse(text).name == paper.origin for text in paper.log_keys):
        raise Malformed(
            "expected keys of the log {origin}, got another's; ask for the file again",
            origin=paper.origin,
        )
    if paper.agency and paper.agency not in services.sequencer.registry.own_agencies:
        raise Refused(
            "this is the answer to {agency}, which has no office on this server; ask for ours",
            agency=paper.agency,
        )
    ledger.follow(services.db, paper)
    return paper


def _acceptance(services: Services, paper: Introduction) -> Acceptance:
    names = [one.record.name for one in services.sequencer.registry.own_agencies.values()]
    return Acceptance(
        name=names[0] if names else services.settings.origin,
        address=services.settings.address,
        origin=services.settings.origin,
        log_keys=services.log_keys,
        office=services.office_key.verifier.public_key.hex(),
        device=paper.device,
        agency=paper.agency,
    )


def _enrolled(services: Services, agency: str, device: str) -> bytes:
    """The envelope that makes this server a device of its upper level: made once."""
    for one in reversed(_told(services, "device_enrolled")):
        if one.envelope is None:
            continue
        said = statements.decode(dsse.decode(one.envelope).body)
        if isinstance(said, DeviceEnrolled) and (said.agency, said.device) == (agency, device):
            return one.envelope
    now, issuer = services.clock.now(), services.keyring.issuer(agency)
    claims = DeviceClaims(
        agency=agency,
        public_key=services.office_key.verifier.public_key,
        valid_from=now,
        valid_until=now + TEN_YEARS_MS,
        name=device,
    )
    statement = DeviceEnrolled(
        agency=agency,
        at=now,
        salt=secrets.token_hex(16),
        device=device,
        certificate=issue_device(issuer, claims),
        journal=services.office.journal.hex(),
    )
    made = dsse.sign(STATEMENT_TYPE, statements.encode(statement), [issuer])
    services.office.submit([made]).result()
    return dsse.encode(made)


def _told(services: Services, *kinds: str) -> list[Linked]:
    return services.facts.office_records(services.sequencer.offices, kinds, -1, 1 << 20)


def _says(one: Linked, journal: bytes) -> bool:
    """Whether the introduction holds a record. What became of somebody later, the journal tells
    in its place: there it does not undo what that person published before."""
    read = statements.decode(dsse.decode(one.envelope or b"").body)
    return one.link.journal != journal or not isinstance(read, StaffRoleChanged | StaffEnded)


def _agency_of(envelope: bytes) -> str:
    return statements.decode(dsse.decode(envelope).body).agency

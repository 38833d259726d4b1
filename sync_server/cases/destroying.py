"""A sealed file is destroyed: the appraisal report kept, the statement signed by two, then carried
out (``upkeep/destroying.py``). Raises NotHere, Changed, NotAppraised, and what the rules say."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from protocol.errors import Refused
from protocol.keys import Signer
from protocol.statements import BlobRef, BlobStored, Statement
from sync_server.cases import publishing
from sync_server.cases.publishing import Desk, Signatory
from sync_server.log.journal import Stated
from sync_server.office import appraising
from sync_server.services import Services
from sync_server.upkeep import destroying

PDF = "application/pdf"


class NotAppraised(Refused):
    """No appraisal report, or no ground."""


def destroy(
    services: Services,
    desk: Desk,
    case: bytes,
    report: bytes,
    ground: str,
    people: Sequence[Signatory],
    version: int,
) -> Stated:
    """Destroy a case's file with the keys of ``people``; ``report`` is a PDF."""
    agency = people[0][0].agency
    if any(person.agency != agency for person, _ in people):
        raise publishing.NotHere("the second person is of another agency; ask the head of your own")
    if not report.startswith(b"%PDF") or not ground:
        raise NotAppraised(
            "expected the appraisal report as a PDF, and on what ground; both go on record"
        )
    found = publishing.standing(desk, agency, case)
    keys = {signer.verifier.key_id: person.account for person, signer in people}
    signers: list[Signer] = [*{one.verifier.key_id: one for _, one in people}.values()]
    appraisal = BlobRef(sha256=services.blobs.put(report).hex(), size=len(report), media_type=PDF)
    told = appraising.destruction(
        found.state,
        desk.facts.case(case),
        appraisal,
        ground,
        found.reference,
        now=desk.now,
        salt=secrets.token_hex(16),
        signers=tuple(keys),
        persons=keys,
        stored={appraisal.sha256},
    )
    arrived = BlobStored(
        agency=agency,
        at=desk.now,
        salt=secrets.token_hex(16),
        sha256=appraisal.sha256,
        size=appraisal.size,
    )
    both: list[tuple[Statement, Sequence[Signer]]] = [
        (told, signers),
        (arrived, [services.office_key]),
    ]
    stated = desk.office.state_all(both, {case: version})
    destroying.carry_out_one(services, stated[0].record_hash)
    return stated[0]

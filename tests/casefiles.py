"""Case files of the small world: the parts of one, its bytes, and what is said of them.

parts = case_parts(world, world.inspection())
data = packed(parts)
verdict(data, world)["records"].level
"""

from __future__ import annotations

import io
from dataclasses import replace

from protocol import casekeys
from protocol.casecheck import Check, verify_zip
from protocol.casefile import CaseBlob, CaseFileParts, CaseRecord, build_casefile
from protocol.casekeys import KeyEntry
from protocol.casetrust import read_trust
from protocol.statements import StaffRegistered
from tests.cast import AGENCY, ORIGIN, Inspection, Recorded
from tests.worlds import World


def case_parts(world: World, case: Inspection) -> CaseFileParts:
    """Everything of one inspection, and the bare links that lie between its records."""
    own = {record.index for record in case.records}
    return CaseFileParts(
        case=case.id,
        agency=AGENCY,
        records=[case_record(world, record, record.index in own) for record in span(world, case)],
        blobs=[blob(bytes.fromhex(name), data) for name, data in sorted(case.blobs.items())],
        keys=key_entries(world),
        checkpoint=world.log.checkpoint(),
        origin=ORIGIN,
        log=world.log_signer,
        at=world.now + 60_000,
    )


def span(world: World, case: Inspection) -> list[Recorded]:
    """Every record of the journals that touched the case, from its first link to its last."""
    spanned = []
    for journal in {record.link.journal for record in case.records}:
        places = [r.link.sequence for r in case.records if r.link.journal == journal]
        spanned += [
            record
            for record in world.records
            if record.link.journal == journal and min(places) <= record.link.sequence <= max(places)
        ]
    return sorted(spanned, key=lambda record: record.index)


def case_record(world: World, record: Recorded, with_statement: bool = True) -> CaseRecord:
    """One link with its receipt, and its statement if it is of the case."""
    statement = record.envelope if with_statement else None
    return CaseRecord(record.link.encode(), world.receipt(record), statement)


def blob(sha256: bytes, data: bytes) -> CaseBlob:
    """A blob in two chunks."""
    return CaseBlob(sha256, lambda: [data[:5], data[5:]])


def key_entries(world: World) -> list[KeyEntry]:
    """Every key of the cast; the builder leaves out those that signed nothing."""
    entries = [casekeys.issuer_key(world.issuer_claims, world.issuer_certificate)]
    entries += [casekeys.officer_key(o.claims, o.credential) for o in (world.shen, world.lu)]
    entries += [casekeys.device_key(d.claims, d.certificate) for d in (world.device, world.office)]
    for one in world.staff:
        registered = world.registration_of(one)
        assert isinstance(registered.statement, StaffRegistered)
        entries.append(casekeys.staff_key(registered.statement, registered.envelope))
    return entries


def packed(parts: CaseFileParts, **changes: object) -> bytes:
    """The case file's bytes; ``changes`` replace parts."""
    out = io.BytesIO()
    build_casefile(replace(parts, **changes), out)  # type: ignore[arg-type]
    return out.getvalue()


def verdict(data: bytes, world: World) -> dict[str, Check]:
    """Each check of a case file, by name."""
    checks = verify_zip(io.BytesIO(data), read_trust(world.trust_json()))
    return {check.name: check for check in checks}

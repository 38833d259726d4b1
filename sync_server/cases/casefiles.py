"""Case files: one case out of the log, as one file that anyone can check (``casefile.py``).

The file holds every link of each journal from its first of the case to its last, and the
statements of the case alone; so that what was left out shows, and nobody else's records leave.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

from protocol import casekeys, credential
from protocol import envelope as dsse
from protocol.casefile import (
    CaseBlob,
    CaseFileParts,
    CaseRecord,
    blobs_named,
    build_casefile,
)
from protocol.casekeys import KeyEntry
from protocol.chain import Link
from protocol.errors import Refused
from protocol.receipt import Entry
from protocol.registry.registry import Agency
from protocol.statements import StaffRegistered
from sync_server.log.factrows import Linked
from sync_server.log.sequencer import Committed
from sync_server.services import Services
from sync_server.store.files import settle, sync_file

CHUNK = 1 << 20
WITNESSES_S = 4
"""How long a case file waits for the witnesses of its head."""


def case_parts(services: Services, case: bytes, apart: Collection[str] = ()) -> CaseFileParts:
    """All that goes into the file of a case, under the newest checkpoint, but for the blobs that
    are kept ``apart`` (hashes in hex): its check says that they are not here.

    Raises Refused if the case is not in the log or a blob of it has not arrived.
    """
    records = services.facts.case(case)
    if not records:
        raise Refused("no case {case} is in this log; check its number", case=case.hex())
    agency = records[0].statement.agency
    own = {record.hash for record in records}
    journals = {record.link.journal for record in records}
    for record, journal in _adoptions(services, [record.link for record in records]):
        own.add(record)
        journals.add(journal)
    linked = _span(services, sorted(journals), own)
    head = _head(services, linked[-1].index + 1)
    return CaseFileParts(
        case=case,
        agency=agency,
        records=[_record(services, one, one.link.record in own, head) for one in linked],
        blobs=_blobs(services, [one for one in linked if one.link.record in own], apart),
        keys=list(_keys(services, services.sequencer.registry.agencies[agency])),
        checkpoint=head.note,
        origin=services.settings.origin,
        log=services.keyring.logs[-1],
        at=services.clock.now(),
    )


def _adoptions(services: Services, links: Iterable[Link]) -> Iterator[tuple[bytes, bytes]]:
    """The statements by which links of the case were adopted from an export, and the journals
    that these are in: a case file says how its records came."""
    registry = services.sequencer.registry
    found = (registry.adoption_of(link.journal, link.sequence) for link in links)
    said = {one.record_hash for one in found if one is not None}
    for linked in services.facts.links_of(sorted(said)):
        yield linked.link.record, linked.link.journal


def write_casefile(
    services: Services, case: bytes, path: Path, apart: Collection[str] = ()
) -> None:
    """Write the file of a case durably: beside its place, then renamed."""
    parts = case_parts(services, case, apart)
    part = path.with_name(path.name + ".part")
    path.parent.mkdir(parents=True, exist_ok=True)
    with part.open("wb") as out:
        build_casefile(parts, out)
    sync_file(part)
    settle(part, path)


def _head(services: Services, size: int) -> Committed:
    """The newest head over ``size`` entries that the witnesses have cosigned, where a quorum of
    them is asked for; the newest of all if they are too slow, and the file's reader sees that."""
    head = services.cosigned.newest()
    if head.size < size and services.sequencer.watchers:
        with suppress(TimeoutError):
            return services.cosigned.reaching(size).result(WITNESSES_S)
    return head if head.size >= size else services.facts.head


def _span(services: Services, journals: Iterable[bytes], own: set[bytes]) -> list[Linked]:
    """The links of each journal from the first to the last of the case."""
    found: list[Linked] = []
    for journal in journals:
        ours = services.facts.links_of(list(own))
        places = [one.link.sequence for one in ours if one.link.journal == journal]
        found += services.facts.journal(journal, min(places), max(places))
    return sorted(found, key=lambda one: one.index)


def _record(services: Services, one: Linked, included: bool, head: Committed) -> CaseRecord:
    statement = dsse.decode(one.envelope) if included and one.envelope else None
    receipt = services.facts.receipt(one.link_hash, head).encode()
    return CaseRecord(one.link_bytes, receipt, statement)


def _blobs(services: Services, linked: Iterable[Linked], apart: Collection[str]) -> list[CaseBlob]:
    named = {
        bytes.fromhex(ref.sha256)
        for one in linked
        if one.envelope and not Entry.decode(one.entry).doubted
        for ref in blobs_named(dsse.decode(one.envelope).body)
        if ref.sha256 not in apart
    }
    made = []
    for sha256 in sorted(named):
        path = services.facts.blob_path(sha256)
        if path is None:
            raise Refused(
                "blob {blob} of this case has not arrived; wait for the tablet's upload",
                blob=sha256.hex(),
            )
        made.append(CaseBlob(sha256, partial(_chunks, path)))
    return made


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def _keys(services: Services, agency: Agency) -> Iterator[KeyEntry]:
    """Every key of the agency with its certificate; those that signed nothing are left out
    when the file is built."""
    registry = services.sequencer.registry
    name, issuers = agency.record.agency, agency.issuer_claims
    for one in agency.issuers:
        yield casekeys.issuer_key(one.claims, one.certificate)
    for made in registry.officer_keys.values():
        if made.agency == name:
            issuer = credential.issuer_of(made.credential, issuers)
            claims = credential.open_officer(made.credential, issuer)
            yield casekeys.officer_key(claims, made.credential)
    for device in registry.devices.values():
        if device.agency == name:
            for certificate in device.certificates():
                issuer = credential.issuer_of(certificate, issuers)
                opened = credential.open_device(certificate, issuer)
                yield casekeys.device_key(opened, certificate)
    vouching = {one.key_id for one in issuers}
    for record in services.facts.of_office("staff_registered"):
        data = services.facts.envelope(record.hash)
        said = record.statement
        # A tablet that registers somebody is in the log too, and a former issuer's key may be in
        # anybody's hands: an issuer vouches in the office's own journal.
        if (
            isinstance(said, StaffRegistered)
            and said.agency == name
            and vouching.intersection(record.signers)
            and data
        ):
            yield casekeys.staff_key(said, dsse.decode(data))

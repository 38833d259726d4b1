"""A small world in memory for every test: an agency, its people, a tablet, a log, one inspection.

    from tests.worlds import World
    world = World()                       fixed keys and salts: the same bytes in every run
    world.shen, world.lu                  the two officers (``Officer``: signer, claims, credential)
    world.device, world.office            the tablet YX-T07 and the office (``Device``)
    world.publisher, .reviewer, .archivist, .supervisor           staff (``Staff``)
    world.root, world.issuer, world.log_signer                    the agency's and the log's keys
    world.issuer_claims, world.issuer_certificate, world.reference, world.trust_json()

    record = world.state(statement, world.shen, world.lu)         sign, link, admit (tablet)
    record = world.state_office(statement, world.publisher)       the same in the office's journal
    record.envelope / .link / .hash / .index / .statement         what was made of it
    world.receipt(record)                                         its tlog-proof, newest head
    world.log.checkpoint() / .consistency(old) / .get             the log itself

    case = world.inspection()             every statement of one inspection, published, archived
    case.id, case.opened, case.decision, case.issued, case.records, case.blobs

``tests/cast.py`` holds names, times and people, ``tests/acts.py`` what they state.
Nothing here is a stand-in: signatures, chains, tree and certificates are made by ``protocol``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from protocol import chain, credential, envelope, statements
from protocol.calendar import day_start, read_day
from protocol.chain import NO_CASE, Head, Link
from protocol.credential import DeviceClaims, IssuerClaims, OfficerClaims
from protocol.envelope import Envelope
from protocol.receipt import Entry, Verdict
from protocol.reference import (
    OfficerKey,
    Reference,
    RosterDevice,
    RosterOfficer,
)
from protocol.statements import BlobRef, Statement
from protocol.vocabulary import (
    StaffRole,
    Standing,
)
from tests import acts
from tests.cast import (
    AGENCY,
    DEVICE,
    REGION,
    START,
    Device,
    Inspection,
    MiniLog,
    Officer,
    Person,
    Recorded,
    Staff,
    agency_info,
    price_item,
    seeded,
)


class World:
    """The cast with fixed keys. ``now`` moves on by a second with every statement."""

    def __init__(self, start: int = START) -> None:
        self.now, self.reference_version = start, 1
        self.blobs: dict[str, bytes] = {}
        self.records: list[Recorded] = []
        self.heads: dict[bytes, Head] = {}
        self._salts: Iterator[bytes] = _salts()
        self.root, self.issuer = seeded("root"), seeded("issuer")
        self.recovery_key = hashlib.sha256(b"fujie/tests/recovery").digest()
        self.log_signer = seeded("log")
        self.log = MiniLog(self.log_signer)
        self.issuer_certificate = credential.issue_issuer(
            self.root,
            self.issuer.verifier.public_key,
            AGENCY,
            day_start(read_day("2026-01-01")),
            day_start(read_day("2031-01-01")),
        )
        self.issuer_claims: IssuerClaims = credential.open_issuer(
            self.issuer_certificate, self.root.verifier
        )
        self.device, self.office = self._device(DEVICE), self._device("office")
        self.shen = self._officer("沈知远", "00992304117")
        self.lu = self._officer("陆清和", "00992304132")
        self.publisher = Staff(seeded("he"), "hejingting", "何敬亭", StaffRole.PUBLISHER)
        self.reviewer = Staff(seeded("luo"), "luojing", "罗静", StaffRole.HANDLER)
        self.archivist = Staff(seeded("xu"), "xuwen", "许文", StaffRole.ARCHIVIST)
        self.supervisor = Staff(seeded("fang"), "fangqiuyan", "方砚秋", StaffRole.SUPERVISOR)
        self.staff = [self.publisher, self.reviewer, self.archivist, self.supervisor]
        self.registrations = self._register()
        self.reference = self._reference()

    # ── making records ───────────────────────────────────────────────────────────────────

    def salt(self) -> str:
        """16 bytes in hex, different every time and the same in every run."""
        return next(self._salts).hex()

    def blob(self, data: bytes, media_type: str) -> BlobRef:
        """Keep a blob and name it."""
        sha256 = hashlib.sha256(data).hexdigest()
        self.blobs[sha256] = data
        return BlobRef(sha256=sha256, size=len(data), media_type=media_type)

    def said(self, case: str | None = None) -> dict[str, Any]:
        """What every statement says, at the next second: pass it as keywords."""
        self.now += 1000
        return {"agency": AGENCY, "at": self.now, "salt": self.salt(), "case": case}

    def state(self, statement: Statement, *by: Person) -> Recorded:
        """Sign, link and admit a statement of the tablet."""
        return self._admit(statement, by, self.device)

    def state_office(self, statement: Statement, *by: Person) -> Recorded:
        """Sign, link and admit a statement of the office."""
        return self._admit(statement, by, self.office)

    def receipt(self, record: Recorded) -> bytes:
        """The receipt of a record, under the newest checkpoint."""
        return self.log.receipt(record.index)

    def trust_json(self) -> bytes:
        """What ``fujie-verify`` is given to believe in."""
        roots = {AGENCY: self.root.verifier.public_key.hex()}
        return json.dumps({"log": self.log.key.text(), "roots": roots}).encode()

    def sign(self, statement: Statement, *by: Person) -> Envelope:
        """The envelope alone, without link and log."""
        signers = [person.signer for person in by]
        return envelope.sign(envelope.STATEMENT_TYPE, statements.encode(statement), signers)

    def link(self, record: bytes, tag: bytes, device: Device) -> Link:
        """The next link of a device's journal; the head moves on."""
        head = self.heads.get(device.journal, chain.EMPTY)
        link = Link(
            journal=device.journal,
            sequence=head.length,
            previous=head.hash,
            record=record,
            case_tag=tag,
            reference_version=self.reference_version,
            wall_at=self.now,
            boot=hashlib.sha256(b"boot").digest()[:16],
            monotonic=self.now - START + 60_000,
            server_at=START - 3_600_000,
        )
        self.heads[device.journal] = chain.advance(head, link)
        return link

    def admit(self, link: Link) -> int:
        """Append the entry of a link; its index."""
        entry = Entry(link.hash(), link.record, self.now + 500, Verdict.ACCEPTED)
        return self.log.append(entry.encode())

    def _admit(self, statement: Statement, by: Sequence[Person], device: Device) -> Recorded:
        made = self.sign(statement, *by)
        link = self.link(envelope.record_hash(made), self._tag(statement, made), device)
        record = Recorded(statement, made, link, self.admit(link))
        self.records.append(record)
        return record

    def _tag(self, statement: Statement, made: Envelope) -> bytes:
        if statements.opens_case(statement):
            salt = bytes.fromhex(statement.salt)
            return chain.case_tag(salt, envelope.record_hash(made))
        if statement.case is None:
            return NO_CASE
        return next(r.link.case_tag for r in self.records if r.hex == statement.case)

    # ── the cast ─────────────────────────────────────────────────────────────────────────

    def _device(self, name: str) -> Device:
        signer = seeded(f"device {name}")
        claims = DeviceClaims(
            agency=AGENCY,
            public_key=signer.verifier.public_key,
            valid_from=day_start(read_day("2026-01-01")),
            valid_until=day_start(read_day("2031-01-01")),
            name=name,
        )
        journal = hashlib.sha256(f"fujie/tests/journal {name}".encode()).digest()[:16]
        return Device(signer, claims, credential.issue_device(self.issuer, claims), journal)

    def _officer(self, name: str, cert_no: str) -> Officer:
        signer = seeded(f"officer {cert_no}")
        claims = OfficerClaims(
            agency=AGENCY,
            public_key=signer.verifier.public_key,
            valid_from=day_start(read_day("2024-05-01")),
            valid_until=day_start(read_day("2029-05-01")),
            cert_no=cert_no,
            name=name,
            unit="综合行政执法大队",
            position="一级行政执法员",
            category="行政执法",
            field="市场监督管理",
            region=REGION,
            device=DEVICE,
        )
        return Officer(signer, claims, credential.issue_officer(self.issuer, claims))

    def _register(self) -> list[Recorded]:
        """The office's first records: agency, staff, officers, devices and their keys."""
        issuer = Device(self.issuer, self.office.claims, b"", self.office.journal)
        root = Device(self.root, self.office.claims, b"", self.office.journal)
        state: Callable[[Statement], Recorded] = lambda s: self.state_office(s, issuer)  # noqa: E731
        made = [self.state_office(self._agency_registered(), root)]
        for device in (self.office, self.device):
            enrolled = statements.DeviceEnrolled(
                **self.said(),
                device=device.claims.name,
                certificate=device.certificate,
                journal=device.journal.hex(),
            )
            made.append(state(enrolled))
        for one in self.staff:
            made.append(state(self._staff_registered(one)))  # noqa: PERF401
        for officer in (self.shen, self.lu):
            made += [state(self._officer_registered(officer)), state(self._credentialed(officer))]
        return made

    def registration_of(self, staff: Staff) -> Recorded:
        """The record by which the issuer vouches for a member of the office."""
        return next(
            r
            for r in self.registrations
            if isinstance(r.statement, statements.StaffRegistered)
            and r.statement.account == staff.account
        )

    def _staff_registered(self, one: Staff) -> Statement:
        return statements.StaffRegistered(
            **self.said(),
            account=one.account,
            name=one.name,
            role=one.role,
            public_key=one.signer.verifier.public_key.hex(),
        )

    def _agency_registered(self) -> Statement:
        info = agency_info()
        return statements.AgencyRegistered(
            **self.said(),
            name=info.name,
            short_name=info.short_name,
            region=info.region,
            region_name=info.region_name,
            government=info.government,
            court=info.court,
            hotline=info.hotline,
            address=info.address,
            bank=info.bank,
            root_key=self.root.verifier.public_key.hex(),
            issuer=self.issuer_certificate,
            recovery_key=self.recovery_key.hex(),
        )

    def _officer_registered(self, officer: Officer) -> Statement:
        c = officer.claims
        return statements.OfficerRegistered(
            **self.said(),
            cert_no=c.cert_no,
            name=c.name,
            unit=c.unit,
            position=c.position,
            category=c.category,
            field=c.field,
            region=c.region,
            region_name="云溪县",
            valid_from="2024-05-01",
            valid_until="2029-04-30",
            photo=self.blob(f"photo of {c.name}".encode(), "image/png"),
            effective_at=c.valid_from,
        )

    def _credentialed(self, officer: Officer) -> Statement:
        return statements.OfficerCredentialed(
            **self.said(), cert_no=officer.cert_no, device=DEVICE, credential=officer.credential
        )

    def _reference(self) -> Reference:
        devices = [
            RosterDevice(name=d.claims.name, certificate=d.certificate)
            for d in (self.device, self.office)
        ]
        return Reference(
            version=1,
            issued_at=self.now,
            agency=agency_info(),
            items=[price_item()],
            officers=[self._rostered(officer) for officer in (self.shen, self.lu)],
            devices=devices,
            log_keys=[self.log.key.text()],
        )

    def _rostered(self, officer: Officer) -> RosterOfficer:
        c = officer.claims
        key_id = officer.signer.verifier.key_id.hex()
        return RosterOfficer(
            cert_no=c.cert_no,
            name=c.name,
            unit=c.unit,
            position=c.position,
            category=c.category,
            field=c.field,
            region=c.region,
            region_name="云溪县",
            valid_from="2024-05-01",
            valid_until="2029-04-30",
            photo=self.blob(f"photo of {c.name}".encode(), "image/png"),
            standing=Standing.VALID,
            effective_at=c.valid_from,
            credentials=[OfficerKey(key_id=key_id, device=DEVICE, credential=officer.credential)],
        )

    # ── the inspection ───────────────────────────────────────────────────────────────────

    def inspection(self) -> Inspection:
        """One inspection from the opening to the archive, on the tablet and in the office."""
        return acts.inspection(self)


def _salts() -> Iterator[bytes]:
    number = 0
    while True:
        number += 1
        yield hashlib.sha256(f"fujie/tests/salt {number}".encode()).digest()[:16]

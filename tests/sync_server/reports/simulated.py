"""A county of many tablets in one process: real keys, statements and journals, the server's own
intake, a clock that is set. Nothing is wrong with it until somebody plants a fault.

    with simulated(folder, tablets=8) as county:
        county.day()                        each tablet: an inspection, sent with its files
        county.tablets[3].act(...)          one more record
        county.send(county.tablets[3])      push, then files, then contact

Every tablet has two officers of its own, who signed everything together.
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from protocol import chain, credential, envelope, messages, statements
from protocol.calendar import day_start, read_day
from protocol.chain import NO_CASE, Link
from protocol.credential import DeviceClaims, OfficerClaims
from protocol.envelope import STATEMENT_TYPE
from protocol.keys import Ed25519Signer, Signer
from protocol.messages import Push, PushItem
from protocol.registry.registry import Device
from protocol.statements import (
    BlobRef,
    BlobStored,
    DeviceEnrolled,
    DeviceInventory,
    InspectionClosed,
    OfficerCredentialed,
    OfficerRegistered,
    Statement,
    blobs_of,
)
from protocol.vocabulary import DocumentKind, Outcome, StaffRole, Standing
from sync_server import demo
from sync_server.devices import exchange
from sync_server.devices.contacts import Contacts
from sync_server.keys import staffkeys
from sync_server.portraits import portrait
from sync_server.services import Services, writing
from sync_server.settings import Settings
from sync_server.store.tables import AccountRow, StaffKeyRow
from sync_server.upkeep import founding
from sync_server.upkeep.founding import Plan, StaffPlan
from tests import acts
from tests.cast import AGENCY, REGION, START, Officer, seeded
from tests.sync_server.web.staging import Clock

HOUR = 3_600_000
DAY = 24 * HOUR
PASSWORD = "yunxi-jiandu-2026"
UNITS = ("综合行政执法大队", "青石镇执法中队", "河西镇执法中队")
STAFF = (
    StaffPlan("fangqiuyan", "方砚秋", StaffRole.SUPERVISOR, PASSWORD),
    StaffPlan("gumingyuan", "顾明远", StaffRole.AGENCY_HEAD, "yunxi-juzhang-2026"),
    StaffPlan("tangjingxing", "唐景行", StaffRole.REGISTRAR, "yunxi-mingce-2026"),
)
REGISTRAR = ("tangjingxing", "yunxi-mingce-2026")
_FAMILY = "沈陆林周许何罗方唐顾江叶程苏"
_GIVEN = ("知远", "清和", "望舒", "景行", "怀瑾", "思齐", "若水", "云起", "长风", "明德")


@dataclass
class Scribe:
    """What ``tests/acts.py`` makes statements with."""

    shen: Officer
    lu: Officer
    now: int
    label: str
    blobs: dict[str, bytes] = field(default_factory=dict)
    _salts: Iterator[int] = field(default_factory=itertools.count)

    def salt(self) -> str:
        """16 bytes in hex, other ones at each call."""
        return hashlib.sha256(f"{self.label} {next(self._salts)}".encode()).hexdigest()[:32]

    def said(self, case: str | None = None) -> dict[str, Any]:
        """What every statement says, a minute later each time."""
        self.now += 60_000
        return {"agency": AGENCY, "at": self.now, "salt": self.salt(), "case": case}

    def blob(self, data: bytes, media_type: str) -> BlobRef:
        """Keep a blob of this tablet's own and name it."""
        data = data + self.label.encode()
        sha256 = hashlib.sha256(data).hexdigest()
        self.blobs[sha256] = data
        return BlobRef(sha256=sha256, size=len(data), media_type=media_type)


@dataclass
class Made:
    """A record of a tablet: its statement, envelope and link."""

    statement: Statement
    envelope: bytes
    link: Link

    @property
    def hash(self) -> bytes:
        return self.link.record

    @property
    def hex(self) -> str:
        return self.hash.hex()


class Tablet:
    """A tablet: it links what its officers state, and tells what it holds."""

    def __init__(self, number: int, now: int) -> None:
        self.name = f"YX-T{number:02}"
        self.signer = seeded(f"county device {number}")
        self.journal = hashlib.sha256(f"county journal {number}".encode()).digest()[:16]
        self.officers = [_officer(2 * number + one, self.name) for one in (0, 1)]
        self.scribe = Scribe(*self.officers, now, self.name)
        self.boot = hashlib.sha256(self.name.encode()).digest()[:16]
        self.records: list[Made] = []
        self.sent = 0
        self.reference = 1
        self.server_at = now
        self.skew = 0
        self.head = chain.EMPTY
        self.lost: set[str] = set()
        # What it will do, for whoever plants faults (``faults.py``).
        self.silent = self.late = self.stale = self.keeps_file = self.forks = False
        self.forge = -1
        self.more: dict[str, Any] = {}

    def act(self, statement: Statement, *, link: dict[str, Any] | None = None) -> Made:
        """Sign by both officers and link."""
        signers = [one.signer for one in self.officers]
        made = envelope.sign(STATEMENT_TYPE, statements.encode(statement), signers)
        if self.forge == len(self.records):
            first, *others = made.signatures
            forged = envelope.Signature(first.key_id, bytes(64))
            made = envelope.Envelope(made.payload_type, made.body, (forged, *others))
        record = envelope.record_hash(made)
        facts: dict[str, Any] = {
            "journal": self.journal,
            "sequence": self.head.length,
            "previous": self.head.hash,
            "record": record,
            "case_tag": self._tag(statement, record),
            "reference_version": self.reference,
            "wall_at": self.scribe.now + self.skew,
            "boot": self.boot,
            "monotonic": self.scribe.now - START + DAY,
            "server_at": self.server_at,
        }
        made_link = Link(**(facts | (link or {})))
        self.head = chain.advance(self.head, made_link)
        self.records.append(Made(statement, envelope.encode(made), made_link))
        return self.records[-1]

    def inspection(self) -> Made:
        """A whole inspection; its opening."""
        scribe: Any = self.scribe
        opened = self.act(acts.opening(scribe, number=f"{self.name}〔2026〕{len(self.records)}号"))
        self.act(acts.identity(scribe, opened.hex))
        self.act(acts.rights(scribe, opened.hex))
        self.act(acts.photo(scribe, opened.hex))
        self.act(
            acts.document(
                scribe, opened.hex, DocumentKind.SITE_INSPECTION_RECORD, f"{self.name}检1"
            )
        )
        self.act(InspectionClosed(**scribe.said(opened.hex), outcome=Outcome.NO_PROBLEM))
        return opened

    def push(self, now: int, **told: Any) -> Push:
        """What is not sent yet, under the tablet's signed word of all that it holds."""
        items = [PushItem(link=one.link.encode(), statement=one.envelope)
                 for one in self.records[self.sent :]]  # fmt: skip
        return Push(inventory=self.inventory(now, **told), items=items)

    def inventory(self, now: int, **told: Any) -> bytes:
        """The signed inventory."""
        facts: dict[str, Any] = {
            "journal": self.journal.hex(),
            "length": self.head.length,
            "head": self.head.hash.hex(),
            "unsent": 0,
            "oldest_unsent_at": None,
            "blobs_outstanding": 0,
            "bytes_outstanding": 0,
            "free_bytes": 60 << 30,
            "disk_bytes": 64 << 30,
            "boot": self.boot.hex(),
            "monotonic": now - START + DAY,
            "checkpoint_size": 0,
            "reference_version": 1 << 20,
            "program": "fujie-field/9.9",
        }
        said = DeviceInventory(
            agency=AGENCY, at=now + self.skew, salt=self.scribe.salt(), **(facts | told)
        )
        signed = envelope.sign(STATEMENT_TYPE, statements.encode(said), [self.signer])
        return envelope.encode(signed)

    def _tag(self, statement: Statement, record: bytes) -> bytes:
        if statements.opens_case(statement):
            return chain.case_tag(bytes.fromhex(statement.salt), record)
        if statement.case is None:
            return NO_CASE
        opening = next(one for one in self.records if one.hex == statement.case)
        return opening.link.case_tag


class County:
    """The server's parts, and its tablets."""

    def __init__(self, services: Services, clock: Clock, tablets: int) -> None:
        self.services, self.clock = services, clock
        self.tablets = [Tablet(number, clock.now()) for number in range(1, tablets + 1)]
        self.contacts = Contacts()
        self._enrol()

    def device(self, tablet: Tablet) -> Device:
        """The server's view of a tablet."""
        return self.services.facts.registry.devices[AGENCY, tablet.name]

    def day(self) -> None:
        """Each tablet inspects from 09:00 on, and sends at noon."""
        for tablet in self.tablets:
            tablet.scribe.now = START
            tablet.server_at = START - HOUR
            tablet.inspection()
        self.clock.set(START + 3 * HOUR)
        for tablet in self.tablets:
            self.send(tablet)

    def send(self, tablet: Tablet, **told: Any) -> None:
        """Push what is new, then the files, then make contact once more."""
        pushed = messages.encode(tablet.push(self.clock.now(), **told))
        asyncio.run(exchange.push(self.services, self.contacts, self.device(tablet), pushed))
        new, tablet.sent = tablet.records[tablet.sent :], len(tablet.records)
        self.keep(
            tablet.scribe.blobs[ref.sha256]
            for record in new
            for ref in blobs_of(record.statement)
            if ref.sha256 not in tablet.lost
        )

    def keep(self, files: Iterable[bytes]) -> None:
        """Files arrive; the office says so."""
        told: list[tuple[Statement, Sequence[Signer]]] = []
        for data in files:
            said = {"agency": AGENCY, "at": self.clock.now(), "salt": self.tablets[0].scribe.salt()}
            sha256 = self.services.blobs.put(data).hex()
            stored = BlobStored(**said, sha256=sha256, size=len(data))
            told.append((stored, [self.services.office_key]))
        if told:
            self.services.office.state_all(told)

    def state(self, *told: Statement) -> None:
        """The agency's issuer states something."""
        issuer = self.services.keyring.issuer(AGENCY)
        self.services.office.state_all([(one, [issuer]) for one in told])

    def standing(self, officer: Officer, standing: Standing, at: int) -> None:
        """An officer's standing changes at a time."""
        self.state(self._registered(officer, standing, at))

    def _enrol(self) -> None:
        issuer = self.services.keyring.issuer(AGENCY)
        told: list[Statement] = []
        for tablet in self.tablets:
            claims = DeviceClaims(
                agency=AGENCY,
                public_key=tablet.signer.verifier.public_key,
                valid_from=day_start(read_day("2026-01-01")),
                valid_until=day_start(read_day("2031-01-01")),
                name=tablet.name,
            )
            told.append(
                DeviceEnrolled(
                    **self._said(tablet),
                    device=tablet.name,
                    certificate=credential.issue_device(issuer, claims),
                    journal=tablet.journal.hex(),
                )
            )
            for officer in tablet.officers:
                told.append(self._registered(officer, Standing.VALID, 0))
                told.append(
                    OfficerCredentialed(
                        **self._said(tablet),
                        cert_no=officer.cert_no,
                        device=tablet.name,
                        credential=credential.issue_officer(issuer, officer.claims),
                    )
                )
        self.state(*told)
        self.services.publish_reference(AGENCY)
        self.keep([portrait(1)])
        version = self.services.facts.registry.references[AGENCY]
        for tablet in self.tablets:
            tablet.reference = version

    def _registered(self, officer: Officer, standing: Standing, at: int) -> OfficerRegistered:
        claims = officer.claims
        photo = portrait(1)
        sha256 = self.services.blobs.put(photo)
        return OfficerRegistered(
            agency=AGENCY,
            at=self.clock.now(),
            salt=hashlib.sha256(f"{claims.cert_no} {at}".encode()).hexdigest()[:32],
            cert_no=claims.cert_no,
            name=claims.name,
            unit=claims.unit,
            position=claims.position,
            category=claims.category,
            field=claims.field,
            region=REGION,
            region_name="云溪县",
            valid_from="2024-05-01",
            valid_until="2029-04-30",
            photo=BlobRef(sha256=sha256.hex(), size=len(photo), media_type="image/png"),
            standing=standing,
            effective_at=at,
        )

    def _said(self, tablet: Tablet) -> dict[str, Any]:
        return {"agency": AGENCY, "at": self.clock.now(), "salt": tablet.scribe.salt()}


@contextmanager
def simulated(folder: Path, tablets: int = 8) -> Iterator[County]:
    """A founded county; its server's parts are open until the block ends."""
    settings = Settings(folder, port=1, argon2="cheapest")
    clock = Clock(START - DAY)
    founding.found(settings, clock, Plan(demo.AGENCY, STAFF, (), {}))
    with writing(settings, clock) as services:
        yield County(services, clock, tablets)


def staff_key(services: Services, account: str, password: str = PASSWORD) -> Ed25519Signer:
    """The signing key of a person of the office."""
    with services.db.reading() as session:
        row = session.get(StaffKeyRow, account)
        assert row is not None
        assert session.get(AccountRow, account) is not None
        return staffkeys.open_key(row, password)


def _officer(number: int, device: str) -> Officer:
    signer = seeded(f"county officer {number}")
    claims = OfficerClaims(
        agency=AGENCY,
        public_key=signer.verifier.public_key,
        valid_from=day_start(read_day("2024-05-01")),
        valid_until=day_start(read_day("2029-05-01")),
        cert_no=f"009923{number:05}",
        name=_FAMILY[number % len(_FAMILY)] + _GIVEN[number % len(_GIVEN)],
        unit=UNITS[(number // 2) % len(UNITS)],
        position="一级行政执法员",
        category="行政执法",
        field="市场监督管理",
        region=REGION,
        device=device,
    )
    return Officer(signer, claims, b"credential")

"""The cast: who acts in every test, with which keys, at which agency; and a log in memory."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from protocol import chain, envelope, merkle, statements
from protocol.calendar import day_start, read_day
from protocol.chain import Link
from protocol.checkpoint import Checkpoint, VerifierKey, sign_checkpoint
from protocol.credential import DeviceClaims, OfficerClaims
from protocol.envelope import Envelope
from protocol.keys import Ed25519Signer, Signer
from protocol.receipt import Receipt
from protocol.reference import (
    AgencyInfo,
    Item,
)
from protocol.statements import Statement
from protocol.vocabulary import (
    ActKind,
    PartyClass,
    PenaltyKind,
    Procedure,
    RemedyRoute,
    StaffRole,
)

AGENCY = "11990123MB0000001A"
REGION = "990123"
DEVICE = "YX-T07"
ORIGIN = "log.yunxi.example/fujie"
NUMBER = "云市监检〔2026〕318号"
DECISION_NUMBER = "云市监当罚〔2026〕126号"
CAUSE = "7种散装商品未标明价格"
HEARD = "听清了，不申请回避。"

START = day_start(read_day("2026-11-18")) + 9 * 3_600_000
"""09:00 in Yunxi on the day of the inspection, ms since the epoch."""


def seeded(label: str) -> Ed25519Signer:
    """A key that is the same in every run."""
    return Ed25519Signer(hashlib.sha256(b"fujie/tests/" + label.encode()).digest())


@dataclass(frozen=True)
class Officer:
    """An officer with the key made on the tablet."""

    signer: Signer
    claims: OfficerClaims
    credential: bytes

    @property
    def cert_no(self) -> str:
        return self.claims.cert_no


@dataclass(frozen=True)
class Device:
    """A device with its key, certificate and journal."""

    signer: Signer
    claims: DeviceClaims
    certificate: bytes
    journal: bytes


@dataclass(frozen=True)
class Staff:
    """A member of the office."""

    signer: Signer
    account: str
    name: str
    role: StaffRole


Person = Officer | Device | Staff


@dataclass(frozen=True)
class Recorded:
    """One record: signed, linked and admitted."""

    statement: Statement
    envelope: Envelope
    link: Link
    index: int

    @property
    def hash(self) -> bytes:
        return envelope.record_hash(self.envelope)

    @property
    def hex(self) -> str:
        return self.hash.hex()


@dataclass
class MiniLog:
    """A transparency log in memory."""

    signer: Signer
    origin: str = ORIGIN
    entries: list[bytes] = field(default_factory=list)
    hashes: dict[tuple[int, int], bytes] = field(default_factory=dict)

    @property
    def key(self) -> VerifierKey:
        return VerifierKey(self.origin, self.signer.verifier.public_key)

    def get(self, level: int, index: int) -> bytes:
        return self.hashes[level, index]

    def append(self, entry: bytes) -> int:
        index = len(self.entries)
        for level, place, value in merkle.stored_hashes(index, merkle.leaf_hash(entry), self.get):
            self.hashes[level, place] = value
        self.entries.append(entry)
        return index

    def root(self, size: int) -> bytes:
        return merkle.Frontier.load(size, self.get).root()

    def checkpoint(self, size: int | None = None) -> bytes:
        size = len(self.entries) if size is None else size
        return sign_checkpoint(Checkpoint(self.origin, size, self.root(size)), self.signer)

    def consistency(self, old: int) -> list[bytes]:
        return merkle.consistency_proof(old, len(self.entries), self.get)

    def receipt(self, index: int) -> bytes:
        size = len(self.entries)
        proof = tuple(merkle.inclusion_proof(index, size, self.get))
        return Receipt(self.entries[index], index, proof, self.checkpoint()).encode()


@dataclass(frozen=True)
class Inspection:
    """One inspection from the opening to the archive, and every blob that it names."""

    opened: Recorded
    issued: list[Recorded]
    decision: Recorded
    published: Recorded
    archived: Recorded
    records: list[Recorded]
    blobs: dict[str, bytes]

    @property
    def id(self) -> bytes:
        return self.opened.hash

    @property
    def tag(self) -> bytes:
        return chain.case_tag(bytes.fromhex(self.opened.statement.salt), self.id)


def agency_info() -> AgencyInfo:
    """云溪县市场监督管理局, as documents name it."""
    return AgencyInfo(
        id=AGENCY,
        name="云溪县市场监督管理局",
        short_name="云市监",
        region=REGION,
        region_name="云溪县",
        government="云溪县人民政府",
        court="云溪县人民法院",
        hotline="0799-5550100",
        address="云溪县城关镇人民路1号",
        bank="云溪县农村信用社",
    )


def party() -> statements.Party:
    """云溪县禾穗食品有限公司."""
    return statements.Party(
        name="云溪县禾穗食品有限公司",
        party_class=PartyClass.ORGANISATION,
        id_code="91990123MA0FJ0K21X",
        legal_rep="周明禾",
        address="云溪县青石镇河西路28号",
        phone="0799-5550128",
    )


def price_item() -> Item:
    """The enforcement item of the inspection."""
    return Item(
        code="SJ-0417",
        version=1,
        name="对明码标价的行政检查",
        act=ActKind.INSPECTION,
        unit="综合行政执法大队",
        field="市场监督管理",
        regions=[REGION],
        basis="《价格法》第三十三条",
        cause=CAUSE,
        violated="《价格法》第十三条",
        penalty_basis="《价格法》第四十二条",
        penalties=[PenaltyKind.FINE],
        fine_max=500_000,
    )


def spot_fine() -> statements.Decision:
    """A fine of 500 yuan on the spot."""
    return statements.Decision(
        act=ActKind.PENALTY,
        procedure=Procedure.SUMMARY,
        party_class=PartyClass.ORGANISATION,
        penalties=[PenaltyKind.FINE],
        fine=50_000,
        remedy=RemedyRoute.RECONSIDER_FIRST,
        decided_on="2026-11-18",
    )

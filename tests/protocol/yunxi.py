"""The cast of the tests: one agency, two officers, one shop, and the story of one inspection.

story = Story()
story.tell(open_inspection())          a Record on a chain of its own
story.state()                          what it amounts to
"""

import hashlib
from datetime import date

import msgspec

from protocol.calendar import CALENDAR_2026, day_start
from protocol.case import AnyRecord, CaseState, Record, fold
from protocol.chain import EMPTY, NO_CASE, ZERO_HASH, Head, Link, advance
from protocol.publicity import NeverPublic
from protocol.redaction import Content, Piece, commit, content_root, segments
from protocol.reference import (
    AgencyInfo,
    FieldSpec,
    Item,
    OfficerKey,
    PublicationRow,
    Reference,
    RosterOfficer,
    Template,
)
from protocol.statements import (
    BlobRef,
    Decision,
    DisclosurePublished,
    DisclosureWithheld,
    DocumentIssued,
    DocumentServed,
    FileArchived,
    IdentityShown,
    InspectionClosed,
    InspectionOpened,
    Mask,
    MediaCaptured,
    Party,
    Place,
    RightsNotified,
    ShownCard,
    Signed,
    Statement,
    StatementTaken,
    Unknown,
    WithholdingLifted,
    opens_case,
)
from protocol.vocabulary import (
    ActKind,
    DocumentKind,
    Ground,
    MediaKind,
    Outcome,
    PartyClass,
    PenaltyKind,
    Procedure,
    RemedyRoute,
    Retention,
    Role,
    ServiceMethod,
    Standing,
    Step,
)

AGENCY = "11990123MB0000001A"
SHEN, LU = "00992304117", "00992304132"
MORNING = day_start(date(2026, 11, 18)) + 9 * 3_600_000
KEY = {SHEN: hashlib.sha256(b"shen").digest(), LU: hashlib.sha256(b"lu").digest()}
DEVICE_KEY = hashlib.sha256(b"YX-T07").digest()
PUBLISHER, REVIEWER = hashlib.sha256(b"he").digest(), hashlib.sha256(b"luo").digest()
SALT = "5a" * 16
NOTICE = "ee" * 32
SHOP = Party(
    name="云溪县禾穗食品有限公司",
    party_class=PartyClass.ORGANISATION,
    id_code="91990123MA0FJ0K21X",
    legal_rep="周明禾",
    address="云溪县青石镇河西路28号",
    phone="0799-5550128",
)
SITE = Place(text="云溪县青石镇河西路28号", source="chosen")
ITEM = Item(
    code="SC-0318",
    version=2,
    name="明码标价检查",
    act=ActKind.INSPECTION,
    unit="综合行政执法大队",
    field="市场监督管理",
    regions=["990123"],
    basis="《价格法》第十三条",
    cause="7种散装商品未标明价格",
    penalties=[PenaltyKind.FINE],
    approval="云市监检批〔2026〕9号",
)

MATRIX = [
    PublicationRow(
        id=f"penalty-summary-{'warning' if warning_only else 'fine'}",
        act=ActKind.PENALTY,
        procedure=Procedure.SUMMARY,
        party_class=None,
        publish=not warning_only,
        why="当场处罚决定",
        limit_days=7,
        clause="《行政处罚法》第四十八条",
        display_months=3,
        warning_only=warning_only,
    )
    for warning_only in (True, False)
]


def officer(cert_no: str, name: str, **changed) -> RosterOfficer:
    facts = {
        "cert_no": cert_no,
        "name": name,
        "unit": "综合行政执法大队",
        "position": "一级行政执法员",
        "category": "行政执法",
        "field": "市场监督管理",
        "region": "990123",
        "region_name": "云溪县",
        "valid_from": "2024-05-01",
        "valid_until": "2029-04-30",
        "photo": BlobRef(sha256="ab" * 32, size=9000, media_type="image/jpeg"),
        "standing": Standing.VALID,
        "credentials": [OfficerKey(key_id=KEY[cert_no].hex(), device="YX-T07", credential=b"c")],
    }
    return RosterOfficer(**(facts | changed))


def template(document: DocumentKind, *fields: str) -> Template:
    return Template(
        id=document.value,
        version=1,
        document=document,
        title=document.zh,
        source="",
        fields=[FieldSpec(name=f, label_zh=f, label_en=f, type="text") for f in fields],
    )


def reference(**changed) -> Reference:
    facts = {
        "version": 4,
        "issued_at": MORNING - 3_600_000,
        "agency": AgencyInfo(
            id=AGENCY,
            name="云溪县市场监督管理局",
            short_name="云市监",
            region="990123",
            region_name="云溪县",
            government="云溪县人民政府",
            court="云溪县人民法院",
            hotline="0799-5550000",
            address="云溪县人民路1号",
            bank="云溪农商银行 账号 990100001",
        ),
        "items": [ITEM],
        "officers": [officer(SHEN, "沈知远"), officer(LU, "陆清和")],
        "templates": [
            template(DocumentKind.SPOT_DECISION, "act", "basis", "penalty", "remedy"),
            template(DocumentKind.SITE_INSPECTION_RECORD, "findings"),
        ],
        "years": [CALENDAR_2026],
        "matrix": MATRIX,
    }
    return Reference(**(facts | changed))


REFERENCE = reference()


def blob(name: str, media_type: str = "application/octet-stream") -> BlobRef:
    digest = hashlib.sha256(name.encode()).hexdigest()
    return BlobRef(sha256=digest, size=len(name) + 1, media_type=media_type)


def hand(name: str, over: str, role: Role = Role.PARTY, at: int = MORNING) -> Signed:
    return Signed(role=role, handwriting=blob(f"hand of {name}"), over=over, at=at)


def changed(statement, **facts):
    """The statement with other facts."""
    return msgspec.structs.replace(statement, **facts)


class Story:
    """Tells one inspection on one device's chain, a minute a record."""

    def __init__(self, journal: bytes = b"J" * 16) -> None:
        self.journal, self.head, self.records = journal, EMPTY, []
        self.case: str | None = None

    @property
    def now(self) -> int:
        return MORNING + 60_000 * (self.head.length + 1)

    def tell(self, statement: Statement | Unknown, signers=None, case=True) -> AnyRecord:
        statement = changed(statement, at=self.now, **({"case": self.case} if case else {}))
        digest = hashlib.sha256(b"record" + msgspec.json.encode(statement)).digest()
        link = Link(
            self.journal,
            self.head.length,
            self.head.hash if self.head.length else ZERO_HASH,
            digest,
            NO_CASE,
            4,
            self.now,
            b"B" * 16,
            self.head.length * 60_000,
            MORNING,
        )
        self.head: Head = advance(self.head, link)
        keys = tuple(KEY.values()) if signers is None else tuple(signers)
        record: AnyRecord = Record(digest, statement, keys, link)
        self.records.append(record)
        if opens_case(statement):
            self.case = record.id
        return record

    def state(self) -> CaseState:
        return fold(self.records)


def common(at: int = MORNING) -> dict:
    return {"agency": AGENCY, "at": at, "salt": SALT}


def open_inspection(**facts) -> InspectionOpened:
    kept = {
        "number": "云市监检〔2026〕318号",
        "item": ITEM.code,
        "item_version": ITEM.version,
        "cause": ITEM.cause,
        "party": SHOP,
        "place": SITE,
        "officers": [SHEN, LU],
    }
    return InspectionOpened(**common(), **(kept | facts))


def show_cards(*cert_nos: str) -> IdentityShown:
    cards = [
        ShownCard(
            cert_no=cert_no,
            standing=Standing.VALID,
            roster_issued_at=REFERENCE.issued_at,
            presentation="cd" * 32,
        )
        for cert_no in cert_nos or (SHEN, LU)
    ]
    return IdentityShown(
        **common(), step=Step.IDENTITY, cards=cards, to_whom="店长周明禾", place=SITE
    )


def notify_rights(**facts) -> RightsNotified:
    kept = {
        "template": "rights_notice",
        "template_version": 1,
        "text": NOTICE,
        "read_aloud": True,
        "party_act": hand("周明禾", NOTICE),
    }
    return RightsNotified(**common(), **(kept | facts))


def capture(**facts) -> MediaCaptured:
    kept = {
        "media": MediaKind.PHOTO,
        "blob": blob("photo of the shelf", "image/jpeg"),
        "case_no": "云市监检〔2026〕318号",
        "began_at": MORNING,
        "ended_at": MORNING,
        "place": SITE,
        "recorder": SHEN,
        "purpose": "货架未标明价格",
        "step": Step.EVIDENCE,
        "device": "YX-T07",
    }
    return MediaCaptured(**common(), **(kept | facts))


def hear(**facts) -> StatementTaken:
    kept = {
        "told": "拟罚款500元，你有权陈述、申辩。",
        "defence": "认可，无异议。",
        "reply": "已听取。",
    }
    return StatementTaken(**common(), **(kept | facts))


def text_of(document: DocumentKind) -> Content:
    if document is DocumentKind.SPOT_DECISION:
        pieces = [
            Piece("act", "7种散装商品未标明价格"),
            Piece("basis", "《价格法》第四十二条"),
            Piece("penalty", "罚款500元"),
            Piece("remedy", "应当先自收到本决定书之日起60日内申请行政复议"),
            Piece("site_manager#0", "周"),
            Piece("site_manager#1", "明禾", Ground.NATURAL_PERSON),
        ]
    else:
        pieces = [Piece("findings", "货架上7种散装商品没有标价。")]
    salts = [hashlib.sha256(b"%d" % n).digest()[:16] for n in range(len(pieces))]
    return commit(pieces, salts, document.value, 1)


def issue(document: DocumentKind, **facts) -> DocumentIssued:
    content = text_of(document)
    over = content_root(content).hex()
    kept = {
        "document": document,
        "document_id": hashlib.sha256(document.value.encode()).hexdigest()[:32],
        "number": "",
        "grant": None,
        "seal": None,
        "template": document.value,
        "template_version": 1,
        "segments": segments(content),
        "root": over,
        "content": blob(f"content of {document.value}"),
        "pdf": blob(f"pdf of {document.value}", "application/pdf"),
        "pages": 2,
        "party_act": hand("周明禾", over),
        "officer_acts": [
            hand("沈知远", over, Role.OFFICER),
            hand("陆清和", over, Role.OFFICER),
        ],
    }
    return DocumentIssued(**common(), **(kept | facts))


def inspection_record() -> DocumentIssued:
    return issue(DocumentKind.SITE_INSPECTION_RECORD)


def decide(fine: int = 50_000, heard: str | None = None, **facts) -> DocumentIssued:
    decision = {
        "act": ActKind.PENALTY,
        "procedure": Procedure.SUMMARY,
        "party_class": PartyClass.ORGANISATION,
        "penalties": [PenaltyKind.FINE],
        "fine": fine,
        "remedy": RemedyRoute.RECONSIDER_FIRST,
        "decided_on": "2026-11-18",
        "heard": heard,
    }
    own = {key: facts.pop(key) for key in list(facts) if key in decision}
    return issue(
        DocumentKind.SPOT_DECISION,
        **(
            {
                "number": "云市监当罚〔2026〕126号",
                "grant": "6a" * 32,
                "seal": "6a" * 32,
                "decision": Decision(**(decision | own)),
            }
            | facts
        ),
    )


def serve(issued: AnyRecord, **facts) -> DocumentServed:
    kept = {
        "issued": issued.id,
        "method": ServiceMethod.PERSONAL,
        "addressee": "周明禾",
        "place": SITE,
        "received": hand("周明禾", issued.statement.root),
    }
    return DocumentServed(**common(), **(kept | facts))


def close(outcome: Outcome = Outcome.PENALISED_ON_SPOT) -> InspectionClosed:
    return InspectionClosed(**common(), outcome=outcome)


def publish(issued: AnyRecord, **facts) -> DisclosurePublished:
    names = [one.name for one in issued.statement.segments]
    masked = [Mask(name="site_manager#1", ground=Ground.NATURAL_PERSON)]
    kept = {
        "issued": issued.id,
        "title": "云溪县禾穗食品有限公司未标明价格案",
        "shown": [name for name in names if name != "site_manager#1"],
        "masked": masked,
        "matrix_row": "penalty-summary-fine",
        "clause": MATRIX[1].clause,
        "due_on": "2026-11-27",
        "display_until": "2027-02-18",
    }
    return DisclosurePublished(**common(), **(kept | facts))


def withhold(issued: AnyRecord) -> DisclosureWithheld:
    return DisclosureWithheld(
        **common(),
        issued=issued.id,
        ground=NeverPublic.PRIVACY,
        clause="《政府信息公开条例》第十五条",
        reason="主要事实是第三人的病情",
    )


def lift(issued: AnyRecord, withheld: AnyRecord, **facts) -> WithholdingLifted:
    kept = {
        "issued": issued.id,
        "withholding": withheld.id,
        "clause": "《政府信息公开条例》第十八条",
        "reason": "第三人已书面同意公开",
    }
    return WithholdingLifted(**common(), **(kept | facts))


def archive(state: CaseState, **facts) -> FileArchived:
    kept = {
        "package": blob("case file", "application/zip"),
        "retention": Retention.YEARS_30,
        "archive_no": "20260001",
        "documents": len(state.documents),
        "pages": sum(one.issued.statement.pages for one in state.documents),
        "media": len(state.media),
    }
    return FileArchived(**common(), **(kept | facts))


def whole_inspection() -> Story:
    """From opening to the end, all in order."""
    story = Story()
    for statement in (open_inspection(), show_cards(), notify_rights(), capture()):
        story.tell(statement)
    story.tell(inspection_record())
    heard = story.tell(hear())
    decided = story.tell(decide(heard=heard.id))
    story.tell(serve(decided))
    story.tell(close())
    return story

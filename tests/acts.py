"""What the officers and the office state of one inspection, from the opening to the archive."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from protocol import redaction, statements
from protocol.cutting import Piece
from protocol.statements import BlobRef, Statement
from protocol.vocabulary import (
    DocumentKind,
    Ground,
    MediaKind,
    Outcome,
    Retention,
    Role,
    ServiceMethod,
    Standing,
    Step,
)
from tests.cast import (
    CAUSE,
    DECISION_NUMBER,
    DEVICE,
    NUMBER,
    START,
    Inspection,
    Recorded,
    party,
    spot_fine,
)

if TYPE_CHECKING:
    from tests.worlds import World


def inspection(world: World) -> Inspection:
    """One inspection from the opening to the archive, on the tablet and in the office."""
    before, blobs_before = len(world.records), set(world.blobs)
    both = (world.shen, world.lu)
    opened = world.state(opening(world), *both)
    case = opened.hex
    world.state(identity(world, case), *both)
    world.state(rights(world, case), *both)
    world.state(photo(world, case), world.shen, world.device)
    inspection_record = world.state(
        document(world, case, DocumentKind.SITE_INSPECTION_RECORD, NUMBER), *both
    )
    world.state(
        statements.StatementTaken(
            **world.said(case), told="拟罚款500元", defence="无异议", reply="已记录"
        ),
        *both,
    )
    decision = world.state(
        document(world, case, DocumentKind.SPOT_DECISION, DECISION_NUMBER, spot_fine()), *both
    )
    world.state(served(world, case, decision), *both)
    world.state(
        statements.InspectionClosed(**world.said(case), outcome=Outcome.PENALISED_ON_SPOT), *both
    )
    published = world.state_office(
        publication(world, case, decision), world.publisher, world.reviewer
    )
    filed = world.state_office(archived(world, case), world.archivist)
    records = world.records[before:]
    blobs = {name: data for name, data in world.blobs.items() if name not in blobs_before}
    return Inspection(
        opened, [inspection_record, decision], decision, published, filed, records, blobs
    )


def opening(world: World, **changes: Any) -> statements.InspectionOpened:
    """The statement that opens the inspection; ``changes`` replace its fields."""
    fields: dict[str, Any] = {
        "number": NUMBER,
        "item": "SJ-0417",
        "item_version": 1,
        "cause": CAUSE,
        "party": party(),
        "place": statements.Place(text="云溪县青石镇河西路28号"),
        "officers": [world.shen.cert_no, world.lu.cert_no],
    }
    return statements.InspectionOpened(**{**world.said(), **fields, **changes})


def document(
    world: World,
    case: str,
    kind: DocumentKind,
    number: str,
    decided: statements.Decision | None = None,
    pieces: list[Piece] | None = None,
) -> statements.DocumentIssued:
    """A document with pieces, content blob, PDF bytes and everybody's hand."""
    pieces = pieces or [
        Piece("number", number),
        Piece("party", party().name),
        Piece("facts#0", "现场检查发现7种散装商品未标明价格。"),
        Piece("facts#1", "店长周明禾", Ground.NATURAL_PERSON),
        Piece("fine", "罚款500元" if decided else "无"),
    ]
    salts = [bytes.fromhex(world.salt()) for _ in pieces]
    content = redaction.commit(pieces, salts, kind.value, 1)
    root = redaction.content_root(content).hex()
    pdf = f"%PDF-1.7 {kind.value} {number}\n%%EOF\n".encode()
    return statements.DocumentIssued(
        **world.said(case),
        document=kind,
        document_id=world.salt(),
        number=number,
        grant=None,
        seal=None,
        template=kind.value,
        template_version=1,
        segments=redaction.segments(content),
        root=root,
        content=world.blob(redaction.encode_content(content), "application/json"),
        pdf=world.blob(pdf, "application/pdf"),
        pages=1,
        party_act=signed(world, Role.SITE_MANAGER, root),
        officer_acts=[signed(world, Role.OFFICER, root), signed(world, Role.OFFICER, root)],
        decision=decided,
    )


def signed(world: World, role: Role, over: str) -> statements.Signed:
    """Somebody's handwriting over the hash ``over``."""
    ink = world.blob(f"ink {role.value} {world.salt()}".encode(), "application/json")
    return statements.Signed(role=role, handwriting=ink, over=over, at=world.now)


def publication(world: World, case: str, issued: Recorded) -> statements.DisclosurePublished:
    """The office publishes a decision with one name masked."""
    return statements.DisclosurePublished(
        **world.said(case),
        issued=issued.hex,
        title=f"{party().name}{CAUSE}案",
        shown=["number", "party", "facts#0", "fine"],
        masked=[statements.Mask(name="facts#1", ground=Ground.NATURAL_PERSON)],
        matrix_row="penalty-summary",
        clause="《行政处罚法》第四十八条",
        due_on="2026-11-27",
        display_until="2027-11-18",
    )


def identity(world: World, case: str) -> Statement:
    cards = [
        statements.ShownCard(
            cert_no=officer.cert_no,
            standing=Standing.VALID,
            roster_issued_at=START,
            presentation=hashlib.sha256(officer.credential).hexdigest(),
        )
        for officer in (world.shen, world.lu)
    ]
    return statements.IdentityShown(
        **world.said(case),
        step=Step.IDENTITY,
        cards=cards,
        to_whom="周明禾",
        place=statements.Place(text="店内"),
    )


def rights(world: World, case: str) -> Statement:
    text = hashlib.sha256("权利义务告知".encode()).hexdigest()
    return statements.RightsNotified(
        **world.said(case),
        template="rights",
        template_version=1,
        text=text,
        read_aloud=True,
        party_act=signed(world, Role.SITE_MANAGER, text),
    )


def photo(world: World, case: str) -> Statement:
    ref = world.blob(b"a photo of the shelf", "image/jpeg")
    return taken(world, case, MediaKind.PHOTO, ref, "货架3", "证明散装商品未标明价格")


def film(world: World, case: str, ref: BlobRef) -> statements.MediaCaptured:
    """The video of a case."""
    clip = BlobRef(sha256=ref.sha256, size=ref.size, media_type="video/mp4")
    return taken(world, case, MediaKind.VIDEO, clip, "青石镇河西路28号", "价签缺失情况")


def taken(
    world: World, case: str, media: MediaKind, ref: BlobRef, place: str, purpose: str
) -> statements.MediaCaptured:
    """A recording as evidence, with its labels."""
    return statements.MediaCaptured(
        **world.said(case),
        media=media,
        blob=ref,
        case_no=NUMBER,
        began_at=world.now,
        ended_at=world.now,
        place=statements.Place(text=place),
        recorder=world.shen.cert_no,
        purpose=purpose,
        step=Step.EVIDENCE,
        device=DEVICE,
    )


def served(world: World, case: str, issued: Recorded) -> Statement:
    return statements.DocumentServed(
        **world.said(case),
        issued=issued.hex,
        method=ServiceMethod.PERSONAL,
        addressee=party().name,
        place=statements.Place(text="店内"),
        received=signed(world, Role.SITE_MANAGER, issued.hex),
    )


def archived(world: World, case: str) -> Statement:
    # The package holds the case up to here, so that it cannot be inside the next one.
    package = BlobRef(
        sha256=hashlib.sha256(b"package").hexdigest(), size=7, media_type="application/zip"
    )
    return statements.FileArchived(
        **world.said(case),
        package=package,
        retention=Retention.YEARS_10,
        archive_no="2026-C-0001",
        documents=2,
        pages=2,
        media=1,
    )

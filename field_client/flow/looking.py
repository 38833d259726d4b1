"""Records looked at, one by one: the lists of the sync screen, and one of them in full.

Nothing here changes anything. What is stuck is seen here with what keeps it, and goes to a stick
by the button that exports (``leaving.py``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from field_client.contact.sync import SyncStatus
from field_client.flow.desk import Desk
from field_client.store import damaged
from field_client.store.evidence import CONTENT, HANDWRITING, PDF
from field_client.store.skipped import Reason as Why
from field_client.store.skipped import skipped
from field_client.store.stages import UNSENT
from field_client.store.tables import BlobRow, LinkRow, ReceiptRow, Stage, StatementRow
from field_client.store.vault import Vault
from field_client.ui.presenters.common import (
    Chip,
    RuleNote,
    clock_words,
    error_words,
    level_chip,
    moment_words,
    stage_word,
)
from field_client.ui.presenters.common import Stage as StageName
from field_client.ui.presenters.item import FileLine, ItemView, file_words, grouped, way
from field_client.ui.presenters.journey import Load
from field_client.ui.presenters.sync import VerdictRow
from protocol import envelope, statements
from protocol.chain import decode_link
from protocol.receipt import Reason, Receipt, Verdict
from protocol.statements import InspectionOpened, Statement, Unknown
from protocol.timeline import named, tell

ROWS = 24
WAITING = (Stage.SAVED, Stage.SENT)
FILES = {
    "video": "films",
    "image": "photos",
    "audio": "sounds",
    HANDWRITING: "hands",
    PDF: "papers",
    CONTENT: "papers",
}
"""What files are called while they are on their way (``Load``)."""


@dataclass(frozen=True)
class Kept:
    """One record as the vault holds it; ``said`` is None where the disk spoilt it."""

    link: LinkRow
    row: StatementRow | None
    receipt: ReceiptRow | None
    said: Statement | Unknown | None


def listed(session: Session, stage: Stage | None) -> list[Kept]:
    """What stands at a stage, the oldest first where it waits; None: the newest answers."""
    query: Any = (
        select(LinkRow, StatementRow, ReceiptRow)
        .join(StatementRow, col(StatementRow.record_hash) == LinkRow.record_hash)
        .outerjoin(ReceiptRow, col(ReceiptRow.link_hash) == LinkRow.link_hash)
    )
    if stage is None:
        query = query.where(col(ReceiptRow.link_hash).is_not(None))
    else:
        query = query.where(LinkRow.stage == stage.value)
    if stage in WAITING:
        query = query.order_by(col(LinkRow.saved_at), col(LinkRow.sequence))
    else:
        query = query.order_by(col(LinkRow.saved_at).desc(), col(LinkRow.sequence).desc())
    found = session.exec(query.limit(ROWS)).all()
    return [Kept(link, row, receipt, damaged.readable(row)) for link, row, receipt in found]


def kept(session: Session, record: bytes) -> Kept | None:
    """One record by its hash."""
    link = session.exec(select(LinkRow).where(LinkRow.record_hash == record)).first()
    if link is None:
        return None
    row = session.get(StatementRow, record)
    said = damaged.readable(row) if row is not None else None
    return Kept(link, row, session.get(ReceiptRow, link.link_hash), said)


def load_of(vault: Vault, status: SyncStatus, size: int) -> Load:
    """What still has to go: records, and files by what they are; ``size`` bytes in all."""
    query = select(BlobRow.media_type, func.count()).where(
        col(BlobRow.stage).in_(UNSENT), col(BlobRow.named)
    )
    with vault.session() as session:
        found = session.exec(query.group_by(BlobRow.media_type)).all()
    kinds = Counter[str]()
    for media_type, count in found:
        kinds[FILES.get(media_type) or FILES.get(media_type.partition("/")[0], "others")] += count
    return Load(records=status.unsent, size=max(size, status.bytes_outstanding), **kinds)


class Looking:
    """One record on its screen."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._record = b""

    def rows(self, stage: Stage | None) -> list[VerdictRow]:
        """The list of the sync screen."""
        with self._desk.open_tablet.vault.session() as session:
            found = listed(session, stage)
        return [self._row(one) for one in found]

    def show(self, record: str) -> None:
        """Look at the record with this hash (hex)."""
        self._record = bytes.fromhex(record)
        view = self._view()
        if view is not None:
            self._desk.shell.show("item", view)

    def refresh(self) -> None:
        """Newer facts, or another language, for the same screen."""
        view = self._view()
        if view is not None:
            self._desk.shell.update(view)

    def reshow(self) -> None:
        """The same, in another language."""
        self.show(self._record.hex())

    # ── view ─────────────────────────────────────────────────────────────────────────────

    def _row(self, one: Kept) -> VerdictRow:
        desk, flagged = self._desk, _flagged(one)
        stage = stage_word(desk._, _stage(one.link))
        if one.receipt is None:
            chip = Chip("clock", stage)
        else:
            chip = level_chip(desk._, "warn" if flagged else "pass")
        return VerdictRow(
            time=clock_words(one.row.at if one.row else one.link.saved_at),
            title=self._title(one),
            detail=self._reasons(one) or stage,
            chip=chip,
            key=one.link.record_hash.hex(),
        )

    def _title(self, one: Kept) -> str:
        if one.said is None:
            return self._desk._("A damaged record")
        told = tell(one.said)
        return self._desk.words(told.zh, told.en)

    def _view(self) -> ItemView | None:
        desk = self._desk
        with desk.open_tablet.vault.session() as session:
            one = kept(session, self._record)
            if one is None:
                return None
            files = _files(session, one)
            party = _party(session, one)
            why = skipped(session)
        told = tell(one.said) if one.said is not None else None
        return ItemView(
            frame=desk.frame(desk._("A record"), party),
            title=self._title(one),
            detail=named(
                one.row.kind, desk.words(told.detail_zh, told.detail_en), desk.officer_name
            )
            if told and one.row
            else "",
            chip=level_chip(desk._, "warn" if _flagged(one) else "pass")
            if one.receipt
            else Chip("clock", stage_word(desk._, _stage(one.link))),
            way=way(desk._, _stage(one.link), self._when(one, files)),
            notes=(*self._notes(one), *self._staying(files, why)),
            facts=self._facts(one, party),
            files=tuple(self._file(row, row.sha256 in why) for row in files),
            code=grouped(self._record.hex()),
        )

    def _when(self, one: Kept, files: list[BlobRow]) -> dict[StageName, str]:
        """When each stage was reached, or what it waits for."""
        desk, now = self._desk, self._desk.clock.wall_ms()
        said: dict[StageName, str] = {"saved": moment_words(desk._, one.link.saved_at, now)}
        if one.receipt is not None:
            said["receipted"] = moment_words(desk._, one.receipt.received_at, now)
            here = sum(Stage(row.stage).rank < Stage.STORED.rank for row in files)
            if here:
                said["stored"] = desk._("Files: {n} of {m}").format(
                    n=len(files) - here, m=len(files)
                )
        return said

    def _notes(self, one: Kept) -> tuple[RuleNote, ...]:
        desk, sync = self._desk, self._desk.open_tablet.sync
        if one.said is None:
            title = desk._("This record is damaged on this tablet")
            text = desk._("Its place was sent; what is left of it goes into an export.")
            return (RuleNote("warn", title, text),)
        if _flagged(one):
            return (
                RuleNote(
                    "warn",
                    desk._("The centre took it, and noted: {reasons}").format(
                        reasons=self._reasons(one)
                    ),
                    desk._(
                        "The record stays as it is, and counts as flagged. Tell your "
                        "administrator, with the record hash below."
                    ),
                ),
            )
        waits = Stage(one.link.stage) in WAITING
        if waits and sync.halted:
            return (RuleNote("block", desk._("The centre does not take records from this tablet")),)
        if waits and sync.trouble is not None:
            return (RuleNote("warn", error_words(desk._, sync.trouble)),)
        return ()

    def _staying(self, files: list[BlobRow], why: Mapping[bytes, Why]) -> list[RuleNote]:
        """Why files of this record are not sent; they can be exported."""
        desk = self._desk
        return [
            RuleNote(
                "warn",
                desk._("{file} stays on this tablet").format(
                    file=file_words(desk._, row.media_type, row.size)
                ),
                error_words(desk._, why[row.sha256]),
            )
            for row in files
            if row.sha256 in why
        ]

    def _facts(self, one: Kept, party: str) -> tuple[tuple[str, str], ...]:
        desk = self._desk
        number = decode_link(one.link.link).sequence + 1
        place = ""
        if one.receipt is not None:
            index = Receipt.decode(one.receipt.receipt).index
            place = desk._("Entry {n} of the log").format(n=f"{index + 1:,}")
        rows = (
            (desk._("Party"), party),
            (desk._("Signed by"), desk._(", ").join(self._signers(one))),
            (desk._("In this tablet's journal"), desk._("Record {n}").format(n=f"{number:,}")),
            (desk._("At the centre"), place),
        )
        return tuple((label, value) for label, value in rows if value)

    def _signers(self, one: Kept) -> list[str]:
        """Officers by name; the tablet's own key as such."""
        if one.row is None or one.said is None:
            return []
        signed = envelope.decode(one.row.envelope)
        reference = self._desk.open_tablet.shelf.current
        found = [
            reference.officer_of_key(each.key_id.hex(), one.row.at) for each in signed.signatures
        ]
        return [officer.name if officer else self._desk._("this tablet") for officer in found]

    def _reasons(self, one: Kept) -> str:
        reasons = one.receipt.reasons if one.receipt is not None else b""
        return self._desk._(", ").join(self._reason(code) for code in reasons)

    def _reason(self, code: int) -> str:
        if code in list(Reason):
            return self._desk.words(Reason(code).zh, Reason(code).en)
        return str(code)

    def _file(self, row: BlobRow, stays: bool) -> FileLine:
        desk, stage = self._desk, Stage(row.stage)
        there = stage.rank >= Stage.STORED.rank
        chip = Chip("check", stage_word(desk._, _name(stage)), "success")
        return FileLine(
            title=row.purpose or file_words(desk._, row.media_type, row.size),
            detail=file_words(desk._, row.media_type, row.size),
            share=1.0 if there else row.uploaded_offset / max(1, row.size),
            chip=chip if there else _waits(desk, stays),
        )


def _waits(desk: Desk, stays: bool) -> Chip:
    return (
        Chip("alert-triangle", desk._("Stays here"), "warning")
        if stays
        else Chip("clock", desk._("Waiting"))
    )


def _flagged(one: Kept) -> bool:
    return one.receipt is not None and one.receipt.verdict == Verdict.FLAGGED


def _name(stage: Stage) -> StageName:
    return stage.value


def _stage(link: LinkRow) -> StageName:
    return _name(Stage(link.stage))


def _files(session: Session, one: Kept) -> list[BlobRow]:
    named = statements.blobs_of(one.said) if one.said is not None else ()
    found = [session.get(BlobRow, bytes.fromhex(blob.sha256)) for blob in named]
    return [row for row in found if row is not None]


def _party(session: Session, one: Kept) -> str:
    """Whose case it is."""
    case = one.row.case_id if one.row is not None else None
    opening = session.get(StatementRow, case or one.link.record_hash)
    said = damaged.readable(opening) if opening is not None else None
    return said.party.name if isinstance(said, InspectionOpened) else ""

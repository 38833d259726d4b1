"""What an officer does on an inspection, in his words: open, show, notify, capture, hear, close.

    inspection = office.open(form, officers)
    inspection.show_cards("周明禾（店长）")
    inspection.notify_rights(read_aloud=True, answer=Hand(…))
    inspection.capture_photo(source, about)

Each method makes one statement, durable when it returns, or raises what stands against it in
the officer's words. Documents are issued and served in ``issuing.py``. Statements that two
officers answer for carry both signatures, made in one step (design: signatures mean a person).
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from msgspec import structs

from field_client.camera.media import Captured, Progress, capture_photo, record_clip
from field_client.camera.media_source import MediaSource
from field_client.contact.reference import ReferenceShelf
from field_client.device_clock import Clock
from field_client.faces import Face, face_of
from field_client.keys.device_keys import CurrentKey
from field_client.keys.identity import Unlocked
from field_client.party_answers import Absence, Answer, Refusal, answered
from field_client.store.blobs import BlobWriter
from field_client.store.evidence import EvidenceLocker
from field_client.store.journal import Journal, Keep, Saved
from field_client.store.rescue import Rescued, rescued
from protocol.card import card_url, present
from protocol.case import CaseState
from protocol.keys import Signer
from protocol.statements import (
    BlobRef,
    IdentityShown,
    InspectionClosed,
    InspectionOpened,
    MediaCaptured,
    Party,
    Place,
    RightsNotified,
    ShownCard,
    Statement,
    StatementTaken,
)
from protocol.vocabulary import DocumentKind, MediaKind, Outcome, Step

__all__ = [
    "About",
    "Absence",
    "Answer",
    "Face",
    "Inspection",
    "Office",
    "Opening",
    "Refusal",
    "Rescued",
]


@dataclass(frozen=True)
class Opening:
    """What the form that opens an inspection holds."""

    party: Party
    place: Place
    item: str
    number: str
    cause: str
    urgent: bool = False
    task: str = ""


@dataclass(frozen=True)
class About:
    """The facts that label a recording besides time and recorder (EVID 12; X-3.2d)."""

    place: Place
    purpose: str
    step: Step


class Office:
    """What the tablet knows of its office and itself; shared by all inspections on it."""

    def __init__(
        self,
        journal: Journal,
        shelf: ReferenceShelf,
        locker: EvidenceLocker,
        device: CurrentKey,
        device_name: str,
        address: str,
        clock: Clock,
    ) -> None:
        self.journal = journal
        self.shelf = shelf
        self.locker = locker
        self._device = device
        self.device_name = device_name
        self.address = address
        self.clock = clock

    @property
    def device(self) -> Signer:
        """The tablet's key in force; ask anew for each signature."""
        return self._device.signer

    def face(self, officer: Unlocked) -> Face:
        """The card of an officer who is signed in, and what may be said of it now."""
        return face_of(
            officer,
            self.device_name,
            self.shelf.current,
            self.shelf.issuers,
            self.clock.wall_ms(),
        )

    def open(self, opening: Opening, officers: Sequence[Unlocked]) -> Inspection:
        """Open an inspection from a listed item. Raises RuleBlocks and what saving raises."""
        item = self.shelf.current.item(opening.item)
        opened = self.journal.stamp(
            InspectionOpened,
            number=opening.number,
            item=opening.item,
            item_version=item.version if item else 0,
            cause=opening.cause,
            party=opening.party,
            place=opening.place,
            officers=[officer.cert_no for officer in officers],
            urgent=opening.urgent,
            task=opening.task,
        )
        saved = self.journal.save(opened, [officer.signer for officer in officers])
        return Inspection(self, saved.record, officers)

    def resume(self, case: bytes, officers: Sequence[Unlocked]) -> Inspection:
        """Go on with an inspection after a lock, a shift or a crash."""
        return Inspection(self, case, officers)


class Inspection:
    """One inspection under way, and the officers who are signed in for it."""

    def __init__(self, office: Office, case: bytes, officers: Sequence[Unlocked]) -> None:
        self.office = office
        self.case = case
        self.officers = list(officers)

    @property
    def state(self) -> CaseState:
        """What the records of this inspection amount to."""
        return self.office.journal.case_state(self.case)

    @property
    def opening(self) -> InspectionOpened:
        """The opening statement."""
        opening = self.state.opening
        assert opening is not None
        return opening.statement

    @property
    def signers(self) -> list[Signer]:
        """The keys of the officers who are signed in."""
        return [officer.signer for officer in self.officers]

    # ── the card ─────────────────────────────────────────────────────────────────────────

    def card_code(self, face: Face) -> str:
        """The text of the card's QR code, good for a few seconds and this inspection alone."""
        parameters = self.office.shelf.current.parameters
        shown = present(
            self.office.device,
            face.credential,
            self.case,
            self.office.clock.wall_ms(),
            parameters.qr_ttl_s,
            secrets.token_bytes(8),
        )
        return card_url(self.office.address, face.credential, shown)

    def show_cards(self, to_whom: str, step: Step = Step.IDENTITY) -> Saved:
        """Record that both cards were shown, with the standing that they showed (APL 55)."""
        issued_at = self.office.shelf.current.issued_at
        cards = [
            ShownCard(
                cert_no=face.officer.cert_no,
                standing=face.standing,
                roster_issued_at=issued_at,
                presentation=hashlib.sha256(face.credential).hexdigest(),
            )
            for face in map(self.office.face, self.officers)
        ]
        return self._save(
            IdentityShown, step=step, cards=cards, to_whom=to_whom, place=self.opening.place
        )

    # ── rights, statement, end ───────────────────────────────────────────────────────────

    def notify_rights(self, text: bytes, read_aloud: bool, answer: Answer) -> Saved:
        """Record that the notice with the hash ``text`` was read and how the party answered."""
        template = self.office.shelf.current.template(DocumentKind.RIGHTS_NOTICE)
        with self.office.locker.gather(self.case) as gathered:
            return self._save(
                RightsNotified,
                gathered.keeps,
                template=template.id if template else "",
                template_version=template.version if template else 0,
                text=text.hex(),
                read_aloud=read_aloud,
                party_act=answered(answer, text, gathered),
            )

    def hear(self, told: str, defence: str, reply: str, waived: bool = False) -> Saved:
        """Record what the party was told before the decision and what it answered (APL 44)."""
        return self._save(StatementTaken, told=told, defence=defence, reply=reply, waived=waived)

    def close(self, outcome: Outcome, note: str = "") -> Saved:
        """End the inspection. The rules say what is still missing (RT-2)."""
        return self._save(InspectionClosed, outcome=outcome, note=note)

    # ── recordings ───────────────────────────────────────────────────────────────────────

    def capture_photo(self, source: MediaSource, about: About, recorder: Unlocked) -> Saved:
        """Take a photo; encrypted and hashed while it is written (AV-3)."""
        return self._capture(
            MediaKind.PHOTO,
            "image/jpeg",
            about,
            recorder,
            lambda sink: capture_photo(source, sink, self.office.clock),
        )

    def record_video(
        self,
        source: MediaSource,
        about: About,
        recorder: Unlocked,
        *,
        stop: Callable[[], bool],
        seconds: float | None = None,
        on_progress: Callable[[Progress], None] = lambda progress: None,
    ) -> Saved:
        """Record until ``stop()``; a cut recording still plays and is rescued after a crash."""
        return self._capture(
            MediaKind.VIDEO,
            "video/mp4",
            about,
            recorder,
            lambda sink: record_clip(
                source,
                sink,
                self.office.clock,
                seconds=seconds,
                stop=stop,
                on_progress=on_progress,
            ),
        )

    def rescued(self) -> list[Rescued]:
        """Recordings of this inspection that a crash cut and no record names yet."""
        return rescued(self.office.locker.vault, self.case)

    def keep_rescued(self, found: Rescued, about: About, recorder: Unlocked) -> Saved:
        """Record a recording that a crash cut; the purpose of proof should say that it was
        interrupted."""
        stated = self._media(found.media, found.ref, about, recorder, found.began_at)
        stated = structs.replace(stated, ended_at=found.ended_at)
        return self.office.journal.save(stated, [recorder.signer], keeps=[found.keep])

    def _capture(
        self,
        kind: MediaKind,
        media_type: str,
        about: About,
        recorder: Unlocked,
        record: Callable[[BlobWriter], Captured],
    ) -> Saved:
        """Record, then state. What the rules forbid is not even begun; a recording that fails
        on its way is rescued at the next start."""
        journal, locker = self.office.journal, self.office.locker
        now = self.office.clock.wall_ms()
        some = BlobRef(sha256="00" * 32, size=1, media_type=media_type)
        journal.expect_allowed(self._media(kind, some, about, recorder, now))
        writer = locker.begin(media_type, about.purpose, self.case)
        try:
            made = record(writer)
        except BaseException:
            writer.close()
            if not writer.size:
                locker.discard(writer)
            raise
        blob = BlobRef(sha256=made.sha256.hex(), size=made.size, media_type=made.media_type)
        stated = self._media(kind, blob, about, recorder, made.started_at)
        stated = structs.replace(stated, ended_at=made.ended_at, codec=made.codec)
        keep = locker.keeper(writer, made.written, made.ended_at)
        return journal.save(stated, [recorder.signer], keeps=[keep])

    def _media(
        self, kind: MediaKind, blob: BlobRef, about: About, recorder: Unlocked, began_at: int
    ) -> MediaCaptured:
        return self.office.journal.stamp(
            MediaCaptured,
            self.case,
            media=kind,
            blob=blob,
            case_no=self.opening.number,
            began_at=began_at,
            ended_at=began_at,
            place=about.place,
            recorder=recorder.cert_no,
            purpose=about.purpose,
            step=about.step,
            device=self.office.device_name,
        )

    def _save(self, kind: type[Statement], keeps: Sequence[Keep] = (), **fields: object) -> Saved:
        statement = self.office.journal.stamp(kind, self.case, **fields)
        return self.office.journal.save(statement, self.signers, keeps=keeps)

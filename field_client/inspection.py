"""What an officer does on an inspection, in his words: open, show, notify, capture, hear, close.

    inspection = office.open(form, officers)
    inspection.show_cards("周明禾（店长）")
    inspection.notify_rights(read_aloud=True, answer=Hand(…))
    inspection.capture_photo(source, about)

Each method makes one statement, durable when it returns, or raises what stands against it in
the officer's words. Recordings are made in ``recording.py``, documents in ``issuing.py``.
Statements that two officers answer for carry both signatures, made in one step (design:
signatures mean a person).
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from msgspec import UNSET, UnsetType

from field_client.contact.reference import ReferenceShelf
from field_client.device_clock import Clock
from field_client.faces import Face, face_of
from field_client.keys.device_keys import CurrentKey
from field_client.keys.identity import Unlocked
from field_client.party_answers import Absence, Answer, Refusal, answered
from field_client.recording import About, Recordings
from field_client.store.evidence import EvidenceLocker
from field_client.store.journal import Journal, Keep, Saved
from protocol.card import card_url, present
from protocol.case import CaseState
from protocol.keys import Signer
from protocol.statements import (
    ApprovalAsked,
    Decision,
    HandedOver,
    IdentityShown,
    InspectionClosed,
    InspectionOpened,
    Party,
    Place,
    RightsNotified,
    ShownCard,
    Statement,
    StatementTaken,
)
from protocol.vocabulary import ApprovalSubject, DocumentKind, Outcome, Step

__all__ = [
    "About",
    "Absence",
    "Answer",
    "Face",
    "Inspection",
    "Office",
    "Opening",
    "Refusal",
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

    def card_code(self, face: Face, case: bytes = bytes(32)) -> str:
        """The text of the card's QR code, good for a few seconds and one inspection alone; on a
        patrol there is none yet, and the code says so by zeros."""
        shown = present(
            self.device,
            face.credential,
            case,
            self.clock.wall_ms(),
            self.shelf.current.parameters.qr_ttl_s,
            secrets.token_bytes(8),
        )
        return card_url(self.address, face.credential, shown)

    def open(
        self,
        opening: Opening,
        officers: Sequence[Unlocked],
        reasons: Mapping[str, str] | None = None,
        why_urgent: str = "",
    ) -> Inspection:
        """Open an inspection from a listed item; ``reasons``, by rule, for going on against a
        warning (IN-2). An urgent one asks for its approval with it, for the reason given. Raises
        RuleBlocks, ReasonNeeded and what saving raises."""

        def ask(record: bytes) -> list[Statement]:
            asked = {"subject": ApprovalSubject.INSPECTION, "reason": why_urgent, "urgent": True}
            return [self.journal.stamp(ApprovalAsked, record, **asked)] if why_urgent else []

        saved = self.journal.save(
            self.proposed(opening, officers),
            [officer.signer for officer in officers],
            follow=ask,
            reasons=reasons,
        )
        return Inspection(self, saved.record, officers)

    def proposed(self, opening: Opening, officers: Sequence[Unlocked]) -> InspectionOpened:
        """The opening as it would be stated now, for the rules to judge."""
        item = self.shelf.current.item(opening.item)
        return self.journal.stamp(
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

    def resume(self, case: bytes, officers: Sequence[Unlocked]) -> Inspection:
        """Go on with an inspection after a lock, a shift or a crash."""
        return Inspection(self, case, officers)


class Inspection(Recordings):
    """One inspection under way, and the officers who are signed in for it."""

    def __init__(self, office: Office, case: bytes, officers: Sequence[Unlocked]) -> None:
        self.office = office
        self.case = case
        self.officers = list(officers)

    @property
    def parts(self) -> Office:
        """The office's side, as recordings use it."""
        return self.office

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

    def override(self, rule: str, reason: str) -> None:
        """Go on against the warning of ``rule`` and say why: signed with the next act that it
        warns of, and judged as noted from then on. Raises ReasonEmpty."""
        self.office.journal.override(self.case, rule, reason)

    # ── the card ─────────────────────────────────────────────────────────────────────────

    def card_code(self, face: Face) -> str:
        """The text of the card's QR code, good for a few seconds and this inspection alone."""
        return self.office.card_code(face, self.case)

    def show_cards(
        self,
        to_whom: str,
        step: Step = Step.IDENTITY,
        place: Place | None = None,
        uniform: bool = False,
        worn: bool = False,
    ) -> Saved:
        """Record that the cards were shown, with the standing that they showed (APL 55), at
        which step and where; ``worn`` as a badge. ``uniform``: they said that they are in uniform
        with the badge on; else nothing is said of it."""
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
            IdentityShown,
            step=step,
            cards=cards,
            to_whom=to_whom,
            place=place or self.opening.place,
            uniform=uniform,
            worn=worn,
        )

    def hand_over(self, to: Sequence[Unlocked], signing: Sequence[Unlocked], reason: str) -> Saved:
        """The inspection goes on with other officers; those who leave and those who come sign."""
        statement = self.office.journal.stamp(
            HandedOver, self.case, officers=[one.cert_no for one in to], reason=reason
        )
        saved = self.office.journal.save(statement, [one.signer for one in signing])
        self.officers = list(to)
        return saved

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

    def hear(
        self,
        told: str,
        defence: str,
        reply: str,
        waived: bool = False,
        intended: Decision | UnsetType = UNSET,
    ) -> Saved:
        """Record what the party was told before the decision and what it answered (APL 44);
        ``intended``: the penalty that it was told of, where kinds and amount are known."""
        return self._save(
            StatementTaken,
            told=told,
            defence=defence,
            reply=reply,
            waived=waived,
            intended=intended,
        )

    def close(self, outcome: Outcome, note: str = "") -> Saved:
        """End the inspection. The rules say what is still missing (RT-2)."""
        return self._save(InspectionClosed, outcome=outcome, note=note)

    def _save(self, kind: type[Statement], keeps: Sequence[Keep] = (), **fields: object) -> Saved:
        statement = self.office.journal.stamp(kind, self.case, **fields)
        return self.office.journal.save(statement, self.signers, keeps=keeps)

"""A document from its first answer to its service: draft, preview, prepare, issue, serve.

    desk = Issuing(inspection, typesetter)
    answers = desk.answers(kind)                 what the case knows, and what was typed before
    desk.keep(kind, answers)                     on every change; survives a kill
    prepared = desk.prepare(kind, answers)       number, pieces, salts, commitments, code
    saved = desk.issue(prepared, party, officers)
    desk.serve(saved.record, …)

The PDF is made once, when everybody has signed, from the pieces that the statement commits to;
it is what is served and archived, and nobody renders it again (design: a document is its PDF).
What people sign by hand is the root of the pieces, which the preview prints in words.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec
from sqlmodel import col, delete

from field_client.documents import (
    CaseFacts,
    Rendered,
    Signer,
    Typesetter,
    carried,
    case_facts,
    ink_svg,
    officer_signed,
    party_signed,
    pieces,
    render,
    waiting,
)
from field_client.documents.values import read_money, read_time
from field_client.errors import NoReference
from field_client.evidence import CONTENT, PDF, Hand
from field_client.inspection import Answer, Inspection
from field_client.journal import Keep, Number, Saved
from field_client.tables import DraftRow
from protocol.calendar import local_day
from protocol.case import CaseState
from protocol.mark import DocumentMark, document_mark, document_url
from protocol.redaction import Content, Piece, commit, content_root, encode_content, segments
from protocol.reference import Template
from protocol.rules import Judgement
from protocol.statements import (
    BlobRef,
    Decision,
    DocumentIssued,
    DocumentServed,
    PartyAct,
    Place,
    Signed,
    SignRefused,
)
from protocol.vocabulary import (
    ActKind,
    DocumentKind,
    MediaKind,
    PenaltyKind,
    Procedure,
    RemedyRoute,
    Role,
    ServiceMethod,
)

Answers = dict[str, str | int]

# Records of what happened on site bear the inspection's number; these have one of their own.
NUMBERED = frozenset({DocumentKind.SPOT_DECISION})
DECIDES = {DocumentKind.SPOT_DECISION: Procedure.SUMMARY}
_NOTHING = BlobRef(sha256="00" * 32, size=0, media_type=PDF)


@dataclass(frozen=True)
class Prepared:
    """A document that is fixed but for its signatures. ``root`` is what people sign."""

    kind: DocumentKind
    template: Template
    answers: Answers
    text: tuple[Piece, ...]
    content: Content
    root: bytes
    document_id: bytes
    number: str
    block: Number | None
    mark_url: str
    decision: Decision | None
    at: int


class Issuing:
    """The documents of one inspection."""

    def __init__(self, inspection: Inspection, typesetter: Typesetter) -> None:
        self._inspection = inspection
        self._office = inspection.office
        self._typesetter = typesetter

    # ── the form ─────────────────────────────────────────────────────────────────────────

    def template(self, kind: DocumentKind) -> Template:
        """The newest template of a kind. Raises NoReference."""
        found = self._office.shelf.current.template(kind)
        if found is None:
            raise NoReference(
                "The office has not sent a form for {document} yet. Connect to update.",
                document=kind.value,
            )
        return found

    def facts(self, kind: DocumentKind, number: str = "", seal: str = "") -> CaseFacts:
        """What the case knows, by the names that templates use."""
        state = self._inspection.state
        return case_facts(
            self._inspection.opening,
            self._office.shelf.current,
            now=self._office.clock.wall_ms(),
            number=number or ("" if kind in NUMBERED else self._inspection.opening.number),
            statement=state.statements[-1].statement if state.statements else None,
            media=_counted(state),
            site_manager=state.shown[-1].statement.to_whom if state.shown else "",
            seal=seal,
        )

    def answers(self, kind: DocumentKind) -> Answers:
        """First answers from the case, overlaid by the draft of this very case."""
        first = carried(self.template(kind), self.facts(kind))
        with self._office.locker.vault.session() as session:
            row = session.get(DraftRow, self._draft_id(kind))
        typed: Answers = msgspec.json.decode(row.answers) if row else {}
        return {**first, **typed}

    def keep(self, kind: DocumentKind, answers: Mapping[str, str | int]) -> None:
        """Keep what was typed; durable when it returns."""
        with self._office.locker.vault.transaction() as session:
            session.merge(
                DraftRow(
                    id=self._draft_id(kind),
                    case_id=self._inspection.case,
                    kind=kind.value,
                    answers=msgspec.json.encode(answers).decode(),
                    updated_at=self._office.clock.wall_ms(),
                )
            )

    def forget(self, kind: DocumentKind) -> None:
        """Throw a draft away."""
        with self._office.locker.vault.transaction() as session:
            session.exec(delete(DraftRow).where(col(DraftRow.id) == self._draft_id(kind)))

    def preview(self, kind: DocumentKind, answers: Answers) -> Rendered:
        """The pages as they would be printed, marked as a draft across every page."""
        text = pieces(self.template(kind), answers, self.facts(kind), draft=True)
        signers = [waiting(Role.PARTY), *(waiting(Role.OFFICER) for _ in range(2))]
        return render(
            self._typesetter,
            self.template(kind),
            text,
            signers,
            draft=True,
            at=self._office.clock.wall_ms(),
            ppi=96,
        )

    def judge(self, kind: DocumentKind, answers: Answers) -> list[Judgement]:
        """What the rules would say if it were issued like this, signed by all."""
        text = pieces(self.template(kind), answers, self.facts(kind), draft=True)
        block = self._number(kind)
        prepared = self._prepared(kind, answers, tuple(text), block, self._office.clock.wall_ms())
        over, at = prepared.root.hex(), prepared.at
        hand = Signed(role=Role.OFFICER, handwriting=_NOTHING, over=over, at=at)
        party = SignRefused(role=Role.PARTY, reason="-", over=over, at=at)
        acts = [hand] * len(self._inspection.officers)
        statement = self._statement(prepared, party, acts, _NOTHING, _NOTHING, 1)
        return self._office.journal.consider(statement)

    # ── fixing and signing ───────────────────────────────────────────────────────────────

    def prepare(self, kind: DocumentKind, answers: Answers) -> Prepared:
        """Fix the text, its number and its commitments. Raises AnswerMissing,
        AnswerUnreadable, NumberGone."""
        block = self._number(kind)
        facts = self.facts(kind, block.label if block else "", _seal(block, self._now()))
        text = pieces(self.template(kind), answers, facts)
        return self._prepared(kind, answers, tuple(text), block, self._now())

    def pages(self, prepared: Prepared) -> Rendered:
        """What the party reads before signing: the final text, the code, empty lines."""
        signers = [waiting(Role.PARTY), *(waiting(Role.OFFICER) for _ in range(2))]
        return self._render(prepared, signers)

    def issue(
        self, prepared: Prepared, party: Answer, officers: Sequence[Hand]
    ) -> tuple[Saved, Rendered]:
        """Print, sign by both officers in one step, and save. Raises RuleBlocks, NumberGone,
        DiskFull; then nothing was issued and the number is still free."""
        inspection, locker = self._inspection, self._office.locker
        party_act, keeps = inspection.answered(party, prepared.root)
        acts: list[Signed] = []
        for hand in officers:
            signed, keep = locker.sign(hand, prepared.root, inspection.case)
            acts.append(signed)
            keeps.append(keep)
        lines = [
            party_signed(party_act, _svg(party)),
            *(
                officer_signed(hand.signer, officer.cert_no, _svg(hand), act.at)
                for hand, officer, act in zip(officers, inspection.officers, acts, strict=False)
            ),
        ]
        made = self._render(prepared, lines)
        content, keep_content = self._put(encode_content(prepared.content), CONTENT)
        pdf, keep_pdf = self._put(made.pdf, PDF)
        statement = self._statement(prepared, party_act, acts, content, pdf, made.pages)
        saved = self._office.journal.save(
            statement,
            inspection.signers,
            keeps=[*keeps, keep_content, keep_pdf],
            draft=self._draft_id(prepared.kind),
        )
        return saved, made

    def serve(
        self,
        issued: bytes,
        method: ServiceMethod,
        addressee: str,
        place: Place,
        answer: Answer,
    ) -> Saved:
        """Record that the document with this record hash reached the party (APL 52, CPL 87)."""
        document = next(
            one.issued.statement
            for one in self._inspection.state.documents
            if one.issued.hash == issued
        )
        act, keeps = self._inspection.answered(answer, bytes.fromhex(document.root))
        statement = self._office.journal.stamp(
            DocumentServed,
            self._inspection.case,
            issued=issued.hex(),
            method=method,
            addressee=addressee,
            place=place,
            received=act,
        )
        return self._office.journal.save(statement, self._inspection.signers, keeps=keeps)

    # ── help ─────────────────────────────────────────────────────────────────────────────

    def _now(self) -> int:
        return self._office.clock.wall_ms()

    def _draft_id(self, kind: DocumentKind) -> str:
        # The case is part of the key, so that a draft never turns up in another case.
        return f"{self._inspection.case.hex()}/{kind.value}"

    def _number(self, kind: DocumentKind) -> Number | None:
        if kind not in NUMBERED:
            return None
        return self._office.journal.next_number(kind, local_day(self._now()).year)

    def _prepared(
        self,
        kind: DocumentKind,
        answers: Answers,
        text: tuple[Piece, ...],
        block: Number | None,
        at: int,
    ) -> Prepared:
        template = self.template(kind)
        salts = [secrets.token_bytes(16) for _ in text]
        content = commit(text, salts, template.id, template.version)
        root, document_id = content_root(content), secrets.token_bytes(16)
        number = block.label if block else self._inspection.opening.number
        agency = self._office.shelf.current.agency.id
        mark = document_mark(
            self._office.device,
            DocumentMark(agency, kind, number, document_id, root, at),
        )
        return Prepared(
            kind=kind,
            template=template,
            answers=dict(answers),
            text=text,
            content=content,
            root=root,
            document_id=document_id,
            number=number,
            block=block,
            mark_url=document_url(self._office.address, mark),
            decision=self._decision(kind, answers, at),
            at=at,
        )

    def _decision(self, kind: DocumentKind, answers: Answers, at: int) -> Decision | None:
        if kind not in DECIDES:
            return None
        heard = self._inspection.state.statements
        decided = answers.get("decided_on", at)
        day = decided if isinstance(decided, int) else read_time(decided) or at
        return Decision(
            act=ActKind.PENALTY,
            procedure=DECIDES[kind],
            party_class=self._inspection.opening.party.party_class,
            penalties=_penalties(str(answers.get("penalty", ""))),
            fine=_fen(answers.get("fine", "")),
            remedy=RemedyRoute.RECONSIDER_FIRST,
            decided_on=local_day(day).isoformat(),
            heard=heard[-1].id if heard else None,
        )

    def _statement(
        self,
        prepared: Prepared,
        party: PartyAct,
        officers: list[Signed],
        content: BlobRef,
        pdf: BlobRef,
        pages: int,
    ) -> DocumentIssued:
        block = prepared.block
        sealed = bool(_seal(block, prepared.at))
        return self._office.journal.stamp(
            DocumentIssued,
            self._inspection.case,
            document=prepared.kind,
            document_id=prepared.document_id.hex(),
            number=prepared.number,
            grant=block.grant.hex() if block else None,
            seal=block.grant.hex() if block and sealed else None,
            template=prepared.template.id,
            template_version=prepared.template.version,
            segments=segments(prepared.content),
            root=prepared.root.hex(),
            content=content,
            pdf=pdf,
            pages=pages,
            party_act=party,
            officer_acts=officers,
            decision=prepared.decision,
        )

    def _render(self, prepared: Prepared, signers: Sequence[Signer]) -> Rendered:
        return render(
            self._typesetter,
            prepared.template,
            prepared.text,
            signers,
            mark_url=prepared.mark_url,
            root=prepared.root,
            at=prepared.at,
        )

    def _put(self, data: bytes, media_type: str) -> tuple[BlobRef, Keep]:
        return self._office.locker.put(data, media_type, "document", self._inspection.case)


def _counted(state: CaseState) -> dict[MediaKind, int]:
    counted: dict[MediaKind, int] = {}
    for one in state.media:
        counted[one.statement.media] = counted.get(one.statement.media, 0) + 1
    return counted


def _seal(block: Number | None, now: int) -> str:
    """The grant that lends the agency's seal, while it lasts (design: seals)."""
    lent = block is not None and block.sealed_until is not None and now < block.sealed_until
    return block.grant.hex() if lent and block else ""


def _penalties(text: str) -> list[PenaltyKind]:
    return [kind for kind in PenaltyKind if kind.zh in text]


def _fen(answer: str | int) -> int:
    return answer if isinstance(answer, int) else read_money(answer) or 0


def _svg(answer: Answer) -> str:
    return ink_svg(answer.strokes) if isinstance(answer, Hand) else ""

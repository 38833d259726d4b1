"""A document from its first answer to its service: draft, preview, prepare, issue, serve.

    desk = Issuing(inspection, typesetter)
    answers = desk.answers(kind)                 what the case knows, and what was typed before
    desk.keep(kind, answers)                     on every change; survives a kill
    prepared = desk.prepare(kind, answers)       number, pieces, salts, commitments, code
    saved, made = desk.issue(prepared, party, officers)
    desk.serve(saved.record, …)

The PDF is made once, when everybody has signed, from the pieces that the statement commits to;
it is what is served and archived, and nobody renders it again (design: a document is its PDF).
What people sign by hand is the root of the pieces, which the preview prints in words.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from msgspec import UNSET

from field_client.documents import (
    Rendered,
    Signer,
    ended,
    ink_svg,
    officer_signed,
    pieces,
    render,
)
from field_client.drafting import Drafting, waiting_lines
from field_client.errors import NumberGone, WrongDocument
from field_client.party_answers import Answer, Foot, answered, printed, printed_foot
from field_client.preparing import Prepared, decision_of, intended_of, seal_of
from field_client.store.drafts import Answers
from field_client.store.evidence import CONTENT, PDF, Hand
from field_client.store.journal import Keep, Saved
from field_client.store.numbers import Number
from protocol.cutting import Piece
from protocol.mark import DocumentMark, document_mark, document_url
from protocol.redaction import commit, content_root, encode_content
from protocol.reference import Template
from protocol.rules import Judgement
from protocol.statements import (
    DocumentIssued,
    DocumentServed,
    NumberVoided,
    PartyAct,
    Place,
    SignatureTaken,
    Signed,
    StatementTaken,
)
from protocol.vocabulary import DocumentKind, ServiceMethod

__all__ = ["Answers", "Issuing", "Prepared"]

# What a hearing states, and where the record of statement and defence says it.
HEARING = {"told": "told", "defence": "statement", "reply": "review"}


class Issuing(Drafting):
    """The documents of one inspection."""

    def judge(self, kind: DocumentKind, answers: Answers) -> list[Judgement]:
        """What the rules would say if it were issued like this, signed by all."""
        block, at = self._free_number(kind), self._now()
        template, facts = self.template(kind), self.facts(kind, at=at)
        text = pieces(template, ended(template, answers, at), facts, draft=True)
        prepared = self._prepared(kind, template, answers, text, block, at)
        statement = self._office.journal.stamp(
            DocumentIssued, self._inspection.case, **prepared.unsigned()
        )
        return self._office.journal.consider(
            statement, signers=self._inspection.signers, content=prepared.content, draft=True
        )

    # ── fixing and signing ───────────────────────────────────────────────────────────────

    def prepare(self, kind: DocumentKind, answers: Answers) -> Prepared:
        """Fix the text, its number and its commitments. Raises AnswerMissing,
        AnswerUnreadable, NumberGone."""
        block, at = self._number(kind), self._now()
        seal = seal_of(self._lender(kind), at)
        facts = self.facts(kind, block.label if block else "", seal, at)
        template = self.template(kind)
        text = pieces(template, ended(template, answers, at), facts)
        return self._prepared(kind, template, answers, text, block, at, seal)

    def pages(self, prepared: Prepared, *, party: bool = True) -> Rendered:
        """What is read before signing: the final text, the code, empty lines; ``party``: for a
        hand of its side, too."""
        officers = len(self._inspection.officers)
        return self._render(prepared, waiting_lines(party=party, officers=officers))

    def issue(
        self,
        prepared: Prepared,
        party: Answer,
        officers: Sequence[Hand],
        *,
        explained: bool = False,
        feet: Sequence[Foot] = (),
        keeps: Sequence[Keep] = (),
    ) -> tuple[Saved, Rendered]:
        """Print, sign by both officers in one step, and save. ``officers`` are the hands of the
        officers who are signed in, in their order; ``explained``: it was read aloud to the party.
        ``feet`` are the answers page by page, which become records of their own in the same
        transaction. Raises RuleBlocks, NumberGone, DiskFull; then nothing was issued and the
        number is still free."""
        inspection, journal = self._inspection, self._office.journal
        with self._office.locker.gather(inspection.case) as gathered:
            act = answered(party, prepared.root, gathered)
            hands = [gathered.sign(hand, prepared.root) for hand in officers]
            pages = [(one.page, answered(one.answer, prepared.root, gathered)) for one in feet]
            made = self._render(prepared, self._lines(party, act, officers, hands), feet)
            content = gathered.put(encode_content(prepared.content), CONTENT, "document")
            pdf = gathered.put(made.pdf, PDF, "document")
            statement = journal.stamp(
                DocumentIssued,
                inspection.case,
                **prepared.fields(act, hands, content, pdf, made.pages),
                explained=explained,
            )
            saved = journal.save(
                statement,
                inspection.signers,
                keeps=[*gathered.keeps, *keeps],
                draft=self._drafts.id(prepared.kind),
                content=prepared.content,
                follow=lambda issued: [
                    *self._page_records(issued, pages),
                    *self._hearing(prepared),
                ],
                reasons=prepared.reasons,
            )
        return saved, made

    def void(self, kind: DocumentKind, reason: str) -> Saved:
        """Record that the next number of a kind will bear no document, and why: a form spoilt on
        paper, a number given out by mistake. Raises NumberGone."""
        block = self._number(kind)
        if block is None:
            raise NumberGone(
                "Documents of this kind ({document}) have no number of their own; there is "
                "nothing to void.",
                document=kind.value,
            )
        journal = self._office.journal
        statement = journal.stamp(
            NumberVoided,
            self._inspection.case,
            document=kind,
            number=block.label,
            grant=block.grant.hex(),
            reason=reason,
        )
        return journal.save(statement, self._inspection.signers)

    def serve(
        self,
        issued: bytes,
        method: ServiceMethod,
        addressee: str,
        place: Place,
        answer: Answer,
        media: Sequence[str] = (),
    ) -> Saved:
        """Record that the document with this record hash reached the party (APL 52, CPL 87).
        ``media``: the records (hex) that show how it was left (CPL 89)."""
        inspection, journal = self._inspection, self._office.journal
        with self._office.locker.gather(inspection.case) as gathered:
            statement = journal.stamp(
                DocumentServed,
                inspection.case,
                issued=issued.hex(),
                method=method,
                addressee=addressee,
                place=place,
                received=answered(answer, self._root_of(issued), gathered),
                media=list(media),
            )
            return journal.save(statement, inspection.signers, keeps=gathered.keeps)

    # ── help ─────────────────────────────────────────────────────────────────────────────

    def _root_of(self, issued: bytes) -> bytes:
        for one in self._inspection.state.documents:
            if one.issued.hash == issued:
                return bytes.fromhex(one.issued.statement.root)
        raise WrongDocument(
            "The document {record} is none of this inspection. Open the inspection it belongs to.",
            record=issued.hex()[:16],
        )

    def _prepared(
        self,
        kind: DocumentKind,
        template: Template,
        answers: Answers,
        text: Sequence[Piece],
        block: Number | None,
        at: int,
        seal: str = "",
    ) -> Prepared:
        salts = [secrets.token_bytes(16) for _ in text]
        content = commit(text, salts, template.id, template.version)
        root, document_id = content_root(content), secrets.token_bytes(16)
        opening, state = self._inspection.opening, self._inspection.state
        number = block.label if block else opening.number
        marked = DocumentMark(opening.agency, kind, number, document_id, root, at)
        return Prepared(
            kind=kind,
            template=template,
            answers=dict(answers),
            text=tuple(text),
            content=content,
            root=root,
            document_id=document_id,
            number=number,
            block=block,
            mark_url=document_url(self._office.address, document_mark(self._office.device, marked)),
            decision=decision_of(template, answers, opening, state, at),
            intended=intended_of(template, answers, opening, state, at),
            at=at,
            seal=seal,
        )

    def _lines(
        self, party: Answer, act: PartyAct, officers: Sequence[Hand], signed: Sequence[Signed]
    ) -> list[Signer]:
        """The signatures as they are printed. Who is missing is for the rules to say."""
        signed_in = self._inspection.officers
        lines = [
            officer_signed(hand.signer, officer.cert_no, _svg(hand), made.at)
            for hand, made, officer in zip(officers, signed, signed_in, strict=False)
        ]
        return [*printed(party, act), *lines]

    def _page_records(
        self, issued: bytes, pages: Sequence[tuple[int, PartyAct]]
    ) -> list[SignatureTaken]:
        """What was gathered page by page, each a record that names the document's."""
        return [
            self._office.journal.stamp(
                SignatureTaken,
                self._inspection.case,
                concerning=issued.hex(),
                page=page,
                act=act,
            )
            for page, act in pages
        ]

    def _hearing(self, prepared: Prepared) -> list[StatementTaken]:
        """What a record of statement and defence says, as the hearing that a decision names
        (APL 44, 45): nobody fills it in twice. One that is on record already is not repeated; the
        penalty that the party was told of then is the one that the same words tell."""
        if prepared.kind is not DocumentKind.STATEMENT_RECORD:
            return []
        fields = {
            field: str(prepared.answers.get(name, "")).strip() for field, name in HEARING.items()
        }
        state = self._inspection.state
        last = state.statements[-1].statement if state.statements else None
        if last is not None and all(getattr(last, name) == text for name, text in fields.items()):
            return []
        same = last is not None and last.told == fields["told"]
        intended = last.intended if last is not None and same else UNSET
        return [
            self._office.journal.stamp(
                StatementTaken, self._inspection.case, **fields, intended=intended
            )
        ]

    def _render(
        self, prepared: Prepared, signers: Sequence[Signer], feet: Sequence[Foot] = ()
    ) -> Rendered:
        return render(
            self._typesetter,
            prepared.template,
            prepared.text,
            signers,
            mark_url=prepared.mark_url,
            root=prepared.root,
            at=prepared.at,
            feet={one.page: printed_foot(one) for one in feet if one.correction < 0},
            initials={one.correction: printed_foot(one) for one in feet if one.correction >= 0},
        )


def _svg(hand: Hand) -> str:
    return ink_svg(hand.strokes)

"""What the screen of one document says of it: facts, state, seal, doors, what its code shows."""

from __future__ import annotations

from sqlmodel import select

from field_client.errors import BlobMissing
from field_client.flow.desk import Desk
from field_client.flow.sealing import seal_message
from field_client.flow.signatories import asks
from field_client.issuing import Issuing
from field_client.store.evidence import EvidenceLocker
from field_client.store.tables import LinkRow, Stage
from field_client.ui.presenters.common import (
    Chip,
    Fix,
    Frame,
    Message,
    RuleNote,
    clock_words,
    date_words,
    stage_word,
)
from field_client.ui.presenters.common import Stage as StageWord
from field_client.ui.presenters.papers import state_chip
from protocol.case import IssuedDocument
from protocol.rules import Judgement
from protocol.statements import BlobRef
from protocol.vocabulary import DocumentKind


class PaperFacts:
    """One document, issued or not yet (``issued`` None)."""

    def __init__(
        self, desk: Desk, issuing: Issuing, kind: DocumentKind, issued: IssuedDocument | None
    ) -> None:
        self._desk, self._issuing, self._kind, self._issued = desk, issuing, kind, issued
        self._stage = self._read_stage()

    def frame(self) -> Frame:
        """Its title, the party and its number."""
        number = self._issued.issued.statement.number if self._issued else ""
        party = self._desk.case.opening.party.name
        return self._desk.frame(
            self._kind.heading(self._desk.language), f"{party} · {number}" if number else party
        )

    def state(self) -> Chip:
        """Issued, served, or a draft."""
        if self._issued is None:
            return state_chip(self._desk._, "draft")
        if self._issued.served:
            return state_chip(self._desk._, "served")
        return state_chip(self._desk._, "unserved" if self._to_serve() else "issued")

    def stage(self) -> StageWord | None:
        """How far its record has come; None for a draft."""
        return self._stage.value if self._stage else None

    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Label and value, one under the other."""
        desk, issued = self._desk, self._issued
        if issued is None:
            return ((desk._("Number"), self._issuing.next_label(self._kind)),)
        said = issued.issued.statement
        served = issued.services[-1].statement if issued.services else None
        rows = (
            (desk._("Number"), said.number),
            (desk._("Issued at"), self._moment(said.at)),
            (desk._("Form"), desk._("Version {n}").format(n=said.template_version)),
            (
                desk._("Service"),
                f"{served.method.heading(desk.language)} · {self._moment(served.at)}"
                if served
                else "",
            ),
            (desk._("Read aloud"), desk._("Explained to the party") if said.explained else ""),
            (desk._("Synchronised"), stage_word(desk._, self._stage.value) if self._stage else ""),
        )
        return tuple(row for row in rows if row[1])

    def message(self) -> Message | None:
        """Who puts the seal, while that is still to be done or said."""
        desk = self._desk
        if self._issued is None:
            return seal_message(desk, self._kind)
        if self._issued.issued.statement.seal:
            return Message(
                "success",
                desk._("Sealed with the seal lent to this tablet"),
                desk._("The office's record of it is printed at the end."),
            )
        return seal_message(desk, self._kind, issued=True)

    def doors(self) -> tuple[Fix, ...]:
        """What can be done, the likeliest first."""
        desk, kind = self._desk, self._kind.value
        _ = desk._
        closed = desk.case.state.closed is not None
        if self._issued is None:
            ways = [Fix(f"form.{kind}", _("Go on with the form")), Fix("panel.print", _("Print"))]
        else:
            ways = [Fix("panel.print", _("Print")), Fix("panel.code", _("Hand over by code"))]
            if self._to_serve():
                ways.insert(0, Fix(f"serve.{self._issued.issued.id}", _("Hand it over")))
            if not closed:
                ways.append(Fix(f"another.{kind}", _("One more of this kind")))
        if not closed and self._issuing.next_label(self._kind):
            ways.append(Fix(f"void.{kind}", _("Void a number")))
        return tuple(ways)

    # ── the code ─────────────────────────────────────────────────────────────────────────

    def reach(self) -> Message:
        """Whether the agency's page knows the document by now; nothing is promised before."""
        _ = self._desk._
        if self._stage is not None and self._stage.rank >= Stage.RECEIPTED.rank:
            return Message(
                "success",
                _("The office has this document"),
                _("The party's phone can check it against the log now."),
            )
        return Message(
            "warning",
            _("Not with the office yet"),
            _("Until this tablet is synchronised, the page cannot find it. Hand over the paper."),
        )

    def uses(self) -> tuple[str, ...]:
        """What the party can do with the code."""
        _ = self._desk._
        return (
            _("See which agency issued it, and its number"),
            _("Compare the fingerprint on the page with the one printed"),
            _("Find the phone number to complain, and the remedies"),
        )

    def _to_serve(self) -> bool:
        return self._issued is not None and asks(self._kind).served and not self._issued.served

    def _moment(self, at: int) -> str:
        return f"{date_words(self._desk._, at)} {clock_words(at)}"

    def _read_stage(self) -> Stage | None:
        if self._issued is None:
            return None
        record = self._issued.issued.hash
        with self._desk.open_tablet.vault.session() as session:
            found = session.exec(select(LinkRow.stage).where(LinkRow.record_hash == record)).all()
        return min((Stage(one) for one in found), key=lambda one: one.rank, default=Stage.SAVED)


def read_pdf(locker: EvidenceLocker, ref: BlobRef) -> bytes:
    """The PDF that was signed, out of the vault. Raises BlobMissing once it was let go."""
    data = locker.read(ref)
    if data is None:
        raise BlobMissing(
            "The media file {file} is not on this tablet. If it was synchronised, the office "
            "has it; otherwise bring the tablet to your administrator.",
            file=ref.sha256[:16],
        )
    return data


def clause_note(desk: Desk, one: Judgement) -> RuleNote:
    """What a rule says against issuing, with its clause, in a list of documents."""
    title, _, text = desk.words(one.zh, one.en).partition("。" if desk.zh else ". ")
    clause = desk.words(one.rule.source, one.rule.source_en)
    return RuleNote("block", title, text, clause)

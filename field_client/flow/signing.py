"""Signing and service: the party first, then each officer by PIN and hand, then handing over.

The handwriting gathered here is bound to the root of the document's pieces; both officers'
keys sign the statement in one step when the last of them has confirmed (design: signatures
mean a person).
"""

from __future__ import annotations

from collections.abc import Callable

from field_client.documents import Rendered
from field_client.flow.desk import Desk
from field_client.flow.pins import Refused
from field_client.flow.refusing import refusal
from field_client.inspection import Answer
from field_client.issuing import Answers, Issuing, Prepared
from field_client.keys.identity import Unlocked
from field_client.store.evidence import Hand
from field_client.store.journal import Saved
from field_client.ui.handwriting import Handwriting
from field_client.ui.presenters.common import Message, Problem, clock_words, date_words
from field_client.ui.presenters.sign import OfficerSign, SignView, advice, refusal_reasons
from protocol.errors import FujieError
from protocol.vocabulary import Role

OBJECTION = "objection"  # the field of a template that holds the party's own words


class Signing:
    """The signing of one prepared document."""

    def __init__(
        self,
        desk: Desk,
        issued: Callable[[Saved, Prepared, Rendered], None],
        back: Callable[[Prepared], None],
        refused: Callable[[str, FujieError], bool],
    ) -> None:
        self._desk = desk
        self._issued = issued
        self._back = back
        self._refused = refused
        self._issuing: Issuing | None = None
        self._prepared: Prepared | None = None
        self._pages: tuple[bytes, ...] = ()
        self._party: Answer | None = None
        self._party_hand: Handwriting | None = None
        self._hands: dict[str, Handwriting] = {}
        self._message: Message | None = None

    def begin(self, issuing: Issuing, prepared: Prepared) -> None:
        """Show the final text to the party."""

        def then(made: Rendered) -> None:
            self._issuing, self._prepared, self._pages = issuing, prepared, made.images
            self._party, self._party_hand, self._hands, self._message = None, None, {}, None
            self._desk.shell.show("sign", self._view())

        self._desk.work(lambda: issuing.pages(prepared), then, waiting=self._desk._("Printing…"))

    def reshow(self) -> None:
        """The same, in another language."""
        self._desk.shell.show("sign", self._view())

    def refresh(self) -> None:
        """Newer facts for the same screen."""
        if self._prepared is not None:
            self._desk.shell.update(self._view())

    def leave(self) -> None:
        """Back to the form; what was signed by hand meanwhile is thrown away."""
        prepared = self._prepared
        self._prepared = None
        if prepared is not None:
            self._back(prepared)

    def forget(self) -> None:
        """The tablet was locked: nobody's hand is kept for later."""
        self._prepared, self._party, self._party_hand, self._hands = None, None, None, {}

    @property
    def with_party(self) -> bool:
        """Whether the party holds the tablet."""
        return self._party is None

    # ── the party ────────────────────────────────────────────────────────────────────────

    def party_objects(self, text: str) -> None:
        """The party's own words go into the record; it reads and signs the new text. A form
        without a place for them is the officers' to change."""
        desk, issuing, before = self._desk, self._issuing, self._prepared
        assert issuing is not None
        assert before is not None
        if not any(field.name == OBJECTION for field in before.template.fields):
            desk.shell.tell(
                Problem(
                    desk._("This document has no place for it"),
                    desk._("Tell the officers: they write it into the text and print it again."),
                    "warning",
                )
            )
            return
        answers: Answers = {**before.answers, OBJECTION: text.strip()}

        def job() -> Prepared:
            issuing.keep(before.kind, answers)
            return issuing.prepare(before.kind, answers)

        desk.work(
            job, lambda prepared: self.begin(issuing, prepared), waiting=desk._("Fixing the text…")
        )

    def party_signs(self, hand: Handwriting) -> None:
        """The party's handwriting."""
        self._party_hand = hand
        self._party = Hand(self._signer(), Role.PARTY, hand.strokes, hand.aspect)
        self.refresh()

    def party_refuses(self, reason: str, note: str) -> None:
        """The party does not sign; the reason is printed as given (APL 52)."""
        self._party = refusal(self._desk, reason, note)
        self.refresh()

    # ── the officers ─────────────────────────────────────────────────────────────────────

    def officer_signs(self, officer_id: str, pin: str, hand: Handwriting) -> None:
        """An officer confirms by PIN, so that the key which signs is this person's."""
        desk, keys = self._desk, self._desk.keys
        assert keys is not None
        if officer_id not in desk.duty or officer_id in self._hands:
            return

        def then(unlocked: Unlocked) -> None:
            desk.duty[officer_id] = unlocked
            desk.case.officers = desk.officers
            self._hands[officer_id], self._message = hand, None
            self.refresh()
            if all(one.cert_no in self._hands for one in desk.officers):
                self._issue()

        def failed(error: FujieError) -> None:
            if not self._refused(officer_id, error):
                self._message = Refused.of(error, desk.clock).message(desk)
                self.refresh()

        desk.work(lambda: keys.unlock(officer_id, pin), then, failed, desk._("Checking the PIN…"))

    def _issue(self) -> None:
        desk, issuing, prepared, party = self._desk, self._issuing, self._prepared, self._party
        assert issuing is not None
        assert prepared is not None
        assert party is not None
        hands = [
            Hand(
                desk.officer_name(one.cert_no),
                Role.OFFICER,
                self._hands[one.cert_no].strokes,
                self._hands[one.cert_no].aspect,
            )
            for one in desk.officers
        ]

        def then(result: tuple[Saved, Rendered]) -> None:
            self._prepared = None
            self._issued(result[0], prepared, result[1])

        def failed(error: FujieError) -> None:
            self._hands = {}
            desk.tell(error)
            self.refresh()

        desk.work(
            lambda: issuing.issue(prepared, party, hands),
            then,
            failed,
            desk._("Printing, signing and saving…"),
        )

    # ── view ─────────────────────────────────────────────────────────────────────────────

    def _signer(self) -> str:
        party = self._desk.case.opening.party
        return party.legal_rep or party.name

    def _view(self) -> SignView:
        desk = self._desk
        assert self._prepared is not None
        waiting = [one.cert_no for one in desk.officers if one.cert_no not in self._hands]
        refused = "" if isinstance(self._party, Hand | None) else self._party.reason
        now = desk.clock.wall_ms()
        return SignView(
            frame=desk.frame(self._prepared.kind.label(desk.language), self._prepared.number),
            stage="officers" if self._party is not None else "party",
            party=self._signer(),
            day=f"{date_words(desk._, now)} {clock_words(now)}",
            advice=advice(desk._),
            pages=self._pages,
            refusals=refusal_reasons(desk._),
            officers=tuple(
                OfficerSign(
                    one.cert_no,
                    desk.officer_name(one.cert_no),
                    one.cert_no,
                    one.cert_no in self._hands,
                    self._hands.get(one.cert_no),
                )
                for one in desk.officers
            ),
            lock=desk.party_lock(),
            objection=str(self._prepared.answers.get(OBJECTION, "")),
            party_handwriting=self._party_hand,
            party_refused=refused,
            current=waiting[0] if waiting else "",
            message=self._message,
        )

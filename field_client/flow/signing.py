"""Signing: the party's side first, who attests where somebody must, then each officer by PIN.

Every hand is bound to the root of the document's pieces; both officers' keys sign the statement
in one step when the last of them has confirmed (design: signatures mean a person). Who signs and
what stands in where somebody does not is the kind's data (``signatories``). Nothing is on record
before the last hand. Hands under pages wait in the vault meanwhile, bound to the text that was
fixed, and are used for that text or thrown away (docs/adr/0031-hands.md).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import msgspec

from field_client.documents import Rendered
from field_client.flow import signview
from field_client.flow.agents import acts_now, agent_of
from field_client.flow.desk import Desk
from field_client.flow.gathering import KEPT, Gathering, named, taken_up
from field_client.flow.keeping import Keeper
from field_client.flow.pins import Refused
from field_client.flow.refusing import ALL_PAGES, refusal
from field_client.flow.signatories import HEARD, Pages, Side, asked_now, asks, coercive
from field_client.issuing import Answers, Issuing, Prepared
from field_client.keys.identity import Unlocked
from field_client.names import bracketed
from field_client.store.evidence import Hand
from field_client.store.journal import Saved
from field_client.ui.handwriting import Handwriting
from field_client.ui.presenters.common import Message, Problem
from field_client.ui.presenters.sign import Correction, SignView
from protocol.errors import FujieError
from protocol.vocabulary import DocumentKind, Role, ServiceMethod

OBJECTION = "objection"  # the field of a template that holds the party's own words


class Signing:
    """The signing of one prepared document."""

    def __init__(
        self,
        desk: Desk,
        issued: Callable[[Saved, Prepared, Rendered, bool], None],
        back: Callable[[Prepared], None],
        refused: Callable[[str, FujieError], bool],
    ) -> None:
        self._desk = desk
        self._issued = issued
        self._back = back
        self._refused = refused
        self._issuing: Issuing | None = None
        self._pages: tuple[bytes, ...] = ()
        self._gathering: Gathering | None = None
        self._hands: dict[str, Handwriting] = {}
        self._times: dict[str, int] = {}
        self._message: Message | None = None
        self._keeper = Keeper(desk, lambda: None)

    def begin(
        self,
        issuing: Issuing,
        prepared: Prepared,
        signer: str = "",
        corrections: tuple[Correction, ...] = (),
        *,
        aloud: bool = False,
    ) -> None:
        """Show the final text to whoever signs for the party's side; ``aloud``: it was read out."""
        case = self._desk.case
        wanted = asked_now(prepared.kind, sealed=bool(prepared.seal))
        agent = acts_now(self._desk) if Role.AGENT in wanted.signers and not signer else None
        role = Role.AGENT if agent else wanted.signers[0]

        def then(made: Rendered) -> None:
            gathering = Gathering(
                prepared,
                made.pages,
                signer or signview.first_signer(self._desk, role),
                corrections=corrections,
                coercion=coercive(one.statement.measure for one in case.state.measures),
                role=role,
                authority=agent.authority if agent else "",
                explained=aloud,
                under=HEARD if aloud else wanted.under,
            )
            self._take(issuing, gathering, made)
            self._keep()  # hands under an older text are gone with it

        here = wanted.party is not Side.ELSEWHERE
        self._desk.work(
            lambda: issuing.pages(prepared, party=here), then, waiting=self._desk._("Printing…")
        )

    def resume(self, issuing: Issuing, kind: DocumentKind, kept: str) -> None:
        """Go on where a kill or a lock interrupted; the hands that were gathered are used."""
        try:
            gathering = taken_up(kept)
        except msgspec.MsgspecError:  # of another version of the program
            self.discard(issuing, kind)
            return

        def then(made: Rendered) -> None:
            self._take(issuing, gathering, made)

        here = gathering.asks_party
        self._desk.work(
            lambda: issuing.pages(gathering.prepared, party=here),
            then,
            waiting=self._desk._("Printing…"),
        )

    def discard(self, issuing: Issuing, kind: DocumentKind) -> None:
        """Throw waiting hands away: the text is to change."""
        self._keeper.keep(kind, lambda _: issuing.signing.forget(kind), {})

    def _take(self, issuing: Issuing, gathering: Gathering, made: Rendered) -> None:
        self._issuing, self._gathering, self._pages = issuing, gathering, made.images
        self._hands, self._times, self._message = {}, {}, None
        self._desk.shell.show("sign", self._view())

    def reshow(self) -> None:
        """The same, in another language."""
        if self._gathering is not None:
            self._desk.shell.show("sign", self._view())

    def refresh(self) -> None:
        """Newer facts for the same screen."""
        if self._gathering is not None:
            self._desk.shell.update(self._view())

    def leave(self) -> None:
        """Back to the form. Hands under pages wait for the same text; all others are gone."""
        gathering, self._gathering = self._gathering, None
        if gathering is not None:
            self._back(gathering.prepared)

    def forget(self) -> None:
        """The tablet was locked: nobody's hand is kept here for later."""
        self._gathering, self._hands = None, {}

    @property
    def with_party(self) -> bool:
        """Whether the party, or who attests, holds the tablet."""
        return self._gathering is not None and self._gathering.turn is not None

    # ── the party's side ─────────────────────────────────────────────────────────────────

    def sign_as(self, role: str) -> None:
        """Somebody else signs for the party's side."""
        gathering = self._now
        gathering.role = Role(role)
        gathering.party = signview.first_signer(self._desk, gathering.role)
        agent = agent_of(self._desk) if gathering.role is Role.AGENT else None
        gathering.authority = agent.authority if agent else gathering.authority
        self.refresh()

    def edit(self, key: str, value: str) -> None:
        """Who signs, by what authority; who attests, of which unit or address."""
        gathering = self._now
        if key == "signer":
            gathering.party = value
        elif key == "authority":
            gathering.authority = value
        elif key == "name":
            gathering.attestor_name = value
        elif key == "unit":
            gathering.attestor_unit = value
        self.refresh()

    def tick_explained(self, on: bool) -> None:
        """The officer read it aloud and explained it."""
        self._now.explained = on
        self._keep()
        self.refresh()

    def party_objects(self, text: str) -> None:
        """The party's own words go into the record; it reads and signs the new text. A form
        without a place for them is the officers' to change."""
        desk, issuing, before = self._desk, self._open, self._now.prepared
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
        now = self._now

        def job() -> Prepared:
            issuing.keep(before.kind, answers)
            issuing.signing.forget(before.kind)  # hands under the text as it was
            return issuing.prepare(before.kind, answers)

        desk.work(
            job,
            lambda prepared: self.begin(
                issuing, prepared, now.party, now.corrections, aloud=now.under == HEARD
            ),
            waiting=desk._("Fixing the text…"),
        )

    def party_signs(self, hand: Handwriting) -> None:
        """The hand of whose turn it is: the party, under a page or the whole, or who attests."""
        gathering = self._now
        turn = gathering.turn
        if turn is None:
            return
        signer, role = bracketed(gathering.party), gathering.role
        if turn.whose == "attestor":
            parts = (gathering.attestor_name, gathering.attestor_unit)
            signer, role = named(parts), Role.ATTESTOR
        elif role is Role.AGENT:
            signer = named((signer, gathering.authority))
        at = self._desk.clock.wall_ms()
        gathering.answer(Hand(signer, role, hand.strokes, hand.aspect, at))
        self._keep()
        self.refresh()

    def party_refuses(self, reason: str, note: str) -> None:
        """No hand; the reason is printed as given (APL 52). At a page it may stand for all."""
        gathering = self._now
        turn = gathering.turn
        if turn is None:
            return
        if turn.whose == "attestor":
            gathering.unattested = True
        elif turn.whose == "party":
            gathering.answer(refusal(self._desk, reason, note, gathering.role))
        else:
            answer = refusal(self._desk, reason, note, gathering.role, page=True)
            (gathering.refuse_rest if reason in ALL_PAGES else gathering.answer)(answer)
        self._keep()
        self.refresh()

    def _keep(self) -> None:
        gathering, issuing = self._now, self._open
        kind = gathering.prepared.kind
        if asks(kind).pages is not Pages.NONE:
            write = partial(issuing.signing.keep, kind)
            self._keeper.keep(gathering.prepared.root, write, {KEPT: gathering.kept()})

    # ── the officers ─────────────────────────────────────────────────────────────────────

    def officer_signs(self, officer_id: str, pin: str, hand: Handwriting) -> None:
        """An officer confirms by PIN, so that the key which signs is this person's."""
        desk, keys = self._desk, self._desk.keys
        assert keys is not None
        if officer_id not in desk.duty or officer_id in self._hands or self.with_party:
            return

        def then(unlocked: Unlocked) -> None:
            desk.duty[officer_id] = unlocked
            desk.case.officers = desk.officers
            self._hands[officer_id], self._message = hand, None
            self._times[officer_id] = desk.clock.wall_ms()
            self.refresh()
            if all(one.cert_no in self._hands for one in desk.officers):
                self._issue()

        def failed(error: FujieError) -> None:
            if not self._refused(officer_id, error):
                self._message = Refused.of(error, desk.clock).message(desk)
                self.refresh()

        desk.work(lambda: keys.unlock(officer_id, pin), then, failed, desk._("Checking the PIN…"))

    def _officers_hands(self) -> list[Hand]:
        found = []
        for one in self._desk.officers:
            hand = self._hands[one.cert_no]
            name, at = self._desk.officer_name(one.cert_no), self._times[one.cert_no]
            found.append(Hand(name, Role.OFFICER, hand.strokes, hand.aspect, at))
        return found

    def _issue(self) -> None:
        desk, issuing, gathering = self._desk, self._open, self._now
        prepared, party, hands = gathering.prepared, gathering.party_answer, self._officers_hands()
        opening, wanted = desk.case.opening, gathering.asked
        received = wanted.served and wanted.party is Side.RECEIVES and isinstance(party, Hand)

        def job() -> tuple[Saved, Rendered, FujieError | None]:
            saved, made = issuing.issue(
                prepared,
                party,
                hands,
                explained=gathering.explained,
                feet=gathering.feet,
                keeps=[issuing.signing.forgetting(prepared.kind)],
            )
            if not received:
                return saved, made, None
            try:  # the hand under the document says that it was handed over
                issuing.serve(
                    saved.record,
                    ServiceMethod.PERSONAL,
                    opening.party.name,
                    opening.place,
                    party,
                )
            except FujieError as error:  # it is issued all the same, and is not signed again
                return saved, made, error
            return saved, made, None

        def then(result: tuple[Saved, Rendered, FujieError | None]) -> None:
            saved, made, unserved = result
            self._gathering = None
            self._issued(saved, prepared, made, received and unserved is None)
            if unserved is not None:
                desk.tell(unserved)

        def failed(error: FujieError) -> None:
            self._hands, self._times = {}, {}
            desk.tell(error)
            self.refresh()

        desk.work(job, then, failed, desk._("Printing, signing and saving…"))

    # ── view ─────────────────────────────────────────────────────────────────────────────

    @property
    def _now(self) -> Gathering:
        assert self._gathering is not None
        return self._gathering

    @property
    def _open(self) -> Issuing:
        assert self._issuing is not None
        return self._issuing

    def _view(self) -> SignView:
        return signview.made(self._desk, self._now, self._pages, self._hands, self._message)

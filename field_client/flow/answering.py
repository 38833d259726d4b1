"""How the party answers an act that is no document: it signs, says why not, or is away.

    answering.begin(Asked("查封", facts, lines, attested="must", back=form.show), then)

While the party holds the tablet everything else is locked. Where it is away an attestor writes,
if the law wants one (ACL 18) or one is there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from field_client.flow.desk import Desk
from field_client.flow.refusing import refusal
from field_client.flow.signatory import Signatory
from field_client.inspection import Absence, Answer
from field_client.names import bracketed
from field_client.store.evidence import Hand
from field_client.ui.handwriting import Handwriting
from field_client.ui.presenters.answer import AnswerView
from field_client.ui.presenters.common import Message, clock_words, date_words
from field_client.ui.presenters.sign import NOBODY_ELSE, refusal_reasons
from protocol.vocabulary import Role


@dataclass(frozen=True)
class Asked:
    """What is answered: its title, what it says, the list that goes with it, whether somebody
    attests where the party is away, and where the officers came from."""

    title: str
    facts: tuple[tuple[str, str], ...]
    lines: tuple[str, ...]
    attested: Literal["must", "may", "never"]
    back: Callable[[], None]


class Answering:
    """The answer screen."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._asked: Asked | None = None
        self._then: Callable[[Answer], None] = lambda answer: None
        self._absence: Absence | None = None
        self._attestor = ""
        self._who: Signatory | None = None

    def begin(self, asked: Asked, then: Callable[[Answer], None]) -> None:
        """Hand the tablet to the party."""
        self._asked, self._then = asked, then
        self._absence, self._attestor = None, ""
        self._who = Signatory(self._desk)
        self._desk.shell.show("answer", self._view())

    def reshow(self) -> None:
        """The same, in another language."""
        self._desk.shell.show("answer", self._view())

    def refresh(self) -> None:
        """Newer facts for the same screen."""
        if self._asked is not None:
            self._desk.shell.update(self._view())

    @property
    def with_party(self) -> bool:
        """Whether the party, or who attests, holds the tablet."""
        return self._asked is not None

    def leave(self) -> None:
        """Back to the form; nothing is on record."""
        asked, self._asked, self._absence = self._asked, None, None
        if asked is not None:
            asked.back()

    def forget(self) -> None:
        """The tablet was locked: nobody's hand is kept for later."""
        self._asked, self._absence = None, None

    # ── who answers ──────────────────────────────────────────────────────────────────────

    def sign_as(self, role: str) -> None:
        """Somebody else of the party's side signs for it."""
        self._signatory.sign_as(role)
        self.refresh()

    def edit(self, key: str, value: str) -> None:
        """The attestor's name; an agent's, and by which authority he acts."""
        if key == "attestor":
            self._attestor = value
        else:
            self._signatory.edit(key, value)
        self.refresh()

    @property
    def _signatory(self) -> Signatory:
        assert self._who is not None
        return self._who

    def signs(self, hand: Handwriting) -> None:
        """The party's hand, or the attestor's."""
        if self._absence is None:
            if self._signatory.whole:
                self._end(self._signatory.hand(hand))
        elif self._attestor.strip():
            attestor = Hand(bracketed(self._attestor), Role.ATTESTOR, hand.strokes, hand.aspect)
            self._end(Absence(self._absence.role, self._absence.reason, attestor))

    def refuses(self, reason: str, note: str) -> None:
        """The party does not sign, or is not there."""
        answer = refusal(self._desk, reason, note, self._signatory.role)
        if isinstance(answer, Absence) and self._asked and self._asked.attested != "never":
            self._absence = answer
            self._desk.shell.show("answer", self._view())
        else:
            self._end(answer)

    def unattested(self) -> None:
        """Nobody is there to attest, and nobody has to."""
        if self._absence is not None and self._asked and self._asked.attested == "may":
            self._end(self._absence)

    def _end(self, answer: Answer) -> None:
        self._then(answer)

    # ── view ─────────────────────────────────────────────────────────────────────────────

    def _view(self) -> AnswerView:
        desk, asked, absence = self._desk, self._asked, self._absence
        assert asked is not None
        now = desk.clock.wall_ms()
        message = None
        if absence is not None:
            message = Message(
                "accent",
                desk._("The party is away: {why}").format(why=absence.reason),
                desk._("An attestor has to be there, and signs for what he saw.")
                if asked.attested == "must"
                else desk._("If somebody is there to attest, let him sign."),
            )
        return AnswerView(
            frame=desk.frame(asked.title, desk.case.opening.party.name),
            stage="attestor" if absence is not None else "party",
            title=asked.title,
            facts=asked.facts,
            lines=asked.lines,
            signer=self._signatory.name,
            signing=self._signatory.view() if absence is None else NOBODY_ELSE,
            day=f"{date_words(desk._, now)} {clock_words(now)}",
            refusals=refusal_reasons(desk._),
            lock=desk.party_lock(),
            attestor=self._attestor,
            absent_reason=absence.reason if absence else "",
            skip=desk._("Nobody is there to attest")
            if absence is not None and asked.attested == "may"
            else "",
            message=message,
        )

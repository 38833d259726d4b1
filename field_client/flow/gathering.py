"""The hands under one document while they are gathered: whose turn it is, and what is there.

    gathering = Gathering(prepared, pages=3, party="王芳", corrections=(), coercion=False)
    gathering.turn.key                    "page.1"
    gathering.answer(Hand(…)); gathering.turn.key    "page.2"
    gathering.feet, gathering.party_answer           what ``Issuing.issue`` takes

Turns follow from the kind's data (``signatories``): pages first, initials to corrections, the
party, an attestor where one stands in, then each officer. Nothing here is on record. What is
signed page by page takes long, so it can be kept (``kept``) and taken up again after a kill: the
text is fixed, every hand is over its root, and an hour says when each was written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import msgspec

from field_client.flow.desk import Desk
from field_client.flow.signatories import Asks, Attest, Pages, Side, asked_now, attest
from field_client.names import bracketed
from field_client.party_answers import Absence, Answer, Elsewhere, Foot, Refusal
from field_client.preparing import Prepared
from field_client.store.evidence import Hand
from field_client.ui.presenters.common import Fix, RuleNote
from field_client.ui.presenters.sign import Correction, Turn
from protocol.vocabulary import Role

ON_PROOF = "签收见送达回证"
KEPT = "kept"  # the answer that a waiting signing is kept under


class Kept(msgspec.Struct, frozen=True):
    """One answer as it waits in the vault; one of the three is there."""

    hand: Hand | None = None
    refusal: Refusal | None = None
    absence: Absence | None = None


class KeptSigning(msgspec.Struct, frozen=True):
    """A signing that was interrupted."""

    prepared: Prepared
    pages: int
    party: str
    role: Role
    explained: bool
    under: str
    corrections: tuple[tuple[int, str, str], ...]
    answers: dict[str, Kept]
    coercion: bool = False
    authority: str = ""
    attestor_name: str = ""
    attestor_unit: str = ""
    unattested: bool = False


@dataclass
class Gathering:
    """The answers so far, by the key of their turn. ``role`` is who signs for the party."""

    prepared: Prepared
    pages: int
    party: str
    corrections: tuple[Correction, ...] = ()
    coercion: bool = False
    role: Role = Role.PARTY
    authority: str = ""
    attestor_name: str = ""
    attestor_unit: str = ""
    explained: bool = False
    under: str = ""  # the sentence over the party's hand
    answers: dict[str, Answer] = field(default_factory=dict)
    unattested: bool = False  # nobody was there to attest, and nobody had to be

    @property
    def asks_party(self) -> bool:
        """Whether the party's side signs this document at all."""
        return self.asked.party is not Side.ELSEWHERE

    @property
    def asked(self) -> Asks:
        """The hands that this document asks for now."""
        return asked_now(self.prepared.kind, sealed=bool(self.prepared.seal))

    @property
    def wanted(self) -> Attest:
        """Whether somebody attests, by what the party's side answered."""
        answer = self.answers.get("party")
        if not isinstance(answer, Refusal | Absence):
            return Attest.NEVER
        absent = isinstance(answer, Absence)
        return attest(self.prepared.kind, absent=absent, coercion=self.coercion)

    @property
    def turn(self) -> Turn | None:
        """Who is next before the officers; None when it is theirs."""
        return next((Turn.of(key) for key in self._turns() if key not in self.answers), None)

    def _turns(self) -> Iterator[str]:
        if not self.asks_party:
            return
        signed = {Pages.NONE: 0, Pages.BUT_LAST: self.pages - 1, Pages.ALL: self.pages}
        for page in range(1, signed[self.asked.pages] + 1):
            yield f"page.{page}"
            for at, one in enumerate(self.corrections):
                if one.page == page:
                    yield f"initials.{at}"
        yield "party"
        must = self.wanted is Attest.MUST
        if must or (self.wanted is Attest.MAY and not self.unattested):
            yield "attestor"

    def count(self) -> tuple[int, int]:
        """How many of the party's turns are done, and of how many."""
        keys = list(self._turns())
        return sum(key in self.answers for key in keys), len(keys)

    def correction(self, turn: Turn) -> Correction | None:
        """What the initials of this turn are for."""
        if turn.whose != "initials":
            return None
        return self.corrections[int(turn.key.partition(".")[2])]

    def answer(self, answer: Answer) -> None:
        """The answer of whose turn it is."""
        turn = self.turn
        if turn is not None:
            self.answers[turn.key] = answer

    def refuse_rest(self, answer: Refusal | Absence) -> None:
        """Who does not sign this page signs none that follows: one reason stands for all."""
        for key in list(self._turns()):
            if key != "attestor" and key not in self.answers:
                self.answers[key] = answer

    @property
    def feet(self) -> list[Foot]:
        """The pages' hands and the initials, in the order of the pages."""
        found = []
        for key in self._turns():
            turn, answer = Turn.of(key), self.answers.get(key)
            if answer is None or turn.whose not in ("page", "initials"):
                continue
            corrected = self.correction(turn)
            if corrected is None:
                found.append(Foot(turn.page, answer))
            else:
                at = int(key.partition(".")[2])
                found.append(Foot(corrected.page, answer, at))
        return found

    @property
    def party_answer(self) -> Answer:
        """The party's answer, with who attests to it."""
        if not self.asks_party:
            return Elsewhere(ON_PROOF)
        answer, attestor = self.answers["party"], self.answers.get("attestor")
        if isinstance(answer, Refusal | Absence) and isinstance(attestor, Hand):
            return replace(answer, attestor=attestor)
        return answer

    # ── across a kill ────────────────────────────────────────────────────────────────────

    def kept(self) -> str:
        """What waits in the vault."""
        return msgspec.json.encode(
            KeptSigning(
                prepared=self.prepared,
                pages=self.pages,
                party=self.party,
                role=self.role,
                explained=self.explained,
                under=self.under,
                corrections=tuple((one.page, one.was, one.now) for one in self.corrections),
                answers={key: _keep(one) for key, one in self.answers.items()},
                coercion=self.coercion,
                authority=self.authority,
                attestor_name=self.attestor_name,
                attestor_unit=self.attestor_unit,
                unattested=self.unattested,
            )
        ).decode()


def taken_up(text: str) -> Gathering:
    """A signing that was interrupted. Raises msgspec.MsgspecError for one of another program."""
    kept = msgspec.json.decode(text, type=KeptSigning)
    answers: dict[str, Answer] = {}
    for key, one in kept.answers.items():
        answer = one.hand or one.refusal or one.absence
        if answer is not None:
            answers[key] = answer
    return Gathering(
        kept.prepared,
        kept.pages,
        kept.party,
        corrections=tuple(Correction(*one) for one in kept.corrections),
        role=kept.role,
        explained=kept.explained,
        under=kept.under,
        answers=answers,
        coercion=kept.coercion,
        authority=kept.authority,
        attestor_name=kept.attestor_name,
        attestor_unit=kept.attestor_unit,
        unattested=kept.unattested,
    )


def waiting(text: str) -> str:
    """What waits, if there is a hand or a refusal in it; else nothing worth a word."""
    try:
        return text if text and taken_up(text).answers else ""
    except msgspec.MsgspecError:  # of another version of the program
        return ""


def interrupted(desk: Desk, screen: str) -> RuleNote:
    """Hands wait for this very text; ``screen`` asks for the one or the other."""
    return RuleNote(
        "warn",
        desk._("The signing was interrupted"),
        desk._(
            "The pages that were signed are kept for this very text. Go on signing; if "
            "you change the text, they are thrown away."
        ),
        fixes=(
            Fix(f"{screen}.resume", desk._("Go on signing")),
            Fix(f"{screen}.discard", desk._("Throw the signatures away")),
        ),
    )


def _keep(answer: Answer) -> Kept:
    if isinstance(answer, Hand):
        return Kept(hand=answer)
    if isinstance(answer, Refusal):
        return Kept(refusal=answer)
    return Kept(absence=answer if isinstance(answer, Absence) else None)


def named(parts: Sequence[str]) -> str:
    """王芳（青石镇河西社区居委会）: a name, and what it stands for."""
    name, *more = (bracketed(part) for part in parts)
    rest = "，".join(part for part in more if part)
    if rest and name.endswith("）"):  # 王芳（店员） and of which unit: one pair of brackets
        return f"{name.removesuffix('）')}，{rest}）"
    return f"{name}（{rest}）" if rest else name

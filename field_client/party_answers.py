"""How somebody answers a text that was read out: signs, refuses, or is not there.

Hand(…)                                       signed by hand
Refusal(Role.PARTY, "称没有时间")               present and does not sign; the reason as given
Absence(Role.PARTY, "店内无人", attestor=Hand(…))  nobody there; somebody attests to it
Elsewhere("签收见送达回证")                       this document bears no hand of the party's
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from field_client.documents import Signer, ink_svg, party_signed
from field_client.documents.values import moment
from field_client.store.evidence import Gathered, Hand
from protocol.statements import PartyAct, SignAbsent, Signed, SignRefused
from protocol.vocabulary import Role


@dataclass(frozen=True)
class Refusal:
    """The party is present and does not sign; the reason is written down as given. Somebody who
    saw it may attest to it (CPL 89; EVID 15)."""

    role: Role
    reason: str
    attestor: Hand | None = None


@dataclass(frozen=True)
class Absence:
    """Nobody is there to sign; an attestor's hand stands in where the law asks for it."""

    role: Role
    reason: str
    attestor: Hand | None = None


@dataclass(frozen=True)
class Elsewhere:
    """Nobody of the party's side signs this document; ``reason`` says where it does."""

    reason: str


Answer = Hand | Refusal | Absence | Elsewhere


@dataclass(frozen=True)
class Foot:
    """The answer at the foot of one page, counted from 1; ``correction``: the initials to the
    correction of that number instead, counted from 0 (interviews)."""

    page: int
    answer: Answer
    correction: int = -1


def answered(answer: Answer, over: bytes, gathered: Gathered) -> PartyAct:
    """The answer to the text with the hash ``over``, as statements hold it (APL 52; ACL 18)."""
    if isinstance(answer, Hand):
        return gathered.sign(answer, over)
    at = gathered.locker.clock.wall_ms()
    if isinstance(answer, Elsewhere):
        return SignAbsent(role=Role.PARTY, reason=answer.reason, over=over.hex(), at=at)
    kind = SignRefused if isinstance(answer, Refusal) else SignAbsent
    attestor = gathered.sign(answer.attestor, over) if answer.attestor else None
    return kind(role=answer.role, reason=answer.reason, over=over.hex(), at=at, attestor=attestor)


def printed(answer: Answer, act: PartyAct) -> list[Signer]:
    """The lines under a document for the party's side: its hand or the note, and who attests."""
    if isinstance(answer, Elsewhere):
        return []
    if isinstance(answer, Hand):
        line = party_signed(act, ink_svg(answer.strokes))
        named = answer.signer if answer.role is Role.AGENT else ""
        return [replace(line, detail=named, alt=f"{answer.signer}的手写签名")]
    lines = [party_signed(act)]
    if answer.attestor is not None and not isinstance(act, Signed) and act.attestor is not None:
        lines.append(attested(answer.attestor, act.attestor.at))
    return lines


def printed_foot(foot: Foot) -> Signer:
    """What stands at the foot of a page, or beside a correction: the hand, or why there is none."""
    if isinstance(foot.answer, Hand):
        hand = foot.answer
        return Signer(label=hand.role.zh, svg=ink_svg(hand.strokes), alt=f"{hand.signer}的手写签名")
    return Signer(label="", note=f"拒绝签名：{foot.answer.reason}")


def attested(hand: Hand, at: int) -> Signer:
    """The line of who attests: hand, name, unit or address."""
    return Signer(
        label=f"{Role.ATTESTOR.zh}签名",
        detail=hand.signer,
        day=moment(at),
        svg=ink_svg(hand.strokes),
        alt=f"{hand.signer}的手写签名",
    )

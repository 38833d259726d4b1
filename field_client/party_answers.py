"""How somebody answers a text that was read out: signs, refuses, or is not there.

Hand(…)                                       signed by hand
Refusal(Role.PARTY, "称没有时间")               present and does not sign; the reason as given
Absence(Role.PARTY, "店内无人", attestor=Hand(…))  nobody there; somebody attests to it
"""

from __future__ import annotations

from dataclasses import dataclass

from field_client.store.evidence import Gathered, Hand
from protocol.statements import PartyAct, SignAbsent, SignRefused
from protocol.vocabulary import Role


@dataclass(frozen=True)
class Refusal:
    """The party is present and does not sign; the reason is written down as given."""

    role: Role
    reason: str


@dataclass(frozen=True)
class Absence:
    """Nobody is there to sign; an attestor's hand stands in where the law asks for it."""

    role: Role
    reason: str
    attestor: Hand | None = None


Answer = Hand | Refusal | Absence


def answered(answer: Answer, over: bytes, gathered: Gathered) -> PartyAct:
    """The answer to the text with the hash ``over``, as statements hold it (APL 52; ACL 18)."""
    if isinstance(answer, Hand):
        return gathered.sign(answer, over)
    at = gathered.locker.clock.wall_ms()
    if isinstance(answer, Refusal):
        return SignRefused(role=answer.role, reason=answer.reason, over=over.hex(), at=at)
    attestor = gathered.sign(answer.attestor, over) if answer.attestor else None
    return SignAbsent(
        role=answer.role, reason=answer.reason, over=over.hex(), at=at, attestor=attestor
    )

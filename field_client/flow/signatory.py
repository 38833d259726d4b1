"""Who of the party's side answers what is no document: itself, who is in charge on site, an agent.

    who = Signatory(desk)              whoever was shown the cards, or the agent who signed last
    who.sign_as("agent"); who.edit("signer", "李律(律师)"); who.edit("authority", "授权委托书")
    who.hand(handwriting)              Hand("李律（律师，授权委托书）", Role.AGENT, …)

An agent acts by an authority in writing, which stands beside the name.
"""

from __future__ import annotations

from field_client.flow.agents import acts_now, agent_of
from field_client.flow.desk import Desk
from field_client.flow.gathering import named
from field_client.flow.refusing import itself, met
from field_client.flow.signatories import SIGNERS
from field_client.store.evidence import Hand
from field_client.ui.handwriting import Handwriting
from field_client.ui.presenters.common import Choice
from field_client.ui.presenters.sign import Signing
from protocol.vocabulary import Role


class Signatory:
    """Who signs, as it is chosen on the screen."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._name, self.role = met(desk)
        self._met, self._agent, self._authority = (self._name, self.role), "", ""
        agent = agent_of(desk)
        if agent is not None:
            self._agent, self._authority = agent.name, agent.authority
            self.role = Role.AGENT if acts_now(desk) is not None else self.role

    def sign_as(self, role: str) -> None:
        """Somebody else signs for the party's side."""
        self.role = Role(role)
        party = self._desk.case.opening.party
        name, as_what = self._met
        self._name = name if self.role is as_what else itself(party, name)

    def edit(self, key: str, value: str) -> None:
        """The agent's ``signer`` and ``authority``."""
        if key == "signer":
            self._agent = value
        elif key == "authority":
            self._authority = value

    @property
    def name(self) -> str:
        """Whose hand is waited for."""
        return self._agent.strip() if self.role is Role.AGENT else self._name

    @property
    def whole(self) -> bool:
        """Whether it is said who signs, and by which authority an agent does."""
        return self.role is not Role.AGENT or bool(self._agent.strip() and self._authority.strip())

    def hand(self, hand: Handwriting) -> Hand:
        """What was written, by whom."""
        name = named((self._agent, self._authority)) if self.role is Role.AGENT else self._name
        return Hand(name, self.role, hand.strokes, hand.aspect)

    @property
    def _roles(self) -> list[Role]:
        """As whom somebody can sign by a name that is known: who is in charge on site is known
        where the cards were shown to him; no hand of his stands by the representative's name."""
        nobody = Role.SITE_MANAGER if self._met[1] is Role.PARTY else None
        return [one for one in SIGNERS if one is not nobody]

    def view(self) -> Signing:
        """What the screen shows of it."""
        language = self._desk.language
        return Signing(
            tuple(Choice(one.value, one.heading(language)) for one in self._roles),
            self.role.value,
            self._agent,
            self._authority,
            self.whole,
        )

"""An agent who has signed in the case, whom no officer types again: 委托代理人 with his authority.

    agent_of(desk)       Agent("李律（律师）", "2026年7月6日授权委托书"), or None
    acts_now(desk)       the same, where nobody else has answered or been met since

Who he is stands in the text of his hand, which this tablet holds; where it does not, nobody is
proposed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec

from field_client.flow.desk import Desk
from field_client.names import name_of, post_of
from field_client.store.evidence import HandwritingBlob
from protocol.document import AnyRecord
from protocol.statements import BlobRef, IdentityShown, Signed
from protocol.vocabulary import Role

_HANDS = ("party_act", "received", "act")
"""The fields of statements in which the hand of the party's side stands."""


@dataclass(frozen=True)
class Agent:
    """His name, with what he is where that was said, and the authority in writing."""

    name: str
    authority: str


def agent_of(desk: Desk) -> Agent | None:
    """The agent who signed last."""
    found = next((one for one in _hands(desk) if one.role is Role.AGENT), None)
    return _read(desk, found.handwriting) if found is not None else None


def acts_now(desk: Desk) -> Agent | None:
    """The agent, where he signed last of the party's side and nobody was met since whom the
    officers had not met by then."""
    since: set[str] = set()
    records = desk.case.state.records
    for place in range(len(records) - 1, -1, -1):
        hand = _hand(records[place].statement)
        if hand is None:
            since |= _met(records[place : place + 1])
            continue
        agent = _read(desk, hand.handwriting) if hand.role is Role.AGENT else None
        known = _met(records[:place]) | ({name_of(agent.name)} if agent else set())
        return agent if since <= known else None
    return None


def _met(records: Sequence[AnyRecord]) -> set[str]:
    """The names of those to whom cards were shown."""
    shown = (one.statement for one in records)
    return {name_of(one.to_whom) for one in shown if isinstance(one, IdentityShown)}


def _hands(desk: Desk) -> Iterator[Signed]:
    for one in reversed(desk.case.state.records):
        hand = _hand(one.statement)
        if hand is not None:
            yield hand


def _hand(said: object) -> Signed | None:
    for name in _HANDS:
        act = getattr(said, name, None)
        if isinstance(act, Signed):
            return act
    return None


def _read(desk: Desk, blob: BlobRef) -> Agent | None:
    """Read anew each time: no name outlasts the lock of the tablet."""
    data = desk.open_tablet.office.locker.read(blob)
    if data is None:
        return None
    try:
        signer = msgspec.json.decode(data, type=HandwritingBlob).signer
    except msgspec.MsgspecError:
        return None
    name, beside = name_of(signer), post_of(signer)
    what, _, authority = beside.rpartition("，")
    return Agent(f"{name}（{what}）" if what else name, authority)

"""Who answered for which finding: open, explained, settled.

    states = folded([Answer(finding=…, state=FindingState.EXPLAINED, by="方砚秋", …), …])
    states[finding.id].state

The last word counts. To settle is for those who supervise: what the agency says of itself can
explain, and open again, no more (X-6.4d).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from protocol.vocabulary import FindingState, StaffRole


@dataclass(frozen=True)
class Answer:
    """One answer: to which finding (hex), by whom, when (ms), in which record (hex) and at which
    place of the log."""

    finding: str
    state: FindingState
    note: str
    by: str
    role: StaffRole
    at: int
    record: str
    index: int


def may_say(role: StaffRole, state: FindingState) -> bool:
    """Whether somebody of this role may bring a finding into this state."""
    if state is FindingState.SETTLED:
        return role is StaffRole.SUPERVISOR
    return role in (StaffRole.SUPERVISOR, StaffRole.AGENCY_HEAD, StaffRole.REGISTRAR)


def folded(answers: Iterable[Answer]) -> dict[str, tuple[Answer, ...]]:
    """The answers to each finding in the order of the log, of those who may give them."""
    found: dict[str, tuple[Answer, ...]] = {}
    for one in sorted(answers, key=lambda answer: answer.index):
        if may_say(one.role, one.state):
            found[one.finding] = (*found.get(one.finding, ()), one)
    return found


def state_of(answers: tuple[Answer, ...]) -> FindingState:
    """What the last one says; open where there is none."""
    return answers[-1].state if answers else FindingState.OPEN

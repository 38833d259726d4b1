"""Whether a case is whole as a process: which steps, notices, recordings and signatures the law
asks of it, and which of them are on record.

    made = completeness(state, reference)      None where nothing was opened
    made.complete, [one.key for one in made.asked if not one.done]
    rates(cases)["AV-1"]                       (4, 5): held in four of the five that it was asked of

Asked are the steps of the inspection that its own course requires (``rules/steps.py``), and the
rules of ``ASKED``, each only where a record of the case made it ask. A warning that the officers
went on against with a signed reason counts as answered, and the report counts it by itself.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from protocol.case import CaseState
from protocol.reference import Reference
from protocol.rules import RULES, Level, retold, steps

ASKED = (
    "ID-1", "ID-2", "ID-4", "IN-1",
    "RT-1", "RT-2", "RT-3",
    "OS-2", "OS-3", "HR-1", "HR-2", "LR-2", "LR-6",
    "DL-3", "DL-4", "CM-1", "CM-2",
    "SG-1", "SG-2", "SG-3", "SG-4",
    "AV-1", "AV-2", "AV-3",
)  # fmt: skip
"""Rules about what there has to be; those about how much and what for are judged elsewhere."""


@dataclass(frozen=True)
class Required:
    """One thing that is asked of a case: a step's key or a rule's id, its words and clause, and
    what is the matter where it is not ``done``."""

    key: str
    zh: str
    en: str
    clause: str
    clause_en: str
    done: bool
    lacking_zh: str = ""
    lacking_en: str = ""


@dataclass(frozen=True)
class Completeness:
    """One case: ``officers`` are certificate numbers, ``unit`` is the first one's; ``closed_at``
    is None while the inspection goes on, when steps may still be to come."""

    case: str
    number: str
    party: str
    unit: str
    officers: tuple[str, ...]
    opened_at: int
    closed_at: int | None
    asked: tuple[Required, ...]

    @property
    def complete(self) -> bool:
        """Whether all that is asked is there."""
        return all(one.done for one in self.asked)

    @property
    def lacking(self) -> tuple[Required, ...]:
        """What is asked and not there."""
        return tuple(one for one in self.asked if not one.done)


def completeness(
    state: CaseState, reference: Reference, persons: Mapping[bytes, str] | None = None
) -> Completeness | None:
    """What one case has of what is asked of it; None where its opening is not here."""
    if state.opened_by is None:
        return None
    opening = state.opened_by.statement
    officer = reference.officer(state.officers[0]) if state.officers else None
    return Completeness(
        case=state.case,
        number=opening.number,
        party=opening.party.name,
        unit=officer.unit if officer else "",
        officers=state.officers,
        opened_at=opening.at,
        closed_at=state.closed.statement.at if state.closed else None,
        asked=(*_steps(state, reference), *_rules(state, reference, persons)),
    )


def rates(cases: Iterable[Completeness]) -> dict[str, tuple[int, int]]:
    """For each thing that was asked: in how many of the closed cases it was there, of how many
    that it was asked of."""
    found: dict[str, tuple[int, int]] = {}
    for case in cases:
        for one in case.asked if case.closed_at is not None else ():
            good, all_ = found.get(one.key, (0, 0))
            found[one.key] = (good + one.done, all_ + 1)
    return dict(sorted(found.items()))


def _steps(state: CaseState, reference: Reference) -> Iterable[Required]:
    for step in steps(state, reference, reference.issued_at):
        if step.required:
            yield Required(
                f"step.{step.key}",
                step.zh,
                step.en,
                step.clause,
                step.clause_en,
                step.done,
                "" if step.done else "没有记录",
                "" if step.done else "not on record",
            )


def _rules(
    state: CaseState, reference: Reference, persons: Mapping[bytes, str] | None
) -> Iterable[Required]:
    said = [one for _, one in retold(state, reference, persons)]
    for name in ASKED:
        judged = [one for one in said if one.rule.id == name]
        if not judged:
            continue
        bad = next((one for one in judged if one.level in (Level.BLOCK, Level.WARN)), None)
        rule = RULES[name]
        yield Required(
            name,
            rule.zh,
            rule.en,
            rule.source,
            rule.source_en,
            bad is None,
            bad.zh if bad else "",
            bad.en if bad else "",
        )

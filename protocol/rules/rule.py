"""What a rule is, what it answers, and what it is asked about."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from protocol.case import CaseState, Record
from protocol.redaction import Content
from protocol.reference import Reference
from protocol.statements import (
    ApprovalGiven,
    CaseOpened,
    HandedOver,
    InspectionOpened,
    Party,
    Statement,
    TaskAssigned,
)
from protocol.vocabulary import ApprovalSubject


class Level(StrEnum):
    """How a rule answers: it holds, it may be gone against with a reason, it stops the act, or
    it only takes note."""

    PASS = "pass"
    WARN = "warn"
    BLOCK = "block"
    RECORD = "record"

    @property
    def zh(self) -> str:
        """The level as the screens name it."""
        return {"pass": "通过", "warn": "提示", "block": "阻止", "record": "记录"}[self.value]

    @property
    def en(self) -> str:
        """The level in English."""
        return self.value


@dataclass(frozen=True)
class Rule:
    """A rule of the handbook: its id, its title, the clause behind it (``source``) and what
    happens when it does not hold (``action``). An ``overridable`` one that warns asks for a
    reason, which the officers sign (``overrides.py``); a block is never gone against."""

    id: str
    zh: str
    en: str
    source: str
    source_en: str
    action: Level
    overridable: bool = False


@dataclass(frozen=True)
class Judgement:
    """What one rule says of one statement: what happened, then what to do, in two languages.

    ``fix`` names the way out that a screen can offer (``lower_fine``, ``show_cards``, …), None
    where there is none.
    """

    rule: Rule
    level: Level
    zh: str
    en: str
    fix: str | None = None

    @property
    def clause(self) -> str:
        """The clause, as it is cited in Chinese."""
        return self.rule.source


@dataclass(frozen=True)
class Question:
    """One statement to judge, and all that a rule may look at.

    ``state`` is the case before the statement, None outside cases. ``signers`` are the key ids
    that signed it and ``persons`` says whose they are; both None while nobody has signed.
    ``content`` is a document's text and ``stored`` the hashes (hex) of the blobs that are
    durable, each None where they are not at hand. ``draft``: signatures are still to come.
    ``task`` is the task that an inspection is opened with, where it is at hand.
    """

    proposed: Statement
    state: CaseState | None
    reference: Reference
    now: int
    signers: tuple[bytes, ...] | None = None
    persons: Mapping[bytes, str] | None = None
    content: Content | None = None
    stored: Collection[str] | None = None
    draft: bool = False
    task: TaskAssigned | None = None

    @property
    def officers(self) -> tuple[str, ...]:
        """Certificate numbers of the officers of the inspection, each once: those whom the
        statement itself names, where it names them."""
        if isinstance(self.proposed, InspectionOpened | HandedOver):
            return tuple(dict.fromkeys(self.proposed.officers))
        return self.state.officers if self.state else ()

    @property
    def opening(self) -> InspectionOpened | None:
        """The inspection that the statement opens or belongs to."""
        if isinstance(self.proposed, InspectionOpened):
            return self.proposed
        found = self.state.opening if self.state else None
        return found.statement if found else None

    @property
    def party(self) -> Party | None:
        """The party of the inspection, or of the case that was opened without one."""
        if isinstance(self.proposed, InspectionOpened | CaseOpened):
            return self.proposed.party
        begun = self.state.opened_by if self.state else None
        return begun.statement.party if begun else None

    def name(self, cert_no: str) -> str:
        """An officer's name, or the certificate number where the roster has none."""
        found = self.reference.officer(cert_no)
        return found.name if found else cert_no

    @property
    def recused(self) -> frozenset[str]:
        """Certificate numbers of the officers whom the head told to step back (APL 43)."""
        if self.state is None:
            return frozenset()
        said = self.state.decided(ApprovalSubject.RECUSAL)
        return frozenset(
            cert_no
            for one in self.state.recusals
            if said.get(one.id)
            for cert_no in one.statement.officers
        )

    def granted(self, *subjects: ApprovalSubject) -> Record[ApprovalGiven] | None:
        """The head's last approval of one of these subjects in this case, if that is a grant."""
        said = [
            one
            for one in (self.state.approvals if self.state else ())
            if one.statement.subject in subjects
        ]
        return said[-1] if said and said[-1].statement.granted else None

    def allowed(self, record: str | None, subject: ApprovalSubject) -> bool:
        """Whether the head granted this subject: in the record (hex) that is named, where one is
        named, else in the last word on it."""
        if record is None:
            return self.granted(subject) is not None
        return any(
            one.id == record and one.statement.granted and one.statement.subject is subject
            for one in (self.state.approvals if self.state else ())
        )


Check = Callable[[Question], Judgement | None]


def holds(rule: Rule, zh: str, en: str) -> Judgement:
    """The rule holds."""
    return Judgement(rule, Level.PASS, zh, en)


def fails(rule: Rule, zh: str, en: str, fix: str | None = None) -> Judgement:
    """The rule does not hold: it acts as the handbook says."""
    return Judgement(rule, rule.action, zh, en, fix)

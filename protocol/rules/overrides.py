"""A warning gone against: the officers say why, sign it, and it is judged as noted from then on.

    subject_of(decision)                  "document_issued:penalty_decision"
    judge(decision, …, reasons={"RT-3": "…"})      RT-3 answers *record*, with the reason

A reason is a record of its own (``RuleOverridden``), whose ``concerning`` names the act by its
subject. It counts for the next act of that subject and no other; that of an inspection's opening
follows the opening, since there is no case before it. Only a rule that says so can be gone
against, and never a block.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from protocol.case import AnyRecord, CaseState
from protocol.rules.rule import Judgement, Level
from protocol.statements import (
    DocumentIssued,
    DocumentServed,
    RuleOverridden,
    Statement,
    Unknown,
    kind_of,
)


def subject_of(statement: Statement | Unknown) -> str:
    """What an override names as the act that it is about."""
    if isinstance(statement, DocumentIssued):
        return f"{kind_of(statement)}:{statement.document}"
    if isinstance(statement, DocumentServed):
        return f"{kind_of(statement)}:{statement.issued}"
    return kind_of(statement)


def asks_reason(judgement: Judgement) -> bool:
    """Whether the act goes on only with a signed reason."""
    return judgement.level is Level.WARN and judgement.rule.overridable


def reasons_in(state: CaseState | None, statement: Statement) -> dict[str, str]:
    """By rule, the reasons on record that count for ``statement``, which is yet to come."""
    return _reasons(state.records if state else (), subject_of(statement))


def reasons_after(records: Iterable[AnyRecord], statement: Statement) -> dict[str, str]:
    """By rule, the reasons that follow an opening, up to the first other act."""
    subject, found = subject_of(statement), {}
    for one in records:
        if not isinstance(one.statement, RuleOverridden):
            break
        if one.statement.concerning == subject:
            found[one.statement.rule] = one.statement.reason
    return found


def noted(judgement: Judgement, reasons: Mapping[str, str]) -> Judgement:
    """The judgement, as a note where its warning has a reason."""
    reason = reasons.get(judgement.rule.id, "").strip()
    if not reason or not asks_reason(judgement):
        return judgement
    return replace(
        judgement,
        level=Level.RECORD,
        zh=f"{judgement.rule.zh}：已说明理由后继续：{reason}",
        en=f"{judgement.rule.en}: went on, with the reason: {reason}",
        fix=None,
    )


def _reasons(records: Sequence[AnyRecord], subject: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in reversed(records):  # a long case is not read further back than its last such act
        said = one.statement
        if isinstance(said, RuleOverridden):
            if said.concerning == subject:
                found.setdefault(said.rule, said.reason)
        elif subject_of(said) == subject:
            break
    return found

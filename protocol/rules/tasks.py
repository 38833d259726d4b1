"""What an inspection is opened with: a task that fits, how often the party was inspected, and
one notice, which bears the inspection's number."""

from protocol.calendar import local_day
from protocol.rules.rule import Judgement, Level, Question, Rule, fails, holds
from protocol.statements import DocumentIssued, InspectionOpened
from protocol.vocabulary import DocumentKind

IN_2 = Rule(
    "IN-2",
    "未超过年度检查频次上限",
    "within the yearly cap of inspections",
    "国办发〔2024〕54号",
    "State Council Office 2024 No. 54",
    Level.WARN,
    overridable=True,
)
NB_1 = Rule(
    "NB-1",
    "一个文号只用于一件通知书",
    "one number, one notice",
    "文书编号规则",
    "numbering of documents",
    Level.WARN,
    overridable=True,
)


def within_yearly_cap(q: Question) -> Judgement | None:
    """IN-2: this inspection does not go above the party's cap for the year. A cap of 0 is none;
    a count of 1 with a cap of 2 is the second and passes, a count of 2 does not. The year is the
    county's; what a task of December counted says nothing of January."""
    assert isinstance(q.proposed, InspectionOpened)
    task = q.task
    if task is None or not task.yearly_cap:
        return None
    if local_day(task.at).year < local_day(q.proposed.at).year:
        return None  # the task's count is of another year
    times, cap = task.yearly_count + 1, task.yearly_cap
    if times > cap:
        return fails(
            IN_2,
            f"今年已对该企业检查 {task.yearly_count} 次，上限 {cap} 次。"
            "确有必要的，请写明理由后继续。",
            f"The party was inspected {task.yearly_count} times this year, the cap is {cap}. "
            "Where it is needed, say why and go on.",
            "override.IN-2",
        )
    return holds(
        IN_2,
        f"今年第 {times} 次检查，上限 {cap} 次。",
        f"Inspection no. {times} of this year, the cap is {cap}.",
    )


def one_notice(q: Question) -> Judgement | None:
    """NB-1: the notice of an inspection takes its number from the inspection, so a second one of
    the same inspection bears it again. No clause forbids it: it takes a reason on record."""
    proposed = q.proposed
    assert isinstance(proposed, DocumentIssued)
    if proposed.document is not DocumentKind.INSPECTION_NOTICE or q.state is None:
        return None
    issued = [one.issued.statement for one in q.state.documents]
    if not any(
        (one.document, one.number) == (proposed.document, proposed.number) for one in issued
    ):
        return None
    return fails(
        NB_1,
        f"本次检查已有一件通知书，文号也是{proposed.number}。确需再出一件的，请写明理由后继续。",
        f"There is a notice of this inspection, {proposed.number} like this one. Where another is "
        "needed, say why and go on.",
        "override.NB-1",
    )

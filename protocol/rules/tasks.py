"""What an inspection is opened with: a task that fits, and how often the party was inspected."""

from protocol.rules.rule import Judgement, Level, Question, Rule, fails, holds
from protocol.statements import InspectionOpened

IN_2 = Rule(
    "IN-2",
    "未超过年度检查频次上限",
    "within the yearly cap of inspections",
    "国办发〔2024〕54号",
    "State Council Office 2024 No. 54",
    Level.WARN,
    overridable=True,
)


def within_yearly_cap(q: Question) -> Judgement | None:
    """IN-2: this inspection does not go above the party's cap for the year. A cap of 0 is none;
    a count of 1 with a cap of 2 is the second and passes, a count of 2 does not."""
    assert isinstance(q.proposed, InspectionOpened)
    task = q.task
    if task is None or not task.yearly_cap:
        return None
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

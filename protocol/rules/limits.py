"""Whom the law spares: children, and acts of long ago."""

from datetime import date

from protocol.calendar import local_day
from protocol.rules.rule import Judgement, Level, Question, Rule, fails, holds
from protocol.statements import (
    CaseOpened,
    DisclosurePublished,
    DocumentIssued,
    Party,
    WithholdingLifted,
)
from protocol.vocabulary import ActKind, PartyClass

MI_1 = Rule(
    "MI-1",
    "未成年人不予、从轻或者减轻处罚",
    "minors are spared, or punished lighter",
    "《行政处罚法》第三十条",
    "APL 30",
    Level.BLOCK,
)
LM_1 = Rule(
    "LM-1",
    "违法行为在追责时效内",
    "the act within its limit of time",
    "《行政处罚法》第三十六条",
    "APL 36",
    Level.WARN,
    overridable=True,
)

CHILD, ADULT = 14, 18
LIMIT_YEARS = 2
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def spares_minors(q: Question) -> Judgement | None:
    """MI-1: nobody under 14 is punished, whoever is under 18 is punished lighter, and neither is
    ever published. The age follows from the identity number, where there is one."""
    proposed = q.proposed
    if isinstance(proposed, DocumentIssued) and (
        proposed.decision is None or proposed.decision.act is not ActKind.PENALTY
    ):
        return None
    age = age_on(q.party, _day_of_act(q))
    if age is None or age >= ADULT:
        return None
    if isinstance(proposed, DisclosurePublished | WithholdingLifted):
        return fails(
            MI_1,
            "当事人未满十八周岁，不得公开身份。请不予公示。",
            "The party is under 18, so its identity is never public. Do not publish.",
            "do_not_publish",
        )
    if isinstance(proposed, DocumentIssued) and age < CHILD:
        return fails(
            MI_1,
            f"当事人{age}周岁，未满十四周岁，不予行政处罚。请责令监护人加以管教。",
            f"The party is {age}, under 14, and is not punished. Charge the guardian with it.",
            "choose_outcome",
        )
    return Judgement(
        MI_1,
        Level.RECORD,
        f"当事人{age}周岁，未满十八周岁。应当从轻、减轻或者不予处罚，询问时通知监护人到场。",
        f"The party is {age}, under 18: punished lighter or not at all; call the guardian to an "
        "interview.",
    )


def _day_of_act(q: Question) -> date:
    """The day of the act where the opening of the case tells it, else the day of the statement."""
    day = local_day(q.proposed.at)
    opened = q.state.case_opening if q.state else None
    acted = opened.statement.acted_on if opened else None
    return min(day, date.fromisoformat(acted)) if acted else day


def within_limit(q: Question) -> Judgement | None:
    """LM-1: the case is opened within two years of the act; five where life, health or financial
    security were harmed, which the reason says."""
    opened = q.proposed
    assert isinstance(opened, CaseOpened)
    if opened.acted_on is None:
        return None
    acted = date.fromisoformat(opened.acted_on)
    if local_day(opened.at) > _years_after(acted, LIMIT_YEARS):
        return fails(
            LM_1,
            f"违法行为发生在{acted}，已超过二年。涉及生命健康安全、金融安全且有危害后果的为五年，"
            "请写明理由。",
            f"The act was on {acted}, more than two years ago. Where life, health or financial "
            "security were harmed it is five; say so.",
            "override.LM-1",
        )
    return holds(LM_1, "在追责时效内。", "Within its limit of time.")


def age_on(party: Party | None, day: date) -> int | None:
    """The age in years that a citizen's identity number tells (GB 11643); None without a good
    one."""
    if party is None or party.party_class is not PartyClass.CITIZEN:
        return None
    born = birthday(party.id_code)
    if born is None or born > day:
        return None
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def birthday(id_code: str) -> date | None:
    """The day of birth in an identity number whose check digit is right."""
    if len(id_code) != 18 or not (id_code[:17].isascii() and id_code[:17].isdigit()):
        return None
    total = sum(int(digit) * weight for digit, weight in zip(id_code, _WEIGHTS, strict=False))
    if "10X98765432"[total % 11] != id_code[17].upper():
        return None
    try:
        return date(int(id_code[6:10]), int(id_code[10:12]), int(id_code[12:14]))
    except ValueError:
        return None


def _years_after(day: date, years: int) -> date:
    if day.year + years > date.max.year:
        return date.max
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, month=3, day=1)

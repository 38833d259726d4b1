"""The card: shown before the first question, and again for what the law asks it for anew.

    again(state, reference, Step.SERVICE, ["NX-2023-0412"], at)     a warning, or None

Who investigates shows the card unasked, for an interview on another day too (APL 55); who takes a
coercive measure shows it for that measure (ACL 18); who takes evidence or serves a paper on another
day meets the party anew and shows it again (State Council Office 2018 No. 118). Without any showing
nothing is begun: that stops the act. The rest is a warning, since what was done stays done, and
says what to do first.

Not promised: that whoever is met on one day is one and the same person.
"""

from collections.abc import Collection
from dataclasses import replace

from protocol.calendar import day_en, day_zh, local_day
from protocol.case import CaseState
from protocol.reference import Reference
from protocol.rules.measures import COERCIVE
from protocol.rules.officers import signed_by
from protocol.rules.rule import Judgement, Level, Question, Rule, fails, holds
from protocol.rules.step import NextStep
from protocol.rules.wording import WORDS
from protocol.statements import (
    DocumentIssued,
    DocumentServed,
    IdentityShown,
    MeasureTaken,
    MediaCaptured,
    Statement,
)
from protocol.vocabulary import DocumentKind, ServiceMethod, Step

ID_4 = Rule(
    "ID-4",
    "主动出示执法证件",
    "certificates shown unasked",
    "《行政处罚法》第五十五条第一款",
    "APL 55",
    Level.BLOCK,
)
_FOR_MEASURE = replace(ID_4, source="《行政强制法》第十八条", source_en="ACL 18")
_ANEW = replace(ID_4, source="国办发〔2018〕118号", source_en="State Council Office 2018 No. 118")
_ACTS = {
    Step.EVIDENCE: ("取证", "take evidence"),
    Step.INTERVIEW: ("询问", "ask"),
    Step.SERVICE: ("送达", "serve"),
}

BEFORE = frozenset({Step.ARRIVAL, Step.IDENTITY})
"""What is recorded at these steps comes before the card, or shows it."""
FACE_TO_FACE = frozenset({ServiceMethod.PERSONAL, ServiceMethod.LEAVING})
"""Ways of service in which an officer stands before somebody."""


def cards_shown(q: Question) -> Judgement | None:
    """ID-4: before the first question or search each officer showed the card; for a coercive
    measure, and for an interview or evidence on another day, it is shown again."""
    if isinstance(q.proposed, MediaCaptured) and q.proposed.step in BEFORE:
        return None
    shown = q.state.cards_shown if q.state else frozenset()
    if isinstance(q.proposed, IdentityShown):
        return _showing(q, q.proposed, shown)
    waiting = [q.name(cert_no) for cert_no in q.officers if cert_no not in shown]
    if waiting or not shown:
        return _never(waiting)
    return _again(q) or holds(ID_4, "执法人员均已出示证件。", "All officers showed their cards.")


def cards_shown_again(q: Question) -> Judgement | None:
    """ID-4 of a service from hand to hand: whoever serves showed the card on that day."""
    served = q.proposed
    assert isinstance(served, DocumentServed)
    return _again(q) if served.method in FACE_TO_FACE else None


def never(state: CaseState, reference: Reference) -> Judgement | None:
    """The block while an officer of the inspection never showed the card; None once all did."""
    waiting = [one for one in state.officers if one not in state.cards_shown]
    if state.cards_shown and not waiting:
        return None
    return _never(_names(reference, waiting))


def again(
    state: CaseState, reference: Reference, step: Step, cert_nos: Collection[str], at: int
) -> Judgement | None:
    """The warning that these officers (certificate numbers) have to show the card anew for an act
    of this step at ``at`` (ms, as stated); None where it is on record."""
    waiting = _waiting(state, step, cert_nos, at)
    if not waiting:
        return None
    names = _names(reference, waiting)
    zh, en = "、".join(names), ", ".join(names)
    if step is Step.MEASURE:
        return Judgement(
            _FOR_MEASURE,
            Level.WARN,
            f"{zh}还没有为这次措施出示证件。请先出示，再采取措施。",
            f"{en} did not show the card for this measure. Show it, then take the measure.",
            "show_cards",
        )
    day, (act, act_en) = local_day(at), _ACTS.get(step, _ACTS[Step.EVIDENCE])
    return Judgement(
        ID_4 if step is Step.INTERVIEW else _ANEW,
        Level.WARN,
        f"{day_zh(day)}没有{zh}出示证件的记录。请先出示，再{act}。",
        f"No record says that {en} showed the card on {day_en(day)}. Show it, then {act_en}.",
        "show_cards",
    )


def anew(state: CaseState, now: int, left: Collection[NextStep]) -> list[NextStep]:
    """The step that comes first where an inspection goes on upon another day than the cards were
    shown on (``now``, ms), and something is ``left`` that the law asks for and officers meet the
    party for. A service asks at its own screen, once its way is chosen: nobody is met by post."""
    met = [one for one in left if one.required and not one.afterwards and _meets(one)]
    first = not state.officers or not state.cards_shown.issuperset(state.officers)
    if first or not met or not _waiting(state, Step.EVIDENCE, state.officers, now):
        return []
    words, at = WORDS["identity.again"], f"identity.{Step.EVIDENCE}"
    return [NextStep("identity.again", *words, done=False, required=True, at=at)]


def shown_for_measure(state: CaseState) -> bool:
    """Whether the cards were shown for the last coercive measure, or since then for the next."""
    had = seen = False
    for one in state.records:
        if isinstance(one.statement, IdentityShown):
            seen = seen or one.statement.step is Step.MEASURE
        elif _coercive(one.statement):
            had, seen = seen, False
    return had or seen


def _meets(step: NextStep) -> bool:
    """The end is written at a desk, the head asked for an approval from anywhere, and a paper may
    go by post."""
    return step.screen not in ("close", "approval", "service") and not step.screen.startswith(
        "serve."
    )


def _names(reference: Reference, cert_nos: Collection[str]) -> list[str]:
    found = [(reference.officer(cert_no), cert_no) for cert_no in cert_nos]
    return [officer.name if officer else cert_no for officer, cert_no in found]


def _never(names: list[str]) -> Judgement:
    return fails(
        ID_4,
        f"{'、'.join(names) or '执法人员'}还没有出示证件。请先亮证，再继续。",
        f"{', '.join(names) or 'The officers'} did not show the card yet. Show it first.",
        "show_cards",
    )


def _again(q: Question) -> Judgement | None:
    asked = _asked_anew(q.proposed)
    if asked is None or q.state is None:
        return None
    step, at = asked
    return again(q.state, q.reference, step, signed_by(q) or q.officers, at)


def _asked_anew(said: Statement) -> tuple[Step, int] | None:
    """As what, and when, an act asks for the card that was shown before. A recording is of the
    time at which it was made, whenever it was imported."""
    if isinstance(said, MeasureTaken):
        return (Step.MEASURE if _coercive(said) else Step.EVIDENCE), said.at
    if isinstance(said, MediaCaptured):
        step = Step.SERVICE if said.step is Step.SERVICE else Step.EVIDENCE
        return (step, said.began_at) if said.parent is None else None
    if isinstance(said, DocumentIssued):
        asking = said.document is DocumentKind.INTERVIEW_RECORD
        return (Step.INTERVIEW, said.at) if asking else None
    return (Step.SERVICE, said.at) if isinstance(said, DocumentServed) else None


def _waiting(state: CaseState, step: Step, cert_nos: Collection[str], at: int) -> list[str]:
    """Whose card has no showing that counts: of the day, or of a measure for itself, after the
    measure before it."""
    counted: set[str] = set()
    for one in reversed(state.records):
        said = one.statement
        if step is Step.MEASURE and _coercive(said):
            break
        if isinstance(said, IdentityShown) and _counts(said, step, at):
            counted |= {card.cert_no for card in said.cards}
    return [cert_no for cert_no in cert_nos if cert_no not in counted]


def _counts(shown: IdentityShown, step: Step, at: int) -> bool:
    if step is Step.MEASURE:
        return shown.step is Step.MEASURE
    return local_day(shown.at) == local_day(at)


def _coercive(said: object) -> bool:
    return isinstance(said, MeasureTaken) and said.measure in COERCIVE


def _showing(q: Question, proposed: IdentityShown, before: frozenset[str]) -> Judgement:
    shown = before | {card.cert_no for card in proposed.cards}
    strangers = [card.cert_no for card in proposed.cards if card.cert_no not in q.officers]
    if strangers or not proposed.cards or not proposed.to_whom.strip():
        return fails(
            ID_4,
            "出示证件的记录不完整。请写明本次检查的执法人员和出示的对象。",
            "The record of showing cards lacks whose cards they were or to whom they were shown.",
            "show_cards",
        )
    waiting = [q.name(cert_no) for cert_no in q.officers if cert_no not in shown]
    if waiting:
        names = "、".join(waiting)
        return Judgement(
            ID_4,
            Level.RECORD,
            f"还差{names}出示证件。",
            f"{names} still has to show the card.",
            "show_cards",
        )
    return holds(ID_4, "执法人员均已出示证件。", "All officers showed their cards.")

"""What the rules say of an act, as notes with ways out; why a warning is gone against.

    judged = Judged(desk, judgements, overrides)
    judged.notes        RuleNotes; a warning offers “go on, and say why”
    judged.blocks       how many stop the act
    judged.unanswered   warnings that still want a reason

The reasons go on record before the act, signed by the same officers (``rule_overridden``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from field_client.flow.desk import Desk
from field_client.ui.presenters.common import Ask, Fix, RuleNote
from protocol.rules import Judgement, Level
from protocol.rules.cards import again, never
from protocol.rules.overrides import asks_reason
from protocol.vocabulary import Step

OVERRIDE = "override."
# The way out that a rule names → the act of the timeline that is meant.
ACTS = {
    "notify_rights": "rights",
    "serve_decision": "service",
    "issue_decision": "decision",
    "hear_party": "statement",
    "complete_media": "evidence",
}


class Judged:
    """Judgements of one act in the officer's words."""

    def __init__(
        self, desk: Desk, judgements: Sequence[Judgement], overrides: Mapping[str, str]
    ) -> None:
        self._desk = desk
        self._all = [one for one in judgements if one.level in (Level.BLOCK, Level.WARN)]
        self._overrides = overrides

    @property
    def blocks(self) -> int:
        """How many rules stop the act."""
        return sum(one.level is Level.BLOCK for one in self._all)

    @property
    def unanswered(self) -> tuple[str, ...]:
        """Warnings that are gone against only with a reason, and have none yet."""
        return tuple(
            one.rule.id
            for one in self._all
            if wants_reason(one) and one.rule.id not in self._overrides
        )

    @property
    def notes(self) -> tuple[RuleNote, ...]:
        """All of them, those that stop the act first."""
        return tuple(self._note(one) for one in self._all)

    def _note(self, one: Judgement) -> RuleNote:
        desk, reason = self._desk, self._overrides.get(one.rule.id, "")
        title, _, text = desk.words(one.zh, one.en).partition("。" if desk.zh else ". ")
        if reason:
            text = desk._("You go on because: {why}").format(why=reason)
        return RuleNote(
            level="block" if one.level is Level.BLOCK else "warn",
            title=title,
            text=text,
            clause=desk.words(one.rule.source, one.rule.source_en),
            fixes=tuple(self._fixes(one, reason)),
        )

    def _fixes(self, one: Judgement, reason: str) -> list[Fix]:
        _ = self._desk._
        words = {
            "notify_rights": _("Tell rights and duties"),
            "serve_decision": _("Hand it over"),
            "issue_decision": _("Decide on the spot"),
            "hear_party": _("Hear the party"),
            "show_cards": _("Show the cards"),
            "sign_in_second": _("Second officer signs in"),
            "hand_over": _("Hand over the inspection"),
            "update_roster": _("Try now"),
            "mark_urgent": _("It is urgent"),
            "complete_media": _("To the camera"),
            "ask_approval": _("Ask for approval"),
        }
        found = []
        if one.fix in words:
            found.append(Fix(one.fix, words[one.fix]))
        elif one.fix and one.fix.startswith(("paper.", "serve.")):
            found.append(Fix(one.fix, _("Do it now")))
        if wants_reason(one):
            found.append(
                Fix(
                    OVERRIDE + one.rule.id,
                    _("Change the reason") if reason else _("Go on, and say why"),
                )
            )
        return found


def card_note(desk: Desk, step: Step, *, first: bool = False) -> tuple[RuleNote, ...]:
    """That the cards of those on duty are to be shown before an act of this step is begun (ID-4),
    as the rule says it once the act is stated; ``first``: it is stopped until each officer of the
    inspection showed one."""
    case = desk.case
    acting = [one.cert_no for one in case.officers]
    reference, now = desk.open_tablet.shelf.current, desk.clock.wall_ms()
    asked = never(case.state, reference) if first else None
    if asked is None and acting:
        asked = again(case.state, reference, step, acting, now)
    return Judged(desk, [asked], {}).notes if asked is not None else ()


def wants_reason(one: Judgement) -> bool:
    """Whether officers go against this warning only with a signed reason."""
    return asks_reason(one)


def ask_why(
    desk: Desk, judgements: Sequence[Judgement], rule: str, then: Callable[[str], None]
) -> None:
    """Ask for the reason why a warning is gone against."""
    found = next((one for one in judgements if one.rule.id == rule), None)
    if found is None:
        return
    desk.ask(
        Ask(
            key=OVERRIDE + rule,
            title=desk._("Go on against a warning"),
            text=desk.words(found.zh, found.en),
            clause=desk.words(found.rule.source, found.rule.source_en),
            button=desk._("Go on with this reason"),
            hint=desk._("Your reason goes on record, signed by both officers"),
        ),
        then,
    )

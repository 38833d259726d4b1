"""What the interview screen shows of an interview.

made(desk, issuing, interviewing).rows[0].question
"""

from __future__ import annotations

from typing import Protocol

from field_client.documents import missing
from field_client.flow.desk import Desk
from field_client.flow.drafted import shown
from field_client.flow.fieldwords import KINDS, almanac, aside, choices, problem
from field_client.flow.gathering import interrupted
from field_client.flow.overriding import card_note
from field_client.flow.questions import ANSWERS, CLOSING, OPENING, Talk
from field_client.issuing import Answers, Issuing
from field_client.ui.presenters.almanac import Almanac
from field_client.ui.presenters.common import Choice, RuleNote
from field_client.ui.presenters.form import FieldView, PreviewView, main_label
from field_client.ui.presenters.interview import Exchange, Guide, InterviewView, tabs
from field_client.ui.presenters.sign import Correction
from protocol.calendar import local_day
from protocol.forms import FieldSpec
from protocol.rules import Judgement, Level
from protocol.rules.cards import ID_4
from protocol.vocabulary import DocumentKind, Step

KIND = DocumentKind.INTERVIEW_RECORD
READ_ALOUD = "执法人员向被询问人宣读"
READS = "read_by"
ELSEWHERE = frozenset({"questions", "corrections", "objection", READS})  # not on the first side


class Held(Protocol):
    """The interview, as its view needs it."""

    part: str
    parts: list[str]
    tab: str
    talk: Talk
    answers: Answers
    corrections: list[Correction]
    preview: PreviewView
    judgements: list[Judgement]
    waiting: str
    put: int


def made(desk: Desk, issuing: Issuing, held: Held) -> InterviewView:
    """The view of this moment."""
    template = issuing.template(KIND)
    facts = issuing.facts(KIND)
    specs = {one.name: one for one in template.fields}
    answers: Answers = {**held.answers, "questions": "some"} if held.talk.answered else held.answers
    lacking = [one for one in missing(template, answers, facts) if one.name != "questions"]
    words = tuple(desk.words(one.label_zh, one.label_en) for one in lacking)
    if not held.talk.rows:
        words = (*words, desk._("Questions and answers"))
    elif not held.talk.answered:
        words = (*words, desk._("an answer to every question"))
    card = card_note(desk, Step.INTERVIEW, first=True)
    blocks = [one for one in held.judgements if one.level is Level.BLOCK]
    days = almanac(desk.open_tablet.shelf.current.years, local_day(desk.clock.wall_ms()))
    asked = tuple(
        _field(desk, one, held.answers, days)
        for one in template.fields
        if one.type not in ("fixed", "table") and one.name not in ELSEWHERE
    )
    empty = {one.name for one in lacking}
    words = (*words, *(one.label for one in asked if one.problem and one.label not in words))
    reads = specs.get(READS)
    return InterviewView(
        frame=desk.frame(KIND.heading(desk.language), str(held.answers.get("interviewee", ""))),
        tab=held.tab,  # type: ignore[arg-type]  # one of the keys of ``tabs``
        tabs=tabs(desk._),
        rows=tuple(
            Exchange(
                str(at), at + 1, row["q"], row["a"], held.talk.part if at == held.talk.place else ""
            )
            for at, row in enumerate(held.talk.rows)
        ),
        part=held.talk.part,
        typed=held.talk.typed,
        guides=_guides(desk, specs.get("questions"), held.talk),
        answers=ANSWERS if held.talk.part == "a" else (),
        asked=asked,
        interviews=_interviews(desk, held),
        interview=held.part or "first",
        reads=choices(desk, reads) if reads else (),
        read=str(held.answers.get(READS, "")),
        corrections=tuple(held.corrections),
        preview=held.preview,
        notes=(*card, *_notes(desk, held, [one for one in blocks if not _told(one, card)])),
        main_label=main_label(desk._, blocks=len(blocks), missing=words),
        ready=not words and not blocks,
        place=held.talk.place,
        missing=tuple(one.key for one in asked if one.problem or one.key in empty),
        draft=held.put,
    )


def _field(desk: Desk, one: FieldSpec, answers: Answers, days: Almanac) -> FieldView:
    value = str(shown(answers.get(one.name, ""), one))
    return FieldView(
        one.name,
        KINDS.get(one.type, "text"),
        desk.words(one.label_zh, one.label_en),
        value,
        aside=aside(desk, one, value, days),
        help=desk.words(one.help_zh, one.help_en),
        choices=choices(desk, one),
        phrases=tuple(one.phrases),
        required=one.required and not one.at_end,
        problem=problem(desk._, one, value),
        almanac=days if one.type in ("date", "datetime") else None,
    )


def _guides(desk: Desk, field: FieldSpec | None, talk: Talk) -> tuple[Guide, ...]:
    case = desk.case
    reference = desk.open_tablet.shelf.current
    item = reference.item(case.opening.item)
    names = "、".join(desk.officer_name(one) for one in case.state.officers)
    known = {"agency": reference.agency.name, "officers": names}
    phrases = next((one.phrases for one in field.columns if one.name == "q"), []) if field else []
    middle = [one for one in phrases if one not in CLOSING]
    groups = (
        (desk._("To begin with"), [one.format(**known) for one in OPENING]),
        (item.name if item else desk._("On the matter"), middle),
        (desk._("To end with"), list(CLOSING)),
    )
    return tuple(
        Guide(title, tuple((one, talk.was_asked(one)) for one in questions))
        for title, questions in groups
        if questions
    )


def _interviews(desk: Desk, held: Held) -> tuple[Choice, ...]:
    parts = dict.fromkeys([*held.parts, held.part])
    words = desk._("Interview {n}")
    return (
        *(Choice(one or "first", words.format(n=one.removeprefix("#") or 1)) for one in parts),
        Choice("new", desk._("Another interview")),
    )


def _told(one: Judgement, card: tuple[RuleNote, ...]) -> bool:
    """Whether the note on the card says it already, with the way there."""
    return bool(card) and one.rule.id == ID_4.id


def _notes(desk: Desk, held: Held, blocks: list[Judgement]) -> tuple[RuleNote, ...]:
    notes = [
        RuleNote(
            "block",
            desk.words(one.zh, one.en),
            clause=desk.words(one.rule.source, one.rule.source_en),
        )
        for one in blocks
    ]
    if held.waiting:
        notes.insert(0, interrupted(desk, "interview"))
    return tuple(notes)

"""The text of a document, cut into named pieces: what is printed and what is committed to.

A template's fields are walked in order. A field that a fixed text names stands there, as a piece
of its own between the pieces of the fixed text; every other field stands for itself:

    {"name": "law", "type": "fixed", "text": "上述行为违反了{violated}的规定。"}
        law#0 上述行为违反了   violated 《价格法》第十三条第一款   law#1 的规定。

Facts (names with a dot, and those no field has) become part of the fixed words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from field_client.documents import values
from field_client.documents.facts import CaseFacts, Value
from field_client.errors import AnswerMissing, AnswerUnreadable, TemplateBroken
from protocol.cutting import Piece, cut
from protocol.reference import FieldSpec, Template

Answers = Mapping[str, Value]

BLANK = "＿＿＿＿"
NO_NUMBER = "（待编号）"

_PLACE = re.compile(r"\{([a-z_.]+)\}")


def pieces(
    template: Template, answers: Answers, facts: CaseFacts, *, draft: bool = False
) -> list[Piece]:
    """The whole text in its order; joined, the pieces of a field are its text.

    ``answers`` hold, by field name, text as typed, or fen for money and ms for times. In a
    ``draft`` blanks stand for what is missing or unreadable. Raises AnswerMissing,
    AnswerUnreadable, and TemplateBroken when a fixed text asks for what nobody knows.
    """
    if not draft and (open_fields := missing(template, answers, facts)):
        raise AnswerMissing(
            "still to fill in: {labels}",
            name=open_fields[0].name,
            labels="、".join(field.label_zh for field in open_fields),
        )
    shown = _applying(template, answers, facts)
    by_name = {field.name: field for field in shown if field.type != "fixed"}
    placed = {name for field in shown for name in named_in(field) if name in by_name}
    text = _Text(template, by_name, answers, facts, draft)
    made = [
        piece
        for field in shown
        if field.name not in placed
        for piece in (text.fixed(field) if field.type == "fixed" else text.answered(field))
    ]
    return made + list(_notice(template))


def form(template: Template, answers: Answers, facts: CaseFacts) -> list[FieldSpec]:
    """The fields to fill in, in order: not the fixed ones, nor those that do not apply."""
    return [field for field in _applying(template, answers, facts) if field.type != "fixed"]


def missing(template: Template, answers: Answers, facts: CaseFacts) -> list[FieldSpec]:
    """The required fields that have no answer yet."""
    return [
        field
        for field in form(template, answers, facts)
        if field.required and not _answered(answers, field.name)
    ]


def carried(template: Template, facts: CaseFacts) -> dict[str, Value]:
    """First answers: what the case knows already, else what the template proposes."""
    first = {
        field.name: facts.values.get(field.carried_from, field.text)
        for field in template.fields
        if field.type != "fixed"
    }
    return {name: value for name, value in first.items() if value != ""}


def named_in(field: FieldSpec) -> list[str]:
    """The answers and facts that a fixed text names, in order."""
    return _PLACE.findall(field.text) if field.type == "fixed" else []


def base(piece_name: str) -> str:
    """The field of a piece: ``facts`` of ``facts#3``."""
    return piece_name.partition("#")[0]


def _applying(template: Template, answers: Answers, facts: CaseFacts) -> list[FieldSpec]:
    return [field for field in template.fields if _applies(field, answers, facts)]


def _applies(field: FieldSpec, answers: Answers, facts: CaseFacts) -> bool:
    if not field.when:
        return True
    name, equals, value = field.when.removeprefix("!").partition("=")
    if equals:
        holds = str(answers.get(name, facts.values.get(name, ""))) == value
    else:
        holds = _answered(answers, name) or bool(facts.values.get(name))
    return holds != field.when.startswith("!")


def _answered(answers: Answers, name: str) -> bool:
    """An empty text and an amount of nothing are no answers."""
    return str(answers.get(name, "")).strip() not in ("", "0")


class _Text:
    """One document while it is put together."""

    def __init__(
        self,
        template: Template,
        fields: Mapping[str, FieldSpec],
        answers: Answers,
        facts: CaseFacts,
        draft: bool,
    ) -> None:
        self.template, self.fields, self.answers = template, fields, answers
        self.facts, self.draft = facts, draft

    def answered(self, field: FieldSpec) -> list[Piece]:
        """The pieces of one answer; none when it was left empty."""
        text = self._value(field)
        return cut(field.name, text, self.facts.people, field.cut) if text else []

    def fixed(self, field: FieldSpec) -> list[Piece]:
        """The pieces of a fixed text and of the answers that stand in it."""
        runs: list[str | FieldSpec] = [""]
        for n, part in enumerate(_PLACE.split(field.text)):
            if n % 2 and part in self.fields:
                runs += [self.fields[part], ""]
            else:
                words = self._fact(field, part) if n % 2 else part
                runs[-1] = str(runs[-1]) + words
        words = [run for run in runs if run != ""]
        if len(words) == 1 and isinstance(words[0], str):
            return [Piece(field.name, words[0])]
        return list(self._joined(field.name, words))

    def _joined(self, name: str, runs: list[str | FieldSpec]) -> Iterator[Piece]:
        count = 0
        for run in runs:
            if isinstance(run, FieldSpec):
                yield from self.answered(run)
            else:
                yield Piece(f"{name}#{count}", run)
                count += 1

    def _fact(self, field: FieldSpec, name: str) -> str:
        value = self.facts.values.get(name)
        if value is not None:
            return str(value)
        if self.draft:
            return NO_NUMBER if name == "number" else BLANK
        if name == "number":
            raise AnswerMissing("the document has no number yet; take the next one", name=name)
        raise TemplateBroken(
            "template {template} asks for {name} in field {field}, which nobody knows; update "
            "the reference data, or tell the office",
            template=self.template.id,
            name=name,
            field=field.name,
        )

    def _value(self, field: FieldSpec) -> str:
        answer = self.answers.get(field.name, "")
        if not _answered(self.answers, field.name):
            return BLANK if self.draft and field.required else ""
        text = _written(field, answer)
        if text is None and self.draft:
            return BLANK
        if text is None or len(text) > field.max_length:
            raise AnswerUnreadable(
                "expected {label} as the form asks for it, got {value}; correct it",
                name=field.name,
                label=field.label_zh,
                value=str(answer)[:80],
            )
        return text


def _written(field: FieldSpec, answer: Value) -> str | None:
    """An answer as the document writes it; None when it cannot be read."""
    if field.type == "money":
        fen = answer if isinstance(answer, int) else values.read_money(answer)
        return None if fen is None else values.money(fen)
    if field.type in ("date", "datetime"):
        at = answer if isinstance(answer, int) else values.read_time(answer)
        write = values.day if field.type == "date" else values.moment
        return None if at is None else write(at)
    return str(answer).strip()


def _notice(template: Template) -> Iterator[Piece]:
    """Four pieces a block: heading, text, clause, plain words."""
    for n, block in enumerate(template.notice):
        parts = (block.heading, block.text, block.clause, block.plain)
        yield from (Piece(f"notice#{4 * n + m}", part) for m, part in enumerate(parts))

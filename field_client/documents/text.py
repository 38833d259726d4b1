"""The text of a document, cut into named pieces: what is printed and what is committed to.

A template's fields are walked in order. A field that a fixed text names stands there, as a piece
of its own between the pieces of the fixed text; every other field stands for itself:

    {"name": "law", "type": "fixed", "text": "上述行为违反了{violated}的规定。"}
        law#0 上述行为违反了   violated 《价格法》第十三条第一款   law#1 的规定。

Facts (names with a dot, and those no field has) become part of the fixed words. A table is
never placed in a fixed text; it stands for itself (``tables.py``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from field_client.documents import answers as single
from field_client.documents import tables, values
from field_client.documents.answers import Value
from field_client.documents.facts import CaseFacts
from field_client.errors import AnswerMissing, AnswerUnreadable, TemplateBroken
from protocol.cutting import Piece, cut
from protocol.forms import holds
from protocol.printed import PLACE, named_in
from protocol.reference import FieldSpec, Template

Answers = Mapping[str, Value]

BLANK = "＿＿＿＿"
NO_NUMBER = "（待编号）"


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
    """The required fields that have no answer yet, and tables with a cell that lacks one."""
    return [
        field
        for field in form(template, answers, facts)
        if (field.required and not field.at_end and not _answered(answers, field.name))
        or (field.type == "table" and tables.lacking(field, answers.get(field.name, "")))
    ]


def ended(template: Template, answers: Answers, at: int) -> dict[str, Value]:
    """The same answers with the time of the end, ``at`` (ms), where nobody typed one."""
    ends = {one.name: at for one in template.fields if one.at_end}
    return {**answers, **{name: at for name in ends if not _answered(answers, name)}}


def carried(template: Template, facts: CaseFacts) -> dict[str, Value]:
    """First answers: what the case knows already, else what the template proposes.

    ``carried_from`` may name several facts, ``a|b``; the first that is known is taken. What an
    earlier document says is read back as the field's type; what cannot be is left to be typed.
    """
    asked = [one for one in template.fields if one.type != "fixed" and not one.at_end]
    first = {field.name: _first(field, facts) for field in asked}
    return {name: value for name, value in first.items() if value != ""}


def _first(field: FieldSpec, facts: CaseFacts) -> Value:
    sources = field.carried_from.split("|")
    known = [facts.values.get(name, "") for name in sources]
    value = next((one for one in known if one != ""), None)
    if value is None:
        return field.text
    if field.type == "table":
        return value if tables.rows(value) else tables.answer_of(field, str(value))
    if isinstance(value, str) and field.type in ("money", "date", "datetime"):
        read = values.read_money if field.type == "money" else values.read_time
        at = read(value)
        return "" if at is None else at
    return value


def _applying(template: Template, answers: Answers, facts: CaseFacts) -> list[FieldSpec]:
    return [field for field in template.fields if _applies(field, answers, facts)]


def _applies(field: FieldSpec, answers: Answers, facts: CaseFacts) -> bool:
    return holds(
        field.when,
        lambda name: str(answers.get(name, facts.values.get(name, ""))),
        lambda name: _answered(answers, name) or bool(facts.values.get(name)),
    )


def _answered(answers: Answers, name: str) -> bool:
    return single.answered(answers.get(name, ""))


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
        if field.type == "table":
            return self._table(field)
        text = self._value(field)
        if field.type == "names" and text:
            return cut(field.name, text, single.names(text))
        return cut(field.name, text, self.facts.people, field.cut) if text else []

    def fixed(self, field: FieldSpec) -> list[Piece]:
        """The pieces of a fixed text and of the answers that stand in it."""
        runs: list[str | FieldSpec] = [""]
        for n, part in enumerate(PLACE.split(field.text)):
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
        text = single.written(field, answer)
        if text is None and self.draft:
            return BLANK
        if text is None or len(text) > field.max_length:
            raise _unreadable(field, field.label_zh, answer)
        return text

    def _table(self, field: FieldSpec) -> list[Piece]:
        """The pieces of a table, row by row."""
        answer = self.answers.get(field.name, "")
        lacking, lines = tables.lacking(field, answer), tables.table_lines(field, answer, BLANK)
        if not lines and self.draft and field.required:
            lines = [[BLANK] * len(field.columns)]
        if lacking and not self.draft:
            lack = lacking[0]
            cell = tables.rows(answer)[lack.row].get(lack.column.name, "")
            label = f"{field.label_zh}第{lack.row + 1}行{lack.column.label_zh}"
            raise _unreadable(field, label, cell)
        if sum(map(len, (cell for line in lines for cell in line))) > field.max_length:
            raise _unreadable(field, field.label_zh, f"{len(lines)}行")
        return tables.cut_table(field, lines, self.facts.people) if lines else []


def _unreadable(field: FieldSpec, label: str, value: Value) -> AnswerUnreadable:
    return AnswerUnreadable(
        "expected {label} as the form asks for it, got {value}; correct it",
        name=field.name,
        label=label,
        value=str(value)[:80],
    )


def _notice(template: Template) -> Iterator[Piece]:
    """Four pieces a block: heading, text, clause, plain words."""
    for n, block in enumerate(template.notice):
        parts = (block.heading, block.text, block.clause, block.plain)
        yield from (Piece(f"notice#{4 * n + m}", part) for m, part in enumerate(parts))

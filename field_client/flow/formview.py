"""A form's view: each field of the schema with its words, what is wrong with it, and its rules.

FormWords(desk, draft, facts, judgements, reasons).view(…)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from field_client.documents import CaseFacts, form, missing, pieces
from field_client.documents.values import read_money
from field_client.flow import fined
from field_client.flow.desk import Desk
from field_client.flow.drafted import Draft
from field_client.flow.fieldwords import KINDS, almanac, aside, choices, problem
from field_client.flow.overriding import Judged
from field_client.flow.sealing import seal_message
from field_client.ui.presenters.common import Fix, RuleNote, plural
from field_client.ui.presenters.form import (
    ColumnView,
    FieldView,
    FormView,
    LegalBlock,
    PreviewView,
    SectionView,
    main_label,
)
from protocol.calendar import local_day
from protocol.forms import FieldSpec, NoticeText
from protocol.printed import base, named_in
from protocol.rules import Judgement, Level

# The field under which a rule's answer is shown; all others stand above the form.
PLACES = {"OS-1": "fine", "RT-3": "fine", "HR-1": "hearing"}
BIG = ("multiline", "table")
MOST_IN_SECTION = 5
SENTENCE = 24  # letters: shorter fixed texts are titles, names, numbers


@dataclass
class FormWords:
    """One form, as it is now. ``reasons`` are why warnings are gone against, by rule; ``told`` is
    what the form's own notes say already."""

    desk: Desk
    draft: Draft
    facts: CaseFacts
    judgements: Sequence[Judgement]
    reasons: Mapping[str, str]
    told: Sequence[Judgement] = ()

    def __post_init__(self) -> None:
        reference = self.desk.open_tablet.shelf.current
        self.almanac = almanac(reference.years, local_day(self.desk.clock.wall_ms()))
        self.specs = form(self.draft.template, self.draft.answers, self.facts)
        self.fixed = self._fixed_texts()
        self.lacking = missing(self.draft.template, self.draft.answers, self.facts)

    @property
    def blocks(self) -> int:
        """How many rules stop the document."""
        return sum(one.level is Level.BLOCK for one in self.judgements)

    @property
    def troubles(self) -> list[str]:
        """Fields whose answer cannot be read, by name."""
        return [one.name for one in self.specs if self._problem(one)]

    def view(
        self, subtitle: str, notes: tuple[RuleNote, ...], preview: PreviewView | None
    ) -> FormView:
        """The whole screen; ``notes`` stand before what the rules say, but behind what stops."""
        desk, draft = self.desk, self.draft
        sections = self._sections()
        todo = [*(one.name for one in self.lacking), *self.troubles]
        words = tuple(self._label(one) for one in self.specs if one.name in todo)
        return FormView(
            frame=desk.frame(draft.kind.heading(desk.language), subtitle),
            fields=tuple(self._fields()),
            notes=tuple(sorted(notes + self._above(), key=lambda one: one.level != "block")),
            passed=sum(one.level is Level.PASS for one in self.judgements),
            preview=preview,
            main_label=main_label(desk._, blocks=self.blocks, missing=words),
            ready=not words and not self.blocks,
            message=seal_message(desk, draft.kind),
            sections=sections,
            legal=tuple(self._legal(one) for one in draft.template.blocks),
            missing=tuple(one.name for one in self.specs if one.name in todo),
        )

    # ── fields ───────────────────────────────────────────────────────────────────────────

    def _fields(self) -> Iterator[FieldView]:
        """What is asked for and, between it, what the form says by itself."""
        asked = {one.name for one in self.specs}
        for spec in self.draft.template.fields:
            if spec.name in asked:
                yield self._field(spec)
            elif spec.name in self.fixed:
                yield FieldView(spec.name, "fixed", self._label(spec), self.fixed[spec.name])

    def _fixed_texts(self) -> dict[str, str]:
        """The form's own sentences; those with answers in them are read on the printed page."""
        template, answers = self.draft.template, self.draft.answers
        answered = {one.name for one in template.fields if one.type != "fixed"}
        own = {
            one.name
            for one in template.fields
            if one.type == "fixed" and not answered & {*named_in(one)}
        }
        said: dict[str, str] = {}
        fitting = {name: value for name, value in answers.items() if self._fits(name, value)}
        for piece in pieces(template, fitting, self.facts, draft=True):
            if base(piece.name) in own:
                said[base(piece.name)] = said.get(base(piece.name), "") + piece.text
        return {name: words for name, words in said.items() if len(words) >= SENTENCE}

    def _fits(self, name: str, value: str | int) -> bool:
        spec = self.draft.fields.get(name)
        return spec is None or spec.type == "table" or len(str(value)) <= spec.max_length

    def _field(self, spec: FieldSpec) -> FieldView:
        desk = self.desk
        value = str(self.draft.answers.get(spec.name, ""))
        table = spec.type == "table"
        return FieldView(
            key=spec.name,
            kind=KINDS.get(spec.type, "text"),
            label=self._label(spec),
            value="" if table else value,
            aside=self._aside(spec, value),
            unit=desk._("yuan") if spec.type == "money" else "",
            help=desk.words(spec.help_zh, spec.help_en),
            choices=choices(desk, spec),
            phrases=tuple(spec.phrases),
            notes=tuple(
                self._note(one)
                for one in self.judgements
                if PLACES.get(one.rule.id) == spec.name
                and one.level not in (Level.PASS, Level.RECORD)
            )
            + self._fined(spec, value),
            required=spec.required and not spec.at_end,
            problem=self._problem(spec),
            columns=tuple(self._column(one) for one in spec.columns),
            rows=self._rows(spec) if table else (),
            almanac=self.almanac if table or spec.type in ("date", "datetime") else None,
        )

    def _fined(self, spec: FieldSpec, words: str) -> tuple[RuleNote, ...]:
        """That free words beside the field of a fine tell another one."""
        fields, shown = self.draft.fields, {one.name for one in self.specs}
        if spec.name not in fined.WORDS or not {"fine", "penalty"} <= fields.keys():
            return ()
        meant = read_money(str(self.draft.answers.get("fine", ""))) if "fine" in shown else 0
        if meant is None:
            return ()
        field = fields["fine" if meant else "penalty"]
        clause = ("《行政处罚法》第四十四条、第五十九条", "APL 44, 59")
        return fined.differing(self.desk, words, meant, field, clause)

    def _column(self, spec: FieldSpec) -> ColumnView:
        return ColumnView(
            key=spec.name,
            kind=KINDS.get(spec.type, "text"),
            label=self._label(spec),
            required=spec.required,
            help=self.desk.words(spec.help_zh, spec.help_en),
            choices=choices(self.desk, spec),
            phrases=tuple(spec.phrases),
            limit=spec.max_length,
        )

    def _rows(self, spec: FieldSpec) -> tuple[tuple[str, ...], ...]:
        keys = [one.name for one in spec.columns]
        return tuple(tuple(row.get(key, "") for key in keys) for row in self.draft.rows(spec.name))

    def _label(self, spec: FieldSpec) -> str:
        return self.desk.words(spec.label_zh, spec.label_en)

    def _aside(self, spec: FieldSpec, value: str) -> str:
        if spec.type == "table":
            rows = len(self.draft.rows(spec.name))
            return plural(rows, self.desk._("{n} row"), self.desk._("{n} rows"))
        return aside(self.desk, spec, value, self.almanac)

    def _problem(self, spec: FieldSpec) -> str:
        return problem(self.desk._, spec, self.draft.answers.get(spec.name, ""))

    # ── what is said of the whole ────────────────────────────────────────────────────────

    def _sections(self) -> tuple[SectionView, ...]:
        """Parts of a few fields each; a long text or a table begins one."""
        parts: list[list[FieldSpec]] = []
        for spec in self.specs:
            if not parts or _begins(spec, parts[-1]):
                parts.append([])
            parts[-1].append(spec)
        lacking = {one.name for one in self.lacking} | {*self.troubles}
        return tuple(
            SectionView(
                part[0].name,
                self.desk._("Party") if _of_party(part[0]) else self._label(part[0]),
                sum(one.name in lacking for one in part),
            )
            for part in parts
        )

    def _above(self) -> tuple[RuleNote, ...]:
        return tuple(
            self._note(one)
            for one in self.judgements
            if one.level in (Level.BLOCK, Level.WARN)
            and one.rule.id not in self._placed()
            and one not in self.told
        )

    def _placed(self) -> set[str]:
        shown = {one.name for one in self.specs}
        return {rule for rule, field in PLACES.items() if field in shown}

    def _note(self, one: Judgement) -> RuleNote:
        note = Judged(self.desk, [one], self.reasons).notes[0]
        own = tuple(Fix(key, word) for key, word in self._ways_out(one))
        return replace(note, fixes=own + note.fixes)

    def _ways_out(self, one: Judgement) -> list[tuple[str, str]]:
        if one.fix != "lower_fine":
            return []
        party_class = self.desk.case.opening.party.party_class
        ceiling = self.desk.open_tablet.shelf.current.parameters.spot_ceiling(party_class)
        words = self.desk._("Change to {amount} yuan").format(amount=f"{ceiling // 100:,}")
        return [("lower_fine", words)]

    def _legal(self, one: NoticeText) -> LegalBlock:
        words = self.desk.words
        return LegalBlock(
            words(one.heading, one.heading_en or one.heading),
            words(one.text, one.text_en or one.text),
            words(one.clause, one.clause_en or one.clause),
            words(one.plain, one.plain_en or one.plain),
        )


def _begins(spec: FieldSpec, part: Sequence[FieldSpec]) -> bool:
    """Whether a field begins another part."""
    if _of_party(spec) != _of_party(part[-1]):
        return True
    if spec.type in BIG and len(part) > 1:
        return True
    return len(part) >= MOST_IN_SECTION and not _of_party(spec)


def _of_party(spec: FieldSpec) -> bool:
    """Who the party is; what it said has a part of its own."""
    return spec.name.startswith("party_") and spec.carried_from.startswith("party.")

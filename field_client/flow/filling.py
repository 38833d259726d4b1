"""A form of an act that is no document: a measure, a recusal, a fine in cash, a correction.

The same screen, fields, tables and drafts as a document's form, with nothing to print; the rules
are asked of the statement that the answers make. A subclass says which fields there are, what
they make, and what happens at the end:

    class Correcting(Filling): name, title(), fields(), first(), proposed(), finished()
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from field_client.documents import CaseFacts
from field_client.flow.desk import Desk
from field_client.flow.drafted import Draft
from field_client.flow.formview import FormWords
from field_client.flow.keeping import Keeper
from field_client.flow.overriding import OVERRIDE, Judged, ask_why
from field_client.store.drafts import Answers, Drafts
from field_client.store.journal import Saved
from field_client.ui.presenters.common import Choice, RuleNote
from field_client.ui.presenters.form import FieldView, FormView, main_label
from protocol.errors import FujieError
from protocol.redaction import Content
from protocol.reference import FieldSpec, FieldType, Template
from protocol.rules import Judgement, Level
from protocol.statements import Statement
from protocol.vocabulary import DocumentKind

# A form wants a kind of document; this one bears hands and no seal, and nothing is printed.
KIND = DocumentKind.SITE_INSPECTION_RECORD


class Filling:
    """One form of an act."""

    def __init__(self, desk: Desk, done: Callable[[], None]) -> None:
        self._desk = desk
        self._done = done
        self._draft: Draft | None = None
        self._reasons: dict[str, str] = {}
        self._keeper = Keeper(desk, self.refresh)

    # ── what a subclass says ─────────────────────────────────────────────────────────────

    @property
    def name(self) -> str:
        """The draft's name within its case."""
        raise AssertionError("a form of an act has a name")

    def title(self) -> str:
        """Over the screen."""
        return ""

    def fields(self) -> list[FieldSpec]:
        """What is asked for."""
        return []

    def first(self) -> Answers:
        """What the case knows already."""
        return {}

    def choices(self) -> Mapping[str, tuple[Choice, ...]]:
        """The answers of choice fields, by field, in the language shown."""
        return {}

    def proposed(self) -> Statement | None:
        """What would be stated; None while it cannot be made of what is typed."""
        return None

    def text(self) -> Content | None:
        """The text of the document that it is done under, for the rules to compare."""
        return None

    def notes(self) -> tuple[RuleNote, ...]:
        """What stands before what the rules say."""
        return ()

    def approval(self) -> RuleNote | None:
        """How it stands with the head's approval, where the form says it better than the rule that
        stops for the want of it; then it stands in that rule's place."""
        return None

    def go_on(self) -> str:
        """The main button when nothing is missing."""
        return self._desk._("Put it on record")

    def finished(self) -> None:
        """Everything is filled in and nothing stands against it."""

    # ── touches ──────────────────────────────────────────────────────────────────────────

    def show(self) -> None:
        """The form, with what was typed before."""
        self._reasons = {}
        typed = self._drafts().typed(self.name)
        unsaved = self._keeper.unsaved((self._desk.case.case, self.name))
        answers = {**self.first(), **typed, **unsaved}
        self._draft = Draft(KIND, self._template(), answers)
        self._desk.shell.show("form", self._view())

    def reshow(self) -> None:
        """The same, in another language."""
        self._draft = Draft(KIND, self._template(), self._open.answers)
        self._desk.shell.show("form", self._view())

    def refresh(self) -> None:
        """Newer facts for the same screen."""
        if self._draft is not None and self._desk.shell.current == "form":
            self._desk.shell.update(self._view())

    def edit(self, key: str, value: str) -> None:
        """A field changed."""
        self._open.edit(key, value)
        self._changed()

    def edit_cell(self, key: str, row: int, column: str, value: str) -> None:
        """A cell of a table changed."""
        if self._open.edit_cell(key, row, column, value):
            self._changed()

    def add_row(self, key: str) -> None:
        """One row more."""
        if self._open.add_row(key):
            self._changed()

    def double_row(self, key: str, row: int) -> None:
        """The same row again."""
        if self._open.double_row(key, row):
            self._changed()

    def move_row(self, key: str, row: int, step: int) -> None:
        """A row up or down."""
        if self._open.move_row(key, row, step):
            self._changed()

    def remove_row(self, key: str, row: int) -> None:
        """A row less."""
        if self._open.remove_row(key, row):
            self._changed()

    def fix(self, key: str) -> None:
        """Why officers go on against a warning."""
        rule = key.removeprefix(OVERRIDE)

        def then(why: str) -> None:
            self._reasons[rule] = why
            self.refresh()

        if key.startswith(OVERRIDE):
            ask_why(self._desk, self._judgements(), rule, then)

    def leave(self) -> None:
        """Back; what was typed stays."""
        self._draft = None
        self._done()

    def aside(self) -> None:
        """Another form is shown now: what comes back of this one is not put over it."""
        self._draft = None

    def finish(self) -> None:
        """On, when nothing is missing and nothing stands against it."""
        if self._view().ready:
            self.finished()
        else:
            self.refresh()

    # ── help ─────────────────────────────────────────────────────────────────────────────

    @property
    def _open(self) -> Draft:
        assert self._draft is not None
        return self._draft

    def answer(self, key: str) -> str:
        """What stands in a field."""
        return str(self._open.answers.get(key, "")).strip()

    def forget(self) -> None:
        """It is on record: the draft goes, after what is being written now."""
        drafts, name = self._drafts(), self.name
        self._draft = None
        self._keeper.keep((self._desk.case.case, name), lambda _answers: drafts.forget(name), {})

    def put_on_record(self, job: Callable[[], Saved]) -> None:
        """State what was filled in, off the window's thread; then the form is done with."""

        def then(_saved: Saved) -> None:
            self.forget()
            self._done()

        self._desk.work(job, then, waiting=self._desk._("Putting it on record…"))

    def _changed(self) -> None:
        drafts, name = self._drafts(), self.name
        self._keeper.keep(
            (self._desk.case.case, name),
            lambda answers: drafts.keep(name, answers),
            self._open.answers,
        )
        self.refresh()

    def _drafts(self) -> Drafts:
        tablet = self._desk.open_tablet
        return Drafts(tablet.vault, self._desk.case.case, self._desk.clock)

    def _template(self) -> Template:
        return Template(
            id=self.name,
            version=0,
            document=KIND,
            title=self.title(),
            source="",
            fields=self.fields(),
        )

    def _judgements(self) -> list[Judgement]:
        try:
            statement = self.proposed()
        except (FujieError, ValueError):
            return []  # a field says what is wrong with it
        if statement is None:
            return []
        return self._desk.case.office.journal.consider(statement, content=self.text(), draft=True)

    def _view(self) -> FormView:
        desk = self._desk
        judgements = self._judgements()
        facts = CaseFacts(values={})
        approval, notes = self.approval(), self.notes()
        told = [one for one in judgements if _unapproved(one)] if approval is not None else []
        if approval is not None:
            notes = (replace(approval, level="block" if told else approval.level), *notes)
        words = _ActWords(desk, self._open, facts, judgements, self._reasons, told)
        view = words.view(desk.case.opening.party.name, notes, None)
        judged = Judged(desk, judgements, self._reasons)
        label = view.main_label
        if view.ready:
            label = desk._("Say why you go on first") if judged.unanswered else self.go_on()
        elif not judged.blocks:
            short = tuple(one.label for one in view.fields if one.key in view.missing)
            label = main_label(desk._, blocks=0, missing=short)
        return replace(
            view,
            frame=desk.frame(self.title(), desk.case.opening.party.name),
            fields=tuple(self._worded(one) for one in view.fields),
            main_label=label,
            ready=view.ready and not judged.unanswered,
            message=None,
            sections=(),
        )

    def _worded(self, field: FieldView) -> FieldView:
        choices = self.choices().get(field.key)
        return replace(field, choices=choices) if choices else field


def _unapproved(one: Judgement) -> bool:
    return one.level is Level.BLOCK and one.fix == "ask_approval"


class _ActWords(FormWords):
    """What stands in a form of an act beside its fields is shown as it is, however short."""

    def _fixed_texts(self) -> dict[str, str]:
        texts = {one.name: one.text for one in self.draft.template.fields if one.type == "fixed"}
        return {name: text for name, text in texts.items() if text}


def field(
    name: str,
    kind: FieldType,
    zh: str,
    en: str,
    *,
    required: bool = True,
    help_zh: str = "",
    help_en: str = "",
    phrases: tuple[str, ...] = (),
    columns: tuple[FieldSpec, ...] = (),
    when: str = "",
    text: str = "",
) -> FieldSpec:
    """A field of a form of an act."""
    return FieldSpec(
        name=name,
        label_zh=zh,
        label_en=en,
        type=kind,
        required=required,
        help_zh=help_zh,
        help_en=help_en,
        phrases=list(phrases),
        columns=list(columns),
        when=when,
        text=text,
    )

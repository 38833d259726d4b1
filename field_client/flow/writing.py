"""Forms: a document generated from its schema, and what the party was told and answered.

Every change is kept in the vault at once, so that a draft survives a kill at any moment. The
printed page is made again a moment after the last change, off the UI thread.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

from field_client.documents import CaseFacts, form, missing
from field_client.errors import NoReference
from field_client.flow.desk import Desk
from field_client.flow.keeping import Keeper
from field_client.issuing import Answers, Issuing, Prepared
from field_client.ui.presenters.common import (
    LEGAL_ZONE,
    Choice,
    Fix,
    RuleNote,
    clock_words,
    error_words,
)
from field_client.ui.presenters.form import FieldKind, FieldView, FormView, PreviewView, main_label
from protocol.errors import FujieError
from protocol.reference import FieldSpec
from protocol.rules import Judgement, Level
from protocol.vocabulary import DocumentKind

PREVIEW_AFTER_S = 0.6
KINDS: dict[str, FieldKind] = {
    "multiline": "multiline",
    "choice": "choice",
    "money": "money",
    "number": "number",
    "date": "date",
    "datetime": "date",
}
# The field under which a rule's answer is shown; all others stand above the form.
PLACES = {"OS-1": "fine"}


class Writing:
    """The form of one document at a time."""

    def __init__(
        self, desk: Desk, fixed: Callable[[Prepared], None], left: Callable[[], None]
    ) -> None:
        self._desk = desk
        self._fixed = fixed
        self._left = left
        self._issuing: Issuing | None = None
        self._kind = DocumentKind.SITE_INSPECTION_RECORD
        self._answers: Answers = {}
        self._preview = PreviewView()
        self._judgements: list[Judgement] = []
        self._trouble: FujieError | None = None
        self._timer: threading.Timer | None = None
        self._asked = 0
        self.keeper = Keeper(desk, self.refresh)

    def show(self, issuing: Issuing, kind: DocumentKind) -> None:
        """Open the form with what the case knows and what was typed before."""
        try:
            template = issuing.template(kind)
        except NoReference:
            self._desk.tell_no_form(kind)
            return
        fields = {one.name: one for one in template.fields}
        self._answers = {
            name: _typed(value, fields.get(name)) for name, value in issuing.answers(kind).items()
        } | self.keeper.unsaved((self._desk.case.case, kind))
        self._issuing, self._kind, self._trouble = issuing, kind, None
        self._preview, self._judgements = PreviewView(busy=self._desk._("Printing…")), []
        self._desk.shell.show("form", self._view())
        self._reprint()

    def reshow(self) -> None:
        """The same, in another language."""
        self._desk.shell.show("form", self._view())

    def refresh(self) -> None:
        """Newer facts for the same screen."""
        if self._desk.shell.current == "form" and self._issuing is not None:
            self._desk.shell.update(self._view())

    def edit(self, key: str, value: str) -> None:
        """A field changed: keep it, and print again a moment later."""
        self._answers[key] = value
        issuing, kind = self._open, self._kind
        form_typed = (self._desk.case.case, kind)
        self.keeper.keep(form_typed, lambda answers: issuing.keep(kind, answers), self._answers)
        if self._timer is not None:
            self._timer.cancel()
        self._timer = threading.Timer(PREVIEW_AFTER_S, lambda: self._desk.post(self._reprint))
        self._timer.daemon = True
        self._timer.start()
        self.refresh()

    def fix(self, key: str) -> None:
        """A way out that a rule offers."""
        if key == "lower_fine" and self._desk.shell.current == "form":
            party_class = self._desk.case.opening.party.party_class
            ceiling = self._desk.open_tablet.shelf.current.parameters.spot_ceiling(party_class)
            self.edit("fine", f"{ceiling // 100}")

    def leave(self) -> None:
        """Back to the inspection; what was typed stays."""
        self._stop()
        self._left()

    def finish(self) -> None:
        """To signing, when nothing is missing and nothing stops it. The rules are asked again:
        what they said last may be of an older text."""
        if self._missing():
            self.refresh()
            return
        self._stop()
        issuing, kind, answers = self._open, self._kind, dict(self._answers)

        def job() -> Prepared | list[Judgement]:
            """Nobody is asked to sign what the rules would stop afterwards."""
            judged = issuing.judge(kind, answers)
            stopped = any(one.level is Level.BLOCK for one in judged)
            return judged if stopped else issuing.prepare(kind, answers)

        def then(result: Prepared | list[Judgement]) -> None:
            if isinstance(result, Prepared):
                self._fixed(result)
            else:
                self._judgements = result
                self.refresh()

        self._desk.work(job, then, waiting=self._desk._("Fixing the text…"))

    # ── printing and judging ─────────────────────────────────────────────────────────────

    def _reprint(self) -> None:
        self._asked += 1
        asked, issuing, kind, answers = self._asked, self._open, self._kind, dict(self._answers)
        caption = self._desk._("Draft, not in force")

        def job() -> tuple[list[Judgement], PreviewView, FujieError | None]:
            judged = issuing.judge(kind, answers)
            try:
                made = issuing.preview(kind, answers)
            except FujieError as error:  # the rules answer all the same, and typing goes on
                return judged, PreviewView(), error
            return judged, PreviewView(pages=made.images, caption=caption), None

        def then(result: tuple[list[Judgement], PreviewView, FujieError | None]) -> None:
            if asked == self._asked:
                self._judgements, self._preview, self._trouble = result
                self.refresh()

        def failed(error: FujieError) -> None:
            if asked == self._asked:
                self._preview, self._trouble = PreviewView(), error
                self.refresh()

        self._desk.work(job, then, failed)

    def _stop(self) -> None:
        self._asked += 1
        if self._timer is not None:
            self._timer.cancel()

    # ── view ─────────────────────────────────────────────────────────────────────────────

    @property
    def _open(self) -> Issuing:
        assert self._issuing is not None
        return self._issuing

    def _view(self) -> FormView:
        desk, missing_words = self._desk, self._missing()
        template = self._open.template(self._kind)
        shown = [one for one in self._judgements if one.level is not Level.RECORD]
        above = tuple(
            self._note(one)
            for one in shown
            if one.level is not Level.PASS and one.rule.id not in PLACES
        )
        return FormView(
            frame=desk.frame(
                self._kind.label(desk.language),
                self._subtitle(),
            ),
            fields=tuple(self._field(one) for one in form(template, self._answers, self._facts())),
            notes=self._unprinted() + above,
            passed=sum(one.level is Level.PASS for one in shown),
            preview=self._preview,
            main_label=main_label(desk._, blocks=len(self._blocks()), missing=missing_words),
            ready=not missing_words and not self._blocks(),
        )

    def _unprinted(self) -> tuple[RuleNote, ...]:
        """Why there is no page to look at; what is typed is kept all the same."""
        if self._trouble is None:
            return ()
        _ = self._desk._
        return (RuleNote("warn", _("The page cannot be shown"), error_words(_, self._trouble)),)

    def _subtitle(self) -> str:
        """The party, and when what is typed here reached the disk."""
        party, kept_at = self._desk.case.opening.party.name, self.keeper.kept_at
        if kept_at is None:
            return party
        words = self._desk._("{party} · saved {clock}")
        return words.format(party=party, clock=clock_words(kept_at))

    def _facts(self) -> CaseFacts:
        return self._open.facts(self._kind)

    def _missing(self) -> tuple[str, ...]:
        template = self._open.template(self._kind)
        left = missing(template, self._answers, self._facts())
        return tuple(self._desk.words(one.label_zh, one.label_en) for one in left)

    def _blocks(self) -> list[Judgement]:
        return [one for one in self._judgements if one.level is Level.BLOCK]

    def _field(self, spec: FieldSpec) -> FieldView:
        desk = self._desk
        party_class = desk.case.opening.party.party_class
        money = spec.type == "money"
        return FieldView(
            key=spec.name,
            kind=KINDS.get(spec.type, "text"),
            label=desk.words(spec.label_zh, spec.label_en),
            value=str(self._answers.get(spec.name, "")),
            aside=party_class.label(desk.language) if money else "",
            unit=desk._("yuan") if money else "",
            hint=desk.words(spec.help_zh, spec.help_en),
            choices=tuple(Choice(one, one) for one in spec.choices),
            phrases=tuple(spec.phrases),
            notes=tuple(
                self._note(one)
                for one in self._judgements
                if PLACES.get(one.rule.id) == spec.name and one.level is not Level.PASS
            ),
        )

    def _note(self, one: Judgement) -> RuleNote:
        desk = self._desk
        title, _, text = desk.words(one.zh, one.en).partition("。" if desk.zh else ". ")
        return RuleNote(
            level="block" if one.level is Level.BLOCK else "warn",
            title=title,
            text=text,
            clause=desk.words(one.rule.source, one.rule.source_en),
            fixes=tuple(Fix(key, word) for key, word in self._ways_out(one)),
        )

    def _ways_out(self, one: Judgement) -> list[tuple[str, str]]:
        if one.fix == "lower_fine":
            party_class = self._desk.case.opening.party.party_class
            ceiling = self._desk.open_tablet.shelf.current.parameters.spot_ceiling(party_class)
            words = self._desk._("Change to {amount} yuan").format(amount=f"{ceiling // 100:,}")
            return [("lower_fine", words)]
        return []


def _typed(value: str | int, spec: FieldSpec | None) -> str | int:
    """An answer as the form shows it: times and amounts in people's writing."""
    if not isinstance(value, int) or spec is None:
        return value
    if spec.type == "money":
        return f"{value / 100:.2f}".removesuffix(".00")
    if spec.type in ("date", "datetime"):
        local = datetime.fromtimestamp(value / 1000, LEGAL_ZONE)
        return local.strftime("%Y-%m-%d" if spec.type == "date" else "%Y-%m-%d %H:%M")
    return value

"""Forms: a document generated from its schema, and what the rules say while it is filled in.

Every change is kept in the vault at once, so that a draft survives a kill at any moment. The
printed page is made again a moment after the last change, off the UI thread.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from field_client.documents import CaseFacts
from field_client.errors import NoReference
from field_client.flow.desk import Desk
from field_client.flow.drafted import Draft, shown
from field_client.flow.formview import FormWords
from field_client.flow.gathering import KEPT, interrupted, waiting
from field_client.flow.keeping import Keeper
from field_client.flow.overriding import OVERRIDE, Judged, ask_why
from field_client.flow.signatories import signs
from field_client.issuing import Issuing, Prepared
from field_client.ui.presenters.common import RuleNote, clock_words, error_words
from field_client.ui.presenters.form import FormView, PreviewView
from protocol.errors import FujieError
from protocol.rules import Judgement, Level
from protocol.vocabulary import DocumentKind

PREVIEW_AFTER_S = 0.6


class Writing:
    """The form of one document at a time. ``fixed`` gets what is ready for signing, and the
    reasons why warnings were gone against; ``resume`` a signing that was interrupted."""

    def __init__(
        self,
        desk: Desk,
        fixed: Callable[[Prepared], None],
        left: Callable[[], None],
        resume: Callable[[DocumentKind, str], None],
    ) -> None:
        self._desk = desk
        self._fixed = fixed
        self._left = left
        self._resume = resume
        self._waiting = ""  # a signing that was interrupted
        self._issuing: Issuing | None = None
        self._draft: Draft | None = None
        self._since = 0  # when the days that the form proposes were counted
        self._facts = CaseFacts({})
        self._reasons: dict[str, str] = {}
        self._preview = PreviewView()
        self._judgements: list[Judgement] = []
        self._trouble: FujieError | None = None
        self._timer: threading.Timer | None = None
        self._asked = 0
        self.keeper = Keeper(desk, self.refresh)

    def show(self, issuing: Issuing, kind: DocumentKind) -> bool:
        """Open the form with what the case knows and what was typed before. False where there is
        none; then the screen stays."""
        try:
            template = issuing.template(kind)
        except NoReference:
            self._desk.tell_no_form(kind)
            return False
        answers = issuing.answers(kind) | self.keeper.unsaved((self._desk.case.case, kind))
        same = self._draft is not None and self._draft.kind is kind and self._issuing is issuing
        self._issuing, self._draft = issuing, Draft(kind, template, answers)
        self._since = self._desk.clock.wall_ms()
        self._facts, self._trouble = issuing.facts(kind), None
        self._waiting = waiting(str(issuing.signing.typed(kind).get(KEPT, "")))
        self._reasons = self._reasons if same else {}
        self._preview, self._judgements = PreviewView(busy=self._desk._("Printing…")), []
        self._desk.shell.show("form", self._view())
        self._reprint()
        return True

    def aside(self) -> None:
        """Another form is shown now: what comes back of this one is not put over it."""
        self._stop()
        self._draft = None

    def reshow(self) -> None:
        """The same, in another language."""
        self._desk.shell.show("form", self._view())

    def again(self) -> None:
        """Back from what the rules asked for: they are asked anew, and what is known since stands
        where nobody typed."""
        self.show(self._open, self._open_draft.kind)

    def refresh(self) -> None:
        """Newer facts for the same screen."""
        if self._desk.shell.current == "form" and self._draft is not None:
            self._desk.shell.update(self._view())

    # ── typing ───────────────────────────────────────────────────────────────────────────

    def edit(self, key: str, value: str) -> None:
        """A field changed: keep it, and print again a moment later."""
        self._open_draft.edit(key, value)
        self._changed()

    def edit_cell(self, key: str, row: int, column: str, value: str) -> None:
        """A cell of a table changed."""
        self._changed(self._open_draft.edit_cell(key, row, column, value))

    def add_row(self, key: str) -> None:
        """A table gets one more row."""
        self._changed(self._open_draft.add_row(key))

    def double_row(self, key: str, row: int) -> None:
        """A row once more."""
        self._changed(self._open_draft.double_row(key, row))

    def move_row(self, key: str, row: int, step: int) -> None:
        """A row goes up or down."""
        self._changed(self._open_draft.move_row(key, row, step))

    def remove_row(self, key: str, row: int) -> None:
        """A row goes."""
        self._changed(self._open_draft.remove_row(key, row))

    def _changed(self, changed: bool = True) -> None:
        if not changed:
            return
        if self._waiting:  # the text changes: hands under the older one are gone
            self._discard()
        self._renew()
        issuing, draft = self._open, self._open_draft
        typed = (self._desk.case.case, draft.kind)
        self.keeper.keep(typed, lambda answers: issuing.keep(draft.kind, answers), draft.answers)
        if self._timer is not None:
            self._timer.cancel()
        self._timer = threading.Timer(PREVIEW_AFTER_S, lambda: self._desk.post(self._reprint))
        self._timer.daemon = True
        self._timer.start()
        self.refresh()

    def _renew(self) -> None:
        """The day of a form that midnight passed over is today's, where nobody typed another."""
        draft = self._open_draft
        for name, day in self._open.renewed(draft.kind, draft.answers, self._since).items():
            draft.answers[name] = shown(day, draft.fields.get(name))
        self._since = self._desk.clock.wall_ms()

    # ── what the rules offer ─────────────────────────────────────────────────────────────

    def fix(self, key: str) -> None:
        """A way out that a rule offers."""
        if self._desk.shell.current != "form" or self._draft is None:
            return
        if key == "lower_fine":
            party_class = self._desk.case.opening.party.party_class
            parameters = self._desk.open_tablet.shelf.current.parameters
            self.edit("fine", f"{parameters.spot_ceiling(party_class) // 100}")
        elif key == "signing.resume" and self._waiting:
            self._stop()
            self._resume(self._open_draft.kind, self._waiting)
        elif key == "signing.discard":
            self._discard()
            self.refresh()
        elif key.startswith(OVERRIDE):
            rule = key.removeprefix(OVERRIDE)
            ask_why(self._desk, self._judgements, rule, lambda why: self._go_against(rule, why))

    def _discard(self) -> None:
        issuing, kind, self._waiting = self._open, self._open_draft.kind, ""
        self._desk.work(
            lambda: issuing.signing.forget(kind), lambda _: None, self._desk.tell, outlives=True
        )

    def _go_against(self, rule: str, why: str) -> None:
        self._reasons[rule] = why.strip()
        self.refresh()

    def leave(self) -> None:
        """Back to the inspection; what was typed stays."""
        self._stop()
        self._left()

    def finish(self) -> None:
        """To signing, when nothing is missing and nothing stops it. The rules are asked again:
        what they said last may be of an older text."""
        if self._waiting:  # the same text: the hands under it are used
            self.fix("signing.resume")
            return
        self._renew()
        if self._view().missing:
            self.refresh()
            return
        self._stop()
        issuing, kind = self._open, self._open_draft.kind
        answers, reasons = dict(self._open_draft.answers), dict(self._reasons)

        def job() -> Prepared | list[Judgement]:
            """Nobody is asked to sign what the rules would stop afterwards."""
            judged = issuing.judge(kind, answers)
            stopped = any(one.level is Level.BLOCK for one in judged)
            stopped = stopped or bool(Judged(self._desk, judged, reasons).unanswered)
            if stopped:
                return judged
            return replace(issuing.prepare(kind, answers), reasons=reasons)

        def then(result: Prepared | list[Judgement]) -> None:
            if isinstance(result, Prepared):
                self._fixed(result)
                return
            self._judgements = result
            self.refresh()
            open_ones = Judged(self._desk, result, reasons).unanswered
            if open_ones and not any(one.level is Level.BLOCK for one in result):
                self.fix(OVERRIDE + open_ones[0])

        self._desk.work(job, then, waiting=self._desk._("Fixing the text…"))

    # ── printing and judging ─────────────────────────────────────────────────────────────

    def _reprint(self) -> None:
        if self._draft is None:
            return
        self._asked += 1
        asked, issuing, kind = self._asked, self._open, self._open_draft.kind
        answers = dict(self._open_draft.answers)
        caption = self._desk._("Draft, not in force")

        def job() -> tuple[list[Judgement], PreviewView, FujieError | None]:
            judged = issuing.judge(kind, answers)
            try:
                made = issuing.preview(kind, answers, partial(signs, kind))
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

    @property
    def _open_draft(self) -> Draft:
        assert self._draft is not None
        return self._draft

    def _view(self) -> FormView:
        words = FormWords(
            self._desk, self._open_draft, self._facts, self._judgements, self._reasons
        )
        waits = (interrupted(self._desk, "signing"),) if self._waiting else ()
        return words.view(self._subtitle(), waits + self._unprinted(), self._preview)

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

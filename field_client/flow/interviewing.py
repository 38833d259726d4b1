"""Interviews (询问笔录): held, read over, corrected, and signed page by page.

Every change is kept in the vault at once, also the words that are just being typed, so that a
kill loses nothing. A case has as many interviews as it needs; each has a draft of its own. Hands
that were gathered before an interruption wait with the text they are bound to: the officers go
on with them, or change the text and they are thrown away.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from field_client.documents import rows, rows_text
from field_client.errors import NoReference
from field_client.flow.desk import Desk
from field_client.flow.gathering import KEPT
from field_client.flow.interviewview import READ_ALOUD, made
from field_client.flow.keeping import Keeper
from field_client.flow.overriding import card_note
from field_client.flow.questions import Talk
from field_client.flow.signatories import signs
from field_client.flow.signing import Signing
from field_client.issuing import Answers, Issuing, Prepared
from field_client.ui.presenters.form import PreviewView
from field_client.ui.presenters.interview import InterviewView
from field_client.ui.presenters.sign import Correction
from protocol.errors import FujieError
from protocol.rules import Judgement, Level
from protocol.vocabulary import DocumentKind, Step

KIND = DocumentKind.INTERVIEW_RECORD
TYPING = "typing"  # what stands on the line and is in no row yet
SIGNING = "/signing"


class Interviewing:
    """The interview screen."""

    def __init__(
        self,
        desk: Desk,
        issuing: Callable[[str], Issuing],
        signing: Signing,
        left: Callable[[], None],
    ) -> None:
        self._desk = desk
        self._make = issuing
        self._signing = signing
        self._left = left
        self._issuing: Issuing | None = None
        self._keeper = Keeper(desk, lambda: None)
        self.part = ""
        self.parts: list[str] = []
        self.tab = "talk"
        self.talk = Talk()
        self.answers: Answers = {}
        self.corrections: list[Correction] = []
        self.preview = PreviewView()
        self.judgements: list[Judgement] = []
        self.waiting = ""  # a signing that was interrupted
        self.put = 0

    # ── which interview ──────────────────────────────────────────────────────────────────

    def show(self) -> None:
        """The interview that is under way, or a new one."""
        found = self._parts()
        self._open_part(found[-1] if found else "")

    def choose(self, part: str) -> None:
        """Another interview of the case; ``new`` begins one."""
        taken = [int(one.removeprefix("#") or 1) for one in self._parts()]
        if part == "new":
            number = max(taken, default=0) + 1
            part = f"#{number}" if number > 1 else "first"
        self._open_part("" if part == "first" else part)

    def _parts(self) -> list[str]:
        found = self._make("").parts(KIND)
        return [one for one in found if not one.endswith(SIGNING)]

    def _open_part(self, part: str) -> None:
        issuing = self._make(part)
        try:
            issuing.template(KIND)
        except NoReference:
            self._desk.tell_no_form(KIND)
            return
        self._issuing, self.part, self.parts = issuing, part, self._parts()
        self.answers = {**issuing.answers(KIND), **self._keeper.unsaved((self._case, part))}
        self.talk = Talk.of(
            rows(self.answers.get("questions", "")), str(self.answers.get(TYPING, ""))
        )
        self.corrections = [
            Correction(int(row.get("page", "1") or 1), row.get("was", ""), row.get("now", ""))
            for row in rows(self.answers.get("corrections", ""))
        ]
        self.preview, self.judgements = PreviewView(), []
        self.waiting = str(issuing.signing.typed(KIND).get(KEPT, ""))
        known = bool(str(self.answers.get("interviewee_id", "")).strip())
        shown = not card_note(self._desk, Step.INTERVIEW, first=True)
        self.tab = "talk" if known and shown else "who"
        self._desk.shell.show("interview", self._view())

    def again(self) -> None:
        """Back from signing: the same interview, with the hands that wait."""
        self._open_part(self.part)

    def judge_again(self) -> None:
        """Back from the card: what the rules said before it holds no longer."""
        self.judgements = []
        self.reshow()
        self.turn_to(self.tab)

    def reshow(self) -> None:
        """The same, in another language."""
        self._desk.shell.show("interview", self._view())

    def refresh(self) -> None:
        """Newer facts for the same screen."""
        if self._desk.shell.current == "interview":
            self._desk.shell.update(self._view())

    def leave(self) -> None:
        """Back to the inspection; what was typed stays."""
        self._left()

    # ── questions and answers ────────────────────────────────────────────────────────────

    def turn_to(self, tab: str) -> None:
        """Another side of the interview; reading over shows the pages."""
        self.tab = tab
        self.refresh()
        if tab == "check":
            self._print()

    def type(self, text: str) -> None:
        """What stands on the line."""
        self.talk.typed = text
        self._keep()

    def write(self, text: str) -> None:
        """Enter: the question is put, or the answer noted."""
        self.talk.write(text)
        self.put += 1
        self._keep()
        self.refresh()

    def propose(self, text: str) -> None:
        """A ready question or answer is put at once; where words stand on the line already, it
        goes behind them."""
        if not self.talk.typed.strip():
            self.write(text)
            return
        self.talk.typed += text
        self.put += 1
        self._keep()
        self.refresh()

    def open_row(self, place: int, part: str) -> None:
        """Write a part of a row anew; a place before the first leaves it as it is."""
        if place < 0:
            self.talk.leave()
        else:
            self.talk.open(place, "a" if part == "a" else "q")
        self.put += 1
        self.refresh()

    def drop_row(self, place: int) -> None:
        """A question that was put by mistake goes with its answer."""
        self.talk.drop(place)
        self.put += 1
        self._keep()
        self.refresh()

    def edit(self, key: str, value: str) -> None:
        """Who is asked, where and when, and how it is read over."""
        self.answers[key] = value
        self._keep()
        self.refresh()

    # ── reading over ─────────────────────────────────────────────────────────────────────

    def correct(self, page: str, was: str, now: str) -> None:
        """The interviewee wants something corrected: page, as recorded, as it should be. It goes to
        the page on which those words stand; they may stand on none, where something was left out.
        """
        number = int(page) if page.isascii() and page.isdigit() else 1
        number = max(1, min(number, len(self.preview.pages) or number))
        if was.strip() and now.strip():
            correction = Correction(number, was.strip(), now.strip())
            self.corrections.append(correction)
            self._changed()
            self._place(correction)

    def _place(self, correction: Correction) -> None:
        """Find its page. Whoever goes to sign meanwhile has it on the one that was looked at."""
        issuing, answers = self._open, {**self._typed(), "corrections": ""}

        def then(pages: tuple[int, ...]) -> None:
            held = [one is correction for one in self.corrections]
            here = any(held) and self._desk.shell.current == "interview"
            if here and pages and correction.page not in pages:
                self.corrections[held.index(True)] = replace(correction, page=pages[0])
                self._changed()

        self._desk.work(
            lambda: issuing.pages_with(KIND, answers, correction.was), then, lambda _error: None
        )

    def uncorrect(self, place: int) -> None:
        """A correction goes."""
        if 0 <= place < len(self.corrections):
            del self.corrections[place]
            self._changed()

    def _changed(self) -> None:
        self._keep()
        self.refresh()
        self._print()

    def _print(self) -> None:
        issuing, answers = self._open, self._typed()
        caption = self._desk._("Draft, not in force")
        self.preview = PreviewView(pages=self.preview.pages, busy=self._desk._("Printing…"))

        def then(result: tuple[list[Judgement], PreviewView]) -> None:
            self.judgements, self.preview = result
            self.refresh()

        def job() -> tuple[list[Judgement], PreviewView]:
            pages = issuing.preview(KIND, answers, partial(signs, KIND)).images
            return issuing.judge(KIND, answers), PreviewView(pages=pages, caption=caption)

        self._desk.work(job, then)

    # ── signing ──────────────────────────────────────────────────────────────────────────

    def fix(self, key: str) -> None:
        """Go on with the hands that wait, or throw them away."""
        if key == "interview.resume" and self.waiting:
            self._signing.resume(self._open, KIND, self.waiting)
        elif key == "interview.discard":
            self._discard()
            self.refresh()

    def finish(self) -> None:
        """To signing, when nothing is missing and no rule stops it."""
        view = self._view()
        if not view.ready:
            self.turn_to("who" if view.missing else "check" if self.talk.answered else "talk")
            return
        desk, issuing, answers = self._desk, self._open, self._typed()
        corrections = tuple(self.corrections)  # as they stand in the answers

        def job() -> Prepared | list[Judgement]:
            judged = issuing.judge(KIND, answers)
            stopped = any(one.level is Level.BLOCK for one in judged)
            return judged if stopped else issuing.prepare(KIND, answers)

        def then(result: Prepared | list[Judgement]) -> None:
            if isinstance(result, Prepared):
                aloud = str(answers.get("read_by", "")) == READ_ALOUD
                signer = str(answers.get("interviewee", ""))
                self._signing.begin(
                    issuing,
                    result,
                    signer=signer,
                    corrections=corrections,
                    aloud=aloud,
                )
            else:
                self.judgements = result
                self.refresh()

        desk.work(job, then, waiting=desk._("Fixing the text…"))

    # ── help ─────────────────────────────────────────────────────────────────────────────

    @property
    def _case(self) -> bytes:
        return self._desk.case.case

    @property
    def _open(self) -> Issuing:
        assert self._issuing is not None
        return self._issuing

    def _typed(self) -> Answers:
        """The answers as the document takes them."""
        signer = str(self.answers.get("interviewee", ""))
        corrected: list[Mapping[str, str]] = [
            {"page": str(one.page), "was": one.was, "now": one.now, "initialled": signer}
            for one in self.corrections
        ]
        return {
            **self.answers,
            "questions": rows_text(self.talk.rows),
            "corrections": rows_text(corrected),
        }

    def _keep(self) -> None:
        if self.waiting:  # the text changes: hands under the older one are gone
            self._discard()
        issuing, answers = self._open, self._typed()
        answers[TYPING] = self.talk.typed if self.talk.place < 0 else ""
        self._keeper.keep((self._case, self.part), lambda kept: issuing.keep(KIND, kept), answers)

    def _discard(self) -> None:
        issuing, self.waiting = self._open, ""

        def failed(error: FujieError) -> None:
            self._desk.tell(error)

        self._desk.work(lambda: issuing.signing.forget(KIND), lambda _: None, failed, outlives=True)

    def _view(self) -> InterviewView:
        return made(self._desk, self._open, self)

"""An interview: a line to write on, the questions above it, the guide beside it.

Enter puts the question, Enter notes the answer; a finger on a row writes it anew. Only the side
that is looked at exists.
"""

from __future__ import annotations

from functools import lru_cache, partial
from typing import Any

from kivy.clock import Clock
from kivy.core.text import Label as CoreLabel
from kivy.metrics import dp
from kivy.properties import BooleanProperty, ListProperty, ObjectProperty, StringProperty

from field_client.ui.i18n import _
from field_client.ui.linebreak import break_lines
from field_client.ui.presenters.common import RuleNote
from field_client.ui.presenters.interview import Exchange, Guide, InterviewView, write_label
from field_client.ui.presenters.sign import Correction
from field_client.ui.theme import theme
from field_client.ui.widgets.base import load_kv
from field_client.ui.widgets.box import Box
from field_client.ui.widgets.field import EntryBox, FieldBox
from field_client.ui.widgets.focus import bring_into_view
from field_client.ui.widgets.frame import FujieScreen, made
from field_client.ui.widgets.page import PageReader
from field_client.ui.widgets.press import Pressable
from field_client.ui.widgets.surface import NoteBox
from field_client.ui.widgets.text import text_width

BESIDE = 88  # dp of a row that its words do not have
AT_ONCE = 3  # fields a frame; one takes as long as thirty widgets
LEAST = 56  # dp: what a finger needs
REACH_S = 0.05  # a field is laid out by then
NO_ROW = Exchange("", 0, "", "")


class ExchangeBox(Box):
    """One question with its answer."""

    exchange = ObjectProperty(NO_ROW, rebind=True)
    actions = ObjectProperty(None, allownone=True)


def row_height(exchange: Exchange, room: float) -> float:
    """How high a question and its answer are, wrapped into ``room`` pixels."""
    if exchange.live:
        room -= dp(LEAST)
    parts = ((exchange.question, True), (exchange.answer, False))
    return float(dp(12)) + sum(_said_height(words, bold, room) for words, bold in parts)


@lru_cache(maxsize=2048)
def _wrapped(words: str, size: float, bold: bool, room: float) -> int:
    return len(break_lines(words or "…", lambda part: text_width(part, size, bold), room))


def _said_height(words: str, bold: bool, room: float) -> float:
    lines = _wrapped(words, theme.body, bold, room)
    return max(float(dp(LEAST)), lines * line_height(theme.body) + float(dp(20)))


@lru_cache(maxsize=8)
def line_height(size: float) -> float:
    """How high a line of this size is, in pixels."""
    return float(CoreLabel(font_size=size).get_extents("国")[1])


class SaidRow(Pressable):
    """A question or an answer as it stands; a press writes it anew."""

    mark = StringProperty("")
    words = StringProperty("")
    strong = BooleanProperty(False)
    live = BooleanProperty(False)


class GuideButton(Pressable):
    """A ready question; marked once it was put."""

    words = StringProperty("")
    asked = BooleanProperty(False)


class PageCorrection(Box):
    """What is corrected on a page."""

    correction = ObjectProperty(Correction(0, "", ""), rebind=True)
    place = StringProperty("")
    actions = ObjectProperty(None, allownone=True)


class Side(Box):
    """One side of the interview; ``take`` shows a view."""

    screen = ObjectProperty(None)
    narrow = BooleanProperty(False)
    view = ObjectProperty(None, allownone=True, rebind=True)
    noted: tuple[RuleNote, ...] = ()

    def note(self, notes: tuple[RuleNote, ...]) -> None:
        """What stands in the way, above the rest."""
        if notes != self.noted:
            self.noted = notes
            boxes = [NoteBox(note=one, actions=self.screen.actions) for one in notes]
            self.screen.fill(self.ids.notes, boxes)


class TalkSide(Side):
    """Questions and answers."""

    def __init__(self, **kwargs: Any) -> None:
        self._drawn = -1
        self._entered = False
        self._questions: list[tuple[str, ...]] = []
        self._ready: dict[tuple[int, int], GuideButton] = {}
        super().__init__(**kwargs)

    def take(self, view: InterviewView) -> None:
        """Newer facts; what did not change stays as it is."""
        self.view = view
        before = len(self.ids.rows.rows)
        self.ids.rows.rows = list(view.rows)
        if len(view.rows) > before:
            Clock.schedule_once(lambda _dt: setattr(self.ids.rows, "scroll_y", 0), 0)
        self._show_guides(view.guides)
        if view.draft != self._drawn:
            self._drawn = view.draft
            self._put(view.typed)

    def row(self, exchange: Exchange) -> ExchangeBox:
        """A row, once it comes into sight."""
        return ExchangeBox(exchange=exchange, actions=self.screen.actions)

    def measured(self) -> None:
        """The list is this wide: how high a row is follows."""
        rows = self.ids.rows
        room = rows.width - dp(rows.side + BESIDE)
        if room > 0:
            rows.height_of = lambda exchange: row_height(exchange, room)

    def _show_guides(self, guides: tuple[Guide, ...]) -> None:
        """Other questions come a part a frame; of the same ones, some were put since."""
        questions = [(one.title, *(words for words, _ in one.questions)) for one in guides]
        if questions != self._questions:
            self._questions, self._ready = questions, {}
            self.screen.fill(self.ids.guide, [])
            self.screen.later(*(partial(self._add, questions, at) for at in range(len(guides))))
        for at, guide in enumerate(guides):
            for number, (_words, asked) in enumerate(guide.questions):
                if (at, number) in self._ready:
                    self._ready[at, number].asked = asked

    def _add(self, questions: list[tuple[str, ...]], at: int) -> None:
        """One part of the guide, unless there is another guide by now."""
        if self._questions is not questions:
            return
        guide = self.view.guides[at]
        self.ids.guide.add_widget(made("GuideTitle", words=guide.title))
        for number, (question, asked) in enumerate(guide.questions):
            button = GuideButton(name=f"guide.{at}.{number}", words=question, asked=asked)
            button.bind(on_release=lambda _b, words=question: self.add_phrase(words))
            self._ready[at, number] = button
            self.ids.guide.add_widget(button)

    def add_phrase(self, phrase: str) -> None:
        """A ready question or answer."""
        self.screen.actions.propose_words(phrase)

    def _put(self, words: str) -> None:
        line = self.ids.line
        line.loading = True
        line.ids.entry.text = words
        line.loading = False

    def typed(self, words: str) -> None:
        """Every change is kept; Enter writes it down, once the field is done with the key."""
        if "\n" not in words:
            self.screen.actions.type_words(words)
        elif not self._entered:
            self._entered = True
            Clock.schedule_once(self._enter, 0)

    def _enter(self, _dt: float) -> None:
        self._entered = False
        self.write()

    def write(self) -> None:
        """Put the question or note the answer."""
        words = self.ids.line.text.replace("\n", "").strip()
        if words:
            self.screen.actions.write_words(words)
        else:
            self._put("")
        self.ids.line.ids.entry.focus = True

    def label(self, view: InterviewView | None) -> str:
        """What the button beside the line does."""
        return write_label(_, view.part, editing=view.place >= 0) if view else ""


class WhoSide(Side):
    """Who is asked, where and when."""

    def __init__(self, **kwargs: Any) -> None:
        self._boxes: dict[str, FieldBox] = {}
        self._keys: list[str] = []
        super().__init__(**kwargs)

    def take(self, view: InterviewView) -> None:
        """Newer facts."""
        self.view = view
        self.note(view.notes)
        keys = [field.key for field in view.asked]
        if self._keys != keys:
            self._keys, self._boxes = keys, {}
            self.ids.fields.clear_widgets()
            for at in range(0, len(keys), AT_ONCE):
                self.screen.later(partial(self._add, keys, keys[at : at + AT_ONCE]))
        for field in view.asked:
            if field.key in self._boxes:
                self._boxes[field.key].take(field)

    def _add(self, asked: list[str], keys: list[str]) -> None:
        """Some fields, unless others are asked for by now."""
        if self._keys is not asked:
            return
        for field in self.view.asked:
            if field.key in keys:
                self._boxes[field.key] = box = self._box(field.key)
                box.take(field)
                self.ids.fields.add_widget(box)
        self.reach()

    def reach(self) -> None:
        """The field that is wanted comes into sight once it is made, with the cursor in it."""
        box = self._boxes.get(self.screen.wanted)
        if box is None:
            return
        self.screen.wanted = ""

        def reached(_dt: float) -> None:
            bring_into_view(box)
            if isinstance(control := box.ids.control.children[0], EntryBox):
                control.ids.entry.focus = True

        Clock.schedule_once(reached, REACH_S)

    def _box(self, key: str) -> FieldBox:
        box = FieldBox(actions=self.screen.actions)
        box.bind(on_edit=lambda _b, value: self.screen.actions.edit_interview(key, value))
        return box


class CheckWords(Box):
    """What is said of the pages, beside them."""

    side = ObjectProperty(None, rebind=True)


class CheckSide(Side):
    """The pages, and what the interviewee wants corrected."""

    shown = ListProperty()

    def on_kv_post(self, _base: Any) -> None:
        """The pages stand there; the words come with the next frame."""
        self.screen.later(self._bring)

    def _bring(self) -> None:
        brought = CheckWords(side=self)
        self.ids.update(brought.ids)
        self.ids.words.add_widget(brought)
        self.take(self.view)

    def take(self, view: InterviewView) -> None:
        """Newer facts."""
        self.view = view
        if "notes" not in self.ids:
            return
        self.note(view.notes)
        if list(view.corrections) != self.shown:
            self.shown = list(view.corrections)
            boxes = [
                PageCorrection(correction=one, place=str(at), actions=self.screen.actions)
                for at, one in enumerate(view.corrections)
            ]
            self.screen.fill(self.ids.corrections, boxes)

    def add(self) -> None:
        """One correction more, on the page that is looked at unless another is named."""
        page, was, now = (self.ids[name] for name in ("page", "was", "now"))
        if was.text.strip() and now.text.strip():
            looked_at = str(self.ids.pages.at + 1)
            self.screen.actions.correct_page(page.text or looked_at, was.text, now.text)
            for box in (was, now):
                box.ids.entry.text = ""


SIDES = {"talk": TalkSide, "who": WhoSide, "check": CheckSide}


class InterviewScreen(FujieScreen):
    """Tabs above, one side below, the way to signing at the foot."""

    def on_kv_post(self, _base: Any) -> None:
        """Show the first view."""
        self._side: Any = None
        self.wanted = ""  # a field to bring into sight
        self.bind(view=self._lay, narrow=self._turned)
        self._lay()

    def _lay(self, *_args: Any) -> None:
        """A side that is turned to comes with the next frame."""
        if type(self._side) is SIDES[self.view.tab]:
            self._side.take(self.view)
        else:
            self.later(self._turn)

    def _turn(self) -> None:
        side = SIDES[self.view.tab]
        if type(self._side) is not side:
            self._side = side(screen=self, narrow=self.narrow)
            self.fill(self.ids.side, [self._side])
        self._side.take(self.view)

    def _turned(self, *_args: Any) -> None:
        if self._side is not None:
            self._side.narrow = self.narrow

    def main(self) -> None:
        """Onwards, or to the side where something is missing, and there to the first of it."""
        self.wanted = next(iter(self.view.missing), "")
        self.actions.finish_interview()
        if isinstance(self._side, WhoSide):
            self._side.reach()

    def read(self) -> None:
        """The pages, large."""
        view: InterviewView = self.view
        if view.preview.pages:
            self.add_widget(
                PageReader(name="reader", title=view.frame.title, pages=view.preview.pages)
            )


load_kv(__file__)

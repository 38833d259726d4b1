"""The root of the window: one screen at a time, sheets above it.

    shell = Shell(actions)
    shell.show("card", card_view)      # switch
    shell.update(card_view)            # same screen, newer facts; a late one is dropped
    shell.tell(problem)                # a sheet over all
    shell.ask(ask)                     # the same, with a few words to write
    shell.wait("Making keys…")         # a wait with a sentence; "" ends it

Call on the UI thread only (``Clock.schedule_once`` from elsewhere).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kivy.clock import Clock
from kivy.uix.floatlayout import FloatLayout

from field_client.ui import i18n, screens
from field_client.ui.leaving import hold_back
from field_client.ui.presenters.common import Ask, Problem
from field_client.ui.rules import follow_quietly
from field_client.ui.stage import Stage
from field_client.ui.theme import theme
from field_client.ui.widgets.base import mark, marked
from field_client.ui.widgets.focus import Keys, drop_focus
from field_client.ui.widgets.overlay import AskSheet, BusySheet, ProblemSheet, Sheet
from field_client.ui.widgets.training import TrainingFrame

if TYPE_CHECKING:
    from field_client.ui.actions import Actions

# A label's height follows its width, and the boxes around it follow its height: give a new
# screen the rounds it needs before its first frame, so that nothing jumps into place.
LAYOUT_ROUNDS = 60


class Shell(FloatLayout):  # type: ignore[misc]
    """Shows views; everything a person does goes to ``actions``."""

    def __init__(self, actions: Actions, **kwargs: Any) -> None:
        follow_quietly()
        super().__init__(**kwargs)
        Clock.max_iteration = LAYOUT_ROUNDS
        self._actions = actions
        self._stage = Stage()
        self._coming: tuple[str, Any] | None = None  # a screen that is made with the next frame
        self._come = Clock.create_trigger(self._make, 0)
        self._sheet: Sheet | None = None
        self._busy: Sheet | None = None
        self.add_widget(self._stage)
        self._keys = Keys(self)
        self._frame: TrainingFrame | None = None

    @property
    def current(self) -> str:
        """The name of the screen shown, or that comes; empty before the first."""
        if self._coming is not None:
            return self._coming[0]
        shown = self._stage.screen
        return str(shown.name) if shown is not None else ""

    @property
    def screen(self) -> Any:
        """The screen shown; one that comes is made for whoever asks for it."""
        self._make()
        return self._stage.screen

    @property
    def bringing(self) -> bool:
        """Whether a screen is still being made, as a whole or in parts."""
        return self._coming is not None or bool(getattr(self._stage.screen, "coming", False))

    @property
    def shown(self) -> int:
        """Another number with every screen."""
        return id(self._stage.screen)

    def show(self, name: str, view: Any) -> None:
        """Switch to a screen, or give the one shown a newer view. A touch that leads to another
        screen has worked enough: that is made by the next frame, and no finger reaches what it
        takes the place of."""
        mark.words = marked(view)
        if self._coming is None and name == self.current:
            self.screen.view = view
            return
        drop_focus()
        self._coming = name, view
        if self._stage.screen is None:
            self._make()  # nothing stands there meanwhile
        else:
            hold_back()  # the next frame has enough to do
            self._come()

    def update(self, view: Any) -> None:
        """Newer facts for the screen shown; dropped when it shows something else by now."""
        if self._coming is not None:
            name, before = self._coming
            if type(view) is type(before):
                mark.words = marked(view)
                self._coming = name, view
        elif self.screen is not None and type(view) is type(self.screen.view):
            mark.words = marked(view)
            self.screen.view = view

    def _make(self, *_args: Any) -> None:
        if self._coming is not None:
            (name, view), self._coming = self._coming, None
            self._come.cancel()
            first = self._stage.screen is None
            self._stage.show(screens.screen(name)(name=name, view=view, actions=self._actions))
            if first:  # nobody can touch anything yet, and waits for all of it
                self._stage.screen.hurry()

    def on_touch_down(self, touch: Any) -> bool:
        """What is about to go takes no touch any more."""
        return self._coming is not None or bool(super().on_touch_down(touch))

    def show_frame(self, rgb: bytes, width: int, height: int) -> None:
        """One camera frame (packed RGB, top row first) for the viewfinder, if it is shown."""
        if self._stands("capture", "check", "viewer"):
            self.screen.show_frame(rgb, width, height)

    def show_level(self, level: float) -> None:
        """How loud it is, 0 to 1, while sound is recorded."""
        if self._stands("capture"):
            self.screen.show_level(level)

    def show_time(self, at_ms: int, length_ms: int) -> None:
        """Where the player is."""
        if self._stands("viewer"):
            self.screen.show_time(at_ms, length_ms)

    def _stands(self, *names: str) -> bool:
        return self._coming is None and self.current in names

    def mark(self, words: str) -> None:
        """The running time of a recording; every screen shows it."""
        mark.words = words

    def tell(self, problem: Problem | None) -> None:
        """Put a problem over the screen, in place of an earlier one; None takes it away."""
        if self._sheet is not None:
            self._sheet.close()
        if problem is None:
            return
        screens.load_parts()
        self._sheet = ProblemSheet(name="problem", problem=problem, actions=self._actions)
        self.add_widget(self._sheet)

    def ask(self, ask: Ask) -> None:
        """Ask for a few words over the screen, in place of an earlier sheet."""
        self.tell(None)
        screens.load_parts()
        self._sheet = AskSheet(name="ask", ask=ask, actions=self._actions)
        self.add_widget(self._sheet)

    def wait(self, words: str) -> None:
        """Say what is being waited for; empty words end the wait."""
        if self._busy is not None:
            self._busy.close()
            self._busy = None
        if words:
            self._busy = BusySheet(name="busy", words=words)
            self.add_widget(self._busy)

    def use_theme(self, name: str) -> None:
        """``day`` or ``night``; repaints what is shown."""
        theme.use(name)

    def use_text(self, name: str) -> None:
        """``normal``, ``large`` or ``largest`` letters; call ``show`` afterwards. Rules of .kv
        that give a size anew do so in no order, so that what is shown is made anew."""
        self._clear()
        theme.use_text(name)

    def use_training(self, on: bool) -> None:
        """A coloured frame with a word, around every screen and above every sheet."""
        if self._frame is not None:
            self._frame.let_go()
            self._frame = None
        if on:
            self._frame = TrainingFrame(self, self._stage)

    def use_language(self, language: str) -> None:
        """``zh_CN`` or ``en``; call ``show`` afterwards with views in that language."""
        i18n.set_language(language)
        self._clear()

    def _clear(self) -> None:
        self._coming = None
        self._come.cancel()
        self._stage.clear()

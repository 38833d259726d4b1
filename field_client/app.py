"""The tablet's window: the first screen at once, the program behind it as soon as it is loaded.

    settings ─► first screen ─► Shell ◄──────────────────────────┐
                                 │ every touch                   │ views
                                 ▼                               │
                    Threshold ─► flow/routes ─► flows ─► Tablet (what is done and kept)
                    (holds touches until the program is there)

What is loaded when is said here and in ``ui/screens.py``, nowhere else:

    before the first frame      Kivy, fonts, words, the locked screen and its parts
    on a thread, after it       ``program``: flows, vault, cryptography, network, camera, documents
    between frames, after it    its pictures, then the other screens, one with each frame

Kivy owns the main thread; workers and sync come back to it through ``post``.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from itertools import chain
from typing import TYPE_CHECKING, Any, cast

from kivy.app import App
from kivy.clock import Clock as KivyClock
from kivy.core.window import Window

from field_client.device_clock import Clock, SystemClock
from field_client.flow import display, front
from field_client.settings import Settings
from field_client.ui import i18n, pictures, rules, screens
from field_client.ui.shell import Shell
from field_client.ui.theme import theme, use_fonts
from field_client.ui.window import Sweeper

if TYPE_CHECKING:
    from field_client.program import Program
    from field_client.ui.actions import Actions

TICK_S = 5.0
SWEEP_S = 0.25


class Threshold:
    """Stands where the routes will stand, and holds what is touched until they do."""

    def __init__(self, told: Callable[[], None]) -> None:
        self._told = told
        self._held: list[Callable[[Actions], None]] = []
        self._actions: Actions | None = None

    def __getattr__(self, name: str) -> Callable[..., None]:
        return getattr(self._actions, name) if self._actions else self._holding(name)

    def open(self, actions: Actions) -> None:
        """The routes are there: do what was asked for, in order."""
        self._actions = actions
        for asked in self._held:
            asked(actions)
        self._held.clear()

    def _holding(self, name: str) -> Callable[..., None]:
        def hold(*values: Any) -> None:
            self._held.append(lambda actions: getattr(actions, name)(*values))
            self._told()

        return hold


class FujieApp(App):  # type: ignore[misc]
    """The Kivy application. ``program`` is None while it is being loaded."""

    title = "Fujie 符节"

    def __init__(self, settings: Settings, clock: Clock | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.settings = settings
        self.clock = clock or SystemClock()
        self.program: Program | None = None
        self._threshold = Threshold(lambda: self.shell.wait(i18n._("Starting…")))
        self._steps = chain(pictures.coming(), screens.loading())
        self._loader = threading.Thread(target=self._load, name="loader", daemon=True)
        self._failure: BaseException | None = None

    def build(self) -> Shell:
        """The shell is the window's root."""
        use_fonts()
        look = display.chosen(self.settings)
        i18n.set_language(look.language)
        theme.use(look.theme)
        theme.use_text(look.text)
        pictures.hold()
        self.shell = Shell(cast("Actions", self._threshold))
        return self.shell

    def on_start(self) -> None:
        """Show the first screen; load the rest once it is drawn."""
        self.shell.show(*front.first_screen(i18n._, self.settings, self.clock.wall_ms()))
        Window.bind(on_flip=self._drawn)

    def on_stop(self) -> None:
        """The window closes."""
        if self.program is not None:
            self.program.stop()

    # ── what is loaded behind the first screen ───────────────────────────────────────────

    def _drawn(self, *_args: object) -> None:
        """The first frame can be seen."""
        Window.unbind(on_flip=self._drawn)
        rules.compile_when_read()
        self._loader.start()
        KivyClock.schedule_interval(self._step, 0)

    def _load(self) -> None:
        try:
            import field_client.program  # noqa: F401  (it is wired on the window's own thread)
        except BaseException as failure:  # noqa: BLE001  (raised again where somebody hears it)
            self._failure = failure

    def _step(self, _dt: float) -> bool:
        """One picture or screen a frame; False, which ends the steps, once all is there."""
        if next(self._steps, None) is not None or self._loader.is_alive():
            return True
        self._begin()
        return False

    def _begin(self) -> None:
        """The program takes over: clocks, idleness, and what was touched meanwhile."""
        if self._failure is not None:
            raise self._failure
        from field_client.program import Program

        program = Program(self.settings, self.clock, _post)
        program.start(self.shell)
        self.program = program
        KivyClock.schedule_interval(lambda _dt: program.tick(), TICK_S)
        touched = lambda *_args: program.touched()  # noqa: E731  (Kivy keeps it by name)
        Window.bind(on_touch_down=touched, on_textinput=touched)
        self.shell.wait("")
        self._threshold.open(program.actions)
        self._sweeper = Sweeper()
        KivyClock.schedule_interval(self._sweep, SWEEP_S)

    def _sweep(self, _dt: float) -> None:
        """What was left behind goes while the finger rests and no part of a screen is made."""
        if self.program and not self.shell.bringing:
            locked = self.shell.current == "unlock"
            self._sweeper.look(self.shell.shown, self.program.idle_ms, locked=locked)


def _post(job: Callable[[], None]) -> None:
    KivyClock.schedule_once(lambda _dt: job(), 0)

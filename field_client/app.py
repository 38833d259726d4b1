"""The tablet's program: the one place where things are wired.

    settings ─► Desk ─► flows (what was asked for) ─► Tablet (what is done and kept)
                  │                    ▲
                  └──► Shell ──────────┘  every touch goes to ``flow/routes.py``

Kivy owns the main thread; workers and sync come back to it through ``post``.
"""

from __future__ import annotations

from typing import Any

from kivy.app import App
from kivy.clock import Clock as KivyClock
from kivy.core.window import Window

from field_client.device_clock import Clock, SystemClock
from field_client.documents import Typesetter
from field_client.flow import display
from field_client.flow.desk import Desk
from field_client.flow.routes import Routes, careful
from field_client.keys.identity import KeyStore
from field_client.keys.secret import PROFILES, PassphraseSecret
from field_client.settings import Settings
from field_client.ui import i18n
from field_client.ui.shell import Shell
from field_client.ui.theme import theme, use_fonts
from field_client.ui.window import spare_the_pen

AUTO_LOCK_S = 600
TICK_S = 5.0


class FujieApp(App):  # type: ignore[misc]
    """The Kivy application."""

    title = "Fujie 符节"

    def __init__(self, settings: Settings, clock: Clock | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.settings = settings
        self.clock = clock or SystemClock()
        self._touched_at = 0

    def build(self) -> Shell:
        """Wire everything; the shell is the window's root."""
        use_fonts()
        look = display.chosen(self.settings)
        i18n.set_language(look.language)
        theme.use(look.theme)
        self.typesetter = Typesetter()
        self.desk = Desk(
            settings=self.settings,
            clock=self.clock,
            post=lambda job: KivyClock.schedule_once(lambda _dt: job(), 0),
            make_keys=self._make_keys,
        )
        self.actions = Routes(self.desk, self.typesetter)
        shell = Shell(careful(self.actions))
        self.desk.shell = shell
        return shell

    def on_start(self) -> None:
        """Show the first screen; begin to tick and to watch for idleness."""
        self.actions.start()
        KivyClock.schedule_interval(lambda _dt: self.actions.tick(), TICK_S)
        KivyClock.schedule_once(lambda _dt: spare_the_pen(), 0)
        self._touched_at = self.clock.monotonic_ms()
        Window.bind(on_touch_down=self._touched, on_textinput=self._touched)
        KivyClock.schedule_interval(lambda _dt: self._lock_when_idle(), TICK_S)

    def on_stop(self) -> None:
        """End a recording, wait for what is under way, and close the vault in order; what was
        acknowledged is durable either way."""
        self.actions.stop()
        self.typesetter.close()
        if self.desk.tablet is not None:
            self.desk.tablet.close()

    def _touched(self, *_args: object) -> None:
        self._touched_at = self.clock.monotonic_ms()

    def _lock_when_idle(self) -> None:
        """Nobody touched the tablet for a while: lock it, in the party's hands too. Sync goes
        on. Who films does not touch the glass."""
        idle = self.clock.monotonic_ms() - self._touched_at
        filming = self.desk.recording and self.desk.shell.current == "capture"
        if self.desk.duty and not filming and idle > AUTO_LOCK_S * 1000:
            self.actions.lock()

    def _make_keys(self, passphrase: str) -> KeyStore:
        profile = PROFILES[self.settings.argon2]
        return KeyStore(
            self.settings.keys_dir,
            PassphraseSecret(passphrase, profile),
            self.clock,
            self.settings.pin,
            profile,
        )

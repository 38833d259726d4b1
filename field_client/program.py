"""The whole program behind the first screen: flows, vault, sync, camera, documents.

    program = Program(settings, clock, post)
    program.start(shell)            the flows take over the shell and what was touched meanwhile
    program.stop()

Importing this module imports nearly everything that the tablet is made of, which takes several
times as long as the first screen: ``app.py`` does so on a thread of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from field_client.camera.derive import page_pixels
from field_client.device_clock import Clock
from field_client.documents import Typesetter
from field_client.flow.desk import Desk
from field_client.flow.routes import Routes, careful
from field_client.keys.identity import KeyStore
from field_client.keys.secret import PROFILES, PassphraseSecret
from field_client.settings import Settings
from field_client.ui import decoding
from field_client.ui.actions import Actions

AUTO_LOCK_S = 600


class Program:
    """Everything but the window."""

    def __init__(
        self, settings: Settings, clock: Clock, post: Callable[[Callable[[], None]], None]
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.typesetter = Typesetter()
        self.desk = Desk(settings=settings, clock=clock, post=post, make_keys=self._make_keys)
        self.routes = Routes(self.desk, self.typesetter)
        self._touched_at = clock.monotonic_ms()

    @property
    def actions(self) -> Actions:
        """What the screens may ask for."""
        return careful(self.routes)

    def start(self, shell: Any) -> None:
        """Take over the window's shell, which shows the locked tablet already."""
        decoding.use(page_pixels)
        self.desk.shell = shell
        self.routes.start()

    def stop(self) -> None:
        """End a recording, wait for what is under way, and close the vault in order; what was
        acknowledged is durable either way."""
        self.routes.stop()
        self.typesetter.close()
        if self.desk.tablet is not None:
            self.desk.tablet.close()

    def tick(self) -> None:
        """Clocks and ages move on; nobody touched the tablet for a while: lock it, in the
        party's hands too. Sync goes on. Who films does not touch the glass."""
        self.routes.tick()
        filming = self.desk.recording and self.desk.shell.current == "capture"
        if self.desk.duty and not filming and self.idle_ms > AUTO_LOCK_S * 1000:
            self.routes.lock()

    @property
    def idle_ms(self) -> int:
        """How long nobody has touched the tablet."""
        return self.clock.monotonic_ms() - self._touched_at

    def touched(self) -> None:
        """Somebody is there."""
        self._touched_at = self.clock.monotonic_ms()

    def _make_keys(self, passphrase: str) -> KeyStore:
        profile = PROFILES[self.settings.argon2]
        return KeyStore(
            self.settings.keys_dir,
            PassphraseSecret(passphrase, profile),
            self.clock,
            self.settings.pin,
            profile,
        )

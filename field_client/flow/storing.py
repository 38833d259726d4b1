"""Room for recordings: how much there is, and copies let go once the office keeps them.

storing.room          as it was a moment ago; asking costs nothing
storing.tick()        looks for copies that may go, every few minutes, off the UI thread; and
                      whether there is room for what failed on its way
"""

from __future__ import annotations

from collections.abc import Callable

from field_client.flow.desk import Desk
from field_client.store.release import LetGo, goes_after, let_go
from field_client.store.rescue import again
from field_client.store.room import Room, room_of
from protocol.errors import FujieError

LOOK_EVERY_MS = 5_000
RELEASE_EVERY_MS = 300_000


class Storing:
    """The disk of one tablet; for the UI thread."""

    def __init__(self, desk: Desk, released: Callable[[], None] = lambda: None) -> None:
        self._desk, self._released = desk, released
        self._room: Room | None = None
        self._looked_at = self._released_at = -(10**12)
        self._busy = False

    @property
    def room(self) -> Room:
        """What there is; looked at again after a few seconds."""
        desk, now = self._desk, self._desk.clock.monotonic_ms()
        if self._room is None or now - self._looked_at >= LOOK_EVERY_MS:
            after = goes_after(desk.open_tablet.shelf.current.parameters)
            self._room = room_of(desk.open_tablet.vault, desk.open_tablet.settings.blobs_dir, after)
            self._looked_at = now
        return self._room

    def forget(self) -> None:
        """Something was recorded or let go: look anew."""
        self._room = None

    def tick(self) -> None:
        """Let go of what may go, now and then."""
        now = self._desk.clock.monotonic_ms()
        if self._desk.tablet is None:
            return
        if now - self._released_at >= RELEASE_EVERY_MS:
            self.release()
        if self.cut:
            self.rescue()

    @property
    def cut(self) -> bool:
        """Whether a recording failed on its way and is still to be rescued."""
        return bool(self._desk.open_tablet.office.locker.cut)

    def rescue(self) -> None:
        """Rescue what failed on its way, if there is room for it by now."""
        desk, locker = self._desk, self._desk.open_tablet.office.locker
        if self._busy:
            return
        self._busy, names = True, set(locker.cut)

        def done(left: set[str]) -> None:
            self._busy = False
            locker.cut -= names - left
            if names - left:
                self.forget()
                self._released()

        desk.work(
            lambda: again(locker.vault, locker.folder, names), done, self._failed, outlives=True
        )

    def release(self) -> None:
        """Let go of what may go, now."""
        desk = self._desk
        if self._busy or desk.tablet is None:
            return
        self._busy, self._released_at = True, desk.clock.monotonic_ms()
        vault, folder, at = (
            desk.tablet.vault,
            desk.open_tablet.settings.blobs_dir,
            desk.clock.wall_ms(),
        )
        after = goes_after(desk.tablet.shelf.current.parameters)
        desk.work(lambda: let_go(vault, folder, at, after), self._gone, self._failed, outlives=True)

    def _gone(self, gone: LetGo) -> None:
        self._busy = False
        if gone.copies:
            self.forget()
            self._released()

    def _failed(self, _error: FujieError) -> None:
        """It is tried again later; nothing is lost by that."""
        self._busy = False

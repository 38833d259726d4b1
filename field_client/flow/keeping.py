"""Keeping what is typed: one write at a time, the newest last.

Every key that is pressed asks for a write, and a write takes as long as the disk does. While one
is under way the next waits, and only the newest of those that wait is written, so that an older
text never lands on a newer one and a slow disk does not pile up work. What a full disk refused
is held here, so that leaving the form and coming back shows it again and tries again.
"""

from __future__ import annotations

from collections.abc import Callable

from field_client.flow.desk import Desk
from field_client.store.drafts import Answers
from protocol.errors import FujieError

Write = Callable[[Answers], None]


class Keeper:
    """Keeps the answers of one form at a time. For the UI thread."""

    def __init__(self, desk: Desk, kept: Callable[[], None]) -> None:
        self._desk = desk
        self._kept = kept
        self._writing = False
        self._next: tuple[Write, Answers] | None = None
        self._unsaved: tuple[object, Answers] | None = None
        self.kept_at: int | None = None

    @property
    def settled(self) -> bool:
        """Whether everything typed is on the disk."""
        return not self._writing and self._next is None

    def unsaved(self, form: object) -> Answers:
        """What was typed into a form and is not on the disk yet."""
        return self._unsaved[1] if self._unsaved and self._unsaved[0] == form else {}

    def keep(self, form: object, write: Write, answers: Answers) -> None:
        """Write these answers of a form, after what is being written now."""
        self._next = (write, dict(answers))
        self._unsaved = (form, self._next[1])
        self._go()

    def _go(self) -> None:
        if self._writing or self._next is None:
            return
        (write, answers), self._next, self._writing = self._next, None, True
        self._desk.work(
            lambda: write(answers), lambda _: self._done(answers), self._failed, outlives=True
        )

    def _done(self, answers: Answers) -> None:
        self._writing, self.kept_at = False, self._desk.clock.wall_ms()
        if self._unsaved and self._unsaved[1] is answers:
            self._unsaved = None
        self._go()
        self._kept()

    def _failed(self, error: FujieError) -> None:
        """Told once; what was typed is still on the screen and is tried again with the next key."""
        self._writing = False
        self._desk.tell(error)

"""Keeping what is typed: one write at a time, and of each form only its newest.

Every key that is pressed asks for a write, and a write takes as long as the disk does. While one
is under way the next waits, and of several that wait for one form only the newest is written, so
that an older text never lands on a newer one and a slow disk does not pile up work. Forms wait
beside each other: who goes from one document to the next loses no last word of the first. What a
full disk refused is held here, so that leaving a form and coming back shows it again and tries
again.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable

from field_client.flow.desk import Desk
from field_client.store.drafts import Answers
from protocol.errors import FujieError

Write = Callable[[Answers], None]


class Keeper:
    """Keeps the answers of forms, each by a key that names its case. For the UI thread."""

    def __init__(self, desk: Desk, kept: Callable[[], None]) -> None:
        self._desk = desk
        self._kept = kept
        self._writing = False
        self._next: dict[Hashable, tuple[Write, Answers]] = {}
        self._unsaved: dict[Hashable, Answers] = {}
        self.kept_at: int | None = None

    @property
    def settled(self) -> bool:
        """Whether everything typed is on the disk."""
        return not self._writing and not self._next

    def unsaved(self, form: Hashable) -> Answers:
        """What was typed into a form and is not on the disk yet."""
        return self._unsaved.get(form, {})

    def keep(self, form: Hashable, write: Write, answers: Answers) -> None:
        """Write these answers of a form, after what is being written now."""
        self._unsaved[form] = newest = dict(answers)
        self._next[form] = (write, newest)
        self._go()

    def _go(self) -> None:
        if self._writing or not self._next:
            return
        form = next(iter(self._next))
        (write, answers), self._writing = self._next.pop(form), True
        self._desk.work(
            lambda: write(answers),
            lambda _: self._done(form, answers),
            self._failed,
            outlives=True,
        )

    def _done(self, form: Hashable, answers: Answers) -> None:
        self._writing, self.kept_at = False, self._desk.clock.wall_ms()
        if self._unsaved.get(form) is answers:
            del self._unsaved[form]
        self._go()
        self._kept()

    def _failed(self, error: FujieError) -> None:
        """Told once; what was typed is still on the screen and is tried again with the next key."""
        self._writing = False
        self._desk.tell(error)

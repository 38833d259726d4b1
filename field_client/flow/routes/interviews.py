"""An interview while it is held."""

from __future__ import annotations

from field_client.flow.passages import Passages


class Interviews(Passages):
    """An interview while it is held."""

    def turn_interview(self, tab: str) -> None:
        """Another side."""
        self._interviewing.turn_to(tab)

    def choose_interview(self, part: str) -> None:
        """Another interview."""
        self._interviewing.choose(part)

    def type_words(self, words: str) -> None:
        """Kept at once."""
        self._interviewing.type(words)

    def write_words(self, words: str) -> None:
        """Put or noted."""
        self._interviewing.write(words)

    def propose_words(self, words: str) -> None:
        """Ready words."""
        self._interviewing.propose(words)

    def open_words(self, place: int, part: str) -> None:
        """Written anew."""
        self._interviewing.open_row(place, part)

    def drop_words(self, place: int) -> None:
        """Gone."""
        self._interviewing.drop_row(place)

    def edit_interview(self, key: str, value: str) -> None:
        """Who, where, when."""
        self._interviewing.edit(key, value)

    def correct_page(self, page: str, was: str, now: str) -> None:
        """A correction."""
        self._interviewing.correct(page, was, now)

    def uncorrect(self, place: int) -> None:
        """A correction goes."""
        self._interviewing.uncorrect(place)

    def finish_interview(self) -> None:
        """To signing."""
        self._interviewing.finish()

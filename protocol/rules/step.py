"""One step that the law asks of an inspection."""

from dataclasses import dataclass


@dataclass(frozen=True)
class NextStep:
    """One step: its key, short word and title, what to do, and the clause that asks for it.

    ``screen`` says where it is done: ``at``, or the key itself. ``due`` is the last day
    (YYYY-MM-DD) where the law sets one, ``afterwards`` says that it may follow the end of the
    inspection.
    """

    key: str
    word_zh: str
    word_en: str
    zh: str
    en: str
    detail_zh: str
    detail_en: str
    clause: str
    clause_en: str
    done: bool
    required: bool
    at: str = ""
    due: str = ""
    afterwards: bool = False

    @property
    def screen(self) -> str:
        """Where the step is done."""
        return self.at or self.key

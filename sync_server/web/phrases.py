"""How pages say days, times, amounts, hashes and terms, in Chinese and English.

>>> say = Phrases("zh_CN")
>>> say.day("2026-11-18"), say.moment(1_763_427_936_000), say.grouped("0099230411")
('2026年11月18日', '2025年11月18日 09:05', '0099 2304 11')
>>> Phrases("en").day("2026-11-18")
'18 November 2026'
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from urllib.parse import urlencode

from protocol.calendar import CHINA, local_day, read_day
from protocol.errors import FujieError
from protocol.timeline import capital, yuan
from protocol.vocabulary import Term
from sync_server import words
from sync_server.web.citing import cited

_WEEKDAYS = "一二三四五六日"
_UNITS = (("B", 1), ("KB", 1 << 10), ("MB", 1 << 20), ("GB", 1 << 30))


class Phrases:
    """The words of one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.chinese = language.startswith("zh")

    def word(self, text: str, /, **facts: object) -> str:
        """A msgid in this language, its places filled in."""
        said = words.translate(text, self.language)
        return said.format(**facts) if facts else said

    def counted(self, one: str, many: str, n: int, /, **facts: object) -> str:
        """One of two msgids, by how many there are: only English tells them apart."""
        return self.word(one if n == 1 else many, n=n, **facts)

    def either(self, zh: str, en: str) -> str:
        """One of two texts that come in both languages."""
        return zh if self.chinese else en

    def heading(self, zh: str, en: str) -> str:
        """One of two texts where it stands alone."""
        return capital(self.either(zh, en))

    def clause(self, clause: str) -> str:
        """A clause that is on record in Chinese, as a page of this language cites it."""
        return clause if self.chinese else cited(clause)

    def error(self, error: FujieError) -> str:
        """What a deliberate error says; one that nobody translated says what it comes to."""
        if self.chinese and error.template not in words.catalogue(self.language):
            return self.word("what is stored here does not prove it; tell the operator")
        return words.explain(error, self.language)

    def retold(self, text: str) -> str:
        """What an error said when it was kept."""
        return words.retold(text, self.language)

    @property
    def space(self) -> str:
        """What stands between a colon and what follows: Chinese has it in the colon."""
        return "" if self.chinese else " "

    def term(self, term: Term) -> str:
        """A word of the domain where it stands alone."""
        return capital(self.within(term))

    def within(self, term: Term) -> str:
        """A word of the domain in the middle of a line."""
        return term.label(self.language)

    def day(self, day: str | date | int) -> str:
        """A legal day, from an ISO date or a time in ms."""
        read = _day(day)
        if self.chinese:
            return f"{read.year}年{read.month}月{read.day}日"
        return f"{read.day} {read:%B} {read.year}"

    def weekday(self, day: str | date) -> str:
        """The day of the week."""
        read = _day(day)
        return f"周{_WEEKDAYS[read.weekday()]}" if self.chinese else f"{read:%A}"

    def moment(self, at: int, *, seconds: bool = False) -> str:
        """A time in ms, as clocks in China show it."""
        made = datetime.fromtimestamp(at // 1000, CHINA)
        return (
            f"{self.day(made.date())} {made:%H:%M:%S}"
            if seconds
            else (f"{self.day(made.date())} {made:%H:%M}")
        )

    def short(self, at: int) -> str:
        """A time in ms without its year."""
        made = datetime.fromtimestamp(at // 1000, CHINA)
        head = f"{made.month}月{made.day}日" if self.chinese else f"{made.day} {made:%b}"
        return f"{head} {made:%H:%M}"

    def money(self, fen: int) -> str:
        """An amount in fen."""
        return f"{yuan(fen)} 元" if self.chinese else f"{yuan(fen)} yuan"

    def size(self, count: int) -> str:
        """A number of bytes."""
        name, unit = [one for one in _UNITS if count >= one[1]][-1] if count else _UNITS[0]
        return f"{count / unit:.1f} {name}" if unit > 1 else f"{count} B"

    def span(self, ms: int) -> str:
        """How long something takes, in the largest unit that says enough."""
        for zh, en, unit in (
            ("天", "d", 86_400_000),
            ("小时", "h", 3_600_000),
            ("分钟", "min", 60_000),
        ):
            if ms >= unit:
                return f"{ms // unit} {zh if self.chinese else en}"
        return f"{-(-ms // 1000)} {'秒' if self.chinese else 's'}"

    def grouped(self, text: str, width: int = 4) -> str:
        """A number or hash in groups, as it is read aloud."""
        return " ".join(text[at : at + width] for at in range(0, len(text), width))

    def fingerprint(self, root: str) -> str:
        """A document's fingerprint, as it is printed beside its code."""
        return self.grouped(root[:32])

    def query(self, items: Sequence[tuple[str, str]]) -> str:
        """The query string of what is asked for, without what is empty."""
        return query([(name, value) for name, value in items if value])

    def listed(self, parts: Sequence[str]) -> str:
        """Some names in a row."""
        return ("、" if self.chinese else ", ").join(parts)


def query(items: Sequence[tuple[str, str]]) -> str:
    """A query string with its question mark; empty for no items."""
    return f"?{urlencode(items)}" if items else ""


def _day(day: str | date | int) -> date:
    if isinstance(day, int):
        return local_day(day)
    return read_day(day) if isinstance(day, str) else day

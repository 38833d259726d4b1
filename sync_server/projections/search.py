"""Chinese words of one, two and more characters: which tokens a text is indexed by
(``fulltext.py`` says where).

FTS5's own tokenizers see a Chinese sentence as one word, and its trigrams find nothing shorter
than three characters. So a text is indexed twice, as tokens of its own:

    singles    价 格 违 法                 one character: a term
    pairs      价格 格违 违法              two and more: a phrase of overlapping pairs

>>> index("价格违法。2026").pairs
'价格 格违 违法 \\ue000 20 02 26'
>>> query("未标明价格")
'pairs : "未标 标明 明价 价格"'
>>> query("罚 126号")
'singles : "罚" AND pairs : "12 26 6号"'

Words are cut at spaces and punctuation; a query asks for all of its words. Width and case are
folded (NFKC), so that ``Ａ`` finds ``a``.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

MAX_WORDS = 12
MAX_WORD = 60
MAX_QUERY = MAX_WORDS * MAX_WORD

_WORD = re.compile(r"[^\W_]+")
# Stands between two words: a pair of the one and a pair of the next are no phrase. A private
# character, because FTS5's tokenizer takes those for letters and nobody types them.
_BREAK = " \ue000 "


class Index(NamedTuple):
    """The two columns of one text."""

    singles: str
    pairs: str


def index(text: str) -> Index:
    """The tokens of a text."""
    found = words(text)
    singles = sorted({character for word in found for character in word})
    return Index(" ".join(singles), _BREAK.join(" ".join(pairs(word)) for word in found))


def query(text: str) -> str:
    """The FTS5 expression for what somebody typed; empty if there is no word in it."""
    return " AND ".join(
        f'pairs : "{" ".join(pairs(word))}"' if len(word) > 1 else f'singles : "{word}"'
        for word in asked(text)
    )


def asked(text: str) -> list[str]:
    """The words of what somebody typed, as many and as long as are looked for."""
    return [word[:MAX_WORD] for word in words(text[:MAX_QUERY])[:MAX_WORDS]]


def words(text: str) -> list[str]:
    """The words of a text, in letters and digits that differ in neither width nor case."""
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def pairs(word: str) -> list[str]:
    """A word's overlapping pairs; a single character as it is."""
    return [word[at : at + 2] for at in range(len(word) - 1)] or [word]

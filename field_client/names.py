"""A person's name with what he is, as Chinese papers write it: the brackets are those of the text.

>>> bracketed("周明禾(店长)"), bracketed("John (Jack) Smith")
('周明禾（店长）', 'John (Jack) Smith')
>>> name_of("周明禾(店长)"), post_of("周明禾（店长）")
('周明禾', '店长')
"""

from __future__ import annotations

import re

# Western brackets beside a Chinese letter, as keyboards of either kind put them; one pair alone.
_MIXED = re.compile(r"([^()（）]*?)\s*[(（]([^()（）]*)[)）]\s*")
_CHINESE = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]")


def bracketed(words: str) -> str:
    """The same with full-width brackets, where there is Chinese in or before them."""
    plain = words.strip()
    found = _MIXED.fullmatch(plain)
    if found is None or not _CHINESE.search(plain):
        return plain
    name, post = found[1].strip(), found[2].strip()
    return f"{name}（{post}）" if post else name


def name_of(words: str) -> str:
    """The name alone."""
    return bracketed(words).partition("（")[0].strip()


def post_of(words: str) -> str:
    """What he is; empty where nothing says it."""
    return bracketed(words).partition("（")[2].removesuffix("）")

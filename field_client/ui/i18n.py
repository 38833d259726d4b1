"""Words on screen: English in the code, Chinese from ``locale/zh_CN/LC_MESSAGES/fujie.po``.

The catalogue is read at start from the .po itself, so that nothing compiled can be stale, and by
few lines of our own, as a library that knows all of gettext takes longer than the first screen.

    set_language("zh_CN"); _("Saved")   # 已保存
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

LOCALE = Path(__file__).parent.parent / "locale"
LANGUAGES = ("zh_CN", "en")

_state = {"language": LANGUAGES[0]}


@cache
def catalogue(language: str) -> dict[str, str]:
    """msgid to words of one language; English needs none."""
    if language == "en":
        return {}
    text = (LOCALE / language / "LC_MESSAGES" / "fujie.po").read_text(encoding="utf-8")
    return {msgid: words for msgid, words in _messages(text) if msgid and words}


def _messages(text: str) -> Iterator[tuple[str, str]]:
    """msgid and msgstr of each entry of a .po that has neither plurals nor contexts; one that is
    marked fuzzy is nobody's word yet."""
    for entry in text.split("\n\n"):
        found, part, fuzzy = {"msgid": "", "msgstr": ""}, "", False
        for line in entry.splitlines():
            if line.startswith("#"):
                fuzzy = fuzzy or (line.startswith("#,") and "fuzzy" in line)
                continue
            if not line.startswith('"'):
                part, _space, line = line.partition(" ")
            found[part] += json.loads(line)  # a .po escapes as JSON does
        if not fuzzy:
            yield found["msgid"], found["msgstr"]


def set_language(language: str) -> None:
    """``zh_CN`` or ``en``; screens made from now on speak it."""
    if language not in LANGUAGES:
        raise ValueError(f"expected one of {LANGUAGES}, got {language!r}")
    catalogue(language)
    _state["language"] = language


def language() -> str:
    """The language in use."""
    return _state["language"]


def _(msgid: str) -> str:
    """The words for ``msgid`` in the language in use."""
    return catalogue(_state["language"]).get(msgid, msgid)

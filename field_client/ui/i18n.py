"""Words on screen: English in the code, Chinese from ``locale/zh_CN/LC_MESSAGES/fujie.po``.

The catalogue is read at start from the .po itself, so that nothing compiled can be stale.

    set_language("zh_CN"); _("Saved")   # 已保存
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

LOCALE = Path(__file__).parent.parent / "locale"
LANGUAGES = ("zh_CN", "en")

_state = {"language": LANGUAGES[0]}


@cache
def catalogue(language: str) -> dict[str, str]:
    """msgid to words of one language; English needs none."""
    if language == "en":
        return {}
    with (LOCALE / language / "LC_MESSAGES" / "fujie.po").open("rb") as file:
        messages = read_po(file, locale=language)
    return {str(m.id): str(m.string) for m in messages if m.id and m.string and not m.fuzzy}


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

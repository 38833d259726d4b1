"""Words that people read: English in the code, other languages from gettext catalogues.

Catalogues are read from their ``.po`` when first needed (``errors.po`` for what goes wrong,
``pages.po`` for pages), so there is nothing to compile and nothing that can lag behind its
source. What a catalogue lacks stays English.

>>> translate("no such message", "zh_CN")
'no such message'
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

from protocol.errors import FujieError
from protocol.vocabulary import Term

FOLDER = Path(__file__).parent / "locale"
MAX_ACCEPTED = 200
"""Characters of an Accept-Language header that are looked at."""


@cache
def catalogue(language: str) -> dict[str, str]:
    """English → ``language``; empty for English and for languages that nobody wrote."""
    words: dict[str, str] = {}
    for path in sorted((FOLDER / language / "LC_MESSAGES").glob("*.po")):
        with path.open("rb") as file:
            read = read_po(file, locale=language)
        words |= {
            message.id: message.string
            for message in read
            if isinstance(message.id, str) and isinstance(message.string, str) and message.string
        }
    return words


def translate(text: str, language: str) -> str:
    """``text`` in ``language``, or as it is."""
    return catalogue(language).get(text, text)


def explain(error: FujieError, language: str) -> str:
    """What an error says, in ``language``."""
    facts = {
        name: one.label(language) if isinstance(one, Term) else one
        for name, one in error.facts.items()
    }
    return translate(error.template, language).format(**facts)


def language_of(accepted: str) -> str:
    """The language that an Accept-Language header asks for; Chinese if it does not say."""
    wanted: list[tuple[float, str]] = []
    for part in accepted[:MAX_ACCEPTED].split(","):
        tag, _, quality = part.strip().partition(";q=")
        try:
            wanted.append((-float(quality or 1), tag.lower()))
        except ValueError:
            continue
    for _, tag in sorted(wanted, key=lambda one: one[0]):
        if tag.startswith("zh"):
            return "zh_CN"
        if tag.startswith("en"):
            return "en"
    return "zh_CN"

"""Words that people read: English in the code, other languages from gettext catalogues.

Catalogues are read from their ``.po`` when first needed (``errors.po`` for what goes wrong,
``pages.po`` for pages), so there is nothing to compile and nothing that can lag behind its
source. What a catalogue lacks stays English.
An error that people read later is ``kept``, and ``retold`` in the language of whoever reads it.

>>> translate("no such message", "zh_CN")
'no such message'
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec
from babel.messages.pofile import read_po

from protocol.errors import FujieError
from protocol.vocabulary import Term

FOLDER = Path(__file__).parent / "locale"
MAX_KEPT = 500
"""Characters of a kept fact: what somebody else's server named may be of any length."""
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
    facts = {name: _said(one, language) for name, one in error.facts.items()}
    return translate(error.template, language).format(**facts)


def kept(error: Exception) -> str:
    """An error to be told later, in whatever language is asked for then (``retold``); a library's
    in its own words."""
    if not isinstance(error, FujieError):
        return _bounded(error)
    return msgspec.json.encode(_plain(error)).decode()


def retold(text: str, language: str) -> str:
    """What was ``kept``, in ``language``; words that were kept as they are stay so.

    >>> retold(kept(FujieError("more than {size} MiB", size=8)), "en")
    'more than 8 MiB'
    """
    try:
        return explain(_made(msgspec.json.decode(text, type=_Kept)), language)
    except msgspec.MsgspecError:
        return text


class _Kept(msgspec.Struct, forbid_unknown_fields=True):
    template: str
    facts: dict[str, str | _Kept]


def _plain(error: FujieError) -> _Kept:
    facts = {
        name: _plain(one) if isinstance(one, FujieError) else _bounded(one)
        for name, one in error.facts.items()
    }
    return _Kept(error.template, facts)


def _bounded(fact: object) -> str:
    """As every database takes it: JSON of others may hold half a character."""
    return str(fact)[:MAX_KEPT].encode(errors="replace").decode()


def _made(kept: _Kept) -> FujieError:
    facts = {
        name: _made(one) if isinstance(one, _Kept) else one for name, one in kept.facts.items()
    }
    return FujieError(kept.template, **facts)


def _said(fact: object, language: str) -> object:
    if isinstance(fact, Term):
        return fact.label(language)
    return explain(fact, language) if isinstance(fact, FujieError) else fact


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

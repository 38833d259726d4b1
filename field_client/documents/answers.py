"""One answer as the document writes it, whatever the type of its field.

    text multiline choice party_acts    as typed; a name's brackets are full-width
    names                               沈知远、陆清和
    number                              12 · 12.5
    money                               500元（大写：伍佰元整）
    date datetime                       2026年11月18日 · 2026年11月18日9时12分
    table                               see ``tables.py``

Marks that cannot be seen are left out: what is printed reads in the order in which it was typed,
and nothing stands in the text that the page does not show.

>>> names("沈知远, 陆清和")
['沈知远', '陆清和']
>>> number("1,200.50")
'1200.50'
"""

from __future__ import annotations

import re

from field_client.documents import values
from field_client.names import bracketed
from protocol.reference import FieldSpec

Value = str | int

# Controls, zero-width and direction marks, which could make a page read otherwise than its text.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]"
)
_LINES = re.compile("\r\n?|\u2028|\u2029")

_BETWEEN_NAMES = re.compile(r"[、，,;；\n]+")
_NUMBER = re.compile(r"(?:\d{1,12}|\d{1,3}(?:,\d{3}){1,3})(?:\.\d{1,6})?")


def answered(answer: Value) -> bool:
    """An empty text, a table without rows and an amount of nothing are no answers."""
    return str(answer).strip() not in ("", "0", "[]")


def written(field: FieldSpec, answer: Value) -> str | None:
    """The words for an answer that is no table; None when it cannot be read as its type."""
    if field.type == "money":
        fen = answer if isinstance(answer, int) else values.read_money(answer)
        return None if fen is None else values.money(fen)
    if field.type in ("date", "datetime"):
        at = answer if isinstance(answer, int) else values.read_time(answer)
        write = values.day if field.type == "date" else values.moment
        return None if at is None else write(at)
    if field.type == "number":
        return number(str(answer))
    if field.type == "names":
        return "、".join(bracketed(one) for one in names(seen(str(answer))))
    words = seen(str(answer))
    return bracketed(words) if field.cut == "name" else words


def seen(text: str) -> str:
    """The text without what cannot be seen, its line ends all alike."""
    return _UNSEEN.sub("", _LINES.sub("\n", text)).strip()


def names(text: str) -> list[str]:
    """The names in a list of them."""
    return [name for one in _BETWEEN_NAMES.split(text) if (name := one.strip())]


def number(text: str) -> str | None:
    """A decimal number as typed, without what groups its digits; None when it is none."""
    plain = text.strip().replace("，", ",")
    known = plain.isascii() and _NUMBER.fullmatch(plain)
    return plain.replace(",", "") if known else None

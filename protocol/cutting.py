"""How a document's text is cut into pieces that can be shown or masked one by one.

    whole       one piece, named like its field            fine
    sentences   at 。！？； and line ends, and around what    facts#0 facts#1 …
                is private: names, numbers, homes (private.py)
    name        surname, and the rest (marked)             legal_rep#0 legal_rep#1
    address     up to the township, and the rest (marked)  party_address#0 party_address#1

The pieces joined are always the text, character for character.

>>> [piece.text for piece in cut("facts", "店长周明禾在场。货架无标价。", ["周明禾"])]
['店长周', '明禾', '在场。', '货架无标价。']
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from protocol.errors import Malformed
from protocol.forms import Cut, FieldSpec
from protocol.private import Span, spans
from protocol.vocabulary import Ground

MAX_NAMES = 200

_SENTENCE = re.compile(r"[^。！？；\n]*[。！？；\n]+|[^。！？；\n]+")
_TOWNSHIP = re.compile("镇|乡|街道")
_COMPOUND = frozenset(
    "欧阳 太史 上官 端木 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台 皇甫 宗政 "
    "濮阳 公冶 太叔 申屠 公孙 慕容 仲孙 钟离 长孙 宇文 司徒 鲜于 司空 令狐 "
    "百里 东郭 西门 呼延".split()
)


class Piece(NamedTuple):
    """A named piece of text. ``mark`` is why it may have to be masked; None: nothing seen."""

    name: str
    text: str
    mark: Ground | None = None


def cut(name: str, text: str, names: Sequence[str] = (), how: Cut = "sentences") -> list[Piece]:
    """The pieces of one field's text, at least one. ``names`` are the natural persons that the
    text may mention, without the party, whose name is published. Raises Malformed when the
    field's name holds ``#``."""
    if "#" in name or not name:
        raise Malformed("expected a field's name without #, got {name}", name=name)
    if len(names) > MAX_NAMES:
        raise Malformed(
            "expected at most {bound} names to mark, got {count}", bound=MAX_NAMES, count=len(names)
        )
    if how == "whole":
        return [Piece(name, text)]
    if how == "name":
        parts = _cut_name(text)
    elif how == "address":
        parts = _cut_address(text)
    else:
        parts = list(_cut_sentences(text, names))
    parts = parts or [("", None)]
    return [Piece(f"{name}#{n}", part, mark) for n, (part, mark) in enumerate(parts)]


def cut_form(
    fields: Iterable[FieldSpec], answers: Mapping[str, str], names: Sequence[str] = ()
) -> list[Piece]:
    """The pieces of a whole form, in its order; fields without an answer give none."""
    return [
        piece
        for field in fields
        if field.name in answers
        for piece in cut(field.name, answers[field.name], names, field.cut)
    ]


def personal(text: str) -> Ground | None:
    """What private thing ``text`` holds, if any (``private.py``)."""
    return next((ground for _, _, ground in spans(text)), None)


def surname_length(name: str) -> int:
    """How many characters of a Chinese name are its surname; 0 for other names."""
    if not name or not "\u4e00" <= name[0] <= "\u9fff":
        return 0
    return 2 if len(name) > 2 and name[:2] in _COMPOUND else 1


def _cut_name(text: str) -> list[tuple[str, Ground | None]]:
    known = surname_length(text)
    return _filled([(text[:known], None), (text[known:], Ground.NATURAL_PERSON)])


def _cut_address(text: str) -> list[tuple[str, Ground | None]]:
    line = text.partition("\n")[0]
    found = _TOWNSHIP.search(line)
    end = found.end() if found else 1 + max(map(line.rfind, "县区旗市"))
    return _filled([(text[:end], None), (text[end:], Ground.HOME_ADDRESS)])


def _cut_sentences(text: str, names: Sequence[str]) -> Iterator[tuple[str, Ground | None]]:
    for sentence in _SENTENCE.findall(text):
        at = 0
        for start, end, ground in _disjoint([*spans(sentence), *_people(sentence, names)]):
            yield from _filled([(sentence[at:start], None), (sentence[start:end], ground)])
            at = end
        yield from _filled([(sentence[at:], None)])


def _filled(parts: list[tuple[str, Ground | None]]) -> list[tuple[str, Ground | None]]:
    return [part for part in parts if part[0]]


def _people(text: str, names: Sequence[str]) -> Iterator[Span]:
    for name in sorted({name for name in names if len(name) > 1}, key=lambda n: (-len(n), n)):
        for found in re.finditer(re.escape(name), text):
            yield found.start() + surname_length(name), found.end(), Ground.NATURAL_PERSON


def _disjoint(spans: Iterable[Span]) -> Iterator[Span]:
    """The spans in order; of those that overlap, what the earlier one leaves."""
    reached = 0
    for start, end, ground in sorted(spans, key=lambda span: (span[0], -span[1])):
        if end > reached:
            yield max(start, reached), end, ground
            reached = end

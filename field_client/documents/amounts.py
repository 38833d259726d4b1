"""Fines that are told in free words, so that no paper tells two amounts.

    fines("没收红枣12袋，罚款人民币5,000元。")            [500_000]
    refined("拟罚款500元（大写：伍佰元整）。", 50_000, 80_000)      the new amount in its place

An amount counts as a fine where the words call it one; what the law allows at most or at least
(“处五千元以下的罚款”) is none. Figures and numerals are read, in everyday and capital form.

>>> fines("罚款伍佰元整，没收违法所得1200元；处五千元以下的罚款")
[50000]
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from field_client.documents.values import money, read_money

_NUMERALS = "零〇一二三四五六七八九十百千万亿两壹贰叁肆伍陆柒捌玖拾佰仟"
_FIGURE = r"\d[\d,，]*(?:\.\d{1,2})?"
_CALLED = r"罚款(?:金额|数额)?(?:共计|合计|计|为)?[:：]?(?:人民币)?\s*"


def _amount(name: str) -> str:
    yuan = rf"(?P<{name}_yuan>{_FIGURE}万?|[{_NUMERALS}]+)元整?"
    return rf"(?P<{name}>{yuan}(?P<{name}_words>（大写：[^）]*）)?)"


_FINE = re.compile(
    f"{_CALLED}{_amount('after')}(?!以[上下内])|{_amount('before')}(?:人民币)?的?罚款"
)
_CAPITALS = re.compile(rf"（大写：(?:人民币)?([{_NUMERALS}]+)元整?）")
_DIGIT = {word: n for words in ("零一二三四五六七八九", "〇壹贰叁肆伍陆柒捌玖") for n, word in
          enumerate(words)} | {"两": 2}  # fmt: skip
_TENS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_GROUPS = {"万": 10_000, "亿": 100_000_000}
_LIMIT = 10**12  # yuan, as in figures


def fines(text: str) -> list[int]:
    """The amounts (fen) that the words call a fine, each once, in order. Figures with other
    capitals behind them are two."""
    return list(dict.fromkeys(_found(text)))


def refined(text: str, before: int, after: int) -> str:
    """The words with the fine ``before`` (fen) told as ``after``; other amounts stay."""

    def told(found: re.Match[str]) -> str:
        amount = found[_side(found)]
        same = set(_read(found)) == {before}
        return found[0].replace(amount, money(after)) if same else found[0]

    return _FINE.sub(told, text)


def _found(text: str) -> Iterator[int]:
    for found in _FINE.finditer(text):
        yield from _read(found)


def _side(found: re.Match[str]) -> str:
    return "after" if found["after"] else "before"


def _read(found: re.Match[str]) -> Iterator[int]:
    side = _side(found)
    for words in (found[f"{side}_yuan"], _in_capitals(found[f"{side}_words"])):
        amount = _fen(words)
        if amount:
            yield amount


def _in_capitals(words: str | None) -> str:
    found = _CAPITALS.fullmatch(words or "")
    return found[1] if found else ""


def _fen(words: str) -> int | None:
    if not words:
        return None
    if words[0].isdigit():
        yuan = read_money(words.removesuffix("万"))
        return yuan * 10_000 if yuan and words.endswith("万") else yuan
    yuan = _numerals(words)
    return yuan * 100 if yuan else None


def _numerals(words: str) -> int | None:
    """Yuan of 五千二百 or 伍仟贰佰; None for what is no number."""
    total = group = digit = 0
    for word in words:
        if word in _DIGIT:
            digit = _DIGIT[word]
        elif word in _TENS:
            group, digit = group + (digit or 1) * _TENS[word], 0
        else:
            total, group, digit = (total + group + digit) * _GROUPS[word], 0, 0
    yuan = total + group + digit
    return yuan if 0 < yuan < _LIMIT else None

"""Clauses as an English page cites them: what is on record cites them in Chinese.

>>> cited("《行政处罚法》第四十八条；《政府信息公开条例》第十四条、第十五条")
'Administrative Penalty Law, Art. 48; Regulations on Open Government Information, Art. 14, 15'
>>> cited("《行政处罚法》第六十八条第一项")
'Administrative Penalty Law, Art. 68 (item 1)'

Words that are no citation, and a law without an English name here, stand behind it in the Chinese
in which they were written: nothing that was said is left out.

>>> cited("《行政许可法》第四十条；本县行政执法公示办法")
'Administrative Licensing Law, Art. 40 (《行政许可法》第四十条；本县行政执法公示办法)'
"""

from __future__ import annotations

import re

LAWS = {
    "行政处罚法": "Administrative Penalty Law",
    "行政强制法": "Administrative Coercion Law",
    "行政复议法": "Administrative Reconsideration Law",
    "行政诉讼法": "Administrative Litigation Law",
    "行政许可法": "Administrative Licensing Law",
    "民事诉讼法": "Civil Procedure Law",
    "档案法": "Archives Law",
    "档案法实施条例": "Regulations for Implementing the Archives Law",
    "政府信息公开条例": "Regulations on Open Government Information",
    "优化营商环境条例": "Regulations on Improving the Business Environment",
    "个人信息保护法": "Personal Information Protection Law",
    "未成年人保护法": "Law on the Protection of Minors",
    "电子签名法": "Electronic Signature Law",
    "价格法": "Price Law",
    "食品安全法": "Food Safety Law",
    "产品质量法": "Product Quality Law",
    "市场监督管理行政处罚信息公示规定": "Provisions on Publishing Administrative Penalties of "
    "Market Regulation",
}
"""By their names without 中华人民共和国."""

_NUMBER = "[零一二三四五六七八九十百]+"
_ARTICLE = f"第({_NUMBER})条(?:第({_NUMBER})款)?(?:第({_NUMBER})项)?"
_PLAIN = f"第{_NUMBER}条(?:第{_NUMBER}款)?(?:第{_NUMBER}项)?"
_LAW = re.compile(f"《(?:中华人民共和国)?([^《》]+)》({_PLAIN}(?:、{_PLAIN})*)")
_OFFICE = re.compile(r"国办发〔(\d{4})〕(\d+)号")
_BETWEEN = re.compile(r"[；;、，,。\s]*")
_DIGITS = {word: n for n, word in enumerate("零一二三四五六七八九")}


def cited(clause: str) -> str:
    """The clause for an English page; what holds no citation that is known stays as it is."""
    found: list[tuple[int, str]] = []

    def law(match: re.Match[str]) -> str:
        name = LAWS.get(match[1])
        if name is None:
            return match[0]
        found.append((match.start(), f"{name}, Art. {_articles(match[2])}"))
        return " " * len(match[0])  # so that what follows keeps its place

    def office(match: re.Match[str]) -> str:
        found.append((match.start(), f"State Council Office {match[1]} No. {match[2]}"))
        return " " * len(match[0])

    left = _OFFICE.sub(office, _LAW.sub(law, clause))
    if not found:
        return clause
    english = "; ".join(words for _, words in sorted(found))
    return english if _BETWEEN.fullmatch(left) else f"{english} ({clause})"


def _articles(words: str) -> str:
    told = []
    for article, paragraph, item in re.findall(_ARTICLE, words):
        part = f" ({_number(paragraph)})" if paragraph else ""
        told.append(f"{_number(article)}{part}{f' (item {_number(item)})' if item else ''}")
    return ", ".join(told)


def _number(words: str) -> int:
    """Up to 999, as articles are numbered.

    >>> _number("十"), _number("二十八"), _number("一百一十条"[:-1])
    (10, 28, 110)
    """
    total = digit = 0
    for word in words:
        if word in _DIGITS:
            digit = _DIGITS[word]
        else:
            total, digit = total + (digit or 1) * (100 if word == "百" else 10), 0
    return total + digit

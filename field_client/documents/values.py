"""Amounts, days and times as official Chinese documents write them.

>>> money(50_000)
'500元（大写：伍佰元整）'
>>> moment(1_794_964_320_000)
'2026年11月18日9时12分'
"""

from __future__ import annotations

import re
from datetime import datetime

from protocol.calendar import CHINA

_IN_WORDS = re.compile(r"(?<=元)（大写：[^）]*）\Z")
_CHINESE = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日(?:(\d{1,2})时(\d{1,2})分)?")
_YUAN = re.compile(r"(\d{1,20})(?:\.(\d{1,2}))?")
_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿")
_LIMIT = 10**12  # yuan: past what the groups above can name


def read_money(text: str) -> int | None:
    """Fen from yuan as typed (``500``, ``3,500.50``, ``500元``) or as ``money`` writes them; None
    when it is no amount."""
    plain = (
        _IN_WORDS.sub("", text.strip())
        .removesuffix("元")
        .replace(",", "")
        .replace("，", "")
        .strip()
    )
    found = _YUAN.fullmatch(plain)
    if not found or not plain.isascii() or int(found[1]) >= _LIMIT:
        return None
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))


def money(fen: int) -> str:
    """An amount in figures and, so that none can be slipped in, in words."""
    yuan, rest = divmod(fen, 100)
    figures = f"{yuan}.{rest:02d}" if rest else str(yuan)
    return f"{figures}元（大写：{capitals(fen)}）"


def capitals(fen: int) -> str:
    """An amount in capital numerals (支付结算办法 annex 1): 伍佰元整, 壹仟零伍元叁角."""
    yuan, rest = divmod(fen, 100)
    jiao, cents = divmod(rest, 10)
    words = f"{_whole(yuan)}元" if yuan else ""
    if not rest:
        return (words or "零元") + "整"
    if jiao:
        words += f"{_DIGITS[jiao]}角"
    elif words:
        words += "零"
    return words + (f"{_DIGITS[cents]}分" if cents else "整")


def read_time(text: str) -> int | None:
    """Ms since the epoch of a time in China as typed (``2026-11-18 09:12``) or as ``moment`` and
    ``day`` write it, or None."""
    plain = text.strip()
    try:
        if found := _CHINESE.fullmatch(plain):
            year, month, on, hour, minute = (int(part or 0) for part in found.groups())
            read = datetime(year, month, on, hour, minute, tzinfo=CHINA)
        else:
            read = datetime.fromisoformat(plain)
    except ValueError:
        return None
    return int((read if read.tzinfo else read.replace(tzinfo=CHINA)).timestamp()) * 1000


def moment(at: int) -> str:
    """A time in China to the minute; ``at`` in ms since the epoch."""
    local = _local(at)
    return f"{local.year}年{local.month}月{local.day}日{local.hour}时{local.minute:02d}分"


def day(at: int) -> str:
    """A legal day in China; ``at`` in ms since the epoch."""
    local = _local(at)
    return f"{local.year}年{local.month}月{local.day}日"


def _local(at: int) -> datetime:
    return datetime.fromtimestamp(at // 1000, CHINA)


def _whole(yuan: int) -> str:
    words, gap = "", False
    for place in range(2, -1, -1):
        group = yuan // 10_000**place % 10_000
        if not group:
            gap = bool(words)
            continue
        if words and (gap or group < 1000):
            words += "零"
        words += _thousands(group) + _GROUPS[place]
        gap = False
    return words


def _thousands(number: int) -> str:
    words, gap = "", False
    for place in range(3, -1, -1):
        digit = number // 10**place % 10
        if not digit:
            gap = bool(words)
            continue
        words += ("零" if gap else "") + _DIGITS[digit] + _PLACES[place]
        gap = False
    return words

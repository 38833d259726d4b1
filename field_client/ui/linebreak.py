"""Where lines of mixed Chinese and English may break (P).

Kivy breaks at spaces only, which tears Chinese apart. Here a line may end after any Hanzi, but
never before closing punctuation nor after an opening bracket; Latin words and numbers stay whole,
a number with its unit.

>>> break_lines("签名，不等于认可。", len, 3)
['签名，', '不等于', '认可。']
>>> break_lines("作出当场行政处罚决定", len, 9)
['作出当场行政处罚', '决定']
"""

from __future__ import annotations

import re
from collections.abc import Callable

_TOKEN = re.compile(
    r"[ \t]+|[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f]|"
    r"[^ \t\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f]+"
)
_CLOSING = frozenset("，。、；：！？）〕》」』”’…—·%,.;:!?)]}")
_OPENING = frozenset("（〔《「『“‘([{")
_UNITS = frozenset(("s", "min", "h", "m", "km", "KB", "MB", "GB"))
_BEHIND = "，。、；：！？）〕》」』”’…"
_DOT = "·"  # stands between two facts: it ends a line and begins none
_ENOUGH = 4
"""Clusters that a line must have before one is taken from it."""
_NEARLY = 0.9
"""Of a line: from here on the line is measured whole, which is up to a pixel a word wider."""


def break_lines(text: str, measure: Callable[[str], float], width: float) -> list[str]:
    """Lines no wider than ``width`` as ``measure`` counts, newlines kept."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        lines.extend(_accompanied(_fill(clusters(paragraph), measure, width)))
    return lines


def clusters(text: str) -> list[str]:
    """Pieces of one paragraph that must not be torn: a mark sticks to what it closes or opens.

    >>> clusters("《价格法》第13条。")
    ['《价', '格', '法》', '第', '13', '条。']
    >>> clusters("Updated 2 h ago")
    ['Updated', ' ', '2 h', ' ', 'ago']
    >>> clusters("3 to sync · oldest")
    ['3', ' ', 'to', ' ', 'sync ·', ' ', 'oldest']
    """
    out: list[str] = []
    for token in _TOKEN.findall(text):
        sticks = token[0] in _CLOSING or (bool(out) and out[-1][-1] in _OPENING)
        if len(out) > 1 and out[-1] == " " and _goes_on(out[-2], token):
            out[-2:] = [f"{out[-2]} {token}"]
        elif out and sticks and not out[-1].isspace():
            out[-1] += token
        else:
            out.append(token)
    return out


def _fill(clusters: list[str], measure: Callable[[str], float], width: float) -> list[str]:
    lines, line, used = [], "", 0.0

    def full(piece: str) -> bool:
        wide = used + measure(piece)
        return wide > width or (wide > width * _NEARLY and measure(line + piece) > width)

    for cluster in clusters:
        if line and not cluster.isspace() and full(cluster):
            lines.append(line.rstrip())
            line, used = "", 0.0
        if not line and cluster.isspace():
            continue
        for piece in _pieces(cluster, measure, width):
            if line and not piece.isspace() and full(piece):
                lines.append(line.rstrip())
                line, used = "", 0.0
            line += piece
            used += measure(piece)
    return [*lines, line.rstrip()]


def _accompanied(lines: list[str]) -> list[str]:
    """No Hanzi stands alone on the last line: the one before it comes along."""
    if len(lines) < 2 or not _is_hanzi(lines[-1].rstrip(_BEHIND)):
        return lines
    before = clusters(lines[-2])
    if len(before) < _ENOUGH or not _is_hanzi(before[-1][:1]):
        return lines
    return [*lines[:-2], "".join(before[:-1]).rstrip(), before[-1] + lines[-1]]


def _goes_on(before: str, token: str) -> bool:
    """Whether the space between them is no place for a line to end."""
    return token == _DOT or (before[-1].isdigit() and _is_unit(token))


def _is_unit(token: str) -> bool:
    return token.rstrip(".,;:!?)") in _UNITS


def _is_hanzi(text: str) -> bool:
    """Whether it is one. (A pattern of such ranges takes 1.5 ms to compile.)"""
    return len(text) == 1 and (
        "\u2e80" <= text <= "\u2fff" or "\u3040" <= text <= "\u9fff" or "\uf900" <= text <= "\ufaff"
    )


def _pieces(cluster: str, measure: Callable[[str], float], width: float) -> list[str]:
    """A cluster wider than a whole line (a long code, a URL) is cut where it must be."""
    return [cluster] if measure(cluster) <= width else list(cluster)

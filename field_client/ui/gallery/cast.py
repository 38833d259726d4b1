"""The people, places and papers of the sample pictures; all fictional.

>>> PARTY, OFFICERS[0].name
('云溪县禾穗食品有限公司', '沈知远')
"""

from __future__ import annotations

import struct
import zlib
from functools import cache

import segno
import typst

from field_client.ui.presenters.card import Matrix
from field_client.ui.presenters.common import (
    Chip,
    Choice,
    Frame,
    PartyLock,
    Translate,
    iso_words,
    sync_corner,
    tabs,
)
from field_client.ui.presenters.unlock import OfficerTile

AGENCY = "云溪县市场监督管理局"
DEVICE = "YX-T07"
PARTY = "云溪县禾穗食品有限公司"
USCC = "91990123MA0FJ0K21X"
MANAGER = "周明禾"
ADDRESS = "云溪县青石镇河西路28号"
INSPECTION = "云市监检〔2026〕318号"
DECISION = "云市监当罚〔2026〕126号"
NOW = 1_795_022_040_000  # 2026-11-19 01:14 in the zone; moved by ``at``
NINE = 1_794_963_660_000  # 2026-11-18 09:01 in Asia/Shanghai


def at(hour: int, minute: int) -> int:
    """Milliseconds of a time on the day of the inspection, 2026-11-18."""
    return NINE + ((hour - 9) * 60 + minute - 1) * 60_000


def frame(
    _: Translate, title: str, subtitle: str, *, tab: str = "", pending: int = 3, recording: str = ""
) -> Frame:
    """What stands around a screen."""
    corner = sync_corner(_, pending=pending, oldest_at=at(9, 12), now=at(9, 46))
    return Frame(title, subtitle, corner, recording, tab, tabs(_, inspecting=bool(tab)))


def zh_en(_: Translate, zh: str, en: str) -> str:
    """A domain word; on the tablet the protocol's vocabulary gives both."""
    return en if _("Saved") == "Saved" else zh


def on(_: Translate, day: str, clock: str = "") -> str:
    """A day ``2026-11-18`` as the tablet writes it, with a clock where one is given."""
    return " ".join(part for part in (iso_words(_, day), clock) if part)


@cache
def portrait(long_hair: bool) -> bytes:
    """A drawn head and shoulders as PNG, in the greys of the design."""
    width, height = 216, 282
    rows = [b"\0" + b"".join(_pixel(x, y, long_hair) for x in range(width)) for y in range(height)]
    return as_png(width, height, b"".join(rows))


def _pixel(x: int, y: int, long_hair: bool) -> bytes:
    dark, skin, neck, ground = (b"\x3c\x46\x44", b"\xa3\xac\xa9", b"\x8b\x95\x91", b"\xe3\xe8\xe6")
    dx = x - 108
    if (dx / 39) ** 2 + ((y - 126) / 51) ** 2 <= 1 and not (y < 92 + abs(dx) * 0.15):
        return skin
    hair = (dx / 42) ** 2 + ((y - 92) / 50) ** 2 <= 1
    if (hair and y < 108) or (long_hair and abs(dx) <= 44 and 84 <= y < 176):
        return dark
    if y > 204 and abs(dx) < (y - 200) * 0.34 and y < 242:
        return neck if abs(dx) < (y - 200) * 0.22 else b"\xff\xff\xff"
    if abs(dx) < 22 and 160 < y < 206:
        return neck
    if y >= 206 and abs(dx) < min(96, 34 + (y - 206) * 2.4):
        return dark
    return ground


def as_png(width: int, height: int, raw: bytes) -> bytes:
    """Rows of RGB, each behind a zero byte, as a PNG file."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(raw)), (b"IEND", b""))
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


OFFICERS = (
    OfficerTile("00992304117", "沈知远", "0099 2304 117", portrait(False)),
    OfficerTile("00992304132", "陆清和", "0099 2304 132", portrait(True)),
)

LOCK = PartyLock(tuple(Choice(one.officer_id, one.name) for one in OFFICERS))


@cache
def qr(text: str) -> Matrix:
    """A QR of level M as modules."""
    code = segno.make(text, error="m", micro=False)
    return tuple(tuple(bool(module) for module in row) for row in code.matrix)


def chip(icon: str, word: str, tone: str = "plain") -> Chip:
    """A chip, briefly."""
    return Chip(icon, word, tone)  # type: ignore[arg-type]


PAGE = """
#set page(width: 210mm, height: 297mm, margin: (x: 28mm, y: 30mm), fill: white)
#set text(font: ("Noto Serif CJK SC", "Noto Sans CJK SC"), size: 14pt, lang: "zh")
#set par(leading: 1em, first-line-indent: (amount: 2em, all: true), justify: true)
#align(center)[#text(15pt)[云溪县市场监督管理局]\\ #text(22pt, weight: "bold")[当场行政处罚决定书]]
#align(right)[云市监当罚〔2026〕126号]
#set par(first-line-indent: 0em)
当事人：云溪县禾穗食品有限公司\\ 统一社会信用代码：91990123MA0FJ0K21X\\ 住所：云溪县青石镇河西路28号
#set par(first-line-indent: (amount: 2em, all: true))

2026年11月18日9时12分检查发现，你单位在青石镇河西路28号经营的散装红枣等7种商品未标明价格。以上事实有现场检查笔录、照片6张为证。

上述行为违反《中华人民共和国价格法》第十三条第一款的规定。依据该法第四十二条、《中华人民共和国行政处罚法》第五十一条，决定给予罚款500元。

当事人应当自收到本决定书之日起十五日内，到指定银行缴纳罚款。

如不服本决定，应当自收到本决定书之日起六十日内先向云溪县人民政府申请行政复议；对复议决定不服的，可以自收到复议决定书之日起十五日内向云溪县人民法院提起行政诉讼。
#v(1fr)
#set par(first-line-indent: 0em)
执法人员：待签 #h(1fr) （印章位置）\\ 当事人：待签 #h(1fr) 2026年11月18日
"""


@cache
def pages() -> tuple[bytes, ...]:
    """A printed page as the renderer would give it."""
    page = typst.compile(PAGE.encode(), format="png", ppi=110.0)
    return (page,)

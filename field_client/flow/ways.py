"""How a document is served, and what each way asks for (CPL 87–95; APL 61): data.

WAYS[ServiceMethod.POSTAL].fields      ("addressee", "place", "tracking")
WAYS[ServiceMethod.LEAVING].hand       Hand.ATTESTOR, or photo or video taken there

What a statement has no field for (a tracking number, a letter of request) is written into the
note that stands for the receipt, in Chinese:

>>> note(ServiceMethod.POSTAL, {"tracking": "XA123456789CN"})
'邮寄送达，邮件号码：XA123456789CN；以回执上的收件日期为送达日期'
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from protocol.vocabulary import ServiceMethod


class Written(StrEnum):
    """Whose hand a way of service needs on the spot."""

    RECEIVER = "receiver"
    ATTESTOR = "attestor"
    NOBODY = "nobody"


@dataclass(frozen=True)
class Way:
    """What one way asks for. ``fields`` must be filled in, ``free`` may be; ``place`` is what
    the place means here; ``clause`` and ``hint`` are shown to the officers."""

    fields: tuple[str, ...]
    hand: Written
    clause: str
    clause_en: str
    hint: str
    hint_en: str
    free: tuple[str, ...] = ()
    place: tuple[str, str] = ("地点", "Place")
    note: str = ""


WAYS: dict[ServiceMethod, Way] = {
    ServiceMethod.PERSONAL: Way(
        ("addressee", "receiver", "place"),
        Written.RECEIVER,
        "《民事诉讼法》第八十八条",
        "CPL 88",
        "由当事人、与其同住的成年家属、代理人或者负责收件的人签收。",
        "The party, an adult who lives with it, its agent, or whoever takes in its post signs.",
        free=("relation",),
    ),
    ServiceMethod.LEAVING: Way(
        ("addressee", "place", "reason"),
        Written.ATTESTOR,
        "《民事诉讼法》第八十九条",
        "CPL 89",
        "拒收的：请见证人签名，送达人也签名；或者留在住所并拍照、录像。",
        "Refused: a witness signs beside who serves it, or it is left with photo or video.",
        note="拒收，留置送达：{reason}",
    ),
    ServiceMethod.POSTAL: Way(
        ("addressee", "place", "tracking"),
        Written.NOBODY,
        "《民事诉讼法》第九十一条",
        "CPL 91",
        "直接送达有困难的，可以邮寄；回执上的收件日期为送达日期。",
        "Where handing over is difficult. The day on the receipt is the day of service.",
        place=("邮寄地址", "Postal address"),
        note="邮寄送达，邮件号码：{tracking}；以回执上的收件日期为送达日期",
    ),
    ServiceMethod.ENTRUSTED: Way(
        ("addressee", "place", "entrusted", "letter"),
        Written.NOBODY,
        "《民事诉讼法》第九十一条",
        "CPL 91",
        "直接送达有困难的，可以委托其他机关代为送达。",
        "Where handing over is difficult: another agency serves it for you.",
        note="委托{entrusted}送达，委托函：{letter}；以受托机关送回的送达回证为准",
    ),
    ServiceMethod.ANNOUNCEMENT: Way(
        ("addressee", "place", "reason"),
        Written.NOBODY,
        "《民事诉讼法》第九十五条",
        "CPL 95",
        "用其他方式无法送达的，才可以公告；满三十日视为送达，原因记入案卷。",
        "The last resort. Deemed served after 30 days; the reasons go into the file.",
        place=("公告方式和地点", "Where it is announced"),
        note="公告送达，原因：{reason}；自公告之日起满三十日视为送达",
    ),
    ServiceMethod.ELECTRONIC: Way(
        ("addressee", "receiver", "electronic"),
        Written.RECEIVER,
        "《行政处罚法》第六十一条、《民事诉讼法》第九十条",
        "APL 61; CPL 90",
        "当事人同意并签名确认的，才可以电子送达；到达之日为送达日期。",
        "Only if the party agrees and signs for it. The day it arrives is the day of service.",
        free=("relation",),
    ),
}

MUCH = 200  # letters: a note stands in a bounded field of the record


def lacking(method: ServiceMethod, fields: Mapping[str, str]) -> tuple[str, ...]:
    """The fields that are still empty, by name."""
    return tuple(name for name in WAYS[method].fields if not fields.get(name, "").strip())


def note(method: ServiceMethod, fields: Mapping[str, str]) -> str:
    """What stands in the record where nobody signs for the receipt."""
    named = {name: value.strip() for name, value in fields.items()}
    return WAYS[method].note.format_map(named)[:MUCH]

"""One line of a timeline, and the words that several kinds share."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from protocol.statements import DocumentIssued, PartyAct, Signed, SignRefused
from protocol.vocabulary import Step

NUMBERED = ("handed_over", "recusal_asked")
"""Kinds that state officers by their numbers alone."""
NUMBER = re.compile(r"\b[0-9A-Z]{6,}\b", re.ASCII)

Issued = Mapping[str, DocumentIssued]
"""Documents by their record hash (hex), so that a service can say which document it served."""


@dataclass(frozen=True)
class Told:
    """What happened, a detail to it, and the step of the inspection that it belongs to."""

    zh: str
    en: str
    detail_zh: str = ""
    detail_en: str = ""
    step: Step | None = None


def yuan(fen: int) -> str:
    """An amount in fen as people write yuan: 50000 is ``500``, 350001 is ``3,500.01``."""
    whole, rest = divmod(fen, 100)
    return f"{whole:,}.{rest:02}" if rest else f"{whole:,}"


def tell_party_act(act: PartyAct) -> tuple[str, str]:
    """How somebody signed, refused or was absent, in Chinese and English."""
    zh, en = act.role.zh, act.role.en
    if isinstance(act, Signed):
        return f"{zh}已签名", f"signed by the {en}"
    by_zh, by_en = ("，见证人已签名", ", an attestor signed") if act.attestor else ("", "")
    if isinstance(act, SignRefused):
        return f"{zh}拒绝签名：{act.reason}{by_zh}", f"{en} refused to sign: {act.reason}{by_en}"
    return f"{zh}不在场：{act.reason}{by_zh}", f"{en} absent: {act.reason}{by_en}"


def capital(words: str) -> str:
    """English that stands by itself, as a title does."""
    return words[:1].upper() + words[1:]


def things(count: int) -> str:
    """Property in English: ``1 item``, ``2 items``."""
    return f"{count} item" if count == 1 else f"{count} items"


def named(kind: str, words: str, name: Callable[[str], str]) -> str:
    """What is told of a record of that kind, with the ``name`` of each officer whose number it
    states; ``name`` gives back a number that it does not know."""
    if kind not in NUMBERED:
        return words
    return NUMBER.sub(lambda found: name(found[0]), words)


def reason_after(zh: str, en: str, reason: str) -> tuple[str, str]:
    """A detail with its reason behind it, where there is one."""
    return (f"{zh}：{reason}", f"{en}: {reason}") if reason else (zh, en)


def document_of(issued: Issued, record: str) -> tuple[str, str]:
    """The title of a document of the case, or 文书 where its record is not here."""
    known = issued.get(record)
    return (known.document.zh, known.document.en) if known else ("文书", "document")

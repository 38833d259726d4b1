"""What a case already knows, by the names that templates use, so that nobody types it twice.

    agency.name agency.government agency.court agency.bank agency.hotline
    party.name party.id_code party.legal_rep party.address party.phone
    party.organisation party.sole_trader party.citizen    one of them is set
    party.you                                             你单位, or 你
    item.name item.basis item.cause item.violated item.penalty_basis
    officers.names                                        沈知远、陆清和
    officers.lines                                        with certificate numbers, one a line
    place.text  opened_at  now  today  number  seal
    site_manager site_manager.name site_manager.post      周明禾（店长）, 周明禾, 店长
    site_manager.met                                      在场, if somebody saw a card there today
    statement.defence statement.reply statement.waived
    statement.penalty statement.fine                      what the party was told: 罚款, fen
    media.summary evidence                                照片6张、录像1段; 现场检查笔录、照片6张

>>> media_summary({MediaKind.PHOTO: 6, MediaKind.VIDEO: 1})
'照片6张、录像1段'
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from msgspec import UnsetType

from field_client.documents.answers import Value
from field_client.names import bracketed, name_of, post_of
from protocol.reference import AgencyInfo, Item, Reference
from protocol.statements import InspectionOpened, Party, StatementTaken
from protocol.vocabulary import DocumentKind, MediaKind, PartyClass, PenaltyKind

SEAL_SHOWN = 16  # hex digits: enough to find the record, short enough for a line

PROVING = (DocumentKind.SITE_INSPECTION_RECORD, DocumentKind.INTERVIEW_RECORD)
"""Records that prove what happened; one that was not made proves nothing."""
_TOGETHER = {
    frozenset({PenaltyKind.WARNING}): "警告",
    frozenset({PenaltyKind.FINE}): "罚款",
    frozenset({PenaltyKind.WARNING, PenaltyKind.FINE}): "警告，并处罚款",
}
"""Kinds that are decided on the spot (APL 51), as the decision words them."""
_COUNTED = {MediaKind.PHOTO: "张", MediaKind.VIDEO: "段", MediaKind.SOUND: "段"}


@dataclass(frozen=True)
class CaseFacts:
    """``values`` by the names above; empty ones are absent. ``people`` are the natural persons
    whom the text may mention and who are not the party: their names are cut out of free text."""

    values: Mapping[str, Value]
    people: Sequence[str] = ()


def case_facts(
    opening: InspectionOpened,
    reference: Reference,
    *,
    now: int,
    number: str = "",
    statement: StatementTaken | None = None,
    media: Mapping[MediaKind, int] | None = None,
    records: Collection[DocumentKind] = (),
    site_manager: str = "",
    met: bool = True,
    seal: str = "",
) -> CaseFacts:
    """The facts of a case at ``now`` (ms).

    ``number`` is the document's own, once it has one; ``media`` counts what was captured;
    ``records`` are the kinds of documents that were issued; ``site_manager`` reads 周明禾（店长）;
    ``met`` says whether anybody was, today; ``seal`` is the record hash of the delegation, hex.
    """
    summary = media_summary(media or {})
    proofs = [*(one.zh for one in PROVING if one in records), summary]
    values: dict[str, Value] = {
        "place.text": opening.place.text,
        "opened_at": opening.at,
        "now": now,
        "today": now,
        "number": number,
        "seal": seal[:SEAL_SHOWN],
        "site_manager": bracketed(site_manager),
        "site_manager.name": name_of(site_manager),
        "site_manager.post": post_of(site_manager),
        "site_manager.met": "在场" if site_manager and met else "",
        "media.summary": f"现场拍摄{summary}。" if summary else "",
        "evidence": "、".join(one for one in proofs if one),
    }
    values |= _agency(reference.agency) | _party(opening.party)
    values |= officer_words(opening.officers, reference)
    values |= _item(reference.item(opening.item)) | _heard(statement)
    return CaseFacts(
        values={name: value for name, value in values.items() if value != ""},
        people=_people(opening.party, site_manager),
    )


def media_summary(media: Mapping[MediaKind, int]) -> str:
    """How many recordings of each kind."""
    return "、".join(
        f"{kind.zh}{media[kind]}{unit}" for kind, unit in _COUNTED.items() if media.get(kind)
    )


def _agency(agency: AgencyInfo) -> dict[str, Value]:
    names = ("name", "government", "court", "bank", "hotline", "address")
    return {f"agency.{name}": getattr(agency, name) for name in names}


def _party(party: Party) -> dict[str, Value]:
    names = ("name", "id_code", "legal_rep", "address", "phone")
    values: dict[str, Value] = {f"party.{name}": getattr(party, name) for name in names}
    values[f"party.{party.party_class.value}"] = party.party_class.zh
    values["party.you"] = "你单位" if party.party_class == PartyClass.ORGANISATION else "你"
    return values


def officer_words(cert_nos: Iterable[str], reference: Reference) -> dict[str, Value]:
    """Who acts, by these certificate numbers."""
    found = [(reference.officer(number), number) for number in cert_nos]
    names = [(officer.name if officer else "", number) for officer, number in found]
    return {
        "officers.names": "、".join(name for name, _ in names if name),
        "officers.lines": "\n".join(f"{name}（执法证号{number}）" for name, number in names),
    }


def _item(item: Item | None) -> dict[str, Value]:
    if item is None:
        return {}
    names = ("name", "basis", "cause", "violated", "penalty_basis")
    return {f"item.{name}": getattr(item, name) for name in names}


def _heard(statement: StatementTaken | None) -> dict[str, Value]:
    if statement is None:
        return {}
    told = statement.intended
    intended: dict[str, Value] = {}
    if not isinstance(told, UnsetType):
        words = _TOGETHER.get(frozenset(told.penalties), "")
        intended = {"statement.penalty": words, "statement.fine": told.fine or ""}
    return intended | {
        "statement.defence": statement.defence,
        "statement.reply": statement.reply,
        "statement.waived": "是" if statement.waived else "",
    }


def _people(party: Party, site_manager: str) -> tuple[str, ...]:
    """A person who is the party itself is published by name, the others are not."""
    named = [name_of(site_manager)]
    if party.party_class == PartyClass.ORGANISATION:
        named.append(name_of(party.legal_rep))
    return tuple(sorted({name for name in named if name and name != party.name}))

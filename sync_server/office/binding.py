"""A case file put in order (立卷): what is in which volume, on which page, under which title.

    lines(state, reference, secret)        the contents list (卷内目录), main volume first
    bind(plan, state, reference, …)        the statement without its sheets
    sheets(bound, state, reference, day)   what stands on cover, contents list and remarks sheet

The main volume (正卷) holds what went out and what it rests on: opening, decisions with their
service, other documents, evidence. The internal one (副卷) holds what the office said to itself:
approvals, legal review, discussion. What somebody marks as secret stands in a volume apart (密卷).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import msgspec

from protocol.calendar import local_day, read_day
from protocol.case import AnyRecord, CaseState
from protocol.reference import Reference
from protocol.statements import (
    ApprovalGiven,
    BlobRef,
    CaseOpened,
    DecisionMade,
    DocumentIssued,
    DocumentServed,
    FileBound,
    Filed,
    HearingMinuted,
    MediaCaptured,
    OpinionGiven,
    ReviewRequested,
    Short,
    Statement,
    StatementTaken,
    Volume,
    blobs_of,
)
from protocol.timeline import tell
from protocol.vocabulary import DocumentKind, Retention, VolumeKind

ELECTRONIC = "电子记录"
NO_SHEET = BlobRef(sha256="0" * 64, size=0, media_type="application/pdf")

_INTERNAL = (ApprovalGiven, ReviewRequested, OpinionGiven, DecisionMade)
_LISTED = (
    CaseOpened,
    DocumentIssued,
    DocumentServed,
    StatementTaken,
    HearingMinuted,
    MediaCaptured,
    *_INTERNAL,
)
_DECISIONS = (
    DocumentKind.SPOT_DECISION,
    DocumentKind.PENALTY_DECISION,
    DocumentKind.SEAL_SEIZE_DECISION,
)
_EVIDENCE = (
    DocumentKind.SITE_INSPECTION_RECORD,
    DocumentKind.INTERVIEW_RECORD,
    DocumentKind.STATEMENT_RECORD,
)


@dataclass(frozen=True)
class Binding:
    """What the archivist says of a file: its numbers, how long it is kept, which records are
    secret (ids in hex), and what is to be remarked of it."""

    retention: Retention
    archive_no: str = ""
    fonds_no: str = ""
    catalogue_no: str = ""
    file_no: str = ""
    secret: frozenset[str] = frozenset()
    remarks: str = ""
    checker: str = ""


def lines(state: CaseState, reference: Reference, secret: Collection[str] = ()) -> list[Filed]:
    """Every paper, recording and step without paper, in the handbook's order (5.7)."""
    listed = [one for one in state.records if isinstance(one.statement, _LISTED)]
    filed = [
        (_volume(one, secret), _rank(one.statement, state), _line(one, state, reference))
        for one in listed
    ]
    order = list(VolumeKind)
    # Equal ranks stay in the order of the log: service behind what it served.
    filed.sort(key=lambda one: (order.index(one[0]), one[1]))
    return [
        one for kind, rows in groupby(filed, key=lambda one: one[0]) for one in _paged(kind, rows)
    ]


def bind(
    plan: Binding, state: CaseState, reference: Reference, *, now: int, salt: str
) -> FileBound:
    """The statement, its sheets still to be printed (``NO_SHEET``). The case is open."""
    assert state.opened_by is not None
    opened = state.opened_by.statement
    items = lines(state, reference, plan.secret)
    officers = [reference.officer(number) for number in state.officers]
    named = [one.name for one in officers if one is not None]
    units = [one.unit for one in officers if one is not None]
    return FileBound(
        agency=opened.agency,
        at=now,
        salt=salt,
        case=state.case,
        title=_short(f"{opened.party.name}{opened.cause}案"),
        archive_no=plan.archive_no,
        fonds_no=plan.fonds_no,
        catalogue_no=plan.catalogue_no,
        file_no=plan.file_no,
        unit=units[0] if units else reference.agency.name,
        retention=plan.retention,
        items=items,
        volumes=[
            Volume(
                volume=kind,
                items=sum(one.volume is kind for one in items),
                pages=sum(one.pages for one in items if one.volume is kind),
                cover=NO_SHEET,
                contents=NO_SHEET,
                remarks=NO_SHEET,
            )
            for kind in VolumeKind
            if any(one.volume is kind for one in items)
        ],
        remarks=plan.remarks,
        compiler=named[0] if named else plan.checker,
        checker=plan.checker,
    )


def sheets(bound: FileBound, state: CaseState, reference: Reference) -> list[dict[str, Any]]:
    """The words of all sheets: cover, contents list and remarks sheet of each volume in turn."""
    made = []
    for volume in bound.volumes:
        rows = [one for one in bound.items if one.volume is volume.volume]
        common: dict[str, Any] = {
            "author": reference.agency.name,
            "foot": f"{bound.title}（{volume.volume.zh}）　归档号 {bound.archive_no}",
        }
        made += [
            common
            | {"sheet": "cover", "title": bound.title}
            | _cover(bound, volume, state, reference),
            common
            | {
                "sheet": "contents",
                "title": "卷内目录",
                "named": f"{bound.title}（{volume.volume.zh}）",
                "rows": [_row(one) for one in rows],
            },
            common | {"sheet": "remarks", "title": "卷内备考表"} | _remarks(bound, volume, rows),
        ]
    return made


def with_sheets(bound: FileBound, printed: Iterable[BlobRef]) -> FileBound:
    """The statement with its printed sheets, in the order of ``sheets``."""
    left = iter(printed)
    volumes = [
        msgspec.structs.replace(one, cover=next(left), contents=next(left), remarks=next(left))
        for one in bound.volumes
    ]
    return msgspec.structs.replace(bound, volumes=volumes)


def apart(state: CaseState) -> set[str]:
    """The hashes (hex) of all that the secret volume names, and of its sheets: no package holds
    them. What an open record names too is no secret."""
    bound = state.bound
    if bound is None:
        return set()
    said = bound.statement
    secret = {one.record for one in said.items if one.volume is VolumeKind.SECRET}
    of_secret = [one for one in said.volumes if one.volume is VolumeKind.SECRET]
    sheets_of = {ref.sha256 for one in of_secret for ref in (one.cover, one.contents, one.remarks)}
    hidden = {ref.sha256 for one in state.records if one.id in secret for ref in _named(one)}
    shown = {
        ref.sha256
        for one in state.records
        if one.id not in secret and one.id != bound.id
        for ref in _named(one)
    }
    return sheets_of | (hidden - shown)


def _volume(record: AnyRecord, secret: Collection[str]) -> VolumeKind:
    if record.id in secret:
        return VolumeKind.SECRET
    return VolumeKind.INTERNAL if isinstance(record.statement, _INTERNAL) else VolumeKind.MAIN


def _named(record: AnyRecord) -> list[BlobRef]:
    return blobs_of(record.statement)


def _rank(said: object, state: CaseState) -> int:
    """Opening, decisions with their service, other documents, evidence on paper, recordings, the
    rest."""
    if isinstance(said, CaseOpened):
        return 0
    if isinstance(said, DocumentServed):
        served = [one.issued for one in state.documents if one.issued.id == said.issued]
        return _rank(served[0].statement, state) if served else 5
    if isinstance(said, DocumentIssued):
        if said.document in (*_DECISIONS, DocumentKind.SERVICE_PROOF):
            return 1
        return 3 if said.document in _EVIDENCE else 2
    return 4 if isinstance(said, MediaCaptured) else 5


def _line(record: AnyRecord, state: CaseState, reference: Reference) -> Filed:
    said = record.statement
    assert isinstance(said, Statement)
    issued = {one.issued.id: one.issued.statement for one in state.documents}
    kept: dict[str, Any] = {
        "author": reference.agency.name,
        "title": _short(tell(said, issued).zh),
        "on": local_day(said.at).isoformat(),
        "remark": ELECTRONIC,
    }
    if isinstance(said, DocumentIssued):
        revoked = next((d.revoked for d in state.documents if d.issued.id == record.id), None)
        kept |= {
            "title": said.document.zh,
            "number": said.number,
            "blob": said.pdf.sha256,
            "pages": said.pages,
            "remark": revoked.statement.ground.zh if revoked else "",
        }
    elif isinstance(said, MediaCaptured):
        officer = reference.officer(said.recorder)
        kept |= {
            "title": _short(f"{said.media.zh}：{said.purpose}"),
            "author": officer.name if officer else said.recorder,
            "blob": said.blob.sha256,
            "on": local_day(said.began_at).isoformat(),
            "remark": "音像",
        }
    elif isinstance(said, HearingMinuted):
        kept |= {"title": "听证笔录", "blob": said.minutes.sha256, "remark": ""}
    elif isinstance(said, DecisionMade) and said.minutes is not None:
        kept |= {"title": "集体讨论笔录", "blob": said.minutes.sha256, "remark": ""}
    return Filed(volume=VolumeKind.MAIN, record=record.id, **kept)


def _paged(kind: VolumeKind, rows: Iterable[tuple[Any, int, Filed]]) -> list[Filed]:
    made, page = [], 1
    for _, _, one in rows:
        first = page if one.pages else 0
        made.append(msgspec.structs.replace(one, volume=kind, page=first))
        page += one.pages
    return made


def _cover(
    bound: FileBound, volume: Volume, state: CaseState, reference: Reference
) -> dict[str, Any]:
    opened = state.opened_by
    assert opened is not None
    decision = state.decision.issued.statement if state.decision else None
    officers = [reference.officer(number) for number in state.officers]
    ended = state.closed.statement.at if state.closed else bound.at
    return {
        "agency": reference.agency.name,
        "volume": volume.volume.zh,
        "lines": [
            ("案　　名", bound.title),
            ("当 事 人", opened.statement.party.name),
            ("决定书文号", decision.number if decision else "无"),
            ("承办机构", bound.unit),
            ("承 办 人", "、".join(one.name for one in officers if one) or "—"),
            ("立案日期", _day(local_day(opened.statement.at).isoformat())),
            ("结案日期", _day(local_day(ended).isoformat())),
        ],
        "retention": bound.retention.zh,
        "items": f"{volume.items} 件",
        "pages": f"{volume.pages} 页",
        "archive_no": bound.archive_no,
        "fonds_no": bound.fonds_no or "—",
        "catalogue_no": bound.catalogue_no or "—",
        "file_no": bound.file_no or "—",
    }


def _row(one: Filed) -> list[str]:
    last = one.page + one.pages - 1
    pages = "—" if not one.pages else (str(one.page) if last == one.page else f"{one.page}–{last}")
    return [one.number, one.author, one.title, one.on, pages, one.remark]


def _remarks(bound: FileBound, volume: Volume, rows: list[Filed]) -> dict[str, Any]:
    sounds = sum(one.remark == "音像" for one in rows)
    records = sum(one.blob is None for one in rows)
    papers = len(rows) - sounds - records
    counted = f"文书{papers}件{volume.pages}页，音像{sounds}件，无纸的电子记录{records}件"
    notes = [f"本卷共{len(rows)}件：{counted}。页码连续，经检查没有缺件。"]
    notes.append("封面、卷内目录、备考表加盖本机关电子签章，附可信时间戳。")
    others = [one.volume.zh for one in bound.volumes if one.volume is not volume.volume]
    if others:
        notes.append(f"同案另有{'、'.join(others)}。")
    if volume.volume is VolumeKind.SECRET:
        notes.append("本卷涉密，单独保管，不装入案卷封包。")
    notes += [line for line in bound.remarks.splitlines() if line.strip()]
    return {
        "notes": notes,
        "digests": [one.blob or f"{one.record}（记录）" for one in rows],
        "compiler": bound.compiler,
        "checker": bound.checker,
        "day": _day(local_day(bound.at).isoformat()),
    }


def _day(text: str) -> str:
    day = read_day(text)
    return f"{day.year}年{day.month}月{day.day}日"


def _short(text: str) -> Short:
    return text[:500]

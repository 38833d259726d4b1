"""Looking into a sealed file (调阅): who asks, for what, until when, and which files exactly.

    retrieve(wanted, state, now=…, salt=…)       the statement, or a refusal
    opens(record, state, account_keys, today)    the files that it lets its signer show today

The statement is in the log before anything is shown, and names every file that is (SV-2; N-9.2).
What stands in the secret volume is shown only if the head of the agency signed too.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from protocol.calendar import local_day
from protocol.case import CaseState
from protocol.document import Record
from protocol.errors import Refused
from protocol.statements import Filed, FileRetrieved
from protocol.vocabulary import VolumeKind

SHEETS = ("封面", "卷内目录", "备考表")


class NotSealed(Refused):
    """There is no sealed file to look into."""


class NothingAsked(Refused):
    """A retrieval that does not say who, for what, or which files."""


class HeadNeeded(Refused):
    """A file of the secret volume, and the head did not sign."""


class Destroyed(Refused):
    """The file is no more."""


@dataclass(frozen=True)
class Wanted:
    """What somebody asks for: ``opened`` are hashes (hex) of files; ``until`` is the last day."""

    by: str
    unit: str
    purpose: str
    until: date | None
    opened: tuple[str, ...]


def offered(state: CaseState) -> list[Filed]:
    """The files of a sealed case that can be asked for, in the order of its contents lists; the
    sheets of each volume before what is in it."""
    bound = state.bound
    if bound is None:
        return []
    said, found = bound.statement, []
    for volume in said.volumes:
        found += [
            Filed(
                volume=volume.volume,
                record=bound.id,
                blob=sheet.sha256,
                author=said.unit,
                title=f"{volume.volume.zh}{name}",
                on=local_day(said.at).isoformat(),
            )
            for name, sheet in zip(
                SHEETS, (volume.cover, volume.contents, volume.remarks), strict=True
            )
        ]
        found += [one for one in said.items if one.blob and one.volume is volume.volume]
    return found


def retrieve(
    wanted: Wanted, state: CaseState, *, now: int, salt: str, by_head: bool
) -> FileRetrieved:
    """The statement of a retrieval. Raises NotSealed, Destroyed, NothingAsked, HeadNeeded."""
    if state.archived is None or state.opened_by is None:
        raise NotSealed("this file is not sealed yet; its archivist seals it when it is complete")
    if state.destructions:
        raise Destroyed("this file was destroyed after appraisal; its entries and receipts remain")
    if not (wanted.by and wanted.purpose and wanted.opened):
        raise NothingAsked(
            "expected who asks, for what purpose and which files; a retrieval names all three "
            "before anything is shown"
        )
    package = state.archived.statement.package.sha256
    secret = {one.blob for one in offered(state) if one.volume is VolumeKind.SECRET}
    known = {one.blob for one in offered(state)} | {package}
    if set(wanted.opened) - known:
        raise NothingAsked("a file that was asked for is not in this case; choose from its list")
    if secret & set(wanted.opened) and not by_head:
        raise HeadNeeded(
            "what stands in the secret volume is shown only with the signature of the agency's "
            "head; let the head sign beside you, or leave it out"
        )
    if wanted.until is not None and wanted.until < local_day(now):
        raise NothingAsked("the last day of the retrieval is over; choose today or a later day")
    return FileRetrieved(
        agency=state.opened_by.statement.agency,
        at=now,
        salt=salt,
        case=state.case,
        package=package,
        by=wanted.by,
        unit=wanted.unit,
        purpose=wanted.purpose,
        until_on=wanted.until.isoformat() if wanted.until else None,
        opened=list(dict.fromkeys(wanted.opened)),
    )


def opens(record: Record[FileRetrieved], keys: Collection[bytes], today: date) -> tuple[str, ...]:
    """What a retrieval lets a person with these ``keys`` show ``today``: it is his own, and not
    over. Without a last day it is for the day on which it was stated."""
    said = record.statement
    last = said.until_on or local_day(said.at).isoformat()
    mine = set(keys) & set(record.signers)
    return tuple(said.opened) if mine and today.isoformat() <= last else ()

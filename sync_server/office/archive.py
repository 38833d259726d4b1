"""A case file is closed and sealed: the gate, then the statement.

    for check in gate(state, stored): check.ok, check.zh       the list on the page
    seal(plan, state, reference, …)                            the statement, or RuleSays (AR-1)

Documents are page-numbered when they are made (``DocumentIssued.pages``); what the gate counts
is what the statement says, and the rule compares both with the case.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from protocol.case import CaseState
from protocol.errors import Refused
from protocol.reference import Reference
from protocol.rules import Level, judge
from protocol.statements import BlobRef, FileArchived, Statement
from protocol.vocabulary import DocumentKind, Retention
from sync_server.office.publish import RuleSays


class SealedAlready(Refused):
    """The case file was sealed before."""


@dataclass(frozen=True)
class Check:
    """One line of the gate."""

    ok: bool
    zh: str
    en: str


@dataclass(frozen=True)
class Plan:
    """What the archivist asks for, and the package that was made of the case."""

    package: BlobRef
    retention: Retention
    archive_no: str


def gate(state: CaseState, stored: Collection[str]) -> list[Check]:
    """What must hold before a file is sealed (AR-1), and how it stands."""
    documents = [one.issued.statement for one in state.documents]
    kinds = {one.document for one in documents}
    decided = state.decisions
    here = sum(blob.sha256 in stored for blob in state.blobs)
    pages = sum(one.pages for one in documents)
    record = DocumentKind.SITE_INSPECTION_RECORD
    return [
        Check(state.closed is not None, "检查已经结束", "The inspection is closed"),
        Check(bool(state.shown), "有出示证件的记录", "The showing of cards is recorded"),
        Check(bool(state.notified), "权利义务已经告知", "Rights and duties were told"),
        Check(record in kinds, "有现场检查笔录", "The inspection record is there"),
        Check(
            bool(state.statements) or not decided or DocumentKind.PRIOR_NOTICE in kinds,
            "有告知和陈述申辩的记录",
            "Telling and hearing are recorded",
        ),
        Check(
            all(one.served for one in decided),
            f"{len(decided)}份决定书都已送达",
            "The decision was served"
            if len(decided) == 1
            else f"All {len(decided)} decisions were served",
        ),
        Check(
            all(one.pages > 0 for one in documents),
            f"文书{len(documents)}件、共{pages}页，页码连续",
            f"{len(documents)} documents, {pages} pages, numbered",
        ),
        Check(
            here == len(state.blobs),
            f"文书和音像文件{len(state.blobs)}个，已核对入库{here}个",
            f"{here} of {len(state.blobs)} files are here and verified",
        ),
    ]


def seal(
    plan: Plan,
    state: CaseState,
    reference: Reference,
    *,
    now: int,
    salt: str,
    stored: Collection[str],
) -> FileArchived:
    """The statement by which the file is sealed. Raises SealedAlready, RuleSays."""
    if state.archived is not None or state.opened_by is None:
        raise SealedAlready("this case file is sealed already; open it in the archive")
    documents = [one.issued.statement for one in state.documents]
    statement = FileArchived(
        agency=state.opened_by.statement.agency,
        at=now,
        salt=salt,
        case=state.case,
        package=plan.package,
        retention=plan.retention,
        archive_no=plan.archive_no,
        documents=len(documents),
        pages=sum(one.pages for one in documents),
        media=len(state.media),
    )
    expect_lawful(statement, state, reference, now, stored)
    return statement


def expect_lawful(
    statement: Statement,
    state: CaseState,
    reference: Reference,
    now: int,
    stored: Collection[str] | None = None,
) -> None:
    """Raises RuleSays with the first rule that stops a statement."""
    judgements = judge(statement, state, reference, now, stored=stored)
    stops = [one for one in judgements if one.level is Level.BLOCK]
    if stops:
        raise RuleSays(stops[0])

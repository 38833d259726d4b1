"""The archive: bound whole and page-numbered, kept as long as the table says, destroyed only after
an appraisal."""

from collections.abc import Iterator
from datetime import date

from protocol.calendar import local_day
from protocol.case import CaseState, Record
from protocol.reference import Reference
from protocol.rules.office import AR_1
from protocol.rules.rule import Judgement, Level, Question, Rule, fails, holds
from protocol.statements import DisclosurePublished, FileArchived, FileBound, RecordDestroyed
from protocol.vocabulary import ActKind, Procedure, Retention, VolumeKind

AR_2 = Rule(
    "AR-2",
    "保管期限按批准的期限表确定",
    "kept as long as the approved table says",
    "《档案法实施条例》第十九条",
    "ARC-R 19",
    Level.BLOCK,
)
AR_3 = Rule(
    "AR-3",
    "销毁须经鉴定",
    "destroyed after an appraisal only",
    "《档案法》第二十一条；《档案法实施条例》第二十四条",
    "ARC 21; ARC-R 24",
    Level.BLOCK,
)

_YEARS = {Retention.YEARS_10: 10, Retention.YEARS_30: 30}
_LENGTH = (Retention.YEARS_10, Retention.YEARS_30, Retention.PERMANENT)


def retention_of(state: CaseState, reference: Reference) -> Retention:
    """How long the agency's table keeps such a file: by the gravest of its decisions."""
    made = [one.issued.statement.decision for one in state.decisions]
    made += [one.statement.decision for one in state.made]
    table = reference.parameters
    penalties = [one for one in made if one is not None and one.act is ActKind.PENALTY]
    if any(one.procedure is Procedure.ORDINARY for one in penalties):
        return table.keep_ordinary
    return table.keep_summary if penalties else table.keep_other


def kept_until(sealed: FileArchived) -> int | None:
    """The last year of a sealed file's retention, None for ever. It runs from the year after the
    file was sealed."""
    years = _YEARS.get(sealed.retention)
    return None if years is None else local_day(sealed.at).year + years


def kept_by_table(q: Question) -> Judgement | None:
    """AR-2: not shorter than the agency's table; longer is the archivist's choice."""
    proposed = q.proposed
    assert isinstance(proposed, FileBound | FileArchived)
    if q.state is None:
        return None
    least = retention_of(q.state, q.reference)
    if _LENGTH.index(proposed.retention) < _LENGTH.index(least):
        return fails(
            AR_2,
            f"本机关的保管期限表要求此类案卷保管{least.zh}，不能只保管{proposed.retention.zh}。"
            f"请选择{least.zh}。",
            f"The agency's table keeps such a file {least.en}, not {proposed.retention.en}. "
            f"Choose {least.en}.",
        )
    return holds(AR_2, f"保管{proposed.retention.zh}。", f"Kept {proposed.retention.en}.")


def bound_whole(q: Question) -> Judgement | None:
    """AR-1: each document and each recording stands in one volume, and the pages of each volume
    follow one another from 1."""
    proposed, state = q.proposed, q.state
    assert isinstance(proposed, FileBound)
    if state is None:
        return None
    filed = [one.record for one in proposed.items]
    papers = [one.issued.id for one in state.documents] + [one.id for one in state.media]
    outside = [one for one in papers if filed.count(one) != 1]
    if outside:
        return fails(
            AR_1,
            f"有{len(outside)}件文书或者音像没有编入卷内目录，或者编了两次。请重新编目。",
            f"{len(outside)} documents or recordings are in no contents list, or in two. List "
            "them again.",
        )
    for volume in VolumeKind:
        if not _numbered(proposed, volume):
            return fails(
                AR_1,
                f"{volume.zh}的页码不连续，或者与封面所写件数、页数不符。请重新编页。",
                f"The pages of the {volume.en} do not follow one another, or its cover counts "
                "otherwise. Number them again.",
            )
    return holds(AR_1, "各卷页码连续。", "The pages of each volume follow one another.")


def _numbered(bound: FileBound, volume: VolumeKind) -> bool:
    items = [one for one in bound.items if one.volume is volume]
    sheets = [one for one in bound.volumes if one.volume is volume]
    if not items and not sheets:
        return True
    page = 1
    for one in items:
        if one.page != (page if one.pages else 0):
            return False
        page += one.pages
    return [(one.items, one.pages) for one in sheets] == [(len(items), page - 1)]


def destroyed_lawfully(q: Question) -> Judgement | None:
    """AR-3: of a sealed file whose retention has run out and of which nothing is on display, with
    an appraisal report that is here, by two persons."""
    for zh, en in _against(q):
        return fails(AR_3, zh, en)
    return holds(AR_3, "鉴定报告在卷，保管期限已满。", "Appraised, and its retention has run out.")


def _is_displayed(one: Record[DisclosurePublished] | None, today: date) -> bool:
    """Whether a publication stands, and its last day is not over."""
    until = one.statement.display_until if one else ""
    return until is None or until >= today.isoformat()


def _against(q: Question) -> Iterator[tuple[str, str]]:
    proposed, state = q.proposed, q.state
    assert isinstance(proposed, RecordDestroyed)
    if state is None or state.archived is None:
        yield (
            "没有归档的案卷不能销毁。请先归档。",
            "A file that was never archived is not destroyed. Archive it first.",
        )
        return
    if any(_is_displayed(one.published, local_day(proposed.at)) for one in state.documents):
        yield (
            "本案还有决定书正在公示，公示内容须能与案卷核对。请先撤回公示，或者等公示期满。",
            "A decision of it is on public display. Withdraw it first, or wait until that ends.",
        )
    until = kept_until(state.archived.statement)
    if until is None:
        yield "永久保管的案卷不能销毁。", "A file kept for ever is never destroyed."
    elif local_day(proposed.at).year <= until:
        yield (
            f"保管期限到{until}年底才满，现在不能销毁。",
            f"Its retention runs until the end of {until}. It is not destroyed before.",
        )
    if q.stored is not None and proposed.appraisal.sha256 not in q.stored:
        yield (
            "没有鉴定报告，不能销毁。请先上传鉴定报告。",
            "There is no appraisal report. Hand it in first.",
        )
    if q.signers is not None:
        persons = {q.persons.get(key, key.hex()) if q.persons else key.hex() for key in q.signers}
        if len(persons) < 2:
            yield (
                "销毁须由两人签名。请另一名工作人员监销并签名。",
                "Destruction is signed by two. Another member of staff witnesses and signs.",
            )

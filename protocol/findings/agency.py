"""What an integrity report claims of the agency as a whole: its log, the log's witnesses, and the
sealed files of its archive.

    judged(AgencyFacts(agency=…, packages=[Package(archive_no="2026-0001", …)], …))
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from protocol.findings.finding import RECORDED, Evidence, Finding, Severity, day_time
from protocol.findings.naming import identified

FIXITY_MS = 100 * 24 * 3_600_000
"""A sealed file is read again once a quarter; a hundred days leave a run its time."""
_HOUR = 3_600_000
_ARCHIVED = "《档案法实施条例》第四十条"


@dataclass(frozen=True)
class Package:
    """A sealed case file: whether its bytes are here, whether they have their hash, and when they
    were read last by a recorded check, or sealed (ms)."""

    archive_no: str
    sha256: str
    archived_at: int
    held: bool
    damaged: bool
    checked_at: int


@dataclass(frozen=True)
class AgencyFacts:
    """``witnessed`` is the newest head with cosignatures, as (size, ms), where ``witnesses`` are
    asked at all; ``unwitnessed_at`` is when the first entry behind it came. ``destroyed`` are
    packages (hex) that were destroyed after appraisal."""

    agency: str
    now: int
    log_size: int
    log_ok: bool = True
    witnesses: int = 0
    witnessed: tuple[int, int] | None = None
    unwitnessed_at: int | None = None
    packages: Sequence[Package] = ()
    destroyed: frozenset[str] = field(default_factory=frozenset)


def judged(facts: AgencyFacts) -> tuple[Finding, ...]:
    """The findings, those to act on first."""
    found = [*_log(facts), *_witnesses(facts), *_archive(facts)]
    found.sort(key=lambda one: one.severity is not Severity.ACT)
    return tuple(identified(one, facts.agency, "", b"") for one in found)


def _log(facts: AgencyFacts) -> Iterator[Finding]:
    """``log_inconsistent``: the log's entries do not give its signed root."""
    if not facts.log_ok:
        yield inconsistent(facts.log_size)


def inconsistent(size: int) -> Finding:
    """The log was altered."""
    return Finding(
        "log_inconsistent",
        Severity.ACT,
        "日志条目算出的根与签名的检查点不一致。日志被改动过。",
        "The root computed from the log's entries is not the signed one. The log was altered.",
        None,
        (Evidence("日志大小", "log size", str(size)),),
        RECORDED,
        "请停止收发，从备份恢复整个日志，并报告监督机关。",
        "Stop the service, restore the whole log from the backup and tell the supervisor.",
        subject="log",
    )


def _witnesses(facts: AgencyFacts) -> Iterator[Finding]:
    """``witness_behind``: the log's witnesses were asked, and for a day none has seen what is
    new: nobody else could say that it is not being rewritten."""
    since = facts.unwitnessed_at
    if not facts.witnesses or since is None or facts.now - since <= 24 * _HOUR:
        return
    seen = facts.witnessed[0] if facts.witnessed else 0
    zh, en = day_time(since)
    yield Finding(
        "witness_behind",
        Severity.WATCH,
        f"{zh}起日志新增的{facts.log_size - seen}条没有见证人联署。",
        f"No witness has cosigned the {facts.log_size - seen} entries that came since {en}.",
        since,
        (
            Evidence("日志大小", "log size", str(facts.log_size)),
            Evidence("见证到", "witnessed up to", str(seen)),
            Evidence("见证人", "witnesses", str(facts.witnesses)),
        ),
        RECORDED,
        "请检查见证人的服务和网络；换人的，更新见证人名单。",
        "See whether the witnesses' services can be reached; where one left, name another.",
        subject=str(seen),
    )


def _archive(facts: AgencyFacts) -> Iterator[Finding]:
    """``archive_missing``, ``archive_damaged``, ``fixity_overdue``: sealed files."""
    for one in facts.packages:
        if one.sha256 in facts.destroyed:
            continue
        if not one.held:
            yield _package(
                one,
                "archive_missing",
                Severity.ACT,
                (f"案卷{one.archive_no}的归档包没有了。", f"The package {one.archive_no} is gone."),
                (
                    "请从副本或者备份恢复，查明原因并报告档案主管部门。",
                    "Restore it from the copy or the backup, find out why and tell the archives.",
                ),
            )
        elif one.damaged:
            yield _package(
                one,
                "archive_damaged",
                Severity.ACT,
                (
                    f"案卷{one.archive_no}的归档包和归档时不一样。",
                    f"The package {one.archive_no} no longer has the hash that was sealed.",
                ),
                (
                    "请从副本或者备份恢复，损坏的一份留作证据。",
                    "Restore it from the copy or the backup; keep the damaged one as evidence.",
                ),
            )
        elif facts.now - one.checked_at > FIXITY_MS:
            days = (facts.now - one.checked_at) // (24 * _HOUR)
            yield _package(
                one,
                "fixity_overdue",
                Severity.WATCH,
                (
                    f"案卷{one.archive_no}的归档包{days}天没有检查过。",
                    f"The package {one.archive_no} was not checked for {days} days.",
                ),
                ("请运行固化检查。", "Have the fixity check run."),
                one.checked_at,
            )


def _package(
    one: Package,
    code: str,
    severity: Severity,
    words: tuple[str, str],
    remedy: tuple[str, str],
    since: int | None = None,
) -> Finding:
    return Finding(
        code,
        severity,
        *words,
        since or one.archived_at,
        (
            Evidence("档号", "archive number", one.archive_no),
            Evidence("归档包", "package", one.sha256),
            Evidence("最近一次检查", "last checked", day_time(one.checked_at)[0]),
        ),
        _ARCHIVED,
        *remedy,
        subject=f"{one.sha256} {since or ''}",
    )

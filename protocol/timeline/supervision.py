"""The words for what supervision states."""

from collections.abc import Callable
from typing import Any

from protocol.statements import FindingAnswered, ReportCut, Statement
from protocol.timeline.told import Issued, Told, reason_after


def _cut(one: ReportCut, _: Issued) -> Told:
    return Told(
        "已固定完整性报告",
        "integrity report fixed",
        f"日志前{one.size}条，报告 {one.report[:16]}",
        f"the log's first {one.size} entries, report {one.report[:16]}",
    )


def _answered(one: FindingAnswered, _: Issued) -> Told:
    return Told(
        f"报告中的问题：{one.state.zh}",
        f"finding of the report: {one.state.en}",
        *reason_after(f"{one.device} {one.code}", f"{one.device} {one.code}", one.note),
    )


TELLERS: dict[type[Statement], Callable[[Any, Issued], Told]] = {
    ReportCut: _cut,
    FindingAnswered: _answered,
}

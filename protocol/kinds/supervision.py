"""What supervision states: where a report was cut, and what somebody says to one of its findings.

One Struct per kind; ``statements.py`` is the door to all. Persons sign both:

    ReportCut(agency=…, at=…, salt=…, size=4711, until=…, root=…, report=…, …)      X-6.4d
    FindingAnswered(agency=…, at=…, salt=…, finding=…, state=FindingState.EXPLAINED, note=…)
"""

from protocol.parts import BlobRef, Count, Hex32, Long, Millis, Short, Statement
from protocol.vocabulary import FindingState


class ReportCut(Statement, frozen=True, kw_only=True, tag="report_cut"):
    """A supervisor took the agency's report as of the log's first ``size`` entries, whose root is
    ``root``: what had been received before ``until``. ``report`` is the SHA-256 of the report's
    JSON, made under ``rules`` in ``format``; who makes it again gets the same bytes."""

    size: Count
    until: Millis
    root: Hex32
    rules: Short
    format: Short
    report: Hex32


class FindingAnswered(Statement, frozen=True, kw_only=True, tag="finding_answered"):
    """Somebody answers for a finding of a report (X-6.4d): explains it, settles it, or opens it
    again. ``finding`` is its id, ``device`` and ``code`` say which it is; a paper may be named
    as ``evidence``. What was found stays found: this stands beside it."""

    finding: Hex32
    device: Short
    code: Short
    state: FindingState
    note: Long
    evidence: BlobRef | None = None

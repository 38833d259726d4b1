"""What an integrity report may claim of one device, recomputed by anyone from the same rows.

    report = examine(DeviceFacts(device="YX-T07", links={…}, entries=[…], …))
    report.complete                 True, and no findings: everything stated is here and holds
    report.findings[0].code         "link_missing"
    report.findings[0].zh           "缺3条记录：0092至0094号。没有到达中心。"

It starts from bytes and believes no index, flag or column: links and entries are decoded and
hashed here, statements are hashed again, and the numbers between two links must be filled. Each
row that is taken away, of links, entries, statements or blobs, is found under its own name, with
its neighbours as evidence. Of a device that is complete nothing is claimed.

    link_missing  chain_broken  head_mismatch       the chain
    entry_missing  flagged  log_inconsistent        the log
    statement_missing  statement_damaged            what links commit to
    blob_missing  blob_damaged                      what statements name
    forked  journal_closed  adopted                 the journal as a whole
    receipts_lost  log_set_back                     the log against what the device was shown
    unsent  silent_device  clock_skew               the device
    low_space  old_program  old_reference           its state, as it told
    uncertain_standing  retired_key  uncertain_key  its officers

Not promised: what was never stated leaves no gap. A device that is lost before it was heard of
again takes its unsent records with it, and the report can only say how long it has been silent.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from protocol.findings import contact, contents, holding, journals, keys, links
from protocol.findings.finding import (
    DeviceFacts,
    Evidence,
    Finding,
    Reading,
    RetiredKey,
    Severity,
    StandingChange,
)

__all__ = [
    "CODES",
    "DeviceFacts",
    "Evidence",
    "Finding",
    "Report",
    "RetiredKey",
    "Severity",
    "StandingChange",
    "examine",
    "joined",
]

# Code → whether a journal with this finding still counts as complete.
CODES = {
    "link_missing": False,
    "chain_broken": False,
    "head_mismatch": False,
    "entry_missing": False,
    "statement_missing": False,
    "statement_damaged": False,
    "blob_missing": False,
    "blob_damaged": False,
    "log_inconsistent": False,
    "log_set_back": False,
    "receipts_lost": False,
    "forked": False,
    "unsent": False,
    "silent_device": False,
    "flagged": True,
    "journal_closed": True,
    "adopted": True,
    "clock_skew": True,
    "uncertain_standing": True,
    "retired_key": True,
    "uncertain_key": True,
    "low_space": True,
    "old_program": True,
    "old_reference": True,
}

_EXAMINERS: tuple[Callable[[Reading], Iterator[Finding]], ...] = (
    links.missing_links,
    links.broken_chain,
    links.head_mismatch,
    contents.missing_entries,
    contents.statements,
    contents.blobs,
    contents.log_consistency,
    holding.receipts_lost,
    holding.set_back,
    journals.forked,
    contact.unsent,
    contact.silence,
    contact.clock,
    contents.flagged,
    contact.standing,
    journals.closed,
    journals.adopted,
    keys.retired,
    holding.space,
    holding.program,
    holding.reference,
)


@dataclass(frozen=True)
class Report:
    """The findings on one device, those to act on first, and how much was looked at.

    ``expected`` is how many links there must be; ``links``, ``entries``, ``statements`` and
    ``blobs`` count what is held of them. Times are ms.
    """

    device: str
    journal: bytes
    at: int
    complete: bool
    findings: tuple[Finding, ...]
    expected: int
    links: int
    entries: int
    statements: int
    blobs: int
    contacted_at: int | None

    @property
    def severity(self) -> Severity | None:
        """The gravest finding's severity; None where there is none."""
        return self.findings[0].severity if self.findings else None


def examine(facts: DeviceFacts) -> Report:
    """The report on one device. Raises nothing: what cannot be read is found as such."""
    reading = Reading(facts)
    found = [finding for examiner in _EXAMINERS for finding in examiner(reading)]
    found.sort(key=lambda finding: finding.severity is not Severity.ACT)
    named = reading.hashes.values()
    wanted = contents.wanted_blobs(reading)
    return Report(
        device=facts.device,
        journal=facts.journal,
        at=facts.now,
        complete=all(CODES[finding.code] for finding in found),
        findings=tuple(found),
        expected=reading.length,
        links=len(reading.links),
        entries=sum(one in reading.entries for one in named),
        statements=sum(link.record in reading.envelopes for link in reading.links.values()),
        blobs=sum(blob.sha256 in facts.blobs_held for blob in wanted),
        contacted_at=facts.contacted_at,
    )


def joined(reports: Sequence[Report]) -> Report:
    """The report on a device that wrote several journals: the last one's, with what is found of
    the others under the name of their journal, and everything counted together."""
    *former, last = reports
    found = list(last.findings)
    for one in former:
        journal = Evidence("日志", "journal", one.journal.hex())
        for finding in one.findings:
            named = replace(finding, evidence=(journal, *finding.evidence))
            if finding not in last.findings:
                found.append(named)
    found.sort(key=lambda finding: finding.severity is not Severity.ACT)
    return replace(
        last,
        complete=all(one.complete for one in reports),
        findings=tuple(found),
        expected=sum(one.expected for one in reports),
        links=sum(one.links for one in reports),
        entries=sum(one.entries for one in reports),
        statements=sum(one.statements for one in reports),
        blobs=sum(one.blobs for one in reports),
    )

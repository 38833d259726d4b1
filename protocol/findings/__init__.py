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
    unsent  silent_device  late_arrival             the device
    clock_skew  impossible_time                     its times
    low_space  old_program  old_reference           its state, as it told
    uncertain_standing  invalid_holder              its officers
    suspended_device  uncertain_device              acts while nobody takes the device's word
    retired_key  uncertain_key  overridden          what they signed, and against which warning
    stale_catalogue                                 lists that had been replaced
    witness_behind  archive_missing                 the agency's log and archive (``agency.py``)
    archive_damaged  fixity_overdue

Not promised: what was never stated leaves no gap. A device that is lost before it was heard of
again takes its unsent records with it, and the report can only say how long it has been silent.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from protocol.findings import (
    acts,
    contact,
    contents,
    holding,
    journals,
    keys,
    links,
    resting,
    times,
)
from protocol.findings.codes import CODES, who
from protocol.findings.facts import Before, DeviceFacts, RetiredKey, StandingChange, Tenure
from protocol.findings.finding import (
    Evidence,
    Finding,
    Reading,
    Severity,
)
from protocol.findings.naming import identified

__all__ = [
    "CODES",
    "Before",
    "DeviceFacts",
    "Evidence",
    "Finding",
    "Report",
    "RetiredKey",
    "Severity",
    "StandingChange",
    "Tenure",
    "examine",
    "examined",
    "identified",
    "joined",
    "who",
]

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
    times.impossible,
    times.late,
    contents.flagged,
    acts.invalid_holders,
    contact.standing,
    resting.suspended,
    acts.overrides,
    acts.stale_catalogues,
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
    ``blobs`` count what is held of them; ``signed`` are the records by the officer (certificate
    number) who signed. Times are ms.
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
    signed: Mapping[str, int] = field(default_factory=dict)

    @property
    def severity(self) -> Severity | None:
        """The gravest finding's severity; None where there is none."""
        return self.findings[0].severity if self.findings else None


def examine(facts: DeviceFacts) -> Report:
    """The report on one device. Raises nothing: what cannot be read is found as such."""
    return examined(facts)[0]


def examined(facts: DeviceFacts) -> tuple[Report, Before | None]:
    """The same, and what a next look at the same journal need not look through again: all of it
    where nothing was found and no officer signed, else nothing (None)."""
    reading = Reading(facts)
    found = [
        identified(finding, facts.agency, facts.device, facts.journal, _holders(reading, finding))
        for examiner in _EXAMINERS
        for finding in examiner(reading)
    ]
    found.sort(key=lambda finding: finding.severity is not Severity.ACT)
    named, before = reading.hashes.values(), facts.before
    held = sum(blob.sha256 in facts.blobs_held for blob in reading.wanted)
    report = Report(
        device=facts.device,
        journal=facts.journal,
        at=facts.now,
        complete=all(CODES[finding.code] for finding in found),
        findings=tuple(found),
        expected=reading.length,
        links=reading.first + len(reading.links),
        entries=reading.first + sum(one in reading.entries for one in named),
        statements=(before.statements if before else 0)
        + sum(
            link.record in reading.envelopes or link.record in facts.others
            for link in reading.links.values()
        ),
        blobs=(len(before.wanted) if before else 0) + held,
        contacted_at=facts.contacted_at,
        signed=Counter(cert_no for n in reading.links for cert_no in reading.signers(n)),
    )
    whole = not found and not report.signed and held == len(reading.wanted)
    return report, _looked_through(reading, report) if whole and report.links else None


def _looked_through(reading: Reading, report: Report) -> Before:
    counters, server_at = reading.clocks_before
    for link in reading.links.values():
        counters[link.boot] = max(link.monotonic, counters.get(link.boot, 0))
        server_at = max(link.server_at, server_at)
    known = reading.facts.before.wanted if reading.facts.before else frozenset()
    head = reading.hash_at(report.links - 1) or b""
    wanted = known | frozenset(reading.wanted)
    return Before(report.links, head, report.statements, wanted, counters, server_at)


def _holders(reading: Reading, finding: Finding) -> list[str]:
    """Whom a finding concerns: those who signed the records, else those who use the device."""
    signed: set[str] = set()
    for first, last in finding.spans:
        short = last - first < len(reading.links)
        for n in range(first, last + 1) if short else reading.links:
            if first <= n <= last and n in reading.links:
                signed.update(reading.signers(n))
    return sorted(signed or reading.facts.users)


def joined(reports: Sequence[Report]) -> Report:
    """The report on a device that wrote several journals: the last one's, with what is found of
    the others under the name of their journal, and everything counted together."""
    *former, last = reports
    found = list(last.findings)
    for one in former:
        journal = Evidence("流水", "journal", one.journal.hex())
        for finding in one.findings:
            named = replace(finding, evidence=(journal, *finding.evidence))
            if finding.id not in {one.id for one in last.findings}:
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
        signed=sum((Counter(one.signed) for one in reports), Counter()),
    )

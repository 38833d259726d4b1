"""The id of a finding: by it people answer for one, today and in a report made again in a year."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from protocol.findings.finding import Finding


def identified(
    finding: Finding, agency: str, device: str, journal: bytes, holders: Sequence[str] = ()
) -> Finding:
    """The finding with its id: the same as long as it is about the same records or files of the
    same journal. What grows is another one: an answer to the first does not cover it."""
    about = finding.subject + "".join(f" {first}-{last}" for first, last in finding.spans)
    if not about:
        about = str(finding.since or "|".join(one.value for one in finding.evidence))
    parts = ("fujie/finding/v1", agency, device, journal.hex(), finding.code, about)
    named = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    return replace(finding, id=named, holders=tuple(holders))

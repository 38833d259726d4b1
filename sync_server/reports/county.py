"""The integrity report of an agency of this server: every device, the log, the archive, every case,
and who answered for what; as of now, or as of a day, a size of the log or a cut.

    document = county.report(services, agency, moments.as_of(services, "2026-11-30"))
    protocol.findings.document.encode(document)       the same bytes whenever it is made
"""

from __future__ import annotations

from protocol.auditing import county
from protocol.auditing.source import Moment
from protocol.findings.document import Json
from sync_server.reports.rows import context_of
from sync_server.services import Services


def report(services: Services, agency: str, moment: Moment) -> Json:
    """The document, read from the first row to the last."""
    return county.report(context_of(services, agency, moment))

"""What later reviews found of a device's records, told to the device itself with a pull.

    found = await reviews.of(device)         protocol/findings, as the supervision page shows them

Looking through a journal takes the longer the more it holds, so that the same is told for
``REVIEW_MS``, one journal is looked through at a time, and one that failed is not tried again at
once; blobs are not hashed again for it. Whoever comes meanwhile is told nothing of it, which
leaves what he knew as it was, and asks with his next pull. What concerns the line between the two
alone (unsent, silent) is known to the tablet better.
"""

from __future__ import annotations

import asyncio

from sqlalchemy.exc import SQLAlchemyError

from protocol.errors import FujieError
from protocol.findings import Finding, Report
from protocol.messages import Found
from protocol.reference import Parameters
from sync_server.registry.registry import Device
from sync_server.reports import integrity
from sync_server.web.problems import log
from sync_server.web.site import Site

REVIEW_MS = 3_600_000
FAILED_MS = 5 * 60_000
OF_THE_LINE = ("unsent", "silent_device")


class Reviews:
    """What was found last of each device. Forgets at a restart."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._last: dict[bytes, tuple[int, list[Found] | None]] = {}
        self._busy = False

    async def of(self, device: Device) -> list[Found] | None:
        """The findings on a device; None when they cannot be had now, which keeps nobody from
        pulling."""
        now = self._site.services.clock.now()
        until, found = self._last.get(device.journal, (now, None))
        if now < until <= now + REVIEW_MS:
            return found
        if self._busy:
            return None
        self._busy = True
        try:
            report = await asyncio.to_thread(self._report, device)
        except (FujieError, SQLAlchemyError, OSError) as fault:
            log.error("no review", device=device.name, reason=str(fault))
            self._last[device.journal] = now + FAILED_MS, None
            return None
        finally:
            self._busy = False
        told = [_told(one) for one in report.findings if one.code not in OF_THE_LINE]
        self._last[device.journal] = now + REVIEW_MS, told
        return told

    def _report(self, device: Device) -> Report:
        reference = self._site.reference(device.agency)
        parameters = reference.parameters if reference else Parameters()
        return integrity.report(self._site.services, device, parameters, deep=False)


def _told(one: Finding) -> Found:
    return Found(
        code=one.code,
        severity=one.severity.value,
        zh=f"{one.zh}{one.remedy_zh}",
        en=f"{one.en} {one.remedy_en}",
        since=one.since,
    )

"""What later reviews found of a device's records, told to the device itself with a pull.

    found = await reviews.of(device)         protocol/findings, as the supervision page shows them

Looking through a journal takes the longer the more it holds, so that the same is told for
``REVIEW_MS``; blobs are not hashed again for it. What concerns the line between the two alone
(unsent, silent) is known to the tablet better.
"""

from __future__ import annotations

import asyncio

from sqlalchemy.exc import SQLAlchemyError

from protocol.errors import FujieError
from protocol.findings import Report
from protocol.messages import Found
from protocol.reference import Parameters
from sync_server.registry.registry import Device
from sync_server.reports import integrity
from sync_server.web.problems import log
from sync_server.web.site import Site

REVIEW_MS = 3_600_000
OF_THE_LINE = ("unsent", "silent_device")


class Reviews:
    """What was found last of each device. Forgets at a restart."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._last: dict[bytes, tuple[int, list[Found]]] = {}

    async def of(self, device: Device) -> list[Found] | None:
        """The findings on a device; None when they cannot be had, which keeps nobody from
        pulling."""
        now = self._site.services.clock.now()
        at, found = self._last.get(device.journal, (now - 2 * REVIEW_MS, []))
        if now - at < REVIEW_MS:
            return found
        try:
            report = await asyncio.to_thread(self._report, device)
        except (FujieError, SQLAlchemyError, OSError) as fault:
            log.error("no review", device=device.name, reason=str(fault))
            return None
        found = [
            Found(
                code=one.code,
                severity=one.severity.value,
                zh=f"{one.zh}{one.remedy_zh}",
                en=f"{one.en} {one.remedy_en}",
                since=one.since,
            )
            for one in report.findings
            if one.code not in OF_THE_LINE
        ]
        self._last[device.journal] = now, found
        return found

    def _report(self, device: Device) -> Report:
        reference = self._site.reference(device.agency)
        parameters = reference.parameters if reference else Parameters()
        return integrity.report(self._site.services, device, parameters, deep=False)

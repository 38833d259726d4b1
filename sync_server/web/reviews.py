"""What later reviews found of a device's records, told to the device itself with a pull.

    found = await reviews.of(device)         protocol/findings, as the supervision page shows them

Looking through a journal takes the longer the more it holds, so that the same is told for
``REVIEW_MS``, one journal is looked through at a time, and one that failed is not tried again at
once; blobs are not hashed again for it. Whoever comes meanwhile is told nothing of it, which
leaves what he knew as it was, and asks with his next pull.
"""

from __future__ import annotations

import asyncio

from sqlalchemy.exc import SQLAlchemyError

from protocol.errors import FujieError
from protocol.messages import Found
from protocol.registry.registry import Device
from sync_server.logs import words_of
from sync_server.reports.told import told
from sync_server.web.problems import log
from sync_server.web.site import Site

REVIEW_MS = 3_600_000
FAILED_MS = 5 * 60_000


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
            found = await asyncio.to_thread(self._told, device)
        except (FujieError, SQLAlchemyError, OSError) as fault:
            log.error("no review", device=device.name, reason=words_of(fault))
            self._last[device.journal] = now + FAILED_MS, None
            return None
        finally:
            self._busy = False
        self._last[device.journal] = now + REVIEW_MS, found
        return found

    def _told(self, device: Device) -> list[Found]:
        reference = self._site.reference(device.agency)
        parameters = reference.parameters if reference else None
        return told(self._site.services, device, parameters)

"""What reviews found of a device's records, as the device itself is told it.

told(services, device)       with a pull (``web/reviews.py``), or in an answer on a stick
as_told(finding)             one of them

What is to be done is written for supervisors; its officers are asked for what they remember. What
concerns the line between the two alone (unsent, silent) is known to the tablet better.
"""

from __future__ import annotations

from protocol.findings import Finding
from protocol.messages import Found
from protocol.reference import Parameters
from protocol.registry.registry import Device
from sync_server.reports import integrity
from sync_server.services import Services

OF_THE_LINE = ("unsent", "silent_device")
ASKED = ("请把当时的情况告诉执法监督人员。", "Tell your supervisors what happened then.")


def told(services: Services, device: Device, parameters: Parameters | None = None) -> list[Found]:
    """All that stands now; blobs are not hashed again for it."""
    report = integrity.report(services, device, parameters, deep=False)
    return [as_told(one) for one in report.findings if one.code not in OF_THE_LINE]


def as_told(one: Finding) -> Found:
    """A finding in words for the officers whose tablet it is."""
    zh, en = ASKED
    return Found(
        code=one.code,
        severity=one.severity.value,
        zh=f"{one.zh}{zh}",
        en=f"{one.en} {en}",
        since=one.since,
    )

"""The integrity report of a device of this server, as of now.

    report = integrity.report(services, device)

How it is made stands in ``protocol/auditing/``, from which rows in ``rows.py``.
"""

from __future__ import annotations

from protocol.auditing import devices
from protocol.auditing.context import context_of
from protocol.findings import Report
from protocol.reference import Parameters
from protocol.registry.registry import Device
from sync_server.reports import moments
from sync_server.reports.rows import Rows
from sync_server.services import Services


def report(
    services: Services,
    device: Device,
    parameters: Parameters | None = None,
    *,
    deep: bool = True,
) -> Report:
    """The report on one device, over every journal that it wrote. Unless it is ``deep``, blobs are
    not hashed again and the log's root is not computed."""
    rows = Rows(services, moments.now(services, deep=deep), deep=deep)
    return devices.report_at(context_of(rows, device.agency, parameters), device)

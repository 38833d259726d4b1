"""What a lower level's server may say of who its people are. Pure.

The province knows a county by what the county's root and issuer signed (its introduction). What
they sign later comes in the journal that the county pushes, and counts here as it does there: a
new member of the staff is known before what that person publishes. Of all else that stands in
that journal nothing makes anybody known: a county enrols no tablets at its province.
"""

from __future__ import annotations

from protocol.statements import Statement, Unknown, kind_of
from sync_server.registry.roster import Registry

KINDS = ("agency_registered", "agency_rerooted", "staff_registered")
"""What makes somebody known from a lower level's journal."""


def counts(registry: Registry, journal: bytes, read: Statement | Unknown) -> bool:
    """Whether this statement in this journal is a lower level's word about its own people."""
    device = registry.device_of_journal(journal)
    return (
        device is not None
        and device.is_lower
        and read.agency == device.agency
        and kind_of(read) in KINDS
    )

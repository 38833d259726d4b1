"""What a lower level's server may say of who its people are. Pure.

The province knows a county by what the county's root and issuer signed (its introduction). What
they sign later comes in the journal that the county pushes, and counts here as it does there: a
new member of the staff is known before what that person publishes, and who was made a publisher
or ended is so here too; why, stays with its office (*staff reason given*). Of all else that stands
in that journal nothing makes anybody known: a county enrols no tablets at its province.
"""

from __future__ import annotations

from protocol.keys import Verifier
from protocol.registry.roster import LOWER, Registry
from protocol.statements import Statement, Unknown, kind_of

KINDS = (
    "agency_registered",
    "agency_rerooted",
    "agency_described",
    "staff_registered",
    "staff_role_changed",
    "staff_ended",
)
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


def key_before(registry: Registry, agency: str, name: str, key: Verifier) -> Verifier | None:
    """The key, if another server's device of this agency has it: a successor keeps its office's
    key, writes another journal and is introduced again, by another name."""
    holder = registry.device(key.key_id)
    both = holder is not None and holder.is_lower and name.startswith(LOWER)
    return holder.key if both and holder and holder.agency == agency else None

"""How people, tablets and lists change by a registrar's word. Part of the registry's fold; pure.

    staff_role_changed     another role from here on; the key stays
    staff_ended            nobody's key any more; the account never comes back
    device_suspended       nobody takes its word for a card or a mark, from a time on
    device_reinstated      trusted again
    catalogue_changed      another version of one of the agency's lists, not an older one

>>> from protocol.registry.roster import Registry
>>> mark(Registry(), ("staff", "11990123MB0000001A", "hejingting"))
-1
"""

from __future__ import annotations

from dataclasses import replace

from protocol.registry.roster import OFFICE, ListChange, Registry
from protocol.statements import (
    CatalogueChanged,
    DeviceReinstated,
    DeviceSuspended,
    StaffEnded,
    StaffRoleChanged,
)
from protocol.vocabulary import Catalogue

Rests = tuple[tuple[int, int | None], ...]
Subject = tuple[str, str, str]
"""What somebody works on: ``staff``, ``officer``, ``device``, ``agency`` or ``catalogue``; agency;
name."""


def changed(
    registry: Registry,
    said: StaffRoleChanged | StaffEnded | DeviceSuspended | DeviceReinstated,
    index: int,
) -> Registry:
    """The registry after a registrar's word about a person or a tablet."""
    if isinstance(said, DeviceSuspended | DeviceReinstated):
        return _rested(registry, said, index)
    name = (said.agency, said.account)
    known = registry.staff.get(name)
    if known is None or known.ended:
        return registry
    made = replace(known, index=index, before=known)
    if isinstance(said, StaffRoleChanged):
        made = replace(made, role=said.role)
    else:
        made = replace(made, ended=True)
    return replace(registry, staff={**registry.staff, name: made})


def relisted(registry: Registry, said: CatalogueChanged, index: int) -> Registry:
    """The registry after another version of a list."""
    name = (said.agency, said.catalogue.value)
    known = registry.catalogues.get(name)
    if known is not None and said.version <= known.record.version:
        return registry
    made = ListChange(said, index, known)
    return replace(registry, catalogues={**registry.catalogues, name: made})


def mark(registry: Registry, subject: Subject) -> int:
    """The entry that changed this last; -1 for none. Who decided on what stood at another mark is
    to look again."""
    what, agency, name = subject
    if what == "staff":
        person = registry.staff.get((agency, name))
        return person.index if person else -1
    if what == "officer":
        changes = registry.officers.get((agency, name), ())
        return max((one.index for one in changes), default=-1)
    if what == "device":
        device = registry.devices.get((agency, name))
        return max(device.index, device.changed) if device else -1
    if what == "agency":
        one = registry.agencies.get(agency)
        return max((one.index, *one.described)) if one else -1
    listed = registry.catalogues.get((agency, name))
    return listed.index if listed else -1


def called(subject: Subject) -> str | Catalogue:
    """What people call this: a list by its name in their language, all else as it is named."""
    what, _, name = subject
    return Catalogue(name) if what == "catalogue" else name


def _rested(registry: Registry, said: DeviceSuspended | DeviceReinstated, index: int) -> Registry:
    name = (said.agency, said.device)
    device = registry.devices.get(name)
    if device is None or device.name == OFFICE or device.revoked_at is not None:
        return registry
    if isinstance(said, DeviceSuspended):
        since, rests = said.effective_at, _resting(device.rests, said.effective_at)
    else:
        since, rests = None, _ended(device.rests, said.at)
    made = replace(device, suspended_at=since, changed=index, rests=rests)
    return replace(registry, devices={**registry.devices, name: made})


def _resting(rests: Rests, since: int) -> Rests:
    """The times at which a device rests, with one that begins; one that lasts begins with the
    earlier of both."""
    if rests and rests[-1][1] is None:
        return (*rests[:-1], (min(since, rests[-1][0]), None))
    return (*rests, (since, None))


def _ended(rests: Rests, at: int) -> Rests:
    """The same with the last one ended."""
    if not rests or rests[-1][1] is not None:
        return rests
    since = rests[-1][0]
    return (*rests[:-1], (since, at)) if at > since else rests[:-1]

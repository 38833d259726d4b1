"""What changed a person, an officer, a tablet or a list: its history, and what came meanwhile.

changes.history(site, ("officer", agency, cert_no))        the newest first, each with who signed
changes.since(site, subject, mark)                         those that the form did not know yet
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from protocol.case import AnyRecord
from protocol.registry.authority import staff_of
from protocol.registry.registry import Registry
from protocol.registry.standing import Subject
from protocol.statements import StaffReasonGiven
from protocol.timeline import Told, tell
from sync_server.web.site import Site


@dataclass(frozen=True)
class Change(Told):
    """One change: when (ms), where in the log, and who of the staff signed it."""

    at: int = 0
    index: int = 0
    by: tuple[str, ...] = ()


def history(site: Site, subject: Subject) -> list[Change]:
    """Every change, the newest first."""
    found = (_change(site, index) for index in sorted(set(_places(site.facts.registry, subject))))
    return [one for one in found if one is not None][::-1]


def since(site: Site, subject: Subject, mark: int) -> list[Change]:
    """The changes behind ``mark``."""
    return [one for one in history(site, subject) if one.index > mark]


def _places(registry: Registry, subject: Subject) -> Iterator[int]:
    what, agency, name = subject
    if what == "staff":
        person = registry.staff.get((agency, name))
        while person is not None:
            yield person.index
            person = person.before
    elif what == "officer":
        yield from (one.index for one in registry.officers.get((agency, name), ()))
    elif what == "device":
        device = registry.devices.get((agency, name))
        yield from (
            (index for index in (device.index, device.changed) if index >= 0) if device else ()
        )
    elif what == "agency":
        known = registry.agencies.get(agency)
        yield from (known.index, *known.described) if known else ()
    else:
        listed = registry.catalogues.get((agency, name))
        yield from (one.index for one in listed.versions()) if listed else ()


def _change(site: Site, index: int) -> Change | None:
    linked = site.facts.link_at(index)
    record = site.facts.read(linked) if linked else None
    if record is None:
        return None
    people = staff_of(site.facts.registry, record)
    told = _explained(site, index, record, tell(record.statement))
    return Change(
        **vars(told),
        at=record.statement.at,
        index=index,
        by=tuple(one.name for one in people),
    )


def _explained(site: Site, index: int, record: AnyRecord, told: Told) -> Told:
    """With its reason, where the next record is that."""
    linked = site.facts.link_at(index + 1)
    after = site.facts.read(linked) if linked else None
    said = after.statement if after else None
    if not isinstance(said, StaffReasonGiven) or said.concerning != record.id:
        return told
    zh, en = f"{told.detail_zh}：{said.reason}", f"{told.detail_en}: {said.reason}"
    return replace(told, detail_zh=zh, detail_en=en)

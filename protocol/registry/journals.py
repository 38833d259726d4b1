"""How a device's journals follow one another: closed, opened, adopted. Part of the registry's fold.

    journal_closed      by the issuer: the device's journal takes no more, and the
                        successor that it names, if any, is the device's journal from now on
    evidence_adopted    by a registrar in person: links that no push could bring in are let into
                        the device's journal, or into one of their own that opens with this

A journal belongs to one device for good. A closure of another journal than the one that the
device writes, or with a successor that is known already, changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from protocol.chain import Head
from protocol.registry.roster import OFFICE, Adopted, Closed, Registry
from protocol.statements import EvidenceAdopted, JournalClosed

Place = Callable[[bytes, int], int]
"""The entry of a journal's link by its sequence, -1 if there is none."""


def closed(registry: Registry, statement: JournalClosed, index: int) -> Registry:
    """The registry after a closure by somebody who may say it."""
    name = (statement.agency, statement.device)
    device = registry.devices.get(name)
    journal = bytes.fromhex(statement.journal)
    successor = bytes.fromhex(statement.successor) if statement.successor else None
    if (
        device is None
        or device.name == OFFICE
        or device.journal != journal
        or journal in registry.closed
        or successor in registry.journals
    ):
        return registry
    ended = {**registry.closed, journal: Closed(statement, index)}
    if successor is None:
        return replace(registry, closed=ended)
    return replace(
        registry,
        closed=ended,
        devices={**registry.devices, name: replace(device, journal=successor)},
        journals={**registry.journals, successor: name},
    )


def adopted(
    registry: Registry, statement: EvidenceAdopted, by: str, record: bytes, index: int
) -> Registry:
    """The registry after an adoption by the registrar whose name is ``by``."""
    name = (statement.agency, statement.device)
    journal = bytes.fromhex(statement.journal)
    if (
        name not in registry.devices
        or registry.journals.get(journal, name) != name
        or statement.last < statement.first
    ):
        return registry
    one = Adopted(statement, by, record, index)
    return replace(
        registry,
        adopted=(*registry.adopted, one),
        journals={**registry.journals, journal: name},
    )


def differences(
    registry: Registry, kept: Mapping[bytes, tuple[Head, str]], place: Place
) -> Iterator[str]:
    """What of the journals' rows (``kept``: head and state) and of the links' ``place`` in the
    log is not as closures and adoptions say; for fsck."""
    for journal, one in registry.closed.items():
        said = one.record
        ends = (Head(said.length, bytes.fromhex(said.head)), "closed")
        if kept.get(journal) != ends:
            yield f"journal {journal.hex()} was closed at {said.length} links and is kept otherwise"
        if said.successor is not None and bytes.fromhex(said.successor) not in kept:
            yield f"journal {said.successor}, which follows {journal.hex()}, is missing"
    for adopted in registry.adopted:
        brought = adopted.record
        for sequence in range(brought.first, brought.last + 1):
            if place(bytes.fromhex(brought.journal), sequence) <= adopted.index:
                yield f"link {sequence} of journal {brought.journal} was adopted and is not here"
    for journal, (_, state) in kept.items():
        if (state == "closed") != (journal in registry.closed):
            yield f"journal {journal.hex()} is kept as {state}, and the log says otherwise"

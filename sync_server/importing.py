"""A tablet's export brought to the office: admitted as if pushed, for want of a network.

    brought = bring_in(services, export)        Brought(journal, new=41, known=12, stopped=None), …

Nobody has to answer for it: the device signed what it exported, and its links go through the door
that a push goes through, with the same verdicts and the same refusals. A gap, a fork or a revoked
device stop here as they stop there; what a push cannot bring in is for a registrar to adopt
(``adoption.py``). When the tablet meets the office later, it gets its receipts by pushing what
the log holds already. Done again, it finds nothing to do.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from protocol import envelope as dsse
from protocol import statements
from protocol.chain import Link
from protocol.envelope import STATEMENT_TYPE, Envelope
from protocol.exported import Branch
from protocol.messages import PushItem
from protocol.statements import DeviceContacted
from sync_server import exports, stored
from sync_server.exports import Opened
from sync_server.intake import Stopped, verify
from sync_server.push import PushJob
from sync_server.services import Services

BATCH = 500
"""Links in one commit: as much as a tablet sends at once, and memory stays bounded."""


@dataclass(frozen=True)
class Brought:
    """What became of one journal of an export: ``new`` entries, ``known`` ones, and why it stopped
    before its end, if it did."""

    journal: bytes
    new: int
    known: int
    stopped: Stopped | None = None


def bring_in(services: Services, export: Opened) -> list[Brought]:
    """Admit what the log lacks, journal by journal; returns after the commits, with blobs stored
    and said to be."""
    done = []
    for branch in export.branches:
        done.append(_admit(services, export, branch))
        if _is_news(services, branch):
            services.office.submit([_contact(services, export, branch)]).result()
    exports.take_blobs(services, export)
    stored.resume(services)
    return done


def _admit(services: Services, export: Opened, branch: Branch) -> Brought:
    new = known = 0
    for links in _batches(branch.links):
        registry = services.sequencer.registry
        items = [
            verify(PushItem(link=one.encode(), statement=export.statement_of(one)), registry)
            for one in links
        ]
        job = PushJob(export.device.key.key_id, branch.journal, items)
        pushed = services.sequencer.submit(job).result().result
        new += len(pushed.new)
        known += len(pushed.indexes) - len(pushed.new)
        if pushed.stopped is not None:
            return Brought(branch.journal, new, known, pushed.stopped)
    return Brought(branch.journal, new, known)


def _is_news(services: Services, branch: Branch) -> bool:
    """Whether the device's word reaches as far as the log. An older one, of a stick that lay about
    while the tablet went on sending, would read as if the tablet had been set back."""
    held = services.sequencer.journal(branch.journal)
    return held is None or branch.inventory.length >= held.head.length


def _contact(services: Services, export: Opened, branch: Branch) -> Envelope:
    """The device said what it holds; the integrity report compares it with the ledger. It said so
    when it wrote the export: the way of the stick is no fault of its clock."""
    said = DeviceContacted(
        agency=export.device.agency,
        at=min(branch.inventory.at, services.clock.now()),
        salt=secrets.token_hex(16),
        device=export.device.name,
        inventory=export.exported.inventory_of(branch.journal),
    )
    return dsse.sign(STATEMENT_TYPE, statements.encode(said), [services.office_key])


def _batches(links: Sequence[Link]) -> Iterator[Sequence[Link]]:
    for at in range(0, len(links), BATCH):
        yield links[at : at + BATCH]


def tell(brought: Sequence[Brought]) -> Iterator[str]:
    """What was done, in a line for each journal, with what to do where it stopped."""
    for one in brought:
        yield f"journal {one.journal.hex()}: {one.new} new records, {one.known} were here"
        if one.stopped is not None:
            yield f"  stopped: {one.stopped.explanation}. {WAYS_OUT.get(one.stopped.reason, ASK)}"


ASK = "Nothing was lost; keep the file and ask the registrar to adopt it."
WAYS_OUT = {
    "gap": "Export everything, not only what is unsent, and import that file.",
    "fork": "Close the tablet's journal (close-journal), then adopt this file.",
    "rewrite": "Close the tablet's journal (close-journal), then adopt this file.",
}

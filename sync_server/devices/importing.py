"""A tablet's export brought to the office: admitted as if pushed, for want of a network.

    brought = bring_in(services, export)        Brought(journal, new=41, known=12, stopped=None), …

Nobody has to answer for it: the device signed what it exported, and its links go through the door
that a push goes through, with the same verdicts and the same refusals. A gap, a fork or a revoked
device stop here as they stop there; what a push cannot bring in is for a registrar to adopt
(``adoption.py``). The tablet gets its receipts in the answer that is written beside the export
(``answering.py``), or when it meets the office later, by pushing what the log holds already. Done
again, it finds nothing to do.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from protocol import envelope as dsse
from protocol import statements
from protocol.chain import Link
from protocol.envelope import STATEMENT_TYPE, Envelope
from protocol.exported import Branch
from protocol.messages import PushItem
from protocol.statements import DeviceContacted
from sync_server.devices import stored
from sync_server.devices.exports import Opened
from sync_server.log.intake import Stopped, verify
from sync_server.log.push import Pushed, PushJob
from sync_server.services import Services

BATCH = 500
"""Links in one commit: as much as a tablet sends at once, and memory stays bounded."""


_FORKED = (
    "The tablet went on from an older copy of itself: the log has other records in the same place. "
    "Keep the stick; the operator closes the journal and adopts the file "
    "(fujie-server close-journal, then adopt)."
)
WAYS_OUT = {
    "gap": "Records are missing before these. On the tablet, export everything, not only what is "
    "unsent, and hand that file in.",
    "fork": _FORKED,
    "rewrite": _FORKED,
    "closed": "This journal is closed; the tablet goes on in its successor. Keep the stick; the "
    "operator adopts the file (fujie-server adopt).",
    "revoked_device": "This tablet is revoked. Keep the stick; the operator adopts the file as "
    "evidence (fujie-server adopt).",
}
"""What to do, by the reason of a refusal (``log/intake.py``, ``push.py``); msgids of the pages."""
ASK = (
    "What came before it is in. Keep the stick; the operator looks at the file and adopts it "
    "(fujie-server adopt)."
)


class Page(NamedTuple):
    """What the writer said to the links of one batch, the first of them at ``first``."""

    first: int
    pushed: Pushed


@dataclass(frozen=True)
class Brought:
    """What became of one journal of an export: ``new`` entries, ``known`` ones, and why it stopped
    before its end, if it did."""

    journal: bytes
    pages: tuple[Page, ...]

    @property
    def new(self) -> int:
        """How many entries the log has for it that it had not."""
        return sum(len(page.pushed.new) for page in self.pages)

    @property
    def known(self) -> int:
        """How many links the log had."""
        return sum(len(page.pushed.indexes) for page in self.pages) - self.new

    @property
    def stopped(self) -> Stopped | None:
        """Why not all of it could be taken."""
        return self.pages[-1].pushed.stopped


def bring_in(services: Services, export: Opened) -> list[Brought]:
    """Admit what the log lacks, journal by journal; returns after the commits, with blobs stored
    and said to be."""
    done = []
    for branch in export.branches:
        done.append(_admit(services, export, branch))
        if _is_news(services, branch):
            services.office.submit([_contact(services, export, branch)]).result()
    stored.take(services, export.device.agency, export.blobs)
    stored.resume(services)
    return done


def _admit(services: Services, export: Opened, branch: Branch) -> Brought:
    pages: list[Page] = []
    for links in _batches(branch.links):
        registry = services.sequencer.registry
        items = [
            verify(PushItem(link=one.encode(), statement=export.statement_of(one)), registry)
            for one in links
        ]
        job = PushJob(export.device.key.key_id, branch.journal, items)
        pushed = services.sequencer.submit(job).result().result
        pages.append(Page(links[0].sequence if links else pushed.head.length, pushed))
        if pushed.stopped is not None:
            break
    return Brought(branch.journal, tuple(pages))


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
    """One at least: a journal of which all is here is greeted, and answered."""
    for at in range(0, max(1, len(links)), BATCH):
        yield links[at : at + BATCH]


def tell(brought: Sequence[Brought]) -> Iterator[str]:
    """What was done, in a line for each journal, with what to do where it stopped."""
    for one in brought:
        yield f"journal {one.journal.hex()}: {one.new} new records, {one.known} were here"
        if one.stopped is not None:
            yield f"  stopped: {one.stopped.explanation}. {way_out(one.stopped.reason)}"


def way_out(reason: str) -> str:
    """What to do where a journal stopped for this reason: the command and the page say the same."""
    return WAYS_OUT.get(reason, ASK)

"""Evidence adopted: what a tablet could not push, let into the log from its export by a registrar.

    done = adopt(services, export, registrar's key, "设备遗失后找回")     AdoptedBranch, …

    the links follow the device's journal       they go into it, as a push would have brought them
    they contradict it, or it is closed         the records that the log lacks go into a journal of
                                                their own, in their order; the links themselves are
                                                kept as evidence, and the export whole

Each journal gets one *evidence adopted*, signed by the registrar and naming the export, in the very
transaction that lets the links in; so whatever shows a record can say how it came. Nothing rewrites
a chain, verdicts are as always, and nothing is dropped. Done again, it finds nothing to do.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass

from protocol import chain, statements
from protocol import envelope as dsse
from protocol.chain import EMPTY, Link
from protocol.envelope import STATEMENT_TYPE
from protocol.errors import Refused
from protocol.exported import Branch
from protocol.keys import Signer
from protocol.messages import PushItem
from protocol.statements import EvidenceAdopted
from sync_server.devices import stored
from sync_server.devices.exports import Opened
from sync_server.log.append import Append
from sync_server.log.intake import Checked, verify
from sync_server.log.journal import OfficeJournal
from sync_server.log.standing import FORKED, OPEN
from sync_server.services import Services
from sync_server.store.files import sync_file


@dataclass(frozen=True)
class AdoptedBranch:
    """What became, or would become, of one journal of an export: ``links`` go into ``journal``
    from place ``first`` on; ``known`` were in the log already; ``late`` are statements of links
    that had come without."""

    source: bytes
    journal: bytes
    first: int
    links: tuple[Link, ...]
    originals: tuple[Link, ...]
    known: int
    late: tuple[Link, ...] = ()

    @property
    def in_place(self) -> bool:
        """Whether the device's own journal goes on with them."""
        return self.journal == self.source


@dataclass(frozen=True)
class AdoptJob:
    """The adoption as one job of the writer; ``dry`` only says what it would do."""

    export: Opened
    reason: str
    signer: Signer
    office: OfficeJournal
    at: int
    dry: bool = False

    def run(self, append: Append) -> list[AdoptedBranch]:
        """Plan, state and let in, journal by journal."""
        taken: set[bytes] = set()
        done = []
        # What continues a journal goes there; only what is left then needs one of its own.
        for branch in sorted(self.export.branches, key=lambda one: _ended(append, one)):
            planned = self._plan(append, branch, taken)
            taken |= {link.record for link in planned.links}
            done.append(planned)
            if not self.dry:
                self._let_in(append, planned)
        return done

    def _plan(self, append: Append, branch: Branch, taken: set[bytes]) -> AdoptedBranch:
        if append.registry.device_of_journal(branch.journal) not in (None, self.export.device):
            raise Refused(
                "expected a journal of {device}, got another device's; this export is not its own",
                device=self.export.device.name,
            )
        held, new = _parted(append, branch)
        late = tuple(link for link in held if link.record in self.export.exported.statements)
        if _follows(append, branch, held, new):
            first = new[0].sequence if new else 0
            same = tuple(new)
            return AdoptedBranch(branch.journal, branch.journal, first, same, same, len(held), late)
        lacking = [
            link for link in new if link.record not in taken and not append.admitted(link.record)
        ]
        export = bytes.fromhex(self.export.file.sha256)
        journal = chain.adopted_journal(export, branch.journal)
        known = append.journals.get(journal)
        head = known.head if known else EMPTY
        again = tuple(chain.relink(journal, lacking, head))
        count = len(branch.links) - len(again)
        return AdoptedBranch(
            branch.journal, journal, head.length, again, tuple(lacking), count, late
        )

    def _let_in(self, append: Append, planned: AdoptedBranch) -> None:
        items = [self._checked(append, link) for link in planned.late]
        known = append.journals.get(planned.source)
        append.preload(planned.source, known.head.length if known else 0, items)
        for item in items:
            place = append.held(planned.source, item.link.sequence)
            if place is not None:
                append.add_late(item, place[1])
        if not planned.links:
            return
        self._state(append, planned)
        for link, original in zip(planned.links, planned.originals, strict=True):
            append.add(self._checked(append, link))
            if not planned.in_place:
                append.keep_evidence(self._checked(append, original), "adopted")

    def _state(self, append: Append, planned: AdoptedBranch) -> None:
        said = EvidenceAdopted(
            agency=self.export.device.agency,
            at=self.at,
            salt=secrets.token_hex(16),
            device=self.export.device.name,
            journal=planned.journal.hex(),
            export=self.export.file,
            first=planned.first,
            last=planned.first + len(planned.links) - 1,
            reason=self.reason,
        )
        signed = dsse.sign(STATEMENT_TYPE, statements.encode(said), [self.signer])
        before = len(append.registry.adopted)
        self.office.job([signed]).run(append)
        if len(append.registry.adopted) == before:
            raise Refused("expected a registrar of this agency to adopt an export; ask one")

    def _checked(self, append: Append, link: Link) -> Checked:
        statement = self.export.statement_of(link)
        item = verify(PushItem(link=link.encode(), statement=statement), append.registry)
        assert isinstance(item, Checked)  # its link was decoded before
        return item


def adopt(services: Services, export: Opened, signer: Signer, reason: str) -> list[AdoptedBranch]:
    """Let in what the log lacks; returns after the commit, with blobs stored and said to be.

    The export itself is made durable before the statement that names it. Raises Refused.
    """
    if any(one.links for one in plan(services, export)):
        _keep_file(services, export)
    done = _submit(services, export, signer, reason, dry=False)
    stored.take(services, export.device.agency, export.blobs)
    stored.resume(services)
    return done


def plan(services: Services, export: Opened) -> list[AdoptedBranch]:
    """What ``adopt`` would do."""
    return _submit(services, export, services.office_key, "", dry=True)


def _submit(
    services: Services, export: Opened, signer: Signer, reason: str, *, dry: bool
) -> list[AdoptedBranch]:
    job = AdoptJob(export, reason, signer, services.office, services.clock.now(), dry)
    return services.sequencer.submit(job).result().result


def _keep_file(services: Services, export: Opened) -> None:
    """A copy of the export under its name."""
    sha256 = bytes.fromhex(export.file.sha256)
    if services.blobs.has(sha256):
        return
    upload = services.uploads.create()
    path = services.uploads.path(upload)
    shutil.copyfile(export.path, path)
    sync_file(path)
    if services.uploads.digest(upload) != sha256:
        services.uploads.remove(upload)
        raise Refused("the export changed while it was read; copy it to this machine and try again")
    services.blobs.take(path, sha256)


def _ended(append: Append, branch: Branch) -> bool:
    known = append.journals.get(branch.journal)
    return known is None or known.state != OPEN


def _parted(append: Append, branch: Branch) -> tuple[list[Link], list[Link]]:
    """The links that the log has, and the others."""
    held: list[Link] = []
    new: list[Link] = []
    for link in branch.links:
        known = append.held(branch.journal, link.sequence)
        (held if known is not None and known[0] == link.hash() else new).append(link)
    return held, new


def _follows(append: Append, branch: Branch, held: list[Link], new: list[Link]) -> bool:
    """Whether the device's journal goes on with the new links, or there are none."""
    known = append.journals.get(branch.journal)
    if not new:
        return True
    if known is None or known.state not in (OPEN, FORKED):
        return False
    return (new[0].sequence, new[0].previous) == (known.head.length, known.head.hash)


def tell(done: list[AdoptedBranch]) -> Iterator[str]:
    """What was done, or would be, in a line for each journal."""
    for one in done:
        where = "in place" if one.in_place else f"into journal {one.journal.hex()}"
        if one.links:
            last = one.first + len(one.links) - 1
            yield (
                f"journal {one.source.hex()}: {len(one.links)} links {where}, {one.first} to "
                f"{last}; {one.known} were here"
            )
        else:
            yield f"journal {one.source.hex()}: nothing new, {one.known} links were here"

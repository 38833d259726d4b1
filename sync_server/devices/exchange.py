"""What a device asks of the server: push and pull, once its request is verified.

push   read beside the loop (``log/readers.py``) → the writer → receipts, or one signed refusal
pull   the office's records that concern this device, each with its receipt
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress

import msgspec

from protocol import envelope as dsse
from protocol import statements
from protocol.chain import ZERO_HASH
from protocol.checkpoint import VerifierKey
from protocol.errors import Malformed
from protocol.messages import (
    REFUSAL_TYPE,
    Admitted,
    OfficeRecord,
    PullAnswer,
    PushAnswer,
    Refusal,
    Run,
)
from protocol.receipt import received
from protocol.registry import authority
from protocol.registry.registry import Device
from protocol.statements import (
    BlobStored,
    DeviceEnrolled,
    DeviceInventory,
    DeviceKeyAsked,
    DeviceRekeyed,
    DeviceRevoked,
    JournalClosed,
    NumbersGranted,
    OfficerCredentialed,
    Statement,
    TaskAssigned,
    TaskWithdrawn,
    Unknown,
)
from sync_server.devices import doubts
from sync_server.devices.contacts import Contacts
from sync_server.log.factrows import Linked
from sync_server.log.push import Pushed, PushJob
from sync_server.log.sequencer import Committed
from sync_server.services import Services

PULLED = (
    "blob_stored",
    "file_archived",
    "disclosure_published",
    "disclosure_corrected",
    "disclosure_withdrawn",
    "case_opened",
    "approval_given",
    "review_requested",
    "opinion_given",
    "hearing_minuted",
    "task_assigned",
    "task_withdrawn",
    "decision_made",
    "decision_revoked",
    "numbers_granted",
    "officer_credentialed",
    "device_enrolled",
    "device_revoked",
    "device_key_asked",
    "device_rekeyed",
    "journal_closed",
)
NAMED = (
    NumbersGranted,
    DeviceEnrolled,
    DeviceKeyAsked,
    DeviceRekeyed,
    DeviceRevoked,
    OfficerCredentialed,
    JournalClosed,
)
"""Kinds that name the device whose business they are."""
PULL_PAGE = 200
PULL_BYTES = 2 << 20
"""Of statements, from which on a page is full: no answer may pass ``MAX_MESSAGE``."""
WITNESSES_MS = 4000
"""How long the answer to a push waits for the witnesses."""
PULL_WITNESSES_MS = 1500
"""How long the answer to a pull does, where there is something to wait for."""


async def push(
    services: Services, contacts: Contacts, device: Device, body: bytes, encoding: str = ""
) -> PushAnswer:
    """Admit a push, packed as its ``encoding`` says, and answer it. Raises TooLarge, Malformed;
    and Unverified for its inventory."""
    with services.sequencer.expecting():
        asked = (body, encoding, services.sequencer.registry, device.key)
        told = await asyncio.get_running_loop().run_in_executor(
            services.pool, services.readers.read, *asked
        )
        sent, said = told.push, told.said
        journal = bytes.fromhex(said.journal)
        job = PushJob(device.key.key_id, journal, sent.items, sent.stretch)
        now = services.clock.now()
        news = contacts.news(device, said, sent.inventory, services.office_key, now)
        _doubt(services, contacts, device, said, sent.inventory)
    contact = None
    if news:
        waiting, contact = services.sequencer.submit_both(job, services.office.job([news]))
    else:
        waiting = services.sequencer.submit(job)
    try:
        done = await asyncio.wrap_future(waiting)
        if contact is not None:
            # Of the same commit: whoever was woken by the first nearly always finds this one done.
            if not contact.done():
                await asyncio.wrap_future(contact)
            contact.result()
    except BaseException:
        contacts.forget(device)
        raise
    head = await _witnessed(services, done.commit) if done.result.indexes else done.commit
    said_to = answered_in_runs if sent.runs else answered
    return await asyncio.to_thread(said_to, services, journal, sent.seen, done.result, head)


def _doubt(
    services: Services, contacts: Contacts, device: Device, said: DeviceInventory, data: bytes
) -> None:
    """Keep a head of this log that the device has and this log has not."""
    size = services.sequencer.head.size
    if contacts.is_first(device) or said.checkpoint_size > size:
        keys = [VerifierKey.parse(text) for text in services.known_log_keys]
        if doubts.is_lost(services.db, said, size, keys):
            services.sequencer.submit(doubts.Doubt(device, said, data))


async def _witnessed(services: Services, commit: Committed) -> Committed:
    """A head over all of ``commit`` that has its quorum; what the commit itself has, if none
    comes in time: the tablet keeps what it sent, and asks again."""
    if not services.cosigned.policy.quorum:
        return commit
    reached = services.cosigned.reaching(commit.size)
    try:
        return await asyncio.wait_for(asyncio.wrap_future(reached), WITNESSES_MS / 1000)
    except TimeoutError:
        return commit


def answered(
    services: Services, journal: bytes, seen: int, pushed: Pushed, head: Committed
) -> PushAnswer:
    """What the device is told of a push: receipts as of ``head``, or one signed refusal."""
    proofs = services.facts.proofs(pushed.indexes, head)
    admitted = [
        Admitted(index=index, entry=entry, proof=proof)
        for index, (entry, proof) in zip(pushed.indexes, proofs, strict=True)
    ]
    bare = _bare(services, journal, seen, pushed, head)
    return msgspec.structs.replace(bare, admitted=admitted)


def answered_in_runs(
    services: Services, journal: bytes, seen: int, pushed: Pushed, head: Committed
) -> PushAnswer:
    """The same for a device that reads runs: a tenth of the bytes, and one proof for all."""
    entries, beside = services.facts.together(pushed.indexes, head, pushed.new)
    runs = list(_runs([(index, *received(entries[index])) for index in pushed.indexes]))
    bare = _bare(services, journal, seen, pushed, head)
    return msgspec.structs.replace(bare, runs=runs, beside=beside)


def _runs(placed: Iterable[tuple[int, int, bytes]]) -> Iterator[Run]:
    """Entries one behind the other that came at the same time, as one run each; by index, time
    and reasons."""
    first, count, since = 0, 0, 0
    flags: dict[int, bytes] = {}
    for index, at, reasons in placed:
        if count and (index != first + count or at != since):
            yield Run(first=first, count=count, at=since, flags=flags)
            count = 0
        if not count:
            first, since, flags = index, at, {}
        if reasons:
            flags[count] = reasons
        count += 1
    if count:
        yield Run(first=first, count=count, at=since, flags=flags)


def _bare(
    services: Services, journal: bytes, seen: int, pushed: Pushed, head: Committed
) -> PushAnswer:
    return PushAnswer(
        at=services.clock.now(),
        length=pushed.head.length,
        head=pushed.head.hash,
        admitted=[],
        checkpoint=head.note,
        # A device that saw more than there is has caught us: its own check says so.
        consistency=services.facts.consistency(seen, head) if seen <= head.size else [],
        refusal=_refusal(services, journal, pushed) if pushed.stopped else None,
    )


def _refusal(services: Services, journal: bytes, pushed: Pushed) -> bytes:
    stopped = pushed.stopped
    assert stopped is not None
    refusal = Refusal(
        reason=stopped.reason,
        journal=journal.hex(),
        length=pushed.head.length,
        head=(pushed.head.hash or ZERO_HASH).hex(),
        at=services.clock.now(),
        explanation=stopped.explanation,
        held=(stopped.held or b"").hex(),
    )
    body = msgspec.json.encode(refusal)
    return dsse.encode(dsse.sign(REFUSAL_TYPE, body, [services.office_key]))


async def head_for(services: Services, device: Device, cursor: int) -> Committed:
    """The head that a pull stands under: the newest that tablets believe. While what concerns the
    device waits for the witnesses alone, as after a restart, they are waited for a little."""
    head = services.cosigned.newest()
    newest = services.sequencer.head
    if head.size >= newest.size:
        return head
    behind = max(cursor, head.size - 1)
    if not await asyncio.to_thread(_mine, services, device, behind, newest.size):
        return head
    reached = services.cosigned.reaching(newest.size)
    with suppress(TimeoutError):
        return await asyncio.wait_for(asyncio.wrap_future(reached), PULL_WITNESSES_MS / 1000)
    return services.cosigned.newest()


def _mine(services: Services, device: Device, cursor: int, size: int) -> bool:
    behind = services.facts.office_records(services.sequencer.offices, PULLED, cursor, PULL_PAGE)
    return any(one.index < size and concerns(services, device, one) for one in behind)


def pull(
    services: Services, device: Device, cursor: int, head: Committed | None = None
) -> PullAnswer:
    """The office's records for a device behind ``cursor``, the index of an entry; as of ``head``,
    if one is given. With them what stands before it and concerns the device only since then."""
    if cursor < -1:
        raise Malformed("expected a cursor of -1 or more, got {cursor}", cursor=cursor)
    # With a quorum of witnesses, what they have not seen yet comes next time.
    head = head or services.cosigned.newest()
    # What was committed since the head was read comes next time: its proof needs a later head.
    behind = services.facts.office_records(services.sequencer.offices, PULLED, cursor, PULL_PAGE)
    page = [one for one in behind if one.index < head.size]
    found, mine = _fitting(services, device, page)
    more = len(found) == PULL_PAGE or len(found) < len(page)
    last = found[-1].index if more else max(cursor, head.size - 1, 0)
    again = _passed_over(services, device, cursor, last)
    if len(again) > PULL_PAGE:
        last, more = again[PULL_PAGE - 1][0], True
    places = sorted({place for index, place in again if index <= last and place < head.size})
    early = [one for one in map(services.facts.link_at, places) if one is not None]
    records = [
        OfficeRecord(
            link=one.link_bytes,
            statement=one.envelope or b"",
            receipt=services.facts.receipt(one.link_hash, head).encode(),
        )
        for one in [*(one for one in early if concerns(services, device, one)), *mine]
        if one.index <= last
    ]
    return PullAnswer(at=services.clock.now(), cursor=last, records=records, more=more)


def _passed_over(
    services: Services, device: Device, cursor: int, last: int
) -> list[tuple[int, int]]:
    """(its naming's place, the word's place) of each blob that the device names only behind the
    cursor, and of which the word stands before: it was nothing to this device when that was
    pulled. So with a film that another tablet has taken in as well, or that is taken in anew
    because a copied disk was put back."""
    found = services.facts.named_after(cursor, last)
    return [(at, place) for at, journal, place in found if _writes(services, device, journal)]


def _fitting(
    services: Services, device: Device, page: Sequence[Linked]
) -> tuple[list[Linked], list[Linked]]:
    """The first of a page, up to where an answer is full; and those of them that concern the
    device. One at least, however large it is."""
    found: list[Linked] = []
    mine: list[Linked] = []
    held = 0
    for one in page:
        if concerns(services, device, one):
            held += len(one.envelope or b"")
            if mine and held > PULL_BYTES:
                break
            mine.append(one)
        found.append(one)
    return found, mine


def concerns(services: Services, device: Device, linked: Linked) -> bool:
    """Whether an office's record is this device's business. One that rotted is nobody's: the
    integrity report names it, and those behind it are pulled."""
    if linked.envelope is None:
        return False
    try:
        said = statements.decode(dsse.decode(linked.envelope).body)
    except Malformed:
        return False
    if said.agency != device.agency or not _stands(services, linked):
        return False
    if isinstance(said, NAMED):
        return said.device == device.name
    if isinstance(said, TaskAssigned):
        return not said.devices or device.name in said.devices
    if isinstance(said, TaskWithdrawn):
        return True
    if isinstance(said, BlobStored):
        named = services.facts.namings(bytes.fromhex(said.sha256), said.agency, said.size)
        return any(_writes(services, device, one.journal) for one in named)
    return _opened_here(services, device, said)


def _stands(services: Services, linked: Linked) -> bool:
    """Whether those may say it who said it: what a tablet is given, it takes for the office's."""
    record = services.facts.read(linked)
    return record is not None and authority.stands(services.sequencer.registry, record)


def _opened_here(services: Services, device: Device, said: Statement | Unknown) -> bool:
    if said.case is None:
        return False
    opening = services.facts.links_of([bytes.fromhex(said.case)])
    return any(_writes(services, device, one.link.journal) for one in opening)


def _writes(services: Services, device: Device, journal: bytes) -> bool:
    writer = services.sequencer.registry.device_of_journal(journal)
    return writer is not None and (writer.agency, writer.name) == (device.agency, device.name)

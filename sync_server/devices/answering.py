"""The answer to an export: what a tablet would have been told over a network, in a file beside it.

    answer = answer_to(services, export, brought)       None if the export asks for none
    path = write(answer, export.path)                    ….answer, where ….export lies

It holds receipts for the links of the export or one signed refusal, proof that the log goes on from
what the tablet had seen, the office's records for this tablet, and the agency's reference data
(``protocol/answer.py`` says in which files). All of it is as of one head. The question was signed
by the device; the answer is signed by the office and sealed to the key that the question names, so
it is of use to nobody else, and asking again only makes a newer one.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import TimeoutError as Late
from itertools import islice
from pathlib import Path

import msgspec
from msgspec import UNSET

from protocol import messages
from protocol.answer import (
    CHECKPOINT,
    HASHES,
    MOST_LEAVES,
    QUESTION,
    SUCCESSION,
    Answered,
    Asked,
    Hashes,
    open_asked,
    seal_answer,
)
from protocol.envelope import decode, record_hash
from protocol.errors import Refused
from protocol.export import CHANCE
from protocol.messages import Found, PullAnswer
from protocol.portraits import where
from protocol.succession import write_chain
from sync_server.devices import exchange
from sync_server.devices.exports import Opened
from sync_server.devices.importing import Brought
from sync_server.log.sequencer import Committed
from sync_server.reference import portraits, tufrepo
from sync_server.services import Services
from sync_server.store.files import write_durably

SUFFIX = ".answer"
WITNESSES_S = 20.0
"""How long an answer waits for the witnesses."""
MOST_PHOTOS = 1024
MOST_PHOTO_BYTES = 32 << 20
"""How many officers' photos one answer brings at most, and how large they are together: an answer
is made in memory. The next one brings more."""


def answer_to(
    services: Services,
    export: Opened,
    brought: Sequence[Brought],
    found: list[Found] | None = None,
) -> bytes | None:
    """The sealed answer to an export that was brought in, with what reviews ``found`` of the
    device's records; None where it asks for none, as older programs' exports do. Raises what
    ``open_asked`` raises, and Refused for another device's."""
    question = export.exported.asked
    if not question:
        return None
    device = export.device
    keys = {one.key_id: one for one in (device.key, *(old.key for old in device.former))}
    asked = open_asked(question, keys)
    if (asked.agency, asked.device) != (device.agency, device.name):
        raise Refused(
            "expected a question of {device}, got one of {other}; export once more",
            device=device.name,
            other=asked.device,
        )
    services.editions.renew(device.agency)
    head = _head(services)
    files = dict(_files(services, export, brought, asked, head))
    if found is not None:
        files |= _with_findings(files, found)
    answered = Answered(
        agency=device.agency,
        device=device.name,
        at=services.clock.now(),
        asked=record_hash(decode(question)).hex(),
        size=head.size,
        files={},
    )
    key, chance = bytes.fromhex(asked.key), secrets.token_bytes(CHANCE)
    return b"".join(seal_answer(answered, files, services.office_key, key, chance))


def write(answer: bytes, export: Path) -> Path:
    """Put an answer beside its export, durable, over an earlier answer to the same export. Raises
    Refused where it cannot be written there."""
    path = export.with_suffix(SUFFIX)
    try:
        write_durably(path, answer)
    except OSError as fault:
        raise Refused(
            "expected to write the answer to {file}, got: {fault}; what the export brought was "
            "taken in, so make the stick writable or copy the export to this machine, and give "
            "the same command once more",
            file=str(path),
            fault=str(fault.strerror),
        ) from None
    return path


def _head(services: Services) -> Committed:
    """A head over all that was just admitted; with a quorum of witnesses the newest that has it,
    if they do not come in time."""
    if not services.cosigned.policy.quorum:
        return services.cosigned.newest()
    try:
        return services.cosigned.reaching(services.facts.head.size).result(WITNESSES_S)
    except Late:
        return services.cosigned.published()


def _files(
    services: Services,
    export: Opened,
    brought: Sequence[Brought],
    asked: Asked,
    head: Committed,
) -> Iterator[tuple[str, bytes]]:
    yield QUESTION, export.exported.asked
    yield CHECKPOINT, head.note
    device = export.device
    for name, body in tufrepo.files(services.db, device.agency).items():
        yield f"tuf/{name}", body
    if asked.photos is not UNSET:
        photos = portraits.lacking(
            services.facts, device.agency, services.clock.now(), set(asked.photos), device.name
        )
        room = MOST_PHOTO_BYTES
        for ref, body in islice(photos, MOST_PHOTOS):
            if (room := room - len(body)) < 0:
                break
            yield f"tuf/{where(ref)}", body
    successions = services.facts.successions()
    if successions:
        yield SUCCESSION, write_chain(successions)
    hashes = _hashes(services, asked, head, everything=bool(successions))
    if hashes is not None:
        yield HASHES, hashes.encode()
    answered = exchange.answered_in_runs if asked.runs is True else exchange.answered
    for one in brought:
        for page in one.pages:
            if any(index >= head.size for index in page.pushed.indexes):
                continue  # the witnesses did not come in time: the next answer proves them
            said = answered(services, one.journal, asked.seen, page.pushed, head)
            yield f"push/{one.journal.hex()}/{page.first}", messages.encode(said)
    yield from _pulled(services, export, asked, head)


def _pulled(
    services: Services, export: Opened, asked: Asked, head: Committed
) -> Iterator[tuple[str, bytes]]:
    cursor, number, more = asked.cursor, 0, True
    while more:
        page = exchange.pull(services, export.device, cursor, head)
        yield f"pull/{number}", messages.encode(page)
        cursor, number, more = page.cursor, number + 1, page.more


def _with_findings(files: Mapping[str, bytes], found: list[Found]) -> dict[str, bytes]:
    """The last page of the office's records says all that stands, as it does over a network."""
    last = max(int(name[5:]) for name in files if name.startswith("pull/"))
    page = messages.decode(files[f"pull/{last}"], PullAnswer)
    return {f"pull/{last}": messages.encode(msgspec.structs.replace(page, findings=found))}


def _hashes(
    services: Services, asked: Asked, head: Committed, *, everything: bool
) -> Hashes | None:
    """Hashes from what the tablet has seen; from the beginning where it may have to find the last
    head that it shares with a successor. None where there are too many."""
    first = 0 if everything or asked.seen > head.size else asked.seen
    if head.size - first > MOST_LEAVES:
        return None
    return services.facts.hashes(first, head)

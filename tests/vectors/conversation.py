"""What a tablet and a server of a version said to each other, as bytes that stay.

    versions/0.1.json … versions/0.3.json    frozen, each written by that version's own code
    versions/now.json                        what this program says

``push`` is a whole push of a tablet: the inspection of ``tests/worlds.py`` with its inventory, by
keys that never change, so that any server to which that tablet is enrolled can be given it.
``answers`` are answers as a server of that version encodes them, with ``log`` and ``origin`` to
check their receipts by. Only what every version has is asked of the world here, so that this file
runs in the checkout of an older one.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from protocol import envelope, messages
from protocol.messages import (
    Admitted,
    OfficeRecord,
    PullAnswer,
    Push,
    PushAnswer,
    PushItem,
    UploadGranted,
)
from protocol.receipt import Receipt
from protocol.statements import DeviceInventory
from tests.cast import AGENCY
from tests.worlds import World

HERE = Path(__file__).parent / "versions"
FROZEN = ("0.1", "0.2", "0.3")


def build(program: str) -> dict[str, Any]:
    """The conversation of this program, under its name."""
    world = World()
    case = world.inspection()
    mine = [one for one in case.records if one.link.journal == world.device.journal]
    office = [one for one in world.records if one.link.journal == world.office.journal]
    items = [
        PushItem(link=one.link.encode(), statement=envelope.encode(one.envelope)) for one in mine
    ]
    push = Push(inventory=_inventory(world, program), items=items, seen=0)
    checkpoint = world.log.checkpoint()
    admitted = []
    for one in mine:
        receipt = Receipt.decode(world.receipt(one))
        proof = list(receipt.proof)
        admitted.append(Admitted(index=one.index, entry=world.log.entries[one.index], proof=proof))
    pulled = [
        OfficeRecord(
            link=one.link.encode(),
            statement=envelope.encode(one.envelope),
            receipt=world.receipt(one),
        )
        for one in office
    ]
    answers = [
        PushAnswer(
            at=world.now,
            length=len(mine),
            head=mine[-1].link.hash(),
            admitted=admitted,
            checkpoint=checkpoint,
        ),
        PullAnswer(at=world.now, cursor=len(world.log.entries) - 1, records=pulled),
        UploadGranted(
            at=world.now, path="/v1/blobs/1", token="t", expires_at=world.now + 1, offset=3
        ),
    ]
    return {
        "program": program,
        "log": world.log.key.text(),
        "origin": world.log.origin,
        "push": messages.encode(push).hex(),
        "answers": {type(one).__name__: messages.encode(one).hex() for one in answers},
    }


def _inventory(world: World, program: str) -> bytes:
    head = world.heads[world.device.journal]
    said = DeviceInventory(
        agency=AGENCY,
        at=world.now,
        salt=world.salt(),
        journal=world.device.journal.hex(),
        length=head.length,
        head=head.hash.hex(),
        unsent=head.length,
        oldest_unsent_at=None,
        blobs_outstanding=0,
        bytes_outstanding=0,
        free_bytes=1 << 33,
        boot=bytes(16).hex(),
        monotonic=1,
        checkpoint_size=0,
        reference_version=1,
        program=program,
    )
    return envelope.encode(world.sign(said, world.device))


def render(conversation: dict[str, Any]) -> str:
    """The text of one file."""
    return json.dumps(conversation, ensure_ascii=False, indent=1) + "\n"

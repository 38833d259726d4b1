"""Vectors of editions of the lists of words: whole pushes as a tablet of an edition sends them.

    editions/1/…      as the first edition stood; frozen, never written again
    editions/<N>/…    the edition that this program writes

Each push holds links in the order of a journal, with what intake says of each: record hash, link
hash, verdict and reasons. What they mean is what their bodies say.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import msgspec

from tests.vectors import chain, envelope
from tests.vectors.keys import LU, SHEN
from tests.vectors.materials import DEVICE, ROOT, Vectors, flip, public

HERE = Path(__file__).parent / "editions"
CURRENT = 3
"""The edition that is still being written; those before it are frozen."""

ACCEPTED, FLAGGED = 1, 2
BAD_SIGNATURE, UNREADABLE_YET, MALFORMED, ABSENT, UNKNOWN_SIGNER = 1, 2, 3, 4, 5

Item = tuple[bytes, bytes | None, list[int]]


def build(bodies: Vectors) -> Vectors:
    """The pushes of an edition whose good bodies are these (``good`` of its statements.json)."""
    kinds = list(bodies["kinds"].values())
    newer = [bodies.get(name, {}) for name in ("newer_words", "newer_names")]
    spelt = [text for group in (bodies["readable"], *newer) for text in group.values()]
    future = json.loads(bodies["closed"]) | {"kind": "never_a_kind"}
    return {
        "keys": {name: public(key).hex() for name, key in KNOWN.items()},
        "pushes": {
            "every kind": push([item(one) for one in kinds]),
            "other spellings and newer words": push([item(one) for one in spelt]),
            "what is flagged": push(
                [
                    item(envelope.line(future), UNREADABLE_YET),
                    damaged(bodies["closed"]),
                    item(bodies["closed"], UNKNOWN_SIGNER, key=ROOT),
                    item(bodies["closed"].replace("inspection", "", 1)[:-1], MALFORMED),
                    held_back(bodies["closed"]),
                ]
            ),
        },
    }


KNOWN = {"shen": SHEN, "lu": LU, "device": DEVICE}


def item(body: str, *reasons: int, key: Any = None) -> Item:
    """A body signed by both officers, or by ``key`` alone."""
    data = body.encode()
    made = envelope.signed(envelope.STATEMENT, data, *([key] if key else [SHEN, LU]))
    return record(data, made), envelope.wire(envelope.STATEMENT, data, made), list(reasons)


def damaged(body: str) -> Item:
    """One bit of a signature is another, and the link names just that."""
    data = body.encode()
    (first, second) = envelope.signed(envelope.STATEMENT, data, SHEN, LU)
    made = [(first[0], flip(first[1], 0)), second]
    return record(data, made), envelope.wire(envelope.STATEMENT, data, made), [BAD_SIGNATURE]


def held_back(body: str) -> Item:
    """A link without its statement."""
    return item(body)[0], None, [ABSENT]


def record(body: bytes, made: envelope.Made) -> bytes:
    """The record hash, from its definition."""
    digest = hashlib.sha256(envelope.pae(envelope.STATEMENT, body)).digest()
    parts = [b"fujie/record/v1\n", digest]
    for key, signature in sorted(made):
        parts += [key, len(signature).to_bytes(2, "big"), signature]
    return hashlib.sha256(b"".join(parts)).digest()


def push(items: list[Item]) -> Vectors:
    """The message (msgpack) and what becomes of each of its items."""
    previous, wired, told = bytes(32), [], []
    for number, (named, statement, reasons) in enumerate(items):
        link = chain.encode(chain.link(number, previous, record=named, case_tag=bytes(16)))
        previous = hashlib.sha256(link).digest()
        wired.append({"link": link, "statement": statement})
        told.append(
            {
                "record_hash": named.hex(),
                "link_hash": previous.hex(),
                "verdict": FLAGGED if reasons else ACCEPTED,
                "reasons": reasons,
            }
        )
    message = {"inventory": b"inventory", "items": wired, "seen": 0, "v": 1}
    return {"push": msgspec.msgpack.encode(message).hex(), "items": told}

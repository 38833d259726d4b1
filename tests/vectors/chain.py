"""Vectors of links, of a journal of four, and of what does not follow."""

import hashlib
from typing import Any

from tests.vectors.materials import AT, Vectors

JOURNAL = hashlib.sha256(b"fujie/vectors/journal").digest()[:16]
OTHER_JOURNAL = hashlib.sha256(b"fujie/vectors/journal 2").digest()[:16]
BOOT = hashlib.sha256(b"fujie/vectors/boot").digest()[:16]
SALT = hashlib.sha256(b"fujie/vectors/opening salt").digest()[:16]
LATEST = 253_402_271_999_999

SIZES = {
    "journal": 16,
    "sequence": 8,
    "previous": 32,
    "record": 32,
    "case_tag": 16,
    "reference_version": 8,
    "wall_at": 8,
    "boot": 16,
    "monotonic": 8,
    "server_at": 8,
}


def record(number: int) -> bytes:
    return hashlib.sha256(f"fujie/vectors/record {number}".encode()).digest()


TAG = hashlib.sha256(b"fujie/case-tag/v1\n" + SALT + record(0)).digest()[:16]


def encode(link: dict[str, Any], version: int = 1) -> bytes:
    """The 153 bytes: each part in the order and with the length of ``SIZES``."""
    parts = [bytes([version])]
    for name, size in SIZES.items():
        value = link[name]
        parts.append(value if isinstance(value, bytes) else value.to_bytes(size, "big"))
    assert sum(map(len, parts)) == 153
    return b"".join(parts)


def link(number: int, previous: bytes, **changed: Any) -> dict[str, Any]:
    """Link ``number`` of the journal: the first three of one case, then one of none."""
    return {
        "journal": JOURNAL,
        "sequence": number,
        "previous": previous,
        "record": record(number),
        "case_tag": TAG if number < 3 else bytes(16),
        "reference_version": 7,
        "wall_at": AT + number * 60_000,
        "boot": BOOT,
        "monotonic": 5_000 + number * 60_000,
        "server_at": AT - 3_600_000 if number else 0,
    } | changed


def digest(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def journal() -> list[dict[str, Any]]:
    links: list[dict[str, Any]] = []
    previous = bytes(32)
    for number in range(4):
        links.append(link(number, previous))
        previous = digest(encode(links[-1]))
    return links


def shown(link: dict[str, Any]) -> dict[str, Any]:
    data = encode(link)
    fields = {name: v.hex() if isinstance(v, bytes) else v for name, v in link.items()}
    return {"fields": fields, "bytes": data.hex(), "hash": digest(data).hex()}


def build() -> Vectors:
    links = journal()
    good = {
        "links": [shown(one) for one in links],
        "head": {"length": len(links), "hash": digest(encode(links[-1])).hex()},
        "highest": shown(
            link((1 << 63) - 1, digest(b""), wall_at=LATEST, server_at=LATEST, monotonic=2**63 - 1)
        ),
        "case_tag": {"salt": SALT.hex(), "opening_record": record(0).hex(), "tag": TAG.hex()},
    }
    good["forks"] = forks(links)
    good["relinked"] = relinked(links)
    held, refused = forks(links)["two for the last place"]["links"]
    good["fork"] = {"held": held, "refused": refused}
    export = digest(b"fujie/vectors/export")
    adopted = digest(b"fujie/adopted/v1\n" + export + JOURNAL)[:16]
    good["adopted_journal"] = {
        "export": export.hex(),
        "journal": JOURNAL.hex(),
        "id": adopted.hex(),
    }
    bad = {
        "link": bad_links(links),
        "journal": bad_journals(links),
        "fork": no_forks(links),
    }
    return {"good": good, "bad": bad}


def forks(links: list[dict[str, Any]]) -> Vectors:
    """Two links each that cannot both be of one history, and where the histories part."""
    other = digest(b"another history")
    third = link(2, links[2]["previous"], record=other)
    cases = {
        "two for the last place": (links[3], link(3, links[3]["previous"], record=other)),
        "two for the first place": (links[0], link(0, bytes(32), record=other)),
        "two for one place after different links": (links[2], link(2, other)),
        "one after another link than the one held": (links[3], third),
        "the next after another history": (link(4, other), links[3]),
    }
    return {
        name: {
            "links": [encode(one).hex() for one in two],
            "place": max(one["sequence"] for one in two),
        }
        for name, two in cases.items()
    }


def no_forks(links: list[dict[str, Any]]) -> Vectors:
    other = digest(b"another history")
    cases = {
        "one link twice": (links[1], links[1]),
        "a link and the next": (links[1], links[2]),
        "two that lie apart": (links[0], link(2, other)),
        "links of two journals": (links[2], link(2, other, journal=OTHER_JOURNAL)),
    }
    made = {
        name: {"links": [encode(one).hex() for one in two], "error": "NoFork"}
        for name, two in cases.items()
    }
    cut = [encode(links[0]).hex(), encode(links[1])[:-1].hex()]
    return made | {"a link and a cut one": {"links": cut, "error": "Malformed"}}


def relinked(links: list[dict[str, Any]]) -> Vectors:
    """The last two links of the journal, in the one that follows it."""
    made: list[dict[str, Any]] = []
    previous = bytes(32)
    for number, one in enumerate(links[2:]):
        moved = one | {"journal": OTHER_JOURNAL, "sequence": number, "previous": previous}
        made.append(moved)
        previous = digest(encode(moved))
    return {"journal": OTHER_JOURNAL.hex(), "from": 2, "links": [shown(one) for one in made]}


def bad_links(links: list[dict[str, Any]]) -> Vectors:
    first, second = links[:2]
    cases = {
        "empty": b"",
        "152 bytes": encode(first)[:-1],
        "154 bytes": encode(first) + b"\0",
        "version 0": encode(first, version=0),
        "version 2": encode(first, version=2),
        "the first names one before it": encode(first | {"previous": digest(b"")}),
        "the second names none before it": encode(second | {"previous": bytes(32)}),
        "a sequence of 2^63": encode(second | {"sequence": 1 << 63}),
        "a reference version of 2^63": encode(first | {"reference_version": 1 << 63}),
        "a monotonic time of 2^64-1": encode(first | {"monotonic": (1 << 64) - 1}),
        "a wall clock in the year 10000": encode(first | {"wall_at": LATEST + 1}),
        "a server time in the year 10000": encode(first | {"server_at": LATEST + 1}),
    }
    return {name: {"bytes": data.hex(), "error": "Malformed"} for name, data in cases.items()}


def bad_journals(links: list[dict[str, Any]]) -> Vectors:
    other = digest(b"another history")
    elsewhere = link(2, links[2]["previous"], journal=OTHER_JOURNAL)
    cases = {
        "a link is missing": ([*links[:2], links[3]], "Gap"),
        "the first link is missing": (links[1:], "Gap"),
        "the next follows another history": ([*links[:2], link(2, other)], "Fork"),
        "a second last link": ([*links, link(3, links[3]["previous"], record=other)], "Fork"),
        "the last link again": ([*links, links[3]], "Fork"),
        "an earlier place once more": ([*links, link(1, links[1]["previous"])], "Rewrite"),
        "a second first link": ([*links, link(0, bytes(32), record=other)], "Rewrite"),
        "two exchanged": ([links[0], links[2], links[1]], "Gap"),
        "a link of another journal between": ([*links[:2], elsewhere], "Malformed"),
    }
    return {
        name: {"links": [encode(one).hex() for one in many], "error": error}
        for name, (many, error) in cases.items()
    }

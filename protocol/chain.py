"""Links, journals and heads: what a device did, in order, so that what is missing shows.

A link commits to one record and to the link before it; its SHA-256 is the idempotency key
of everything that follows. It may travel without its statement (held back, damaged, erased)
and the chain still holds. A journal is the links of one device for one agency; its head is
its last link. Layout, 153 bytes, integers big-endian, times in ms since the Unix epoch:

    0 version=1 | 1 journal 16 | 17 sequence u64 | 25 previous link's hash 32
    57 record hash 32 | 89 case tag 16 | 105 reference-data version u64 | 113 wall clock u64
    121 boot id 16 | 137 monotonic u64 | 145 last verified server time u64

Two links that cannot both be of one history are the proof of a fork, which anybody can check
(``check_fork``). A journal that forked is closed, and what it does not hold is linked again in
the next (``relink``).

The first link has sequence 0 and 32 zero bytes as its previous hash. Numbers stay below 2^63,
so that every database holds them, and wall clocks before the year 10000, so that every calendar
does.
"""

import hashlib
import struct
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from protocol.errors import Fork, Gap, Malformed, NoFork, Rewrite
from protocol.parts import LATEST

LINK_SIZE = 153
ZERO_HASH = bytes(32)
NO_CASE = bytes(16)

_VERSION = 1
_LAYOUT = struct.Struct(">B16sQ32s32s16sQQ16sQQ")
_BEHIND = struct.Struct(">x16sQ32s32s16sQQ16sQQ")
"""The same without the version."""
_NUMBERS_END = 1 << 63


class Link(NamedTuple):
    """One place in a journal. Byte strings have the lengths of the layout above."""

    journal: bytes
    sequence: int
    previous: bytes
    record: bytes
    case_tag: bytes
    reference_version: int
    wall_at: int
    boot: bytes
    monotonic: int
    server_at: int

    def encode(self) -> bytes:
        """The 153 bytes. Raises Malformed for parts that the layout cannot hold as they are."""
        _expect_lengths(self)
        _expect_bounds(self)
        return _LAYOUT.pack(_VERSION, *self)

    def hash(self) -> bytes:
        """SHA-256 of the 153 bytes: the link's name everywhere."""
        return hashlib.sha256(self.encode()).digest()


class Head(NamedTuple):
    """The end of a journal: how many links, and the last one's hash (zeros when empty)."""

    length: int
    hash: bytes


EMPTY = Head(0, ZERO_HASH)

Held = Callable[[int], bytes | None]
"""The encoded link of a journal at a place, if it is at hand."""


def decode_link(data: bytes) -> Link:
    """Read a link. Raises Malformed."""
    if len(data) != LINK_SIZE:
        raise Malformed(
            "expected a link of {bound} bytes, got {size}", bound=LINK_SIZE, size=len(data)
        )
    if data[0] != _VERSION:
        raise Malformed(
            "expected a link of version 1, got {version}; update this program", version=data[0]
        )
    link = Link._make(_BEHIND.unpack(data))
    _expect_bounds(link)
    return link


def case_tag(opening_salt: bytes, opening_record: bytes) -> bytes:
    """The 16-byte tag of a case: opaque without its opening statement, checkable with it."""
    material = b"fujie/case-tag/v1\n" + opening_salt + opening_record
    return hashlib.sha256(material).digest()[:16]


def advance(head: Head, link: Link, held: Held | None = None) -> Head:
    """The head after ``link``; raises as ``expect_next`` does."""
    expect_next(head, link, held)
    return Head(link.sequence + 1, link.hash())


def expect_next(head: Head, link: Link, held: Held | None = None) -> None:
    """The named way in which ``link`` does not follow, if it does not.

    ``head`` is that of the link's own journal, and a link that is held already is the caller's
    to recognise, by its hash. ``held(sequence)`` gives the bytes of a held link, for the
    evidence. Raises Gap (links are missing before it), Rewrite (its place is taken further back)
    or Fork (the place is next, or last, but it names another predecessor), each with its
    ``evidence``.
    """
    if link.sequence > head.length:
        raise Gap(
            "expected link {expected} of this journal, got {got}; send from {expected} on",
            evidence=_evidence(link, -1, None),
            expected=head.length,
            got=link.sequence,
        )
    if link.sequence < head.length - 1:
        raise Rewrite(
            "link {got} is already held and this one differs; both are kept as evidence",
            evidence=_evidence(link, link.sequence, held),
            got=link.sequence,
        )
    if link.sequence < head.length or link.previous != head.hash:
        raise Fork(
            "link {got} continues another history than the one held; both are kept as "
            "evidence, and the office closes this journal",
            evidence=_evidence(link, head.length - 1, held),
            got=link.sequence,
        )


def follow(links: Iterable[Link], head: Head = EMPTY) -> Head:
    """The head after all ``links`` of one journal in order. Raises as ``advance`` does, and
    Malformed if another journal's link is among them."""
    journal: bytes | None = None
    before: dict[int, bytes] = {}
    for link in links:
        if journal not in (None, link.journal):
            raise Malformed("expected links of one journal; follow each journal by itself")
        journal, head = link.journal, advance(head, link, before.get)
        before[link.sequence] = link.encode()
    return head


def check_fork(one: bytes, other: bytes) -> int:
    """Whether two encoded links cannot both be of one history of a journal: they take the same
    place, or one names another predecessor than the link before it. Returns the place where the
    histories part. Raises Malformed for what is no link, NoFork where two links prove nothing.

    Links are not signed one by one. That the *device* made both is shown by its signed
    inventories, whose heads commit to all links before them.
    """
    earlier, later = sorted((decode_link(one), decode_link(other)), key=lambda link: link.sequence)
    apart = later.sequence - earlier.sequence
    parted = (apart == 0 and earlier != later) or (apart == 1 and later.previous != earlier.hash())
    if earlier.journal != later.journal or not parted:
        raise NoFork(
            "expected two links of one journal that contradict each other, got numbers {earlier} "
            "and {later}; nothing is proved by them",
            earlier=earlier.sequence,
            later=later.sequence,
        )
    return later.sequence


def relink(journal: bytes, links: Iterable[Link], head: Head = EMPTY) -> Iterator[Link]:
    """The same records, in the same order, in another ``journal`` after ``head``: what a device
    does with the links that a closed journal does not hold, and the office with a branch that
    it adopts. Everything but journal, place and predecessor stays as it was."""
    for link in links:
        moved = link._replace(journal=journal, sequence=head.length, previous=head.hash)
        head = Head(moved.sequence + 1, moved.hash())
        yield moved


def adopted_journal(export: bytes, journal: bytes) -> bytes:
    """The id of the journal for links of ``journal`` that an export (its SHA-256) brought and that
    continue another history than the one held: the same export opens the same one."""
    return hashlib.sha256(b"fujie/adopted/v1\n" + export + journal).digest()[:16]


def _evidence(link: Link, place: int, held: Held | None) -> tuple[bytes, ...]:
    found = held(place) if held is not None and place >= 0 else None
    offered = _LAYOUT.pack(1, *link)
    return (offered,) if found is None else (offered, found)


def _expect_lengths(link: Link) -> None:
    parts = (link.journal, link.previous, link.record, link.case_tag, link.boot)
    # struct would cut a longer part and fill a shorter one without a word.
    if [len(part) for part in parts] != [16, 32, 32, 16, 16]:
        raise Malformed("expected hashes of 32 bytes and ids of 16 in a link; make it again")


def _expect_bounds(link: Link) -> None:
    if not (
        0 <= link.sequence < _NUMBERS_END
        and 0 <= link.reference_version < _NUMBERS_END
        and 0 <= link.monotonic < _NUMBERS_END
        and 0 <= link.wall_at <= LATEST
        and 0 <= link.server_at <= LATEST
    ):
        raise Malformed(
            "expected numbers below 2^63 and times before the year 10000 in a link; set the "
            "clock of the device"
        )
    if (link.sequence == 0) != (link.previous == ZERO_HASH):
        raise Malformed("expected zeros as previous hash of the first link and of no other")

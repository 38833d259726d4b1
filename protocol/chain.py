"""Links, journals and heads: what a device did, in order, so that what is missing shows.

A link commits to one record and to the link before it; its SHA-256 is the idempotency key
of everything that follows. It may travel without its statement (held back, damaged, erased)
and the chain still holds. A journal is the links of one device for one agency; its head is
its last link. Layout, 153 bytes, integers big-endian, times in ms since the Unix epoch:

    0 version=1 | 1 journal 16 | 17 sequence u64 | 25 previous link's hash 32
    57 record hash 32 | 89 case tag 16 | 105 reference-data version u64 | 113 wall clock u64
    121 boot id 16 | 137 monotonic u64 | 145 last verified server time u64

The first link has sequence 0 and 32 zero bytes as its previous hash.
"""

import hashlib
import struct
from collections.abc import Iterable
from typing import NamedTuple

from protocol.errors import Fork, Gap, Malformed, Rewrite

LINK_SIZE = 153
ZERO_HASH = bytes(32)
NO_CASE = bytes(16)

_LAYOUT = struct.Struct(">B16sQ32s32s16sQQ16sQQ")


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
        """The 153 bytes."""
        return _LAYOUT.pack(1, *self)

    def hash(self) -> bytes:
        """SHA-256 of the 153 bytes: the link's name everywhere."""
        return hashlib.sha256(self.encode()).digest()


class Head(NamedTuple):
    """The end of a journal: how many links, and the last one's hash (zeros when empty)."""

    length: int
    hash: bytes


EMPTY = Head(0, ZERO_HASH)


def decode_link(data: bytes) -> Link:
    """Read a link. Raises Malformed."""
    if len(data) != LINK_SIZE:
        raise Malformed(
            "expected a link of {bound} bytes, got {size}", bound=LINK_SIZE, size=len(data)
        )
    version, *fields = _LAYOUT.unpack(data)
    if version != 1:
        raise Malformed(
            "expected a link of version 1, got {version}; update this program", version=version
        )
    link = Link(*fields)
    if (link.sequence == 0) != (link.previous == ZERO_HASH):
        raise Malformed("expected zeros as previous hash of the first link and of no other")
    return link


def case_tag(opening_salt: bytes, opening_record: bytes) -> bytes:
    """The 16-byte tag of a case: opaque without its opening statement, checkable with it."""
    material = b"fujie/case-tag/v1\n" + opening_salt + opening_record
    return hashlib.sha256(material).digest()[:16]


def advance(head: Head, link: Link) -> Head:
    """The head after ``link``, or the named way in which the link does not follow.

    Raises Gap (links are missing before it), Rewrite (its place is taken further back) or
    Fork (the place is next, or last, but it names another predecessor).
    """
    if link.sequence > head.length:
        raise Gap(
            "expected link {expected} of this journal, got {got}; send from {expected} on",
            expected=head.length,
            got=link.sequence,
        )
    if link.sequence < head.length - 1:
        raise Rewrite(
            "link {got} is already held and this one differs; both are kept as evidence",
            got=link.sequence,
        )
    if link.sequence < head.length or link.previous != head.hash:
        raise Fork(
            "link {got} continues another history than the one held; both are kept as "
            "evidence, and the office closes this journal",
            got=link.sequence,
        )
    return Head(link.sequence + 1, link.hash())


def follow(links: Iterable[Link], head: Head = EMPTY) -> Head:
    """The head after all ``links`` in order. Raises as ``advance`` does."""
    for link in links:
        head = advance(head, link)
    return head

"""A stretch: the items of one push of which nothing needs to be said, as columns.

    each accepted, each following the one before it in one journal, none of them a matter of who is
    who. What remains for the writer is to see that the first one follows what it holds:

    journal 3f9c…, first 318, previous 77ab…  ──▶  its head is (318, 77ab…): they are the next ones

Nearly every push is one. Whoever reads it has all of it at hand, a core for himself, and the writer
has not; so it is joined where it is read, and the writer takes columns instead of things. Where the
first one does not follow (sent again, forked, a gap), one item is not of this kind, or all of them
are too much for one row, items are judged one by one as ever (``intake.admit``), and come to what
they would have come to.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

import msgspec

from protocol.chain import Link, decode_link
from protocol.contents import is_bare
from protocol.envelope import STATEMENT_TYPE, Opened, all_hold, open_all
from protocol.errors import Malformed
from protocol.messages import PushItem
from protocol.registry.registry import Registry
from protocol.statements import (
    BlobRef,
    Statement,
    Unknown,
    blobs_of,
    case_of,
    decode_all,
    kind_of,
    tag_of,
)
from sync_server.log.intake import BELIEVED, Checked, Said
from sync_server.log.packed import MOST_BYTES, Filed, packed, unpacked, unpacked_filed


class Stretch(msgspec.Struct, frozen=True, array_like=True):
    """``previous`` is what the first link says to come before it, ``hashes`` are those of each link
    and its record, in order. ``links``, ``filed`` and ``statements`` are packed as they are kept
    (``leaves.py``); ``kinds`` are the kinds in it with their agencies, ``cases`` the cases, and
    ``blobs`` what is named: by which item, of which agency. ``registry`` is the version of what was
    known of keys."""

    journal: bytes
    first: int
    previous: bytes
    hashes: list[tuple[bytes, bytes]]
    links: bytes
    filed: bytes
    statements: bytes
    kinds: list[tuple[str, str]]
    cases: list[bytes]
    blobs: list[tuple[int, str, tuple[BlobRef, ...]]]
    registry: int

    def items(self) -> list[Checked]:
        """The same one by one, to be judged. Who signed is not told again: it matters for what is
        believed, and of that there is nothing here."""
        named = {number: blobs for number, _, blobs in self.blobs}
        count = len(self.hashes)
        links, statements = unpacked(self.links, count), unpacked(self.statements, count)
        filed = unpacked_filed(self.filed, count)
        return [
            Checked(
                decode_link(link),
                link,
                link_hash,
                statement=statement,
                said=Said(one.kind, one.agency, one.at, one.case, named.get(number, ())),
                registry=self.registry,
            )
            for number, ((link_hash, _), link, statement, one) in enumerate(
                zip(self.hashes, links, statements, filed, strict=True)
            )
            if link is not None and one is not None
        ]


def together(items: Sequence[PushItem], registry: Registry) -> Stretch | None:
    """The stretch that ``items`` are, if they are one: ``intake.verify`` would accept each, and
    nothing that one says changes what is known of people. Pure.

    Each step is taken for all of them before the next one, by the functions of the protocol that
    do so; where one item is out of the ordinary, nothing is said of any.
    """
    links = [item.link for item in items]
    statements = [item.statement for item in items if item.statement is not None]
    if len(statements) < len(links) or not 0 < sum(map(len, statements)) <= MOST_BYTES:
        return None
    try:
        placed = list(map(decode_link, links))
        opened = open_all(statements)
        read = decode_all([one.body for one in opened.envelopes])
    except Malformed:
        return None
    hashes = [
        (sha256(link).digest(), record) for link, record in zip(links, opened.records, strict=True)
    ]
    if not (_follow(placed, hashes) and _is_plain(opened, read, registry)):
        return None
    filed = [
        Filed(kind_of(one), case_of(one, record), one.agency, one.at)
        for one, record in zip(read, opened.records, strict=True)
    ]
    return Stretch(
        journal=placed[0].journal,
        first=placed[0].sequence,
        previous=placed[0].previous,
        hashes=hashes,
        links=packed(links),
        filed=packed(filed),
        statements=packed(statements),
        kinds=sorted({(one.kind, one.agency) for one in filed}),
        cases=sorted({one.case for one in filed if one.case is not None}),
        blobs=_named(read),
        registry=registry.version,
    )


def _is_plain(opened: Opened, read: Sequence[Statement | Unknown], registry: Registry) -> bool:
    """Whether each is a statement that is read here, well signed, and none says who is who."""
    return (
        {one.payload_type for one in opened.envelopes} == {STATEMENT_TYPE}
        and not any(kind is Unknown or tag_of(kind) in BELIEVED for kind in set(map(type, read)))
        and all_hold(opened, registry.keys.get)
    )


def _named(read: Sequence[Statement | Unknown]) -> list[tuple[int, str, tuple[BlobRef, ...]]]:
    return [
        (number, one.agency, named)
        for number, one in enumerate(read)
        if not is_bare(type(one), BlobRef) and (named := tuple(blobs_of(one)))
    ]


def _follow(links: Sequence[Link], hashes: Sequence[tuple[bytes, bytes]]) -> bool:
    """Whether each of these links names its own record, and the one before it in one journal."""
    first = links[0]
    return (
        [one.record for one in links] == [record for _, record in hashes]
        and [one.previous for one in links[1:]] == [link for link, _ in hashes[:-1]]
        and [one.sequence for one in links]
        == list(range(first.sequence, first.sequence + len(links)))
        and {one.journal for one in links} == {first.journal}
    )

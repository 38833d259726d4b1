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

import msgspec

from protocol.chain import decode_link
from protocol.statements import BlobRef
from sync_server.log.intake import BELIEVED, BadLink, Checked, Said
from sync_server.log.packed import MOST_BYTES, packed, unpacked, unpacked_filed


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


def joined(items: Sequence[Checked | BadLink], registry: int) -> Stretch | None:
    """The stretch that ``items`` are, if they are one. Pure."""
    good: list[Checked] = []
    for item in items:
        if not isinstance(item, Checked) or not _is_plain(item):
            return None
        if good and not _follows(good[-1], item):
            return None
        good.append(item)
    if not good or sum(len(item.statement or b"") for item in good) > MOST_BYTES:
        return None
    said = [item.said for item in good if item.said is not None]
    return Stretch(
        journal=good[0].link.journal,
        first=good[0].link.sequence,
        previous=good[0].link.previous,
        hashes=[(item.link_hash, item.link.record) for item in good],
        links=packed([item.link_bytes for item in good]),
        filed=packed([(one.kind, one.case, one.agency, one.at) for one in said]),
        statements=packed([item.statement for item in good]),
        kinds=sorted({(one.kind, one.agency) for one in said}),
        cases=sorted({one.case for one in said if one.case is not None}),
        blobs=[(number, one.agency, one.blobs) for number, one in enumerate(said) if one.blobs],
        registry=registry,
    )


def _is_plain(item: Checked) -> bool:
    """Whether it is accepted, and what it says changes nothing of what is known of people."""
    said = item.said
    return not (item.reasons or said is None or item.statement is None or said.kind in BELIEVED)


def _follows(before: Checked, item: Checked) -> bool:
    link, last = item.link, before.link
    return (
        link.sequence == last.sequence + 1
        and link.previous == before.link_hash
        and link.journal == last.journal
    )

"""A stretch: the items of one push of which nothing needs to be said, as columns.

    each accepted, each following the one before it in one journal, none of them a matter of who is
    who. What remains for the writer is to see that the first one follows what it holds:

    journal 3f9c…, first 318, previous 77ab…  ──▶  its head is (318, 77ab…): they are the next ones

Nearly every push is one. Whoever reads it has all of it at hand, a core for himself, and the writer
has not; so it is joined where it is read, and the writer takes columns instead of things. Where the
first one does not follow (sent again, forked, a gap), or one item is not of this kind, items are
judged one by one as ever (``intake.admit``), and come to the same rows.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from protocol.chain import decode_link
from protocol.statements import BlobRef
from sync_server.log.intake import BELIEVED, BadLink, Checked, Said


class Stretch(msgspec.Struct, frozen=True, array_like=True):
    """``previous`` is what the first link says to come before it. The other fields have a value
    for each item: bytes and hashes of links, hashes and envelopes of records, and what is looked up
    by. ``registry`` is the version of what was known of keys."""

    journal: bytes
    first: int
    previous: bytes
    links: list[bytes]
    link_hashes: list[bytes]
    records: list[bytes]
    statements: list[bytes]
    kinds: list[str]
    cases: list[bytes | None]
    agencies: list[str]
    ats: list[int]
    blobs: list[tuple[BlobRef, ...]]
    registry: int

    def items(self) -> list[Checked]:
        """The same one by one, to be judged. Who signed is not told again: it matters for what is
        believed, and of that there is nothing here."""
        return [
            Checked(
                decode_link(link),
                link,
                link_hash,
                statement=statement,
                said=Said(kind, agency, at, case, blobs),
                registry=self.registry,
            )
            for link, link_hash, statement, kind, agency, at, case, blobs in zip(
                self.links,
                self.link_hashes,
                self.statements,
                self.kinds,
                self.agencies,
                self.ats,
                self.cases,
                self.blobs,
                strict=True,
            )
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
    if not good:
        return None
    said = [item.said for item in good if item.said is not None]
    return Stretch(
        journal=good[0].link.journal,
        first=good[0].link.sequence,
        previous=good[0].link.previous,
        links=[item.link_bytes for item in good],
        link_hashes=[item.link_hash for item in good],
        records=[item.link.record for item in good],
        statements=[item.statement for item in good if item.statement is not None],
        kinds=[one.kind for one in said],
        cases=[one.case for one in said],
        agencies=[one.agency for one in said],
        ats=[one.at for one in said],
        blobs=[one.blobs for one in said],
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

"""What an export (``export.py``) proves: a device's journals, link by link up to what it signed.

    export = Exported()
    for part in unseal(file.read, key): export.take(part)      # blobs' pieces are the caller's
    for branch in branches(export, keys): branch.links …

Links are not signed one by one. Each journal comes with an inventory that the device signed, whose
head commits to its last link and so to all before it. A journal whose links do not lead there is
refused with what is wrong; links that are simply left out at the beginning (an export of what is
unsent) are not missed, because the first link names the one before it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from protocol import envelope, statements
from protocol.chain import Head, Link, decode_link, follow
from protocol.errors import Malformed, Unverified
from protocol.export import Kind, Manifest, Part, read_manifest
from protocol.keys import Verifier
from protocol.statements import DeviceInventory


@dataclass
class Exported:
    """The parts of an export but for blobs, as they came. ``statements`` by record hash;
    ``strays`` are bytes in a statement's place that are none; ``asked`` is what the device asks
    for (``answer.py``), as it came."""

    manifest: Manifest | None = None
    certificate: bytes = b""
    credentials: list[bytes] = field(default_factory=list)
    inventories: list[bytes] = field(default_factory=list)
    links: dict[bytes, Link] = field(default_factory=dict)
    statements: dict[bytes, bytes] = field(default_factory=dict)
    strays: list[bytes] = field(default_factory=list)
    asked: bytes = b""

    def take(self, part: Part) -> None:
        """Take one part; unknown kinds and those of blobs are passed over. Raises Malformed."""
        match part.kind:
            case Kind.MANIFEST:
                self.manifest = read_manifest(part)
            case Kind.CERTIFICATE:
                self.certificate = part.body
            case Kind.CREDENTIAL:
                self.credentials.append(part.body)
            case Kind.INVENTORY:
                self.inventories.append(part.body)
            case Kind.LINK:
                link = decode_link(part.body)
                self.links[link.hash()] = link
            case Kind.STATEMENT:
                self._take_statement(part.body)
            case Kind.ASKED:
                self.asked = part.body

    def inventory_of(self, journal: bytes) -> bytes:
        """The inventory of a journal, as it came; only asked for one of ``branches``."""
        return next(
            data
            for data in self.inventories
            if isinstance(said := statements.decode(envelope.decode(data).body), DeviceInventory)
            and said.journal == journal.hex()
        )

    def _take_statement(self, data: bytes) -> None:
        try:
            record = envelope.record_hash(envelope.decode(data))
        except Malformed:
            self.strays.append(data)
        else:
            self.statements[record] = data


@dataclass(frozen=True)
class Branch:
    """The links of one journal in order, shown to lead to the head that the device signed."""

    journal: bytes
    links: tuple[Link, ...]
    inventory: DeviceInventory


def branches(export: Exported, keys: Mapping[bytes, Verifier]) -> Iterator[Branch]:
    """The journals of an export, by the device's ``keys`` (by key id, former ones too).

    Raises Malformed, UnknownSigner, BadSignature for an inventory; Unverified for links that do
    not lead to its head, or that no inventory explains; BrokenChain where they do not follow.
    """
    left: dict[bytes, list[Link]] = {}
    seen: set[str] = set()
    for one in export.links.values():
        left.setdefault(one.journal, []).append(one)
    for data in export.inventories:
        signed = envelope.decode(data)
        envelope.verify(signed, keys.get)
        said = statements.decode(signed.body)
        stated = signed.payload_type == envelope.STATEMENT_TYPE
        if not stated or not isinstance(said, DeviceInventory) or said.journal in seen:
            raise Malformed("expected a device's inventory in an export; export once more")
        seen.add(said.journal)
        journal = bytes.fromhex(said.journal)
        links = sorted(left.pop(journal, ()), key=_place)
        _expect_head(links, said)
        yield Branch(journal, tuple(links), said)
    if left:
        raise Unverified(
            "expected a signed inventory for each journal of an export, got {count} links of "
            "another; export once more",
            count=sum(map(len, left.values())),
        )


def _expect_head(links: list[Link], said: DeviceInventory) -> None:
    if not links:
        return
    head = follow(links, Head(links[0].sequence, links[0].previous))
    if head != Head(said.length, bytes.fromhex(said.head)):
        raise Unverified(
            "expected links that lead to link {length} of the journal, as the device signed, got "
            "{count} up to {last}; export once more",
            length=said.length - 1,
            count=len(links),
            last=head.length - 1,
        )


def _place(link: Link) -> int:
    return link.sequence

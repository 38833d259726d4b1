"""What goes into an export: planned in one consistent view, made from the plan as often as asked.

    plan = freight.plan(name, scope, recipient, chance)     journals, blobs, what is signed for it
    freight.front(plan)                                     all parts before the media
    freight.media(plan, begun)                              the media that are not on the stick yet

The parts that would differ from one time to the next, such as a signed inventory, are in the plan;
links, statements and media are read from the vault, which does not change what it holds. Where
something did change, because it was damaged or removed meanwhile, the same export cannot be made
again: ``Otherwise``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from sqlmodel import Session, col, select

from field_client.contact import answers
from field_client.contact.begun import Plan, Section, note_cut
from field_client.contact.history import History
from field_client.contact.inventory import PROGRAM, signed_inventory
from field_client.contact.reference import ReferenceShelf
from field_client.device_clock import Clock
from field_client.errors import ExportError, MediaError
from field_client.keys.device_keys import CurrentKey
from field_client.store.captures import open_blob
from field_client.store.stages import CURSOR, UNSENT, WHOLE
from field_client.store.tables import BlobRow, JournalRow, LinkRow, ReplacedLinkRow, StatementRow
from field_client.store.vault import Vault
from protocol import chain
from protocol.answer import Asked, sign_asked
from protocol.credential import issuer_of, open_device
from protocol.errors import FujieError
from protocol.export import Kind, Manifest, Part, manifest
from protocol.messages import DeviceAdmitted
from protocol.sealing import Begun

UNSENT_ONLY = "unsent"
RECORD = 2048
"""About how many bytes a record with its link takes."""


class Otherwise(ExportError):
    """What goes in is not what it was when the export was begun."""


@dataclass(frozen=True)
class Freight:
    """What one tablet can export."""

    vault: Vault
    device: CurrentKey
    clock: Clock
    shelf: ReferenceShelf
    history: History
    admitted: DeviceAdmitted
    device_name: str
    data_dir: Path
    blobs_dir: Path

    def plan(self, name: str, scope: str, recipient: str, chance: bytes) -> Plan:
        """Journals and media in one consistent view."""
        with self.vault.session() as session:
            journals = session.exec(select(JournalRow).order_by(col(JournalRow.opened_at))).all()
            found = [(row, *_span(session, row.id, scope)) for row in journals]
            wanted = select(BlobRow).order_by(col(BlobRow.size), col(BlobRow.sha256))
            if scope == UNSENT_ONLY:
                wanted = wanted.where(col(BlobRow.stage).in_(UNSENT))
            blobs = [row for row in session.exec(wanted) if not self._was_let_go(row)]
        sections = [
            Section(row.id, self._inventory(row), first, length)
            for row, first, length in found
            if first < length or row.open
        ]
        records = sum(one.length - one.first for one in sections)
        now = self.clock.wall_ms()
        return Plan(
            scope=scope,
            name=name,
            at=now,
            recipient=recipient,
            chance=chance,
            head=[(part.kind, part.body) for part in self._head(scope, now)],
            sections=sections,
            blobs=[row.sha256 for row in blobs],
            whole=sum(row.size for row in blobs) + records * RECORD,
            held=sum(row.length for row in journals),
        )

    def front(self, plan: Plan) -> Iterator[Part]:
        """Everything before the media: journal by journal its inventory and links, in order, those
        that were replaced among them, so that the chain is whole; then the statements."""
        for kind, body in plan.head:
            yield Part(kind, body)
        for one in plan.sections:
            yield Part(Kind.INVENTORY, one.inventory)
            for link in self._links(one):
                yield Part(Kind.LINK, link)
        for one in plan.sections:
            for link in self._links(one):
                with self.vault.session() as session:
                    row = session.get(StatementRow, chain.decode_link(link).record)
                if row is not None:
                    yield Part(Kind.STATEMENT, row.envelope)

    def media(self, plan: Plan, begun: Begun | None) -> Iterator[Part]:
        """The media, behind those pieces that are on the stick. Raises Otherwise when one that was
        ``begun`` upon cannot be read any more."""
        skip = begun.pieces if begun else 0
        for name in plan.blobs[begun.blobs if begun else 0 :]:
            with self.vault.session() as session:
                row = session.get(BlobRow, name)
            if row is None or (begun is not None and name in plan.cut):
                raise Otherwise("expected a file that an export was begun with; begin anew")
            yield from self._blob(row, skip, whole=begun is not None)
            skip = 0

    def _was_let_go(self, row: BlobRow) -> bool:
        """Whether this tablet let its copy go because the office has it."""
        return row.stage in WHOLE and not (self.blobs_dir / row.path).exists()

    def _inventory(self, journal: JournalRow) -> bytes:
        return signed_inventory(
            self.vault,
            self.device.signer,
            self.clock,
            self.data_dir,
            agency=self.admitted.agency,
            checkpoint_size=self.history.log.size,
            reference_version=self.shelf.version,
            journal=journal,
        )

    def _head(self, scope: str, now: int) -> Iterator[Part]:
        yield manifest(
            Manifest(
                agency=self.admitted.agency,
                device=self.device_name,
                made_at=now,
                scope=scope,
                program=PROGRAM,
            )
        )
        yield Part(Kind.CERTIFICATE, self._certificate())
        for officer in self.shelf.current.officers:
            for key in officer.credentials:
                if key.device == self.device_name:
                    yield Part(Kind.CREDENTIAL, key.credential)
        yield Part(Kind.ASKED, self._asked(now))

    def _asked(self, now: int) -> bytes:
        """What the office is to answer, and to which key."""
        cursor = self.vault.state(CURSOR) or b""
        asked = Asked(
            agency=self.admitted.agency,
            device=self.device_name,
            at=now,
            key=answers.public(answers.own_key(self.vault)).hex(),
            origin=self.history.log.origin,
            seen=self.history.log.size,
            cursor=int.from_bytes(cursor, "big"),
            photos=[name[:16] for name in self.shelf.portraits.held()],
            runs=True,
        )
        return sign_asked(asked, self.device.signer)

    def _certificate(self) -> bytes:
        """That of the key in force; of the enrolment's, where the roster does not have it."""
        for one in self.shelf.current.devices:
            with suppress(FujieError):
                issuer = issuer_of(one.certificate, self.shelf.issuers)
                if open_device(one.certificate, issuer).verifier == self.device.signer.verifier:
                    return one.certificate
        return self.admitted.certificate

    def _links(self, section: Section) -> list[bytes]:
        with self.vault.session() as session:
            placed = _placed(session, section.journal)
        return [placed[at] for at in sorted(placed) if section.first <= at < section.length]

    def _blob(self, row: BlobRow, skip: int, *, whole: bool) -> Iterator[Part]:
        """The pieces of a blob and its name; one that is cut or damaged has none, and is none to
        go on with."""
        name = row.sha256
        try:
            for piece in islice(open_blob(self.blobs_dir, row).chunks(), skip, None):
                yield Part(Kind.PIECE, piece)
        except (MediaError, OSError):
            if whole:
                raise Otherwise("expected a file as an export was begun with; begin anew") from None
            note_cut(self.vault, name)
            name = b""
        yield Part(Kind.BLOB, name)


def _placed(session: Session, journal: bytes) -> dict[int, bytes]:
    """The links of a journal by their places; replaced ones where nothing else is held."""
    held = session.exec(select(LinkRow).where(LinkRow.journal == journal)).all()
    replaced = session.exec(select(ReplacedLinkRow).where(ReplacedLinkRow.journal == journal)).all()
    return {row.sequence: row.link for row in replaced} | {row.sequence: row.link for row in held}


def _span(session: Session, journal: bytes, scope: str) -> tuple[int, int]:
    """From which link on a journal goes along, and up to which."""
    length = max(_placed(session, journal), default=-1) + 1
    if scope != UNSENT_ONLY:
        return 0, length
    held = select(LinkRow.sequence).where(
        LinkRow.journal == journal, col(LinkRow.stage).in_(UNSENT)
    )
    replaced = select(ReplacedLinkRow.sequence).where(ReplacedLinkRow.journal == journal)
    return min([*session.exec(held), *session.exec(replaced)], default=length), length

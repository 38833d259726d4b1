"""Evidence that a statement names: small blobs made at once, and handwriting bound to a hash.

    with locker.gather(case) as gathered:
        signed = gathered.sign(hand, over=root)
        pdf = gathered.put(data, PDF, "document")
        journal.save(statement, signers, keeps=gathered.keeps)

What was gathered for a statement that was not saved is thrown away. Handwriting is kept as the
strokes that were drawn, with who drew them and over which hash, so that a later change of the
document voids it (ESL 13; design: handwriting is evidence inside):

    {"over":"9f…","signer":"周明禾","role":"site_manager","at":1763…,"aspect":0.4,
     "strokes":[[[0.1,0.2,0],…]]}
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from sqlmodel import Session

from field_client.device_clock import Clock
from field_client.errors import FieldError, MediaError
from field_client.store import captures
from field_client.store.blobs import BlobReader, BlobWriter, Written
from field_client.store.journal import Keep
from field_client.store.parts import Part
from field_client.store.tables import BlobRow, CaptureRow
from field_client.store.vault import Vault
from protocol.statements import BlobRef, Signed
from protocol.vocabulary import Role

HANDWRITING = "application/vnd.fujie.handwriting+json"
CONTENT = "application/vnd.fujie.content+json"
PDF = "application/pdf"

Strokes = tuple[tuple[tuple[float, float, int], ...], ...]


class HandwritingBlob(msgspec.Struct, frozen=True, kw_only=True):
    """The JSON of a handwriting blob."""

    over: str
    signer: str
    role: str
    at: int
    aspect: float
    strokes: Strokes


@dataclass(frozen=True)
class Hand:
    """Somebody's handwriting before it is kept: strokes of (x, y, ms), x and y over the pad's
    width, and the pad's height over its width. ``at`` (ms) is when it was written; 0: just now."""

    signer: str
    role: Role
    strokes: Strokes
    aspect: float
    at: int = 0


class EvidenceLocker:
    """Writes blobs of a case; each becomes part of the vault with the statement that names it."""

    def __init__(self, vault: Vault, folder: Path, clock: Clock) -> None:
        self.vault = vault
        self.folder = folder
        self.clock = clock
        self.cut: set[str] = set()
        """Files of recordings that failed on their way, until they are rescued."""

    @contextmanager
    def gather(self, case: bytes) -> Iterator[Gathered]:
        """What one statement will name; thrown away when the block raises."""
        gathered = Gathered(self, case)
        try:
            yield gathered
        except BaseException:
            for writer in gathered.writers:
                self.discard(writer)
            raise

    def read(self, blob: BlobRef) -> bytes | None:
        """The plaintext of a kept blob, None when this tablet holds it no longer, or not whole."""
        with self.vault.session() as session:
            row = session.get(BlobRow, bytes.fromhex(blob.sha256))
        if row is None:
            return None
        try:
            return BlobReader(self.folder / row.path, row.key).all()
        except MediaError:
            return None

    def begin(
        self, media_type: str, purpose: str, case: bytes, part: Part | None = None
    ) -> BlobWriter:
        """A new encrypted file of a case, ``part`` of a continuous recording. Raises DiskFull."""
        return captures.begin(
            self.vault,
            self.folder,
            media_type=media_type,
            purpose=purpose,
            case_id=case,
            at=self.clock.wall_ms(),
            part=part,
        )

    def keeper(self, writer: BlobWriter, written: Written, at: int) -> Keep:
        """What turns a finished capture into a blob, in the statement's transaction."""

        def keep(session: Session) -> object:
            return captures.keep(session, self.folder, writer, written, at)

        return keep

    def discard(self, writer: BlobWriter) -> None:
        """Forget a capture, unless it became a blob after all: the outcome of a failed commit is
        unknown. Where even that cannot be asked, the next start tidies up."""
        writer.close()
        with suppress(FieldError):
            with self.vault.session() as session:
                waiting = session.get(CaptureRow, writer.path.name) is not None
            if waiting:
                captures.discard(self.vault, self.folder, writer.path.name)


@dataclass
class Gathered:
    """The blobs of one statement, and ``keeps``, which its saving takes."""

    locker: EvidenceLocker
    case: bytes
    writers: list[BlobWriter] = field(default_factory=list)
    keeps: list[Keep] = field(default_factory=list)

    def put(self, data: bytes, media_type: str, purpose: str) -> BlobRef:
        """An encrypted, synced file. Raises DiskFull."""
        writer = self.locker.begin(media_type, purpose, self.case)
        self.writers.append(writer)
        writer.write(data)
        written = writer.finish()
        self.keeps.append(self.locker.keeper(writer, written, self.locker.clock.wall_ms()))
        return BlobRef(sha256=written.sha256.hex(), size=written.size, media_type=media_type)

    def sign(self, hand: Hand, over: bytes) -> Signed:
        """Handwriting over a hash, kept as a blob."""
        at = hand.at or self.locker.clock.wall_ms()
        data = msgspec.json.encode(
            HandwritingBlob(
                over=over.hex(),
                signer=hand.signer,
                role=hand.role.value,
                at=at,
                aspect=round(hand.aspect, 4),
                strokes=tuple(
                    tuple((round(x, 4), round(y, 4), t) for x, y, t in stroke)
                    for stroke in hand.strokes
                ),
            )
        )
        blob = self.put(data, HANDWRITING, "handwriting")
        return Signed(role=hand.role, handwriting=blob, over=over.hex(), at=at)

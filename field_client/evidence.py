"""Evidence that a statement names: small blobs made at once, and handwriting bound to a hash.

Handwriting is kept as the strokes that were drawn, with who drew them and over which hash, so
that a later change of the document voids it (ESL 13; design: handwriting is evidence inside):

    {"over":"9f…","signer":"周明禾","role":"site_manager","at":1763…,"aspect":0.4,"strokes":[[[0.1,0.2,0],…]]}
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import msgspec
from sqlmodel import Session

from field_client import captures
from field_client.blobs import Written
from field_client.device_clock import Clock
from field_client.journal import Keep
from field_client.vault import Vault
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
    width, and the pad's height over its width."""

    signer: str
    role: Role
    strokes: Strokes
    aspect: float


class EvidenceLocker:
    """Writes small blobs of a case; each becomes part of the vault with the statement that
    names it."""

    def __init__(self, vault: Vault, folder: Path, clock: Clock) -> None:
        self.vault = vault
        self.folder = folder
        self.clock = clock

    def put(
        self, data: bytes, media_type: str, purpose: str, case: bytes | None
    ) -> tuple[BlobRef, Keep]:
        """An encrypted, synced file and what makes it a blob. Raises DiskFull."""
        now = self.clock.wall_ms()
        writer = captures.begin(
            self.vault, self.folder, media_type=media_type, purpose=purpose, case_id=case, at=now
        )
        writer.write(data)
        written = writer.finish()
        return _ref(written, media_type), self.keeper(writer, written, now)

    def keeper(self, writer: captures.BlobWriter, written: Written, at: int) -> Keep:
        """What turns a finished capture into a blob, in the statement's transaction."""

        def keep(session: Session) -> object:
            return captures.keep(session, self.folder, writer, written, at)

        return keep

    def sign(self, hand: Hand, over: bytes, case: bytes) -> tuple[Signed, Keep]:
        """Handwriting over a hash, kept as a blob."""
        at = self.clock.wall_ms()
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
        blob, keep = self.put(data, HANDWRITING, "handwriting", case)
        return Signed(role=hand.role, handwriting=blob, over=over.hex(), at=at), keep


def _ref(written: Written, media_type: str) -> BlobRef:
    return BlobRef(sha256=written.sha256.hex(), size=written.size, media_type=media_type)

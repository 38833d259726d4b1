"""The case file: everything of one case in one file that anyone can check, with no server.

    case/bagit.txt  bag-info.txt  manifest-sha256.txt  tagmanifest-sha256.txt     (``bag.py``)
    case/fujie-casefile.note          the log's signature over the tag manifest
    case/data/checkpoint              the log's head; every receipt leads to it
    case/data/keys.json               who holds each key, with the certificate that says so
    case/data/records/000000.link         one link of 153 bytes (``chain.py``)
    case/data/records/000000.tlog-proof   its receipt (``receipt.py``)
    case/data/records/000000.dsse.json    its statement, unless it is held back or another case's
    case/data/blobs/<sha256>              every blob that a statement names

Links are numbered by their place in the log, from 000000. Each journal that touched the case
(the tablet's, the office's) is there without a gap from its first link of the case to its
last; links in between that concern other matters come alone, with their receipts. What has
been left out therefore shows. What came after the last link does not: the checkpoint's size
says up to where this file speaks.

The file is a canonical zip (``package.py``). The note reads::

    fujie/casefile/v1
    case <hex>
    tagmanifest-sha256 <hex>
    built <ms>

``build_casefile`` writes one, ``casecheck.verify_casefile`` judges one.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import BinaryIO

import msgspec

from protocol import bag, envelope, statements
from protocol.blobnames import blobs_in
from protocol.calendar import local_day
from protocol.casekeys import KeyEntry, encode_keys
from protocol.checkpoint import sign_note
from protocol.envelope import Envelope
from protocol.errors import Malformed
from protocol.keys import Signer
from protocol.package import Member, write_package
from protocol.parts import LATEST
from protocol.receipt import Receipt

BASE = "case"
NOTE = "fujie-casefile.note"
CHECKPOINT = "data/checkpoint"
KEYS = "data/keys.json"
RECORDS = "data/records/"
BLOBS = "data/blobs/"
LINK, RECEIPT, STATEMENT = ".link", ".tlog-proof", ".dsse.json"
NOTE_VERSION = "fujie/casefile/v1"
MAX_RECORDS = 1_000_000

_NOTE_TEXT = re.compile(
    NOTE_VERSION + r"\ncase ([0-9a-f]{64})\ntagmanifest-sha256 ([0-9a-f]{64})\n"
    r"built (0|[1-9][0-9]{0,14})\n"
)


@dataclass(frozen=True)
class CaseRecord:
    """One link with its receipt's bytes; ``statement`` is None where it is not included."""

    link: bytes
    receipt: bytes
    statement: Envelope | None = None


@dataclass(frozen=True)
class CaseBlob:
    """A blob, named by its SHA-256, and its bytes in chunks; asked for twice while building."""

    sha256: bytes
    chunks: Callable[[], Iterable[bytes]]


@dataclass(frozen=True)
class CaseFileParts:
    """What a case file is made of. ``records`` may come in any order; ``at`` is now (ms).

    All receipts are under ``checkpoint``. ``origin`` and ``log`` are the log's name and key.
    """

    case: bytes
    agency: str
    records: Sequence[CaseRecord]
    blobs: Sequence[CaseBlob]
    keys: Sequence[KeyEntry]
    checkpoint: bytes
    origin: str
    log: Signer
    at: int


def build_casefile(parts: CaseFileParts, out: BinaryIO) -> None:
    """Write the case file. The same parts give the same bytes.

    Blobs are read twice and never held whole. Raises Malformed when a blob's bytes are not
    those of its name, and leaves ``out`` worthless then. Checks nothing else: verify it.
    """
    payload = [*_records(parts), *_documents(parts), *map(_blob, parts.blobs)]
    payload_manifest = bag.manifest({member.name: digest for member, digest in payload})
    size = sum(member.size for member, _ in payload)
    day = local_day(parts.at)
    tags = {
        bag.DECLARATION: bag.BAGIT,
        bag.INFO: bag.info(parts.case, parts.agency, day, size, len(payload)),
        bag.PAYLOAD: payload_manifest,
    }
    tag_manifest = bag.manifest(
        {name: hashlib.sha256(text).digest() for name, text in tags.items()}
    )
    note = sign_note(note_text(parts.case, tag_manifest, parts.at), parts.origin, parts.log)
    tags |= {bag.TAGS: tag_manifest, NOTE: note}
    members = [member for member, _ in payload] + [_member(n, data)[0] for n, data in tags.items()]
    write_package(out, [_inside(member) for member in members])


def note_text(case: bytes, tag_manifest: bytes, built_at: int) -> str:
    """What the log's key signs of a case file."""
    digest = hashlib.sha256(tag_manifest).hexdigest()
    return f"{NOTE_VERSION}\ncase {case.hex()}\ntagmanifest-sha256 {digest}\nbuilt {built_at}\n"


def read_note_text(text: str) -> tuple[bytes, bytes, int]:
    """Case id, digest of the tag manifest and time of a note's text. Raises Malformed."""
    found = _NOTE_TEXT.fullmatch(text)
    if found is None or int(found[3]) > LATEST:
        raise Malformed(
            "expected a note of {version}, got another text; update this program",
            version=NOTE_VERSION,
        )
    return bytes.fromhex(found[1]), bytes.fromhex(found[2]), int(found[3])


def signers(records: Sequence[CaseRecord]) -> set[str]:
    """The ids, in hex, of all keys that signed a statement of these."""
    made = (one for record in records if record.statement for one in record.statement.signatures)
    return {one.key_id.hex() for one in made}


def blobs_named(body: bytes) -> list[statements.BlobRef]:
    """Every blob that a statement's body names, in kinds that this program does not know too.

    The package that a *file_archived* names holds the case as it was before that statement, and
    the export that an *evidence_adopted* names holds what is nobody else's to see: neither is
    among them. Raises Malformed.
    """
    found = blobs_in(body)
    if not found:
        return []
    kind = _decode_kind(body).kind
    return [] if kind in ("file_archived", "evidence_adopted") else found


class _Kind(msgspec.Struct):
    kind: object = None


_decode_kind = msgspec.json.Decoder(_Kind).decode


def _records(parts: CaseFileParts) -> list[tuple[Member, bytes]]:
    numbered = sorted(parts.records, key=lambda record: Receipt.decode(record.receipt).index)
    members = []
    for number, record in enumerate(numbered):
        stem = f"{RECORDS}{number:06}"
        members.append(_member(stem + LINK, record.link))
        members.append(_member(stem + RECEIPT, record.receipt))
        if record.statement is not None:
            members.append(_member(stem + STATEMENT, envelope.encode_json(record.statement)))
    return members


def _documents(parts: CaseFileParts) -> list[tuple[Member, bytes]]:
    used = signers(parts.records)
    keys = [entry for entry in parts.keys if entry.kind == "issuer" or entry.keyid in used]
    return [_member(CHECKPOINT, parts.checkpoint), _member(KEYS, encode_keys(keys))]


def _member(name: str, data: bytes) -> tuple[Member, bytes]:
    member = Member(name, len(data), zlib.crc32(data), lambda: [data])
    return member, hashlib.sha256(data).digest()


def _blob(blob: CaseBlob) -> tuple[Member, bytes]:
    size, crc, digest = 0, 0, hashlib.sha256()
    for chunk in blob.chunks():
        size, crc = size + len(chunk), zlib.crc32(chunk, crc)
        digest.update(chunk)
    if digest.digest() != blob.sha256:
        raise Malformed(
            "expected a blob of SHA-256 {expected}, its bytes give {got}; run fsck",
            expected=blob.sha256.hex(),
            got=digest.hexdigest(),
        )
    return Member(BLOBS + blob.sha256.hex(), size, crc, blob.chunks), digest.digest()


def _inside(member: Member) -> Member:
    return Member(f"{BASE}/{member.name}", member.size, member.crc, member.chunks)

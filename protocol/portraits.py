"""Officers' photos, files of their own beside the reference data that name them.

The roster states of each photo its SHA-256, size and type, under the agency's signature; the file
comes later, over any way, and counts when it is the one that was stated:

    GET /tuf/<agency>/portraits/<sha256>       from the server; on a stick a file of the same name
    check(ref, data)                           raises Altered for anything else than the photo

Until it has come nothing is shown in its place, and that is said. ``BLANK`` is what a server put
for an officer of whom the office has no photo: nobody's picture, and never shown as one. Bundles
of before brought the photos along (``photo_bytes``); these are read as they are.

>>> where(BlobRef(sha256="ab" * 32, size=9000, media_type="image/jpeg"))[:14]
'portraits/abab'
"""

import base64
import hashlib
from collections.abc import Iterable

from protocol.errors import Altered
from protocol.parts import BlobRef
from protocol.roster import RosterOfficer

FOLDER = "portraits"
MOST = 400_000
"""Bytes of a photo."""
STARTS = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}
"""How a picture of either type begins. Servers of before called every photo of a founding a PNG,
so that the bytes say which of the two it is."""
BLANK = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAADQAAABACAAAAABwoAvgAAAAJUlEQVR42u3LMQEAAAwCIPsHNI8d9g5+0oNIkiRJkiRJ"
    "kiT9SwMFbd6X5g0z1AAAAABJRU5ErkJggg=="
)
NOBODY = hashlib.sha256(BLANK).hexdigest()


def is_photo(ref: BlobRef) -> bool:
    """Whether the roster names a photo here, of a size and a type that a card can bear."""
    return ref.sha256 != NOBODY and 0 < ref.size <= MOST and ref.media_type in STARTS


def where(ref: BlobRef) -> str:
    """The photo's name in the agency's repository."""
    return f"{FOLDER}/{ref.sha256}"


def named(refs: Iterable[BlobRef]) -> dict[str, BlobRef]:
    """The photos among these, each once, by SHA-256 and in their order."""
    return {ref.sha256: ref for ref in refs if is_photo(ref)}


def apart(officers: Iterable[RosterOfficer]) -> dict[str, BlobRef]:
    """The photos of a roster that come as files of their own."""
    return named(one.photo for one in officers if not one.photo_bytes)


def check(ref: BlobRef, data: bytes) -> None:
    """Raises Altered unless these bytes are the photo that the roster names."""
    whole = len(data) == ref.size and hashlib.sha256(data).hexdigest() == ref.sha256
    if not whole or not is_photo(ref) or not data.startswith(tuple(STARTS.values())):
        raise Altered(
            "expected the photo {sha256} that the roster names, got other bytes; fetch it again",
            sha256=ref.sha256[:16],
        )

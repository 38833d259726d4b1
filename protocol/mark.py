"""The mark on a document: which document this is, said by the tablet that made it.

    {1: agency, 6: made at (s), -65537: [5, kind, number, document id 16, root 32]}

A COSE_Sign1 by the device, printed as a QR code behind the agency's page (``qr.py``). ``root``
commits to every piece of the document's text (``redaction.py``), so that a forged text under
a copied code shows. The code is made before the document is signed: that it was signed and
served is in the log, and the page says so.
"""

from __future__ import annotations

from dataclasses import dataclass

from protocol import cose, qr
from protocol.cose import IAT, ISS
from protocol.credential import FUJIE, MARK, DeviceClaims, expect_kind
from protocol.errors import Malformed, UnknownSigner
from protocol.keys import Signer
from protocol.parts import LATEST
from protocol.vocabulary import DocumentKind

DOCUMENT_PATH = "D"

_KINDS = {kind.value: kind for kind in DocumentKind}


@dataclass(frozen=True)
class DocumentMark:
    """What the mark says. ``document_id`` is 16 bytes, ``root`` 32, ``at`` ms since the epoch."""

    agency: str
    kind: DocumentKind
    number: str
    document_id: bytes
    root: bytes
    at: int


def document_mark(device: Signer, mark: DocumentMark) -> bytes:
    """Sign the mark. Raises Malformed or TooLarge."""
    if len(mark.document_id) != 16 or len(mark.root) != 32:
        raise Malformed("expected a document id of 16 bytes and a root of 32; make them again")
    body = [MARK, mark.kind.value, mark.number, mark.document_id, mark.root]
    return cose.sign1({ISS: mark.agency, IAT: mark.at // 1000, FUJIE: body}, device)


def open_mark(data: bytes, device: DeviceClaims) -> DocumentMark:
    """The mark that ``device`` signed for its own agency.

    Raises Malformed, UnknownSigner or BadSignature.
    """
    claims = cose.open1(data, device.verifier)
    kind, number, document_id, root = expect_kind(claims, MARK, 4)
    agency, made = claims.get(ISS), claims.get(IAT)
    texts = all(isinstance(text, str) for text in (agency, number, kind)) and kind in _KINDS
    sizes = [len(part) if isinstance(part, bytes) else 0 for part in (document_id, root)]
    timed = type(made) is int and 0 <= made <= LATEST // 1000
    if not texts or sizes != [16, 32] or made is None or not timed:
        raise Malformed("expected a document's mark; scan the code again, or update this program")
    if agency != device.agency:
        raise UnknownSigner(
            "expected a document of agency {agency}, got one of {got}; a device marks for its "
            "own agency alone",
            agency=device.agency,
            got=agency,
        )
    return DocumentMark(agency, _KINDS[kind], number, document_id, root, made * 1000)


def document_url(base: str, mark: bytes) -> str:
    """The text of the document's QR code. Raises Malformed or TooLarge."""
    return qr.address(base, DOCUMENT_PATH, mark)


def parse_document_url(text: str) -> bytes:
    """The mark in a scanned text or in the last part of its path. Raises Malformed, TooLarge."""
    return qr.payload(text, DOCUMENT_PATH)

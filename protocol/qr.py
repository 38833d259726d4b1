"""The text of a QR code: an address that any phone opens, with the signed bytes behind it.

    HTTPS://LOG.YUNXI.EXAMPLE/V/2KCEQ...        a card         (``card.py``)
    HTTPS://LOG.YUNXI.EXAMPLE/D/2KCEQ...        a document     (``mark.py``)

Upper case throughout, so that a QR code takes its alphanumeric mode (ISO/IEC 18004 §7.4.4);
schemes and hosts do not mind case (RFC 3986 §6.2.2.1). The bytes are base32 (RFC 4648 §6)
without padding. One value has one text.

>>> address("https://log.example", "V", b"fujie")
'HTTPS://LOG.EXAMPLE/V/MZ2WU2LF'
>>> payload("HTTPS://LOG.EXAMPLE/V/MZ2WU2LF", "V")
b'fujie'
"""

from __future__ import annotations

import base64
import re

from protocol.errors import Malformed, TooLarge

MAX_TEXT = 3391
"""Characters of a version 40 code at level M, the most that can be printed (ISO/IEC 18004)."""

# Possessive: what is read is never given back, so that no text costs more than its length.
_BASE = re.compile(r"HTTPS?://[A-Z0-9.-]++(?::[0-9]{1,5})?+(?:/[A-Z0-9._-]++)*+")
_BASE32 = re.compile(r"[A-Z2-7]+")


def address(base: str, letter: str, data: bytes) -> str:
    """The text for ``data`` behind the page ``base``/``letter``. Raises Malformed or TooLarge."""
    upper = base.rstrip("/").upper()
    if not _BASE.fullmatch(upper):
        raise Malformed(
            "expected an address like https://host or https://host:port, got {base}; "
            "change the verification address in the settings",
            base=base[:80],
        )
    text = f"{upper}/{letter}/{base64.b32encode(data).decode().rstrip('=')}"
    _expect_bound(text)
    return text


def payload(text: str, letter: str) -> bytes:
    """The bytes in a scanned text, or in the last part of its path alone.

    Which host the text names is not judged: a tablet reads the codes of other agencies too,
    and believes signatures, not addresses. Raises Malformed or TooLarge.
    """
    _expect_bound(text)
    base, slash, encoded = text.rpartition("/")
    if slash and not (base.endswith(f"/{letter}") and _BASE.fullmatch(base)):
        raise Malformed(
            "expected a code of the form HTTPS://…/{letter}/…; scan the other code",
            letter=letter,
        )
    return _decode(encoded)


def _decode(encoded: str) -> bytes:
    try:
        data = base64.b32decode(encoded + "=" * (-len(encoded) % 8))
    except ValueError:  # not ASCII, or not base32
        data = b""
    # The last character may hold unused bits, which would give one value several texts.
    same = base64.b32encode(data).decode().rstrip("=") == encoded
    if not data or not same or not _BASE32.fullmatch(encoded):
        raise Malformed("expected base32 in upper case without padding; scan the code again")
    return data


def _expect_bound(text: str) -> None:
    if len(text) > MAX_TEXT:
        raise TooLarge(
            "expected a code of at most {bound} characters, got {size}; shorten its texts",
            bound=MAX_TEXT,
            size=len(text),
        )

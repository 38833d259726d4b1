"""Photos beside the reference data: the bytes that the roster names, and no others."""

from __future__ import annotations

import hashlib

import msgspec
import pytest

from protocol.errors import Altered
from protocol.portraits import BLANK, MOST, apart, check, is_photo, where
from protocol.statements import BlobRef
from sync_server.office.roster import picture_type
from tests.worlds import World

PNG = b"\x89PNG\r\n\x1a\n and a face"


def ref(data: bytes, media_type: str = "image/png") -> BlobRef:
    sha256 = hashlib.sha256(data).hexdigest()
    return BlobRef(sha256=sha256, size=len(data), media_type=media_type)


def test_the_named_bytes_are_the_photo() -> None:
    check(ref(PNG), PNG)
    assert where(ref(PNG)) == f"portraits/{hashlib.sha256(PNG).hexdigest()}"


@pytest.mark.parametrize("place", range(len(PNG)))
def test_no_byte_may_change(place: int) -> None:
    changed = bytearray(PNG)
    changed[place] ^= 1
    with pytest.raises(Altered, match="fetch it again"):
        check(ref(PNG), bytes(changed))


@pytest.mark.parametrize("data", [b"", PNG[:-1], PNG + b"\0"])
def test_neither_less_nor_more_is_the_photo(data: bytes) -> None:
    with pytest.raises(Altered):
        check(ref(PNG), data)


def test_what_is_no_picture_is_no_photo_though_it_was_named() -> None:
    page = b"<html>sign in</html>"
    with pytest.raises(Altered):
        check(ref(page), page)
    with pytest.raises(Altered):
        check(ref(PNG, "text/html"), PNG)


def test_a_jpeg_that_a_founding_called_a_png_is_a_photo() -> None:
    """Servers of before called all of them so, and the tablets showed them."""
    jpeg = b"\xff\xd8\xff and a face"
    check(ref(jpeg, "image/png"), jpeg)


def test_nobodys_picture_is_no_photo() -> None:
    """Nor is one without bytes, too large for a card, or of another type."""
    assert is_photo(ref(PNG))
    assert picture_type(BLANK) == "image/png"
    assert not is_photo(ref(BLANK))
    assert not is_photo(ref(b""))
    assert not is_photo(ref(PNG, "image/gif"))
    assert not is_photo(msgspec.structs.replace(ref(PNG), size=MOST + 1))


def test_only_photos_that_a_bundle_did_not_bring_are_fetched() -> None:
    """Each once, in the roster's order."""
    one = World().reference.officers[0]
    first, second = ref(PNG), ref(PNG + b"2")
    roster = [
        msgspec.structs.replace(one, photo=second),
        msgspec.structs.replace(one, photo=first, photo_bytes=PNG),
        msgspec.structs.replace(one, photo=second),
        msgspec.structs.replace(one, photo=ref(BLANK)),
    ]
    assert apart(roster) == {second.sha256: second}

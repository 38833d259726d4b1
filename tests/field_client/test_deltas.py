"""A newer roster by what differs from the one at hand: little on the line, the same in the end."""

from __future__ import annotations

import base64
import hashlib
import tracemalloc
from collections.abc import Callable

import httpx
import pytest
import zstandard

from field_client.contact import packing
from field_client.contact.packing import DCZ, DCZ_MAGIC, PLAIN, ZSTD, Offer
from field_client.errors import ReferenceRefused, ServerUnclear
from field_client.store.tables import ReferenceRow
from protocol.errors import Malformed
from sync_server.log import reading
from sync_server.reference import deltas
from tests.field_client.county import County, FieldTablet

OLD = b"".join(hashlib.sha256(b"%d" % n).digest() for n in range(3000))
NEW = OLD[:40_000] + b"another officer" + OLD[40_000:]
OFFER = Offer(OLD, 7, 1 << 20)


def asked(tablet: FieldTablet) -> tuple[dict[str, str], httpx.Response]:
    """Publish, let the tablet fetch; what it asked for the bundle, and what came."""
    seen: list[tuple[dict[str, str], httpx.Response]] = []

    def look(request: httpx.Request, response: httpx.Response) -> None:
        if "/targets/" in request.url.path:
            seen.append((dict(request.headers), response))

    county = tablet.county
    assert county.services is not None
    county.services.publish_reference(tablet.tablet.admitted.agency)
    county.meddler.answer = look
    tablet.contact()
    county.meddler.answer = None
    (only,) = seen
    return only


def at_hand(tablet: FieldTablet) -> bytes:
    with tablet.tablet.vault.session() as session:
        row = session.get(ReferenceRow, tablet.tablet.shelf.version)
        assert row is not None
        return row.bundle


def test_a_changed_roster_is_told_by_its_differences(tablet: FieldTablet, online: County) -> None:
    """The request names what is here (RFC 9842); the answer is a thousandth of the whole."""
    before, version = at_hand(tablet), tablet.tablet.shelf.version
    headers, response = asked(tablet)
    sha256 = base64.b64encode(hashlib.sha256(before).digest()).decode()
    assert headers["available-dictionary"] == f":{sha256}:"
    assert headers["dictionary-id"] == f'"{version}"'
    assert response.headers["content-encoding"] == DCZ
    assert "Available-Dictionary" in response.headers["vary"]
    assert tablet.tablet.shelf.version == version + 1
    assert len(response.extensions["raw"]) * 50 < len(at_hand(tablet))
    assert online.services is not None
    assert at_hand(tablet) == online.services.facts.reference(tablet.tablet.admitted.agency)[1]


def test_whoever_lacks_what_it_differs_from_gets_the_whole_packed(
    tablet: FieldTablet, online: County
) -> None:
    """A bundle that this server never published, as of another one before."""
    shelf = tablet.tablet.shelf
    with tablet.tablet.vault.transaction() as session:
        row = session.get(ReferenceRow, shelf.version)
        assert row is not None
        row.bundle += b"?"
        session.add(row)
    _, response = asked(tablet)
    assert response.headers["content-encoding"] == ZSTD
    assert online.services is not None
    assert at_hand(tablet) == online.services.facts.reference(tablet.tablet.admitted.agency)[1]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda body: body[:-9],
        lambda body: body[:40] + b"?" + body[41:],
        lambda body: DCZ_MAGIC + bytes(32) + body[40:],
        lambda body: zstandard.compress(b"another file"),
        lambda body: b"",
    ],
)
def test_differences_that_do_not_hold_are_asked_for_as_a_whole(
    tablet: FieldTablet, online: County, spoil: Callable[[bytes], bytes]
) -> None:
    """A proxy that recodes what it does not know costs the saving, and nothing else."""

    def recode(request: httpx.Request, response: httpx.Response) -> httpx.Response | None:
        if response.headers.get("content-encoding") != DCZ:
            return None
        body = spoil(response.extensions["raw"])
        return httpx.Response(200, headers={"content-encoding": DCZ}, stream=httpx.ByteStream(body))

    assert online.services is not None
    online.services.publish_reference(tablet.tablet.admitted.agency)
    online.meddler.answer = recode
    before = tablet.tablet.shelf.version
    tablet.tablet.shelf.fetch(tablet.tablet.wire)
    assert tablet.tablet.shelf.version == before + 1


def test_no_packing_brings_in_another_roster(tablet: FieldTablet, online: County) -> None:
    """What is unpacked is compared with what the agency signed, however it came."""

    def other(request: httpx.Request, response: httpx.Response) -> httpx.Response | None:
        if "/targets/" not in request.url.path:
            return None
        body = zstandard.compress(b"another roster")
        return (
            httpx.Response(200, headers={"content-encoding": ZSTD}, stream=httpx.ByteStream(body))
            if "zstd" in request.headers["accept-encoding"]
            else httpx.Response(200, content=b"x")
        )

    assert online.services is not None
    online.services.publish_reference(tablet.tablet.admitted.agency)
    online.meddler.answer = other
    before = at_hand(tablet)
    with pytest.raises(ReferenceRefused):
        tablet.tablet.shelf.fetch(tablet.tablet.wire)
    assert at_hand(tablet) == before


# ── the coding itself ────────────────────────────────────────────────────────────────────


def opened(coding: str, *pieces: bytes, offer: Offer = OFFER) -> bytes:
    return b"".join(offer.opened(coding, iter(pieces)))


def test_what_one_packs_the_other_opens() -> None:
    made = deltas.pack(NEW, OLD)
    assert made.coding == DCZ
    assert made.body.startswith(DCZ_MAGIC + hashlib.sha256(OLD).digest())
    assert len(made.body) < 300
    assert opened(DCZ, made.body[:50], made.body[50:]) == NEW
    whole = deltas.pack(NEW, b"")
    assert whole.coding == ZSTD
    assert opened(ZSTD, whole.body) == NEW
    assert opened(PLAIN, b"one ", b"two") == b"one two"


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", b""),
        (DCZ, deltas.pack(NEW, OLD[1:]).body),
        (DCZ, packing.pack(NEW)),
        (ZSTD, zstandard.compress(bytes(2 << 20))),
        (ZSTD, bytes(2 << 20)),
    ],
)
def test_what_was_not_asked_for_or_grows_too_large_is_not_unpacked(
    coding: str, body: bytes
) -> None:
    with pytest.raises(ServerUnclear):
        opened(coding, body)


SKIPPED = bytes.fromhex("502a4d18ffffffff")
"""A zstd frame that is to be skipped, and says that it is of four gigabytes."""


def test_eight_bytes_make_nobody_ask_for_gigabytes() -> None:
    """Neither the tablet of an answer, nor the server of a push."""
    tracemalloc.start()
    try:
        with pytest.raises(ServerUnclear):
            packing.unpack(SKIPPED, 1 << 20)
        with pytest.raises(Malformed):
            reading.unpack(SKIPPED, ZSTD)
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


def test_who_offers_nothing_takes_nothing_packed() -> None:
    assert Offer().headers == {}
    assert Offer(bound=9).headers == {"accept-encoding": ZSTD}
    with pytest.raises(ServerUnclear):
        opened(ZSTD, packing.pack(NEW), offer=Offer())


@pytest.mark.parametrize("header", ["", ":", ":AA==:", "x" * 46, ":" + "!" * 44 + ":"])
def test_a_dictionary_that_is_none_is_none(header: str) -> None:
    assert deltas.dictionary(header) in (b"", b"\0")

"""tus 1.0.0 to the letter: what every answer bears, which requests are refused, and how."""

from __future__ import annotations

import hashlib
import socket
import struct
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import httpx
import pytest

from protocol.messages import UploadGranted, UploadWanted
from sync_server.store import blobs
from sync_server.store.blobs import NoRoom
from sync_server.web import tus
from tests.sync_server.conftest import Server
from tests.sync_server.tablet import TUS, Tablet, checksum
from tests.sync_server.test_blobs import bearer, filmed_by, open_chunk
from tests.sync_server.test_blobs import stored as is_stored

HOUR_MS = 3_600_000


@pytest.fixture
def filmed(tablet: Tablet) -> bytes:
    """A video that a record names and that has not been sent."""
    return filmed_by(tablet)


def at(
    tablet: Tablet, method: str, path: str, *told: dict[str, str], data: bytes = b""
) -> httpx.Response:
    """A request with these headers and no others of tus."""
    headers = {name: value for one in told for name, value in one.items()}
    return tablet.http.request(method, path, headers=headers, content=data or None)


def test_options_tells_what_this_server_can(tablet: Tablet) -> None:
    """Asked without a version and without a token, of the collection and of any upload."""
    for path in ("/v1/blobs", "/v1/blobs/any"):
        told = at(tablet, "OPTIONS", path)
        assert told.status_code == 204
        assert told.headers["tus-version"] == "1.0.0"
        assert told.headers["tus-max-size"] == str(4 << 30)
        assert told.headers["tus-checksum-algorithm"] == "sha1,sha256"
        named = set(told.headers["tus-extension"].split(","))
        assert named >= {"creation", "checksum", "termination", "expiration"}


@pytest.mark.parametrize("version", [None, "0.2.2", "1.0.1", "1.0.0, 1.0.0"])
def test_another_version_is_told_the_right_one_and_changes_nothing(
    tablet: Tablet, filmed: bytes, version: str | None
) -> None:
    """412 with Tus-Version, whatever was asked."""
    granted = tablet.grant(filmed)
    told = bearer(granted) | ({"tus-resumable": version} if version else {})
    chunk = {"content-type": tus.CHUNK_TYPE, "upload-offset": "0"}
    for method, path in (
        ("POST", "/v1/blobs"),
        ("HEAD", granted.path),
        ("PATCH", granted.path),
        ("DELETE", granted.path),
    ):
        answer = at(tablet, method, path, told, chunk, data=b"x" if method == "PATCH" else b"")
        assert (answer.status_code, answer.headers["tus-version"]) == (412, "1.0.0")
    assert tablet.grant(filmed).offset == 0


def test_every_answer_bears_the_version(tablet: Tablet, filmed: bytes) -> None:
    """Refusals too; a 401 says by what to be let in, a HEAD that it may not be kept."""
    granted = tablet.grant(filmed)
    mine = TUS | bearer(granted)
    refused = [
        at(tablet, "HEAD", granted.path, TUS),
        at(tablet, "HEAD", "/v1/blobs/unknown", mine),
        at(tablet, "PATCH", granted.path, mine),
        at(tablet, "GET", granted.path, mine),
        at(tablet, "POST", "/v1/blobs", mine),
    ]
    assert [one.status_code for one in refused] == [401, 404, 415, 405, 400]
    assert {one.headers["tus-resumable"] for one in refused} == {"1.0.0"}
    assert refused[0].headers["www-authenticate"] == "Bearer"
    assert refused[1].headers["cache-control"] == "no-store"


def test_a_creation_is_the_tokens_upload_each_time(tablet: Tablet, filmed: bytes) -> None:
    """201 and the same place however often; the place is told relative, so that it holds behind
    any other address of this server."""
    granted = tablet.grant(filmed)
    assert tablet.patch(granted, 0, filmed[:1000]).status_code == 204
    length = {"upload-length": str(len(filmed)), "upload-metadata": "filename dmlkZW8=,empty"}
    for _ in range(2):
        made = at(tablet, "POST", "/v1/blobs", TUS, bearer(granted), length)
        assert (made.status_code, made.headers["upload-offset"]) == (201, "1000")
        assert made.headers["location"] == f"blobs/{granted.path.rpartition('/')[2]}"
        assert str(made.url.join(made.headers["location"])) == f"{tablet.url}{granted.path}"
        ends = parsedate_to_datetime(made.headers["upload-expires"])
        assert ends.timestamp() * 1000 > granted.expires_at


def test_a_creation_may_bring_the_first_bytes(tablet: Tablet, filmed: bytes) -> None:
    """Once; who creates again is told how much is there, and its bytes are left."""
    granted = tablet.grant(filmed)
    told = TUS | bearer(granted) | {"upload-length": str(len(filmed))}
    chunk = {"content-type": tus.CHUNK_TYPE, "upload-checksum": checksum("sha1", filmed[:5000])}
    for _ in range(2):
        made = at(tablet, "POST", "/v1/blobs", told, chunk, data=filmed[:5000])
        assert (made.status_code, made.headers["upload-offset"]) == (201, "5000")
    assert tablet.patch(granted, 5000, filmed[5000:]).status_code == 204
    assert is_stored(tablet, filmed)


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ({}, 400),
        ({"upload-length": "-1"}, 400),
        ({"upload-length": "+5"}, 400),
        ({"upload-length": "7"}, 400),
        ({"upload-length": str(1 << 50)}, 413),
        ({"upload-defer-length": "1"}, 400),
        ({"upload-length": "1280000", "upload-defer-length": "1"}, 400),
        ({"upload-length": "1280000", "upload-metadata": "a " + "QUFB" * 2000}, 400),
    ],
)
def test_a_creation_of_anything_else_is_refused(
    tablet: Tablet, filmed: bytes, told: dict[str, str], status: int
) -> None:
    """No length, another length, more than is taken, a length that is to follow, an essay."""
    granted = tablet.grant(filmed)
    assert at(tablet, "POST", "/v1/blobs", TUS, bearer(granted), told).status_code == status


@pytest.mark.parametrize("offset", ["", "-1", "1e3", "0x0", "1 2", "99999999999999999999"])
def test_an_offset_is_a_whole_number(tablet: Tablet, filmed: bytes, offset: str) -> None:
    """Anything else is malformed, not zero."""
    granted = tablet.grant(filmed)
    assert tablet.patch(granted, 0, b"x", upload_offset=offset).status_code == 400


def test_a_method_may_be_named_in_a_header(tablet: Tablet, filmed: bytes) -> None:
    """Where something between knows only GET and POST; the method sent does not count then."""
    granted = tablet.grant(filmed)
    mine = TUS | bearer(granted)
    chunk = {"content-type": tus.CHUNK_TYPE, "upload-offset": "0"}
    over = "x-http-method-override"
    sent = at(tablet, "POST", granted.path, mine, chunk, {over: "PATCH"}, data=filmed[:9])
    assert (sent.status_code, sent.headers["upload-offset"]) == (204, "9")
    asked = at(tablet, "POST", granted.path, mine, {over: "HEAD"})
    assert (asked.status_code, asked.headers["upload-offset"]) == (200, "9")
    wrong = at(tablet, "POST", granted.path, TUS, {over: "HEAD"})
    assert wrong.status_code == 401
    assert at(tablet, "POST", granted.path, mine, {over: "DELETE"}).status_code == 204
    assert at(tablet, "HEAD", granted.path, mine).status_code == 410


def test_more_than_was_announced_is_refused_before_it_is_read(
    tablet: Tablet, filmed: bytes
) -> None:
    """413 by its length alone; what was there stays as it was."""
    granted = tablet.grant(filmed)
    assert tablet.patch(granted, 0, filmed[:100]).status_code == 204
    assert tablet.patch(granted, 100, filmed).status_code == 413
    assert tablet.grant(filmed).offset == 100


def test_an_upload_that_was_given_up_is_gone_and_begins_anew(
    server: Server, tablet: Tablet, filmed: bytes
) -> None:
    """410 to its token for all methods; its bytes leave the disk at once."""
    granted = tablet.grant(filmed)
    tablet.patch(granted, 0, filmed[:1000])
    mine = TUS | bearer(granted)
    assert at(tablet, "DELETE", granted.path, mine).status_code == 204
    length = {"upload-length": str(len(filmed))}
    chunk = {"content-type": tus.CHUNK_TYPE, "upload-offset": "1000"}
    assert at(tablet, "HEAD", granted.path, mine).status_code == 410
    assert at(tablet, "DELETE", granted.path, mine).status_code == 410
    assert at(tablet, "PATCH", granted.path, mine, chunk, data=b"x").status_code == 410
    assert at(tablet, "POST", "/v1/blobs", mine, length).status_code == 410
    assert not any(server.settings.uploads.iterdir())
    again = tablet.grant(filmed)
    assert (again.offset, again.path != granted.path) == (0, True)


def test_a_blob_outlives_the_upload_that_brought_it(tablet: Tablet, filmed: bytes) -> None:
    """Who gives a whole upload up takes nothing back: what is stored is evidence."""
    granted = tablet.grant(filmed)
    assert tablet.patch(granted, 0, filmed).status_code == 204
    mine = TUS | bearer(granted)
    assert at(tablet, "HEAD", granted.path, mine).headers["upload-offset"] == str(len(filmed))
    assert at(tablet, "DELETE", granted.path, mine).status_code == 204
    assert is_stored(tablet, filmed)
    assert tablet.grant(filmed).complete


def later(server: Server, column: str, by_ms: int) -> None:
    """Turn the times of all uploads back, as if so much time had passed."""
    server.sql(f"UPDATE upload SET {column} = {column} - :by", by=by_ms)


def test_a_token_ends_before_its_upload_does(server: Server, tablet: Tablet, filmed: bytes) -> None:
    """An hour too old, it opens nothing; a new one goes on where the old one was."""
    granted = tablet.grant(filmed)
    tablet.patch(granted, 0, filmed[:1000])
    ended = f"{granted.expires_at - 7 * HOUR_MS:x}.{granted.token.partition('.')[2]}"
    hashed = hashlib.sha256(ended.encode()).digest()
    server.sql("UPDATE upload SET token_hash = :hashed", hashed=hashed)
    told = at(tablet, "HEAD", granted.path, TUS, {"authorization": f"Bearer {ended}"})
    assert told.status_code == 401
    again = tablet.grant(filmed)
    assert (again.path, again.offset) == (granted.path, 1000)


def test_a_tablet_that_was_away_for_days_goes_on_where_it_was(
    server: Server, tablet: Tablet, filmed: bytes
) -> None:
    """Six days later, and after a restart of the server, not a byte is sent again."""
    granted = tablet.grant(filmed)
    tablet.patch(granted, 0, filmed[:700_000])
    later(server, "expires_at", 6 * 24 * HOUR_MS)
    server.stop()
    server.start()
    again = tablet.grant(filmed)
    assert again.offset == 700_000
    assert tablet.patch(again, 700_000, filmed[700_000:]).status_code == 204
    assert is_stored(tablet, filmed)


def test_a_line_that_died_unseen_keeps_nobody_from_going_on(tablet: Tablet, filmed: bytes) -> None:
    """The old connection is still open for the server, in the middle of a chunk; the tablet came
    back by another one. The old request ends, and cannot write into the new one."""
    granted = tablet.grant(filmed)
    with open_chunk(tablet, granted, 0, filmed[:200_000], filmed[:200_000]) as dead:
        head = at(tablet, "HEAD", granted.path, TUS, bearer(granted))
        there = int(head.headers["upload-offset"])
        assert there == 0  # its checksum was to come with its end
        assert tablet.patch(granted, there, filmed[:300_000]).status_code == 204
        dead.sendall(b"0\r\n\r\n")
        assert b" 409 " in dead.recv(100)
    assert tablet.patch(granted, 300_000, filmed[300_000:]).status_code == 204
    assert is_stored(tablet, filmed)


def test_a_chunk_of_which_nothing_comes_any_more_counts_as_cut(
    tablet: Tablet, filmed: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """408, and what came stays; without that a dead line would hold memory and a file for good."""
    monkeypatch.setattr(tus, "IDLE_S", 0.05)
    granted = tablet.grant(filmed)
    with begun(tablet, granted, len(filmed)) as line:
        line.sendall(filmed[:1000])
        assert b" 408 " in line.recv(100)
    assert tablet.grant(filmed).offset == 1000


def test_a_full_disk_is_told_and_the_upload_goes_on_when_there_is_room(
    tablet: Tablet, filmed: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """507, at the grant and in the middle of a chunk: an answer to come back later, not that the
    blob is unwanted. What was whole before is still there."""
    granted = tablet.grant(filmed)
    tablet.patch(granted, 0, filmed[:1000])
    real = blobs.Chunk._append

    def full(chunk: blobs.Chunk, data: bytes) -> None:
        raise NoRoom("the server has no room for this; tell the operator")

    monkeypatch.setattr(blobs.Chunk, "_append", full)
    assert tablet.patch(granted, 1000, filmed[1000:]).status_code == 507
    monkeypatch.setattr(blobs.Chunk, "_append", real)
    wanted = UploadWanted(sha256=hashlib.sha256(filmed).digest(), size=len(filmed))
    monkeypatch.setattr(blobs, "ROOM", 1 << 60)
    assert tablet.post("/v1/uploads", wanted).status_code == 507
    monkeypatch.undo()
    again = tablet.grant(filmed)
    assert again.offset == 1000
    assert tablet.patch(again, 1000, filmed[1000:]).status_code == 204


def test_a_failed_fsync_makes_nothing_stored(
    server: Server, tablet: Tablet, filmed: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it wrote nobody knows, and a second fsync would not tell: it is sent again."""
    granted = tablet.grant(filmed)

    def fail(*_: object) -> None:
        raise OSError(5, "Input/output error")

    for step in ("sync_file", "settle"):
        monkeypatch.setattr(blobs, step, fail)
        granted = tablet.grant(filmed)
        assert tablet.patch(granted, 0, filmed).status_code == 500
        monkeypatch.undo()
        assert not is_stored(tablet, filmed)
        again = tablet.grant(filmed)
        assert (again.offset, again.complete) == (0, False)
    tablet.upload(filmed)
    assert is_stored(tablet, filmed)
    name = hashlib.sha256(filmed).hexdigest()
    assert (server.settings.blobs / name[:2] / name).read_bytes() == filmed


def test_wrong_bytes_sent_again_and_again_do_not_fill_the_disk(
    server: Server, tablet: Tablet, filmed: bytes
) -> None:
    """The same wrong bytes are kept once, and of one blob a few."""
    for number in (1, 1, 1, 2, 3, 4, 5):
        granted = tablet.grant(filmed)
        assert tablet.patch(granted, 0, filmed[:-1] + bytes([number])).status_code == 460
    assert len(list(server.settings.quarantine.iterdir())) == blobs.KEPT_ASIDE
    assert not any(server.settings.uploads.iterdir())


def test_a_reset_in_the_middle_keeps_what_came(
    server: Server, tablet: Tablet, filmed: bytes
) -> None:
    """Without a checksum the bytes before the cut are not sent again."""
    granted = tablet.grant(filmed)
    file = server.settings.uploads / granted.path.rpartition("/")[2]
    with begun(tablet, granted, len(filmed)) as line:
        line.sendall(filmed[:1_100_000])
        while file.stat().st_size < 1_000_000:
            pass  # until the server has written what was sent
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert tablet.grant(filmed).offset >= 1_000_000


def begun(tablet: Tablet, granted: UploadGranted, size: int) -> socket.socket:
    """A chunk without a checksum, announced and not sent."""
    where = urlsplit(tablet.url)
    line = socket.create_connection((where.hostname or "", where.port or 0))
    told = (
        f"PATCH {granted.path} HTTP/1.1\r\nHost: {where.netloc}\r\n"
        f"Tus-Resumable: 1.0.0\r\nAuthorization: Bearer {granted.token}\r\n"
        f"Content-Type: {tus.CHUNK_TYPE}\r\nUpload-Offset: 0\r\n"
        f"Content-Length: {size}\r\n\r\n"
    )
    line.sendall(told.encode())
    return line


def test_what_can_be_got_can_be_asked_about(tablet: Tablet) -> None:
    """HEAD is answered as GET is, without its body, and not by "no such method"."""
    for path in ("/log/key", "/log/checkpoint", "/verify"):
        got, asked = tablet.http.get(path), tablet.http.head(path)
        assert (asked.status_code, asked.content) == (got.status_code, b"")
        assert asked.headers.get("content-type") == got.headers.get("content-type")

"""Uploads that are cut, altered or forged, as any tus client would send them."""

from __future__ import annotations

import hashlib
import socket
from dataclasses import replace
from urllib.parse import urlsplit

import msgspec
import pytest
from tusclient.client import TusClient
from tusclient.storage import filestorage

from protocol import chain, envelope, messages, statements
from protocol.messages import UploadGranted, UploadWanted
from protocol.receipt import Receipt
from protocol.statements import BlobRef, BlobStored
from sync_server.clock import system_clock
from sync_server.devices import exchange
from sync_server.devices.stored import state_stored
from sync_server.keys.keyring import make_agency_keys
from sync_server.services import writing
from sync_server.upkeep import founding
from sync_server.upkeep.founding import Plan
from sync_server.web.tus import BUFFER
from tests import acts
from tests.cast import AGENCY, START, seeded
from tests.sync_server import rotting
from tests.sync_server.conftest import Server, tablet_of
from tests.sync_server.tablet import TUS, Tablet, checksum, item
from tests.sync_server.web.test_rights import NEIGHBOUR
from tests.worlds import World

VIDEO = hashlib.sha256(b"frames").digest() * 40_000  # 1.28 MB


@pytest.fixture
def filmed(tablet: Tablet) -> bytes:
    """A video that a record names and that has not been sent."""
    return filmed_by(tablet)


def filmed_by(
    tablet: Tablet, film: bytes = VIDEO, agency: str = AGENCY, ref: BlobRef | None = None
) -> bytes:
    """Have the tablet state a video, without its bytes."""
    world = tablet.world
    case = world.inspection()
    ref = ref or world.blob(film, "video/mp4")
    taken = msgspec.structs.replace(acts.film(world, case.opened.hex, ref), agency=agency)
    record = world.state(taken, world.shen, world.device)
    tablet.push([*tablet.links(case), item(record)])
    return film


def test_an_upload_resumes_where_it_was_cut(tablet: Tablet, filmed: bytes) -> None:
    """After a broken connection the server holds what arrived, and says how much."""
    granted = tablet.grant(filmed)
    cut_off(tablet, granted, filmed, after=700_000)
    again = tablet.grant(filmed)
    assert again.path == granted.path
    assert 0 < again.offset <= 700_000
    head = tablet.http.head(again.path, headers=TUS | bearer(again))
    assert (head.headers["upload-offset"], head.headers["cache-control"]) == (
        str(again.offset),
        "no-store",
    )
    assert head.headers["upload-length"] == str(len(filmed))
    done = tablet.patch(again, again.offset, filmed[again.offset :])
    assert (done.status_code, done.headers["upload-offset"]) == (204, str(len(filmed)))
    assert tablet.grant(filmed).complete
    assert stored(tablet, filmed)


def cut_off(tablet: Tablet, granted: UploadGranted, data: bytes, after: int) -> None:
    """Announce the whole of ``data``, send ``after`` bytes and break the connection. Who asks for
    the offset ends the request before: where that is quicker than its bytes, all begins anew."""
    where = urlsplit(tablet.url)
    while granted.offset == 0:
        with socket.create_connection((where.hostname or "", where.port or 0)) as line:
            told = (
                f"PATCH {granted.path} HTTP/1.1\r\nHost: {where.netloc}\r\n"
                f"Tus-Resumable: 1.0.0\r\nAuthorization: Bearer {granted.token}\r\n"
                f"Content-Type: application/offset+octet-stream\r\nUpload-Offset: 0\r\n"
                f"Content-Length: {len(data)}\r\n\r\n"
            )
            line.sendall(told.encode() + data[:after])
            line.shutdown(socket.SHUT_WR)
            line.recv(1)  # the server has noticed
        granted = tablet.grant(data)


def test_a_wrong_checksum_discards_the_chunk(tablet: Tablet, filmed: bytes) -> None:
    """460, and the offset stays; sha1 and sha256 are known, nothing else."""
    granted = tablet.grant(filmed)
    first = filmed[:1000]
    wrong = tablet.patch(granted, 0, first, upload_checksum=checksum("sha1", b"other"))
    assert (wrong.status_code, tablet.grant(filmed).offset) == (460, 0)
    granted = tablet.grant(filmed)
    unknown = tablet.patch(granted, 0, first, upload_checksum="md5 AAAA")
    assert unknown.status_code == 400
    for number, algorithm in enumerate(("sha1", "sha256")):
        sent = tablet.patch(
            granted, number * 1000, first, upload_checksum=checksum(algorithm, first)
        )
        assert sent.headers["upload-offset"] == str((number + 1) * 1000)


def test_an_altered_blob_is_never_stored(server: Server, tablet: Tablet, filmed: bytes) -> None:
    """The whole hash decides: what differs is kept aside and must be sent again."""
    granted = tablet.grant(filmed)
    altered = filmed[:-1] + bytes([filmed[-1] ^ 1])
    refused = tablet.patch(granted, 0, altered)
    assert (refused.status_code, refused.json()["type"]) == (460, "/problems/blob_mismatch")
    again = tablet.grant(filmed)
    assert (again.offset, again.complete) == (0, False)
    assert not stored(tablet, filmed)
    (kept,) = server.settings.quarantine.iterdir()
    assert kept.read_bytes() == altered
    tablet.upload(filmed)
    assert stored(tablet, filmed)


def test_whoever_sends_the_last_chunk_cannot_cut_the_stored_blob(
    server: Server, tablet: Tablet, filmed: bytes
) -> None:
    """All bytes are there while the chunk is open, and its checksum is going to be wrong: who asks
    then ends the chunk, which takes its bytes back, and no blob is made of them in between."""
    granted = tablet.grant(filmed)
    first = len(filmed) - BUFFER
    assert tablet.patch(granted, 0, filmed[:first]).status_code == 204
    file = server.settings.uploads / granted.path.rpartition("/")[2]
    with open_chunk(tablet, granted, first, filmed[first:], b"other") as line:
        while file.stat().st_size < len(filmed):
            pass  # until the server has written what was sent
        wanted = UploadWanted(sha256=hashlib.sha256(filmed).digest(), size=len(filmed))
        asked = messages.decode(tablet.post("/v1/uploads", wanted).content, UploadGranted)
        assert (asked.offset, asked.complete) == (first, False)
        line.sendall(b"0\r\n\r\n")
        assert b" 409 " in line.recv(100)
    tablet.upload(filmed)
    assert stored(tablet, filmed)
    name = hashlib.sha256(filmed).hexdigest()
    assert (server.settings.blobs / name[:2] / name).read_bytes() == filmed


def open_chunk(
    tablet: Tablet, granted: UploadGranted, offset: int, data: bytes, announced: bytes
) -> socket.socket:
    """Send a chunk with the checksum of ``announced``, and do not end it."""
    where = urlsplit(tablet.url)
    line = socket.create_connection((where.hostname or "", where.port or 0))
    told = (
        f"PATCH {granted.path} HTTP/1.1\r\nHost: {where.netloc}\r\n"
        f"Tus-Resumable: 1.0.0\r\nAuthorization: Bearer {granted.token}\r\n"
        f"Content-Type: application/offset+octet-stream\r\nUpload-Offset: {offset}\r\n"
        f"Upload-Checksum: {checksum('sha256', announced)}\r\n"
        f"Transfer-Encoding: chunked\r\n\r\n{len(data):x}\r\n"
    )
    line.sendall(told.encode() + data + b"\r\n")
    return line


def test_an_upload_is_told_its_mistakes(tablet: Tablet, filmed: bytes) -> None:
    """Wrong offset, wrong type, another version, no token, too much."""
    granted = tablet.grant(filmed)
    where, token = granted.path, bearer(granted)
    assert tablet.patch(granted, 5, b"x").status_code == 409
    assert tablet.patch(granted, 0, b"x", content_type="text/plain").status_code == 415
    assert tablet.patch(granted, 0, filmed + b"x").status_code == 413
    assert tablet.http.head(where, headers=token).status_code == 412
    assert tablet.http.head(where, headers=TUS).status_code == 401
    forged = TUS | {"authorization": "Bearer forged"}
    assert tablet.http.head(where, headers=forged).status_code == 404
    told = tablet.http.options(where)
    assert "creation,creation-with-upload,checksum" in told.headers["tus-extension"]
    assert tablet.http.delete(where, headers=TUS | token).status_code == 204
    assert tablet.http.head(where, headers=TUS | token).status_code == 410


def test_only_what_a_record_names_is_taken(tablet: Tablet, filmed: bytes) -> None:
    """Records go before their media; another size is another blob."""
    for data, size in ((b"unnamed", 7), (filmed, len(filmed) + 1)):
        wanted = UploadWanted(sha256=hashlib.sha256(data).digest(), size=size)
        refused = tablet.post("/v1/uploads", wanted)
        assert (refused.status_code, refused.json()["type"]) == (409, "/problems/refused")


def test_an_expired_upload_is_gone(server: Server, tablet: Tablet, filmed: bytes) -> None:
    """410 after its time; a new grant begins a new one."""
    granted = tablet.grant(filmed)
    server.sql("UPDATE upload SET expires_at = 1")
    assert tablet.patch(granted, 0, filmed[:10]).status_code == 410
    assert tablet.grant(filmed).path != granted.path


def test_a_blob_that_was_durable_before_a_crash_is_stated_at_start(
    server: Server, tablet: Tablet, filmed: bytes
) -> None:
    """Between the rename and the statement the process may die; the next start makes it good."""
    server.stop()
    name = hashlib.sha256(filmed).hexdigest()
    place = server.settings.blobs / name[:2] / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(filmed)
    server.start()
    assert stored(tablet, filmed)


def test_what_a_crash_left_beside_the_uploads_is_dropped_at_start(process: Server) -> None:
    """An export that nobody fetched holds a whole case; an upload under way goes on."""
    tablet = tablet_of(process)
    filmed_by(tablet)
    granted = tablet.grant(VIDEO)
    tablet.patch(granted, 0, VIDEO[:1000])
    process.kill()
    left = process.settings.uploads / "export-0011.zip.part"
    left.write_bytes(b"a case")
    process.start()
    assert not left.exists()
    assert tablet.grant(VIDEO).offset == 1000


def test_tuspy_uploads_and_resumes(tablet: Tablet, filmed: bytes, tmp_path) -> None:  # type: ignore[no-untyped-def]
    """An ordinary tus client with the token as a bearer header."""
    granted = tablet.grant(filmed)
    source = tmp_path / "video.mp4"
    source.write_bytes(filmed)
    client = TusClient(f"{tablet.url}/v1/blobs", headers=bearer(granted))
    client.set_headers({"authorization": f"Bearer {granted.token}"})
    storage = filestorage.FileStorage(str(tmp_path / "resume.json"))
    first = client.uploader(
        str(source), chunk_size=300_000, store_url=True, url_storage=storage, upload_checksum=True
    )
    first.upload(stop_at=600_000)
    second = client.uploader(
        str(source), chunk_size=300_000, store_url=True, url_storage=storage, upload_checksum=True
    )
    assert second.offset == 600_000
    second.upload()
    storage.close()
    assert stored(tablet, filmed)


def bearer(granted: UploadGranted) -> dict[str, str]:
    """The header that carries a token."""
    return {"authorization": f"Bearer {granted.token}"}


def stored(tablet: Tablet, data: bytes) -> bool:
    """Whether the office stated that this blob is stored."""
    _, told = tablet.pull()
    named = {one.sha256 for one in told if isinstance(one, BlobStored)}
    return hashlib.sha256(data).hexdigest() in named


def test_a_file_that_two_tablets_name_is_told_stored_to_both(
    server: Server, tablet: Tablet
) -> None:
    """A recorder's file was imported on both: pulls bring the record to whoever named it by then;
    the other gets it, proved, when it asks where to send the file. It is stated once."""
    other = neighbour_of(server, tablet)
    film = filmed_by(tablet)
    assert not tablet.grant(film).complete
    tablet.upload(film)
    assert stored(tablet, film)
    assert tablet.grant(film).stored is None
    assert not stored(other, film)
    assert filmed_by(other) == film
    for _ in range(2):
        told = other.grant(film)
        assert told.complete
        assert told.stored is not None
        signed = envelope.decode(told.stored.statement)
        link = chain.decode_link(told.stored.link)
        assert envelope.record_hash(signed) == link.record
        other.verify(Receipt.decode(told.stored.receipt), link)
        said = statements.decode(signed.body)
        assert isinstance(said, BlobStored)
        assert said.sha256 == hashlib.sha256(film).hexdigest()
    assert times_stated(server, film) == 1


@pytest.mark.parametrize("page", [200, 1])
def test_a_word_from_before_its_record_comes_behind_the_record(
    server: Server, tablet: Tablet, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    """A film that another tablet sent, and one that this tablet sent itself before its disk was put
    back: who names it behind the word is told it by the next pull, once, page by page."""
    films = [bytes([number]) * 500 for number in range(3)]
    other = neighbour_of(server, tablet)
    for film in films:
        filmed_by(tablet, film)
        tablet.upload(film)
    for late in (other, tablet):
        cursor = late.pull()[0].cursor
        for film in films:
            filmed_by(late, film)
        monkeypatch.setattr(exchange, "PULL_PAGE", page)
        told = list[object]()
        for _ in range(20):
            answer, said = late.pull(cursor)
            cursor = answer.cursor
            told += said
            if not answer.more:
                break
        heard = [one.sha256 for one in told if isinstance(one, BlobStored)]
        assert heard == [hashlib.sha256(film).hexdigest() for film in films]
        answer, said = late.pull(cursor)
        assert not said
        monkeypatch.undo()


def test_a_blob_that_is_seen_whole_by_many_at_once_is_stated_once(
    server: Server, tablet: Tablet, filmed: bytes
) -> None:
    """Each of them read that it was not stated yet."""
    server.stop()
    with writing(server.settings, system_clock()) as services:
        services.blobs.put(filmed)
        blob = services.facts.blob(hashlib.sha256(filmed).digest(), AGENCY)
        assert blob is not None
        for _ in range(3):
            state_stored(services, blob)
    assert times_stated(server, filmed) == 1
    assert len(server.fsck()) == 1


def test_who_names_bytes_takes_nobodys_place_and_gets_nobodys_bytes(
    server: Server, tablet: Tablet
) -> None:
    """A hash may be read anywhere, and a size be wrong: the tablet that has the bytes sends them;
    another agency that names them too has still to send its own."""
    server.stop()
    root, recovery = make_agency_keys(server.settings, NEIGHBOUR.id)
    with writing(server.settings, system_clock()) as services:
        plan = Plan(NEIGHBOUR, [], [], {})
        founding.register(services, plan, root, bytes(recovery.public_key))
    server.start()
    other = neighbour_of(server, tablet, NEIGHBOUR.id)
    wrong = BlobRef(sha256=hashlib.sha256(VIDEO).hexdigest(), size=7, media_type="video/mp4")
    filmed_by(other, agency=NEIGHBOUR.id)
    filmed_by(tablet, ref=wrong)
    filmed_by(tablet)
    tablet.upload(VIDEO)
    assert stored(tablet, VIDEO)
    granted = other.grant(VIDEO)
    assert (granted.complete, granted.offset, granted.stored) == (False, 0, None)
    assert other.patch(granted, len(VIDEO), b"").status_code == 409
    server.stop()
    server.start()
    assert not stored(other, VIDEO)
    other.upload(VIDEO)
    assert stored(other, VIDEO)
    assert times_stated(server, VIDEO) == 2
    wanted = UploadWanted(sha256=bytes.fromhex(wrong.sha256), size=7)
    assert tablet.post("/v1/uploads", wanted).status_code == 200
    assert len(server.fsck()) == 1


@pytest.mark.parametrize(
    "altered",
    [
        "size = size + 1",
        "agency = 'x'",
        "journal = zeroblob(16)",
        "media_type = 'text/html'",
        '"index" = "index" + 1',
    ],
)
def test_a_listed_blob_that_was_altered_is_found(
    server: Server, tablet: Tablet, altered: str
) -> None:
    """Whatever says what a blob is, follows from its record."""
    filmed_by(tablet)
    server.sql(f"UPDATE blob SET {altered} WHERE media_type = 'video/mp4'")
    assert any("than its record names" in line for line in server.fsck())


def neighbour_of(server: Server, tablet: Tablet, agency: str = "") -> Tablet:
    """Another tablet, of the same agency or a given one, just enrolled."""
    other = Tablet(tablet.url, World(START + 3_600_000))
    other.world.salt()
    device, signer = other.world.device, seeded("YX-T08")
    claims = replace(device.claims, name="YX-T08", public_key=signer.verifier.public_key)
    journal = hashlib.sha256(b"YX-T08").digest()[:16]
    other.world.device = replace(device, signer=signer, claims=claims, journal=journal)
    other.signer = signer
    other.enrol(server.code("device", "YX-T08", agency))
    return other


def times_stated(server: Server, data: bytes) -> int:
    """How often the office stated that a blob is stored."""
    sha256 = hashlib.sha256(data).hexdigest().encode()
    return sum(
        one.filed is not None
        and one.filed.kind == "blob_stored"
        and sha256 in (one.statement or b"")
        for one in rotting.kept(server)
    )

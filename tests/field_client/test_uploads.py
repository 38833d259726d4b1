"""Blobs on their way: cut, lost, refused, damaged; stored by the office's signed word alone."""

from __future__ import annotations

import httpx
import msgspec
import pytest
from sqlmodel import col, select

from field_client.contact import proofs
from field_client.errors import NoNetwork, ServerUnclear
from field_client.store.captures import open_blob
from field_client.store.stages import CURSOR
from field_client.store.tables import BlobRow, LinkRow, Stage, UnreadRow
from protocol import messages
from protocol.messages import OfficeRecord, PullAnswer, UploadGranted
from protocol.statements import (
    BlobStored,
    MediaCaptured,
)
from protocol.vocabulary import DocumentKind
from tests.cast import AGENCY
from tests.field_client.county import County, FieldTablet
from tests.field_client.talk import (
    MSGPACK,
    as_office,
    film_of,
    grant_2027,
    only,
    respond,
    state_office,
)


def patches(county: County) -> int:
    return sum(one.startswith("PATCH") for one in county.meddler.asked)


def test_an_upload_goes_on_where_the_server_has_it(tablet: FieldTablet, online: County) -> None:
    """The connection breaks before the second answer came; what the server has is not sent again,
    though the tablet was not told that it has it."""
    inspection = tablet.opened_and_notified()
    ref = film_of(tablet, inspection)
    sent: list[int] = []

    def break_off(request: httpx.Request, response: httpx.Response) -> None:
        if request.method == "PATCH" and len(request.content) > 100_000:
            sent.append(int(request.headers["upload-offset"]))
            if len(sent) == 2:
                raise httpx.WriteError("cut", request=request)

    online.meddler.answer = break_off
    tablet.contact()
    assert isinstance(tablet.tablet.sync.status().trouble, NoNetwork)
    tablet.restart()
    tablet.contact()
    tablet.contact()
    assert sent == [0, 1 << 20]
    assert set(tablet.stages()) == {Stage.STORED}
    assert online.services is not None
    assert online.services.blobs.check(bytes.fromhex(ref.sha256))


@pytest.mark.parametrize("status", [404, 410, 401, 409, 460])
def test_a_lost_upload_is_asked_for_again(tablet: FieldTablet, online: County, status: int) -> None:
    """Expired, discarded or out of step: the signed request opens it anew."""
    tablet.opened_and_notified()
    lost: list[str] = []

    def lose_once(request: httpx.Request, response: httpx.Response) -> httpx.Response | None:
        if request.method == "PATCH" and not lost:
            lost.append(request.url.path)
            return httpx.Response(status)
        return None

    online.meddler.answer = lose_once
    tablet.contact()
    tablet.contact()
    assert lost
    assert set(tablet.stages()) == {Stage.STORED}


@pytest.mark.parametrize("offset", [None, "0", "99999999", "x"])
def test_a_chunk_counts_when_the_server_names_its_end(
    tablet: FieldTablet, online: County, offset: str | None
) -> None:
    """A bare 204 of something in between is no progress."""
    inspection = tablet.opened_and_notified()
    ref = film_of(tablet, inspection)

    def nod(request: httpx.Request, response: httpx.Response) -> httpx.Response | None:
        if request.method != "PATCH":
            return None
        return httpx.Response(204, headers={"upload-offset": offset} if offset else {})

    online.meddler.answer = nod
    tablet.contact()
    assert isinstance(tablet.tablet.sync.status().trouble, ServerUnclear)
    with tablet.tablet.vault.session() as session:
        row = session.get_one(BlobRow, bytes.fromhex(ref.sha256))
        assert (row.uploaded_offset, row.stage) in ((0, "saved"), (0, "sent"))


def test_a_damaged_file_blocks_no_other(tablet: FieldTablet, online: County) -> None:
    """It stays on the tablet and is counted as outstanding; all others are stored."""
    inspection = tablet.opened_and_notified()
    photo = tablet.photo(inspection).statement
    assert isinstance(photo, MediaCaptured)
    with tablet.tablet.vault.session() as session:
        row = session.get_one(BlobRow, bytes.fromhex(photo.blob.sha256))
        path = tablet.tablet.settings.blobs_dir / row.path
        assert open_blob(tablet.tablet.settings.blobs_dir, row).all()
    data = bytearray(path.read_bytes())
    data[-5] ^= 1
    path.write_bytes(data)
    film_of(tablet, inspection)
    tablet.contact()
    tablet.contact()
    assert tablet.stages() == [*[Stage.STORED] * 3, Stage.RECEIPTED, Stage.STORED]
    assert tablet.tablet.sync.status().blobs_outstanding == 1


def test_stored_is_the_offices_signed_word_alone(tablet: FieldTablet, online: County) -> None:
    """An answer that calls an upload complete makes nothing stored; after a restart the tablet
    asks again and sends what is missing."""
    inspection = tablet.opened_and_notified()
    film_of(tablet, inspection)

    def lie(request: httpx.Request, response: httpx.Response) -> httpx.Response:
        granted = messages.decode(response.content, UploadGranted)
        lied = msgspec.structs.replace(granted, complete=True)
        return httpx.Response(200, content=messages.encode(lied), headers={"content-type": MSGPACK})

    online.meddler.answer = as_office(online, only("/v1/uploads", lie))
    tablet.contact()
    tablet.contact()
    assert Stage.STORED not in tablet.stages()[2:]
    online.meddler.answer = None
    tablet.restart()
    tablet.contact()
    tablet.contact()
    assert set(tablet.stages()) == {Stage.STORED}


def test_evidence_is_sent_to_this_server_alone(tablet: FieldTablet, online: County) -> None:
    """An address of another place in the answer is no place to upload to."""
    tablet.opened_and_notified()

    def elsewhere(request: httpx.Request, response: httpx.Response) -> httpx.Response:
        granted = messages.decode(response.content, UploadGranted)
        turned = msgspec.structs.replace(granted, path="http://thief.example/v1/blobs/1")
        return httpx.Response(
            200, content=messages.encode(turned), headers={"content-type": MSGPACK}
        )

    online.meddler.answer = as_office(online, only("/v1/uploads", elsewhere))
    tablet.contact()
    assert patches(online) == 0
    assert isinstance(tablet.tablet.sync.status().trouble, ServerUnclear)


def test_a_forged_stored_is_not_believed(tablet: FieldTablet, online: County) -> None:
    """The office's device key says what is stored; the issuer's signature is not its word. It is
    left aside, and what comes behind it is not held up."""
    inspection = tablet.opened_and_notified()
    ref = film_of(tablet, inspection)
    tablet.contact()
    with tablet.tablet.vault.transaction() as session:
        row = session.get_one(BlobRow, bytes.fromhex(ref.sha256))
        row.stage = Stage.SENT.value
        session.add(row)
    online.meddler.answer = only("/v1/uploads", respond(500, b"", "text/plain"))
    state_office(online, BlobStored, case=inspection.case.hex(), sha256=ref.sha256, size=ref.size)
    grant_2027(online)
    before = tablet.tablet.vault.state(CURSOR)
    tablet.contact()
    assert tablet.tablet.vault.state(CURSOR) != before
    assert tablet.tablet.journal.next_number(DocumentKind.SPOT_DECISION, 2027).serial == 1
    with tablet.tablet.vault.session() as session:
        assert session.get_one(BlobRow, bytes.fromhex(ref.sha256)).stage == Stage.SENT.value


def word(county: County, name: bytes) -> OfficeRecord:
    """The office's record that this blob is stored."""
    assert county.services is not None
    facts = county.services.facts
    blob = facts.blob(name, AGENCY)
    assert blob is not None
    assert blob.stored_index is not None
    said = facts.link_at(blob.stored_index)
    assert said is not None
    assert said.envelope is not None
    receipt = facts.receipt(said.link_hash, facts.head).encode()
    return OfficeRecord(link=said.link_bytes, statement=said.envelope, receipt=receipt)


def rotten(record: OfficeRecord) -> OfficeRecord:
    changed = record.statement[:-1] + bytes([record.statement[-1] ^ 1])
    return msgspec.structs.replace(record, statement=changed)


@pytest.mark.parametrize("told", ["whole", "rotten", "another", "none"])
def test_a_blob_that_another_tablet_named_first_is_stored_by_the_word_in_the_answer(
    tablet: FieldTablet, online: County, told: str
) -> None:
    """No pull brings it here. It counts as proved as a pulled one; what does not hold, or speaks
    of another blob, is nobody's word."""
    inspection = tablet.opened_and_notified()
    name, other = (bytes.fromhex(film_of(tablet, inspection).sha256) for _ in range(2))
    tablet.contact()
    with tablet.tablet.vault.transaction() as session:
        row = session.get_one(BlobRow, name)
        row.stage = Stage.SENT.value
        session.add(row)
        link = session.exec(select(LinkRow).order_by(col(LinkRow.sequence).desc())).all()[1]
        link.stage = Stage.RECEIPTED.value
        session.add(link)

    def answer(request: httpx.Request, response: httpx.Response) -> httpx.Response:
        words = {
            "whole": word(online, name),
            "rotten": rotten(word(online, name)),
            "another": word(online, other),
            "none": None,
        }
        granted = messages.decode(response.content, UploadGranted)
        made = messages.encode(msgspec.structs.replace(granted, stored=words[told]))
        return httpx.Response(200, content=made, headers={"content-type": MSGPACK})

    online.meddler.answer = as_office(online, only("/v1/uploads", answer))
    tablet.restart()
    tablet.contact()
    assert (set(tablet.stages()) == {Stage.STORED}) == (told == "whole")
    with tablet.tablet.vault.session() as session:
        stage = session.get_one(BlobRow, name).stage
    assert stage == {"whole": "stored", "none": "receipted"}.get(told, "sent")


def test_a_word_that_was_not_in_the_answer_is_asked_for_again(
    tablet: FieldTablet, online: County
) -> None:
    """The server's witnesses were slow, and the pull had passed: nobody starts the tablet anew
    for that."""
    inspection = tablet.opened_and_notified()
    name = bytes.fromhex(film_of(tablet, inspection).sha256)
    words: list[OfficeRecord] = []

    def answer(request: httpx.Request, response: httpx.Response) -> httpx.Response:
        granted = messages.decode(response.content, UploadGranted)
        told = words[0] if words else None
        made = messages.encode(msgspec.structs.replace(granted, stored=told))
        return httpx.Response(200, content=made, headers={"content-type": MSGPACK})

    def unheard(request: httpx.Request, response: httpx.Response) -> httpx.Response:
        pulled = messages.decode(response.content, PullAnswer)
        made = messages.encode(msgspec.structs.replace(pulled, records=[]))
        return httpx.Response(200, content=made, headers={"content-type": MSGPACK})

    paths = (only("/v1/uploads", answer), only("/v1/pull", unheard))
    online.meddler.answer = as_office(online, lambda *asked: paths[0](*asked) or paths[1](*asked))
    tablet.contact()
    with tablet.tablet.vault.session() as session:
        assert session.get_one(BlobRow, name).stage == Stage.RECEIPTED.value
    words.append(word(online, name))
    for _ in range(3):
        tablet.clock.pass_seconds(61)
        tablet.contact()
    with tablet.tablet.vault.session() as session:
        assert session.get_one(BlobRow, name).stage == Stage.STORED.value


def test_a_word_by_a_key_that_no_roster_names_yet_counts_when_one_does(
    tablet: FieldTablet, online: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pull moves past it, so that it holds up nothing; it is kept, and not lost."""
    inspection = tablet.opened_and_notified()
    film_of(tablet, inspection)
    with monkeypatch.context() as patched:
        patched.setattr(proofs, "office_keys", lambda *_: {})
        tablet.contact()
        tablet.contact()
        assert Stage.STORED not in tablet.stages()[2:]
    tablet.contact()
    assert set(tablet.stages()) == {Stage.STORED}
    with tablet.tablet.vault.session() as session:
        assert session.exec(select(UnreadRow)).all() == []

"""Contacts with the real server: what is lost, cut, altered or refused on the way, and recovers."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

import httpx
import msgspec
import pytest
from sqlmodel import select

from field_client.captures import open_blob
from field_client.errors import NoNetwork, ServerUnclear
from field_client.inspection import Inspection
from field_client.stages import CURSOR, HALTED
from field_client.tables import BlobRow, LinkRow, NoticeRow, ReceiptRow, Stage, StatementRow
from protocol import chain, envelope, messages
from protocol.checkpoint import Checkpoint, sign_checkpoint
from protocol.errors import SplitView
from protocol.messages import PushAnswer, UploadGranted
from protocol.receipt import Receipt, verify_receipt
from protocol.statements import (
    BlobRef,
    BlobStored,
    DeviceRevoked,
    FileArchived,
    MediaCaptured,
    NumbersGranted,
    Statement,
)
from protocol.vocabulary import DocumentKind, MediaKind, Retention, Step
from sync_server import demo
from tests.field_client.county import HOUR_MS, County, FieldTablet

BIG = (5 << 20) // 2

Answer = Callable[[httpx.Request, httpx.Response], httpx.Response | None]


@pytest.fixture
def online(county: County, tablet: FieldTablet) -> County:
    """The county with its server running."""
    county.start()
    return county


def receipts(tablet: FieldTablet) -> int:
    with tablet.tablet.vault.session() as session:
        return len(session.exec(select(ReceiptRow)).all())


def verified(tablet: FieldTablet) -> int:
    """How many links have a saved receipt that holds by the log's key alone."""
    trusted = tablet.tablet.sync._exchange.log
    with tablet.tablet.vault.session() as session:
        rows = session.exec(
            select(LinkRow, ReceiptRow, StatementRow)
            .where(LinkRow.link_hash == ReceiptRow.link_hash)
            .where(LinkRow.record_hash == StatementRow.record_hash)
        ).all()
    for link, receipt, statement in rows:
        record = envelope.record_hash(envelope.decode(statement.envelope))
        verify_receipt(
            Receipt.decode(receipt.receipt),
            chain.decode_link(link.link).hash(),
            record,
            trusted.verifiers,
            trusted.origin,
        )
    return len(rows)


def big_recording(tablet: FieldTablet, inspection: Inspection) -> BlobRef:
    """A recording of 2.5 MiB: three chunks."""
    journal = tablet.tablet.journal
    with tablet.tablet.office.locker.gather(inspection.case) as gathered:
        ref = gathered.put(os.urandom(BIG), "video/mp4", "…")
        statement = journal.stamp(
            MediaCaptured,
            inspection.case,
            media=MediaKind.VIDEO,
            blob=ref,
            case_no=inspection.opening.number,
            began_at=tablet.clock.wall,
            ended_at=tablet.clock.wall,
            place=inspection.opening.place,
            recorder=tablet.shen.cert_no,
            purpose="…",
            step=Step.EVIDENCE,
            device=demo.DEVICE,
        )
        journal.save(statement, [tablet.shen.signer], keeps=gathered.keeps)
    return ref


def state_office(county: County, kind: type[Statement], **fields: object) -> None:
    """The office states something, signed by the issuer."""
    assert county.services is not None
    issuer = county.services.keyring.issuer(demo.AGENCY.id)
    statement = kind(
        agency=demo.AGENCY.id, at=county.clock.now(), salt=os.urandom(16).hex(), **fields
    )
    county.services.office.state(statement, [issuer])


def grant_2027(online: County) -> None:
    """Numbers 1 to 5 of next year's decisions, for this tablet."""
    state_office(
        online,
        NumbersGranted,
        device=demo.DEVICE,
        document=DocumentKind.SPOT_DECISION,
        year=2027,
        first=1,
        last=5,
        pattern="云市监当罚〔2027〕{n}号",
    )


def only(path: str, answer: Answer) -> Answer:
    return lambda request, response: answer(request, response) if request.url.path == path else None


def altered_push(change: Callable[[PushAnswer], PushAnswer]) -> Answer:
    """The server's answer to a push, changed on its way."""

    def answer(_: httpx.Request, response: httpx.Response) -> httpx.Response:
        changed = messages.encode(change(messages.decode(response.content, PushAnswer)))
        return httpx.Response(200, content=changed, headers={"content-type": MSGPACK})

    return only("/v1/push", answer)


MSGPACK = "application/vnd.msgpack"


# ── all is well ──────────────────────────────────────────────────────────────────────────────


def test_a_whole_inspection_drains(tablet: FieldTablet, county: County) -> None:
    """Saved without a server, then every record is receipted and every blob stored."""
    inspection = tablet.whole_inspection()
    assert set(tablet.stages()) == {Stage.SAVED}
    county.start()
    tablet.contact()
    tablet.contact()
    assert set(tablet.stages()) == {Stage.STORED}
    assert verified(tablet) == len(inspection.state.records)
    status = tablet.tablet.sync.status()
    assert (status.unsent, status.blobs_outstanding, status.trouble) == (0, 0, None)
    assert status.online
    assert status.contact_at is not None
    for ref in inspection.state.blobs:
        assert county.services is not None
        assert county.services.blobs.check(bytes.fromhex(ref.sha256))


def test_the_thread_sends_by_itself(tablet: FieldTablet, online: County) -> None:
    """A record that becomes durable wakes sync; nobody presses anything."""
    changed = threading.Event()

    def watch() -> None:
        if tablet.stages() == [Stage.STORED]:
            changed.set()

    tablet.tablet.sync.on_change(watch)
    tablet.tablet.sync.start()
    tablet.open()
    assert changed.wait(30)


def test_the_next_link_bears_the_servers_time(tablet: FieldTablet, online: County) -> None:
    """The received time of the newest verified receipt, which never goes back."""
    tablet.open()
    tablet.contact()
    with tablet.tablet.vault.session() as session:
        received = session.exec(select(ReceiptRow.received_at)).one()
        session.expunge_all()
    later = tablet.open()
    (link,) = [one.link for one in later.state.records]
    assert link.server_at >= received > 0


def test_numbers_arrive_by_pull(tablet: FieldTablet, online: County) -> None:
    """A block for this tablet is kept once; what was used stays used."""
    journal = tablet.tablet.journal
    grant_2027(online)
    tablet.contact()
    tablet.contact()
    assert journal.next_number(DocumentKind.SPOT_DECISION, 2027).label == "云市监当罚〔2027〕1号"


def test_an_archived_file_holds_what_was_admitted_before_it(
    tablet: FieldTablet, online: County
) -> None:
    """A record of the case that comes later is sent like any other, and is not archived."""
    inspection = tablet.opened_and_notified()
    tablet.contact()
    tablet.contact()
    state_office(
        online,
        FileArchived,
        case=inspection.case.hex(),
        package=BlobRef(sha256="00" * 32, size=1, media_type="application/zip"),
        retention=Retention.YEARS_10,
        archive_no="1",
        documents=0,
        pages=0,
        media=0,
    )
    tablet.hear(inspection)
    tablet.contact()
    tablet.contact()
    assert tablet.stages() == [Stage.ARCHIVED] * 3 + [Stage.STORED]


# ── answers that are none ────────────────────────────────────────────────────────────────────


def respond(status: int, content: bytes, kind: str = MSGPACK, **headers: str) -> Answer:
    told = {"content-type": kind, **{k.replace("_", "-"): v for k, v in headers.items()}}
    return lambda request, response: httpx.Response(
        status, stream=httpx.ByteStream(content), headers=told
    )


def cut(_: httpx.Request, response: httpx.Response) -> httpx.Response:
    half = response.content[: len(response.content) // 2]
    return httpx.Response(200, content=half, headers={"content-type": MSGPACK})


@pytest.mark.parametrize(
    "answer",
    [
        respond(200, b"<h1>login</h1>", "text/html"),
        respond(200, b"<h1>login</h1>"),
        respond(302, b"", location="http://portal.example/"),
        respond(500, b"oops", "text/plain"),
        respond(502, b"<h1>Bad Gateway</h1>", "text/html"),
        respond(404, b"not here", "text/plain"),
        respond(204, b""),
        respond(200, b""),
        respond(200, b"\xff" * 100),
        respond(200, b"not zstd", content_encoding="gzip"),
        respond(200, bytes(33 << 20)),
        cut,
    ],
    ids=[
        "portal",
        "portal_in_disguise",
        "redirect",
        "500",
        "502",
        "404",
        "204",
        "empty",
        "garbage",
        "bad_encoding",
        "endless",
        "cut",
    ],
)
def test_nothing_but_the_servers_answer_is_success(
    tablet: FieldTablet, online: County, answer: Answer
) -> None:
    """Records stay to be sent, no receipt is saved, and the next true answer heals all."""
    tablet.open()
    online.meddler.answer = answer
    tablet.contact()
    assert tablet.stages() == [Stage.SENT]
    assert receipts(tablet) == 0
    status = tablet.tablet.sync.status()
    assert isinstance(status.trouble, ServerUnclear)
    assert (status.unsent, status.halted) == (1, None)
    online.meddler.answer = None
    tablet.contact()
    assert tablet.stages() == [Stage.STORED]
    assert tablet.tablet.sync.status().trouble is None


def flip(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


@pytest.mark.parametrize("place", ["entry", "index", "proof", "checkpoint", "more", "none", "head"])
def test_an_altered_receipt_is_refused_and_changes_nothing(
    tablet: FieldTablet, online: County, place: str
) -> None:
    """Also a receipt too many or too few, and a head that is not ours."""
    tablet.opened_and_notified()

    def change(answer: PushAnswer) -> PushAnswer:
        first, *rest = answer.admitted
        swapped = {
            "entry": msgspec.structs.replace(first, entry=flip(first.entry, 70)),
            "index": msgspec.structs.replace(first, index=first.index + 1),
            "proof": msgspec.structs.replace(
                first, proof=[flip(first.proof[0], 0), *first.proof[1:]]
            ),
        }
        match place:
            case "checkpoint":
                return msgspec.structs.replace(answer, checkpoint=flip(answer.checkpoint, -3))
            case "more":
                return msgspec.structs.replace(answer, admitted=[*answer.admitted, first])
            case "none":
                return msgspec.structs.replace(answer, admitted=[])
            case "head":
                return msgspec.structs.replace(answer, head=bytes(32))
        return msgspec.structs.replace(answer, admitted=[swapped[place], *rest])

    online.meddler.answer = altered_push(change)
    tablet.contact()
    assert receipts(tablet) == 0
    assert set(tablet.stages()) == {Stage.SENT}
    assert tablet.tablet.sync.status().trouble is not None
    online.meddler.answer = None
    tablet.contact()
    assert verified(tablet) == 3


def test_fewer_receipts_than_links_are_kept_and_the_rest_sent_again(
    tablet: FieldTablet, online: County
) -> None:
    """What was not receipted was not acknowledged."""
    tablet.opened_and_notified()
    pushes = []

    def change(answer: PushAnswer) -> PushAnswer:
        pushes.append(len(answer.admitted))
        return msgspec.structs.replace(answer, admitted=answer.admitted[:1])

    online.meddler.answer = altered_push(change)
    tablet.contact()
    assert pushes[:3] == [3, 2, 1]
    assert verified(tablet) == 3


# ── no network, wrong clock, gaps ────────────────────────────────────────────────────────────


def test_a_day_without_a_server_then_all_drains(tablet: FieldTablet, county: County) -> None:
    """Each attempt says so and waits longer; nothing is lost and nothing is sent twice."""
    for _ in range(6):
        tablet.open()
        tablet.contact()
        tablet.clock.pass_seconds(3600)
    status = tablet.tablet.sync.status()
    assert isinstance(status.trouble, NoNetwork)
    assert (status.online, status.unsent) == (False, 6)
    county.start()
    tablet.contact()
    assert tablet.stages() == [Stage.STORED] * 6
    assert verified(tablet) == 6


@pytest.mark.parametrize("hours", [-30, 7])
def test_a_clock_wrong_by_hours_recovers_by_the_servers_time(
    tablet: FieldTablet, county: County, hours: int
) -> None:
    """The server refuses the first request and tells its time; the second one is signed by it."""
    county.clock.ahead_ms = hours * HOUR_MS
    county.start()
    tablet.open()
    tablet.contact()
    assert tablet.stages() == [Stage.STORED]
    assert county.meddler.asked[:2] == ["POST /v1/push", "POST /v1/push"]
    assert "POST /v1/push" not in county.meddler.asked[2:]


def test_a_gap_is_closed_by_sending_again(tablet: FieldTablet, online: County) -> None:
    """A tablet that believes that more is there than the server holds goes back by itself."""
    tablet.opened_and_notified()
    with tablet.tablet.vault.transaction() as session:
        for row in session.exec(select(LinkRow).where(LinkRow.sequence < 2)).all():
            row.stage = Stage.RECEIPTED.value
            session.add(row)
    tablet.restart()
    tablet.contact()
    assert verified(tablet) == 3


def test_an_answer_lost_on_its_way_back_does_no_harm(tablet: FieldTablet, online: County) -> None:
    """The server admitted the links already: sent again, they get their receipts."""
    tablet.opened_and_notified()

    def lose(request: httpx.Request, response: httpx.Response) -> httpx.Response:
        raise httpx.ReadError("cut", request=request)

    online.meddler.answer = only("/v1/push", lose)
    tablet.contact()
    assert receipts(tablet) == 0
    online.meddler.answer = None
    tablet.restart()
    tablet.contact()
    assert verified(tablet) == 3


# ── refusals and alarms ──────────────────────────────────────────────────────────────────────


def test_a_revoked_tablet_stops_and_keeps_its_records(tablet: FieldTablet, online: County) -> None:
    """Over a restart as well; everything can still be read and exported."""
    case = tablet.opened_and_notified().case
    state_office(
        online,
        DeviceRevoked,
        device=demo.DEVICE,
        reason="遗失",
        effective_at=online.clock.now(),
    )
    tablet.contact()
    assert tablet.tablet.sync.status().halted == "revoked_device"
    tablet.restart()
    online.meddler.asked.clear()
    tablet.contact()
    assert online.meddler.asked == []
    assert tablet.tablet.sync.status().halted == "revoked_device"
    assert len(tablet.tablet.journal.records(case)) == 3
    with tablet.tablet.vault.session() as session:
        assert "refusal" in session.exec(select(NoticeRow.kind)).all()


def test_a_refusal_that_the_office_did_not_sign_stops_nothing(
    tablet: FieldTablet, online: County
) -> None:
    """Anybody in between could write one."""
    tablet.open()
    forged = envelope.encode(
        envelope.sign("application/vnd.fujie.refusal+json", b"{}", [tablet.shen.signer])
    )
    online.meddler.answer = altered_push(
        lambda answer: msgspec.structs.replace(answer, refusal=forged)
    )
    tablet.contact()
    assert tablet.tablet.sync.status().halted is None
    assert receipts(tablet) == 0


def test_two_histories_are_an_alarm_that_lasts(tablet: FieldTablet, online: County) -> None:
    """Both signed heads are kept as evidence; nothing is sent any more, also after a restart."""
    tablet.open()
    tablet.contact()
    log = tablet.tablet.sync._exchange.log
    assert online.services is not None
    other = sign_checkpoint(
        Checkpoint(log.origin, log.size, b"\x07" * 32), online.services.keyring.log
    )
    tablet.open()
    online.meddler.answer = altered_push(
        lambda answer: msgspec.structs.replace(answer, checkpoint=other, admitted=[])
    )
    tablet.contact()
    online.meddler.answer = None
    status = tablet.tablet.sync.status()
    assert isinstance(status.trouble, SplitView)
    assert status.alarm is not None
    assert other.decode() in msgspec.json.decode(status.alarm)["evidence"]
    tablet.restart()
    online.meddler.asked.clear()
    tablet.contact()
    assert online.meddler.asked == []
    assert tablet.tablet.sync.status().alarm == status.alarm
    assert tablet.stages()[1] is Stage.SENT


def test_a_proof_that_fails_is_asked_for_again_before_it_is_an_alarm(
    tablet: FieldTablet, online: County
) -> None:
    """An answer may be damaged on its way; a server that never proves its history is caught."""
    tablet.open()
    tablet.contact()
    online.meddler.answer = altered_push(
        lambda answer: msgspec.structs.replace(answer, consistency=[bytes(32)])
    )
    for _ in range(2):
        tablet.open()
        tablet.contact()
        status = tablet.tablet.sync.status()
        assert isinstance(status.trouble, ServerUnclear)
        assert status.alarm is None
    tablet.contact()
    assert tablet.tablet.sync.status().alarm is not None
    assert tablet.tablet.vault.state(HALTED) == b"alarm"


def test_one_damaged_proof_is_forgotten(tablet: FieldTablet, online: County) -> None:
    """The next good one clears the doubt."""
    tablet.open()
    tablet.contact()
    for _ in range(5):
        tablet.open()
        online.meddler.answer = altered_push(
            lambda answer: msgspec.structs.replace(answer, consistency=[bytes(32)])
        )
        tablet.contact()
        online.meddler.answer = None
        tablet.contact()
    assert tablet.tablet.sync.status().alarm is None
    assert verified(tablet) == 6


# ── blobs ────────────────────────────────────────────────────────────────────────────────────


def patches(county: County) -> int:
    return sum(one.startswith("PATCH") for one in county.meddler.asked)


def test_an_upload_goes_on_where_the_server_has_it(tablet: FieldTablet, online: County) -> None:
    """The connection breaks after the first chunk; only what is missing is sent again."""
    inspection = tablet.opened_and_notified()
    ref = big_recording(tablet, inspection)
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
    assert sent == [0, 1 << 20, 2 << 20]
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
    ref = big_recording(tablet, inspection)

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
    big_recording(tablet, inspection)
    tablet.contact()
    tablet.contact()
    assert tablet.stages() == [*[Stage.STORED] * 3, Stage.RECEIPTED, Stage.STORED]
    assert tablet.tablet.sync.status().blobs_outstanding == 1


def test_stored_is_the_offices_signed_word_alone(tablet: FieldTablet, online: County) -> None:
    """An answer that calls an upload complete makes nothing stored; after a restart the tablet
    asks again and sends what is missing."""
    inspection = tablet.opened_and_notified()
    big_recording(tablet, inspection)

    def lie(request: httpx.Request, response: httpx.Response) -> httpx.Response:
        granted = messages.decode(response.content, UploadGranted)
        lied = msgspec.structs.replace(granted, complete=True)
        return httpx.Response(200, content=messages.encode(lied), headers={"content-type": MSGPACK})

    online.meddler.answer = only("/v1/uploads", lie)
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

    online.meddler.answer = only("/v1/uploads", elsewhere)
    tablet.contact()
    assert patches(online) == 0
    assert isinstance(tablet.tablet.sync.status().trouble, ServerUnclear)


def test_a_forged_stored_is_not_believed(tablet: FieldTablet, online: County) -> None:
    """The office's device key says what is stored; the issuer's signature is not its word. It is
    left aside, and what comes behind it is not held up."""
    inspection = tablet.opened_and_notified()
    ref = big_recording(tablet, inspection)
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

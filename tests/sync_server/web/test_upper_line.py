"""What an upper level that is broken, or somebody in its place, does to a county: nothing."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from protocol import messages
from protocol.checkpoint import Checkpoint, VerifierKey, sign_checkpoint
from protocol.engine import Event
from protocol.errors import Malformed
from protocol.messages import Admitted, PushAnswer, UploadGranted, UploadWanted
from protocol.requests import sign_response
from sync_server.projections.runner import Projections
from sync_server.services import Services, writing
from sync_server.upstream import ledger
from sync_server.upstream.line import MSGPACK, Line, Unclear
from sync_server.upstream.papers import Acceptance
from sync_server.upstream.pushing import Upstream
from sync_server.upstream.talk import Talk, reached_by
from tests.cast import seeded
from tests.sync_server.web.test_province import ORIGIN, founded

Answer = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def standing(answer: Answer) -> Iterator[str]:
    """A server that answers so; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            answer(self)

        def do_PATCH(self) -> None:
            answer(self)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    office = founded(tmp_path / "county")
    with writing(office.settings, office.clock) as made:
        yield made


def acceptance(address: str, key: str = "upper") -> Acceptance:
    public = seeded(key).verifier.public_key
    return Acceptance(
        name="青石省",
        address=address,
        origin=ORIGIN,
        log_keys=[VerifierKey(ORIGIN, public).text()],
        office=public.hex(),
        device="lower-00000000",
    )


def line(services: Services, address: str) -> Line:
    office = seeded("upper").verifier.public_key.hex()
    return Line(address, office, services.office_key, services.clock)


def test_an_answer_that_would_unpack_without_end_is_none(services: Services) -> None:
    packed = gzip.compress(bytes(1 << 20))

    def answer(asked: BaseHTTPRequestHandler) -> None:
        asked.send_response(200)
        asked.send_header("content-encoding", "gzip")
        asked.send_header("content-length", str(len(packed)))
        asked.end_headers()
        asked.wfile.write(packed)

    with standing(answer) as address:
        one = line(services, address)
        with pytest.raises(Unclear, match="an encoding that was not asked for"):
            one.post("/v1/uploads", UploadWanted(sha256=bytes(32), size=1), UploadGranted)
        one.close()


@pytest.mark.parametrize("signed_by", [None, "somebody in between", "upper"])
def test_only_what_the_upper_office_signed_is_an_answer(
    services: Services, signed_by: str | None
) -> None:
    """Whoever else says that a text is whole there has said nothing."""
    whole = UploadGranted(at=0, path="", token="", expires_at=0, offset=0, complete=True)
    body, typed = messages.encode(whole), {"content-type": MSGPACK}

    def answer(asked: BaseHTTPRequestHandler) -> None:
        headers = dict(typed)
        if signed_by is not None:
            signer, sent = seeded(signed_by), dict(asked.headers.items())
            sent = {name.lower(): value for name, value in sent.items()}
            headers |= sign_response(200, typed, body, signer, services.clock.now(), sent)
        asked.send_response(200)
        for name, value in (headers | {"content-length": str(len(body))}).items():
            asked.send_header(name, value)
        asked.end_headers()
        asked.wfile.write(body)

    wanted = UploadWanted(sha256=bytes(32), size=1)
    with standing(answer) as address:
        one = line(services, address)
        if signed_by == "upper":
            assert one.post("/v1/uploads", wanted, UploadGranted) == whole
        else:
            with pytest.raises(Unclear):
                one.post("/v1/uploads", wanted, UploadGranted)
        one.close()


@pytest.mark.parametrize("path", ["{there}/v1/blobs/1", "v1/blobs/1"])
def test_a_text_is_sent_nowhere_else(services: Services, path: str) -> None:
    asked: list[str] = []
    with standing(lambda one: asked.append(one.path)) as there:
        one = line(services, "http://127.0.0.1:9")
        with pytest.raises(Unclear, match="an upload to"):
            one.patch(path.format(there=there), "token", 0, b"words")
        one.close()
    assert asked == []


@pytest.mark.parametrize(
    ("receipts", "length", "reached"),
    [(2, 7, 7), (1, 6, 6), (3, 8, None), (0, 9, None), (2, 6, None)],
)
def test_nothing_counts_as_received_without_its_receipt(
    receipts: int, length: int, reached: int | None
) -> None:
    """Two links went, from the fifth on: an upper level that names more has them not."""
    one = Admitted(index=0, entry=b"", proof=[])
    answer = PushAnswer(
        at=0, length=length, head=bytes(32), admitted=[one] * receipts, checkpoint=b""
    )
    if reached is None:
        with pytest.raises(Malformed):
            reached_by(answer, 5, 2)
    else:
        assert reached_by(answer, 5, 2) == reached


def test_a_turn_that_broke_off_is_begun_anew(services: Services) -> None:
    """A push was under way when nothing could be written down: the next turn pushes again."""
    asked: list[str] = []

    def answer(one: BaseHTTPRequestHandler) -> None:
        asked.append(one.path)
        if len(asked) == 1:
            rename(services, "upstream", "away")
        one.send_response(500)
        one.send_header("content-length", "0")
        one.end_headers()

    with standing(answer) as address:
        ledger.follow(services.db, acceptance(address))
        upstream = Upstream(services, Projections(services.db, services.facts))
        with pytest.raises(SQLAlchemyError):
            upstream.turn()
        rename(services, "away", "upstream")
        upstream.turn()
        upstream.close()
    assert asked == ["/v1/push", "/v1/push"]


def test_what_halted_the_push_still_does_after_a_restart(services: Services) -> None:
    """Until the operator follows that upper level again."""
    asked: list[str] = []

    def answer(one: BaseHTTPRequestHandler) -> None:
        asked.append(one.path)
        one.send_response(500)
        one.send_header("content-length", "0")
        one.end_headers()

    with standing(answer) as address:
        ledger.follow(services.db, acceptance(address))
        ledger.note(services.db, ORIGIN, halted="alarm")
        upstream = Upstream(services, Projections(services.db, services.facts))
        upstream.turn()
        upstream.close()
        assert asked == []
        ledger.follow(services.db, acceptance(address))
        upstream.turn()
        upstream.close()
    assert asked == ["/v1/push"]


def test_an_upper_log_that_contradicts_itself_halts_the_push_for_good(tmp_path: Path) -> None:
    """Its signed answer is of another history: that is written down, and nothing is sent after a
    restart either."""
    asked: list[str] = []
    office, upper = founded(tmp_path / "county"), seeded("upper")
    seen, other = (
        sign_checkpoint(Checkpoint(ORIGIN, 7, bytes([root]) * 32), upper) for root in (1, 2)
    )
    body = messages.encode(
        PushAnswer(at=0, length=0, head=bytes(32), admitted=[], checkpoint=other)
    )

    def answer(one: BaseHTTPRequestHandler) -> None:
        asked.append(one.path)
        sent = {name.lower(): value for name, value in one.headers.items()}
        typed = {"content-type": MSGPACK}
        headers = typed | sign_response(200, typed, body, upper, office.clock.now(), sent)
        one.send_response(200)
        for name, value in (headers | {"content-length": str(len(body))}).items():
            one.send_header(name, value)
        one.end_headers()
        one.wfile.write(body)

    with standing(answer) as address:
        for turns in (1, 2):
            with writing(office.settings, office.clock) as services:
                if turns == 1:
                    ledger.follow(services.db, acceptance(address))
                    ledger.note(services.db, ORIGIN, note=seen)
                upstream = Upstream(services, Projections(services.db, services.facts))
                for _ in range(turns):
                    upstream.turn()
                upstream.close()
                row = ledger.read(services.db)
                assert row is not None
                assert (row.halted, row.note) == ("alarm", seen)
                assert row.trouble
    assert asked == ["/v1/push"]


def test_another_journal_of_the_office_is_pushed_from_its_first_link(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A successor's office writes a new one: what was received of the former says nothing of it."""
    began: list[int] = []

    def push(_: Talk, start: int, __: int) -> Event:
        began.append(start)
        raise Unclear("away")

    monkeypatch.setattr(Talk, "push", push)
    ledger.follow(services.db, acceptance("http://127.0.0.1:9"))
    ledger.note(services.db, ORIGIN, journal=services.office.journal, acknowledged=2)
    upstream = Upstream(services, Projections(services.db, services.facts))
    upstream.turn()
    upstream.close()
    ledger.note(services.db, ORIGIN, journal=b"of the log before", acknowledged=2)
    upstream = Upstream(services, Projections(services.db, services.facts))
    upstream.turn()
    upstream.close()
    assert began == [2, 0]


def rename(services: Services, old: str, new: str) -> None:
    with services.db.writer.begin() as connection:
        connection.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))


def test_a_head_under_a_key_of_before_is_gone_on_from(services: Services) -> None:
    ledger.follow(services.db, acceptance("http://127.0.0.1:9"))
    note = sign_checkpoint(Checkpoint(ORIGIN, 7, bytes(32)), seeded("upper"))
    ledger.note(services.db, ORIGIN, note=note)
    ledger.follow(services.db, acceptance("http://127.0.0.1:9", "heir"))
    row = ledger.begin(services.db, services.office.journal)
    assert row is not None
    talk = Talk.begin(services, row)
    assert talk.log.size == 7
    assert talk.log.verifiers == (VerifierKey(ORIGIN, seeded("heir").verifier.public_key),)
    talk.line.close()

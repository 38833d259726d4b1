"""Nothing but the server's own, proved answer is success; anything else changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import msgspec
import pytest
from msgspec.structs import replace

from field_client.errors import ServerUnclear
from field_client.store.tables import Stage
from protocol.messages import PushAnswer, Run
from tests.field_client.county import County, FieldTablet
from tests.field_client.talk import (
    MSGPACK,
    Answer,
    altered_push,
    as_office,
    in_full,
    receipts,
    respond,
    verified,
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
    """Also a receipt too many or too few, and a head that is not ours; each receipt by itself, as
    a server says it that knows no runs."""
    tablet.opened_and_notified()

    def change(told: PushAnswer) -> PushAnswer:
        answer = in_full(online, told)
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

    online.meddler.answer = as_office(online, altered_push(change))
    tablet.contact()
    assert receipts(tablet) == 0
    assert set(tablet.stages()) == {Stage.SENT}
    assert tablet.tablet.sync.status().trouble is not None
    online.meddler.answer = None
    tablet.contact()
    assert verified(tablet) == 3


RUNS: dict[str, Callable[[Run, PushAnswer], PushAnswer]] = {
    "first": lambda run, answer: _with(answer, first=run.first + 1),
    "count": lambda run, answer: _with(answer, count=run.count - 1),
    "too many": lambda run, answer: _with(answer, count=run.count + 1),
    "endless": lambda run, answer: _with(answer, first=(1 << 62)),
    "at": lambda run, answer: _with(answer, at=run.at + 1),
    "flags": lambda run, answer: _with(answer, flags={0: b"\x01"}),
    "flags without sense": lambda run, answer: _with(answer, flags={0: b"\x05\x01"}),
    "twice": lambda run, answer: replace(answer, runs=[replace(run, count=1)] * 2),
    "beside": lambda run, answer: replace(
        answer, beside=[flip(answer.beside[0], 0), *answer.beside[1:]]
    ),
    "beside cut": lambda run, answer: replace(answer, beside=answer.beside[:-1]),
    "none": lambda run, answer: replace(answer, runs=[], beside=[]),
}


def _with(answer: PushAnswer, **fields: Any) -> PushAnswer:
    return replace(answer, runs=[replace(answer.runs[0], **fields)])


@pytest.mark.parametrize("place", RUNS)
def test_an_altered_run_is_refused_and_changes_nothing(
    tablet: FieldTablet, online: County, place: str
) -> None:
    """What proves all receipts together proves all of them or none."""
    tablet.opened_and_notified()

    def change(answer: PushAnswer) -> PushAnswer:
        return RUNS[place](answer.runs[0], answer) if answer.runs else answer

    online.meddler.answer = as_office(online, altered_push(change))
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

    def change(told: PushAnswer) -> PushAnswer:
        answer = in_full(online, told)
        pushes.append(len(answer.admitted))
        return msgspec.structs.replace(answer, admitted=answer.admitted[:1])

    online.meddler.answer = as_office(online, altered_push(change))
    tablet.contact()
    assert pushes[:3] == [3, 2, 1]
    assert verified(tablet) == 3

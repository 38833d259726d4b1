"""Between tablet and server: what is said there, changed on its way; what came of it."""

from __future__ import annotations

import os
from collections.abc import Callable

import httpx
import msgspec
from sqlmodel import select

from field_client.inspection import Inspection
from field_client.store.tables import LinkRow, ReceiptRow, StatementRow
from protocol import chain, envelope, messages
from protocol.keys import Signer
from protocol.messages import Admitted, PushAnswer
from protocol.receipt import Receipt, verify_receipt
from protocol.registry import authority
from protocol.requests import sign_response
from protocol.statements import (
    BlobRef,
    MediaCaptured,
    NumbersGranted,
    Statement,
)
from protocol.vocabulary import DocumentKind, MediaKind, Step
from sync_server import demo
from sync_server.keys.accounts import Accounts
from sync_server.services import Services
from tests.field_client.county import County, FieldTablet

BIG = (5 << 20) // 2

Answer = Callable[[httpx.Request, httpx.Response], httpx.Response | None]


def receipts(tablet: FieldTablet) -> int:
    with tablet.tablet.vault.session() as session:
        return len(session.exec(select(ReceiptRow)).all())


def verified(tablet: FieldTablet) -> int:
    """How many links have a saved receipt that holds by the log's key alone."""
    trusted = tablet.tablet.sync._exchange.history.log
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


def film_of(tablet: FieldTablet, inspection: Inspection, size: int = BIG) -> BlobRef:
    """A recording, of 2.5 MiB if nothing else is said: three chunks."""
    journal = tablet.tablet.journal
    with tablet.tablet.office.locker.gather(inspection.case) as gathered:
        ref = gathered.put(os.urandom(size), "video/mp4", "…")
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
    """The office states something, signed by the issuer and by those whose word it needs."""
    assert county.services is not None
    issuer = county.services.keyring.issuer(demo.AGENCY.id)
    statement = kind(
        agency=demo.AGENCY.id, at=county.clock.now(), salt=os.urandom(16).hex(), **fields
    )
    county.services.office.state(statement, [issuer, *_needed(county.services, kind)])


def _needed(services: Services, kind: type[Statement]) -> list[Signer]:
    """The keys of the staff who may say it, as many persons as it takes; a legal reviewer, whom
    the demo has not, is not needed by these tests."""
    roles, persons = authority.NEEDED.get(kind, (frozenset(), 0))
    able = [one for one in demo.STAFF if one.role in roles][:1] if persons else []
    others = [one for one in demo.STAFF if one not in able][: max(0, persons - 1)]
    accounts = Accounts(services.db, services.clock)
    return [accounts.signer(one.account, one.password)[1] for one in (*able, *others)]


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


def in_full(county: County, answer: PushAnswer) -> PushAnswer:
    """The answer as a server gives it that knows no runs."""
    assert county.services is not None
    facts = county.services.facts
    assert facts.head.note == answer.checkpoint
    indexes = [run.first + place for run in answer.runs for place in range(run.count)]
    admitted = [
        Admitted(index=index, entry=entry, proof=proof)
        for index, (entry, proof) in zip(indexes, facts.proofs(indexes, facts.head), strict=True)
    ]
    return msgspec.structs.replace(answer, admitted=admitted, runs=[], beside=[])


def as_office(county: County, answer: Answer) -> Answer:
    """The answer as the office itself would give it, under its own signature: what a dishonest
    server can say, and not only somebody in between."""

    def signed(request: httpx.Request, response: httpx.Response) -> httpx.Response | None:
        made = answer(request, response)
        if made is None:
            return None
        assert county.services is not None
        added = sign_response(
            made.status_code,
            made.headers,
            made.content,
            county.services.office_key,
            county.clock.now(),
            request.headers,
        )
        headers = dict(made.headers) | {name.lower(): value for name, value in added.items()}
        return httpx.Response(made.status_code, content=made.content, headers=headers)

    return signed


MSGPACK = "application/vnd.msgpack"


def respond(status: int, content: bytes, kind: str = MSGPACK, **headers: str) -> Answer:
    told = {"content-type": kind, **{k.replace("_", "-"): v for k, v in headers.items()}}
    return lambda request, response: httpx.Response(
        status, stream=httpx.ByteStream(content), headers=told
    )

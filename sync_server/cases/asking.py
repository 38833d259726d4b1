"""What the public asks of the office: its own until it is answered, and the answer a record.

    number, key = asking.receive(desk, agency, asked)     by anybody; the key is shown once
    asking.find(db, number, key)                          what came of it, for whoever has the key
    asking.open_of(db, agency) · asking.of(db, number)    for the office
    asking.answer(desk, signatory, number, reply)         stated and signed by a publisher

Name, contact and words stay in this server's private state; the log gets their salted SHA-256, so
that the office cannot say later that something else was asked.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import func
from sqlmodel import col, select

from protocol.calendar import local_day
from protocol.errors import Refused
from protocol.publicity import PublicRequestKind, PublicRequestOutcome
from protocol.statements import PublicRequestAnswered
from sync_server.cases.publishing import Signatory
from sync_server.log.facts import Facts
from sync_server.log.journal import OfficeJournal, Stated
from sync_server.store.db import Database
from sync_server.store.desktables import PublicRequestRow

MOST_OPEN = 5000
SHORTEST = 5
LONGEST = 2000


class NotAsked(Refused):
    """The request is not as the office can take it."""


class NoSuchRequest(Refused):
    """No request of this number and key."""


class Overwhelmed(Refused):
    """More was asked than can be taken."""


class Desk(Protocol):
    """What answering needs of the server."""

    db: Database
    facts: Facts

    @property
    def now(self) -> int:
        """The server's time in ms."""

    @property
    def office(self) -> OfficeJournal:
        """The office's journal."""


@dataclass(frozen=True)
class Asked:
    """What somebody asks; ``issued`` is the decision that it is about, None for none."""

    kind: PublicRequestKind
    words: str
    name: str = ""
    contact: str = ""
    issued: bytes | None = None


@dataclass(frozen=True)
class Reply:
    """What the office answers."""

    outcome: PublicRequestOutcome
    words: str


def receive(desk: Desk, agency: str, asked: Asked) -> tuple[str, str]:
    """Keep a request. Its number, and the key by which it is found again. Raises NotAsked,
    Overwhelmed."""
    words = asked.words.strip()
    if not SHORTEST <= len(words) <= LONGEST:
        raise NotAsked(
            "expected between {least} and {most} characters, got {count}; say what is wrong and "
            "how you know",
            least=SHORTEST,
            most=LONGEST,
            count=len(words),
        )
    key, now = secrets.token_urlsafe(18), desk.now
    with desk.db.private() as session:
        waiting = select(func.count()).where(col(PublicRequestRow.answer).is_(None))
        if session.exec(waiting).one() >= MOST_OPEN:
            raise Overwhelmed("more was asked than can be taken now; call the hotline")
        year = local_day(now).year
        mine = col(PublicRequestRow.number).startswith(f"{year}-")
        given = session.exec(select(func.count()).where(mine)).one()
        row = PublicRequestRow(
            number=f"{year}-{given + 1:05}",
            agency=agency,
            kind=asked.kind.value,
            issued=asked.issued,
            name=asked.name.strip()[:100],
            contact=asked.contact.strip()[:200],
            words=words,
            salt=secrets.token_bytes(16),
            token=hashlib.sha256(key.encode()).digest(),
            at=now,
        )
        number = row.number
        session.add(row)
    return number, key


def find(db: Database, number: str, key: str) -> PublicRequestRow:
    """A request, for whoever asked it. Raises NoSuchRequest, the same for a wrong key."""
    row = _read(db, number)
    token = hashlib.sha256(key.encode()).digest()
    if row is None or not hmac.compare_digest(row.token, token):
        raise NoSuchRequest("no request has this number and key; compare both with what you noted")
    return row


def of(db: Database, agency: str, number: str) -> PublicRequestRow:
    """A request, for the office that it was made to. Raises NoSuchRequest."""
    row = _read(db, number)
    if row is None or row.agency != agency:
        raise NoSuchRequest("there is no such request to your office; choose one from the list")
    return row


def open_of(db: Database, agency: str, most: int = 200) -> list[PublicRequestRow]:
    """What waits for an answer, the oldest first, then what was answered last."""
    with db.reading() as session:
        mine = select(PublicRequestRow).where(PublicRequestRow.agency == agency)
        waiting = mine.where(col(PublicRequestRow.answer).is_(None)).order_by(
            col(PublicRequestRow.at)
        )
        done = mine.where(col(PublicRequestRow.answer).is_not(None)).order_by(
            col(PublicRequestRow.answered_at).desc()
        )
        rows = [*session.exec(waiting.limit(most)), *session.exec(done.limit(20))]
        session.expunge_all()
        return rows


def digest_of(row: PublicRequestRow) -> str:
    """What the log is told of the words: SHA-256 over salt and words, in hex."""
    return hashlib.sha256(row.salt + row.words.encode()).hexdigest()


def answer(desk: Desk, by: Signatory, number: str, reply: Reply) -> Stated:
    """State the answer with the publisher's own key. Raises NoSuchRequest, NotAsked."""
    person, signer = by
    row = of(desk.db, person.agency, number)
    if row.answer is not None:
        raise NotAsked("this request was answered already; open it to read the answer")
    words = reply.words.strip()
    if not words:
        raise NotAsked("an answer says what was found and what was done; write it")
    case = _case(desk, row.issued)
    statement = PublicRequestAnswered(
        agency=person.agency,
        at=desk.now,
        salt=secrets.token_hex(16),
        case=case,
        request=row.number,
        asked=PublicRequestKind(row.kind),
        received_at=row.at,
        digest=digest_of(row),
        issued=row.issued.hex() if row.issued else None,
        outcome=reply.outcome,
        answer=words[:LONGEST],
    )
    stated = desk.office.state(statement, [signer])
    with desk.db.private() as session:
        held = session.get(PublicRequestRow, number)
        assert held is not None  # requests are never deleted
        held.answer, held.answered_at = stated.record_hash, desk.now
        session.add(held)
    return stated


def answered(desk: Desk, row: PublicRequestRow) -> PublicRequestAnswered | None:
    """The answer, as it was stated."""
    held = desk.facts.record(row.answer) if row.answer else None
    said = held.statement if held else None
    return said if isinstance(said, PublicRequestAnswered) else None


def _case(desk: Desk, issued: bytes | None) -> str | None:
    held = desk.facts.record(issued) if issued else None
    return held.statement.case if held else None


def _read(db: Database, number: str) -> PublicRequestRow | None:
    with db.reading() as session:
        row = session.get(PublicRequestRow, number)
        if row is not None:
            session.expunge(row)
        return row

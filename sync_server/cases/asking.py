"""What the public asks of the office: its own until it is answered, and the answer a record.

    number, key = asking.receive(desk, agency, asked)     by anybody; the key is shown once
    asking.find(db, number, key)                          what came of it, for whoever has the key
    asking.open_of(db, agency) · asking.of(db, number)    for the office
    asking.answer(desk, signatory, number, reply)         stated and signed by a publisher

Name, contact and words stay in this server's private state; the log gets their salted SHA-256, so
that the office cannot say later that something else was asked. Words stay as long as the answer;
name and contact go some time after it (``upkeep/jobs.py``; PIPL 19: no longer than needed).

One sender may write so often in an hour, and all together. Both are counted where requests are
kept, so that a restart forgets nothing. A sender is kept as a keyed hash of the address, for that
hour.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import func
from sqlmodel import Session, col, select, update

from protocol import envelope as dsse
from protocol import statements
from protocol.calendar import local_day
from protocol.envelope import STATEMENT_TYPE
from protocol.errors import Refused
from protocol.publicity import PublicRequestKind, PublicRequestOutcome
from protocol.statements import PublicRequestAnswered
from sync_server.cases.publishing import Signatory
from sync_server.log.append import Append
from sync_server.log.facts import Facts
from sync_server.log.journal import Changed, OfficeJournal, Stated, StateJob
from sync_server.store.db import Database
from sync_server.store.desktables import PublicRequestRow

MOST_OPEN = 5000
EACH, TOGETHER, HOUR_MS = 5, 500, 3_600_000
"""What one address, and all together, may ask of the office in an hour."""
SHORTEST = 5
LONGEST = 2000


class NotAsked(Refused):
    """The request is not as the office can take it."""


class NoSuchRequest(Refused):
    """No request of this number and key."""


class Overwhelmed(Refused):
    """More was asked than can be taken."""


class TooOften(Overwhelmed):
    """This sender asked as often as one may."""


class AnsweredMeanwhile(Changed):
    """Somebody else answered while this answer was written."""


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
    """What somebody asks; ``issued`` is the decision that it is about, None for none. ``sender``
    stands for where it came from (``sender_of``)."""

    kind: PublicRequestKind
    words: str
    name: str = ""
    contact: str = ""
    issued: bytes | None = None
    sender: bytes = b""


@dataclass(frozen=True)
class Reply:
    """What the office answers."""

    outcome: PublicRequestOutcome
    words: str


def receive(desk: Desk, agency: str, asked: Asked) -> tuple[str, str]:
    """Keep a request. Its number, and the key by which it is found again. Raises NotAsked,
    Overwhelmed, TooOften."""
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
    with desk.db.private() as session:  # who writes waits for one another: counted exactly
        _expect_seldom(session, asked.sender, now)
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
            sender=asked.sender or None,
        )
        number = row.number
        session.add(row)
    return number, key


def sender_of(key: bytes, address: str) -> bytes:
    """What stands for an address: nobody without the key tells which one it was."""
    return hmac.digest(key, address.encode(), "sha256")[:16]


def _expect_seldom(session: Session, sender: bytes, now: int) -> None:
    lately = select(func.count()).where(col(PublicRequestRow.at) > now - HOUR_MS)
    mine = lately.where(col(PublicRequestRow.sender) == sender)
    if session.exec(lately).one() >= TOGETHER or (sender and session.exec(mine).one() >= EACH):
        raise TooOften("this was asked too often from here; wait an hour, or call the hotline")


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
    """State the answer with the publisher's own key, if nobody did. Raises NoSuchRequest, NotAsked,
    AnsweredMeanwhile."""
    person, signer = by
    row = of(desk.db, person.agency, number)
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
    made = dsse.sign(STATEMENT_TYPE, statements.encode(statement), [signer])
    job = _Answering(number, dsse.record_hash(made), statement.at, desk.office.job([made]))
    return desk.office.run(job)


@dataclass(frozen=True)
class _Answering:
    """State an answer, and keep which it is: both, or neither. A job of the writer."""

    number: str
    record: bytes
    at: int
    said: StateJob

    def run(self, append: Append) -> Stated:
        row = PublicRequestRow
        unanswered = (col(row.number) == self.number, col(row.answer).is_(None))
        mine = update(row).where(*unanswered).values(answer=self.record, answered_at=self.at)
        if append.connection.execute(mine).rowcount != 1:
            raise AnsweredMeanwhile(
                "this request was answered while you wrote; read that answer, yours is not stated"
            )
        return self.said.run(append)[0]


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

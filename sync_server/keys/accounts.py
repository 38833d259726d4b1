"""Accounts of the staff: who is signed in, and whose key signs.

    accounts.sign_in(account, password)      a session's secret, for a cookie
    accounts.session(secret)                 the person behind it, until it expires
    accounts.signer(account, password)       the person's own signing key, opened for one act
    accounts.change_password(account, …)     the same key under another password

After ``MAX_FAILURES`` wrong passwords in a row an account is locked for ``LOCK_MS``, for signing
in and for signing alike. Every attempt is a row of ``sign_in``; the program's log says only what
came of it. An unknown account costs a caller as much time as a wrong password for an account of the
office's present cost, and is answered with the same words. One password is checked, and one key
opened, at a time, which bounds Argon2id's memory.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from dataclasses import dataclass

import structlog
from sqlmodel import col, delete

from protocol.errors import Refused
from protocol.keys import Ed25519Signer
from protocol.vocabulary import StaffRole
from sync_server.clock import Clock
from sync_server.keys import staffkeys
from sync_server.keys.staffkeys import INTERACTIVE, Cost
from sync_server.store.db import Database
from sync_server.store.tables import AccountRow, SessionRow, SignInRow, StaffKeyRow

MAX_FAILURES = 5
LOCK_MS = 15 * 60_000
SESSION_MS = 8 * 3_600_000
MAX_PASSWORD = 200

log = structlog.get_logger(__name__)


class WrongSignIn(Refused):
    """No such account, or another password."""


class LockedOut(Refused):
    """Too many wrong passwords; ``facts["minutes"]`` until the next try."""


@dataclass(frozen=True)
class Person:
    """A member of the staff, as the account says."""

    account: str
    agency: str
    name: str
    role: StaffRole


@dataclass(frozen=True)
class SignedIn:
    """A session: the person, and the token that this person's forms carry."""

    person: Person
    form_token: str


class Accounts:
    """The door to accounts and sessions; safe for use by several threads."""

    def __init__(self, db: Database, clock: Clock, cost: Cost = INTERACTIVE) -> None:
        self._db, self._clock, self._cost = db, clock, cost
        self._lock = threading.Lock()
        self._nobody = staffkeys.hash_password(secrets.token_hex(16), cost)

    def sign_in(self, account: str, password: str) -> str:
        """Begin a session and return its secret. Raises WrongSignIn, LockedOut."""
        with self._lock:
            self._checked(account, password)
        secret, now = secrets.token_urlsafe(32), self._clock.now()
        row = SessionRow(
            token_hash=_hash(secret),
            account=account,
            form_token=secrets.token_urlsafe(24),
            created_at=now,
            expires_at=now + SESSION_MS,
        )
        with self._db.private() as session:
            session.exec(delete(SessionRow).where(col(SessionRow.expires_at) <= now))
            session.add(row)
        return secret

    def session(self, secret: str) -> SignedIn | None:
        """The session of a secret; None when there is none, or no longer."""
        with self._db.reading() as session:
            row = session.get(SessionRow, _hash(secret))
            if row is None or row.expires_at <= self._clock.now():
                return None
            account = session.get(AccountRow, row.account)
            return SignedIn(_person(account), row.form_token) if account else None

    def sign_out(self, secret: str) -> None:
        """End a session."""
        with self._db.private() as session:
            row = session.get(SessionRow, _hash(secret))
            if row is not None:
                session.delete(row)

    def signer(self, account: str, password: str) -> tuple[Person, Ed25519Signer]:
        """A person and the key that this person signs with. Raises WrongSignIn, LockedOut."""
        with self._lock:
            person = self._checked(account, password)
            with self._db.reading() as session:
                row = session.get(StaffKeyRow, account)
            if row is None:
                raise WrongSignIn("this account has no signing key; ask the registrar for one")
            return person, staffkeys.open_key(row, password)

    def change_password(self, account: str, old: str, new: str, keep: str = "") -> None:
        """Wrap the person's key by another password. Sessions end, but for that of the secret
        ``keep``. Raises WrongSignIn, LockedOut."""
        with self._lock:
            self._checked(account, old)
            with self._db.private() as session:
                row, held = session.get(AccountRow, account), session.get(StaffKeyRow, account)
                if row is None or held is None:
                    raise WrongSignIn("this account has no signing key; ask the registrar for one")
                seed = staffkeys.open_seed(held, old)
                wrapped = staffkeys.wrap_key(account, new, seed, self._cost)
                row.password = staffkeys.hash_password(new, self._cost)
                session.merge(wrapped)
                others = col(SessionRow.token_hash) != _hash(keep)
                session.execute(
                    delete(SessionRow).where(col(SessionRow.account) == account, others)
                )

    def _checked(self, account: str, password: str) -> Person:
        """Whose password it is. The caller holds the lock."""
        with self._db.reading() as session:
            row = session.get(AccountRow, account)
        now = self._clock.now()
        if row is not None and row.locked_until > now:
            self._record(account, "locked", now)
            raise _locked(row.locked_until - now)
        stored = row.password if row else self._nobody
        held = staffkeys.check_password(stored, password[:MAX_PASSWORD])
        if row is None or not held or len(password) > MAX_PASSWORD:
            self._fail(account, row is not None, now)
        self._record(account, "ok", now)
        assert row is not None  # ``_fail`` has raised
        return _person(row)

    def _fail(self, account: str, known: bool, now: int) -> None:
        locked = self._record(account, "wrong" if known else "unknown", now)
        if locked > now:
            raise _locked(locked - now)
        raise WrongSignIn(
            "account or password is wrong; after {most} wrong tries in a row the account is "
            "locked for {minutes} minutes",
            most=MAX_FAILURES,
            minutes=LOCK_MS // 60_000,
        )

    def _record(self, account: str, outcome: str, now: int) -> int:
        """Write an attempt down; returns until when the account is locked."""
        log.info("sign-in", outcome=outcome)
        with self._db.private() as session:
            session.add(SignInRow(account=account[:100], outcome=outcome, at=now))
            row = session.get(AccountRow, account)
            if row is None:
                return 0
            if outcome == "ok":
                row.failures = 0
            if outcome == "wrong":
                row.failures += 1
            if row.failures >= MAX_FAILURES:
                row.failures, row.locked_until = 0, now + LOCK_MS
            return row.locked_until


def _person(row: AccountRow) -> Person:
    return Person(row.account, row.agency, row.name, StaffRole(row.role))


def _locked(left: int) -> LockedOut:
    return LockedOut(
        "too many wrong passwords: this account is locked for {minutes} more minutes; nothing "
        "was lost, ask the registrar if it was not you",
        minutes=-(-left // 60_000),
    )


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()

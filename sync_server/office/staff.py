"""People of the office come, change and go, by a registrar's word. Pure.

    expect_registrar(…)                             whoever says any of this
    invited(request, …)       → StaffInvited        a person chooses a password with a code
    withdrawn(account, …)     → InvitationWithdrawn nobody took it up
    registered(invited, …)    → StaffRegistered     the key that came of it
    changed(…)                → StaffRoleChanged
    ended(…)                  → StaffEnded

Nobody changes or ends the own account, so that an office never loses its last registrar by one
word; what was signed before stays signed by who it was.

>>> expect_password("correct horse battery", "hejingting")
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from protocol.errors import Refused
from protocol.keys import Verifier
from protocol.registry.registry import Staff
from protocol.statements import (
    InvitationWithdrawn,
    StaffEnded,
    StaffInvited,
    StaffReasonGiven,
    StaffRegistered,
    StaffRoleChanged,
)
from protocol.vocabulary import StaffRole

MIN_PASSWORD, MAX_PASSWORD = 10, 200
MAX_NAME, MAX_REASON = 60, 500
_ACCOUNT = re.compile(r"[a-z][a-z0-9._-]{2,39}")

Known = Mapping[tuple[str, str], Staff]
"""The people of every agency on this server, by agency and account."""


class NotRegistrable(Refused):
    """The person cannot be registered, changed or ended like this."""


class WeakPassword(Refused):
    """A password that would be guessed."""


@dataclass(frozen=True)
class Common:
    """What every statement of the registrar says: agency, time (ms), salt."""

    agency: str
    at: int
    salt: str


def expect_registrar(common: Common, account: str, key: Verifier, known: Known) -> Staff:
    """Who says it, as the log knows this person now: a registrar, by the key that counts. Raises
    NotRegistrable."""
    person = known.get((common.agency, account))
    if (
        person is None
        or person.ended
        or person.role is not StaffRole.REGISTRAR
        or person.key != key
    ):
        raise NotRegistrable(
            "you are no registrar of your agency any more, or have another key; sign in again"
        )
    return person


def invited(
    common: Common,
    account: str,
    name: str,
    role: StaffRole,
    known: Known,
    asked_elsewhere: Collection[str] = (),
) -> StaffInvited:
    """A new person, or one who stands and needs another password; ``asked_elsewhere`` are the
    accounts that other agencies invited. Raises NotRegistrable."""
    account, name = account.strip(), name.strip()
    if not _ACCOUNT.fullmatch(account):
        raise NotRegistrable(
            "expected an account of 3 to 40 small letters, digits, dots or dashes that begins with "
            "a letter, got {account}; choose another",
            account=account[:60],
        )
    if not name:
        raise NotRegistrable("the name is empty; write it as on the person's papers")
    if len(name) > MAX_NAME or not name.isprintable():
        raise NotRegistrable(
            "expected a name of one line, of at most {most} characters; write it as on the "
            "person's papers",
            most=MAX_NAME,
        )
    person = known.get((common.agency, account))
    elsewhere = is_elsewhere(common.agency, account, known) or account in asked_elsewhere
    if elsewhere or (person and person.ended):
        raise NotRegistrable(
            "the account {account} was used before; an account is never used again, choose another",
            account=account,
        )
    return StaffInvited(
        agency=common.agency,
        at=common.at,
        salt=common.salt,
        account=account,
        name=person.name if person else name,
        role=person.role if person else role,
    )


def withdrawn(
    common: Common, account: str, invited: Mapping[str, StaffInvited], reason: str
) -> InvitationWithdrawn:
    """An invitation is taken back; ``invited`` are those that nobody took up. Raises
    NotRegistrable."""
    if account not in invited:
        raise NotRegistrable(
            "nobody waits for a password under {account} any more; look at the list of people",
            account=account[:60],
        )
    return InvitationWithdrawn(
        agency=common.agency,
        at=common.at,
        salt=common.salt,
        account=account,
        reason=_reason(reason),
    )


def is_elsewhere(agency: str, account: str, known: Known) -> bool:
    """Whether the account is of another agency; there is one of a name on a server."""
    return any(one == account and of != agency for of, one in known)


def registered(
    common: Common, said: StaffInvited, public_key: str, known: Known
) -> StaffRegistered:
    """The person, with the key that was made under the password: a new one as invited, one who
    stands in the role of today, whatever it was when the code was made."""
    person = known.get((common.agency, said.account))
    return StaffRegistered(
        agency=common.agency,
        at=common.at,
        salt=common.salt,
        account=said.account,
        name=person.name if person else said.name,
        role=person.role if person else said.role,
        public_key=public_key,
    )


def changed(
    common: Common, by: str, account: str, role: StaffRole, reason: str, known: Known
) -> StaffRoleChanged:
    """Another role. ``by`` is the registrar's account. Raises NotRegistrable."""
    person = _standing(common, by, account, reason, known)
    if person.role is role:
        raise NotRegistrable(
            "{name} has this role already; choose another, or leave it", name=person.name
        )
    return StaffRoleChanged(
        agency=common.agency,
        at=common.at,
        salt=common.salt,
        account=account,
        role=role,
        reason="",
    )


def ended(common: Common, by: str, account: str, reason: str, known: Known) -> StaffEnded:
    """The end of an account. Raises NotRegistrable."""
    _standing(common, by, account, reason, known)
    return StaffEnded(
        agency=common.agency,
        at=common.at,
        salt=common.salt,
        account=account,
        reason="",
    )


def because(
    said: StaffRoleChanged | StaffEnded, record: str, reason: str, salt: str
) -> StaffReasonGiven:
    """Why a person's role or account was changed by ``record``: a record of its own, since the
    change itself is read outside the office too."""
    return StaffReasonGiven(
        agency=said.agency,
        at=said.at,
        salt=salt,
        account=said.account,
        concerning=record,
        reason=reason.strip(),
    )


def expect_password(password: str, account: str) -> None:
    """Raises WeakPassword."""
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise WeakPassword(
            "expected a password of {least} to {most} characters, got {count}; several words are "
            "easy to keep in mind",
            least=MIN_PASSWORD,
            most=MAX_PASSWORD,
            count=len(password),
        )
    if account.lower() in password.lower() or len(set(password)) < MIN_PASSWORD // 2:
        raise WeakPassword(
            "this password would be guessed: it holds the account, or repeats itself; choose "
            "another"
        )


def _standing(common: Common, by: str, account: str, reason: str, known: Known) -> Staff:
    person = known.get((common.agency, account))
    if person is None or person.ended:
        raise NotRegistrable(
            "there is no such person in your agency any more; choose one from the list"
        )
    if account == by:
        raise NotRegistrable(
            "nobody changes or ends the own account; let another registrar of your agency do it"
        )
    _reason(reason)
    return person


def _reason(text: str) -> str:
    if not text.strip():
        raise NotRegistrable("the reason is empty; say why, for the record")
    if len(text) > MAX_REASON:
        raise NotRegistrable(
            "expected a reason of at most {most} characters, got {count}; make it shorter",
            most=MAX_REASON,
            count=len(text),
        )
    return text.strip()

"""People of the office: invited with a one-time code, registered with a key under their password.

    code = staffing.invite(services, registrar, "linwanqing", "林晚晴", StaffRole.ARCHIVIST)
    staffing.accept(services, "linwanqing", code, password)     whoever has the code, once
    staffing.withdraw(services, registrar, account, reason)     nobody took it up
    staffing.change_role(…) · staffing.end(…)                   decided at ``mark``

The registrar hands the code over and never learns the password; the key is made when it is
chosen, wrapped by it, and certified by the issuer because an invitation of the registrar's stands
in the log. Who forgot a password is invited again and gets another key.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping

from sqlalchemy import Delete
from sqlmodel import col, delete, func, select

from protocol import envelope as dsse
from protocol import statements
from protocol.envelope import STATEMENT_TYPE
from protocol.keys import Ed25519Signer
from protocol.registry import authority
from protocol.registry.standing import Subject
from protocol.registry.standing import mark as mark_of
from protocol.statements import (
    InvitationWithdrawn,
    StaffEnded,
    StaffInvited,
    StaffRegistered,
    StaffRoleChanged,
)
from protocol.vocabulary import StaffRole
from sync_server.devices import codes
from sync_server.devices.codes import BadCode
from sync_server.keys import staffkeys
from sync_server.keys.accounts import Person
from sync_server.log import meanwhile
from sync_server.log.journal import Stated
from sync_server.office import staff
from sync_server.office.staff import Common, Known
from sync_server.people import waiting
from sync_server.services import Services
from sync_server.store.tables import (
    AccountRow,
    EnrolCodeRow,
    SessionRow,
    SignInRow,
    StaffKeyRow,
)

Signatory = tuple[Person, Ed25519Signer]

INVITING = ("staff_invited", "invitation_withdrawn")


def invite(
    services: Services, registrar: Signatory, account: str, name: str, role: StaffRole
) -> str:
    """The one-time code for a person who is to come, or who needs another password. Raises
    NotRegistrable."""
    person, signer = registrar
    _, marks = _acting(services, registrar, services.facts.registry.staff)

    def judge() -> StaffInvited:
        asked = {
            one
            for agency in services.facts.registry.agencies
            for one in invitations(services, agency)
            if agency != person.agency
        }
        known = services.facts.registry.staff
        return staff.invited(_common(services, person.agency), account, name, role, known, asked)

    kinds = (*INVITING, "staff_registered")
    meanwhile.state(services.db, services.office, [signer], kinds, judge, marks)
    return codes.new_code(
        services.db,
        person.agency,
        "staff",
        account.strip(),
        services.clock.now(),
        services.settings.code_ms,
    )


def accept(services: Services, account: str, code: str, password: str) -> None:
    """Make the person's key under a password that the person chose. Raises BadCode, WeakPassword,
    or Changed if a registrar changes the person in this moment."""
    row = _code(services, account.strip(), code)
    registry = services.facts.registry
    said = _invitation(services, row, registry.staff)
    staff.expect_password(password, said.account)
    seed = secrets.token_bytes(32)
    cost = staffkeys.COSTS[services.settings.argon2]
    key, wrapped = Ed25519Signer(seed), staffkeys.wrap_key(said.account, password, seed, cost)
    held = _account(services, said, row.agency, password)
    with waiting.kept(services, row.code, held, wrapped):
        subject = ("staff", row.agency, said.account)
        marks = {subject: mark_of(registry, subject)}

        def judge() -> StaffRegistered:
            invited, common = (
                _invitation(services, row, registry.staff),
                _common(services, row.agency),
            )
            return staff.registered(common, invited, key.verifier.public_key.hex(), registry.staff)

        issuer = services.keyring.issuer(row.agency)
        meanwhile.state(services.db, services.office, [issuer], INVITING, judge, marks)


def change_role(
    services: Services, registrar: Signatory, account: str, role: StaffRole, reason: str, mark: int
) -> Stated:
    """Another role from here on. Raises NotRegistrable, Changed."""
    person, signer = registrar
    known = services.facts.registry.staff
    common, marks = _acting(services, registrar, known)
    said = staff.changed(common, person.account, account, role, reason, known)
    marks["staff", person.agency, account] = mark
    stated = _state(services, signer, said, reason, marks)
    with services.db.private() as session:
        row = session.get(AccountRow, account)
        if row is not None:
            row.role = role.value
    return stated


def end(services: Services, registrar: Signatory, account: str, reason: str, mark: int) -> Stated:
    """Nobody's account any more: sessions end, the wrapped key is gone. Raises NotRegistrable,
    Changed."""
    person, signer = registrar
    known = services.facts.registry.staff
    common, marks = _acting(services, registrar, known)
    said = staff.ended(common, person.account, account, reason, known)
    marks["staff", person.agency, account] = mark
    stated = _state(services, signer, said, reason, marks)
    with services.db.private() as session:
        for table in (AccountRow, StaffKeyRow, SessionRow):
            session.execute(delete(table).where(col(table.account) == account))
        session.execute(_codes_of(account))
    return stated


def _state(
    services: Services,
    signer: Ed25519Signer,
    said: StaffRoleChanged | StaffEnded,
    reason: str,
    marks: Mapping[Subject, int],
) -> Stated:
    """State a change and, right behind it, why: both, or neither."""
    change = dsse.sign(STATEMENT_TYPE, statements.encode(said), [signer])
    record = dsse.record_hash(change).hex()
    why = staff.because(said, record, reason, secrets.token_hex(16))
    both = [change, dsse.sign(STATEMENT_TYPE, statements.encode(why), [signer])]
    return services.office.run(services.office.job(both, marks=marks))[0]


def invitations(services: Services, agency: str) -> dict[str, StaffInvited]:
    """The last invitation of each account that was not taken back, in the order of the log."""
    found = authority.sound(services.facts.registry, services.facts.of_kind(*INVITING))
    last: dict[str, StaffInvited] = {}
    for one in found:
        said = one.statement
        if isinstance(said, StaffInvited) and said.agency == agency:
            last[said.account] = said
        elif isinstance(said, InvitationWithdrawn) and said.agency == agency:
            last.pop(said.account, None)
    return last


def withdraw(services: Services, registrar: Signatory, account: str, reason: str) -> Stated:
    """Take back an invitation that nobody took up; its code opens nothing. Raises
    NotRegistrable, Changed."""
    person, signer = registrar
    _, marks = _acting(services, registrar, services.facts.registry.staff)

    def judge() -> InvitationWithdrawn:
        open_ones = waited_for(services, person.agency)
        return staff.withdrawn(_common(services, person.agency), account, open_ones, reason)

    kinds = (*INVITING, "staff_registered")
    stated = meanwhile.state(services.db, services.office, [signer], kinds, judge, marks)
    with services.db.private() as session:
        session.execute(_codes_of(account))
    return stated


def waited_for(services: Services, agency: str) -> dict[str, StaffInvited]:
    """The invitations of those who are no members of the office yet."""
    known = services.facts.registry.staff
    found = invitations(services, agency)
    return {name: one for name, one in found.items() if (agency, name) not in known}


def _codes_of(account: str) -> Delete:
    return delete(EnrolCodeRow).where(
        col(EnrolCodeRow.purpose) == "staff", col(EnrolCodeRow.subject) == account
    )


def last_sign_ins(services: Services, agency: str) -> dict[str, int]:
    """When each person of the agency signed in last (ms)."""
    with services.db.reading() as session:
        rows = session.exec(
            select(SignInRow.account, func.max(SignInRow.at))
            .join(AccountRow, col(AccountRow.account) == col(SignInRow.account))
            .where(AccountRow.agency == agency, SignInRow.outcome == "ok")
            .group_by(col(SignInRow.account))
        ).all()
        return dict(rows)


def _code(services: Services, account: str, code: str) -> EnrolCodeRow:
    typed = "".join(code.split()).replace("-", "").upper()
    for row in codes.open_codes(services.db, "staff", account, services.clock.now()):
        if hmac.compare_digest(row.code.replace("-", "").encode(), typed.encode()):
            return row
    with services.db.private() as session:
        now = services.clock.now()
        session.add(SignInRow(account=account[:100], outcome="wrong code", at=now))
    raise BadCode(
        "account or one-time code is wrong, used or expired; type them again, or ask your "
        "registrar for a new code"
    )


def _invitation(services: Services, row: EnrolCodeRow, known: Known) -> StaffInvited:
    said = invitations(services, row.agency).get(row.subject)
    person = known.get((row.agency, row.subject))
    taken = staff.is_elsewhere(row.agency, row.subject, known)
    if said is None or taken or (person is not None and person.ended):
        raise BadCode("this invitation was taken back; ask your registrar")
    return said


def _account(services: Services, said: StaffInvited, agency: str, password: str) -> AccountRow:
    return AccountRow(
        account=said.account,
        agency=agency,
        name=said.name,
        role=said.role.value,
        password=staffkeys.hash_password(password, staffkeys.COSTS[services.settings.argon2]),
    )


def _acting(
    services: Services, registrar: Signatory, known: Known
) -> tuple[Common, dict[Subject, int]]:
    """What a registrar's statement begins with, and the mark of who says it: two registrars never
    end each other. Raises NotRegistrable."""
    person, signer = registrar
    common = _common(services, person.agency)
    acting = staff.expect_registrar(common, person.account, signer.verifier, known)
    return common, {("staff", person.agency, person.account): acting.index}


def _common(services: Services, agency: str) -> Common:
    return Common(agency, services.clock.now(), secrets.token_hex(16))

"""Tasks and approvals with their I/O: gather what stands, ask ``office/``, sign, state.

    assign(services, signatory, request)           a task for the officers whom it names
    withdraw(services, signatory, task, reason)    it is taken back
    given(services, agency) · withdrawals(services)   what stands of them
    approve(services, signatory, case, request)    the head answers; refused if the case moved on

Each is signed by the person's own key, and only by a role that may say it (``authority.NEEDED``):
another's word would be in the log and count for nothing.
"""

from __future__ import annotations

import secrets
from typing import cast

from protocol.calendar import local_day
from protocol.case import CaseState, Record, fold
from protocol.errors import Refused
from protocol.reference import Reference
from protocol.registry import authority
from protocol.statements import ApprovalGiven, Party, Statement, TaskAssigned, TaskWithdrawn
from sync_server.cases.publishing import Signatory
from sync_server.log import meanwhile
from sync_server.log.journal import Stated
from sync_server.office import approvals, tasks
from sync_server.office.approvals import ApprovalRequest
from sync_server.office.tasks import NotAssignable, TaskRequest
from sync_server.services import Services


class NotYours(Refused):
    """The person's role may not say this."""


def assign(services: Services, signatory: Signatory, request: TaskRequest) -> Stated:
    """Give a task. Raises NotYours, NotAssignable."""
    person, signer = signatory
    _expect_role(signatory, TaskAssigned)
    if request.recheck_of is not None:
        _expect_own_case(services, person.agency, request.recheck_of)

    def judge() -> TaskAssigned:
        return tasks.assign(
            request,
            _reference(services, person.agency),
            count=yearly_count(services, person.agency, request.party),
            now=services.clock.now(),
            salt=secrets.token_hex(16),
            numbers=_numbers(services, person.agency),
        )

    kinds = ("task_assigned", "task_withdrawn")
    return meanwhile.state(services.db, services.office, [signer], kinds, judge)


def yearly_count(services: Services, agency: str, party: Party) -> int:
    """How often the party was inspected this year."""
    openings = services.facts.of_kind("inspection_opened")
    return tasks.inspected(openings, agency, party, local_day(services.clock.now()).year)


def given(services: Services, agency: str) -> list[Record[TaskAssigned]]:
    """Every task of an agency by somebody who may give one, the newest first."""
    sound = authority.sound(services.facts.registry, services.facts.of_kind("task_assigned"))
    found = [
        cast(Record[TaskAssigned], one)
        for one in sound
        if isinstance(one.statement, TaskAssigned) and one.statement.agency == agency
    ]
    return found[::-1]


def withdrawals(services: Services) -> dict[str, TaskWithdrawn]:
    """What was taken back, by the task's record (hex)."""
    found = authority.sound(services.facts.registry, services.facts.of_kind("task_withdrawn"))
    said = [one.statement for one in found if isinstance(one.statement, TaskWithdrawn)]
    return {one.task: one for one in said}


def _numbers(services: Services, agency: str) -> set[str]:
    """The numbers of tasks that stand."""
    gone = withdrawals(services)
    return {one.statement.number for one in given(services, agency) if one.id not in gone}


def withdraw(services: Services, signatory: Signatory, task: str, reason: str) -> Stated:
    """Take a task back; ``task`` is its record (hex) or its number. Raises NotYours,
    NotAssignable."""
    person, signer = signatory
    _expect_role(signatory, TaskWithdrawn)

    def judge() -> TaskWithdrawn:
        found = given(services, person.agency)
        return tasks.withdraw(
            next((one for one in found if task in (one.id, one.statement.number)), None),
            withdrawals(services),
            person.agency,
            reason,
            now=services.clock.now(),
            salt=secrets.token_hex(16),
            begun=services.facts.of_kind("inspection_opened"),
        )

    kinds = ("task_assigned", "task_withdrawn", "inspection_opened")
    return meanwhile.state(services.db, services.office, [signer], kinds, judge)


def approve(
    services: Services,
    signatory: Signatory,
    case: bytes,
    request: ApprovalRequest,
    version: int | None = None,
) -> Stated:
    """Answer for the agency's head, who decided on ``version`` of the case, or on what stands now.
    Raises NotYours, NotApprovable, Changed."""
    person, signer = signatory
    _expect_role(signatory, ApprovalGiven)
    version = services.facts.case_version(case) if version is None else version
    said = approvals.answer(
        request,
        state_of(services, case),
        person.agency,
        now=services.clock.now(),
        salt=secrets.token_hex(16),
    )
    return services.office.state(said, [signer], {case: version})


def state_of(services: Services, case: bytes) -> CaseState:
    """A case as it stands, without records that nobody had the right to make."""
    records = authority.sound(services.facts.registry, services.facts.case(case))
    return fold(records, case.hex())


def _expect_role(signatory: Signatory, kind: type[Statement]) -> None:
    roles, _ = authority.NEEDED[kind]
    person, _ = signatory
    if person.role not in roles:
        raise NotYours(
            "expected one of {roles}, {account} is {role}; ask one of them",
            roles=", ".join(sorted(role.en for role in roles)),
            account=person.account,
            role=person.role.en,
        )


def _expect_own_case(services: Services, agency: str, case: str) -> None:
    begun = state_of(services, bytes.fromhex(case)).opened_by
    if begun is None or begun.statement.agency != agency:
        raise NotAssignable("there is no such case in your agency; look up its number")


def _reference(services: Services, agency: str) -> Reference:
    registry, now = services.facts.registry, services.clock.now()
    return services.editions.compose(agency, registry.references.get(agency, 0), now)

"""What supervision says: an answer to a finding, and where a report is cut.

    answer(person role, finding, state, note, …)    → FindingAnswered, or NotAnswerable
    cut(document, …)                                → ReportCut, or NotAnswerable

The agency explains what was found of it, and may open it again; only a supervisor settles (X-6.4d).
"""

from __future__ import annotations

import hashlib

from protocol.errors import Refused
from protocol.findings import document
from protocol.findings.answering import may_say
from protocol.findings.document import Json
from protocol.statements import FindingAnswered, ReportCut
from protocol.vocabulary import FindingState, StaffRole


class NotAnswerable(Refused):
    """Nothing can be said like this."""


def answer(
    role: StaffRole,
    agency: str,
    device: str,
    finding: Json,
    state: FindingState,
    note: str,
    *,
    now: int,
    salt: str,
) -> FindingAnswered:
    """The statement. Raises NotAnswerable."""
    if not may_say(role, state):
        raise NotAnswerable(
            "only a supervisor settles a finding; explain it, or ask the supervisor"
        )
    if not note.strip():
        raise NotAnswerable("the note is empty; write what happened, and what was done about it")
    if state is FindingState.OPEN and finding["state"] == FindingState.OPEN:
        raise NotAnswerable("this finding is open already; explain it or settle it")
    return FindingAnswered(
        agency=agency,
        at=now,
        salt=salt,
        finding=finding["id"],
        device=device,
        code=finding["code"],
        state=state,
        note=note.strip(),
    )


def cut(role: StaffRole, made: Json, *, now: int, salt: str) -> ReportCut:
    """The statement that fixes a report as of an earlier size. Raises NotAnswerable."""
    if role is not StaffRole.SUPERVISOR:
        raise NotAnswerable("only a supervisor fixes a report; ask the supervisor")
    as_of = made["as_of"]
    if not as_of["root"]:
        raise NotAnswerable(
            "entries of the log are gone, so that it has no root; restore the log first"
        )
    return ReportCut(
        agency=made["agency"],
        at=now,
        salt=salt,
        size=as_of["size"],
        until=as_of["at"],
        root=as_of["root"],
        rules=made["rules"],
        format=made["format"],
        report=hashlib.sha256(document.encode(made)).hexdigest(),
    )

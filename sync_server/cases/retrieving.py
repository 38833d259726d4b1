"""Looking into a sealed file, with its I/O: state who asks for what, then show exactly that.

stated = retrieving.retrieve(desk, case, wanted, [(person, signer)], version)
shown = retrieving.shown(desk, person, stated.record_hash)      what may be shown by now
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from protocol.calendar import local_day
from protocol.case import CaseState
from protocol.document import Record
from protocol.errors import Refused
from protocol.statements import Filed, FileRetrieved
from protocol.vocabulary import StaffRole
from sync_server.cases import publishing
from sync_server.cases.publishing import Desk, Signatory
from sync_server.keys.accounts import Person
from sync_server.log.journal import Stated
from sync_server.office import retrieving
from sync_server.office.retrieving import Wanted


class NotShown(Refused):
    """A file that this retrieval does not open, or not any more."""


@dataclass(frozen=True)
class Shown:
    """A retrieval, its case, and the files that may be shown by it."""

    record: Record[FileRetrieved]
    state: CaseState
    files: tuple[Filed, ...]
    package: str
    open: frozenset[str]


def retrieve(
    desk: Desk, case: bytes, wanted: Wanted, people: Sequence[Signatory], version: int
) -> Stated:
    """State a retrieval; nothing was shown before. Raises NotHere, Changed, and what
    ``office.retrieving`` raises."""
    agency = people[0][0].agency
    if any(person.agency != agency for person, _ in people):
        raise publishing.NotHere("the second person is of another agency; ask the head of your own")
    found = publishing.standing(desk, agency, case)
    told = retrieving.retrieve(
        wanted,
        found.state,
        now=desk.now,
        salt=secrets.token_hex(16),
        by_head=any(person.role is StaffRole.AGENCY_HEAD for person, _ in people),
    )
    signers = list({signer.verifier.key_id: signer for _, signer in people}.values())
    return desk.office.state(told, signers, {case: version})


def shown(desk: Desk, person: Person, record: bytes) -> Shown:
    """A retrieval and what it opens for this person now. Raises NotShown, NotHere."""
    read = desk.facts.record(record)
    said = read.statement if read else None
    if not isinstance(said, FileRetrieved) or said.case is None:
        raise NotShown("there is no such retrieval; ask for the file again")
    found = publishing.standing(desk, person.agency, bytes.fromhex(said.case))
    held = next((one for one in found.state.retrievals if one.hash == record), None)
    if held is None:
        raise NotShown("there is no such retrieval; ask for the file again")
    opened = retrieving.opens(held, _keys(desk, person), local_day(desk.now))
    files = tuple(one for one in retrieving.offered(found.state) if one.blob in said.opened)
    return Shown(held, found.state, files, said.package, frozenset(opened))


def path_of(desk: Desk, opened: Shown, sha256: str) -> Path:
    """The file of a blob that the retrieval opens. Raises NotShown."""
    path = desk.facts.blob_path(bytes.fromhex(sha256)) if sha256 in opened.open else None
    if path is None:
        raise NotShown(
            "this retrieval does not open this file, or is over; ask for the file again, and say "
            "for what"
        )
    return path


def _keys(desk: Desk, person: Person) -> set[bytes]:
    """The keys that a person signs with, or did before."""
    keys = set()
    for one in desk.facts.registry.staff.values():
        known = one if (one.agency, one.account) == (person.agency, person.account) else None
        while known is not None:
            keys.add(known.key.key_id)
            known = known.before
    return keys

"""What comes on a stick, and what becomes of a tablet that was refused.

$ fujie-server import-export fujie-YX-T07.export
$ fujie-server close-journal YX-T07 --reason 从副本恢复 --account tangyining
$ fujie-server adopt fujie-YX-T07.export --account tangyining --dry-run

Who decides answers for it: the account's password is asked for, and its own key signs. Without a
terminal the password is the first line of the input.
"""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from protocol.errors import FujieError, Refused
from protocol.keys import Signer
from protocol.messages import Found
from protocol.registry.registry import Device
from protocol.vocabulary import StaffRole
from sync_server.clock import system_clock
from sync_server.commands import Adder, Say, command
from sync_server.commands.far import Terminal, words
from sync_server.devices import adoption, answering, closing, exports, importing
from sync_server.devices.exports import Opened, Watch
from sync_server.keys.accounts import Accounts, Person
from sync_server.log.cosigner import asking
from sync_server.reports.told import told
from sync_server.services import Services, writing
from sync_server.settings import Settings

Ask = Callable[[str], str]


def add(add_parser: Adder) -> None:
    """Declare the commands of this module."""
    one = add_parser("import-export", help="take in a tablet's export; its answer lies beside it")
    one.add_argument("file", type=Path, help="the export, as the tablet wrote it to a stick")
    command(one, lambda s, a, say: import_export(s, a.file, say))

    one = add_parser("close-journal", help="close a tablet's forked journal and open another")
    one.add_argument("device", help="the tablet's name, such as YX-T07")
    one.add_argument("--reason", required=True, help="why, for the record")
    one.add_argument("--account", default="", help="the registrar who decides and signs")
    command(
        one, lambda s, a, say: close_journal(s, a.device, a.reason, a.account, ask_password, say)
    )

    one = add_parser("adopt", help="let a tablet's export into the log, as evidence")
    one.add_argument("file", type=Path, help="the export, as the tablet wrote it to a stick")
    one.add_argument("--account", default="", help="the registrar who decides and signs")
    one.add_argument("--reason", default="从平板的导出采纳", help="why, for the record")
    one.add_argument("--dry-run", action="store_true", help="only tell what it would do")
    command(
        one, lambda s, a, say: adopt(s, a.file, a.account, a.reason, a.dry_run, ask_password, say)
    )


def import_export(settings: Settings, file: Path, say: Say) -> int:
    """Admit what an export brings and the log lacks, and write the answer beside it; 1 if not all
    of it could be taken. Who stops it goes on there the next time."""
    shown = Terminal()

    def tell(line: str) -> None:
        shown.clear()
        say(line)

    try:
        return _import(settings, file, tell, shown)
    except KeyboardInterrupt:
        tell(f"stopped at {words(shown.far, 0)}; nothing is lost: the same command goes on there")
        return 130
    finally:
        shown.clear()


def _import(settings: Settings, file: Path, say: Say, watch: Watch) -> int:
    with (
        writing(settings, system_clock()) as services,
        exports.opened(services, file, watch) as export,
    ):
        brought = importing.bring_in(services, export)
        for line in importing.tell(brought):
            say(line)
        say(_media(export))
        with _witnesses(services):
            found = _found(services, export.device, say)
            answer = answering.answer_to(services, export, brought, found)
        if answer is not None:
            say(f"{answering.write(answer, file)}: take it back to {export.device.name}")
    return 1 if export.cut or any(one.stopped for one in brought) else 0


def _found(services: Services, device: Device, say: Say) -> list[Found] | None:
    """What reviews found of a device's records; what cannot be looked through keeps no answer
    back."""
    try:
        return told(services, device)
    except (FujieError, SQLAlchemyError, OSError) as fault:
        say(f"{device.name}: its records could not be reviewed: {fault}")
        return None


def close_journal(
    settings: Settings, device: str, reason: str, account: str, ask: Ask, say: Say
) -> int:
    """Close the journal of a tablet where the log ends it, and name the next."""
    with writing(settings, system_clock()) as services:
        known = _device(services, device)
        persons: list[Signer] = []
        by = "issuer"
        if account:
            person, key = _registrar(services, account, known.agency, ask)
            persons, by = [key], person.name
        said = closing.close_journal(services, known, reason, persons)
    say(f"{device}: {said.journal} ends with {said.length} links; {said.successor} follows ({by})")
    return 0


def adopt(
    settings: Settings, file: Path, account: str, reason: str, dry: bool, ask: Ask, say: Say
) -> int:
    """Let into the log what an export brings and the log lacks; 1 if a recording of it is cut."""
    with (
        writing(settings, system_clock()) as services,
        exports.opened(services, file, whole=True) as export,
    ):
        if dry:
            done = adoption.plan(services, export)
        else:
            if not account:
                raise Refused("expected the account of a registrar, who answers for it; --account")
            _, key = _registrar(services, account, export.device.agency, ask)
            done = adoption.adopt(services, export, key, reason)
        for line in adoption.tell(done):
            say(line)
        say(_media(export))
    return 1 if export.cut else 0


def _media(export: Opened) -> str:
    left = f"{export.cut} cut, damaged or too large"
    return f"{export.device.name}: {len(export.blobs)} blobs, {left}"


def _witnesses(services: Services) -> AbstractContextManager[None]:
    """The log's witnesses are asked meanwhile, as the running server does."""
    return asking(services.cosigned, services.sequencer, services.facts, services.log_keys)


def _device(services: Services, name: str) -> Device:
    found = services.sequencer.registry.device_named(name)
    if found is None:
        raise Refused("no device {device} is enrolled here", device=name)
    return found


def _registrar(services: Services, account: str, agency: str, ask: Ask) -> tuple[Person, Signer]:
    """The registrar of the agency behind an account, and the key that this person signs with."""
    person, key = Accounts(services.db, services.clock).signer(account, ask(account))
    if person.role is not StaffRole.REGISTRAR or person.agency != agency:
        raise Refused(
            "expected a registrar of {agency}, {account} is {role}; ask one",
            agency=agency,
            account=account,
            role=person.role.en,
        )
    return person, key


def ask_password(account: str) -> str:
    """The password of an account, from the terminal or else from the input's first line."""
    if sys.stdin.isatty():
        return getpass.getpass(f"{account}: ")
    return sys.stdin.readline().rstrip("\n")

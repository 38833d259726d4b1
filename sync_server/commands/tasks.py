"""Tasks for the officers in the field, and the head's word on what they ask for.

$ fujie-server assign-task 云市监检任〔2026〕57号 --item SJ-0417 --party 云溪县禾穗食品有限公司 \
      --code 91990123MA0FJ0K21X --place 云溪县青石镇河西路28号 --officer 00992304117 \
      --officer 00992304132 --approval "顾明远 2026-11-16 批准" --cap 2 --account gumingyuan
$ fujie-server withdraw-task 云市监检任〔2026〕57号 --reason 企业已注销 --account gumingyuan
$ fujie-server approve 云市监检〔2026〕318号 inspection --reason 情况属实 --account gumingyuan

Who decides signs with a key of one's own: the account's password is asked for, as elsewhere.
"""

from __future__ import annotations

import argparse

from protocol.calendar import read_day
from protocol.errors import Refused
from protocol.statements import ApprovalGiven, Party, Place, opens_case
from protocol.vocabulary import ApprovalSubject, PartyClass, TaskSource
from sync_server.cases import assigning
from sync_server.cases.publishing import Signatory
from sync_server.clock import system_clock
from sync_server.commands import Adder, Say, command
from sync_server.commands.evidence import Ask, ask_password
from sync_server.keys.accounts import Accounts
from sync_server.log.facts import OPENING
from sync_server.office.approvals import ApprovalRequest
from sync_server.office.tasks import TaskRequest
from sync_server.services import Services, writing
from sync_server.settings import Settings


def add(add_parser: Adder) -> None:
    """Declare the commands of this module."""
    one = add_parser("assign-task", help="send officers to inspect a party")
    _add_task(one)
    command(one, lambda s, a, say: assign(s, a, ask_password, say))

    one = add_parser("withdraw-task", help="take a task back")
    one.add_argument("task", help="its number or its record")
    one.add_argument("--reason", required=True, help="why, for the record")
    _add_account(one)
    command(one, lambda s, a, say: withdraw(s, a, ask_password, say))

    one = add_parser("approve", help="grant or refuse what the field asks the head for")
    one.add_argument("case", help="the case's id or its inspection number")
    one.add_argument("subject", choices=[str(x) for x in ApprovalSubject], help="what for")
    one.add_argument("--reason", required=True, help="why, for the record")
    one.add_argument("--concerning", default="", help="the record that is meant, if several wait")
    one.add_argument("--refuse", action="store_true", help="refuse it instead")
    _add_account(one)
    command(one, lambda s, a, say: approve(s, a, ask_password, say))


def _add_account(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--account", required=True, help="who decides and signs")


def _add_task(one: argparse.ArgumentParser) -> None:
    one.add_argument("number", help="the task's number")
    one.add_argument("--source", default="planned", choices=[str(x) for x in TaskSource])
    one.add_argument("--item", required=True, help="the item's code on the agency's list")
    one.add_argument("--party", required=True, help="whom to inspect")
    classes = [str(x) for x in PartyClass]
    one.add_argument("--class", dest="party_class", default="organisation", choices=classes)
    one.add_argument("--code", default="", help="the party's unified social credit code")
    one.add_argument("--legal-rep", default="", help="its legal representative")
    one.add_argument("--address", default="", help="its address")
    one.add_argument("--phone", default="", help="its telephone")
    one.add_argument("--place", required=True, help="where to inspect")
    one.add_argument("--officer", action="append", default=[], help="a certificate number; twice")
    one.add_argument("--device", action="append", default=[], help="a tablet; none: all of them")
    one.add_argument("--cap", type=int, default=0, help="the party's yearly cap; 0: none")
    one.add_argument("--approval", required=True, help="the head's approval, in words")
    one.add_argument("--due", default="", help="the last day, such as 2026-11-30")
    one.add_argument("--note", default="", help="what to look at")
    one.add_argument("--recheck-of", default="", help="the case that is looked after again")
    _add_account(one)


def assign(settings: Settings, asked: argparse.Namespace, ask: Ask, say: Say) -> int:
    """Give a task to the officers whom it names."""
    with writing(settings, system_clock()) as services:
        case = find_case(services, asked.recheck_of).hex() if asked.recheck_of else None
        request = TaskRequest(
            number=asked.number,
            source=TaskSource(asked.source),
            item=asked.item,
            party=Party(
                name=asked.party,
                party_class=PartyClass(asked.party_class),
                id_code=asked.code,
                legal_rep=asked.legal_rep,
                address=asked.address or asked.place,
                phone=asked.phone,
            ),
            place=Place(text=asked.place),
            officers=asked.officer,
            approval=asked.approval,
            devices=asked.device,
            yearly_cap=asked.cap,
            due_on=read_day(asked.due) if asked.due else None,
            note=asked.note,
            recheck_of=case,
        )
        done = assigning.assign(services, _signatory(services, asked.account, ask), request)
    say(f"{asked.number}  {done.record_hash.hex()}")
    return 0


def withdraw(settings: Settings, asked: argparse.Namespace, ask: Ask, say: Say) -> int:
    """Take a task back."""
    with writing(settings, system_clock()) as services:
        who = _signatory(services, asked.account, ask)
        done = assigning.withdraw(services, who, asked.task, asked.reason)
    say(f"{asked.task}  {done.record_hash.hex()}")
    return 0


def approve(settings: Settings, asked: argparse.Namespace, ask: Ask, say: Say) -> int:
    """Grant or refuse what the field asks for."""
    with writing(settings, system_clock()) as services:
        who = _signatory(services, asked.account, ask)
        case = find_case(services, asked.case)
        request = ApprovalRequest(
            subject=ApprovalSubject(asked.subject),
            granted=not asked.refuse,
            reason=asked.reason,
            concerning=asked.concerning or None,
        )
        done = assigning.approve(services, who, case, request)
        said = services.facts.record(done.record_hash)
    assert said is not None
    assert isinstance(said.statement, ApprovalGiven)
    late = ", afterwards" if said.statement.afterwards else ""
    say(f"{asked.case}  {'granted' if said.statement.granted else 'refused'}{late}")
    return 0


def find_case(services: Services, name: str) -> bytes:
    """The case of an id or an inspection number. Raises Refused."""
    for record in services.facts.of_kind(*OPENING):
        opens = opens_case(record.statement)
        if opens and name in (record.hash.hex(), getattr(record.statement, "number", "")):
            return record.hash
    raise Refused("no case {case} is in this log; check its number", case=name)


def _signatory(services: Services, account: str, ask: Ask) -> Signatory:
    return Accounts(services.db, services.clock).signer(account, ask(account))

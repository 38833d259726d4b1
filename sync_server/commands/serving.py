"""Founding, serving and keeping a server.

$ fujie-server demo
founded 云溪县市场监督管理局 in /srv/fujie
"""

from __future__ import annotations

import gc
import sys
from pathlib import Path

import msgspec

from protocol.errors import Refused
from protocol.vocabulary import DocumentKind, StaffRole
from sync_server import demo
from sync_server.clock import system_clock
from sync_server.commands import Adder, Say, command
from sync_server.commands.listening import listen
from sync_server.devices import stored
from sync_server.log import rereading
from sync_server.log.reader import GARBAGE
from sync_server.people import waiting
from sync_server.projections.runner import Projections
from sync_server.services import expect_none_begun, reading, writing
from sync_server.settings import Settings
from sync_server.store.db import Database
from sync_server.upkeep import backup as backups
from sync_server.upkeep import founding

TURN_S = 0.0005
"""How long a thread may keep the others waiting. Whoever verified a signature, hashed a body or
wrote rows waits for his turn again; Python's 5 ms add up to a quarter of all (ADR 0037)."""


class StaffEntry(msgspec.Struct, forbid_unknown_fields=True):
    """A person in a founding plan."""

    account: str
    name: str
    role: StaffRole
    password: str


class OfficerEntry(msgspec.Struct, forbid_unknown_fields=True):
    """An officer in a founding plan; ``photo`` is a PNG or JPEG file beside the plan."""

    cert_no: str
    name: str
    unit: str
    position: str
    category: str
    field: str
    valid_from: str
    valid_until: str
    photo: str


class PlanFile(msgspec.Struct, forbid_unknown_fields=True):
    """A founding plan as it is written down (JSON); ``used`` are numbers given on paper."""

    agency: founding.AgencyPlan
    staff: list[StaffEntry]
    officers: list[OfficerEntry]
    used: dict[DocumentKind, int] = {}


def add(add_parser: Adder) -> None:
    """Declare the commands of this module."""
    one = add_parser("serve", help="serve tablets and pages until a signal ends it")
    command(one, lambda s, a, say: serve(s, say))

    one = add_parser("demo", help="found the fictional county if there is nothing yet, then serve")
    command(one, lambda s, a, say: run_demo(s, say))

    one = add_parser("found", help="found an agency from a plan")
    one.add_argument("plan", type=Path, help="a JSON file; docs/operating.md has an example")
    command(one, lambda s, a, say: found(s, a.plan, say))

    one = add_parser("migrate", help="bring the database up to this program's version")
    command(one, lambda s, a, say: migrate(s, say))

    one = add_parser("rebuild", help="fold the projections again from the log")
    command(one, lambda s, a, say: rebuild(s, say))

    one = add_parser("backup", help="copy database, blobs and keys, also while the server runs")
    one.add_argument("target", type=Path, help="a folder")
    command(one, lambda s, a, say: backup(s, a.target, say))


def serve(settings: Settings, say: Say) -> int:
    """Serve until a signal ends it."""
    expect_none_begun(settings)
    if not founding.is_founded(settings):
        raise Refused(
            "nothing is founded in {folder}; run fujie-server found PLAN, or fujie-server demo",
            folder=str(settings.data),
        )
    from sync_server.app import make_app  # see listening.py

    sys.setswitchinterval(TURN_S)
    with writing(settings, system_clock()) as services:
        stored.forget_expired(services)
        stored.forget_strays(services)
        stored.resume(services)
        waiting.settle(services, 0)
        for algorithm in services.sequencer.registry.uncheckable():
            say(f"officers hold {algorithm} keys that cannot be checked here; install fujie[sm]")
        say(f"{settings.address}  {settings.data}")
        app = make_app(services)
        gc.freeze()
        gc.set_threshold(GARBAGE)
        listen(app, settings)
    return 0


def run_demo(settings: Settings, say: Say) -> int:
    """Found the fictional county if the folder is empty, tell the logins, and serve."""
    if not founding.is_founded(settings):
        founding.found(settings, system_clock(), demo.plan())
        say(f"founded {demo.AGENCY.name} in {settings.data}")
    for person in demo.STAFF:
        say(f"  {person.role.zh}  {person.name}  {person.account}  {person.password}")
    return serve(settings, say)


def found(settings: Settings, plan: Path, say: Say) -> int:
    """Found an agency from a plan file."""
    try:
        read = msgspec.json.decode(plan.read_bytes(), type=PlanFile)
        officers = [
            founding.OfficerPlan(
                **{name: getattr(one, name) for name in one.__struct_fields__ if name != "photo"},
                photo=(plan.parent / one.photo).read_bytes(),
            )
            for one in read.officers
        ]
    except (OSError, msgspec.MsgspecError, ValueError, RecursionError) as fault:
        raise Refused(
            "expected a founding plan in {file}: {fault}", file=str(plan), fault=str(fault)
        ) from None
    staff = [founding.StaffPlan(p.account, p.name, p.role, p.password) for p in read.staff]
    made = founding.Plan(read.agency, staff, officers, read.used)
    founding.found(settings, system_clock(), made)
    say(f"founded {read.agency.name} in {settings.data}")
    say(f"take {settings.root} off this machine: it holds the root key and the recovery key")
    return 0


def migrate(settings: Settings, say: Say) -> int:
    """Bring the database up to this program's version."""
    database = Database(settings.database)
    read = rereading.bring_up(database)
    database.close()
    say(f"migrated, {read} statements can be read now that could not" if read else "migrated")
    return 0


def rebuild(settings: Settings, say: Say) -> int:
    """Throw the projections away and fold them again from the log."""
    with reading(settings, system_clock()) as services:
        Projections(services.db, services.facts).rebuild()
        say(f"{services.facts.head.size} entries folded again")
    return 0


def backup(settings: Settings, target: Path, say: Say) -> int:
    """Copy database, blobs and keys."""
    added = backups.backup(settings, target)
    say(f"{target}: database, keys and {added} new blobs")
    return 0

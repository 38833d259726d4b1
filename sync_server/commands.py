"""What ``fujie-server`` does, one function a command; ``__main__`` reads the command line.

Each returns the lines to print and the exit code. What goes wrong on purpose is raised as
FujieError and told by the caller in one line.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import nacl.exceptions
import nacl.public
import uvicorn

from protocol.checkpoint import VerifierKey
from protocol.errors import Refused
from protocol.reference import Parameters, open_reference
from protocol.vocabulary import DocumentKind, StaffRole
from sync_server import backup as backups
from sync_server import casefiles, codes, demo, founding, integrity, stored
from sync_server.app import make_app
from sync_server.blobs import BlobStore
from sync_server.clock import system_clock
from sync_server.codes import Purpose
from sync_server.db import Database
from sync_server.fsck import Fsck
from sync_server.keyring import load_keyring, read_seed
from sync_server.projections.runner import Projections
from sync_server.services import Services, reading, writing
from sync_server.settings import Settings
from sync_server.tables import RecoveryRow

Say = Callable[[str], None]


class StaffEntry(msgspec.Struct, forbid_unknown_fields=True):
    """A person in a founding plan."""

    account: str
    name: str
    role: StaffRole
    password: str


class OfficerEntry(msgspec.Struct, forbid_unknown_fields=True):
    """An officer in a founding plan; ``photo`` is a PNG file beside the plan."""

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


def serve(settings: Settings, say: Say) -> int:
    """Serve until a signal ends it."""
    if not founding.is_founded(settings):
        raise Refused(
            "nothing is founded in {folder}; run fujie-server found PLAN, or fujie-server demo",
            folder=str(settings.data),
        )
    with writing(settings, system_clock()) as services:
        stored.forget_expired(services)
        stored.forget_strays(services)
        stored.resume(services)
        say(f"{settings.address}  {settings.data}")
        uvicorn.run(
            make_app(services),
            host=settings.host,
            port=settings.port,
            log_level="warning",
            timeout_graceful_shutdown=5,
        )
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
    except (msgspec.MsgspecError, OSError) as fault:
        raise Refused(
            "expected a founding plan in {file}: {fault}", file=str(plan), fault=str(fault)
        ) from None
    staff = [founding.StaffPlan(p.account, p.name, p.role, p.password) for p in read.staff]
    made = founding.Plan(read.agency, staff, officers, read.used)
    founding.found(settings, system_clock(), made)
    say(f"founded {read.agency.name} in {settings.data}")
    say(f"take {settings.root} off this machine: it holds the root key and the recovery key")
    return 0


def enrol(settings: Settings, purpose: Purpose, subject: str, agency: str, say: Say) -> int:
    """Print a one-time code for a device or an officer."""
    with reading(settings, system_clock()) as services:
        chosen = _agency(services, agency)
        known = (chosen, subject) in services.facts.registry.officers
        if purpose == "officer" and not known:
            raise Refused("no officer {cert_no} is on the roster", cert_no=subject)
        code = codes.new_code(
            services.db,
            chosen,
            purpose,
            subject,
            services.clock.now(),
            settings.code_ms,
        )
    say(code)
    return 0


def migrate(settings: Settings, say: Say) -> int:
    """Bring the database up to this program's version."""
    database = Database(settings.database)
    database.migrate()
    database.close()
    say("migrated")
    return 0


def fsck(settings: Settings, say: Say, progress: Say) -> int:
    """Recompute log, chains and blobs; 1 if anything differs, the first difference first."""
    keyring = load_keyring(settings)
    key = VerifierKey(settings.origin, keyring.log.verifier.public_key)
    database = Database(settings.database)
    found = 0
    with database.engine.begin() as connection:
        run = Fsck(
            connection,
            BlobStore(settings),
            key,
            lambda check, done, of: progress(f"[{'#' * done}{'.' * (of - done)}] {check}"),
        )
        for difference in run.run():
            found += 1
            say(f"{difference.check}: {difference.detail}")
        say(f"{run.size} entries, {found} differences" if found else f"{run.size} entries hold")
    database.close()
    return 1 if found else 0


def export(settings: Settings, case: str, out: Path, say: Say) -> int:
    """Write the case file of a case, named by its id or its inspection number."""
    with reading(settings, system_clock()) as services:
        casefiles.write_casefile(services, _case(services, case), out)
    say(str(out))
    return 0


def trust(settings: Settings, out: Path, say: Say) -> int:
    """Write what a verifier has to believe in: the log's key and the agencies' roots."""
    with reading(settings, system_clock()) as services:
        roots = {
            agency: known.root.public_key.hex()
            for agency, known in services.facts.registry.agencies.items()
        }
        out.write_bytes(msgspec.json.encode({"log": services.log_key, "roots": roots}) + b"\n")
    say(str(out))
    return 0


def report(settings: Settings, device: str, language: str, as_json: bool, say: Say) -> int:
    """Tell the integrity report of a device; 1 if anything is missing."""
    with reading(settings, system_clock()) as services:
        registry = services.facts.registry
        found = registry.device_named(device)
        if found is None:
            raise Refused("no device {device} is enrolled here", device=device)
        published = services.facts.reference(found.agency)
        issuer = registry.agencies[found.agency].issuer.verifier
        parameters = open_reference(published[1], issuer, 0).parameters if published else None
        made = integrity.report(services, found, parameters or Parameters())
    if as_json:
        plain = msgspec.to_builtins(made, builtin_types=(bytes,)) | {"journal": made.journal.hex()}
        say(msgspec.json.encode(plain).decode())
        return 0 if made.complete else 1
    for one in made.findings:
        text, remedy = (one.zh, one.remedy_zh) if language == "zh" else (one.en, one.remedy_en)
        say(f"{one.code}: {text} {remedy}")
    say(
        f"{device}: {made.links}/{made.expected} links, {made.entries} entries, "
        f"{made.statements} statements, {made.blobs} blobs: "
        f"{'complete' if made.complete else 'not complete'}"
    )
    return 0 if made.complete else 1


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


def recover_vault(settings: Settings, device: str, key: Path, say: Say) -> int:
    """Open a tablet's vault key with the agency's recovery key, for a tablet nobody can open."""
    database = Database(settings.database)
    with database.reading() as session:
        row = session.get(RecoveryRow, device)
    database.close()
    if row is None:
        raise Refused("no vault key of device {device} is kept here", device=device)
    try:
        opened = nacl.public.SealedBox(nacl.public.PrivateKey(read_seed(key))).decrypt(row.sealed)
    except nacl.exceptions.CryptoError:
        raise Refused(
            "the key in {file} does not open this vault; use the agency's recovery key",
            file=str(key),
        ) from None
    say(opened.hex())
    return 0


def _agency(services: Services, agency: str) -> str:
    known = sorted(services.facts.registry.agencies)
    if agency and agency not in known:
        raise Refused("no agency {agency} is registered here", agency=agency)
    if not agency and len(known) != 1:
        raise Refused("expected --agency, one of {known}", known=", ".join(known))
    return agency or known[0]


def _case(services: Services, name: str) -> bytes:
    for record in services.facts.of_kind("inspection_opened"):
        if name in (record.hash.hex(), getattr(record.statement, "number", "")):
            return record.hash
    raise Refused("no case {case} is in this log; check its number", case=name)

"""Whether everything is there: the log recomputed, a device's records counted.

$ fujie-server fsck
55 entries hold
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing, suppress

import msgspec
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from protocol.calendar import local_day
from protocol.checkpoint import VerifierKey
from protocol.errors import FujieError, Refused
from protocol.reference import Parameters, open_reference
from sync_server.clock import system_clock
from sync_server.commands import Adder, Say, command
from sync_server.keys.keyring import load_keyring
from sync_server.log import lineage, origin, rereading
from sync_server.projections import comparing
from sync_server.projections.runner import Projections
from sync_server.reports import integrity
from sync_server.services import reading, writing
from sync_server.settings import Settings
from sync_server.store.db import Database
from sync_server.store.objects import open_blobs
from sync_server.upkeep import fixity
from sync_server.upkeep.fsck import Fsck

BAR = 24
"""How wide the progress bar is."""


def add(add_parser: Adder) -> None:
    """Declare the commands of this module."""
    one = add_parser("fsck", help="recompute log, chains and blobs, and name what differs")
    command(one, lambda s, a, say: fsck(s, say, _progress))
    two = add_parser("check-files", help="read stored files again; what was found is a record")
    two.add_argument("--all", action="store_true", help="those too that were read lately")
    command(two, lambda s, a, say: check_files(s, a.all, say))


def check_files(settings: Settings, everything: bool, say: Say) -> int:
    """Read stored files again and state what was found; 1 if any is damaged or missing."""
    bad = 0
    with writing(settings, system_clock()) as services:
        for agency in sorted(services.sequencer.registry.own_agencies):
            stated = fixity.check(services, agency, everything=everything)
            if stated is None:
                say(f"{agency}: nothing is due")
                continue
            said = fixity.history(services, agency, limit=1)[0].said
            for name in said.damaged:
                say(f"{agency}: {name} is damaged")
            for name in said.missing:
                say(f"{agency}: {name} is missing")
            bad += len(said.damaged) + len(said.missing)
            say(f"{agency}: {len(said.checked)} files read, entry {stated.index}")
    return 1 if bad else 0


def fsck(settings: Settings, say: Say, progress: Say) -> int:
    """Recompute log, chains, blobs and projections; 1 if anything differs, the first difference
    first."""
    found = size = 0
    with closing(Database(settings.database)) as database:
        with database.engine.begin() as connection:
            if database.is_sqlite:  # each page is read once: few need be kept
                connection.exec_driver_sql("PRAGMA cache_size=-4096")
            run = _fsck(settings, connection, progress)
            for difference in run.run():
                found += 1
                say(f"{difference.check}: {difference.detail}")
            size = run.size
        for detail in _folded(settings, progress):
            found += 1
            say(f"projections: {detail}")
    progress("done")
    say(f"{size} entries, {found} differences" if found else f"{size} entries hold")
    return 1 if found else 0


def _fsck(settings: Settings, connection: Connection, progress: Say) -> Fsck:
    keyring = load_keyring(settings)
    keys = [VerifierKey(settings.origin, one.verifier.public_key) for one in keyring.logs]
    keys += [VerifierKey.parse(one.text) for one in keyring.former_logs]
    if not rereading.is_current(connection):
        raise Refused(
            "this database was last opened by another version of this program; run "
            "fujie-server migrate, then fujie-server fsck"
        )
    origin.expect(lineage.newest_note(connection), settings.origin)

    def tell(check: str, done: int, of: int) -> None:
        if check != "done":
            part = BAR * done // max(1, of)
            progress(f"[{'#' * part}{'.' * (BAR - part)}] {done}/{of} {check}")

    return Fsck(connection, open_blobs(settings), keys, tell)


def _folded(settings: Settings, progress: Say) -> Iterator[str]:
    """What pages show, against what the log gives; nothing of a log that cannot be read."""
    with suppress(FujieError, SQLAlchemyError), reading(settings, system_clock()) as services:
        today = local_day(services.clock.now()).isoformat()
        yield from comparing.differences(
            services.db,
            Projections(services.db, services.facts),
            today,
            lambda done, of: progress(f"[{done}/{of}] projections"),
        )


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


def _progress(line: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{line:<60}" + ("\n" if line.endswith("done") else ""))
        sys.stderr.flush()

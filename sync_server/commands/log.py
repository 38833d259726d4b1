"""The log, who watches it, its keys, and what follows it: witnesses, rotation, succession.

$ fujie-server witness logs.json --name witness.example/w1
http://127.0.0.1:8750  witness.example/w1+8d66cf3f+BAbC…
"""

from __future__ import annotations

import argparse
from datetime import datetime, timedelta, timezone
from pathlib import Path

from protocol.errors import FujieError, Refused
from protocol.misbehaviour import read_evidence
from sync_server.clock import system_clock
from sync_server.commands import Adder, Say, command
from sync_server.commands.listening import listen
from sync_server.settings import Settings
from sync_server.upkeep import logkeys, restoring, succeeding
from sync_server.witness.store import watching


def add(add_parser: Adder) -> None:
    """Declare the commands of this module."""
    one = add_parser("witness", help="cosign the checkpoints of other people's logs")
    one.add_argument("logs", type=Path, help="a JSON file; docs/operating.md has an example")
    one.add_argument("--name", required=True, help="the witness's name, such as witness.example/w1")
    command(one, lambda s, a, say: witness(s, a.logs, a.name, say))

    one = add_parser("rotate-log-key", help="give the log a new key; both sign until --finish")
    how = one.add_mutually_exclusive_group()
    how.add_argument("--finish", action="store_true", help="end the overlap: the new key alone")
    how.add_argument(
        "--compromised", action="store_true", help="the old key may be stolen: no overlap"
    )
    one.add_argument("--since", default="", help="since when it may be, such as 2026-11-18T09:00")
    one.add_argument("--why", default="定期更换", help="what is said of it in the log")
    command(one, rotate_log_key)

    one = add_parser("restore", help="put a backup in place, as the successor of the lost log")
    one.add_argument("backup", type=Path, help="the folder that fujie-server backup wrote")
    one.add_argument("--origin", default="", help="the successor's name; default: the next one")
    one.add_argument("--why", default="从备份恢复", help="what happened, for everyone to read")
    one.add_argument(
        "--replace", action="store_true", help="set aside what stands in the data folder"
    )
    _add_ground(one)
    command(one, restore)

    one = add_parser("succeed", help="open the successor of a log that lost its history")
    one.add_argument("--origin", required=True, help="the successor's name, never used before")
    one.add_argument("--why", required=True, help="what happened, for everyone to read")
    _add_ground(one)
    command(one, lambda s, a, say: succeed(s, a, say))


def _add_ground(one: argparse.ArgumentParser) -> None:
    """What ``restore`` and ``succeed`` both ask for."""
    one.add_argument("--root", type=Path, help="the folder of the root keys, default <data>/root")
    one.add_argument(
        "--checkpoint",
        type=Path,
        action="append",
        default=[],
        help="a later head of the lost log: a note, or a tablet's exported evidence",
    )
    one.add_argument(
        "--skip-numbers",
        type=int,
        default=200,
        help="pass over so many document numbers, which a lost grant may hold; default 200",
    )


def rotate_log_key(settings: Settings, asked: argparse.Namespace, say: Say) -> int:
    """Change the log's key; no server may run meanwhile."""
    clock = system_clock()
    if asked.compromised:
        keys = logkeys.replace(settings, clock, _moment(asked.since, clock.now()), asked.why)
    elif asked.finish:
        keys = logkeys.finish(settings, clock, asked.why)
    else:
        keys = logkeys.rotate(settings, clock, asked.why)
    for key in keys:
        say(f"in force: {key}")
    say("tell the log's witnesses, and whoever keeps a trust.json; tablets learn it by themselves")
    return 0


def _moment(text: str, now: int) -> int:
    """A local time in ms (UTC+8 where it names no offset); ``now`` if there is none."""
    if not text:
        return now
    try:
        told = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(
            "expected a time such as 2026-11-18T09:00 in {name}, got {value}",
            name="--since",
            value=text,
        ) from None
    zoned = told if told.tzinfo else told.replace(tzinfo=timezone(timedelta(hours=8)))
    return int(zoned.timestamp() * 1000)


def succeed(settings: Settings, asked: argparse.Namespace, say: Say) -> int:
    """Open the successor of the log in this folder, from the backup that was put there."""
    plan = succeeding.Plan(
        origin=asked.origin,
        why=asked.why,
        root=asked.root or settings.root,
        checkpoints=[note for path in asked.checkpoint for note in _notes(path)],
        skip=max(0, asked.skip_numbers),
    )
    made = succeeding.succeed(settings, system_clock(), plan, say)
    say(f"{made.successor} goes on from {made.predecessor} with its {made.taken_over} entries")
    say(f"start it with FUJIE_ORIGIN={asked.origin}; take the root key off this machine again")
    return 0


def restore(settings: Settings, asked: argparse.Namespace, say: Say) -> int:
    """Put a backup in place and open the successor of its log."""
    origin = restoring.restore(
        settings,
        system_clock(),
        restoring.Restore(
            backup=asked.backup,
            root=asked.root or settings.root,
            origin=asked.origin,
            why=asked.why,
            checkpoints=tuple(note for path in asked.checkpoint for note in _notes(path)),
            skip=max(0, asked.skip_numbers),
            replace=asked.replace,
        ),
        say,
    )
    say("readmit tablets that were enrolled after the backup, revoke again those revoked after it")
    say(f"then start it with FUJIE_ORIGIN={origin}; take the root key off this machine again")
    return 0


def _notes(path: Path) -> list[bytes]:
    """The checkpoints in a file. Raises Refused."""
    try:
        data = path.read_bytes()
        if not data.startswith(b"{"):
            return [data]
        return read_evidence(data)
    except (OSError, FujieError) as fault:
        raise Refused(
            "expected a checkpoint or a tablet's evidence in {file}: {fault}",
            file=str(path),
            fault=str(fault),
        ) from None


def witness(settings: Settings, logs: Path, name: str, say: Say) -> int:
    """Serve as a witness until a signal ends it."""
    from sync_server.witness.app import make_witness_app  # see listening.py

    with watching(settings.data, name, logs, system_clock()) as running:
        say(f"{settings.address}  {running.key.text()}")
        listen(make_witness_app(running), settings)
    return 0

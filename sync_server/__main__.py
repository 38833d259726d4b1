"""``fujie-server``: the county's sync server, its two stores and their tools.

    $ fujie-server demo
    founded 云溪县市场监督管理局 in /srv/fujie
    http://127.0.0.1:8750  /srv/fujie

Settings come from the environment (``settings.py``).
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from protocol.errors import FujieError
from sync_server.settings import Settings, read_settings

try:
    from sqlalchemy.exc import DatabaseError

    from sync_server import commands
except ModuleNotFoundError as missing:
    sys.exit(f"fujie-server needs {missing.name}; install it: pip install 'fujie[server]'")

_DAMAGED = (
    "the database cannot be read ({fault}); keep this folder as it is, restore the newest backup "
    "to another one, and let the tablets send again what came after it"
)

Command = Callable[[Settings, argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is 0, 1 if something does not hold, 2 if it cannot run."""
    os.umask(0o077)  # database, blobs and exports hold what nobody else on this machine may read
    asked = _parser().parse_args(arguments)
    run: Command = asked.run
    try:
        return run(read_settings(os.environ), asked)
    except FujieError as fault:
        print(f"fujie-server: {fault}", file=sys.stderr)
        return 2
    except DatabaseError as fault:
        print(f"fujie-server: {_DAMAGED.format(fault=fault.orig)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _say(line: str) -> None:
    print(line, flush=True)


def _progress(line: str) -> None:
    if sys.stderr.isatty():
        print(f"\r{line:<60}", end="\n" if line.endswith("done") else "", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="fujie-server", description="The county's sync server.")
    add = parser.add_subparsers(metavar="COMMAND", required=True).add_parser

    one = add("serve", help="serve tablets and pages until a signal ends it")
    one.set_defaults(run=lambda s, a: commands.serve(s, _say))

    one = add("demo", help="found the fictional county if there is nothing yet, then serve")
    one.set_defaults(run=lambda s, a: commands.run_demo(s, _say))

    one = add("found", help="found an agency from a plan")
    one.add_argument("plan", type=Path, help="a JSON file; docs/operating.md has an example")
    one.set_defaults(run=lambda s, a: commands.found(s, a.plan, _say))

    one = add("enrol-device", help="print a one-time code for a tablet")
    one.add_argument("name", help="the tablet's name, such as YX-T07")
    one.add_argument("--agency", default="", help="its agency, if there are several")
    one.set_defaults(run=lambda s, a: commands.enrol(s, "device", a.name, a.agency, _say))

    one = add("enrol-officer", help="print a one-time code for an officer's key on a tablet")
    one.add_argument("cert_no", help="the officer's certificate number")
    one.add_argument("--agency", default="", help="the agency, if there are several")
    one.set_defaults(run=lambda s, a: commands.enrol(s, "officer", a.cert_no, a.agency, _say))

    one = add("migrate", help="bring the database up to this program's version")
    one.set_defaults(run=lambda s, a: commands.migrate(s, _say))

    one = add("fsck", help="recompute log, chains and blobs, and name what differs")
    one.set_defaults(run=lambda s, a: commands.fsck(s, _say, _progress))

    one = add("export", help="write a case as one file that anyone can check")
    one.add_argument("case", help="the case's id or its inspection number")
    one.add_argument("out", type=Path, help="the file to write, such as case.zip")
    one.set_defaults(run=lambda s, a: commands.export(s, a.case, a.out, _say))

    one = add("report", help="tell what is missing of a device's records, if anything is")
    one.add_argument("device", help="the device's name, such as YX-T07")
    one.add_argument("--json", action="store_true", help="as one line of JSON")
    one.add_argument("--lang", choices=("zh", "en"), default="zh", help="default zh")
    one.set_defaults(run=lambda s, a: commands.report(s, a.device, a.lang, a.json, _say))

    one = add("rebuild", help="fold the projections again from the log")
    one.set_defaults(run=lambda s, a: commands.rebuild(s, _say))

    one = add("trust", help="write the keys that fujie-verify needs: log and agency roots")
    one.add_argument("out", type=Path, help="the file to write, such as trust.json")
    one.set_defaults(run=lambda s, a: commands.trust(s, a.out, _say))

    one = add("backup", help="copy database, blobs and keys, also while the server runs")
    one.add_argument("target", type=Path, help="a folder")
    one.set_defaults(run=lambda s, a: commands.backup(s, a.target, _say))

    one = add("recover-vault", help="open a tablet's vault key with the recovery key")
    one.add_argument("device", help="the tablet's name")
    one.add_argument("key", type=Path, help="the agency's recovery key file")
    one.set_defaults(run=lambda s, a: commands.recover_vault(s, a.device, a.key, _say))
    return parser


if __name__ == "__main__":
    sys.exit(main())

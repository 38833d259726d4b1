"""``fujie-server``: the county's sync server, its two stores and their tools.

    $ fujie-server demo
    founded 云溪县市场监督管理局 in /srv/fujie
    http://127.0.0.1:8750  /srv/fujie

Settings come from the environment (``settings.py``).
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Sequence

from protocol.errors import FujieError
from sync_server.settings import read_settings

_COLLECTING = gc.isenabled()
gc.disable()  # modules come to stay: looking for garbage among them is a sixth of every start
try:
    from sqlalchemy.exc import DatabaseError

    from sync_server import logs
    from sync_server.commands import (
        Command,
        catalogue,
        checking,
        enrolling,
        evidence,
        exporting,
        keys,
        log,
        reporting,
        serving,
        tasks,
        upstream,
    )
except ModuleNotFoundError as missing:
    sys.exit(f"fujie-server needs {missing.name}; install it: pip install 'fujie[server]'")
finally:
    if _COLLECTING:
        gc.enable()

_DAMAGED = (
    "the database cannot be read ({fault}); keep this folder as it is, restore the newest backup "
    "to another one, and let the tablets send again what came after it"
)

_SUBJECTS = (
    serving,
    enrolling,
    keys,
    log,
    catalogue,
    tasks,
    checking,
    reporting,
    exporting,
    evidence,
    upstream,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is 0, 1 if something does not hold, 2 if it cannot run."""
    os.umask(0o077)  # database, blobs and exports hold what nobody else on this machine may read
    asked = _parser().parse_args(arguments)
    logs.configure()
    run: Command = asked.run
    try:
        settings = read_settings(os.environ)
        if settings.log_json:
            logs.configure(as_json=True)
        return run(settings, asked, _say)
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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="fujie-server", description="The county's sync server.")
    add_parser = parser.add_subparsers(metavar="COMMAND", required=True).add_parser
    for subject in _SUBJECTS:
        subject.add(add_parser)
    return parser


if __name__ == "__main__":
    sys.exit(main())

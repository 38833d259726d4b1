"""What ``fujie-server`` does, one module a subject; ``__main__`` reads the command line.

    serving      serve, demo, found, migrate, backup, rebuild
    enrolling    enrol-device, enrol-officer, readmit, recover-vault
    checking     fsck, check-files
    reporting    report
    evidence     import-export, close-journal, adopt
    exporting    export, trust
    catalogue    export-reference
    tasks        assign-task, withdraw-task, approve
    log          witness, rotate-log-key, restore, succeed
    keys         rotate-issuer, rotate-root
    upstream     introduce, admit-lower, follow-upper, leave-upper

Each module has its commands as functions, and ``add``, which declares their arguments beside
them. A command says its lines with ``say`` and returns the exit code. What goes wrong on purpose
is raised as FujieError and told by the caller in one line.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Protocol

from sync_server.settings import Settings

Say = Callable[[str], None]
Command = Callable[[Settings, argparse.Namespace, Say], int]


class Adder(Protocol):
    """``add_parser`` of the subcommands: a new command's name and help."""

    def __call__(self, name: str, *, help: str) -> argparse.ArgumentParser:  # noqa: A002
        """The new command's own parser."""


def command(parser: argparse.ArgumentParser, run: Command) -> None:
    """Have ``parser`` run this command."""
    parser.set_defaults(run=run)

"""The upper level: a county is introduced, admitted, and follows. Each writes or reads one file.

county     $ fujie-server introduce county.json       fingerprint 3F2A-91C0-…
province   $ fujie-server admit-lower county.json province.json --fingerprint 3F2A-91C0-…
county     $ fujie-server follow-upper province.json --fingerprint 77B0-1E5D-…
"""

from __future__ import annotations

import argparse
from pathlib import Path

from protocol.errors import Refused
from sync_server.clock import system_clock
from sync_server.commands import Adder, Say, command
from sync_server.services import writing
from sync_server.settings import Settings
from sync_server.store.files import write_durably
from sync_server.upstream import joining, ledger, papers


def add(add_parser: Adder) -> None:
    """Declare the commands of this module."""
    one = add_parser("introduce", help="write the file by which an upper level's server knows us")
    one.add_argument("paper", type=Path, help="the file to write; its fingerprint is printed")
    one.add_argument("--agency", default="", help="which agency, where this server has several")
    command(one, introduce)

    one = add_parser("admit-lower", help="let a lower level's server push what it publishes")
    one.add_argument("paper", type=Path, help="the file that it wrote with introduce")
    one.add_argument("answer", type=Path, help="the file to write, which it follows")
    _ask_fingerprint(one)
    command(one, admit)

    one = add_parser("follow-upper", help="push what is published to the upper level from now on")
    one.add_argument("paper", type=Path, help="the file that it wrote with admit-lower")
    _ask_fingerprint(one)
    command(one, follow)

    one = add_parser("leave-upper", help="push nothing to the upper level any more")
    command(one, leave)


def introduce(settings: Settings, asked: argparse.Namespace, say: Say) -> int:
    """Write the introduction; no server may run meanwhile."""
    with writing(settings, system_clock()) as services:
        own = sorted(services.sequencer.registry.own_agencies)
        if not asked.agency and len(own) != 1:
            raise Refused(
                "expected --agency, one of {agencies}; say which is introduced",
                agencies=", ".join(own),
            )
        data = joining.introduce(services, asked.agency or own[0])
    write_durably(asked.paper, data)
    say(f"{asked.paper}  fingerprint {papers.fingerprint(data)}")
    return 0


def admit(settings: Settings, asked: argparse.Namespace, say: Say) -> int:
    """Admit a lower level's server; no server may run meanwhile."""
    data = _read(asked.paper)
    _expect_fingerprint(asked, data)
    with writing(settings, system_clock()) as services:
        answer = joining.admit(services, data)
    write_durably(asked.answer, answer)
    say(f"{asked.answer}  fingerprint {papers.fingerprint(answer)}")
    return 0


def follow(settings: Settings, asked: argparse.Namespace, say: Say) -> int:
    """Follow the upper level of a file; no server may run meanwhile."""
    data = _read(asked.paper)
    _expect_fingerprint(asked, data)
    with writing(settings, system_clock()) as services:
        paper = joining.follow(services, data)
    say(f"what is published goes to {paper.name}, {paper.address}, log {paper.origin}")
    return 0


def leave(settings: Settings, asked: argparse.Namespace, say: Say) -> int:
    """Follow nobody; receipts stay."""
    with writing(settings, system_clock()) as services:
        known = ledger.read(services.db)
        ledger.leave(services.db)
    say(f"left {known.origin}" if known else "there was no upper level")
    return 0


def _ask_fingerprint(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--fingerprint", required=True, help="as the other side reads it out, not as the file says"
    )


def _expect_fingerprint(asked: argparse.Namespace, data: bytes) -> None:
    """Raises Refused unless the file is the one whose fingerprint was read out."""
    found = papers.fingerprint(data)
    if found.replace("-", "") != asked.fingerprint.upper().replace("-", "").replace(" ", ""):
        raise Refused(
            "the fingerprint of {file} is {found}, not what was read out; ask for the file again",
            file=str(asked.paper),
            found=found,
        )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as fault:
        raise Refused(
            "{file} cannot be read ({fault}); name the file that the other level wrote",
            file=str(path),
            fault=fault.strerror or type(fault).__name__,
        ) from None

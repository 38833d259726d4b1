"""What tablets work with: the reference data, also for those that no network reaches.

$ fujie-server export-reference /media/stick
/media/stick/tuf/11990123MB0000001A
"""

from __future__ import annotations

from pathlib import Path

from sync_server.clock import system_clock
from sync_server.commands import Adder, Say, command
from sync_server.commands.enrolling import the_agency
from sync_server.reference import portraits, tufrepo
from sync_server.services import reading
from sync_server.settings import Settings


def add(add_parser: Adder) -> None:
    """Declare the commands of this module."""
    one = add_parser(
        "export-reference", help="write the newest reference data to a stick, for tablets offline"
    )
    one.add_argument("folder", type=Path, help="where the stick is mounted")
    one.add_argument("--agency", default="", help="the agency, if there are several")
    command(one, lambda s, a, say: export_reference(s, a.folder, a.agency, say))


def export_reference(settings: Settings, folder: Path, agency: str, say: Say) -> int:
    """Write the newest published version, then the photos that it names; a server may run
    meanwhile."""
    with reading(settings, system_clock()) as services:
        agency = the_agency(services, agency)
        target = tufrepo.export(services.db, agency, folder)
        portraits.export(services.facts, agency, services.clock.now(), target)
    say(str(target))
    return 0

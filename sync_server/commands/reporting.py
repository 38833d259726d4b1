"""``report``: of a device, an officer, a unit or the agency; as of now, a day, a size or a cut."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from protocol.auditing import county as auditing
from protocol.auditing.context import Context
from protocol.calendar import day_start, read_day
from protocol.errors import Refused
from protocol.findings import document
from protocol.findings.document import Json
from protocol.registry.registry import OFFICE
from sync_server.clock import system_clock
from sync_server.commands import Adder, Say, checking, command
from sync_server.commands.enrolling import the_agency
from sync_server.log import leaves
from sync_server.reports import evidence, moments, written
from sync_server.reports.rows import context_of
from sync_server.services import Services, reading
from sync_server.settings import Settings

FORMATS = ("text", "json", "csv", "pdf")


def add(add_parser: Adder) -> None:
    """Declare the command."""
    one = add_parser("report", help="tell what is missing of the records, if anything is")
    one.add_argument("device", nargs="?", default="", help="one device, such as YX-T07")
    one.add_argument("--officer", default="", help="one officer, by certificate number")
    one.add_argument("--unit", default="", help="one unit, by name")
    one.add_argument("--since", default="", metavar="DAY", help="what began on that day or later")
    one.add_argument("--until", default="", metavar="DAY", help="what began before that day")
    one.add_argument("--agency", default="", help="its id; default the only one")
    one.add_argument(
        "--as-of",
        default="",
        metavar="WHEN",
        help="a day that has ended, a size of the log, or the record of a cut",
    )
    one.add_argument("--format", choices=FORMATS, default="text", help="default text")
    one.add_argument("--seal", action="store_true", help="put the agency's seal on the PDF")
    one.add_argument(
        "--bundle",
        type=Path,
        metavar="FILE",
        help="write the evidence of it too, for fujie-verify: the agency's whole records",
    )
    one.add_argument("--json", action="store_true", help="one device's findings as one line")
    one.add_argument("--lang", choices=("zh", "en"), default="zh", help="default zh")
    command(one, run)


def run(settings: Settings, asked: argparse.Namespace, say: Say) -> int:
    """Tell a report; 1 if anything is missing. Raises Refused."""
    shape = "json" if asked.json else asked.format
    if asked.seal and shape != "pdf":
        raise Refused(
            "expected --format pdf with --seal, got {shape}; a seal is put on paper", shape=shape
        )
    narrowed = (
        asked.officer,
        asked.unit,
        asked.since,
        asked.until,
        asked.agency,
        asked.as_of,
        asked.bundle,
    )
    if asked.device and not any(narrowed) and asked.format == "text":
        return checking.report(settings, asked.device, asked.lang, asked.json, say)
    language = "zh_CN" if asked.lang == "zh" else "en"
    with reading(settings, system_clock()) as services:
        context = what(services, asked.agency, asked.as_of)
        made = part(auditing.report(context), asked)
        if asked.bundle:
            keep(services, context, made, asked.bundle)
        if shape == "text":
            tell(made, language, say)
        elif asked.seal:
            put(written.sealed(services, made, written.pdf_of(made, language)))
        else:
            put(in_shape(made, shape, language))
    return 0 if complete(made) else 1


def part(made: Json, asked: argparse.Namespace) -> Json:
    """What of the document was asked for."""
    if not any((asked.device, asked.officer, asked.unit, asked.since, asked.until)):
        return made
    return document.scoped(
        made,
        device=asked.device,
        officer=asked.officer,
        unit=asked.unit,
        since=day_start(read_day(asked.since)) if asked.since else 0,
        until=day_start(read_day(asked.until)) if asked.until else 1 << 62,
    )


def what(services: Services, agency: str, as_of: str) -> Context:
    """What the report of an agency, the only one if none is named, is made from. Raises Refused."""
    agency = the_agency(services, agency)
    moment = moments.as_of(services, as_of) if as_of else moments.now(services)
    return context_of(services, agency, moment)


def keep(services: Services, context: Context, made: Json, file: Path) -> None:
    """The evidence of the report in a file that was not there before, readable by its owner
    alone; as of now only if nothing came meanwhile. Raises Refused."""
    try:
        made_here = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Refused(
            "expected a new file for the evidence, {file} is there; choose another name", file=file
        ) from None
    with os.fdopen(made_here, "wb") as out:
        evidence.write(services, context, made, out)
    size = context.moment.size
    if context.moment.live and grown(services, size):
        file.unlink()
        raise Refused(
            "the log grew while the evidence was written; ask for it with --as-of {size}", size=size
        )


def grown(services: Services, size: int) -> bool:
    """Whether a server beside this command took in more than so many entries."""
    with services.db.engine.connect() as connection:
        return leaves.size(connection) > size


def complete(made: Json) -> bool:
    """Whether nothing is missing of what the document is about."""
    counts = made["counts"]
    lost = {"log_inconsistent", "archive_missing", "archive_damaged"}
    whole = not any(one["code"] in lost for one in made["log"])
    return whole and counts["complete"] == counts["devices"]


def tell(made: Json, language: str, say: Say) -> None:
    """The document in lines for people."""
    side = "zh" if language.startswith("zh") else "en"
    for device, one in document.findings_of(made):
        say(f"{device or OFFICE} {one['code']} [{one['state']}]: {one[side]} "
            f"{one[f'remedy_{side}']}")  # fmt: skip
    counts, as_of = made["counts"], made["as_of"]
    say(
        f"{made['agency']} as of {written.moment(as_of['at'])}, {as_of['size']} entries: "
        f"{counts['complete']}/{counts['devices']} devices complete, "
        f"{counts['records']}/{counts['expected']} links, {counts['act']} to act on, "
        f"{counts['watch']} to watch"
    )


def in_shape(made: Json, shape: str, language: str) -> bytes:
    """The document's bytes."""
    return {
        "json": lambda: document.encode(made),
        "csv": lambda: written.csv_of(made, language),
        "pdf": lambda: written.pdf_of(made, language),
    }[shape]()


def put(data: bytes) -> None:
    """Bytes on the standard output."""
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()

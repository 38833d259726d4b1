"""What is checked at the end of the demo, from outside, with nothing but what people get."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import httpx
import zxingcpp
from PIL import Image

from sync_server.log import lookup
from sync_server.store.db import Database
from tests.demo.programs import REPOSITORY, Failed, Server
from tests.sync_server.rotting import alter_in


def expect(holds: object, what: str) -> None:
    """Fail the demo, naming what does not hold."""
    if not holds:
        raise Failed(what)


def verify(file: Path, trust: Path) -> tuple[int, list[dict[str, object]]]:
    """``fujie-verify FILE --trust TRUST --json``: exit code and the checks."""
    done = subprocess.run(
        [sys.executable, "-m", "protocol", str(file), "--trust", str(trust), "--json"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    expect(done.stdout.startswith(("[", "{")), f"fujie-verify said: {done.stderr}")
    told = json.loads(done.stdout)
    checks = told["checks"] if isinstance(told, dict) else told
    return done.returncode, checks


def held(check: dict[str, object]) -> bool:
    """Whether a check of ``fujie-verify`` holds."""
    return check.get("level", "holds") == "holds" if "level" in check else bool(check["ok"])


def altered(file: Path, target: Path, seed: int = 7) -> int:
    """A copy with one byte changed somewhere; where."""
    data = bytearray(file.read_bytes())
    place = random.Random(seed).randrange(len(data))
    data[place] ^= 0x01
    target.write_bytes(data)
    return place


def read_code(picture: Path) -> str:
    """The text of the QR code in a picture, read as a phone would."""
    with Image.open(picture) as image:
        found = zxingcpp.read_barcodes(image.convert("L"))
    expect(found, f"no QR code can be read in {picture.name}")
    return str(found[0].text)


def read_code_of(pictures: list[Path]) -> str:
    """The text of the QR code on whichever page has it."""
    for picture in pictures:
        with Image.open(picture) as image:
            found = zxingcpp.read_barcodes(image.convert("L"))
        if found:
            return str(found[0].text)
    raise Failed(f"no QR code can be read on {[one.name for one in pictures]}")


def pages_of(pdf: Path, target: Path) -> list[Path]:
    """The pages of a PDF as PNG, by poppler, which had no part in making it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        ["pdftoppm", "-r", "150", "-png", str(pdf), str(target)], check=True, capture_output=True
    )
    return sorted(target.parent.glob(f"{target.name}-*.png"))


def page(address: str) -> str:
    """A public page, as a citizen's browser gets it."""
    answer = httpx.get(address, follow_redirects=True, timeout=20)
    expect(answer.status_code == 200, f"{address} answered {answer.status_code}")
    return answer.text


def local(text: str, server: Server) -> str:
    """A scanned address on this machine: the code is upper case, as QR codes like it."""
    path = text.split("://", 1)[1].split("/", 1)[1]
    return f"{server.address}/{path}"


def put_back(backup: Path, data: Path) -> None:
    """An older database file in the place of the newer one, by hand."""
    for beside in ("fujie.db-wal", "fujie.db-shm"):
        (data / beside).unlink(missing_ok=True)
    shutil.copyfile(backup / "fujie.db", data / "fujie.db")


def findings(server: Server, device: str) -> list[str]:
    """The codes of what the integrity report finds."""
    report = json.loads(server.run("report", device, "--json", check=False))
    return [one["code"] for one in report["findings"]]


def report_after_removal(server: Server, device: str, folder: Path, part: str, record: str) -> str:
    """Remove what is kept of one record, its link, statement or entry, by hand from a copy of the
    server's data; what the report says."""
    whole, copy = folder / "whole", folder / f"without-one-{part}"
    if not whole.exists():
        server.run("backup", str(whole))
    shutil.copytree(whole, copy)
    address = f"sqlite:///{copy / 'fujie.db'}"
    with closing(Database(address)) as database, database.writer.begin() as connection:
        places = lookup.find(connection, [bytes.fromhex(record)])
        expect(len(places) == 1, f"expected one {part} of the record, found {len(places)}")
        alter_in(connection, places[0], **{part: None})
    return server.run("report", device, "--json", data=copy, check=False)

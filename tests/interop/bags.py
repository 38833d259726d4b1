"""The case file: unpacked by unzip and 7-Zip, read as a bag by bagit (BagIt 1.0)."""

from __future__ import annotations

import logging
import subprocess
import tempfile
import zipfile
from pathlib import Path

import bagit

from tests.interop.served import Served


def read(served: Served) -> str:
    """A whole bag, and one that lacks a byte of a record."""
    logging.getLogger("bagit").setLevel(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as scratch:
        with zipfile.ZipFile(served.case) as packed:
            assert packed.testzip() is None
            packed.extractall(scratch)
        folder = Path(scratch) / "case"
        bag = bagit.Bag(str(folder))
        bag.validate(processes=1)
        _expect_refused(folder)
        read_as = ".".join(map(str, bag.version_info))
        return f"a bag of version {read_as}, {len(bag.payload_entries())} files"


def unzip(served: Served) -> str:
    """Info-ZIP finds no error."""
    return _run("unzip", "-tq", str(served.case))


def seven_zip(served: Served) -> str:
    """7-Zip finds no error."""
    _run("7z", "t", str(served.case))
    return "everything is ok"


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip().splitlines()[0].replace(command[-1], Path(command[-1]).name)


def _expect_refused(folder: Path) -> None:
    record = next((folder / "data" / "records").glob("*.link"))
    record.write_bytes(record.read_bytes()[:-1] + b"\x00\x01")
    try:
        bagit.Bag(str(folder)).validate(processes=1)
    except bagit.BagValidationError:
        return
    raise AssertionError("a changed bag is valid")

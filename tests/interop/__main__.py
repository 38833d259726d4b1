"""``make interop``: every reader by others, one line each; 1 if one of them does not read us."""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import structlog

from tests.interop.readers import READERS, Reader
from tests.interop.served import Served, county


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the readers. A missing tool is told and is no failure."""
    said = _parser().parse_args(arguments)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with tempfile.TemporaryDirectory() as folder, _served(said, Path(folder)) as served:
        print(f"{served.url}, {served.case.name} of {served.case.stat().st_size} bytes", flush=True)
        results = [_told(reader, served) for reader in READERS]
    return 0 if all(results) else 1


def _served(said: argparse.Namespace, folder: Path) -> AbstractContextManager[Served]:
    if not said.url:
        return county(folder)
    files: Path = said.files
    if not (files / "case.zip").exists():
        sys.exit(f"expected case.zip in {files}, found none; wait until the demo's story has ended")
    return nullcontext(Served(said.url.rstrip("/"), files / "case.zip", files / "trust.json"))


def _told(reader: Reader, served: Served) -> bool:
    name = f"{reader.program}: {reader.what}"
    if not reader.here():
        print(f"-  {name}: not run, the tool is missing; apt-get install {reader.package}")
        return True
    if reader.needs_exchange and served.exchange is None:
        print(f"-  {name}: not run, it needs a tablet's key; run without --url")
        return True
    try:
        print(f"✓  {name}: {reader.read(served)}", flush=True)
    except Exception as fault:  # noqa: BLE001  whatever they do not read is what we look for
        print(f"✗  {name}: {type(fault).__name__}: {fault}", flush=True)
        return False
    return True


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.interop", description=__doc__)
    parser.add_argument("--url", default="", help="a server that runs, such as make demo's")
    parser.add_argument(
        "--files", type=Path, default=Path("build/demo"), help="with its case.zip and trust.json"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())

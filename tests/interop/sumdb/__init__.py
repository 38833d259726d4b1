"""The reader in Go (``main.go``): built from Debian's packages, without a network."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

from tests.interop.served import Served

SOURCE = Path(__file__).with_name("main.go")
GOPATH = Path("/usr/share/gocode")
"""Where Debian puts the sources of its Go packages."""


def here() -> bool:
    """Whether golang.org/x/mod lies where Debian puts it."""
    return (GOPATH / "src/golang.org/x/mod/sumdb/tlog").is_dir()


def read(served: Served) -> str:
    """Build and run it."""
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "sumdb"
        outside = {"GO111MODULE": "off", "GOPATH": str(GOPATH), "GOFLAGS": "", "GOPROXY": "off"}
        cache = {"GOCACHE": os.environ.get("GOCACHE") or str(Path(folder) / "cache")}
        _run(["go", "build", "-o", str(program), str(SOURCE)], os.environ | outside | cache)
        local = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
        return _run([str(program), served.url, str(served.case)], local).strip()


def _run(command: list[str], environment: dict[str, str]) -> str:
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout

"""Set-up: what a fresh Debian 12 machine lacks, put into this checkout.

Standard library only, because it runs before anything is installed:

    $ python3.11 packaging/bootstrap.py
    [1/5] Debian packages: python3.11-venv chromium ... done (41 s)
    [2/5] virtual environment .venv ... done (5 s)
    ...

Each step leaves a stamp that names its inputs, so a second run costs a few milliseconds. Debian
packages are the only thing outside the checkout; they are installed where this runs as root or with
passwordless sudo, and otherwise the one command to run is printed. What the steps say goes to
build/setup.log, what downloads say to build/pins/.
"""

from __future__ import annotations

import ctypes
import fcntl
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
WHEELS = ROOT / "build" / "wheels"
LOG = ROOT / "build" / "setup.log"
PARTS = ROOT / "build" / "pins"
STAMPS = VENV / "stamps"
STEPS = 5
LINES = 4  # downloads at once
AGAIN = "--after-debian-packages"
# A bare PATH has no sbin, and dpkg refuses to work without it.
SBIN = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Need(NamedTuple):
    """Something of the operating system: its Debian package, and whether it is here already."""

    package: str
    purpose: str
    present: Callable[[], bool]


def _library(name: str) -> Callable[[], bool]:
    def present() -> bool:
        try:
            ctypes.CDLL(name)
        except OSError:
            return False
        return True

    return present


def _modules(*names: str) -> Callable[[], bool]:
    return lambda: all(importlib.util.find_spec(name) for name in names)


NEEDS = (
    Need(
        f"python3.{sys.version_info.minor}-venv",
        "the virtual environment",
        _modules("venv", "ensurepip"),
    ),
    Need("libgl1", "the tablet's window", _library("libGL.so.1")),
    Need("libegl1", "the tablet's window without a display", _library("libEGL.so.1")),
    Need(
        "fonts-noto-cjk",
        "the Chinese face, taken out of its collection",
        lambda: Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc").exists(),
    ),
    Need(
        "poppler-utils",
        "PDF pages as pictures, by other eyes than ours",
        lambda: shutil.which("pdftoppm", path=SBIN) is not None,
    ),
    Need(
        "openssl",
        "SM2 signatures: the library that makes them, the program that checks them",
        lambda: shutil.which("openssl", path=SBIN) is not None and _library("libcrypto.so.3")(),
    ),
    Need(
        "chromium",
        "pages in a real browser, for tests and pictures",
        lambda: shutil.which("chromium", path=SBIN) is not None,
    ),
    Need("libatomic1", "what drives that browser", _library("libatomic.so.1")),
    Need(
        "postgresql-15",
        "the server's other database; tests start one of their own",
        lambda: any(Path("/usr/lib/postgresql").glob("*/bin/postgres")),
    ),
)


class SetupError(Exception):
    """A step did not work; the text says what the reader can do."""


def main() -> int:
    """Run the steps that are due; 0 when everything is in place."""
    LOG.parent.mkdir(exist_ok=True)
    with Path(__file__).open() as myself:
        fcntl.flock(myself, fcntl.LOCK_EX)  # two makes at once: the second waits, then finds stamps
        try:
            debian_packages()
            virtual_environment()
            python_packages()
            own_packages()
            assets()
        except SetupError as problem:
            print(f"\n{problem}", file=sys.stderr)
            return 1
    return 0


def debian_packages() -> None:
    """Install what `NEEDS` finds missing, or name the one command that does."""
    missing = [need for need in NEEDS if not need.present()]
    if not missing:
        return
    names = [need.package for need in missing]
    listed = "".join(f"\n  {need.package:18} {need.purpose}" for need in missing)
    install = ["apt-get", "install", "--yes", "--no-install-recommends", *names]
    become = _root_prefix()
    if become is None or AGAIN in sys.argv or not shutil.which("apt-get", path=SBIN):
        raise SetupError(
            f"Debian packages are missing:{listed}\n"
            f"Run this, then make again:\n\n  sudo {' '.join(install)}\n"
        )
    print(f"Debian packages to install:{listed}", flush=True)
    with _step(1, f"Debian packages: {' '.join(names)}"):
        env = os.environ | {"PATH": SBIN, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
        _run([*become, "apt-get", "update", "--quiet"], env=env, may_fail=True)
        _run([*become, *install], env=env)
    # The packages may have brought a newer Python than the one that runs this.
    os.execv(sys.executable, [sys.executable, __file__, AGAIN])


def _root_prefix() -> list[str] | None:
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo", path=SBIN)
    if sudo and subprocess.run([sudo, "-n", "true"], capture_output=True).returncode == 0:
        return [sudo, "-n", "DEBIAN_FRONTEND=noninteractive", f"PATH={SBIN}"]
    return None


def virtual_environment() -> None:
    """Make .venv with the Python that runs this."""
    with _due("venv", sys.version.encode()) as due:
        if due:
            with _step(2, "virtual environment .venv"):
                shutil.rmtree(VENV, ignore_errors=True)
                _run([sys.executable, "-m", "venv", str(VENV)])


def python_packages() -> None:
    """Fetch the pinned packages once into build/wheels, check their hashes, install from there.

    The tests install each distribution alone from the same folder, so they need no network.
    """
    pins = ROOT / "requirements" / "dev.txt"
    builders = ROOT / "requirements" / "build.txt"
    icons = ROOT / "packaging" / "assets.txt"
    local = ("--no-index", "--find-links", str(WHEELS), "--no-deps")
    with _due("packages", pins.read_bytes() + icons.read_bytes()) as due:
        if not due:
            return
        count = sum(line.endswith("\\") and "==" in line for line in pins.read_text().splitlines())
        with _step(3, f"{count} Python packages into .venv (pinned by hash)"):
            target = ROOT / "build" / "icons"
            shutil.rmtree(target, ignore_errors=True)
            _fetch(builders)
            _pip(*local, "-r", str(builders))
            with ThreadPoolExecutor(LINES) as lines:
                list(lines.map(_fetch, _dealt(pins)))
            # pip takes twice as long as uv to lay them out. What uv was killed in the middle of
            # looks whole to the next uv: everything is laid out again.
            _pip(*local, "-r", str(_pins("uv", [one for one in _each(pins) if one[:4] == "uv=="])))
            uv = [str(VENV / "bin" / "uv"), "--no-cache", "--no-config", "pip", "install"]
            into = ["--python", str(PYTHON), "--reinstall", "--no-build-isolation"]
            _run([*uv, *into, "--require-hashes", *local, "-r", str(pins)])
            # The icon set declares an image toolkit that its drawings don't need.
            _pip("--no-deps", "--target", str(target), "-r", str(icons))


def _fetch(pins: Path) -> None:
    fetch = [str(PYTHON), "-m", "pip", "download", "--require-hashes", "--no-deps"]
    wheels = ["--no-build-isolation", "--dest", str(WHEELS)]
    _run([*fetch, *wheels, "-r", str(pins)], log=PARTS / f"{pins.stem}.log")


def _dealt(pins: Path) -> list[Path]:
    """The pins in some files: pip asks for one package after the other, and waits."""
    return [_pins(f"part{at + 1}", _each(pins)[at::LINES]) for at in range(LINES)]


def _each(pins: Path) -> list[str]:
    """Pin by pin, with its hashes."""
    return re.split(r"^(?=\S)", pins.read_text(), flags=re.MULTILINE)


def _pins(name: str, pins: list[str]) -> Path:
    """Some pins in a file of their own, which stays: whoever looks for a fault may use it."""
    PARTS.mkdir(parents=True, exist_ok=True)
    path = PARTS / f"{name}.txt"
    path.write_text("".join(pins))
    return path


def own_packages() -> None:
    """Install this checkout itself, editable: protocol, field_client, sync_server."""
    with _due("fujie", (ROOT / "pyproject.toml").read_bytes()) as due:
        if due:
            with _step(4, "fujie itself (editable)"):
                pip = [str(PYTHON), "-m", "pip", "install", "--no-deps", "--no-build-isolation"]
                _run([*pip, "--no-index", "--editable", str(ROOT)])


def assets() -> None:
    """Build the fonts and icons that are not kept in the repository."""
    script = ROOT / "packaging" / "assets.py"
    with _due("assets", script.read_bytes()) as due:
        if due:
            with _step(5, "fonts and icons"):
                _run([str(PYTHON), str(script)])


def _pip(*arguments: str) -> None:
    _run([str(PYTHON), "-m", "pip", "install", "--require-hashes", *arguments])


@contextmanager
def _due(name: str, inputs: bytes) -> Iterator[bool]:
    """Yield whether a step must run; write its stamp when the body ends without an error."""
    stamp = STAMPS / name
    digest = hashlib.sha256(inputs).hexdigest()
    due = not stamp.exists() or stamp.read_text() != digest
    yield due
    if due:
        STAMPS.mkdir(exist_ok=True)
        stamp.write_text(digest)


@contextmanager
def _step(number: int, text: str) -> Iterator[None]:
    began = time.monotonic()
    print(f"[{number}/{STEPS}] {text} ...", end=" ", flush=True)
    yield
    print(f"done ({time.monotonic() - began:.0f} s)", flush=True)


def _run(
    command: list[str],
    *,
    env: dict[str, str] | None = None,
    may_fail: bool = False,
    log: Path = LOG,
) -> None:
    """Run a command; ``log`` takes what it says. What runs beside others has a log of its own, so
    that the end of it is about what went wrong."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a") as said:
        said.write(f"\n$ {' '.join(command)}\n")
        said.flush()
        code = subprocess.run(
            command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=said, stderr=said
        ).returncode
    if code and not may_fail:
        tail = "\n".join(f"  {line}" for line in log.read_text().splitlines()[-12:])
        raise SetupError(
            f"expected exit code 0, got {code} from: {' '.join(command)}\n{tail}\n"
            f"The whole output is in {log.relative_to(ROOT)}; mend the cause and run make again."
        )


if __name__ == "__main__":
    sys.exit(main())

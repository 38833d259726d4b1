"""Each distribution is installed alone, as a stranger would, and its program starts.

The wheel is built from this checkout; what it needs comes from the pinned files and the folder
that set-up filled, so no network is asked.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
WHEELS = ROOT / "build" / "wheels"
CORE = {"fujie", "msgspec", "pynacl", "cffi", "pycparser", "cbor2"}
PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This checkout as a wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    build = ["wheel", "--no-index", "--no-deps", "--no-build-isolation"]
    subprocess.run([*PIP, *build, "--wheel-dir", str(folder), str(ROOT)], check=True)
    return next(folder.glob("fujie-*.whl"))


class Installed:
    """A virtual environment of its own with one distribution in it."""

    def __init__(self, folder: Path, pins: str, wheel: Path) -> None:
        self.bin = folder / "bin"
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
        local = ["--no-index", "--find-links", str(WHEELS), "--no-deps", "--no-compile"]
        pinned = ["--require-hashes", "-r", str(ROOT / "requirements" / f"{pins}.txt")]
        self._pip("install", *local, *pinned)
        self._pip("install", "--no-index", "--no-deps", "--no-compile", str(wheel))

    def _pip(self, *arguments: str) -> str:
        into = [*PIP, "--python", str(self.bin / "python"), *arguments]
        return subprocess.run(into, check=True, capture_output=True, text=True).stdout

    def names(self) -> set[str]:
        """The distributions installed, by their normalised names."""
        rows = json.loads(self._pip("list", "--format", "json"))
        return {row["name"].lower().replace("_", "-") for row in rows}

    def run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """One of its programs, in an empty environment and folder."""
        return subprocess.run(
            [str(self.bin / program), *arguments],
            capture_output=True,
            text=True,
            cwd=self.bin.parent,
            env={"PATH": os.defpath, "HOME": str(self.bin.parent)},
        )


def test_the_core_brings_the_verifier_and_five_packages_only(wheel: Path, tmp_path: Path) -> None:
    core = Installed(tmp_path / "core", "core", wheel)
    assert core.names() == CORE
    shown = core.run("fujie-verify", "--help")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "fujie-verify" in shown.stdout
    for program, extra in (("fujie-field", "field"), ("fujie-server", "server")):
        refused = core.run(program)
        assert refused.returncode != 0
        assert f"pip install 'fujie[{extra}]'" in refused.stdout + refused.stderr


def test_the_field_extra_starts_without_the_server(wheel: Path, tmp_path: Path) -> None:
    field = Installed(tmp_path / "field", "field", wheel)
    assert "kivy" in field.names()
    assert not field.names() & {"litestar", "uvicorn", "alembic"}
    shown = field.run("fujie-field", "--help")
    assert shown.returncode == 0, shown.stderr
    assert "fujie-field" in shown.stdout


def test_the_server_extra_starts_without_the_tablet(wheel: Path, tmp_path: Path) -> None:
    server = Installed(tmp_path / "server", "server", wheel)
    assert "litestar" in server.names()
    assert not server.names() & {"kivy", "sqlcipher3", "av"}
    shown = server.run("fujie-server", "--help")
    assert shown.returncode == 0, shown.stderr
    assert "fujie-server" in shown.stdout

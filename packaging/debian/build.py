"""The tablet as a Debian package: ``make deb`` → build/deb/fujie-field_<version>_<arch>.deb.

    /usr/lib/fujie-field/      a virtual environment over Debian's own python3.11: the packages of
                               requirements/field.txt, installed by hash, and this checkout's wheel
    /usr/bin/fujie-field       starts it, isolated from the user's own Python packages
    /usr/share/…               desktop entry, icon, licences of everything inside

Needs what set-up made (fonts, icons, build/wheels) and ``dpkg-deb``. The same checkout gives the
same bytes: files are dated by the last commit. Officers' data live in ~/.local/share/fujie-field
and stay when the package goes.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from email.parser import HeaderParser
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
WHEELS = ROOT / "build" / "wheels"
OUT = ROOT / "build" / "deb"
PREFIX = Path("usr/lib/fujie-field")
PYTHON = "python3.11"  # Debian 12's; wheels are made for one minor version
PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
LAUNCHER = f"""#!/bin/sh
exec /{PREFIX}/bin/python -I -m field_client "$@"
"""
LANGUAGES = ("zh", "en")
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


def main() -> int:
    """Build the package and print where it is and how large."""
    if f"python{sysconfig.get_python_version()}" != PYTHON:
        print(f"expected {PYTHON}, got {sys.version.split()[0]}; run it with Debian 12's Python")
        return 1
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=OUT) as name:
        stage = Path(name) / "stage"
        environment(stage)
        around(stage)
        package = packed(stage)
    megabytes = package.stat().st_size / 1e6
    print(f"{package.relative_to(ROOT)}  {megabytes:.1f} MB")
    return 0


def environment(stage: Path) -> None:
    """The virtual environment with everything in it, and nothing of this machine's paths."""
    home = stage / PREFIX
    site = home / "lib" / PYTHON / "site-packages"
    site.mkdir(parents=True)
    (home / "bin").mkdir()
    (home / "bin" / "python").symlink_to(f"/usr/bin/{PYTHON}")
    (home / "pyvenv.cfg").write_text("home = /usr/bin\ninclude-system-site-packages = false\n")
    into = ["install", "--no-deps", "--no-compile", "--no-index", "--target", str(site)]
    pinned = ["--require-hashes", "-r", str(ROOT / "requirements" / "field.txt")]
    run([*PIP, *into, "--find-links", str(WHEELS), *pinned])
    with tempfile.TemporaryDirectory() as made:
        wheel = ["wheel", "--no-deps", "--no-index", "--no-build-isolation", "--wheel-dir", made]
        run([*PIP, *wheel, str(ROOT)])
        run([*PIP, *into, str(next(Path(made).glob("fujie-*.whl")))])
    for rest in ("bin", "share", "docs", "examples"):  # programs and examples that nobody starts
        shutil.rmtree(site / rest, ignore_errors=True)
    shutil.rmtree(site / "sync_server", ignore_errors=True)
    for record in site.glob("*.dist-info/direct_url.json"):  # names the folder it was built in
        record.unlink()
    slim(site)


def slim(site: Path) -> None:
    """Leave out what an officer's tablet never reads: debugging symbols of extension modules,
    and the words of languages that the tablet does not speak."""
    for locale in (site / "babel" / "locale-data").glob("*.dat"):
        if locale.stem != "root" and locale.stem.partition("_")[0] not in LANGUAGES:
            locale.unlink()
    if shutil.which("strip") is None:
        print("no strip here: the package keeps its debugging symbols (apt-get install binutils)")
        return
    # Not those in *.libs: patchelf has moved their sections, and strip would spoil them.
    modules = [path for path in site.rglob("*.so") if not path.parent.name.endswith(".libs")]
    run(["strip", "--strip-debug", *map(str, modules)])


def around(stage: Path) -> None:
    """Launcher, desktop entry, icon, licences."""
    write(stage / "usr/bin/fujie-field", LAUNCHER, 0o755)
    entry = (HERE / "fujie-field.desktop").read_text("utf-8")
    write(stage / "usr/share/applications/fujie-field.desktop", entry)
    icon = (HERE / "fujie-field.svg").read_text("utf-8")
    write(stage / "usr/share/icons/hicolor/scalable/apps/fujie-field.svg", icon)
    documents = stage / "usr/share/doc/fujie-field"
    write(documents / "copyright", licences(stage))
    changes = (ROOT / "CHANGELOG.md").read_bytes()
    (documents / "changelog.gz").write_bytes(gzip.compress(changes, mtime=0))


def licences(stage: Path) -> str:
    """What is inside, under which licence, and where its text is."""
    site = stage / PREFIX / "lib" / PYTHON / "site-packages"
    lines = [
        "Fujie is licensed under Apache-2.0; see /usr/share/common-licenses/Apache-2.0.",
        "The faces in field_client/ui/assets/fonts are Noto Sans SC (SIL OFL 1.1);",
        "the icons are Tabler Icons (MIT).",
        "",
        f"Packages in /{PREFIX}, each with its licence in its .dist-info folder:",
        "",
    ]
    for metadata in sorted(site.glob("*.dist-info/METADATA")):
        told = HeaderParser().parsestr(metadata.read_text("utf-8"))
        licence = told["License-Expression"] or (told["License"] or "").split("\n")[0]
        classed = [x for x in told.get_all("Classifier", []) if x.startswith("License ::")]
        named = licence[:60] or "; ".join(one.rpartition(":: ")[2] for one in classed)
        lines.append(f"  {told['Name']} {told['Version']}: {named or 'see its folder'}")
    return "\n".join(lines) + "\n"


def packed(stage: Path) -> Path:
    """The .deb, reproducible from the commit."""
    version = project_version()
    architecture = ARCHITECTURES[os.uname().machine]
    files = [path for path in walk(stage) if path.is_file() and not path.is_symlink()]
    control = (
        (HERE / "control")
        .read_text("utf-8")
        .format(
            version=version,
            architecture=architecture,
            installed=sum(path.stat().st_size for path in files) // 1024,
        )
    )
    sums = (f"{hashlib.md5(path.read_bytes()).hexdigest()}  {path.relative_to(stage)}\n"
            for path in sorted(files))  # fmt: skip
    write(stage / "DEBIAN/md5sums", "".join(sums))
    write(stage / "DEBIAN/control", control)
    for path in walk(stage):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
    dated = run(["git", "-C", str(ROOT), "log", "-1", "--format=%ct"]).strip()
    package = OUT / f"fujie-field_{version}_{architecture}.deb"
    run(
        ["dpkg-deb", "--build", "--root-owner-group", "-Zxz", str(stage), str(package)],
        SOURCE_DATE_EPOCH=dated,
    )
    return package


def project_version() -> str:
    """The version that pyproject.toml states."""
    import tomllib

    stated = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    return str(stated["project"]["version"])


def walk(folder: Path) -> Iterator[Path]:
    """Everything below a folder."""
    yield from folder.rglob("*")


def write(path: Path, text: str, mode: int = 0o644) -> None:
    """A file with its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)


def run(command: list[str], **variables: str) -> str:
    """Run a command; what it said. What it complained of is shown when it fails."""
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | variables)
    if done.returncode:
        sys.stderr.write(done.stdout + done.stderr)
        raise SystemExit(f"{command[0]} failed, exit code {done.returncode}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())

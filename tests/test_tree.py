"""What must hold for the tree as it is kept in git, whatever the code does."""

from __future__ import annotations

import re
import subprocess
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MOST_BYTES = 512 * 1024
# Brackets keep these patterns from matching their own text.
HOSTS = re.compile(r"pypi[.]org|pythonhosted[.]org|registry[.]npmjs|deb[.]debian[.]org")
MACHINE_PATHS = re.compile(r"[\"' (](?:/work|/home|/root|/tmp)/[a-z]")
UNFINISHED = re.compile(
    r"\b(?:TO[D]O|FIX[M]E|XX[X]|NotImplemented[E]rror)\b|mark[.](?:skip|xfail)|pytest[.]skip"
)
LONGEST_MODULE = 350


def tracked(*patterns: str) -> list[Path]:
    """Files kept in git that match; where git cannot be asked, files that make did not make."""
    command = ["git", "ls-files", "-z", "--", *patterns]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    except (FileNotFoundError, subprocess.CalledProcessError):
        return _unmade(patterns)
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).exists()]


def _unmade(patterns: tuple[str, ...]) -> list[Path]:
    ignored = [line.strip("/") for line in (ROOT / ".gitignore").read_text().splitlines()]
    names = [path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file()]
    return [
        ROOT / name
        for name in names
        if name.parts[0] != ".git"
        and not any(made == str(name) or f"/{made}/" in f"/{name}" for made in ignored if made)
        and (not patterns or any(fnmatch(str(name), pattern) for pattern in patterns))
    ]


def hits(pattern: re.Pattern[str], paths: list[Path]) -> list[str]:
    found = []
    for path in paths:
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        found += [
            f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
            for number, line in enumerate(lines, 1)
            if pattern.search(line)
        ]
    return found


def test_no_file_names_a_package_host() -> None:
    assert hits(HOSTS, tracked()) == []


def test_no_file_names_a_path_of_one_machine() -> None:
    assert (
        hits(MACHINE_PATHS, tracked("*.py", "*.md", "*.toml", "*.sh", "Makefile", ".ci/run")) == []
    )


def test_no_tracked_file_is_large() -> None:
    large = [f"{path.relative_to(ROOT)}" for path in tracked() if path.stat().st_size > MOST_BYTES]
    assert large == []


def test_nothing_is_left_unfinished_or_skipped() -> None:
    assert hits(UNFINISHED, tracked("*.py")) == []


def test_no_module_outgrows_one_subject() -> None:
    modules = tracked("protocol/*.py", "field_client/*.py", "sync_server/*.py")
    long = [
        f"{path.relative_to(ROOT)}: {lines} lines"
        for path in modules
        if "migrations" not in path.parts
        and (lines := len(path.read_text().splitlines())) > LONGEST_MODULE
    ]
    assert long == []


@pytest.mark.parametrize("name", ["core", "field", "server", "dev", "build"])
def test_every_pinned_dependency_carries_a_hash(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    entries = re.split(r"\n(?=[a-z])", text.strip())
    assert entries
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []
    assert "--index-url" not in text

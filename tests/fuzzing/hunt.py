"""One hunt: one target, in a process of its own, until so many executions or so many seconds.

By atheris (libFuzzer over the bytecode) where it is installed, which keeps what reaches new
lines; else by ``breaking.py``. Both judge every answer the same way, and both are the same again
with the same seed and a bound of executions. The process is forked, so that programs are
imported, instrumented, and the world made only once for all hunts.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import logging
import os
import random
import re
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from tests.fuzzing.breaking import broken
from tests.fuzzing.target import Finding, Judge, Target

ATHERIS = importlib.util.find_spec("atheris") is not None
SLOWEST_S, MOST_MB = 25, 3000
_COVERED = re.compile(r"^#\d+\s+(\w+)\s+cov: (\d+)", re.MULTILINE)


@dataclass(frozen=True)
class Effort:
    """How long to hunt: ``runs`` executions (a slow target makes fewer), or ``seconds``; and by
    which engine."""

    seed: int
    runs: int = 0
    seconds: float = 0.0
    atheris: bool = ATHERIS

    def due(self, target: Target) -> int:
        """Executions after the seeds, 0 for no bound."""
        return len(target.seeds) + max(20, self.runs // target.slow) if self.runs else 0


@dataclass(frozen=True)
class Outcome:
    """What a hunt did. ``covered`` are the edges of our bytecode that it had reached at its
    start and at its end, None where nobody counts; ``refusals`` the different errors met."""

    target: str
    executions: int
    refusals: int
    covered: tuple[int, int] | None
    findings: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        grown = f"edges {self.covered[0]:4} → {self.covered[1]:4}" if self.covered else ""
        return f"{self.target:36} {self.executions:9} executions  {grown}  {self.refusals} refusals"


def start(target: Target, effort: Effort, folder: Path, keep: bool) -> int:
    """Fork a hunt; its process id. With ``keep`` it begins with what the last one found."""
    folder.mkdir(parents=True, exist_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        _child(target, effort, folder, keep)
    return child


def _child(target: Target, effort: Effort, folder: Path, keep: bool) -> NoReturn:
    code = 99
    try:
        log = os.open(_log(folder, target), os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(log, 1)
        os.dup2(log, 2)
        logging.disable()
        hunter = _Hunter(target, effort, folder)
        if effort.atheris:
            _by_atheris(hunter, folder, keep)
        _by_chance(hunter)
    except BaseException as fault:  # noqa: BLE001  the process ends here, whatever it was
        print(f"the hunt itself failed: {fault!r}", flush=True)
    finally:
        os._exit(code)


class _Hunter:
    """Attempts, counted; ends the process when it is time."""

    def __init__(self, target: Target, effort: Effort, folder: Path) -> None:
        self.target, self.effort, self.folder = target, effort, folder
        self.judge = Judge(target)
        self.count = 0
        self.found: dict[str, tuple[str, str]] = {}
        self.due = effort.due(target)
        for seed in target.seeds:
            self._note(self.judge.attempt(seed))
        self.ends = time.monotonic() + effort.seconds if effort.seconds else 0.0

    def __call__(self, data: bytes) -> None:
        self.count += 1
        self._note(self.judge.attempt(data))
        if (self.due and self.count >= self.due) or (self.ends and time.monotonic() > self.ends):
            self._end()

    def _note(self, finding: Finding | None) -> None:
        if finding is not None and finding.kind not in self.found:
            kept = keep_finding(self.folder, self.target, finding.data)
            self.found[finding.kind] = (finding.fault, str(kept))

    def _end(self) -> NoReturn:
        told = [self.count, len(self.judge.refusals), list(self.found.values())]
        _report(self.folder, self.target).write_text(json.dumps(told))
        sys.stdout.flush()
        os._exit(0)


def _by_chance(hunter: _Hunter) -> NoReturn:
    chance = random.Random(f"{hunter.effort.seed} {hunter.target.name}")
    while True:
        hunter(broken(hunter.target.seeds, chance))


def _by_atheris(hunter: _Hunter, folder: Path, keep: bool) -> None:
    import atheris

    found, seeds = folder / "corpus" / hunter.target.slug, folder / "seeds" / hunter.target.slug
    for place in (found, seeds):
        place.mkdir(parents=True, exist_ok=True)
    if not keep:
        for old in found.iterdir():
            old.unlink()
    for data in hunter.target.seeds:
        (seeds / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)
    # libFuzzer tells the slow and the greedy by itself, and leaves the bytes with that name.
    options = [
        f"-seed={hunter.effort.seed % (1 << 31) or 1}",
        f"-timeout={SLOWEST_S}",
        f"-rss_limit_mb={MOST_MB}",
        f"-artifact_prefix={folder / 'findings' / hunter.target.slug}-",
        *("-reduce_inputs=0", "-len_control=20", "-runs=-1"),
    ]
    (folder / "findings").mkdir(exist_ok=True)
    atheris.Setup(["hunt", *options, str(found), str(seeds)], hunter)
    atheris.Fuzz()


def outcome(target: Target, status: int, folder: Path) -> Outcome:
    """What the hunt left when it ended with ``status``."""
    said = _log(folder, target).read_text(errors="replace")
    covered = [(kind, int(count)) for kind, count in _COVERED.findall(said)]
    first = next((count for kind, count in covered if kind == "INITED"), 0)
    lines = (first, max(count for _, count in covered)) if covered else None
    report = _report(folder, target)
    if status == 0 and report.exists():
        count, refusals, found = json.loads(report.read_text())
        report.unlink()
        return Outcome(target.name, count, refusals, lines, tuple(map(tuple, found)))
    left = sorted(
        (folder / "findings").glob(f"{target.slug}-*-*"), key=lambda path: path.stat().st_mtime
    )
    fault = f"the process ended with {status}: {said[-300:]}"
    return Outcome(target.name, 0, 0, lines, ((fault, str(left[-1] if left else "")),))


def keep_finding(folder: Path, target: Target, data: bytes) -> Path:
    """Save bytes to replay."""
    place = folder / "findings" / f"{target.slug}-{hashlib.sha256(data).hexdigest()[:8]}"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(data)
    return place


def target_of(finding: Path, targets: Sequence[Target]) -> Target:
    """The target whose name the file of a finding bears."""
    fitting = [one for one in targets if finding.name.startswith(one.slug + "-")]
    return max(fitting, key=lambda one: len(one.slug))


def _log(folder: Path, target: Target) -> Path:
    return folder / f"{target.slug}.log"


def _report(folder: Path, target: Target) -> Path:
    return folder / f"{target.slug}.json"

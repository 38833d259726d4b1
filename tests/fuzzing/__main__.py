"""Hunt at every decoder: ``make fuzz FUZZ_S=60``. See ``tests/fuzzing/__init__.py``.

FUZZ_S      seconds, shared out among the targets and the cores (60)
FUZZ_SEED   the seed; without, a new one is drawn and printed
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import random
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.fuzzing import hunt

PACKAGES = ["protocol", "field_client", "sync_server"]

with contextlib.ExitStack() as instrumented:
    if hunt.ATHERIS and "--replay" not in sys.argv:  # no lines are counted then
        import atheris

        instrumented.enter_context(contextlib.redirect_stderr(io.StringIO()))
        instrumented.enter_context(
            atheris.instrument_imports(include=PACKAGES, enable_loader_override=False)
        )
    from tests.fuzzing.catalogue import targets
    from tests.fuzzing.growth import slow_shapes
    from tests.fuzzing.target import Judge, Target

FOLDER = Path("build/fuzz")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; 1 if something was found."""
    said = _parser().parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="fujie-hunt-", dir=_fast_disk()) as scratch:
        tempfile.tempdir = scratch  # hunts end without tidying up
        return _replay(said.replay) if said.replay else _run(said)


def _fast_disk() -> str | None:
    """Memory, where there is a disk in memory: some hunts write a file at every step."""
    shared = Path("/dev/shm")
    return str(shared) if shared.is_dir() else None


def _run(said: argparse.Namespace) -> int:
    chosen = targets(said.only)
    if not chosen:
        print(f"no target has {said.only!r} in its name")
        return 2
    engine = {"atheris": "atheris", "ours": "our own mutator"}[said.engine]
    bound = f"{said.runs} executions a target" if said.runs else f"{said.seconds:.0f} s"
    print(f"{len(chosen)} targets, {bound}, seed {said.seed}, by {engine}", flush=True)
    share = 0.0 if said.runs else said.seconds * said.workers / len(chosen)
    effort = hunt.Effort(said.seed, said.runs, share, said.engine == "atheris")
    ended = _hunt(chosen, effort, said)
    found = sum(len(one.findings) for one in ended)
    if not said.runs:
        for name, told in slow_shapes(said.only):
            print(f"{name}: {told}")
            found += 1
    total = sum(one.executions for one in ended)
    print(f"{total} executions, {found} findings", flush=True)
    return 1 if found else 0


def _hunt(
    chosen: Sequence[Target], effort: hunt.Effort, said: argparse.Namespace
) -> list[hunt.Outcome]:
    """All targets, as many at once as there are workers."""
    waiting, running = list(reversed(chosen)), {}
    ended = []
    while waiting or running:
        while waiting and len(running) < said.workers:
            target = waiting.pop()
            running[hunt.start(target, effort, said.folder, keep=not said.runs)] = target
        process, status = os.wait()
        target = running.pop(process)
        ended.append(hunt.outcome(target, status, said.folder))
        _tell(ended[-1])
    return ended


def _tell(outcome: hunt.Outcome) -> None:
    print(outcome, flush=True)
    for fault, file in outcome.findings:
        print(f"    FOUND {fault}", flush=True)
        if file:
            print(f"    python -m tests.fuzzing --replay {file}", flush=True)


def _replay(file: Path) -> int:
    target = hunt.target_of(file, targets())
    found = Judge(target).attempt(file.read_bytes())
    print(f"{target.name}: {found.fault if found else 'holds'}")
    return 1 if found else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzzing", description=__doc__)
    drawn = int(os.environ.get("FUZZ_SEED") or random.SystemRandom().randrange(1 << 31))
    parser.add_argument("--seconds", type=float, default=float(os.environ.get("FUZZ_S") or 60))
    parser.add_argument("--runs", type=int, default=0, help="executions a target, not seconds")
    parser.add_argument("--seed", type=int, default=drawn)
    parser.add_argument("--only", default="", help="targets with this in their name")
    engines = ["atheris", "ours"] if hunt.ATHERIS else ["ours"]
    parser.add_argument("--engine", choices=engines, default=engines[0])
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--replay", type=Path, help="judge the bytes of a finding again")
    return parser


if __name__ == "__main__":
    sys.exit(main())

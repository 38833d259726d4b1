"""Kill and deny: ``python -m tests.faults --kills 300 --errors all --cuts all --seed 7``.

kills     rounds in which a process gets SIGKILL at a system call drawn by the seed
moments   rounds in which one gets it at a random moment
errors    rounds in which a disk call of a sync fails: a number of them drawn by the seed, or all
cuts      places where the line is cut, of a push and of an upload: a number a kind, or all
of        push or upload alone
blocks    of the cuts only these: ``--blocks 54 116`` with the same seed goes on with a search that
          was stopped before its block 54
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.faults.everywhere import Everywhere
from tests.faults.rounds import Lost, Plan, Rounds

ALL = 1 << 30
MEMORY, ROOM = Path("/dev/shm"), 1 << 30


def main(arguments: Sequence[str]) -> int:
    """Play; 1 and what to replay if something was lost."""
    said = _parser().parse_args(arguments)
    print(f"seed {said.seed}", flush=True)
    folder = Path(tempfile.mkdtemp(prefix="fujie-faults-"))
    lost = _play(said, folder) + _cut(said, folder)
    if not lost:
        shutil.rmtree(folder)
        print("nothing acknowledged was lost, nothing came twice, all of it drained")
    return 1 if lost else 0


def _play(said: argparse.Namespace, folder: Path) -> int:
    if not (said.kills or said.moments or said.errors):
        return 0
    rounds = Rounds(folder, said.seed)
    if not rounds.traces:
        print("strace may not trace here: kills come at random moments, disks do not fail")
    lost = 0
    plans = list(_plans(rounds, said))
    print(f"{len(plans)} rounds", flush=True)
    for number, plan in enumerate(plans):
        try:
            told = rounds.play(plan, f"round-{number}")
        except Lost as fault:
            lost += 1
            print(f"LOST in round {number}, seed {said.seed}: {fault}", flush=True)
            continue
        if len(plans) < 20 or number % 20 == 0:
            print(f"  {number}: {told}", flush=True)
    kills = said.kills + said.moments
    errors = len(plans) - kills
    print(f"{kills} kills, {errors} errors of a disk: {lost} lost", flush=True)
    return lost


def _plans(rounds: Rounds, said: argparse.Namespace) -> Iterator[Plan]:
    for number in range(said.kills):
        yield rounds.drawn(number)
    for number in range(said.kills, said.kills + said.moments):
        yield rounds.moment(number)
    if said.errors:
        errors = rounds.errors()
        random.Random(said.seed).shuffle(errors)
        yield from errors[: said.errors]


def _cut(said: argparse.Namespace, folder: Path) -> int:
    if not said.cuts:
        return 0
    place = _swift(folder)
    search = Everywhere(place, said.seed, said.of)
    only = range(*said.blocks)
    faults = search.search(said.cuts, lambda words: print(words, flush=True), only)
    for words in faults:
        print(f"LOST: {words} (see {place})", flush=True)
    if not faults:
        shutil.rmtree(place)
    return len(faults)


def _swift(folder: Path) -> Path:
    """Where lines are cut no disk is tried: in memory, where it has the room."""
    if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM:
        return Path(tempfile.mkdtemp(prefix="fujie-cuts-", dir=MEMORY))
    return folder / "cuts"


def _number(text: str) -> int:
    return ALL if text == "all" else int(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--moments", type=int, default=20)
    parser.add_argument("--errors", type=_number, default=ALL)
    parser.add_argument("--cuts", type=_number, default=ALL)
    parser.add_argument("--of", nargs="+", default=["push", "upload"])
    parser.add_argument("--blocks", nargs=2, type=int, default=(0, ALL), metavar=("FIRST", "END"))
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

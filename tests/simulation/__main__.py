"""Play schedules of the simulation, each from its seed.

    python -m tests.simulation --schedules 10000        seeds from --first on (drawn and printed)
    python -m tests.simulation --seed 7                 one, with its story
    python -m tests.simulation --seed 7 --only T07      … of one tablet
    python -m tests.simulation --stories 200            a tablet or two and their office as they
                                                        are, with sticks, copied disks and backups
    python -m tests.simulation --stories 1 --first 7    one of them; with an odd seed one of two

Ends with 1 if a promise was broken; the seed of each such schedule is printed.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.simulation.play import Play, Played
from tests.simulation.world import Broken

SHARE = 20


def main(arguments: Sequence[str] | None = None) -> int:
    """Play what was asked for."""
    said = _parser().parse_args(arguments)
    if said.stories:
        return _tell(said.stories, said.first)
    return _replay(said.seed, said.only) if said.seed is not None else _search(said)


def _search(said: argparse.Namespace) -> int:
    print(f"{said.schedules} schedules from seed {said.first} on", flush=True)
    seeds = range(said.first, said.first + said.schedules)
    played: list[Played] = []
    broken = 0
    for outcome in _outcomes(seeds, said.workers):
        if isinstance(outcome, Played):
            played.append(outcome)
        else:
            broken += 1
            print(f"BROKEN {outcome}", flush=True)
    print(_summary(played))
    print(f"{len(seeds)} schedules, {broken} broken")
    return 1 if broken else 0


def _tell(stories: int, first: int) -> int:
    from field_client.documents import Typesetter
    from tests.simulation.seats import Scene  # both programs whole: only who asks for them waits
    from tests.simulation.story import Story

    print(f"{stories} stories from seed {first} on", flush=True)
    broken = records = 0
    with tempfile.TemporaryDirectory() as folder, Typesetter() as typesetter:
        one = Scene.made(Path(folder) / "one", typesetter)
        scenes = one, one.with_another(Path(folder) / "two")
        for seed in range(first, first + stories):
            with tempfile.TemporaryDirectory(dir=folder) as own:
                try:
                    records += Story(seed, scenes[seed % 2], Path(own)).play().records
                except Broken as fault:
                    broken += 1
                    print(f"BROKEN {fault}", flush=True)
    print(f"{stories} stories, {records} records, {broken} broken")
    return 1 if broken else 0


def _outcomes(seeds: range, workers: int) -> Iterator[Played | str]:
    if workers < 2:
        yield from map(_attempt, seeds)
        return
    with multiprocessing.get_context("fork").Pool(workers) as pool:
        yield from pool.imap_unordered(_attempt, seeds, SHARE)


def _attempt(seed: int) -> Played | str:
    try:
        return Play(seed).play()
    except Broken as fault:
        return f"{fault}; python -m tests.simulation --seed {seed}"


def _summary(played: list[Played]) -> str:
    if not played:
        return "none came to its end"
    drained = sorted(one.drained_ms for one in played)
    return (
        f"{sum(one.records for one in played)} records, {sum(one.entries for one in played)} "
        f"entries, {sum(one.crashes for one in played)} crashes at "
        f"{sum(one.points for one in played)} points, "
        f"{sum(one.restores for one in played)} servers restored; drained "
        f"{drained[len(drained) // 2] // 1000} s (median), {drained[-1] // 1000} s (longest) "
        "after the weather cleared"
    )


def _replay(seed: int, only: str) -> int:
    play = Play(seed, trace=True)
    try:
        end = str(play.play())
    except Broken as fault:
        end = f"BROKEN {fault}"
    print(play.world.weather)
    for line in play.world.story or ():
        if only in line:
            print(line)
    print(end)
    return int(end.startswith("BROKEN"))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--schedules", type=int, default=100)
    parser.add_argument("--first", type=int, default=random.SystemRandom().randrange(1 << 31))
    parser.add_argument("--seed", type=int, help="replay this one and tell its story")
    parser.add_argument("--stories", type=int, default=0, help="play these in their place")
    parser.add_argument("--only", default="", help="lines of the story with this in them")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    return parser


if __name__ == "__main__":
    sys.exit(main())

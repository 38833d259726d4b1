"""The line is cut at every byte of a push and of an upload, by a process for each core.

    faults = Everywhere(folder, seed).search(ALL, print)     "push, up: 3061 cuts at 3125 places …"

A county and a tablet are made once, and what a push and an upload take is measured there. The
places are played in blocks of ``BLOCK``, each over a copy of that county of its own: what was cut
before weighs on nobody, and a place that fails is played again by its block's number alone. No
place is left out and none stands for another. It takes a quarter of a second of computing a place:
a search that was stopped goes on with the blocks that it had not reached.
"""

from __future__ import annotations

import os
import random
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from field_client.documents import Typesetter
from tests import killing
from tests.faults.cutting import Cutting, What
from tests.faults.processes import Forked
from tests.faults.scene import Say
from tests.field_client import county as c
from tests.field_client.conftest import MORNING, TurnedClock
from tests.field_client.county import copied
from tests.ports import free_port
from tests.proxy import Proxy, Way

BLOCK = 120
SPARE = 64
"""Messages differ by some bytes: so many places more than were measured."""
SWITCH_S = 0.0005
"""Tablet, line and server are threads of one process, and wait for each other all the time."""


class Place(NamedTuple):
    """Where the line is cut once: after ``at`` bytes of a contact; ``reset`` says how it ends."""

    what: What
    way: Way
    at: int
    reset: bool


class Everywhere:
    """The search over one county. Whoever makes it has no threads: all work is done in children."""

    def __init__(
        self,
        folder: Path,
        seed: int,
        of: Sequence[str] = ("push", "upload"),
        cores: int = os.cpu_count() or 1,
    ) -> None:
        folder.mkdir(exist_ok=True)
        self.folder, self.seed, self.cores = folder, seed, cores
        self.sizes: dict[tuple[What, Way], range] = {}
        with Forked(lambda tell, gate: self._make(tell), folder / "making.log") as made:
            made.wait(lambda: False, 120)
            if made.status:
                raise AssertionError(f"no county to cut at: {made.told.faults}")
            for said in made.told.saved:
                what, way, first, last = said.split()
                if what not in of:
                    continue
                self.sizes[what, way] = range(int(first), int(last))  # type: ignore[index]

    def search(
        self, most: int, say: Callable[[str], None], only: range = range(1 << 30)
    ) -> list[str]:
        """Cut at every place, or at ``most`` of each kind by the seed; ``only`` in these blocks.
        What did not hold."""
        places = list(self._places(most))
        blocks = [places[at : at + BLOCK] for at in range(0, len(places), BLOCK)]
        chosen = [number for number in range(len(blocks)) if number in only]
        faults: list[str] = []
        hits: Counter[str] = Counter()
        with ExitStack() as stack:
            workers = [
                stack.enter_context(self._worker(number, free_port(), blocks, chosen))
                for number in range(min(self.cores, len(chosen)))
            ]
            told = [0] * len(workers)
            while not all(one.dead for one in workers):
                for number, one in enumerate(workers):
                    one.wait(lambda: False, 0.2)
                    for words in one.told.saved[told[number] :]:
                        block, *held = words.split("; ")
                        hits.update(held)
                        say(f"  block {block} of {len(blocks)}: {len(held)} cuts hold")
                    told[number] = len(one.told.saved)
            for one in workers:
                faults += one.told.faults
                if one.status and not one.told.faults:
                    faults.append(f"the search itself fell, see {one.log}")
        for (what, way), size in self.sizes.items():
            tried = (place for number in chosen for place in blocks[number])
            played = sum(place[:2] == (what, way) for place in tried)
            held = hits[f"{what} {way}"]
            say(f"{what}, {way}: {held} cuts at {played} of {len(size)} places hold")
        return faults

    def _places(self, most: int) -> Iterator[Place]:
        chance = random.Random(self.seed)
        for (what, way), every in self.sizes.items():
            for at in sorted(chance.sample(every, min(most, len(every)))):
                yield Place(what, way, at, chance.random() < 0.3)

    def _worker(
        self, number: int, port: int, blocks: Sequence[Sequence[Place]], chosen: Sequence[int]
    ) -> Forked:
        def work(say: Say, gate: Callable[[], None]) -> None:
            for block in chosen[number :: self.cores]:
                self._play(block, blocks[block], port, say)

        return Forked(work, self.folder / f"cutting-{number}.log")

    def _play(self, block: int, places: Sequence[Place], port: int, say: Say) -> None:
        folder = copied(self.folder / "county", self.folder / f"block-{block}")
        held = []
        with _standing(folder, port) as cut:
            for place in places:
                try:
                    if cut.attempt(*place):
                        held.append(f"{place.what} {place.way}")
                except AssertionError as lost:
                    where = f"{place.what} cut {place.way} at byte {place.at}"
                    say(fault=f"{where}, block {block}, seed {self.seed}: {lost}")
                    return  # the folder is left to be looked at
        shutil.rmtree(folder)
        say(record="; ".join((str(block), *held)))

    def _make(self, say: Say) -> None:
        """The county, its tablet, and how many bytes a push and an upload take there."""
        folder, clock, port = self.folder / "county", _morning(), free_port()
        folder.mkdir()
        c.found(folder / "office", clock)
        county = c.County(folder / "office", c.ServerClock(clock), port)
        county.start()
        c.enrol(county, folder / "tablet", clock)
        county.stop()
        killing.film_in(folder)
        tried = copied(folder, self.folder / "measured")
        with _standing(tried, port) as cut:
            cut.measure(None)
            ends = {"push": cut.measure("push")}
            begins = {"push": (0, 0), "upload": cut.measure(None)}
            ends["upload"] = cut.measure("upload")
        shutil.rmtree(tried)
        for what in ("push", "upload"):
            for way, first, size in zip(("up", "down"), begins[what], ends[what], strict=True):
                # A contact greets before it uploads.
                say(record=f"{what} {way} {max(0, first - SPARE)} {size + SPARE}")


def _morning() -> TurnedClock:
    return TurnedClock(wall=MORNING - 600_000)


@contextmanager
def _standing(folder: Path, port: int) -> Iterator[Cutting]:
    """The county of a folder with its server, its tablet, and the line."""
    sys.setswitchinterval(SWITCH_S)
    clock = _morning()
    clock.pass_seconds(600)
    county = c.County(folder / "office", c.ServerClock(clock), port)
    county.start()
    with Proxy(county.port) as line, Typesetter() as typesetter:
        film = folder / "shop.mp4"
        one = c.FieldTablet.start(folder / "tablet", clock, county, film, typesetter)
        one.tablet.wire.address = line.url
        one.tablet.wire._http.base_url = line.url  # type: ignore[assignment]
        try:
            yield Cutting(one, line)
        finally:
            one.tablet.close()
            county.stop()

"""The simulated world: one queue of events, one source of chance, a network, and crashes.

A schedule has two halves. Up to ``heal_at`` everything may fail: requests and answers are lost,
delayed and doubled, clocks jump, processes crash at any ``point``. Then nothing fails any more,
and all that was saved must arrive.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass

START = 1_795_000_000_000
"""When every schedule begins, ms since the epoch."""

Todo = Callable[[], None]


class Crash(Exception):
    """The process ends here."""


class Broken(AssertionError):
    """A promise was broken: the seed replays it."""


@dataclass(frozen=True)
class Weather:
    """How bad a schedule is. Chances are for each message, each point."""

    heal_ms: int
    lost: float
    doubled: float
    late_ms: int
    crash: float
    crash_at: int
    jumps: float
    restores: int
    devices: int = 50
    revoked: float = 0.0
    copied: float = 0.0

    @classmethod
    def drawn(cls, chance: random.Random) -> Weather:
        """Most schedules are bad in some ways and fair in others."""
        return cls(
            heal_ms=chance.choice([20_000, 60_000, 100_000]),
            lost=chance.choice([0, 0.02, 0.1, 0.3]),
            doubled=chance.choice([0, 0, 0.1, 0.3]),
            late_ms=chance.choice([50, 500, 8_000, 40_000]),
            crash=chance.choice([0, 0.001, 0.01, 0.03]),
            crash_at=chance.choice([-1, chance.randrange(4_000)]),
            jumps=chance.choice([0, 0, 0.3]),
            restores=chance.choice([0, 0, 0, 1, 2]),
            revoked=0.04,
            copied=0.06,
        )


class World:
    """Time, chance and the network."""

    def __init__(self, seed: int, weather: Weather | None = None, *, trace: bool = False) -> None:
        self.seed = seed
        self.chance = random.Random(seed)
        self.weather = weather or Weather.drawn(self.chance)
        self.now = START
        self.heal_at = START + self.weather.heal_ms
        self.points = 0
        self.crashes = 0
        self.steps = 0
        self.story: list[str] | None = [] if trace else None
        self._queue: list[tuple[int, int, Todo]] = []
        self._number = 0

    @property
    def healed(self) -> bool:
        """Nothing fails any more."""
        return self.now >= self.heal_at

    def at(self, when: int, todo: Todo) -> None:
        """Do something at a time."""
        self._number += 1
        heapq.heappush(self._queue, (max(when, self.now), self._number, todo))

    def run(self, until: int) -> None:
        """Let everything happen that is due up to a time."""
        while self._queue and self._queue[0][0] <= until:
            self.now, _, todo = heapq.heappop(self._queue)
            self.steps += 1
            todo()
        self.now = max(self.now, until)

    def tell(self, who: str, what: str) -> None:
        """A line of the story, if somebody reads it."""
        if self.story is not None:
            self.story.append(f"{(self.now - START) / 1000:9.3f}s  {who:<8}{what}")

    def point(self, who: str, what: str) -> None:
        """A process may end here, before or after a write, a message sent or received."""
        if self.now >= self.heal_at:
            return
        self.points += 1
        weather = self.weather
        if self.points == weather.crash_at or self.chance.random() < weather.crash:
            self.crashes += 1
            self.tell(who, f"CRASH {what}")
            raise Crash(what)

    def carry(self, arrive: Todo, what: str) -> None:
        """A message on its way: it arrives late, twice or not at all."""
        if self.now >= self.heal_at:
            self.at(self.now + 1 + self.chance.randrange(40), arrive)
            return
        weather = self.weather
        times = 1 + (self.chance.random() < weather.doubled)
        if self.chance.random() < weather.lost:
            self.tell("network", f"loses {what}")
            times -= 1
        for _ in range(times):
            self.at(self.now + 1 + int(self.chance.random() ** 3 * weather.late_ms), arrive)


class Process:
    """What runs on a machine. When it crashes, all that was about to happen in it does not; it
    starts again from what is durable."""

    def __init__(self, world: World, name: str) -> None:
        self.world = world
        self.name = name
        self.life = 0
        self.up = False

    def boot(self) -> None:
        """Start from what is durable."""

    def start(self) -> None:
        """Begin a new life."""
        self.life += 1
        self.up = True
        self.alive(self.boot)()

    def alive(self, todo: Todo) -> Todo:
        """``todo``, unless this life is over when it is due."""
        life = self.life

        def attempt() -> None:
            if not self.up or self.life != life:
                return
            try:
                todo()
            except Crash:
                self.end()

        return attempt

    def later(self, ms: int, todo: Todo) -> None:
        """Do something after a while in this life."""
        self.world.at(self.world.now + ms, self.alive(todo))

    def end(self) -> None:
        """The process is gone; somebody starts it again."""
        self.up = False
        self.world.at(self.world.now + 50 + self.world.chance.randrange(5_000), self.start)

    def point(self, what: str) -> None:
        """The process may end here."""
        self.world.point(self.name, what)

    def write(self, what: str, change: Todo) -> None:
        """One durable write: all of it or nothing."""
        self.point(f"before it writes {what}")
        change()
        self.point(f"after it wrote {what}")

    def tell(self, what: str) -> None:
        """A line of the story."""
        self.world.tell(self.name, what)

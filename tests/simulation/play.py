"""One schedule from its seed to its end."""

from __future__ import annotations

import random
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from hashlib import sha256

from tests.simulation import records
from tests.simulation.device import Tablet
from tests.simulation.records import Album
from tests.simulation.server import Server
from tests.simulation.store import Store, founded
from tests.simulation.truth import Truth
from tests.simulation.vault import Vault
from tests.simulation.world import START, Broken, Weather, World

DAY_MS = 86_400_000
PATIENCE_MS = 3_600_000
"""How long after the weather cleared everything must have arrived."""
LOOK_MS = 5_000
ROUNDS_MS = 125_000
"""A round comes each minute: within two, everybody has said once more what he holds."""


@dataclass(frozen=True)
class Played:
    """What a schedule came to."""

    seed: int
    records: int
    entries: int
    points: int
    crashes: int
    restores: int
    steps: int
    drained_ms: int


class Play:
    """A world with its tablets, its server, and what will happen to them."""

    def __init__(
        self,
        seed: int,
        weather: Weather | None = None,
        *,
        trace: bool = False,
        tablets: type[Tablet] = Tablet,
        server: type[Server] = Server,
    ) -> None:
        self.world = World(seed, weather, trace=trace)
        keys = records.device_keys()[: self.world.weather.devices]
        journals = [sha256(b"journal %d" % number).digest()[:16] for number in range(len(keys))]
        store, registry = founded(keys, journals)
        self.server = server(self.world, store, registry)
        self.tablets = [
            tablets(self.world, f"T{number:02}", key.key_id, journal, self.server)
            for number, (key, journal) in enumerate(zip(keys, journals, strict=True))
        ]
        self.truth = Truth(self.world, self.server, self.tablets)
        self.restores = 0
        self.backup: Store = store.copy()
        self.plan(self.world.chance)

    def plan(self, chance: random.Random) -> None:
        """Who saves what and when; clocks that jump; backups and their return."""
        world, weather = self.world, self.world.weather
        world.at(START, self.server.start)
        album = Album(chance)
        for tablet in self.tablets:
            world.at(START + chance.randrange(2_000), tablet.start)
            for _ in range(chance.choice([0, 1, 2, 3, 5])):
                self.save_at(tablet, album, START + chance.randrange(weather.heal_ms))
            if chance.random() < weather.jumps:
                self.jump_at(tablet, START + chance.randrange(weather.heal_ms))
        for _ in range(weather.restores):
            first, second = sorted(chance.sample(range(weather.heal_ms), 2))
            world.at(START + first, self.keep_backup)
            world.at(START + second, self.restore)
        fates = random.Random(f"{world.seed} fates")
        for tablet in self.tablets:
            first, second = sorted(START + fates.randrange(weather.heal_ms) for _ in range(2))
            lot = fates.random()
            if lot < weather.revoked:
                world.at(second, partial(self.revoke, tablet))
            elif lot < weather.revoked + weather.copied:
                self.put_back_at(tablet, first, second)

    def save_at(self, tablet: Tablet, album: Album, when: int) -> None:
        """An officer saves something, unless his tablet is down at that moment."""

        def save() -> None:
            if tablet.up:
                tablet.alive(lambda: self.truth.save(tablet, album.next()))()

        self.world.at(when, save)

    def jump_at(self, tablet: Tablet, when: int) -> None:
        """Somebody sets the clock of a tablet, or its battery was empty."""

        def jump() -> None:
            tablet.clock_ms = self.world.chance.choice([-DAY_MS, -400_000, 90_000, 30 * DAY_MS])
            tablet.tell(f"its clock jumps to {tablet.clock_ms / 1000:+.0f} s")

        self.world.at(when, jump)

    def revoke(self, tablet: Tablet) -> None:
        """Its registrar calls a tablet lost."""
        self.server.revoke(tablet.vault.journal)
        self.truth.revoked[tablet.vault.journal] = self.truth.length_of(tablet)

    def put_back_at(self, tablet: Tablet, first: int, second: int) -> None:
        """Somebody copies a tablet's disk, and puts the copy back later."""
        kept: list[tuple[Vault, int]] = []

        def keep() -> None:
            kept.append((deepcopy(tablet.vault), len(tablet.vault.links)))

        def put_back() -> None:
            vault, length = kept[0]
            tablet.tell(f"is PUT BACK: {len(tablet.vault.links)} links become {length}")
            self.truth.put_back(tablet, length)
            tablet.vault = vault
            tablet.end()

        self.world.at(first, keep)
        self.world.at(second, put_back)

    def keep_backup(self) -> None:
        """A copy of the server's disk."""
        self.backup = self.server.store.copy()
        self.world.tell("server", f"is backed up at {self.backup.size} entries")

    def restore(self) -> None:
        """The server's disk is lost; one of this log's backups comes back."""
        if self.backup.origin != self.server.store.origin:
            return
        self.server.restore(self.backup)
        self.restores += 1
        self.truth.restored()
        self.keep_backup()

    def play(self) -> Played:
        """Everything that happens, then the examination. Raises Broken."""
        world = self.world
        world.run(world.heal_at)
        until = world.heal_at + PATIENCE_MS
        while not self.truth.drained():
            if world.now >= until:
                raise Broken(f"seed {world.seed}: not drained: {self.truth.laggards()}")
            world.run(world.now + LOOK_MS)
        drained = world.now - world.heal_at
        # What was sent in bad weather may still come, late; then everybody speaks once more.
        world.run(max(world.now, world.heal_at + world.weather.late_ms))
        until = world.now + ROUNDS_MS
        while world.now < until and not self.truth.agreed():
            world.run(world.now + LOOK_MS)
        self.truth.examine()
        return Played(
            seed=world.seed,
            records=sum(len(life.saved) for life in self.truth.lives.values()),
            entries=self.server.store.size,
            points=world.points,
            crashes=world.crashes,
            restores=self.restores,
            steps=world.steps,
            drained_ms=drained,
        )

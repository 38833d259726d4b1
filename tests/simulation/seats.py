"""The tablets of a story, each with its line and what its officers know, and what they start from.

Scene.made(folder, typesetter)       a founded county with YX-T07, made once
scene.with_another(folder)           the same, with YX-T08
Seat(name, disk)                     one of them in a story
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx

from field_client.documents import Typesetter
from sync_server import demo
from tests import killing
from tests.field_client import county as c
from tests.field_client.conftest import MORNING, TurnedClock
from tests.field_client.meddler import Meddler
from tests.ports import free_port

ANOTHER = "YX-T08"


class Line(Meddler):
    """A line that loses requests and answers by chance."""

    def __init__(self, chance: random.Random, loss: float) -> None:
        super().__init__()
        self.chance, self.loss = chance, loss

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if self.chance.random() < self.loss:
            raise httpx.ConnectError("lost on its way", request=request)
        response = super().handle_request(request)
        if self.chance.random() < self.loss:
            response.read()
            raise httpx.ReadError("the answer is lost", request=request)
        return response


@dataclass(frozen=True)
class Scene:
    """A founded county and its enrolled tablets, made once; stories work on copies."""

    folder: Path
    film: Path
    typesetter: Typesetter
    tablets: tuple[str, ...] = (demo.DEVICE,)

    @classmethod
    def made(cls, folder: Path, typesetter: Typesetter) -> Scene:
        """Found and enrol, ten minutes before the stories begin."""
        clock = TurnedClock(wall=MORNING - 600_000)
        c.found(folder / "office", clock)
        office = c.County(folder / "office", c.ServerClock(clock), free_port())
        office.start()
        c.enrol(office, folder / "tablet", clock)
        office.stop()
        return cls(folder, killing.film_in(folder), typesetter)

    def with_another(self, folder: Path) -> Scene:
        """The same, with a second tablet, which is enrolled now."""
        clock = TurnedClock(wall=MORNING - 300_000)
        for one in ("office", *map(folder_of, self.tablets)):
            c.copied(self.folder / one, folder / one)
        office = c.County(folder / "office", c.ServerClock(clock), free_port())
        office.start()
        c.enrol(office, folder / folder_of(ANOTHER), clock, ANOTHER)
        office.stop()
        return replace(self, folder=folder, tablets=(*self.tablets, ANOTHER))


def folder_of(tablet: str) -> str:
    """Where the scene keeps it."""
    return "tablet" if tablet == demo.DEVICE else tablet


@dataclass
class Life:
    """What the officers of one disk know that they saved, in order, and an open inspection."""

    saved: list[bytes] = field(default_factory=list)
    inspection: bytes | None = None


@dataclass
class Seat:
    """One tablet: its disk, the copies of it, and what was carried from and to it."""

    name: str
    disk: Path
    life: Life = field(default_factory=Life)
    disks: int = 1
    boots: int = 0
    copies: list[tuple[Path, list[bytes], bytes | None]] = field(default_factory=list)
    sticks: list[Path] = field(default_factory=list)
    answers: list[Path] = field(default_factory=list)
    put_back_ever: bool = False
    closed_ever: bool = False
    line: Line = field(init=False)
    tablet: c.FieldTablet = field(init=False)

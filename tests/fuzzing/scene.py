"""The small world that good bytes come from, made once in a process."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from tests.cast import Inspection, Recorded
from tests.worlds import World


class Scene(NamedTuple):
    """One world with one inspection, and its decision."""

    world: World
    case: Inspection

    @property
    def record(self) -> Recorded:
        """A statement of two officers."""
        return self.case.decision


@cache
def scene() -> Scene:
    """The same bytes in every run."""
    world = World()
    return Scene(world, world.inspection())

"""The longest files begin first, so that all workers end together; and what all tests share."""

from __future__ import annotations

import gc
import os
import shutil
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import structlog
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from tests.postgres import Cluster

# A machine with other work is slow, and no property is false for that. The rest stays as it was:
# under CI hypothesis draws the same examples each time.
settings.register_profile(
    "patient", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("patient")

# Dozens of times a test the disk is asked whether it has the bytes. Where memory has the room, what
# tests write goes there; that the programs ask is tried by what they ask (tests/faults).
MEMORY, ROOM = Path("/dev/shm"), 4 << 30
if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))

GARBAGE = 20_000
"""New objects after which Python looks for rings among them, in place of 700: a seventh of the work
of the tests of both programs went into looks that found next to nothing."""

LONGEST = (
    "tests/system/test_round_trip.py",
    "tests/test_simulation.py",
    "tests/system/",
    "tests/test_install.py",
    "tests/test_fuzz.py",
    "tests/faults/",
    "tests/field_client/ui/",
    "tests/sync_server/web/",
)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Programs and thousands of tests come in and nothing goes: half of the time went into looking
    for garbage. They are not looked through again while the tests run, which is done seldom."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(GARBAGE)
        gc.enable()
        if "sqlalchemy" in sys.modules:
            from tests import compiled

            compiled.share()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the order within a file; move whole folders to the front."""

    def place(item: pytest.Item) -> int:
        found = (at for at, start in enumerate(LONGEST) if item.nodeid.startswith(start))
        return next(found, len(LONGEST))

    items.sort(key=place)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """A command that an earlier test ran in this process set where its log goes: not for others."""
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A PostgreSQL cluster of the tests' own, started when the first test asks for it."""
    from tests.postgres import running

    with running() as cluster:
        yield cluster

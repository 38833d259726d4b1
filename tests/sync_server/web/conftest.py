"""Counties for the pages, each made once: inspected, published, archived; tests work on copies."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cast import Inspection
from tests.sync_server.web import staging
from tests.sync_server.web.staging import NOW, Office

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@dataclass(frozen=True)
class County:
    """A folder of a server, and the case that is in it."""

    folder: Path
    case: Inspection


@pytest.fixture(scope="session")
def inspected(tmp_path_factory: pytest.TempPathFactory) -> County:
    """One whole inspection has arrived."""
    office = Office(tmp_path_factory.mktemp("inspected") / "data")
    office.found()
    office.start()
    try:
        return County(office.folder, staging.staged(office))
    finally:
        office.stop()


@pytest.fixture(scope="session")
def published(inspected: County, tmp_path_factory: pytest.TempPathFactory) -> County:
    """Its decision is public."""
    folder = tmp_path_factory.mktemp("published") / "data"
    shutil.copytree(inspected.folder, folder)
    office = Office(folder, NOW)
    office.start()
    try:
        answer = staging.publish(office, inspected.case)
        assert answer.url.query == b"done=published", answer.text
    finally:
        office.stop()
    return County(folder, inspected.case)


@pytest.fixture(scope="session")
def sealed(inspected: County, tmp_path_factory: pytest.TempPathFactory) -> County:
    """The inspection's file is sealed, kept until the end of 2056."""
    folder = tmp_path_factory.mktemp("sealed") / "data"
    shutil.copytree(inspected.folder, folder)
    office = Office(folder, NOW)
    office.start()
    try:
        assert staging.archive(office, inspected.case).url.query == b"done=archived"
    finally:
        office.stop()
    return County(folder, inspected.case)


@pytest.fixture
def open_office(
    tmp_path: Path, copy_data: Callable[[Path, Path], str]
) -> Iterator[Callable[[County], Office]]:
    """Start a server over a copy of a county; ended with the test."""
    started: list[Office] = []

    def start(county: County) -> Office:
        folder = tmp_path / f"data{len(started)}"
        office = Office(folder, NOW, copy_data(county.folder, folder))
        office.start()
        started.append(office)
        return office

    yield start
    for office in started:
        office.stop()


@pytest.fixture
def office(open_office: Callable[[County], Office], inspected: County) -> Office:
    """A server with the inspection, nothing published."""
    return open_office(inspected)


@pytest.fixture
def public(open_office: Callable[[County], Office], published: County) -> Office:
    """A server with the decision on display."""
    return open_office(published)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's chromium, started once for a module."""
    from playwright.sync_api import sync_playwright  # most tests of the pages need none

    from tests.screens_web import CHROMIUM, FLAGS

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield launched
        launched.close()

"""What the readers get: an address, a case file, whom to trust, and one signed exchange."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from sync_server.commands import exporting
from tests.sync_server.tablet import Tablet
from tests.sync_server.web import staging
from tests.sync_server.web.staging import NOW, Office
from tests.worlds import World


@dataclass(frozen=True)
class Exchange:
    """A request of a tablet as it went over the wire, its answer, and both public keys."""

    request: httpx.Request
    answer: httpx.Response
    device: bytes
    office: bytes


@dataclass(frozen=True)
class Served:
    """A running server and what it exported. ``exchange`` is None for a server that was started
    by somebody else: its tablet's key is on its tablet."""

    url: str
    case: Path
    trust: Path
    exchange: Exchange | None = None

    def get(self, path: str) -> bytes:
        """What anybody gets at an address."""
        answer = httpx.get(f"{self.url}{path}", trust_env=False, timeout=30)
        answer.raise_for_status()
        return answer.content

    def members(self, ending: str) -> dict[str, bytes]:
        """The files of the case file whose names end so."""
        with zipfile.ZipFile(self.case) as opened:
            return {name: opened.read(name) for name in opened.namelist() if name.endswith(ending)}

    def trusted(self) -> dict[str, Any]:
        """trust.json, read."""
        told: dict[str, Any] = json.loads(self.trust.read_text())
        return told

    def keys(self) -> dict[str, dict[str, str]]:
        """keys.json of the case file, by key id."""
        (listed,) = self.members("/keys.json").values()
        return {one["keyid"]: one for one in json.loads(listed)["keys"]}


@contextmanager
def county(folder: Path) -> Iterator[Served]:
    """An inspection from the card to the archive, in a real server on a real port."""
    office = Office(folder / "data")
    office.found()
    office.start()
    try:
        case = staging.staged(office)
        assert staging.publish(office, case).url.query == b"done=published"
        assert staging.archive(office, case).is_success
        out, trust = folder / "case.zip", folder / "trust.json"
        exporting.export(office.settings, case.opened.hex, out, lambda _: None)
        exporting.trust(office.settings, trust, lambda _: None)
        yield Served(office.url, out, trust, _exchange(office))
    finally:
        office.stop()


def _exchange(office: Office) -> Exchange:
    assert office.services is not None
    tablet = Tablet(office.url, World())
    office.clock.set(NOW + 1000)
    answer = tablet.get("/v1/pull", "cursor=-1")
    answer.raise_for_status()
    key = office.services.keyring.office.verifier.public_key
    return Exchange(answer.request, answer, tablet.signer.verifier.public_key, key)

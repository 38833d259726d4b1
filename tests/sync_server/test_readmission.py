"""What a successor's office states again, and what it does not, as its registry has it then."""

from __future__ import annotations

from pathlib import Path

import pytest

from protocol import messages
from protocol.errors import Refused
from sync_server import demo
from sync_server.clock import system_clock
from sync_server.devices import readmission
from sync_server.log.facts import Facts
from sync_server.services import writing
from sync_server.upkeep import rotation
from tests.sync_server.conftest import Server
from tests.sync_server.tablet import Tablet
from tests.sync_server.test_adoption import Office
from tests.worlds import World


@pytest.mark.parametrize("rotated", [False, True])
def test_a_former_issuer_readmits_nobody(
    fresh_server: Server,
    enrolled_county: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    rotated: bool,
) -> None:
    """A server that lost the enrolment: whose issuer is no longer in force enrols nobody in its
    log, so that nothing may be said to be done."""
    tablet = Tablet(fresh_server.url, World())
    stored = (enrolled_county / "admitted").read_bytes()
    tablet.admitted = messages.decode(stored, messages.DeviceAdmitted)
    export = Office(fresh_server, tablet, tmp_path).write(tablet.links(tablet.world.inspection()))
    monkeypatch.setattr(Facts, "successions", lambda _: [b"signed"])
    with writing(fresh_server.settings, system_clock()) as services:
        if rotated:
            rotation.rotate_issuer(services, demo.AGENCY.id, services.settings.root)
            size = services.facts.head.size
            with pytest.raises(Refused, match="issuer in force"):
                readmission.readmit(services, export)
            assert services.facts.head.size == size
        else:
            assert readmission.readmit(services, export) == (demo.DEVICE, [])
        known = (demo.AGENCY.id, demo.DEVICE) in services.facts.registry.devices
        assert known is not rotated

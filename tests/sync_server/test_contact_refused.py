"""A push whose contact cannot be stated is not answered as if all of it had been done."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from protocol import messages
from protocol.errors import Refused
from sync_server.devices import exchange
from sync_server.log.append import Append
from tests.cast import START
from tests.sync_server.reports.simulated import simulated


class Refusing:
    """A job that is never done."""

    def run(self, append: Append) -> None:
        raise Refused("not today")


def test_a_contact_that_was_not_stated_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The push is admitted, and not answered as if all of it were; the same again is news."""
    with simulated(tmp_path, tablets=1) as county:
        (tablet,) = county.tablets
        tablet.scribe.now = START
        tablet.inspection()
        body = messages.encode(tablet.push(county.clock.now()))
        asked = (county.services, county.contacts, county.device(tablet), body)
        with monkeypatch.context() as patch:
            patch.setattr(county.services.office, "job", lambda _: Refusing())
            with pytest.raises(Refused):
                asyncio.run(exchange.push(*asked))
        size = county.services.sequencer.head.size
        assert size > 0
        asyncio.run(exchange.push(*asked))
        assert county.services.sequencer.head.size == size + 1

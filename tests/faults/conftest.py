"""The county and its tablets, as the tablet's tests have them, and a bad line between."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from field_client.contact import wire
from tests.faults.cutting import Cutting
from tests.field_client.conftest import clock, county, morning, online, shop, tablet, typesetter
from tests.field_client.county import County, FieldTablet
from tests.proxy import Proxy

__all__ = ["clock", "county", "morning", "online", "shop", "tablet", "typesetter"]


@pytest.fixture
def line(online: County, tablet: FieldTablet, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    """A bad line between the tablet and its running server; no patience with it while it stalls.
    What flows is waited for as long as the product does: a busy machine is no bad line."""
    patience = wire._patience
    with Proxy(online.port) as made:

        def while_it_stalls(size: int) -> httpx.Timeout:
            return httpx.Timeout(0.5) if made.stalls else patience(size)

        tablet.tablet.wire.address = made.url
        tablet.tablet.wire._http.base_url = made.url  # type: ignore[assignment]
        monkeypatch.setattr(wire, "_patience", while_it_stalls)
        yield made


@pytest.fixture
def cut(tablet: FieldTablet, line: Proxy) -> Cutting:
    """The same, to be cut at a byte."""
    return Cutting(tablet, line)

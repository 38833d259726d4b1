"""The county and its tablets, as the tablet's tests have them."""

from __future__ import annotations

from tests.field_client.conftest import clock, county, morning, online, shop, tablet, typesetter

__all__ = ["clock", "county", "morning", "online", "shop", "tablet", "typesetter"]

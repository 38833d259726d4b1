"""The longest files begin first, so that two workers end together."""

from __future__ import annotations

import pytest

LONGEST = (
    "tests/system/",
    "tests/test_install.py",
    "tests/field_client/ui/",
    "tests/sync_server/web/",
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the order within a file; move whole folders to the front."""

    def place(item: pytest.Item) -> int:
        found = (at for at, start in enumerate(LONGEST) if item.nodeid.startswith(start))
        return next(found, len(LONGEST))

    items.sort(key=place)

"""The agency's reference data, fetched by python-tuf's own client (TUF 1.0)."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from tuf.api.exceptions import DownloadError, RepositoryError
from tuf.ngclient import Updater

from tests.interop.served import Served


def read(served: Served) -> str:
    """From the first root, whose key is the agency's, to the bundle that its issuer signed."""
    (agency, told) = next(iter(served.trusted()["roots"].items()))
    roots = [told] if isinstance(told, str) else told
    base = f"{served.url}/tuf/{agency}/"
    first = served.get(f"/tuf/{agency}/1.root.json")
    signed = json.loads(first)["signed"]
    by = {signed["keys"][key]["keyval"]["public"] for key in signed["roles"]["root"]["keyids"]}
    assert by & set(roots), "the first root is signed by another key than the agency's"
    with tempfile.TemporaryDirectory() as folder:
        client = Updater(folder, base, folder, f"{base}targets/", bootstrap=first)
        client.refresh()
        target = client.get_targetinfo("reference.dsse")
        assert target is not None
        size = Path(client.download_target(target)).stat().st_size
    _expect_refused(base, first)
    return f"reference data of {size} bytes"


def _expect_refused(base: str, first: bytes) -> None:
    altered = first.replace(b'"threshold":1', b'"threshold":2', 1)
    with tempfile.TemporaryDirectory() as folder:
        try:
            Updater(folder, base, folder, f"{base}targets/", bootstrap=altered).refresh()
        except (RepositoryError, DownloadError):
            return
    raise AssertionError("an altered root is believed")

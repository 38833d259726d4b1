"""A film of 2 GB from the tablet to the server, over a line that is cut twenty times.

Both sides are the product's own programs in processes of their own (``tests/films.py``). Held to:
what is sent again is at most one chunk for each cut, and neither side takes more than 64 MiB above
what it takes at rest. FILM_MB and FILM_CUTS make it shorter; it needs twice its size on the disk.

    $ python -m benchmarks._video
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from tests.films import send

MIB = 1 << 20
FLAT = 64 * MIB


def figures() -> dict[str, object]:
    """Send the film; raises AssertionError where a promise does not hold."""
    size = int(os.environ.get("FILM_MB", "2048")) * MIB
    cuts = int(os.environ.get("FILM_CUTS", "20"))
    with tempfile.TemporaryDirectory() as name:
        free = shutil.disk_usage(name).free
        if free < 3 * size:
            return {"film": f"not sent: it needs {3 * size // MIB} MiB, free are {free // MIB}"}
        sent = send(Path(name), size=size, cuts=cuts, seed=5)
    assert sent.identical, "the stored film is another than the one that was recorded"
    assert sent.again <= sent.allowed, sent
    assert max(sent.tablet_above, sent.server_above) <= FLAT, sent
    return {
        "film": {
            "mib": sent.size // MIB,
            "cuts": sent.cuts,
            "sent_again_mib": round(sent.again / MIB, 1),
            "sent_again_allowed_mib": sent.allowed // MIB,
            "seconds": round(sent.seconds, 1),
            "mib_a_second": round(sent.size / MIB / sent.seconds, 1),
            "tablet_above_rest_mib": round(sent.tablet_above / MIB, 1),
            "server_above_rest_mib": round(sent.server_above / MIB, 1),
        }
    }


if __name__ == "__main__":
    print(figures())

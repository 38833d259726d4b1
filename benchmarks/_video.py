"""A film of 2 GB from the tablet to the server, over a line that is cut twenty times.

Both sides are the product's own programs in processes of their own (``tests/films.py``). Held to:
what is sent again is at most one chunk for each cut, and neither side takes more than 64 MiB above
what it takes at rest. FILM_MB and FILM_CUTS make it shorter; it needs twice its size on the disk.

Beside it, on a line that is not cut, the same bytes by the same plain client to this server and to
@tus/server, the reference server for Node, where npm brings it. This one takes the SHA-256 of the
whole and puts it on the disk for good; that one does neither.

    $ python -m benchmarks._video
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import httpx

from tests.films import send
from tests.interop import uploads
from tests.sync_server.tablet import TUS
from tests.sync_server.test_blobs import bearer, filmed_by

MIB = 1 << 20
FLAT = 64 * MIB
PLAIN = 512 * MIB
CHUNK = 8 * MIB
REFERENCE = ("@tus/server@2.4.5", "@tus/file-store@2.1.1")


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
        },
        "line_not_cut": {"this_server_mib_a_second": ours(), "tus_server_mib_a_second": theirs()},
    }


def ours() -> float:
    """MiB a second into this server."""
    with tempfile.TemporaryDirectory() as name, uploads.enrolled(Path(name)) as (server, tablet):
        film = os.urandom(PLAIN)
        filmed_by(tablet, film)
        server.stop()
        server.in_process = True  # a process of its own, as the other has one
        server.start()
        granted = tablet.grant(film)
        return _speed(f"{tablet.url}{granted.path}", TUS | bearer(granted), film)


def theirs() -> float | str:
    """MiB a second into @tus/server."""
    if not uploads.installed(*REFERENCE):
        return "not run: npm does not bring it"
    paths = os.environ | {"NODE_PATH": str(uploads.MODULES / "node_modules")}
    script = Path(__file__).with_name("_tus_server.cjs")
    with tempfile.TemporaryDirectory() as name:
        command = ["node", str(script), name]
        running = subprocess.Popen(command, env=paths, stdout=subprocess.PIPE, text=True)
        try:
            assert running.stdout is not None
            url = f"http://127.0.0.1:{running.stdout.readline().strip()}/files"
            length = TUS | {"upload-length": str(PLAIN)}
            made = httpx.post(url, headers=length, trust_env=False)
            return _speed(made.headers["location"], TUS, os.urandom(PLAIN))
        finally:
            running.kill()
            running.wait()


def _speed(url: str, told: dict[str, str], film: bytes) -> float:
    began = time.monotonic()
    with httpx.Client(trust_env=False, timeout=120) as client:
        for offset in range(0, len(film), CHUNK):
            headers = {
                "upload-offset": str(offset),
                "content-type": "application/offset+octet-stream",
                "content-length": str(len(film[offset : offset + CHUNK])),
            }
            pieces = [film[at : at + MIB] for at in range(offset, offset + CHUNK, MIB)]
            answer = client.patch(url, headers=told | headers, content=pieces)
            assert answer.status_code == 204, answer.text
    return round(len(film) / MIB / (time.monotonic() - began), 1)


if __name__ == "__main__":
    print(figures())

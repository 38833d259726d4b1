"""A long film on its way from a real tablet to a real server, over a line that is often cut.

    tablet (a process) ──▶ Proxy: cut after so many bytes ──▶ server (a process)
      vault, encrypted file, Uploads, HTTP                      tus, SHA-256, fsync, rename

    sent = send(folder, size=2 << 30, cuts=20, seed=1)
    sent.again          bytes that passed more than once, headers and signed requests counted too
    sent.tablet_above   the most memory that the tablet's process took above what it took at rest

The film is random bytes, so that nothing compresses; the tablet makes it through the same calls
that a camera's recording goes through. Who retries is sync's own engine, by its own timers.

    $ python -m tests.films FOLDER PORT SIZE        the tablet; tells its progress on stdout
"""

from __future__ import annotations

import gc
import hashlib
import random
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from field_client.camera.media import Captured
from field_client.device_clock import SystemClock
from field_client.documents import Typesetter
from field_client.inspection import Inspection
from field_client.store.blobs import BlobWriter
from field_client.store.journal import Saved
from field_client.store.tables import BlobRow, Stage
from protocol.pacing import MOST_CHUNK
from protocol.statements import MediaCaptured
from protocol.vocabulary import MediaKind
from tests.field_client import county as c
from tests.field_client.conftest import TurnedClock
from tests.ports import free_port
from tests.proxy import Proxy

PIECE = 1 << 20


@dataclass(frozen=True)
class Sent:
    """What it took. Bytes; seconds from the first byte to the office's signed *stored*."""

    size: int
    cuts: int
    again: int
    allowed: int
    seconds: float
    tablet_above: int
    server_above: int
    identical: bool


class PlainClock(SystemClock):
    """The machine's clock, where tests expect one that they turn."""

    def pass_seconds(self, seconds: int) -> None:
        """Time passes by itself."""


def film(tablet: c.FieldTablet, inspection: Inspection, size: int, seed: int) -> Saved:
    """A film of random bytes, kept as a camera's would be."""
    chance, whole = random.Random(seed), hashlib.sha256()
    now = tablet.clock.wall_ms()

    def record(sink: BlobWriter) -> Captured:
        left = size
        while left:
            piece = chance.randbytes(min(left, PIECE))
            whole.update(piece)
            left -= sink.write(piece)
        written = sink.finish()
        assert written == (whole.digest(), size)
        return Captured(written.sha256, size, "video/mp4", "h264", 1, 320, 180, now, now)

    return inspection._capture(MediaKind.VIDEO, "video/mp4", tablet.about(), tablet.lu, record)


def kept(tablet: c.FieldTablet, inspection: Inspection, data: bytes) -> Saved:
    """A photo of these bytes, kept as a camera's would be."""
    now = tablet.clock.wall_ms()

    def record(sink: BlobWriter) -> Captured:
        sink.write(data)
        written = sink.finish()
        return Captured(*written, "image/jpeg", "mjpeg", 0, 64, 48, now, now)

    return inspection._capture(MediaKind.PHOTO, "image/jpeg", tablet.about(), tablet.lu, record)


def blob_of(saved: Saved) -> tuple[bytes, int]:
    """The blob that a recording's statement names."""
    assert isinstance(saved.statement, MediaCaptured)
    return bytes.fromhex(saved.statement.blob.sha256), saved.statement.blob.size


def send(folder: Path, *, size: int, cuts: int, seed: int) -> Sent:
    """Send a film of ``size`` bytes through ``cuts`` cuts."""
    from tests.sync_server.conftest import Server

    clock = TurnedClock(wall=time.time_ns() // 1_000_000 - 600_000)
    c.found(folder / "office", clock)
    office = c.County(folder / "office", c.ServerClock(clock), free_port())
    office.start()
    c.enrol(office, folder / "tablet", clock)
    office.stop()
    server = Server(folder / "office", in_process=True)
    server.start()
    try:
        with Proxy(server.port) as line, _Tablet(folder, line.port, size, seed) as tablet:
            name = bytes.fromhex(tablet.heard("ready"))
            _rest(tablet.process.pid)
            _rest(server.process_id)
            rest = memory(tablet.process.pid, "VmRSS"), memory(server.process_id, "VmRSS")
            before, began = line.up, time.monotonic()
            tablet.say("go")
            cutter = threading.Thread(target=_cut, args=(line, size, cuts, seed), daemon=True)
            cutter.start()
            tablet.heard("stored")
            took = time.monotonic() - began
            most = memory(tablet.process.pid, "VmHWM"), memory(server.process_id, "VmHWM")
            passed, happened = line.up - before, line.cuts
        stored = folder / "office" / "blobs" / name.hex()[:2] / name.hex()
        with stored.open("rb") as file:
            identical = hashlib.file_digest(file, "sha256").digest() == name
    finally:
        server.stop()
    return Sent(
        size=size,
        cuts=happened,
        again=passed - size,
        allowed=happened * MOST_CHUNK,
        seconds=took,
        tablet_above=most[0] - rest[0],
        server_above=most[1] - rest[1],
        identical=identical and stored.stat().st_size == size,
    )


def _cut(line: Proxy, size: int, cuts: int, seed: int) -> None:
    """Cut the line at places that chance names, one after the other."""
    chance, begun = random.Random(seed), line.up
    places = sorted(chance.sample(range(PIECE, size), cuts))
    for number, place in enumerate(places):
        # What is sent again moves the later places on: all cuts happen.
        line.cut(up=max(1, begun + place - line.up + (line.up - begun > place) * PIECE))
        while line.cuts <= number:
            time.sleep(0.002)


class _Tablet:
    """The tablet's process, its lines read and written."""

    def __init__(self, folder: Path, port: int, size: int, seed: int) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.films", str(folder), str(port), str(size), str(seed)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> _Tablet:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()

    def say(self, word: str) -> None:
        """Send a line."""
        assert self.process.stdin is not None
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()

    def heard(self, word: str) -> str:
        """The rest of the next line that begins with a word."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith(word):
                return line[len(word) :].strip()
        raise AssertionError(f"the tablet ended before it said {word}")


def memory(process: int, name: str) -> int:
    """A figure of /proc: VmRSS now, VmHWM the most since ``_rest``."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1]) << 10
    raise AssertionError(f"no {name}")


def _rest(process: int) -> None:
    """Let the most that a process took begin anew."""
    Path(f"/proc/{process}/clear_refs").write_text("5")


def main(folder: Path, port: int, size: int, seed: int) -> None:
    """The tablet: everything but the film goes first; then it waits to be told."""
    with Typesetter() as typesetter:
        clock = PlainClock()
        county = c.County(folder / "office", c.ServerClock(TurnedClock()), port)
        county.meddler = None  # type: ignore[assignment]  # the product's own way to the network
        tablet = c.FieldTablet.start(
            folder / "tablet",
            clock,  # type: ignore[arg-type]
            county,
            folder / "no camera",
            typesetter,
        )
        inspection = tablet.opened_and_notified()
        for _ in range(2):
            tablet.contact()
        saved = film(tablet, inspection, size, seed)
    name, _ = blob_of(saved)
    gc.collect()
    print("ready", name.hex(), flush=True)
    sys.stdin.readline()
    tablet.tablet.sync.start()
    while not _stored(tablet, name):
        time.sleep(0.05)
    print("stored", flush=True)
    sys.stdin.readline()


def _stored(tablet: c.FieldTablet, name: bytes) -> bool:
    with tablet.tablet.vault.session() as session:
        return session.get_one(BlobRow, name).stage == Stage.STORED.value


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:5]))

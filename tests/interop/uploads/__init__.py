"""Uploads by others' clients of tus 1.0.0: tuspy, and tus-js-client by npm.

    program ──▶ Proxy ──▶ server      a third of the film: the program is killed
    program ──▶ Proxy ──▶ server      started again it goes on; two thirds: the line is cut
                                      it goes on by itself, and the office says *stored*

All that a client is given is an address and a token, which a tablet asked for with its signature.
"""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sync_server import demo
from sync_server.clock import system_clock
from sync_server.upkeep import founding
from tests.interop.served import Served
from tests.proxy import Proxy
from tests.sync_server.conftest import Server
from tests.sync_server.tablet import Tablet
from tests.sync_server.test_blobs import filmed_by, stored
from tests.worlds import World

HERE = Path(__file__).parent
MODULES = HERE.parents[2] / "build/interop/tus"
TUS_JS = "tus-js-client@4.3.1"
CHUNK = 1 << 20
SIZE = 12 << 20
LINE = 400_000_000
"""Bits a second: fast, and slow enough to be cut in the middle."""


def tuspy(_: Served) -> str:
    """A film by tuspy."""
    return _upload([sys.executable, str(HERE / "upload.py")], {})


def tus_js(_: Served) -> str:
    """A film by tus-js-client."""
    paths = {"NODE_PATH": str(MODULES / "node_modules")}
    return _upload(["node", str(HERE / "upload.cjs")], paths)


def here() -> bool:
    """Whether Node is here, and npm brings the client."""
    return installed(TUS_JS)


def installed(*packages: str) -> bool:
    """Whether npm could bring these, or has brought them before."""
    if not shutil.which("node") or not shutil.which("npm"):
        return False
    MODULES.mkdir(parents=True, exist_ok=True)
    names = [one.rpartition("@")[0] for one in packages]
    if all((MODULES / "node_modules" / name).is_dir() for name in names):
        return True
    command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", *packages]
    try:
        subprocess.run(command, cwd=MODULES, check=True, capture_output=True, timeout=300)
    except (OSError, subprocess.SubprocessError):
        return False
    return True


def _upload(command: Sequence[str], environment: dict[str, str]) -> str:
    with tempfile.TemporaryDirectory() as name, enrolled(Path(name)) as (server, tablet):
        film = random.Random(20).randbytes(SIZE)
        filmed_by(tablet, film)
        granted = tablet.grant(film)
        file, store = Path(name) / "film.mp4", Path(name) / "store.json"
        file.write_bytes(film)
        with Proxy(server.port, bits=LINE) as line:
            told = [f"{line.url}/v1/blobs", granted.token, str(file), str(store), str(CHUNK)]
            begun = _start([*command, *told], environment)
            _until(line, SIZE // 3, begun)
            begun.kill()
            assert "begun" in begun.communicate()[0]
            there = _offset(server, granted.path)
            again = _start([*command, *told], environment)
            _until(line, 2 * SIZE // 3, again)
            line.hang_up()
            said, faults = again.communicate(timeout=120)
            assert again.returncode == 0, said + faults
            assert "resumed" in said, said
            extra = line.up - SIZE
        name_of = hashlib.sha256(film).hexdigest()
        path = server.settings.blobs / name_of[:2] / name_of
        assert path.read_bytes() == film
        assert stored(tablet, film)
        assert 0 < there < SIZE
        assert extra <= 2 * CHUNK + 100_000, f"{extra} bytes more than the film"
    return f"{SIZE >> 20} MiB through a kill and a cut, {extra >> 10} KiB more than the film"


def _start(command: Sequence[str], environment: dict[str, str]) -> subprocess.Popen[str]:
    local = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    return subprocess.Popen(
        command,
        env=local | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _until(line: Proxy, passed: int, program: subprocess.Popen[str]) -> None:
    while line.up < passed:
        assert program.poll() is None, program.communicate()
        time.sleep(0.002)


def _offset(server: Server, path: str) -> int:
    return (server.settings.uploads / path.rpartition("/")[2]).stat().st_size


@contextmanager
def enrolled(folder: Path) -> Iterator[tuple[Server, Tablet]]:
    """A founded county whose server runs, and a tablet that was enrolled there."""
    server = Server(folder / "data")
    founding.found(server.settings, system_clock(), demo.plan())
    server.start()
    try:
        tablet = Tablet(server.url, World())
        tablet.enrol(server.code("device", demo.DEVICE))
        tablet.enrol_officers(server.code)
        yield server, tablet
    finally:
        server.stop()

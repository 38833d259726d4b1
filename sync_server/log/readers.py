"""Who reads pushes: the thread that asks; and processes beside the server, once there is a crowd.

Threads of one Python take turns, so that reading in threads makes the writer wait however many
cores there are. From the first time on that two pushes come at once, they are read by processes
(``reader.py``), one for each core; a server that is asked now and then never starts any.

    readers = Readers(2)                    with 0, as on one core, threads do it all
    readers.read(body, "zstd", registry)    blocks; in a thread of its own

A process that dies takes no push with it: the push is read here, and another process is started for
the next one. What is read is the same wherever it is done.
"""

from __future__ import annotations

import contextlib
import fcntl
import subprocess
import sys
import threading
from collections.abc import Mapping

import msgspec
import structlog

from protocol.keys import Verifier
from protocol.registry.registry import Registry
from sync_server.log.reader import Asked, receive, send
from sync_server.log.reading import Opened, opened

ROOM = 1 << 20
"""Bytes that a pipe is asked to hold, so that most messages pass in one step."""

log = structlog.get_logger(__name__)


class Readers:
    """Threads ask, ``count`` processes read. To be closed."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._lock = threading.Lock()
        self._idle: list[_Process] = []
        self._all: set[_Process] = set()
        self._here = 0
        self._closed = False

    def read(self, body: bytes, encoding: str, registry: Registry) -> Opened:
        """Read a push (``reading.py``). Raises TooLarge or Malformed."""
        process = self._take()
        if process is None:
            try:
                return opened(body, encoding, registry)
            finally:
                with self._lock:
                    self._here -= 1
        try:
            found = process.read(body, encoding, registry)
        except (OSError, msgspec.MsgspecError) as fault:
            log.error("a reading process ended", reason=type(fault).__name__)
            self._replace(process)
            found = None
        else:
            with self._lock:
                self._idle.append(process)
        return found or opened(body, encoding, registry)

    def close(self) -> None:
        """End the processes."""
        with self._lock:
            self._closed = True
            ended, self._all = self._all, set()
        for process in ended:
            process.end()

    @property
    def processes(self) -> list[int]:
        """Their ids."""
        with self._lock:
            return sorted(process.id for process in self._all)

    def _take(self) -> _Process | None:
        """An idle process; None where the caller reads himself."""
        with self._lock:
            if self._here and not self._all and not self._closed:
                self._idle = [_Process() for _ in range(self._count)]
                self._all = set(self._idle)
            if self._idle:
                return self._idle.pop()
            self._here += 1
            return None

    def _replace(self, process: _Process) -> None:
        process.end()
        with self._lock:
            self._all.discard(process)
            if not self._closed:
                fresh = _Process()
                self._all.add(fresh)
                self._idle.append(fresh)


class _Process:
    """One process, and the keys that it knows."""

    def __init__(self) -> None:
        # Not in the terminal's group: what ends the server ends this, by the end of its stdin.
        self._process = subprocess.Popen(
            [sys.executable, "-m", "sync_server.log.reader"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            process_group=0,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._asked, self._told = self._process.stdin, self._process.stdout
        for pipe in (self._asked, self._told):
            with contextlib.suppress(OSError):
                fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, ROOM)
        self._keys: Mapping[bytes, Verifier] = {}

    @property
    def id(self) -> int:
        return self._process.pid

    def read(self, body: bytes, encoding: str, registry: Registry) -> Opened | None:
        """What it read; None where that cannot be. Raises OSError when it has ended."""
        new, gone = self._differences(registry.keys)
        send(self._asked, _encode(Asked(registry.version, new, gone, encoding, body)))
        self._keys = registry.keys
        answer = receive(self._told)
        if answer is None:
            raise BrokenPipeError
        return _decode(answer) if answer else None

    def _differences(
        self, keys: Mapping[bytes, Verifier]
    ) -> tuple[list[tuple[str, bytes]], list[bytes]]:
        if keys is self._keys:
            return [], []
        new = [(one.algorithm, one.public_key) for at, one in keys.items() if at not in self._keys]
        return new, [at for at in self._keys if at not in keys]

    def end(self) -> None:
        """Let it end, and wait until it has."""
        with contextlib.suppress(OSError):
            self._asked.close()
        self._told.close()
        self._process.kill()
        self._process.wait()


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Opened).decode

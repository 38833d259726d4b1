"""Who reads pushes: the thread that asks; and processes beside the server, once there is a crowd.

Threads of one Python take turns, so that reading in threads makes the writer wait however many
cores there are. Each time that two pushes come at once a process is started (``reader.py``), until
there are as many as allowed; a server that is asked now and then never has any.

    readers = Readers(2)                         with 0, as on one core, threads do it all
    readers.read(body, "zstd", registry, key)    blocks; in a thread of its own

Nobody waits for a process that is not ready yet, and none takes a push with it: if it dies, or says
nothing for half a minute, the push is read here. What is read is the same wherever it is done.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path

import msgspec
import structlog

import sync_server
from protocol.keys import Verifier
from protocol.registry.registry import Registry
from sync_server.log import reader
from sync_server.log.reader import Asked, Told, receive, send

ROOM = 1 << 20
"""Bytes that a pipe is asked to hold, so that most messages pass in one step."""
PATIENCE_S = 30.0
"""How long a process may take for one push before it is ended."""
REST_S = 60.0
"""How long no other is started after one that never read anything."""

log = structlog.get_logger(__name__)


class Readers:
    """Threads ask, up to ``count`` processes read. To be closed."""

    def __init__(self, count: int, patience_s: float = PATIENCE_S) -> None:
        self._count = count
        self._patience_s = patience_s
        self._lock = threading.Lock()
        self._idle: list[_Process] = []
        self._all: set[_Process] = set()
        self._here = 0
        self._rests_until = 0.0
        self._ended = threading.Event()
        self._watch: threading.Thread | None = None

    def read(self, body: bytes, encoding: str, registry: Registry, key: Verifier) -> Told:
        """Read a push of the device with this key (``reader.read``). Raises TooLarge, Malformed;
        and Unverified for its inventory."""
        process = self._take()
        found = None
        if process is not None:
            try:
                found = process.read(body, encoding, registry, key.key_id)
            except (OSError, ValueError, MemoryError, msgspec.MsgspecError) as fault:
                self._drop(process, fault)
            else:
                with self._lock:
                    self._idle.append(process)
        if found is not None:
            return found
        with self._lock:
            self._here += 1
        try:
            return reader.read(body, encoding, registry, key)
        finally:
            with self._lock:
                self._here -= 1

    def close(self) -> None:
        """End the processes."""
        self._ended.set()
        with self._lock:
            ended, self._all, self._idle = self._all, set(), []
        for process in ended:
            process.end()
        if self._watch is not None:
            self._watch.join()

    @property
    def processes(self) -> list[int]:
        """Their ids."""
        with self._lock:
            return sorted(process.id for process in self._all)

    def _take(self) -> _Process | None:
        """An idle process; None where the caller reads himself."""
        failed: list[tuple[_Process, Exception]] = []
        taken = None
        with self._lock:
            if self._here:
                self._start()
            for process in list(self._idle):
                try:
                    if process.is_ready():
                        taken = process
                except OSError as fault:
                    failed.append((process, fault))
                    self._idle.remove(process)
                if taken is not None:
                    self._idle.remove(process)
                    break
        for process, reason in failed:
            self._drop(process, reason)
        return taken

    def _start(self) -> None:
        """Another process, if one more may be. Where none can be made, threads go on alone."""
        full = len(self._all) >= self._count
        if full or self._ended.is_set() or time.monotonic() < self._rests_until:
            return
        try:
            process = _Process()
        except OSError as fault:
            log.error("no reading process", reason=type(fault).__name__)
            self._rests_until = time.monotonic() + REST_S
            return
        self._all.add(process)
        self._idle.append(process)
        if self._watch is None:
            self._watch = threading.Thread(target=self._end_silent, name="readers", daemon=True)
            self._watch.start()

    def _drop(self, process: _Process, fault: Exception) -> None:
        if not self._ended.is_set():
            log.error("a reading process ended", reason=type(fault).__name__)
        process.end()
        with self._lock:
            self._all.discard(process)
            if not process.has_read:
                self._rests_until = time.monotonic() + REST_S

    def _end_silent(self) -> None:
        """End what is silent for too long; who waits for it finds its pipe closed."""
        while not self._ended.wait(self._patience_s / 8):
            since = time.monotonic() - self._patience_s
            with self._lock:
                silent = [one for one in self._all if one.asked_at and one.asked_at < since]
            for process in silent:
                process.kill()


class _Process:
    """One process, and the keys that it knows."""

    def __init__(self) -> None:
        here = str(Path(sync_server.__file__).parents[1])
        path = os.pathsep.join(filter(None, (here, os.environ.get("PYTHONPATH"))))
        # Nothing is imported from the folder that the server was started in. Not in the terminal's
        # group: what ends the server ends this, by the end of its stdin.
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "sync_server.log.reader"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path},
            process_group=0,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._asked, self._told = self._process.stdin, self._process.stdout
        for pipe in (self._asked, self._told):
            with contextlib.suppress(OSError):
                fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, ROOM)
        self._keys: Mapping[bytes, Verifier] = {}
        self._ready = False
        self.asked_at = 0.0
        """Since when it is expected to answer; 0 while nobody asks."""
        self.has_read = False

    @property
    def id(self) -> int:
        return self._process.pid

    def is_ready(self) -> bool:
        """Whether it can be asked. Raises OSError when it has ended instead."""
        if not self._ready:
            poll = select.poll()  # not ``select``: a server has files beyond number 1024
            poll.register(self._told, select.POLLIN)
            if poll.poll(0):
                self._receive()
                self._ready = True
        return self._ready

    def read(self, body: bytes, encoding: str, registry: Registry, key_id: bytes) -> Told | None:
        """What it read; None where that cannot be. Raises OSError when it has ended."""
        new, gone = self._differences(registry.keys)
        self.asked_at = time.monotonic()
        send(self._asked, _encode(Asked(registry.version, new, gone, key_id, encoding, body)))
        self._keys = registry.keys
        answer = self._receive()
        self.asked_at = 0.0
        self.has_read = True
        return _decode(answer) if answer else None

    def _receive(self) -> bytes:
        answer = receive(self._told)
        if answer is None:
            raise BrokenPipeError
        return answer

    def _differences(
        self, keys: Mapping[bytes, Verifier]
    ) -> tuple[list[tuple[str, bytes]], list[bytes]]:
        if keys is self._keys:
            return [], []
        new = [(one.algorithm, one.public_key) for at, one in keys.items() if at not in self._keys]
        return new, [at for at in self._keys if at not in keys]

    def kill(self) -> None:
        """End it where it stands."""
        self._process.kill()

    def end(self) -> None:
        """End it, and wait until it has. Before its pipes are closed: who still reads holds them
        until then."""
        self.kill()
        for pipe in (self._asked, self._told):
            with contextlib.suppress(OSError):
                pipe.close()
        self._process.wait()


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Told).decode

"""A process forked from this one, which has everything imported already, and what it says.

    with Forked(lambda say, gate: sync(scene, say, gate), folder / "tablet.log") as tablet:
        tablet.wait(lambda: tablet.told.ready)     until it said so, or ended
        tablet.go()                                opens its gate
        tablet.wait(lambda: tablet.told.ended)

Whoever forks must have no threads: all work of a round is done in children.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.faults import strace
from tests.faults.scene import Say, Told

Work = Callable[[Say, Callable[[], None]], None]


class Forked:
    """One child. ``told`` gathers what it says; ``dead`` after its end, with ``signal`` if one
    ended it."""

    def __init__(self, work: Work, log: Path, told: Told | None = None) -> None:
        self.told = told or Told()
        self.log = log
        self.dead = False
        self.signal = self.status = 0
        self._lines = b""
        self._ours, theirs = socket.socketpair()
        sys.stdout.flush()
        self.pid = os.fork()
        if not self.pid:
            self._ours.close()
            _live(work, theirs, log)
        theirs.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if not self.dead:
            os.kill(self.pid, signal.SIGKILL)
            self.wait(lambda: False, 30)
        self._ours.close()

    def go(self) -> None:
        """Open the gate that it waits at."""
        with contextlib.suppress(BrokenPipeError):  # it died at the gate
            self._ours.send(b".")

    def end(self) -> None:
        """SIGTERM, and wait for its end in order."""
        if not self.dead:
            os.kill(self.pid, signal.SIGTERM)
            self.wait(lambda: False, 30)

    def kill(self) -> None:
        """SIGKILL."""
        if not self.dead:
            os.kill(self.pid, signal.SIGKILL)

    def wait(self, enough: Callable[[], bool], seconds: float) -> bool:
        """Listen until ``enough``, its end, or the time is over. True for the first."""
        until = time.monotonic() + seconds
        while not enough() and not self.dead and time.monotonic() < until:
            self._listen(0.01)
            ended, status = os.waitpid(self.pid, os.WNOHANG)
            if ended:
                self.dead = True
                self.status = os.waitstatus_to_exitcode(status)
                self.signal = max(0, -self.status)
                while self._listen(0):  # what it said while it died counts
                    pass
        return enough()

    def _listen(self, seconds: float) -> bool:
        if not select.select([self._ours], [], [], seconds)[0]:
            return False
        try:
            data = self._ours.recv(65536)
        except ConnectionError:
            data = b""
        if not data:
            if not self.dead:
                time.sleep(seconds)
            return False
        *whole, self._lines = (self._lines + data).split(b"\n")
        for line in whole:
            self.told.hear(json.loads(line))
        return True


def _live(work: Work, said: socket.socket, log: Path) -> None:
    """The child's life; never returns."""
    status = 1
    try:
        strace.let_trace()
        out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(out, 1)
        os.dup2(out, 2)
        os.close(out)

        def say(**words: object) -> None:
            said.sendall(json.dumps(words).encode() + b"\n")

        try:
            work(say, lambda: bool(said.recv(1)) or os._exit(3))
            status = 0
        except BaseException as fault:
            traceback.print_exc()
            say(fault=f"{type(fault).__name__}: {fault}"[:2000])
            raise
    finally:
        os._exit(status)

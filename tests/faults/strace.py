"""System calls of a running process that fail, or that kill it, at the Nth of them: by strace.

    events = counted(log)                           what a whole run calls, thread by thread
    with attached(pid, Fault("fsync", 3, "EIO")):   each thread's third fsync fails, once
        ...
    with attached(pid, Fault("pwrite64", 9, "KILL")):

strace counts by thread, so a fault may happen to several threads, or to none if another run of
the same program comes out shorter.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

DISK = ("write", "pwrite64", "fsync", "fdatasync", "ftruncate", "rename", "unlink")
"""What writes to a disk, and logs. Sockets are written by ``sendto``."""

MOMENTS = (*DISK, "openat", "sendto", "recvfrom", "read", "close", "epoll_wait")
"""Calls at which a process may be killed."""

PR_SET_PTRACER = 0x59616D61


@dataclass(frozen=True)
class Fault:
    """What happens at the ``at``-th ``call`` of a thread: ``KILL``, or an errno by name. With
    ``lasting`` at all later ones too, until strace lets go."""

    call: str
    at: int
    what: str
    lasting: bool = False

    def __str__(self) -> str:
        return f"{self.what} at {self.call} {self.at}{' and all later' if self.lasting else ''}"

    @property
    def options(self) -> list[str]:
        """For strace's command line."""
        what = "signal=KILL" if self.what == "KILL" else f"error={self.what}"
        when = f"{self.at}{'+' if self.lasting else ''}"
        return [f"--trace={self.call}", f"--inject={self.call}:{what}:when={when}"]


def let_trace() -> None:
    """Let any process of this user trace this one, also where only parents may (Yama)."""
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(PR_SET_PTRACER, ctypes.c_ulong(-1), 0, 0, 0)


@contextlib.contextmanager
def attached(pid: int, fault: Fault | None, log: Path) -> Iterator[None]:
    """strace over a process and all its threads, until the block ends or the process does.
    Without a fault it only notes the calls of ``MOMENTS``."""
    options = fault.options if fault else [f"--trace={','.join(MOMENTS)}"]
    command = ["strace", "-f", "-qq", "-o", str(log), *options, "-p", str(pid)]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as tracer:
        try:
            while not _traced(pid) and tracer.poll() is None:
                time.sleep(0.002)
            yield
        finally:
            tracer.terminate()
            assert tracer.stderr is not None
            tracer.stderr.read()


def _traced(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return True  # it is gone: nobody waits for it
    return "\nTracerPid:\t0\n" not in status


def counted(log: Path) -> Counter[str]:
    """Of each call, the most that one thread made."""
    by_thread: Counter[tuple[str, str]] = Counter()
    for line in log.read_text(errors="replace").splitlines():
        found = re.match(r"(\d+) +(\w+)\(", line)
        if found:
            by_thread[found[1], found[2]] += 1
    most: Counter[str] = Counter()
    for (_, call), count in by_thread.items():
        most[call] = max(most[call], count)
    return most


def can_trace() -> bool:
    """Whether strace is here and may trace; tried on a process of our own."""
    if shutil.which("strace") is None or not sys.platform.startswith("linux"):
        return False
    with subprocess.Popen(["sleep", "5"]) as tried:
        command = ["strace", "-f", "-qq", "-o", os.devnull, "-p", str(tried.pid)]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as tracer:
            while not (traced := _traced(tried.pid)) and tracer.poll() is None:
                time.sleep(0.002)
            tracer.terminate()
        tried.kill()
    return traced

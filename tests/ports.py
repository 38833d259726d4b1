"""Ports for servers of the tests, each given once.

A port that the system picks may be taken by somebody's outgoing connection before the server
listens on it. These lie below where Linux picks from (32768 on), and each worker has a thousand of
its own; programs that run beside each other begin at different places in it. Where two walk through
one thousand, a port that one of them was given and does not listen on yet is not the other's: a
name is held for it, which goes with the program.
"""

import itertools
import os
import socket
from collections import deque

HELD = 100  # who asked for a hundred others since then listens by now, or is gone

_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw8").removeprefix("gw")) % 9
_first, _offset = 20_000 + 1_000 * _worker, os.getpid() * 7 % 1_000
_held: deque[tuple[int, socket.socket]] = deque()
_given = itertools.cycle([_first + (_offset + n) % 1_000 for n in range(1_000)])


def free_port() -> int:
    """A port on which nobody listens now, nor will but for the caller."""
    for port in itertools.islice(_given, 1_000):
        with socket.socket() as trial:
            try:
                trial.bind(("127.0.0.1", port))
            except OSError:
                continue
            if _hold(port):
                return port
    raise OSError("expected a free port among this worker's thousand; end what listens there")


def _hold(port: int) -> bool:
    if port in dict(_held):
        return True
    name = socket.socket(socket.AF_UNIX)
    try:
        name.bind(f"\0fujie-tests-port-{port}")
    except OSError:
        name.close()
        return False
    _held.append((port, name))
    if len(_held) > HELD:
        _held.popleft()[1].close()
    return True

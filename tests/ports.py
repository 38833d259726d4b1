"""Ports for servers of the tests, each given once.

A port that the system picks may be taken by somebody's outgoing connection before the server
listens on it. These lie below where Linux picks from (32768 on), and each worker has a thousand of
its own; programs that run beside each other begin at different places in it.
"""

import itertools
import os
import socket

_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw8").removeprefix("gw")) % 9
_first, _offset = 20_000 + 1_000 * _worker, os.getpid() * 7 % 1_000
_given = itertools.cycle([_first + (_offset + n) % 1_000 for n in range(1_000)])


def free_port() -> int:
    """A port on which nobody listens now."""
    for port in itertools.islice(_given, 1_000):
        with socket.socket() as trial:
            try:
                trial.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError("expected a free port among this worker's thousand; end what listens there")

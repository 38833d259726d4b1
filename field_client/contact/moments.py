"""The moment before a request leaves: there is a connection, and not one byte was sent.

request.extensions["trace"] = before_it_leaves(mark)      ``mark`` is called then, or never

>>> from itertools import count
>>> heard = count()
>>> hear = before_it_leaves(lambda: print("it leaves", next(heard)))
>>> hear("connection.connect_tcp.failed", {})
>>> hear("http11.send_request_headers.started", {})
it leaves 0
"""

from __future__ import annotations

from collections.abc import Callable

LEAVES = "http11.send_request_headers.started"
"""httpcore's word for it; it tells what it does to whoever stands in ``trace``."""


def before_it_leaves(act: Callable[[], None]) -> Callable[[str, object], None]:
    """What the HTTP library calls as it goes along: ``act`` at that moment."""

    def trace(happened: str, _facts: object) -> None:
        if happened == LEAVES:
            act()

    return trace

"""One talker at a time: sync's thread with the server, or who takes an answer in from a stick.

class Exchange(Talk):
    @in_turn
    def push(…)                     waits until nobody else talks

with exchange.over(wire): …         alone, and over another wire, until the block ends
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec, Protocol, TypeVar

from field_client.contact.wire import Wire

P = ParamSpec("P")
R = TypeVar("R")


class Wired(Protocol):
    """Whoever talks to the office."""

    wire: Wire


class Talk:
    """What talks to the office, one caller at a time."""

    turn: threading.RLock

    def talkers(self) -> Sequence[Wired]:
        """All parts that hold the wire."""
        raise AssertionError(self)

    @contextmanager
    def over(self, wire: Wire) -> Iterator[None]:
        """Talk over another wire until the block ends, alone."""
        with self.turn:
            talkers = self.talkers()
            before = [one.wire for one in talkers]
            for one in talkers:
                one.wire = wire
            try:
                yield
            finally:
                for one, former in zip(talkers, before, strict=True):
                    one.wire = former


def in_turn(method: Callable[P, R]) -> Callable[P, R]:
    """A method of a ``Talk`` that begins when nobody else talks."""

    @wraps(method)
    def waiting(*args: P.args, **kwargs: P.kwargs) -> R:
        talk = args[0]
        assert isinstance(talk, Talk)
        with talk.turn:
            return method(*args, **kwargs)

    return waiting

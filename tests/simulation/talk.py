"""How a simulated tablet asks: one request, one answer or none, and what the engine is told.

    ask ──► the world carries it ──► the server ──► the world carries the answer ──► heard
     └── after ``TIMEOUT_MS`` without an answer: a failure; what comes later is passed over

A request bears the tablet's time. If the server finds that wrong, it is sent once more by the
server's, as ``field_client/contact/wire.py`` does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from protocol.engine import ChunkStored, Event, Failed, Halted, Pushed
from protocol.errors import BadConsistency, FujieError
from tests.simulation.server import Answer, Asked, Server
from tests.simulation.vault import Vault
from tests.simulation.world import Process, World

TIMEOUT_MS = 20_000

Heard = Callable[[Answer], Event | None]


class Unclear(Exception):
    """An answer that is no success."""


class Talker(Process):
    """A process that asks the server."""

    vault: Vault

    def __init__(self, world: World, name: str, key: bytes, server: Server) -> None:
        super().__init__(world, name)
        self.key = key
        self.server = server
        self.clock_ms = 0
        self.correction = 0
        self.born = 0

    @property
    def monotonic(self) -> int:
        """The clock that never jumps, since the machine started."""
        return self.world.now - self.born

    @property
    def wall(self) -> int:
        """The clock that people set."""
        return self.world.now + self.clock_ms

    def feed(self, event: Event) -> None:
        """Tell the engine."""
        raise AssertionError(event)

    def ask(
        self, asked: Asked, heard: Heard, about: bytes | None = None, *, again: bool = True
    ) -> None:
        """Send a request; ``heard`` makes an event of its answer, or goes on asking itself."""
        began, ended = self.world.now, [False]
        self.point(f"before it sends {type(asked).__name__}")

        def hear(answer: Answer | None) -> None:
            if ended[0]:
                return
            ended[0] = True
            self.point("as an answer comes")
            if answer is not None and answer.status == 401 and again:
                self.correction = answer.at - self.wall
                self.ask(asked, heard, about, again=False)
                return
            event = self.event_of(answer, heard, about)
            if isinstance(event, Pushed | ChunkStored):
                event = replace(event, sent=9_000, took_ms=self.world.now - began)
            if event is not None:
                self.point("before the engine hears of it")
                self.feed(event)

        at, life = self.wall + self.correction, self.life

        def reply(answer: Answer) -> None:
            self.world.carry(self._in(life, lambda: hear(answer)), "an answer")

        def arrive() -> None:
            self.server.receive(self.key, self.vault.journal, at, asked, reply)

        self.world.carry(arrive, f"a {type(asked).__name__} of {self.name}")
        self.later(TIMEOUT_MS, lambda: hear(None))

    def event_of(self, answer: Answer | None, heard: Heard, about: bytes | None) -> Event | None:
        """What an answer means to the engine; what means nothing is a failure."""
        try:
            if answer is None:
                raise Unclear("nothing came")
            if answer.status == 401:
                raise Unclear("the clock is still wrong")
            return heard(answer)
        except BadConsistency as alarm:
            self.tell(f"  {alarm}")
            return Halted("alarm", about)
        except (Unclear, FujieError) as fault:
            self.tell(f"  {fault}")
            return Failed(self.monotonic, self.world.chance.random(), about)

    def _in(self, life: int, todo: Callable[[], None]) -> Callable[[], None]:
        """``todo``, if the process that asked still lives."""

        def attempt() -> None:
            if self.life == life:
                self.alive(todo)()

        return attempt

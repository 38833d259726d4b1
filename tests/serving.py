"""The server in a thread of the tests, hundreds of times in one process.

    with web(services, port) as serving:        over running services
        serving.run()                           until another thread says serving.leave()

It is the program's own application under the program's own web server. What a start and an end
cost beside that is spared: the addresses are those of a server that has ended (a tenth of a
second's work), and the end is waited for where uvicorn looks ten times a second whether it is due.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from sync_server.app import KEEP_S, LEAVE_S, Addresses
from sync_server.services import Services

TURNS = 10
"""of the loop, in which idle connections close."""
_IDLE: list[Addresses] = []


class Web(uvicorn.Server):
    """uvicorn, without its waits at the end."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen; from here on it can be ended."""
        self._loop, self._due = asyncio.get_running_loop(), asyncio.Event()
        await super().startup(sockets)

    def leave(self) -> None:
        """End it in order; from another thread."""
        self.should_exit = True
        self._loop.call_soon_threadsafe(self._due.set)

    async def main_loop(self) -> None:
        """Until the end is due."""
        ticking = asyncio.create_task(super().main_loop())
        await self._due.wait()
        ticking.cancel()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Where nothing is under way, nothing is waited for."""
        for listening in self.servers:
            listening.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        for _ in range(TURNS):
            if not self.server_state.connections and not self.server_state.tasks:
                await self.lifespan.shutdown()
                return
            await asyncio.sleep(0)
        await super().shutdown(sockets)


@contextmanager
def web(services: Services, port: int, log_level: str = "warning") -> Iterator[Web]:
    """A server over these services, to be run."""
    addresses = _IDLE.pop() if _IDLE else Addresses()
    config = uvicorn.Config(
        addresses.over(services),
        port=port,
        log_level=log_level,
        timeout_graceful_shutdown=LEAVE_S,
        timeout_keep_alive=KEEP_S,
    )
    yield Web(config)
    _IDLE.append(addresses)

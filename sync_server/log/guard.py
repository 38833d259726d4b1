"""Which device is asking: signed requests, each good for one time only (RFC 9421).

A nonce that was seen is kept for the whole window in which its request would still be fresh:
in memory at once, and in the database with the next commit of the log. What a request appends is in
that commit or a later one; whoever answers one that appends nothing waits for it (``written``). So
no signature is good twice, even across a crash. Where the disk takes no writes, what is only asked
for is answered all the same: tablets read on.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import delete, select

from protocol.errors import Refused, UnknownSigner
from protocol.keys import Verifier
from protocol.registry.registry import Device
from protocol.requests import WINDOW_MS, verify_request
from sync_server.clock import Clock
from sync_server.log.append import Append
from sync_server.log.sequencer import NotDurable, Sequencer
from sync_server.store.db import Database
from sync_server.store.tables import NONCE

ALWAYS_MS = 1 << 53
"""How far off a clock may be where the time of a request does not matter."""


class Replayed(Refused):
    """A request that was seen before."""


class Superseded(UnknownSigner):
    """A request by a key that the device has no more."""


def superseded(device: Device, key_id: bytes) -> Superseded:
    """The refusal of a request by this key, which was replaced."""
    return Superseded(
        "key {key} of device {device} was replaced; sign with the new key",
        key=key_id.hex(),
        device=device.name,
    )


@dataclass(frozen=True)
class Wanted:
    """The parts of a request that its signature covers. ``body`` as it came over the wire."""

    method: str
    authority: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


class _Nothing:
    """A job that appends nothing: its commit takes the nonces along."""

    def run(self, append: Append) -> None:
        """Nothing."""


class Guard:
    """Verifies requests and remembers their nonces."""

    def __init__(self, db: Database, sequencer: Sequencer, clock: Clock) -> None:
        self._db = db
        self._sequencer = sequencer
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: dict[str, int] = {}
        self._purged_at = 0

    def load(self) -> None:
        """Take up the nonces of the time before a restart, and drop the stale ones."""
        now = self._clock.now()
        with self._db.private() as session:
            session.execute(delete(NONCE).where(NONCE.c.expires_at < now))
        with self._db.reading() as session:
            rows = session.execute(select(NONCE.c.nonce, NONCE.c.expires_at))
            self._seen = {row[0]: row[1] for row in rows}

    def device(self, wanted: Wanted, *, whenever: bool = False, former: bool = False) -> Device:
        """The enrolled device, revoked or not, that signed this request just now, or
        ``whenever``: for what proves itself and changes nothing, so that a tablet with a wrong
        clock gets the roster by which it knows the office that could tell it the time.
        ``former`` takes a key that was replaced: from a tablet that the news did not reach.

        Raises what ``requests.verify_request`` raises, Superseded and Replayed.
        """
        registry = self._sequencer.registry

        def key_of(key_id: bytes) -> Verifier | None:
            return registry.verifier(key_id) if registry.device(key_id) else None

        now = self._clock.now()
        checked = verify_request(
            wanted.method,
            wanted.authority,
            wanted.path,
            wanted.query,
            wanted.headers,
            wanted.body,
            key_of,
            now,
            ALWAYS_MS if whenever else WINDOW_MS,
        )
        device = registry.device(checked.key_id)
        assert device is not None  # its key has just been found
        if checked.key_id != device.key.key_id and not former:
            raise superseded(device, checked.key_id)
        self._use(checked.nonce, min(checked.created, now + WINDOW_MS) + 2 * WINDOW_MS, now)
        return device

    async def written(self) -> None:
        """Wait until the nonces of all requests so far are written down, if the disk takes them."""
        with suppress(NotDurable):
            await asyncio.wrap_future(self._sequencer.submit(_Nothing()))

    def _use(self, nonce: str, expires_at: int, now: int) -> None:
        with self._lock:
            if now - self._purged_at > WINDOW_MS:
                self._seen = {kept: until for kept, until in self._seen.items() if until >= now}
                self._purged_at = now
            if nonce in self._seen:
                raise Replayed("this request was sent before; sign it anew with another nonce")
            self._seen[nonce] = expires_at
        self._sequencer.note_nonce(nonce, expires_at)

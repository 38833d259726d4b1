"""Asks the log's witnesses for cosignatures, beside the writer and never in its way.

    commit ──wakes──▶ one thread for each witness: newest head → POST /add-checkpoint → its line

However many commits come while a witness is asked, it is then asked for the newest head alone. A
request takes ``TIMEOUT_S`` at most; a witness that does not answer is asked again after a pause
that doubles up to ``LONGEST_S``, or with the next commit after the shortest. A witness that
remembers another size says so (409), and is sent a proof from there. One that remembers a size
*above* the log's own has seen what this log has lost: that is logged as an error for the
operator, and nothing is done about it here, because nothing honest can be.
"""

from __future__ import annotations

import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException

import structlog
from sqlalchemy.exc import SQLAlchemyError

from protocol.checkpoint import read_decimal
from protocol.errors import FujieError
from protocol.note import VerifierKey
from protocol.witness import WitnessKey
from protocol.witnessing import Submission
from sync_server.log.cosigning import Cosigned, verified_line
from sync_server.log.facts import Facts
from sync_server.log.sequencer import Committed, Sequencer
from sync_server.logs import words_of

TIMEOUT_S = 5.0
SHORTEST_S, LONGEST_S = 0.5, 60.0
MAX_ANSWER = 1 << 16

# A database that is locked or full for a while is among them: the thread that ended would leave
# a log with a quorum without receipts until the next start.
_TRIED_AGAIN = (FujieError, OSError, HTTPException, SQLAlchemyError, ValueError)

log = structlog.get_logger(__name__)

# No proxy: witnesses are named in the settings, and a proxy would be one more who can withhold.
_OPEN = urllib.request.build_opener(urllib.request.ProxyHandler({})).open


class NoLine(OSError):
    """The witness answered, and not with a line: its status, nothing of its words."""


class Asker:
    """One witness, asked for one log."""

    def __init__(
        self, url: str, key: WitnessKey, cosigned: Cosigned, facts: Facts, log_keys: list[str]
    ) -> None:
        self.url, self.key = url, key
        self._cosigned, self._facts = cosigned, facts
        self._log_keys = [VerifierKey.parse(text) for text in log_keys]
        # What the witness remembers as far as is known here, and whose line is kept. They differ
        # where a line was lost on its way.
        self._size = self._kept = cosigned.asked(key)

    def ask(self, head: Committed) -> None:
        """Have ``head`` cosigned, unless its line by this witness is here. Raises what went
        wrong."""
        if not head.size or head.size == self._kept:
            return
        status, body = self._post(head)
        if status == 409 and body.strip().isdecimal():
            self._size = read_decimal(body.strip())
            if self._size > head.size:
                log.error("a witness remembers more than this log has", witness=self.key.name)
                raise NoLine(f"it cosigned {self._size} entries, here are {head.size}")
            status, body = self._post(head)
        if status != 200:
            raise NoLine(f"it answered {status}")
        line = verified_line(head.note, self._log_keys, self.key, body)
        self._cosigned.keep(head, self.key, line)
        self._size = self._kept = head.size

    def _post(self, head: Committed) -> tuple[int, str]:
        proof = self._facts.consistency(self._size, head) if self._size < head.size else []
        body = Submission(self._size, tuple(proof), head.note).encode()
        asked = urllib.request.Request(
            f"{self.url}/add-checkpoint", data=body, headers={"Content-Type": "text/plain"}
        )
        try:
            with _OPEN(asked, timeout=TIMEOUT_S) as answer:
                return answer.status, answer.read(MAX_ANSWER).decode()
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, refused.read(MAX_ANSWER).decode(errors="replace")


@contextmanager
def asking(
    cosigned: Cosigned, sequencer: Sequencer, facts: Facts, log_keys: list[str]
) -> Iterator[None]:
    """Ask every witness after each commit, until the block ends."""
    end = threading.Event()
    news: list[threading.Event] = []
    threads = []
    for url, key in zip(cosigned.watch.urls, cosigned.policy.keys, strict=True):
        asker, wake = Asker(url, key, cosigned, facts, log_keys), threading.Event()
        wake.set()
        news.append(wake)
        threads.append(
            threading.Thread(
                target=_run,
                args=(asker, sequencer, wake, end),
                name=f"witness {key.name}",
                daemon=True,
            )
        )

    def tell() -> None:
        for wake in news:
            wake.set()

    sequencer.watchers.append(tell)
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        sequencer.watchers.remove(tell)
        end.set()
        tell()
        for thread in threads:
            thread.join()


def _run(asker: Asker, sequencer: Sequencer, wake: threading.Event, end: threading.Event) -> None:
    pause = 0.0
    while not end.is_set():
        wake.wait(pause or None)
        wake.clear()
        if end.is_set():
            return
        try:
            asker.ask(sequencer.head)
            pause = 0.0
        except _TRIED_AGAIN as fault:
            why = str(fault) if isinstance(fault, NoLine) else words_of(fault)
            log.warning("a witness did not cosign", witness=asker.key.name, reason=why)
            pause = min(LONGEST_S, max(SHORTEST_S, pause * 2))
            end.wait(SHORTEST_S)

"""The simulated fifty tablets: a few schedules here, ten thousand in ``make fuzz``.

What the simulation promises is worth what it would catch: each fault below is planted into the
tablet or the server, and some schedule must show it.
"""

from __future__ import annotations

import os
import random
import re
import secrets
from dataclasses import replace
from typing import ClassVar

import msgspec
import pytest

from field_client.store.tables import Stage
from protocol import chain
from protocol.chain import EMPTY, Head
from protocol.engine import Event, Halted, Pushed
from tests.simulation.__main__ import main
from tests.simulation.device import Tablet
from tests.simulation.play import Play
from tests.simulation.server import Answer, Reply, Server, Waiting
from tests.simulation.store import MemoryAppend, Store
from tests.simulation.vault import Kept
from tests.simulation.world import Broken, Weather

STORM = Weather(
    heal_ms=40_000,
    lost=0.15,
    doubled=0.2,
    late_ms=4_000,
    crash=0.01,
    crash_at=-1,
    jumps=0.3,
    restores=1,
    devices=12,
)
"""Bad in every way, and small."""
CRASHES = replace(STORM, lost=0, doubled=0, late_ms=50, crash=0.02, jumps=0, restores=0, devices=30)
"""A good line, and machines that end all the time."""
FATES = replace(STORM, restores=0, revoked=0.4, copied=0.5)
"""Tablets that are lost, and tablets whose disk is put back."""
RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID") or secrets.token_hex(16)
DRAWN = random.Random(RUN).randrange(2**31)
"""Drawn anew for each run, and the same for all its workers: they must agree on what tests are."""


@pytest.mark.parametrize("seed", [1, 1_000_046, *range(DRAWN, DRAWN + 5)])
def test_everything_saved_arrives_once_in_order_and_both_sides_say_the_same(seed: int) -> None:
    """Fifty tablets; the last seeds are drawn anew each time and stand in the test's name."""
    played = Play(seed).play()
    assert played.entries >= played.records > 0


def test_a_schedule_replays_from_its_seed() -> None:
    """The same events to the last one: what was found once is found again."""
    first, second = (Play(5, trace=True) for _ in range(2))
    assert first.play() == second.play()
    assert first.world.story == second.world.story


def test_a_process_may_end_at_every_single_point() -> None:
    """One quiet world, once for each place where a process could end: before and after each
    write and each message."""
    quiet = Weather(
        heal_ms=5_000,
        lost=0,
        doubled=0,
        late_ms=50,
        crash=0,
        crash_at=-1,
        jumps=0,
        restores=0,
        devices=2,
    )
    points = Play(11, quiet).play().points
    assert points > 40
    for point in range(1, points + 1):
        assert Play(11, replace(quiet, crash_at=point)).play().crashes == 1


# ── planted faults ───────────────────────────────────────────────────────────────────────


class AnswersTooEarly(Server):
    """Acknowledges what is not durable yet."""

    def commit_group(self) -> None:
        group, self.waiting = self.waiting, []
        append = MemoryAppend(self.store, self.registry, self.world.now)
        done = [one.job.run(append) for one in group]
        before, after = self.store, self.store.copy()
        append.store = after
        append.commit()
        self.store = after
        answers = [self.push_answer(one, result) for one, result in zip(group, done, strict=True)]
        self.store = before
        for one, answer in zip(group, answers, strict=True):
            one.reply(answer)
        append.store = self.store
        self.durably(append)


class TakesTwice(Server):
    """Does not know again what it holds: each push is admitted once more."""

    def push(self, key: bytes, journal: bytes, asked: object, reply: Reply) -> None:
        if asked.items and self.store.journals[journal].head.length:
            head = msgspec.structs.replace(self.store.journals[journal], head=EMPTY)
            if asked.items[0].link == self.store.links[journal, 0][2]:
                self.store.journals[journal] = head
        super().push(key, journal, asked, reply)


class LeavesAGap(Server):
    """Acknowledges what it did not take."""

    def push_answer(self, one: Waiting, result: object) -> Answer:
        answer = super().push_answer(one, result)
        if answer.admitted and self.world.chance.random() < 0.05:
            self.store.links.pop((one.journal, answer.length - 1), None)
        return answer


class KeepsItsName(Server):
    """Goes on after a restore as if nothing had been lost."""

    def restore(self, backup: Store) -> None:
        self.store = backup.copy()
        self.end()


class BelievesTheLate(Server):
    """Takes the inventory that arrives last for the one that was said last."""

    def push(self, key: bytes, journal: bytes, asked: object, reply: Reply) -> None:
        self.latest.takes = lambda *said: True  # type: ignore[method-assign]
        super().push(key, journal, asked, reply)


class ForgivesTheLost(Server):
    """Takes what a revoked tablet sends."""

    def revoke(self, journal: bytes) -> None:
        self.tell("forgets a revocation")


class BelievesTheNewest(Server):
    """Puts a second history in the place of the first."""

    def push(self, key: bytes, journal: bytes, asked: object, reply: Reply) -> None:
        if asked.items:
            link = chain.decode_link(asked.items[0].link)
            held = self.store.links.get((journal, link.sequence))
            if held is not None and held[0] != link.hash():
                head = Head(link.sequence, link.previous)
                known = self.store.journals[journal]
                self.store.journals[journal] = msgspec.structs.replace(known, head=head)
                for number in [n for one, n in self.store.links if one == journal]:
                    if number >= link.sequence:
                        del self.store.links[journal, number]
        super().push(key, journal, asked, reply)


class GoesOnAfterARefusal(Tablet):
    """Forgets at each start why it may send nothing."""

    def boot(self) -> None:
        self.vault.halted = None
        super().boot()

    def halt(self, reason: str) -> Halted:
        return Halted(reason)


class CountsWhatItSent(Tablet):
    """Refused or lost records are counted as sent."""

    def pushed(self, start: int, batch: list[Kept], answer: Answer) -> Event | None:
        event = super().pushed(start, batch, answer)
        if isinstance(event, Pushed):
            for one in self.vault.links:
                one.forward(Stage.RECEIPTED)
            return replace(event, acknowledged=len(self.vault.links))
        return event


class KeepsTheCursorFirst(Tablet):
    """Notes how far it has pulled before it keeps what it pulled."""

    def take(self, words: list[tuple[bytes, int]], cursor: int) -> None:
        self.write("the cursor", lambda: self.vault.take_words([], cursor))
        super().take(words, cursor)


class PassesOverWords(Tablet):
    """Takes the cursor of a succession from the head that it saw, though it pulled less."""

    def pass_log(self, origin: str, head: tuple[int, bytes], shared: int) -> None:
        self.vault.cursor = max(self.vault.cursor, shared)
        super().pass_log(origin, head, shared)


class ForgetsToSendAgain(Tablet):
    """Follows a successor of the log and thinks that it has everything."""

    def pass_log(self, origin: str, head: tuple[int, bytes], shared: int) -> None:
        def follow() -> None:
            self.vault.origin, self.vault.seen = origin, head
            self.vault.seen_sizes = {head[0]: head[1]}

        self.write("the new name alone", follow)


class SavesAfterwards(Tablet):
    """Tells the officer and the engine before the receipt is on the disk."""

    def keep(self, proved: list[tuple[Kept, int, bytes]], answer: Answer) -> None:
        for kept, index, entry in proved:
            kept.index, kept.entry = index, entry
            self.acknowledged(self, kept)
        self.point("before it keeps receipts")
        super().keep(proved, answer)


class Planted:
    """Each fault, the words with which the simulation must find it, and where it is looked for."""

    SERVERS: ClassVar = [
        (AnswersTooEarly, "not durable|knows nothing", CRASHES),
        (TakesTwice, "twice|not its last link|not drained", STORM),
        (LeavesAGap, "not there|not its last link|not drained", STORM),
        (KeepsItsName, "not drained|not durable", STORM),
        (BelievesTheLate, "older word", STORM),
        (ForgivesTheLost, "not drained|grows", FATES),
        (BelievesTheNewest, "entries", FATES),
    ]
    TABLETS: ClassVar = [
        (CountsWhatItSent, "an inventory|not there|not drained", STORM),
        (KeepsTheCursorFirst, "not drained", CRASHES),
        (PassesOverWords, "not drained", None),
        (ForgetsToSendAgain, "not there|not drained|another link|two places", STORM),
        (SavesAfterwards, "an inventory", STORM),
        (GoesOnAfterARefusal, "not drained", FATES),
    ]


def found(words: str, weather: Weather | None, **actors: type) -> bool:
    """Whether one of some schedules shows the fault."""
    for seed in [1_000_046] if weather is None else range(30):
        try:
            Play(seed, weather, **actors).play()
        except Broken as fault:
            return re.search(words, str(fault)) is not None
    return False


def test_the_storm_itself_breaks_nothing() -> None:
    """The schedules that show the faults below are kept by the real tablet and server."""
    for seed in range(6):
        Play(seed, STORM).play()
        Play(seed, FATES).play()


@pytest.mark.parametrize(("server", "words", "weather"), Planted.SERVERS)
def test_a_fault_planted_into_the_server_is_found(
    server: type[Server], words: str, weather: Weather | None
) -> None:
    """Otherwise all the schedules that pass would mean nothing."""
    assert found(words, weather, server=server)


@pytest.mark.parametrize(("tablet", "words", "weather"), Planted.TABLETS)
def test_a_fault_planted_into_the_tablet_is_found(
    tablet: type[Tablet], words: str, weather: Weather | None
) -> None:
    """The same for what a tablet could do wrong."""
    assert found(words, weather, tablets=tablet)


def test_make_fuzz_prints_what_it_played_and_from_which_seed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """So that a schedule which breaks a promise can be played again."""
    assert main(["--schedules", "2", "--first", "7", "--workers", "1"]) == 0
    first, *_, last = capsys.readouterr().out.splitlines()
    assert (first, last) == ("2 schedules from seed 7 on", "2 schedules, 0 broken")

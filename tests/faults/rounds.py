"""Rounds: a tablet syncs, one of the two processes is killed or its disk fails, and all drains.

    rounds = Rounds(folder, seed)
    rounds.play(Plan("server", Fault("fsync", 4, "KILL")))     raises Lost, with what to replay

``rounds.drawn(number)`` draws the plan of a round from the seed; ``rounds.errors()`` are those of
every disk call of a sync, each with EIO once and with a disk that stays full until sync has
failed on it.
"""

from __future__ import annotations

import contextlib
import random
import shutil
import socket
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tests.faults import scene as scenes
from tests.faults import strace
from tests.faults.processes import Forked
from tests.faults.scene import PATIENCE_S, Scene, Told
from tests.faults.strace import DISK, Fault

FULL_S = 1.5
"""How long a disk stays full."""


class Lost(AssertionError):
    """Something was lost, or did not go on. The words name it."""


@dataclass(frozen=True)
class Plan:
    """What happens in a round, and to whom: ``tablet`` or ``server``. ``early``: from the
    process's own start; else from the beginning of sync. Without a fault SIGKILL comes ``after_s``
    seconds."""

    victim: str
    fault: Fault | None = None
    early: bool = False
    after_s: float = 0.0

    def __str__(self) -> str:
        what = str(self.fault) if self.fault else f"KILL after {self.after_s:.2f} s"
        return f"{self.victim}{' from its start' if self.early else ''}: {what}"


class Rounds:
    """Rounds over copies of one scene. Without strace, kills come at random moments."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder, self.seed = folder, seed
        self.traces = strace.can_trace()
        (folder / "scene").mkdir()
        with Forked(lambda say, gate: _make(folder / "scene", say), folder / "making.log") as made:
            made.wait(lambda: False, 120)
            if made.status or not made.told.saved:
                raise Lost(f"the scene was not made: {made.told.faults}")
        port, case = made.told.saved
        self.scene = Scene(folder / "scene", int(port), bytes.fromhex(case))
        self.calls: dict[tuple[str, bool], Counter[str]] = {}

    # ── plans ────────────────────────────────────────────────────────────────────────────

    def drawn(self, number: int) -> Plan:
        """The kill of a round, at a system call; at a random moment without strace."""
        if not self.traces:
            return self.moment(number)
        chance, victim, early = self._chance(number)
        calls = self._calls(victim, early)
        call = chance.choice(sorted(calls))
        return Plan(victim, Fault(call, chance.randint(1, calls[call]), "KILL"), early)

    def moment(self, number: int) -> Plan:
        """The same at a random moment."""
        chance, victim, early = self._chance(number)
        return Plan(victim, None, early, chance.uniform(0.0, 1.5))

    def _chance(self, number: int) -> tuple[random.Random, str, bool]:
        chance = random.Random(f"{self.seed} {number}")
        return chance, chance.choice(("tablet", "server")), chance.random() < 0.3

    def errors(self, victims: tuple[str, ...] = ("server", "tablet")) -> list[Plan]:
        """Every disk call of a sync, with each error. Empty without strace."""
        if not self.traces:
            return []
        return [
            Plan(victim, Fault(call, at, what, lasting=what == "ENOSPC"))
            for victim in victims
            for call, most in sorted(self._calls(victim, False).items())
            if call in DISK
            for at in range(1, most + 1)
            for what in ("EIO", "ENOSPC")
        ]

    def _calls(self, victim: str, early: bool) -> Counter[str]:
        """What a process calls when nothing happens to it; looked at once."""
        if (victim, early) not in self.calls:
            self._run(Plan(victim, None, early, after_s=-1.0), "looking")
            log = self.folder / "looking" / "strace.log"
            self.calls[victim, early] = strace.counted(log)
            shutil.rmtree(self.folder / "looking")
        return self.calls[victim, early]

    # ── a round ──────────────────────────────────────────────────────────────────────────

    def play(self, plan: Plan, name: str = "round") -> str:
        """One round; says what came of it. Raises Lost; its folder is then left to be looked at."""
        said = self._run(plan, name)
        shutil.rmtree(self.folder / name)
        return f"{plan} -> {said}"

    def _run(self, plan: Plan, name: str) -> str:
        folder = self.folder / name
        scene, told = self.scene.copied(folder), Told()
        try:
            said = _Round(scene, plan, told).run()
            with Forked(
                lambda say, gate: scenes.left(scene, told, say), folder / "left.log"
            ) as end:
                if not end.wait(lambda: end.told.ended, PATIENCE_S):
                    raise Lost(f"at the end: {end.told.faults or end.told.errors}")
        except Lost as lost:
            raise Lost(f"{plan}: {lost} (see {folder})") from None
        return said


@dataclass
class _Round:
    scene: Scene
    plan: Plan
    told: Told
    died: int = 0
    full: float = 0.0

    def run(self) -> str:
        """Until all is stored and both are at rest."""
        with contextlib.ExitStack() as stack:
            self._stack = stack
            server, tablet = self._begin()
            until = time.monotonic() + PATIENCE_S
            while not tablet.wait(lambda: self.told.ended, 0.2):
                if time.monotonic() > until:
                    raise Lost(f"not drained in {PATIENCE_S} s: {self.told.errors[-3:]}")
                server.wait(lambda: False, 0.01)
                if self.plan.fault and self.plan.fault.lasting and time.monotonic() > self.full:
                    self._let_go()
                if server.dead:
                    self._expect_durable()
                    server = self._again("server", server)
                if tablet.dead and not self.told.ended:
                    self._expect_no_fault()
                    tablet = self._again("tablet", tablet)
            self._let_go()
            self._expect_no_fault()
            server.end()
            tablet.wait(lambda: False, 30)
        came = f"died {self.died}" if self.died else "lived"
        return f"{came}, {len(self.told.errors)} errors told"

    def _begin(self) -> tuple[Forked, Forked]:
        early = self.plan.early
        server = self._start("server")
        if early and self.plan.victim == "server":
            self._strike(server)
        _wait_until_it_listens(server, self.scene.port)
        tablet = self._start("tablet")
        if early and self.plan.victim == "tablet":
            self._strike(tablet)
        tablet.wait(lambda: self.told.ready, 30)
        if not early and not server.dead and not tablet.dead:
            self._strike(server if self.plan.victim == "server" else tablet)
        tablet.go()
        return server, tablet

    def _start(self, who: str) -> Forked:
        log = self.scene.folder / f"{who}.log"
        if who == "server":
            return self._stack.enter_context(
                Forked(lambda say, gate: scenes.serve(self.scene, say), log, Told())
            )
        return self._stack.enter_context(
            Forked(lambda say, gate: scenes.sync(self.scene, say, gate), log, self.told)
        )

    def _again(self, who: str, dead: Forked) -> Forked:
        """The operator, or the officer, starts it again."""
        self._let_go()
        self.died += 1
        if self.died > 3:
            raise Lost(f"the {who} does not stay: {dead.status} {dead.told.errors[-1:]}")
        made = self._start(who)
        if who == "server":
            _wait_until_it_listens(made, self.scene.port)
        else:
            made.go()
        return made

    def _strike(self, victim: Forked) -> None:
        plan, log = self.plan, self.scene.folder / "strace.log"
        self._tracing = contextlib.ExitStack()
        self._stack.callback(self._let_go)
        if plan.fault or plan.after_s < 0:
            self._tracing.enter_context(strace.attached(victim.pid, plan.fault, log))
            self.full = time.monotonic() + FULL_S
        else:
            victim.wait(lambda: False, plan.after_s)
            victim.kill()

    _tracing: contextlib.ExitStack | None = None

    def _let_go(self) -> None:
        if self._tracing is not None:
            self._tracing.close()
            self._tracing = None

    def _expect_durable(self) -> None:
        """What the tablet knows by receipts is in the log of a server that died."""
        gone = self.told.receipted - set(scenes.held(self.scene))
        if gone:
            raise Lost(f"acknowledged, and gone with the server: {gone}")

    def _expect_no_fault(self) -> None:
        if self.told.faults:
            raise Lost(f"the tablet's program fell: {self.told.faults}")


def _make(folder: Path, say: scenes.Say) -> None:
    made = Scene.made(folder)
    say(record=str(made.port))
    say(record=made.case.hex())


def _wait_until_it_listens(server: Forked, port: int) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until and not server.wait(lambda: False, 0.02) and not server.dead:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return

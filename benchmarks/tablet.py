"""What an officer waits for at the tablet: a saved act, a document, the vault, the first screen.

An act is saved when the rules were asked, two officers signed, the link was made and SQLCipher
has committed it with ``synchronous=FULL``: one sync of the disk at least is in it, so the
disk's own are timed beside it. Everything is done through the tablet's own programs, on a
tablet enrolled at a real server of the demo county, which is not reached afterwards.

The first screen is timed from the start of a process to its first frame, against a bare Kivy
window that does the same; in seconds of CPU too, which other programs disturb less. PINs cost
a second of Argon2id on purpose; here they cost nothing.

    $ python -m benchmarks.tablet
      save_with_none_unsent              p50_ms 4.42, p99_ms 15.88, fsyncs 1.2, cpu_ms 1.61
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks._starts import BARE, OURS, until_drawn
from benchmarks._timing import Spent, fsyncs, keep, spread, timed
from field_client.documents import Typesetter
from field_client.inspection import Inspection
from field_client.store.vault import Vault
from protocol.vocabulary import DocumentKind
from tests.field_client import county as c
from tests.field_client.conftest import MORNING, TurnedClock

UNSENT = 2000
SAMPLES = 200
ACTS = 17  # of one inspection, after opening, cards and rights


def main() -> None:
    """Measure everything on one tablet, and keep the figures."""
    with tempfile.TemporaryDirectory() as name, Typesetter() as typesetter:
        folder = Path(name)
        figures: dict[str, object] = {}
        with enrolled(folder, typesetter) as tablet:
            figures |= documents(tablet)
            figures |= saving(tablet)
            key = tablet.shen.vault_key
        figures |= opening(folder / "tablet" / "vault.db", key)
        figures |= starting(folder / "tablet")
        keep("tablet", figures)


@contextmanager
def enrolled(folder: Path, typesetter: Typesetter) -> Iterator[c.FieldTablet]:
    """The tablet YX-T07, unlocked by both officers; its server is stopped again."""
    clock = TurnedClock(wall=MORNING - 600_000)
    c.found(folder / "office", clock)
    office = c.County(folder / "office", c.ServerClock(clock), c.free_port())
    office.start()
    c.enrol(office, folder / "tablet", clock)
    office.stop()
    clock.wall = MORNING
    made = c.FieldTablet.start(folder / "tablet", clock, office, folder / "none", typesetter)
    yield made
    made.tablet.close()


# ── saving ───────────────────────────────────────────────────────────────────────────────


def saving(tablet: c.FieldTablet) -> dict[str, object]:
    """Save acts of many inspections until ``UNSENT`` of them wait, and some more."""
    disk, fresh = fsyncs(tablet.folder), again(tablet.tablet.sync.status)
    saves: list[Spent] = []
    while len(saves) < UNSENT + SAMPLES:
        saves += heard_often(tablet, ACTS)
    return {
        "fsync": spread(disk),
        "save_with_none_unsent": against(saves[:SAMPLES], disk),
        f"save_with_{UNSENT}_unsent": against(saves[-SAMPLES:], disk),
        "save_as_record_200_of_one_case": against(heard_often(tablet, 220)[-40:], disk),
        "sync_state_with_none_unsent": fresh,
        f"sync_state_with_{UNSENT}_unsent": again(tablet.tablet.sync.status),
    }


def heard_often(tablet: c.FieldTablet, times: int) -> list[Spent]:
    """What it takes to save one statement of the party after another in a new inspection."""
    inspection, made = tablet.opened_and_notified(), []
    for _ in range(times):
        cpu = time.thread_time()
        spent = timed(lambda: tablet.hear(inspection))
        made.append(Spent(spent, time.thread_time() - cpu))
    return made


def against(saves: list[Spent], disk: list[float]) -> dict[str, float]:
    """The spread of saves, their median in syncs of this disk, and in CPU time."""
    times = [one.seconds for one in saves]
    cpu = statistics.median(one.cpu_seconds for one in saves)
    syncs = statistics.median(times) / statistics.median(disk)
    return spread(times) | {"fsyncs": round(syncs, 1), "cpu_ms": round(cpu * 1000, 2)}


def again(call: Callable[[], object], times: int = 10) -> dict[str, float]:
    """The median of some calls."""
    return {"ms": round(statistics.median(timed(call) for _ in range(times)) * 1000, 2)}


# ── documents ────────────────────────────────────────────────────────────────────────────


def documents(tablet: c.FieldTablet) -> dict[str, object]:
    """The decision's pages with a typesetter that is not running yet, then with one that is;
    and signing and issuing it, PDF and all."""
    kind = DocumentKind.SPOT_DECISION
    inspection = heard(tablet)
    desk = tablet.desk(inspection)
    filled = desk.answers(kind) | {"facts": "7种散装商品未标明价格。", "fine": "500"}
    cold, *warm = [timed(lambda: desk.pages(desk.prepare(kind, filled))) for _ in range(8)]
    issued = [timed(lambda: tablet.decide(heard(tablet))) for _ in range(5)]
    return {
        "decision_pages_cold": {"ms": round(cold * 1000)},
        "decision_pages_warm": {"ms": round(statistics.median(warm) * 1000)},
        "decision_signed_and_issued": {"ms": round(statistics.median(issued) * 1000)},
    }


def heard(tablet: c.FieldTablet) -> Inspection:
    """An inspection that is ready for its decision."""
    inspection = tablet.opened_and_notified()
    tablet.hear(inspection)
    return inspection


# ── opening and starting ─────────────────────────────────────────────────────────────────


def opening(path: Path, key: bytes) -> dict[str, object]:
    """Open the vault after it was closed in order, and as after a crash."""

    def opened(crashed: bool) -> float:
        if crashed:
            path.with_name(f"{path.name}.dirty").touch()
        began = time.perf_counter()
        vault = Vault.open(path, key)
        spent = time.perf_counter() - began
        vault.close()
        return spent

    found = {crashed: [opened(crashed) for _ in range(5)] for crashed in (False, True)}
    return {
        "vault": {"mib": round(path.stat().st_size / (1 << 20), 1)},
        "open_vault": {"ms": round(statistics.median(found[False]) * 1000, 1)},
        "open_vault_after_a_crash": {"ms": round(statistics.median(found[True]) * 1000, 1)},
    }


def starting(data: Path) -> dict[str, object]:
    """The first screen, three times in turn with the bare window."""
    pairs = [(until_drawn(BARE), until_drawn(OURS, "--data-dir", str(data))) for _ in range(3)]
    bare, ours = (Spent(*map(min, zip(*one, strict=True))) for one in zip(*pairs, strict=True))
    return {
        "bare_kivy_window": bare._asdict(),
        "first_screen": ours._asdict()
        | {
            "bare_windows": round(ours.seconds / bare.seconds, 1),
            "bare_windows_of_cpu": round(ours.cpu_seconds / bare.cpu_seconds, 1),
        },
    }


if __name__ == "__main__":
    main()

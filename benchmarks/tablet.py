"""What an officer waits for at the tablet: a saved act, a document, the vault, the first screen.

An act is saved when the rules were asked, two officers signed, the link was made and SQLCipher
has committed it with ``synchronous=FULL``: one sync of the disk at least is in it, so the
disk's own are timed beside it. Everything is done through the tablet's own programs, on a
tablet enrolled at a real server of the demo county, which is not reached afterwards.

The first screen is timed from the start of a process to its first frame, against a bare Kivy
window that does the same; in seconds of CPU too, which other programs disturb less. So is memory
at rest. A watchdog times every step of the main loop through every screen, every form and
inspections by touch, and a day of 500 photos and 20 clips goes through the screens
(``_touched.py``). PINs cost a second of Argon2id on purpose; here they cost nothing.

    $ python -m benchmarks.tablet
      save_with_none_unsent              p50_ms 4.42, p99_ms 15.88, fsyncs 1.2, cpu_ms 1.61
"""

from __future__ import annotations

import shutil
import statistics
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

from benchmarks._starts import BARE, OURS, at_rest, until_drawn
from benchmarks._timing import Spent, fsyncs, keep, spread, timed
from benchmarks._touched import touched
from field_client.documents import Rendered, Typesetter, render
from field_client.drafting import waiting_lines
from field_client.flow import lockscreen
from field_client.inspection import Inspection
from field_client.store.vault import Vault
from protocol.statements import StatementTaken
from protocol.vocabulary import DocumentKind
from tests.cast import HEARD
from tests.field_client import county as c
from tests.field_client.conftest import MORNING, TurnedClock
from tests.ports import free_port

UNSENT = 10_000
SAMPLES = 200
AT_ONCE = 250  # records of one transaction, where nobody waits for each
LONG = "货架上散装商品未标明价格，逐项核对如下。" * 140
SPECK = 2  # points an inch
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
        figures |= touched(folder)
        figures |= opening(folder / "tablet" / "vault.db", key)
        figures |= starting(folder / "tablet")
        figures |= installed()
        keep("tablet", figures)


@contextmanager
def enrolled(folder: Path, typesetter: Typesetter) -> Iterator[c.FieldTablet]:
    """The tablet YX-T07, unlocked by both officers; its server is stopped again."""
    clock = TurnedClock(wall=MORNING - 600_000)
    c.found(folder / "office", clock)
    office = c.County(folder / "office", c.ServerClock(clock), free_port())
    office.start()
    c.enrol(office, folder / "tablet", clock)
    office.stop()
    clock.wall = MORNING
    keep_faces(folder / "tablet", office, clock, typesetter)
    shutil.copytree(folder / "tablet", folder / "fresh")
    made = c.FieldTablet.start(folder / "tablet", clock, office, folder / "none", typesetter)
    yield made
    made.tablet.close()


def keep_faces(folder: Path, office: c.County, clock: TurnedClock, typesetter: Typesetter) -> None:
    """What the locked screen shows, as a first unlocking keeps it."""
    one = c.FieldTablet.start(folder, clock, office, folder / "none", typesetter)
    shelf, name = one.tablet.shelf, one.tablet.office.device_name
    lockscreen.keep(one.tablet.settings, shelf.current, shelf.portraits, name)
    one.tablet.close()


# ── saving ───────────────────────────────────────────────────────────────────────────────


def saving(tablet: c.FieldTablet) -> dict[str, object]:
    """Save acts while nothing waits, and while ``UNSENT`` records do; the disk's own syncs are
    timed in turn with those that are counted."""
    sync = tablet.tablet.sync
    fresh, first = again(sync.status), in_turn(tablet, SAMPLES)
    fill(tablet, UNSENT)
    last = in_turn(tablet, SAMPLES)
    return {
        "save_with_none_unsent": against(*first),
        f"save_with_{UNSENT}_unsent": against(*last),
        "save_as_record_200_of_one_case": against(heard_often(tablet, 220)[-40:], last[1]),
        "sync_state_with_none_unsent": fresh,
        f"sync_state_with_{UNSENT}_unsent": again(sync.status),
        f"corner_with_{UNSENT}_unsent": again(sync.waiting),
    }


def fill(tablet: c.FieldTablet, count: int) -> None:
    """So many records wait: inspections of many statements, those of one in one transaction."""
    while (left := count - tablet.tablet.sync.waiting().unsent) > 0:
        hear_at_once(tablet.opened_and_notified(), min(left, AT_ONCE))


def hear_at_once(inspection: Inspection, times: int) -> None:
    """One statement of the party after another, in one transaction."""
    journal, case = inspection.office.journal, inspection.case
    first, *more = (
        journal.stamp(StatementTaken, case, told="拟罚款500元。", defence="无。", reply="无。")
        for _ in range(times)
    )
    journal.save(first, inspection.signers, follow=lambda _record: more)


def in_turn(tablet: c.FieldTablet, count: int) -> tuple[list[Spent], list[float]]:
    """At least ``count`` saves, and as many syncs of the disk under them."""
    saves: list[Spent] = []
    disk: list[float] = []
    while len(saves) < count:
        saves += heard_often(tablet, ACTS)
        disk += fsyncs(tablet.folder, ACTS)
    return saves, disk


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
    own = spread(disk)["p99_ms"]
    return spread(times) | {
        "disk_fsync_p99_ms": own,
        "may_take_p99_ms": round(3 * own + 5, 1),
        "fsyncs": round(syncs, 1),
        "cpu_ms": round(cpu * 1000, 2),
    }


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
    typed = {"facts": "7种散装商品未标明价格。", "evidence": "当事人的陈述", "fine": "500"}
    filled = desk.answers(kind) | typed
    cold, *warm = [timed(lambda: desk.pages(desk.prepare(kind, filled))) for _ in range(8)]
    issued = [timed(lambda: tablet.decide(heard(tablet))) for _ in range(5)]
    longest = [timed(lambda: long_record(tablet)) for _ in range(5)]
    return {
        "pdf_of_the_longest_document": pdf_alone(tablet),
        "longest_record_signed_and_issued": {"ms": round(statistics.median(longest) * 1000)},
        "decision_pages_cold": {"ms": round(cold * 1000)},
        "decision_pages_warm": {"ms": round(statistics.median(warm) * 1000)},
        "decision_signed_and_issued": {"ms": round(statistics.median(issued) * 1000)},
    }


def long_record(tablet: c.FieldTablet) -> None:
    """An inspection record of some pages: filled in, set, signed, saved."""
    desk, kind = tablet.desk(tablet.opened_and_notified()), DocumentKind.SITE_INSPECTION_RECORD
    filled = desk.answers(kind) | {"recusal": HEARD, "findings": LONG}
    desk.issue(desk.prepare(kind, filled), c.hand("周明禾", c.Role.PARTY), tablet.hands())


def pdf_alone(tablet: c.FieldTablet) -> dict[str, float]:
    """The PDF of such a record: its pages are asked for as specks, which cost next to nothing."""
    desk, kind = tablet.desk(tablet.opened_and_notified()), DocumentKind.SITE_INSPECTION_RECORD
    prepared = desk.prepare(kind, desk.answers(kind) | {"recusal": HEARD, "findings": LONG})
    setter, text = tablet.typesetter, prepared.text

    def printed() -> Rendered:
        return render(setter, prepared.template, text, waiting_lines(), at=prepared.at, ppi=SPECK)

    pages = printed().pages
    return {"pages": pages, "ms": round(statistics.median(timed(printed) for _ in range(7)) * 1000)}


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
    """The first screen, in turn with the bare window; the first pair compiles. Then memory."""
    pairs = [(until_drawn(BARE), until_drawn(OURS, "--data-dir", str(data))) for _ in range(6)]
    bare, ours = (Spent(*map(min, zip(*one, strict=True))) for one in zip(*pairs[1:], strict=True))
    empty, full = at_rest(BARE), at_rest(OURS, "--data-dir", str(data))
    return {
        "bare_kivy_window": bare._asdict() | {"mib": empty},
        "first_screen": ours._asdict()
        | {
            "bare_windows": round(ours.seconds / bare.seconds, 2),
            "bare_windows_of_cpu": round(ours.cpu_seconds / bare.cpu_seconds, 2),
        },
        "at_rest": {"mib": full, "bare_windows": round(full / empty, 2)},
    }


def installed() -> dict[str, object]:
    """Bytes on the disk: our two packages, and the distributions that they need."""
    own = sum(
        path.stat().st_size
        for package in ("field_client", "protocol")
        for path in (Path(__file__).parent.parent / package).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    )
    others = {name: _size(name) for name in _needed("field")}
    largest = sorted(others, key=lambda name: -others[name])[:6]
    return {
        "installed": {
            "own_mib": round(own / (1 << 20), 1),
            "needed_mib": round(sum(others.values()) / (1 << 20), 1),
            "distributions": len(others),
        },
        "largest": {name: round(others[name] / (1 << 20), 1) for name in largest},
    }


def _needed(extra: str) -> set[str]:
    """Names of all distributions that the extra brings, those of others included."""
    project = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text("utf-8"))
    core = project["project"]["dependencies"]
    waiting = [*core, *project["project"]["optional-dependencies"][extra]]
    found: set[str] = set()
    while waiting:
        asked = Requirement(waiting.pop())
        name = asked.name.lower().replace("_", "-")
        if name in found or (asked.marker and not asked.marker.evaluate({"extra": ""})):
            continue
        with suppress(metadata.PackageNotFoundError):
            waiting += metadata.requires(name) or []
            found.add(name)
    return found


def _size(name: str) -> int:
    paths = [Path(str(one.locate())) for one in metadata.files(name) or ()]
    return sum(path.stat().st_size for path in paths if path.is_file())


if __name__ == "__main__":
    main()

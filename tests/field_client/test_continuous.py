"""Recording from beginning to end of an act: a camera that breaks off is measured, comes back by
itself, and its fault is put on record with its reason; setting the clock moves no time."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from sqlmodel import select

from field_client import continuous
from field_client.camera.media import Progress, record_clip
from field_client.camera.media_source import MediaSource
from field_client.continuous import Hooks, explain, keep_cut, record_continuously
from field_client.device_clock import SystemClock
from field_client.errors import CameraUnavailable, DiskFull
from field_client.inspection import About, Inspection
from field_client.store import breaks, rescue
from field_client.store.blobs import BlobReader, BlobWriter
from field_client.store.breaks import Break
from field_client.store.journal import Saved
from field_client.store.tables import PartRow
from protocol.statements import MediaCaptured, Place, RecordingBroken
from protocol.vocabulary import Step
from tests.field_client.conftest import TurnedClock
from tests.field_client.county import SHOP, FieldTablet

ABOUT = About(Place(text=SHOP), "采取措施全程", Step.MEASURE)
KEY = bytes(range(32))


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No second is waited for."""
    monkeypatch.setattr(continuous, "TRY_AGAIN_S", 0.001)


@pytest.fixture
def camera(tmp_path: Path) -> Path:
    """A camera that gives half a second each time it opens, as one with a loose cable."""
    sink = BlobWriter(tmp_path / "camera.blob", KEY, reserve=0)
    record_clip(
        MediaSource("testsrc=size=160x90:rate=10", "lavfi"), sink, SystemClock(), seconds=0.5
    )
    path = tmp_path / "camera.mp4"
    path.write_bytes(BlobReader(sink.path, KEY).all())
    return path


@dataclass
class Day:
    """A recording, with what happens while it runs."""

    case: Inspection
    tablet: FieldTablet
    camera: Path
    stop: threading.Event = field(default_factory=threading.Event)
    broken: list[Break] = field(default_factory=list)
    resumed: list[Break] = field(default_factory=list)
    seen: int = 0

    def record(
        self,
        progress: Callable[[Progress], None] = lambda _: None,
        broken: Callable[[], None] = lambda: None,
    ) -> None:
        def saw(one: Progress) -> None:
            self.seen += 1
            progress(one)

        def broke(one: Break) -> None:
            self.broken.append(one)
            broken()

        record_continuously(
            self.case,
            MediaSource(str(self.camera)),
            ABOUT,
            self.tablet.shen,
            self.stop,
            Hooks(progress=saw, broken=broke, resumed=self.resumed.append),
        )

    @property
    def parts(self) -> list[MediaCaptured]:
        return [one.statement for one in self.case.state.media]

    @property
    def pending(self) -> list[Break]:
        return breaks.pending(self.tablet.tablet.vault, self.case.case)

    @property
    def marked(self) -> list[PartRow]:
        """Files that are told to be parts."""
        with self.tablet.tablet.vault.session() as session:
            return list(session.exec(select(PartRow)).all())

    def again(self) -> None:
        """Another recording of the same act, ended in order."""
        self.stop.clear()
        self.record(lambda _: self.stop.set())

    def restart(self) -> None:
        """The tablet starts again, and the officers go on."""
        self.tablet.restart()
        self.case = self.tablet.tablet.office.resume(self.case.case, self.tablet.officers)

    def keep_cut(self) -> None:
        """What was cut goes on record."""
        keep_cut(self.case, Place(text=SHOP), self.tablet.shen)


@pytest.fixture
def day(inspection: Inspection, tablet: FieldTablet, camera: Path) -> Day:
    return Day(inspection, tablet, camera)


def test_a_camera_that_comes_loose_is_recorded_before_and_after(
    day: Day, clock: TurnedClock
) -> None:
    """Twelve seconds lie between: the first part is on record at once, the second follows by
    itself, and the break is measured."""

    def plugged_in_again() -> None:
        clock.pass_seconds(12)

    def stop_in_the_second(_: Progress) -> None:
        if len(day.broken) == 1:
            day.stop.set()

    day.record(stop_in_the_second, plugged_in_again)
    first, second = day.parts
    assert (first.continuous, second.continuous) == (True, True)
    assert (first.step, first.purpose) == (Step.MEASURE, "采取措施全程")
    (gap,) = day.pending
    assert gap.from_at == first.ended_at
    assert gap.until_at - gap.from_at == 12_000
    assert gap.until_at <= second.began_at + 1
    assert gap.media == day.case.state.media[0].hash
    assert len(day.resumed) == 1


def test_while_the_camera_is_away_it_is_tried_again_and_again(day: Day, clock: TurnedClock) -> None:
    """Unplugged, it does not open for a while."""
    away = day.camera.with_name("unplugged.mp4")
    tries = 0
    really = MediaSource.open

    def opened(source: MediaSource) -> object:
        nonlocal tries
        if day.broken and tries < 3:
            tries += 1
            clock.pass_seconds(1)
            if tries == 3:
                away.rename(day.camera)
        return really(source)

    def unplug() -> None:
        day.camera.rename(away)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(MediaSource, "open", opened)
        day.record(lambda _: day.stop.set() if day.broken else None, unplug)
    assert tries == 3
    assert len(day.parts) == 2
    (gap,) = day.pending
    assert gap.seconds(clock.wall_ms()) == 3


def test_a_camera_that_never_opened_records_nothing_and_leaves_no_break(day: Day) -> None:
    day.camera.unlink()
    with pytest.raises(CameraUnavailable):
        day.record()
    assert (day.parts, day.pending, day.marked) == ([], [], [])


@pytest.mark.parametrize("hours", [-26, 5])
def test_a_clock_that_is_set_meanwhile_moves_no_time(
    day: Day, clock: TurnedClock, hours: int
) -> None:
    """Only the monotonic clock counts: each part, and the break, lasts as long as it lasted."""
    began = clock.wall_ms()

    def set_the_clock(_: Progress) -> None:
        if day.seen == 2:
            clock.wall += hours * 3_600_000
        clock.monotonic += 1000
        if len(day.broken) == 1:
            day.stop.set()

    def wait() -> None:
        clock.monotonic += 7000

    day.record(set_the_clock, wait)
    first, second = day.parts
    assert first.began_at == began
    assert first.ended_at - first.began_at == 5000
    assert second.began_at >= first.ended_at
    (gap,) = day.pending
    assert 7000 <= gap.until_at - gap.from_at <= 8000


def test_stopped_during_a_break_the_break_ends_there(day: Day, clock: TurnedClock) -> None:
    def stop() -> None:
        clock.pass_seconds(4)
        day.stop.set()

    day.record(broken=stop)
    assert len(day.parts) == 1
    (gap,) = day.pending
    assert gap.until_at - gap.from_at == 4000


def test_no_room_to_go_on_is_told_and_the_break_stays_open(
    day: Day, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill() -> None:
        monkeypatch.setattr("field_client.durable.free_bytes", lambda _folder: 65 << 20)

    with pytest.raises(DiskFull):
        day.record(broken=fill)
    (gap,) = day.pending
    assert gap.until_at == 0
    assert len(day.parts) == 1


def test_half_an_hour_must_fit_before_it_begins(day: Day, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("field_client.durable.free_bytes", lambda _folder: (64 + 29 * 20) << 20)
    with pytest.raises(DiskFull, match="room for 29 min only"):
        day.record()
    assert (day.parts, day.seen) == ([], 0)


def test_the_reason_goes_on_record_with_the_times_and_the_part_before(
    day: Day, clock: TurnedClock
) -> None:
    day.record(lambda _: day.stop.set() if day.broken else None, lambda: clock.pass_seconds(12))
    (gap,) = day.pending
    said = explain(day.case, gap, "相机连接断开", day.tablet.shen).statement
    assert isinstance(said, RecordingBroken)
    assert (said.step, said.reason, said.until_at - said.from_at) == (
        Step.MEASURE,
        "相机连接断开",
        12_000,
    )
    assert said.media == day.case.state.media[0].hash.hex()
    assert day.pending == []


def test_a_break_waits_for_its_reason_over_a_restart(day: Day, clock: TurnedClock) -> None:
    day.record(lambda _: day.stop.set() if day.broken else None, lambda: clock.pass_seconds(12))
    before = day.pending
    day.tablet.restart()
    assert breaks.pending(day.tablet.tablet.vault, day.case.case) == before


class Killed(BaseException):
    """The program ends."""


def killed_at(at_ms: int, clock: TurnedClock) -> Callable[[Progress], None]:
    """What kills the program once so much is recorded."""

    def kill(progress: Progress) -> None:
        clock.pass_seconds(2)
        if progress.elapsed_ms >= at_ms:
            raise Killed

    return kill


def full_at(at_ms: int, clock: TurnedClock) -> Callable[[Progress], None]:
    """What fills the disk once so much is recorded."""

    def full(progress: Progress) -> None:
        clock.pass_seconds(2)
        if progress.elapsed_ms >= at_ms:
            raise DiskFull("The disk is full.")

    return full


def test_a_crash_in_the_middle_is_a_break_like_any_other(day: Day, clock: TurnedClock) -> None:
    """What was made durable is rescued as part of the continuous recording, and a reason is
    asked for."""
    with pytest.raises(Killed):
        day.record(killed_at(300, clock))
    day.restart()
    day.keep_cut()
    (part,) = day.parts
    assert (part.continuous, part.step) == (True, Step.MEASURE)
    (gap,) = day.pending
    assert (gap.until_at, gap.media) == (0, day.case.state.media[0].hash)
    assert day.marked == []


def test_what_did_not_begin_is_no_recording_that_was_cut(
    day: Day, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the next clip that a crash cuts would be told as a part of it."""
    monkeypatch.setattr("field_client.durable.free_bytes", lambda _folder: 100 << 20)
    with pytest.raises(DiskFull):
        day.record()
    assert (day.pending, day.marked) == ([], [])


def test_a_disk_that_is_full_in_the_middle_is_a_break_at_once_and_once(
    day: Day, clock: TurnedClock
) -> None:
    """Not only after the next start, and not twice then; it names the part once that has its
    record."""
    with pytest.raises(DiskFull):
        day.record(full_at(300, clock))
    (gap,) = day.pending
    assert (gap.step, gap.until_at, gap.media) == (Step.MEASURE, 0, None)
    day.restart()
    day.keep_cut()
    assert [one.continuous for one in day.parts] == [True]
    assert day.pending == [replace(gap, media=day.case.state.media[0].hash)]


def test_a_part_stays_a_part_whatever_is_recorded_before_it_has_its_record(
    day: Day, clock: TurnedClock
) -> None:
    """A full disk cut it; another recording was begun and ended in order; a clip was cut too."""
    with pytest.raises(DiskFull):
        day.record(full_at(300, clock))
    (told,) = day.pending
    clock.pass_seconds(60)
    day.again()
    with pytest.raises(DiskFull):
        day.case.record_video(
            MediaSource(str(day.camera)),
            replace(ABOUT, purpose="货架"),
            day.tablet.shen,
            stop=lambda: False,
            on_progress=full_at(200, clock),
        )
    day.restart()
    day.keep_cut()
    cut = "（录制中断，已保存中断前部分）"
    assert {one.purpose: (one.continuous, one.step) for one in day.parts} == {
        ABOUT.purpose: (True, Step.MEASURE),
        ABOUT.purpose + cut: (True, Step.MEASURE),
        "货架" + cut: (False, Step.EVIDENCE),
    }
    (gap,) = day.pending
    part = next(one for one in day.case.state.media if cut in one.statement.purpose)
    assert (gap.id, gap.media) == (told.id, part.hash)
    assert day.marked == []


def test_a_break_is_over_when_the_act_is_recorded_again(day: Day, clock: TurnedClock) -> None:
    """By another recording as well: else the fault would be put on record as lasting until
    somebody says why."""
    with pytest.raises(DiskFull):
        day.record(full_at(300, clock))
    (told,) = day.pending
    clock.pass_seconds(60)
    day.again()
    clock.pass_seconds(3600)
    (gap,) = day.pending
    assert (gap.id, gap.until_at - told.from_at) == (told.id, 60_000)


def test_a_crash_is_told_though_a_later_recording_broke_off_too(
    day: Day, clock: TurnedClock
) -> None:
    """Each break is told for itself; the crash's lasts until the act was recorded again."""
    with pytest.raises(Killed):
        day.record(killed_at(300, clock))
    (row,) = day.marked
    at = clock.wall_ms() / 1000
    os.utime(day.tablet.tablet.office.locker.folder / row.path, (at, at))
    day.restart()
    clock.pass_seconds(30)
    day.record(lambda _: day.stop.set() if day.broken else None, lambda: clock.pass_seconds(12))
    assert len(day.pending) == 1
    day.keep_cut()
    crash, loose = day.pending
    assert crash.until_at - crash.from_at == 30_000
    assert loose.until_at - loose.from_at == 12_000


def test_a_recording_that_was_ended_and_found_no_room_for_its_record_is_offered_at_once(
    day: Day, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is whole but for its record: no restart is needed for it, and nothing broke off."""
    journal, locker = day.case.parts.journal, day.case.parts.locker

    def full(*_: object, **__: object) -> Saved:
        raise DiskFull("The disk is full.")

    with monkeypatch.context() as disk:
        disk.setattr(journal, "save", full)
        with pytest.raises(DiskFull):
            day.record(lambda _: day.stop.set())
    assert rescue.again(locker.vault, locker.folder, locker.cut) == set()
    day.keep_cut()
    assert [(one.continuous, one.step) for one in day.parts] == [(True, Step.MEASURE)]
    assert (day.pending, day.marked) == ([], [])


def test_a_vault_of_before_learns_which_files_are_parts(day: Day, clock: TurnedClock) -> None:
    """One that was made before the table of parts was."""
    with day.tablet.tablet.vault.transaction() as session:
        session.connection().exec_driver_sql("DROP TABLE parts")
    day.restart()
    with pytest.raises(Killed):
        day.record(killed_at(300, clock))
    day.restart()
    day.keep_cut()
    assert [one.continuous for one in day.parts] == [True]

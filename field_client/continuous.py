"""Continuous recording, for acts that the law wants recorded from beginning to end (AV-1).

    record_continuously(case, source, about, recorder, stop, hooks)      in a worker's thread

It runs until ``stop`` is set, whatever screen is shown. When the camera breaks off, what is there
is saved, the break is measured by the monotonic clock and kept, and the camera is tried again each
second; when it is back, recording goes on by itself. Each part is a record of its own, marked
*continuous*; each break wants a reason, and ``explain`` puts both on record.

    12:00:00 ──── part 1 ────┤ 12 s ├──── part 2 ────   all times on one clock, set once
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from field_client.camera.media import Progress
from field_client.camera.media_source import MediaSource
from field_client.device_clock import SteadyClock
from field_client.errors import CameraUnavailable, MicrophoneUnavailable, NoPicture
from field_client.keys.identity import Unlocked
from field_client.recording import About, Recordings
from field_client.store import breaks, room
from field_client.store.breaks import Break
from field_client.store.journal import Saved
from protocol.errors import FujieError
from protocol.statements import MediaCaptured, Place, RecordingBroken
from protocol.vocabulary import MediaKind, Step

TRY_AGAIN_S = 1.0
LEAST_MINUTES = 1  # to go on after a break
ABSENT = (CameraUnavailable, MicrophoneUnavailable, NoPicture)


@dataclass(frozen=True)
class Hooks:
    """Told from the recording's thread."""

    progress: Callable[[Progress], None] = lambda progress: None
    saved: Callable[[Saved], None] = lambda saved: None
    broken: Callable[[Break], None] = lambda one: None
    resumed: Callable[[Break], None] = lambda one: None


def record_continuously(
    case: Recordings,
    source: MediaSource,
    about: About,
    recorder: Unlocked,
    stop: threading.Event,
    hooks: Hooks,
) -> None:
    """Record until ``stop`` is set. Raises what ``Inspection.record_video`` raises where it does
    not begin, DiskFull when there is no room to go on; then the break stays open."""
    _Run(case, source, about, recorder, stop, hooks).run()


def explain(case: Recordings, one: Break, reason: str, by: Unlocked) -> Saved:
    """Put a break and its reason on record: the documented fault that AV-1 asks for."""
    journal = case.parts.journal
    until = one.until_at or max(one.from_at, case.parts.clock.wall_ms())
    stated = journal.stamp(
        RecordingBroken,
        case.case,
        step=one.step,
        from_at=one.from_at,
        until_at=until,
        reason=reason,
        media=one.media.hex() if one.media else None,
    )
    return journal.save(stated, [by.signer], keeps=[breaks.explained(one)])


def keep_cut(case: Recordings, place: Place, recorder: Unlocked) -> None:
    """Recordings that a crash cut go on record, and the record says that they were cut. Where
    the crash cut a continuous one, the break that it made wants its reason like any other."""
    vault = case.parts.locker.vault
    ongoing = breaks.cut(vault, case.case)
    for found in case.rescued():
        part = ongoing is not None and found.media is MediaKind.VIDEO
        step = Step(ongoing.step) if ongoing is not None and part else Step.EVIDENCE
        about = About(place, f"{found.purpose}（录制中断，已保存中断前部分）", step)
        saved = case.keep_rescued(found, about, recorder, continuous=part)
        if part and not _told(case, found.began_at):
            breaks.broke(vault, case.case, step, found.ended_at, saved.record)
    if ongoing is not None:
        breaks.ended(vault, case.case)


def _told(case: Recordings, since: int) -> bool:
    """Whether a break of a recording that began then is known already: one that failed, and did
    not die, told it at once."""
    known = [one.from_at for one in breaks.pending(case.parts.locker.vault, case.case)]
    state = case.parts.journal.case_state(case.case)
    known += [one.statement.from_at for one in state.of_kind(RecordingBroken)]
    return any(at >= since for at in known)


class _Run:
    """One continuous recording."""

    def __init__(
        self,
        case: Recordings,
        source: MediaSource,
        about: About,
        recorder: Unlocked,
        stop: threading.Event,
        hooks: Hooks,
    ) -> None:
        self._case, self._source, self._about = case, source, about
        self._recorder, self._stop, self._hooks = recorder, stop, hooks
        self._vault = case.parts.locker.vault
        self._clock = SteadyClock(case.parts.clock)
        self._gap: Break | None = None
        self._parts = 0
        self._rolling = False  # something of the part under way was recorded

    def run(self) -> None:
        case = self._case.case
        breaks.begun(self._vault, case, self._about.step, self._clock.wall_ms())
        while True:
            try:
                self._part()
            except ABSENT:
                if not self._parts:
                    breaks.ended(self._vault, case)
                    raise
            except FujieError:
                self._failed()
                raise
            if self._stop.is_set() or self._stop.wait(TRY_AGAIN_S):
                break
        if self._gap is not None:
            self._over()
        breaks.ended(self._vault, case)

    def _part(self) -> None:
        """Record until somebody stops it or the camera breaks off."""
        self._rolling = False
        saved = self._case.record_video(
            self._source,
            self._about,
            self._recorder,
            stop=self._stop.is_set,
            on_progress=self._seen,
            continuous=True,
            minutes=LEAST_MINUTES if self._parts else room.CONTINUOUS_MINUTES,
            clock=self._clock,
        )
        self._parts += 1
        self._hooks.saved(saved)
        if not self._stop.is_set():
            assert isinstance(saved.statement, MediaCaptured)
            self._gap = breaks.broke(
                self._vault,
                self._case.case,
                self._about.step,
                saved.statement.ended_at,
                saved.record,
            )
            self._hooks.broken(self._gap)

    def _failed(self) -> None:
        """It does not go on. What was recorded is rescued by the next start; that it broke off
        is told now, whatever is recorded until then. Where nothing was, nothing broke off."""
        with suppress(FujieError):
            if self._rolling and self._gap is None:
                now = self._clock.wall_ms()
                case, step = self._case.case, self._about.step
                self._hooks.broken(breaks.broke(self._vault, case, step, now, None))
            elif not self._parts:
                breaks.ended(self._vault, self._case.case)

    def _seen(self, progress: Progress) -> None:
        self._rolling = True
        if self._gap is not None:
            self._over()
        self._hooks.progress(progress)

    def _over(self) -> None:
        """The break's end."""
        assert self._gap is not None
        breaks.resumed(self._vault, self._gap, self._clock.wall_ms())
        self._hooks.resumed(self._gap)
        self._gap = None

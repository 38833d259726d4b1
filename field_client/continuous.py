"""Continuous recording, for acts that the law wants recorded from beginning to end (AV-1).

    record_continuously(case, source, about, recorder, stop, hooks)      in a worker's thread

It runs until ``stop`` is set, whatever screen is shown. When the camera breaks off, what is there
is saved, the break is measured by the monotonic clock and kept, and the camera is tried again each
second; when it is back, recording goes on by itself. Each part is a record of its own, marked
*continuous*; each break wants a reason, and ``explain`` puts both on record.

    12:00:00 ──── part 1 ────┤ 12 s ├──── part 2 ────   all times on one clock, set once
"""

from __future__ import annotations

import secrets
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
from field_client.store import breaks, parts, room
from field_client.store.breaks import Break
from field_client.store.journal import Keep, Saved
from field_client.store.parts import Part
from protocol.errors import FujieError
from protocol.statements import MediaCaptured, Place, RecordingBroken
from protocol.vocabulary import Step

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
    """Recordings that were cut go on record, and the record says so. One that is a part of a
    continuous recording says that, too, and the break after it wants its reason like any other,
    unless it was told when it happened."""
    vault = case.parts.locker.vault
    for found in case.rescued():
        step = found.part.step if found.part else Step.EVIDENCE
        about = About(place, f"{found.purpose}（录制中断，已保存中断前部分）", step)
        keeps: list[Keep] = []
        broke = found.part.broke if found.part else ""
        if found.part and not broke:
            until = _went_on(case, step, found.ended_at)
            gap = breaks.broken(case.case, step, found.ended_at, until)
            broke, keeps = gap.id, [breaks.keeping(gap)]
        saved = case.keep_rescued(found, about, recorder, keeps)
        if broke:
            breaks.follows(vault, broke, saved.record)


def _went_on(case: Recordings, step: Step, since: int) -> int:
    """When the step was recorded again after a part that a crash cut; 0 where it never was."""
    state = case.parts.journal.case_state(case.case)
    later = [one.statement for one in state.media if one.statement.continuous]
    return min(
        (one.began_at for one in later if one.step == step and one.began_at >= since), default=0
    )


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
        self._this = Part(secrets.token_hex(8), about.step)
        self._gap: Break | None = None
        self._parts = 0
        self._rolling = False  # something of the part under way was recorded

    def run(self) -> None:
        while True:
            try:
                self._part()
            except ABSENT:
                if not self._parts:
                    raise
            except FujieError:
                self._failed()
                raise
            if self._stop.is_set() or self._stop.wait(TRY_AGAIN_S):
                break
        if self._gap is not None:
            self._over()

    def _part(self) -> None:
        """Record until somebody stops it or the camera breaks off."""
        self._rolling = False
        gap: list[Break] = []

        def breaking(said: MediaCaptured) -> list[Keep]:
            if not self._stop.is_set():
                gap.append(breaks.broken(self._case.case, said.step, said.ended_at))
            return [breaks.keeping(one) for one in gap]

        saved = self._case.record_video(
            self._source,
            self._about,
            self._recorder,
            stop=self._stop.is_set,
            on_progress=self._seen,
            part=self._this,
            keeps=breaking,
            minutes=LEAST_MINUTES if self._parts else room.CONTINUOUS_MINUTES,
            clock=self._clock,
        )
        self._parts += 1
        self._hooks.saved(saved)
        for self._gap in gap:
            breaks.follows(self._vault, self._gap.id, saved.record)
            self._hooks.broken(self._gap)

    def _failed(self) -> None:
        """It does not go on. What was recorded is rescued as soon as there is room for it; that
        it broke off is told now. Where nothing was, or somebody ended it, nothing broke off."""
        if not self._rolling or self._gap is not None:
            return
        gap = breaks.broken(self._case.case, self._about.step, self._clock.wall_ms())
        stopped = self._stop.is_set()
        with suppress(FujieError):
            with self._vault.transaction() as session:
                if stopped:
                    parts.told(session, self._this.run, parts.ENDED)
                else:
                    breaks.keeping(gap, self._this.run)(session)
            if not stopped:
                self._hooks.broken(gap)

    def _seen(self, progress: Progress) -> None:
        if not self._rolling:
            self._over()
        self._rolling = True
        self._hooks.progress(progress)

    def _over(self) -> None:
        """The step is recorded, or that is given up: no break is open, of an earlier recording
        either."""
        at = self._clock.wall_ms()
        breaks.resumed(self._vault, self._case.case, self._about.step, at)
        if self._gap is not None:
            self._hooks.resumed(self._gap)
        self._gap = None

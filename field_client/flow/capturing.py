"""Photo, video and sound with their five facts; the picture runs while the camera is open.

The camera does one thing at a time: it shows, takes a photo, or records. A recording goes on
when the screen is left or the tablet locked, with its mark in sight, and is saved in the
inspection it was begun in when somebody stops it or the program ends. A continuous recording
(``continuous.py``) outlasts a broken camera, and takes photos out of its own picture.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from av.video.frame import VideoFrame

from field_client.camera.media import Progress
from field_client.camera.sound import Heard
from field_client.camera.viewfinder import Viewfinder, after
from field_client.continuous import Hooks, record_continuously
from field_client.errors import DiskFull
from field_client.flow import breaking
from field_client.flow.breaking import ended_by_itself
from field_client.flow.desk import Desk
from field_client.flow.labelling import Labels
from field_client.flow.running import Running
from field_client.flow.shots import Thumbs, shots
from field_client.flow.storing import Storing
from field_client.inspection import About, Inspection
from field_client.keys.identity import Unlocked
from field_client.store.breaks import Break
from field_client.store.room import SOUND, VIDEO
from field_client.ui.presenters.capture import FEW_MINUTES, CaptureView, room_words
from field_client.ui.presenters.capture import Running as Kind
from field_client.ui.presenters.common import Message, error_words
from protocol.errors import FujieError
from protocol.vocabulary import Step


class Capturing:
    """The camera screen."""

    def __init__(self, desk: Desk, done: Callable[[], None], storing: Storing) -> None:
        self._desk, self._done, self._storing = desk, done, storing
        self._labels = Labels(desk)
        self._running: Running | None = None
        self._taking = False
        self._message: Message | None = None
        self._thumbs = Thumbs(desk, self.refresh)
        self._finder = Viewfinder(self._frame)

    def show(self) -> None:
        """Open the camera."""
        self._labels.of_case()
        self._open()

    def show_act(self, step: Step, what: str) -> None:
        """Open the camera for an act, which says its step and what is to be proved."""
        self._labels.of_act(step, what)
        self._open()

    def reshow(self) -> None:
        """The same, in another language; the labels stay those of the act."""
        self._open()

    def _open(self) -> None:
        self._message = None
        self._desk.shell.show("capture", self._view())
        self._thumbs.work()
        self._look()

    def refresh(self) -> None:
        """Newer facts for the same screen."""
        if self._desk.shell.current == "capture":
            self._desk.shell.update(self._view())
            self._thumbs.work()

    def edit(self, key: str, value: str) -> None:
        """One of the labels changed."""
        self._labels.edit(key, value)
        self.refresh()

    # ── acts ─────────────────────────────────────────────────────────────────────────────

    def photo(self) -> None:
        """One still; out of the picture itself while a continuous recording runs."""
        running = self._running
        if running is not None and running.kind == "continuous":
            if not self._incomplete():
                running.still.set()
        elif not self._complain():
            about, (case, recorder) = self._labels.about(), self._who()
            source = self._desk.open_tablet.source
            self._taking = True
            self._finder.stop()
            self._desk.work(
                after(lambda: case.capture_photo(source, about, recorder)),
                self._kept,
                self._failed,
                outlives=True,
            )

    def start_video(self) -> None:
        """Begin a clip."""
        running = self._begin("video")
        if running is not None:
            about, (case, recorder) = self._labels.about(), self._who()
            source = self._desk.open_tablet.source
            self._run(
                running,
                lambda: case.record_video(
                    source,
                    about,
                    recorder,
                    stop=running.stop.is_set,
                    on_progress=partial(self._recording, running),
                ),
            )

    def start_sound(self) -> None:
        """Begin a recording of sound alone."""
        running = self._begin("sound")
        if running is not None:
            about, (case, recorder) = self._labels.about(), self._who()
            source = self._desk.open_tablet.source
            self._run(
                running,
                lambda: case.record_sound(
                    source,
                    about,
                    recorder,
                    stop=running.stop.is_set,
                    on_level=partial(self._hearing, running),
                ),
            )

    def start_continuous(self) -> None:
        """Begin a recording that goes on until somebody ends it, whatever the camera does."""
        running = self._begin("continuous")
        if running is not None:
            about, (case, recorder) = self._labels.about(), self._who()
            source = self._desk.open_tablet.source
            hooks = Hooks(
                progress=lambda progress: self._watching(running, progress, case, about, recorder),
                saved=lambda _saved: self._on_ui(self.refresh),
                broken=lambda one: self._on_ui(lambda: self._broken(running, one)),
                resumed=lambda _one: self._on_ui(lambda: self._resumed(running)),
            )
            self._run(
                running,
                lambda: record_continuously(case, source, about, recorder, running.stop, hooks),
            )

    def stop_video(self) -> None:
        """End what is being recorded; it is saved when its last picture is written."""
        if self._running is not None:
            self._running.stop.set()

    def explain(self) -> None:
        """Why a continuous recording broke off."""
        breaking.ask(self._desk, self.refresh)

    def explain_all(self) -> None:
        """One reason for the breaks that are over."""
        breaking.ask_all(self._desk, self.refresh)

    def finish(self) -> None:
        """Back to the inspection. A recording under way goes on, with its mark in sight."""
        self.leave()
        self._done()

    def leave(self) -> None:
        """The camera is let go, unless it records."""
        self._finder.stop()

    def tick(self) -> None:
        """The mark moves on although nothing is heard of the camera: it may be gone."""
        running = self._running
        if running is not None and running.broken_since is not None:
            self._desk.mark(running.mark(self._desk._))
            self.refresh()

    # ── what comes back ──────────────────────────────────────────────────────────────────

    def _recording(self, running: Running, progress: Progress) -> None:
        """From the recording thread: the running time and the picture."""
        self._told(running, progress.elapsed_ms // 1000)
        if self._desk.shell.current == "capture" and running.picture_due():
            width, height, picture = progress.picture(640)
            self._desk.post(lambda: self._desk.shell.show_frame(picture, width, height))

    def _watching(
        self,
        running: Running,
        progress: Progress,
        case: Inspection,
        about: About,
        recorder: Unlocked,
    ) -> None:
        still = running.take_still(progress.frame)
        if still is not None:
            self._on_ui(lambda: self._keep(still, case, about, recorder))
        self._told(running, running.elapsed_s)
        if self._desk.shell.current == "capture" and running.picture_due():
            width, height, picture = progress.picture(640)
            self._desk.post(lambda: self._desk.shell.show_frame(picture, width, height))

    def _hearing(self, running: Running, heard: Heard) -> None:
        self._told(running, heard.elapsed_ms // 1000)
        if running.picture_due():
            self._desk.post(lambda: self._desk.shell.show_level(heard.level))

    def _told(self, running: Running, elapsed_s: int) -> None:
        if elapsed_s != running.told_s:
            running.told_s = elapsed_s
            self._on_ui(lambda: self._tick(running, elapsed_s))

    def _tick(self, running: Running, elapsed_s: int) -> None:
        if running is self._running:
            self._desk.mark(running.mark(self._desk._, elapsed_s))

    def _keep(self, frame: VideoFrame, case: Inspection, about: About, by: Unlocked) -> None:
        self._desk.work(
            lambda: case.keep_picture(frame, about, by),
            lambda _saved: self._stored(),
            outlives=True,
        )

    def _broken(self, running: Running, _one: Break) -> None:
        running.broken_since = self._desk.clock.monotonic_ms()
        self._desk.mark(running.mark(self._desk._))
        self.refresh()

    def _resumed(self, running: Running) -> None:
        running.broken_since = None
        self._desk.mark(running.mark(self._desk._))
        self.refresh()

    def _frame(self, width: int, height: int, picture: bytes) -> None:
        self._desk.post(lambda: self._desk.shell.show_frame(picture, width, height))

    def _kept(self, _saved: object) -> None:
        self._ended()

    def _over(self, running: Running) -> None:
        """It is saved; one that nobody stopped is told to whoever thinks that it still runs."""
        self._ended()
        if not running.stop.is_set():
            self._desk.shell.tell(ended_by_itself(self._desk))

    def _failed(self, error: FujieError) -> None:
        self._ended()
        if isinstance(error, DiskFull) or self._storing.cut:
            self._desk.shell.tell(breaking.failed(self._desk, error, kept=self._storing.cut))
        else:
            self._desk.tell(error)

    def _ended(self) -> None:
        self._taking, self._running = False, None
        self._desk.mark("")
        self._stored()
        if self._desk.shell.current == "capture":
            self._look()

    def _stored(self) -> None:
        self._storing.forget()
        if self._desk.inspection is not None:
            self.refresh()

    def _look(self) -> None:
        """The running picture, while the camera is free."""
        if not self._taking:
            self._finder.start(self._desk.open_tablet.source, self._camera_failed)

    def _camera_failed(self, error: FujieError) -> None:
        def tell() -> None:
            self._message = Message("danger", error_words(self._desk._, error))
            self.refresh()

        self._on_ui(tell)

    # ── help ─────────────────────────────────────────────────────────────────────────────

    def _on_ui(self, act: Callable[[], None]) -> None:
        self._desk.post(lambda: self._desk.guarded(act))

    def _who(self) -> tuple[Inspection, Unlocked]:
        return self._desk.case, self._desk.officers[0]

    def _begin(self, kind: Kind) -> Running | None:
        """A recording of this kind begins, if nothing stands against it."""
        if self._complain():
            return None
        self._running = Running(kind, self._desk.clock)
        self._taking = True
        self._desk.mark(self._running.mark(self._desk._))
        self._finder.stop()
        self.refresh()
        return self._running

    def _run(self, running: Running, job: Callable[[], object]) -> None:
        self._desk.work(after(job), lambda _saved: self._over(running), self._failed, outlives=True)

    def _complain(self) -> bool:
        """What stands against using the camera now, told; True when something does."""
        if self._running is not None:
            self._message = Message("warning", self._desk._("Stop the recording first"))
            self.refresh()
            return True
        return self._incomplete() or self._taking

    def _incomplete(self) -> bool:
        missing = self._labels.missing()
        self._message = None
        if missing:
            words = self._desk._(", ").join(missing)
            self._message = Message(
                "warning", self._desk._("Still to fill in: {words}").format(words=words)
            )
            self.refresh()
            return True
        barred = self._labels.barred()
        if barred is not None:
            self._desk.tell(barred)
        return barred is not None

    def _view(self) -> CaptureView:
        desk, running, labels = self._desk, self._running, self._labels
        room, sound = self._storing.room, running is not None and running.kind == "sound"
        minutes = room.minutes_left(SOUND if sound else VIDEO)
        return CaptureView(
            frame=desk.frame(desk._("Evidence"), desk.case.opening.party.name),
            labels=labels.shown(),
            steps=labels.steps(),
            purposes=labels.purposes(),
            recording=desk.recording if running else "",
            shots=shots(desk, self._thumbs),
            source=Path(desk.settings.camera).name,
            space=room_words(desk._, minutes, sound=sound),
            missing=labels.missing(),
            message=self._message,
            running=running.kind if running else "",
            notes=(*breaking.notes(desk), *labels.card_note()),
            used=room.used,
            releasable=room.releasable / room.total if room.total else 0.0,
            tight=minutes < FEW_MINUTES,
        )

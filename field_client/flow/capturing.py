"""Photo and video with their five facts; the picture runs while the camera is open.

The camera does one thing at a time: it shows, takes a photo, or records. A recording goes on
when the screen is left or the tablet locked, with its mark in sight, and is saved in the
inspection it was begun in when somebody stops it or the program ends.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from field_client.camera.media import Progress
from field_client.camera.viewfinder import Viewfinder
from field_client.durable import free_bytes
from field_client.flow.desk import Desk
from field_client.inspection import About
from field_client.store.captures import open_blob
from field_client.store.journal import Saved
from field_client.store.tables import BlobRow
from field_client.ui.presenters.capture import (
    CaptureLabels,
    CaptureView,
    Shot,
    missing_labels,
    room_words,
)
from field_client.ui.presenters.common import Choice, Message, clock_words, error_words, span_words
from protocol.errors import FujieError
from protocol.statements import MediaCaptured, Place
from protocol.vocabulary import MediaKind, Step

VIDEO_BYTES_A_MINUTE = 20 << 20
STEPS = (Step.ARRIVAL, Step.EVIDENCE, Step.RECORD, Step.DECISION, Step.SERVICE)


class Capturing:
    """The camera screen."""

    def __init__(self, desk: Desk, done: Callable[[], None]) -> None:
        self._desk = desk
        self._done = done
        self._case = b""  # whose labels these are
        self._place = ""
        self._purpose = ""
        self._step = Step.EVIDENCE
        self._shots: list[Shot] = []
        self._elapsed = -1
        self._taking = False
        self._message: Message | None = None
        self._stopping = threading.Event()
        self._finder = Viewfinder(self._frame)

    def show(self) -> None:
        """Open the camera."""
        case = self._desk.case
        if self._case != case.case:
            self._case, self._place = case.case, case.opening.place.text
            self._purpose, self._step = "", Step.EVIDENCE
        self._shots, self._message = self._earlier(), None
        self._desk.shell.show("capture", self._view())
        self._look()

    def refresh(self) -> None:
        """Newer facts for the same screen."""
        if self._desk.shell.current == "capture":
            self._desk.shell.update(self._view())

    def edit(self, key: str, value: str) -> None:
        """One of the labels changed."""
        if key == "place":
            self._place = value
        elif key == "purpose":
            self._purpose = value
        elif key == "step":
            self._step = Step(value)
        self.refresh()

    def photo(self) -> None:
        """One still."""
        if self._complain() or self._taking:
            return
        desk, about = self._desk, self._about()
        case, source, recorder = desk.case, desk.open_tablet.source, desk.officers[0]
        self._taking = True
        self._finder.stop()
        desk.work(
            lambda: case.capture_photo(source, about, recorder),
            self._kept,
            self._failed,
            outlives=True,
        )

    def start_video(self) -> None:
        """Begin a clip."""
        if self._complain() or self._taking:
            return
        desk, about = self._desk, self._about()
        case, source, recorder = desk.case, desk.open_tablet.source, desk.officers[0]
        self._stopping.clear()
        self._taking, self._elapsed = True, 0
        desk.recording = span_words(0)
        self._finder.stop()
        self.refresh()
        desk.work(
            lambda: case.record_video(
                source,
                about,
                recorder,
                stop=self._stopping.is_set,
                on_progress=self._recording,
            ),
            self._kept,
            self._failed,
            outlives=True,
        )

    def stop_video(self) -> None:
        """End the clip; it is saved when the last picture is written."""
        self._stopping.set()

    def finish(self) -> None:
        """Back to the inspection. A recording under way goes on, with its mark in sight."""
        self.leave()
        self._done()

    def leave(self) -> None:
        """The camera is let go, unless it records."""
        self._finder.stop()

    # ── what comes back ──────────────────────────────────────────────────────────────────

    def _recording(self, progress: Progress) -> None:
        """From the recording thread: the running time and the picture."""
        elapsed = progress.elapsed_ms // 1000
        if elapsed != self._elapsed:
            self._desk.post(lambda: self._desk.guarded(lambda: self._tick(elapsed)))
        width, height, picture = progress.picture(640)
        self._desk.post(lambda: self._desk.shell.show_frame(picture, width, height))

    def _tick(self, elapsed: int) -> None:
        if self._elapsed >= 0:
            self._elapsed = elapsed
            self._desk.recording = span_words(elapsed)
            self.refresh()

    def _frame(self, width: int, height: int, picture: bytes) -> None:
        self._desk.post(lambda: self._desk.shell.show_frame(picture, width, height))

    def _kept(self, _saved: Saved) -> None:
        self._ended()

    def _failed(self, error: FujieError) -> None:
        self._ended()
        self._desk.tell(error)

    def _ended(self) -> None:
        self._taking, self._elapsed, self._desk.recording = False, -1, ""
        if self._desk.shell.current == "capture":
            self._shots = self._earlier()
            self.refresh()
            self._look()

    def _look(self) -> None:
        """The running picture, while the camera is free."""
        if not self._taking:
            self._finder.start(self._desk.open_tablet.source, self._camera_failed)

    def _camera_failed(self, error: FujieError) -> None:
        def tell() -> None:
            self._message = Message("danger", error_words(self._desk._, error))
            self.refresh()

        self._desk.post(lambda: self._desk.guarded(tell))

    # ── help ─────────────────────────────────────────────────────────────────────────────

    def _complain(self) -> bool:
        """What stands against using the camera now, told; True when something does."""
        missing = missing_labels(self._desk._, self._labels())
        if self._elapsed >= 0:
            self._message = Message("warning", self._desk._("Stop the recording first"))
            self.refresh()
            return True
        if missing:
            words = self._desk._(", ").join(missing)
            self._message = Message(
                "warning", self._desk._("Still to fill in: {words}").format(words=words)
            )
            self.refresh()
        else:
            self._message = None
        return bool(missing)

    def _about(self) -> About:
        return About(Place(text=self._place.strip()), self._purpose.strip(), self._step)

    def _labels(self) -> CaptureLabels:
        desk = self._desk
        return CaptureLabels(
            case_number=desk.case.opening.number,
            time=clock_words(desk.clock.wall_ms()),
            place=self._place,
            recorder=desk.officer_name(desk.officers[0].cert_no),
            purpose=self._purpose,
            step=self._step.value,
        )

    def _view(self) -> CaptureView:
        desk = self._desk
        free = free_bytes(desk.settings.data_dir)
        minutes = free // VIDEO_BYTES_A_MINUTE
        language = desk.language
        labels = self._labels()
        return CaptureView(
            frame=desk.frame(desk._("Evidence"), desk.case.opening.party.name),
            labels=labels,
            steps=tuple(Choice(step.value, step.label(language)) for step in STEPS),
            purposes=tuple(self._purposes()),
            recording=span_words(self._elapsed) if self._elapsed >= 0 else "",
            shots=tuple(self._shots),
            source=Path(desk.settings.camera).name,
            space=room_words(desk._, minutes),
            missing=missing_labels(desk._, labels),
            message=self._message,
        )

    def _purposes(self) -> list[str]:
        """Phrases for the purpose of proof, from the item's cause; any other may be typed."""
        opening, _ = self._desk.case.opening, self._desk.chinese  # a purpose goes on record
        return [_("Proves: {what}").format(what=opening.cause)] if opening.cause else []

    def _earlier(self) -> list[Shot]:
        media = self._desk.case.state.media
        return [self._shot(one.statement) for one in reversed(media)]

    def _shot(self, media: MediaCaptured) -> Shot:
        thumb = None
        if media.media is MediaKind.PHOTO:
            thumb = self._bytes(bytes.fromhex(media.blob.sha256))
        word = f"{clock_words(media.began_at)} {media.purpose}"
        return Shot(word=word, kind=media.media.value, stage="saved", thumb=thumb)

    def _bytes(self, name: bytes) -> bytes | None:
        tablet = self._desk.open_tablet
        with tablet.vault.session() as session:
            row = session.get(BlobRow, name)
        return open_blob(tablet.settings.blobs_dir, row).all() if row else None

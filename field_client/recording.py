"""Recordings of an inspection: taken here, taken in from a recorder, or made of another.

    inspection.capture_photo(source, about, recorder)
    inspection.record_video(source, about, recorder, stop=…, part=Part(run, step))
    inspection.record_sound(source, about, recorder, stop=…)
    inspection.derive(parent, Still(at_ms=3200), about, recorder)

Each makes one statement with the five facts (AV-3; EVID 12), durable when it returns. What the
rules forbid is not even begun, and neither is what does not fit on the disk. The original of a
derivative is never touched: the derivative is a blob of its own and names its parent's record.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from av.video.frame import VideoFrame
from msgspec import structs

from field_client.camera.derive import Change, derive
from field_client.camera.media import Captured, Progress, capture_photo, keep_picture, record_clip
from field_client.camera.media_source import MediaSource
from field_client.camera.sound import Heard, record_sound
from field_client.device_clock import Clock, SteadyClock
from field_client.keys.identity import Unlocked
from field_client.store import room
from field_client.store.blobs import BlobWriter
from field_client.store.evidence import EvidenceLocker
from field_client.store.imports import Taken, kept
from field_client.store.journal import Journal, Keep, Saved
from field_client.store.library import stream_of
from field_client.store.parts import Part
from field_client.store.rescue import Rescued, rescued
from protocol.case import Record
from protocol.statements import BlobRef, Imported, InspectionOpened, MediaCaptured, Place
from protocol.vocabulary import MediaKind, Step

Keeps = Callable[[MediaCaptured], Sequence[Keep]]
"""What is kept in the transaction of a recording's record, told from what it says."""


@dataclass(frozen=True)
class About:
    """The facts that label a recording besides time and recorder (EVID 12; X-3.2d)."""

    place: Place
    purpose: str
    step: Step


class Parts(Protocol):
    """What recordings need of the office's side of the tablet (``inspection.Office``)."""

    @property
    def journal(self) -> Journal:
        """Where statements are made."""

    @property
    def locker(self) -> EvidenceLocker:
        """Where blobs are kept."""

    @property
    def clock(self) -> Clock:
        """The tablet's clock."""

    @property
    def device_name(self) -> str:
        """The tablet's name on the roster."""


class Recordings(ABC):
    """The part of an inspection that makes recordings."""

    case: bytes

    @property
    @abstractmethod
    def parts(self) -> Parts:
        """Journal, locker, clock."""

    @property
    @abstractmethod
    def opening(self) -> InspectionOpened:
        """The statement that opened the inspection."""

    # ── from camera and microphone ───────────────────────────────────────────────────────

    def capture_photo(self, source: MediaSource, about: About, recorder: Unlocked) -> Saved:
        """Take a photo; encrypted and hashed while it is written (AV-3)."""
        return self._capture(
            MediaKind.PHOTO,
            "image/jpeg",
            about,
            recorder,
            lambda sink: capture_photo(source, sink, self.parts.clock),
        )

    def keep_picture(self, frame: VideoFrame, about: About, recorder: Unlocked) -> Saved:
        """A photo out of the picture that the camera is giving while it records."""
        return self._capture(
            MediaKind.PHOTO,
            "image/jpeg",
            about,
            recorder,
            lambda sink: keep_picture(frame, sink, SteadyClock(self.parts.clock)),
        )

    def record_video(
        self,
        source: MediaSource,
        about: About,
        recorder: Unlocked,
        *,
        stop: Callable[[], bool],
        seconds: float | None = None,
        on_progress: Callable[[Progress], None] = lambda progress: None,
        part: Part | None = None,
        keeps: Keeps = lambda said: (),
        minutes: int = room.CLIP_MINUTES,
        clock: Clock | None = None,
    ) -> Saved:
        """Record until ``stop()``; a cut recording still plays and is rescued after a crash.
        ``minutes`` must fit on the disk before it begins. ``part`` of a continuous recording has
        that one's ``clock`` in place of the tablet's; ``keeps`` says what is kept with its record
        (``continuous.py``)."""
        self._expect_room(room.VIDEO, minutes)
        now = clock or self.parts.clock
        return self._capture(
            MediaKind.VIDEO,
            "video/mp4",
            about,
            recorder,
            lambda sink: record_clip(
                source, sink, now, seconds=seconds, stop=stop, on_progress=on_progress
            ),
            part=part,
            keeps=keeps,
        )

    def record_sound(
        self,
        source: MediaSource,
        about: About,
        recorder: Unlocked,
        *,
        stop: Callable[[], bool],
        seconds: float | None = None,
        on_level: Callable[[Heard], None] = lambda heard: None,
    ) -> Saved:
        """Record sound alone until ``stop()``; a cut recording still plays."""
        self._expect_room(room.SOUND, room.SOUND_MINUTES)
        return self._capture(
            MediaKind.SOUND,
            "audio/mp4",
            about,
            recorder,
            lambda sink: record_sound(
                source, sink, self.parts.clock, seconds=seconds, stop=stop, on_level=on_level
            ),
        )

    # ── from what is kept already ────────────────────────────────────────────────────────

    def derive(
        self, parent: Record[MediaCaptured], change: Change, about: About, recorder: Unlocked
    ) -> Saved:
        """A picture made of a recording: a still, a marked or a turned copy. The original stays
        as it is, and the copy's statement names it (AV-4)."""
        locker = self.parts.locker
        return self._capture(
            MediaKind.PHOTO,
            "image/jpeg",
            about,
            recorder,
            lambda sink: derive(
                stream_of(locker.vault, locker.folder, parent.statement.blob.sha256),
                change,
                sink,
                SteadyClock(self.parts.clock),
            ),
            parent=parent.hash.hex(),
        )

    def keep_imported(
        self, taken: Taken, about: About, recorder: str, began_at: int, by: Unlocked
    ) -> Saved:
        """Record a file that was taken in: who recorded it, and who brought it in from where."""
        stated = self.parts.journal.stamp(
            MediaCaptured,
            self.case,
            **self._facts(taken.media, taken.ref, about, recorder, began_at)
            | {"device": taken.source},
            imported=Imported(by=taken.by, at=taken.at, source=taken.source, name=taken.name),
        )
        stated = structs.replace(stated, ended_at=began_at + taken.duration_ms, codec=taken.codec)
        return self.parts.journal.save(stated, [by.signer], keeps=[kept(taken)])

    def rescued(self) -> list[Rescued]:
        """Recordings of this inspection that a crash cut and no record names yet."""
        return rescued(self.parts.locker.vault, self.case)

    def keep_rescued(
        self, found: Rescued, about: About, recorder: Unlocked, keeps: Sequence[Keep] = ()
    ) -> Saved:
        """Record a recording that was cut, and that it is a part of a continuous one if it is;
        the purpose of proof should say that it was interrupted."""
        facts = self._facts(found.media, found.ref, about, recorder.cert_no, found.began_at)
        facts |= {"continuous": found.part is not None}
        stated = self.parts.journal.stamp(MediaCaptured, self.case, **facts)
        stated = structs.replace(stated, ended_at=found.ended_at)
        return self.parts.journal.save(stated, [recorder.signer], keeps=[found.keep, *keeps])

    # ── help ─────────────────────────────────────────────────────────────────────────────

    def _expect_room(self, kind: str, minutes: int) -> None:
        locker = self.parts.locker
        room.expect(locker.vault, locker.folder, kind, minutes)

    def _capture(
        self,
        kind: MediaKind,
        media_type: str,
        about: About,
        recorder: Unlocked,
        record: Callable[[BlobWriter], Captured],
        *,
        part: Part | None = None,
        keeps: Keeps = lambda said: (),
        **more: Any,
    ) -> Saved:
        """Record, then state. A recording that fails on its way is rescued once there is room for
        it (``store/rescue.py``), at the latest by the next start."""
        journal, locker = self.parts.journal, self.parts.locker
        now = self.parts.clock.wall_ms()
        some = BlobRef(sha256="00" * 32, size=1, media_type=media_type)

        def stated(blob: BlobRef, began_at: int) -> MediaCaptured:
            facts = self._facts(kind, blob, about, recorder.cert_no, began_at)
            facts |= {"continuous": part is not None, **more}
            return journal.stamp(MediaCaptured, self.case, **facts)

        journal.expect_allowed(stated(some, now))
        writer = locker.begin(media_type, about.purpose, self.case, part)
        try:
            made = record(writer)
        except BaseException:
            writer.close()
            if writer.size:
                locker.cut.add(writer.path.name)
            else:
                locker.discard(writer)
            raise
        blob = BlobRef(sha256=made.sha256.hex(), size=made.size, media_type=made.media_type)
        said = structs.replace(
            stated(blob, made.started_at), ended_at=made.ended_at, codec=made.codec
        )
        named = locker.keeper(writer, made.written, made.ended_at)
        try:
            return journal.save(said, [recorder.signer], keeps=[named, *keeps(said)])
        except BaseException:
            locker.cut.add(writer.path.name)  # whole, and without a record
            raise

    def _facts(
        self, kind: MediaKind, blob: BlobRef, about: About, recorder: str, began_at: int
    ) -> dict[str, Any]:
        return {
            "media": kind,
            "blob": blob,
            "case_no": self.opening.number,
            "began_at": began_at,
            "ended_at": began_at,
            "place": about.place,
            "recorder": recorder,
            "purpose": about.purpose,
            "step": about.step,
            "device": self.parts.device_name,
        }

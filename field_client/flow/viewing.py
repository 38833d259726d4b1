"""The gallery of an inspection's recordings, and one of them large: played, marked, turned.

What is shown is decrypted in memory by a worker and goes to the screen as pictures; nothing of it
is written to the disk. A copy that is made of a recording becomes a record of its own that names
it, and the original stays.
"""

from __future__ import annotations

from collections.abc import Callable

from field_client.camera.derive import Box, Change, Marked, Still, Turned, whole_picture
from field_client.camera.player import Player, PlayState
from field_client.flow.desk import Desk
from field_client.flow.recorded import facts, tile
from field_client.flow.shots import Thumbs, stages_of
from field_client.inspection import About
from field_client.store.library import stream_of
from field_client.store.release import released
from field_client.store.tables import Stage
from field_client.ui.presenters.common import Choice, Message, error_words, stage_word
from field_client.ui.presenters.item import grouped
from field_client.ui.presenters.recordings import (
    ALL,
    PAGE,
    Mode,
    RecordingsView,
    ViewerView,
    place_words,
)
from protocol.case import Record
from protocol.statements import MediaCaptured
from protocol.vocabulary import MediaKind, Step

LARGEST = 1600  # pixels of width that a picture is shown with
PURPOSE = 480  # letters, so that what the copy is fits behind them

Media = Record[MediaCaptured]


class Viewing:
    """The screens ``recordings`` and ``viewer``."""

    def __init__(self, desk: Desk, done: Callable[[], None], to_camera: Callable[[], None]) -> None:
        self._desk, self._done, self._to_camera = desk, done, to_camera
        self._out_of_camera = self._listed = False
        self._kind = self._step = ALL
        self._page = 0
        self._case = b""
        self._thumbs = Thumbs(desk, self.refresh)
        self._open: Media | None = None
        self._opening = object()  # what comes back of an earlier one is dropped
        self._player: Player | None = None
        self._state = PlayState()
        self._boxes: tuple[Box, ...] = ()
        self._mode: Mode = "look"
        self._message: Message | None = None
        self._waiting = ""

    # ── the gallery ──────────────────────────────────────────────────────────────────────

    def show(self) -> None:
        """All recordings of the inspection, the newest first."""
        self._came()
        self._listed = True
        self.leave()
        if self._case != self._desk.case.case:
            self._case, self._page, self._kind, self._step = self._desk.case.case, 0, ALL, ALL
        self._desk.shell.show("recordings", self._gallery())
        self._thumbs.work()

    def refresh(self) -> None:
        """Newer facts for the screen shown."""
        if self._desk.shell.current == "recordings":
            self._desk.shell.update(self._gallery())
            self._thumbs.work()
        elif self._desk.shell.current == "viewer" and self._open is not None:
            self._desk.shell.update(self._viewer())

    def choose(self, key: str, value: str) -> None:
        """Only some kind, or some step."""
        if key == "kind":
            self._kind = value
        elif key == "step":
            self._step = value
        self._page = 0
        self.refresh()

    def turn_page(self, pages: int) -> None:
        """Older or newer ones."""
        last = max(0, (len(self._chosen()) - 1) // PAGE)
        self._page = max(0, min(last, self._page + pages))
        self.refresh()

    # ── one recording ────────────────────────────────────────────────────────────────────

    def open(self, key: str) -> None:
        """One of them, large."""
        self._came()
        self.leave()
        found = [one for one in self._desk.case.state.media if one.hash.hex() == key]
        if not found:
            return
        self._open, self._state = found[0], PlayState()
        self._boxes, self._mode, self._message = (), "look", None
        self._waiting = self._desk._("Decrypting…")
        self._desk.shell.show("viewer", self._viewer())
        self._begin(found[0])

    def reshow(self) -> None:
        """The viewer again, in another language."""
        if self._open is None:
            self.show()
        else:
            self.open(self._open.hash.hex())

    def play(self) -> None:
        """Play, pause, or once more."""
        if self._player is not None:
            self._player.toggle()

    def seek(self, at_ms: int) -> None:
        """To a time of it."""
        if self._player is not None:
            self._player.seek(at_ms)

    def jump(self, seconds: int) -> None:
        """A little back or forth."""
        self.seek(self._state.at_ms + 1000 * seconds)

    def begin_marks(self) -> None:
        """Draw frames on the picture that is seen; a clip stands still meanwhile."""
        if self._player is not None and self._state.playing:
            self._player.toggle()
        self._mode, self._boxes = "mark", ()
        self.refresh()

    def mark(self, x: float, y: float, width: float, height: float) -> None:
        """One more frame."""
        if self._mode == "mark":
            self._boxes = (*self._boxes, Box(x, y, width, height))
            self.refresh()

    def drop_marks(self) -> None:
        """None of them."""
        self._mode, self._boxes = "look", ()
        self.refresh()

    def keep_marks(self) -> None:
        """A marked copy goes on record."""
        _ = self._desk.chinese  # a purpose goes on record
        if self._boxes:
            self._derive(Marked(self._boxes, self._state.at_ms), _("marked copy"))

    def keep_still(self) -> None:
        """The picture that is seen, as a photo of its own."""
        _ = self._desk.chinese
        self._derive(Still(self._state.at_ms), _("still"))

    def keep_turned(self) -> None:
        """A copy turned right by a quarter."""
        _ = self._desk.chinese
        self._derive(Turned(1, self._state.at_ms), _("turned copy"))

    def back(self) -> None:
        """From one to all, or to the camera that it was touched in; from all to where they were
        opened from."""
        if self._desk.shell.current == "viewer":
            if self._mode == "mark":
                self.drop_marks()
            elif self._out_of_camera and not self._listed:
                self._to_camera()
            else:
                self.show()
        elif self._out_of_camera:
            self._to_camera()
        else:
            self._done()

    def _came(self) -> None:
        """Where from, unless it is between these two screens."""
        here = self._desk.shell.current
        if here not in ("recordings", "viewer"):
            self._out_of_camera, self._listed = here == "capture", False

    def leave(self) -> None:
        """Stop playing and let go of what was decrypted."""
        if self._player is not None:
            self._player.close()
        self._player, self._open, self._opening = None, None, object()

    # ── opening ──────────────────────────────────────────────────────────────────────────

    def _begin(self, one: Media) -> None:
        desk, media, opening = self._desk, one.statement, self._opening
        vault, folder = desk.open_tablet.vault, desk.open_tablet.settings.blobs_dir
        name = media.blob.sha256
        if media.media is MediaKind.PHOTO:
            desk.work(
                lambda: whole_picture(stream_of(vault, folder, name), LARGEST),
                lambda picture: self._picture(opening, *picture),
                lambda error: self._told(opening, PlayState(error=error)),
            )
            return
        self._player = Player(
            lambda: stream_of(vault, folder, name),
            lambda *picture: desk.post(lambda: self._picture(opening, *picture)),
            lambda state: desk.post(lambda: desk.guarded(lambda: self._told(opening, state))),
            speaker=(desk.settings.speaker, desk.settings.speaker_format),
        )
        self._player.start()

    def _picture(self, opening: object, width: int, height: int, picture: bytes) -> None:
        if opening is self._opening and self._desk.shell.current == "viewer":
            if self._waiting:
                self._waiting = ""
                self.refresh()
            self._desk.shell.show_frame(picture, width, height)

    def _told(self, opening: object, state: PlayState) -> None:
        """Where the player is. Only the time moved: the screen's own bar follows it."""
        one = self._open
        if opening is not self._opening or one is None:
            return
        before, self._state = self._state, state
        _ = self._desk._
        if state.error is not None:
            self._message, self._waiting = Message("danger", error_words(_, state.error)), ""
        elif state.silent:
            self._message = Message(
                "warning", _("No sound device opens on this tablet: nothing can be heard.")
            )
        if (before.playing, before.duration_ms, before.error, before.silent) != (
            state.playing,
            state.duration_ms,
            state.error,
            state.silent,
        ):
            self._waiting = "" if one.statement.media is MediaKind.SOUND else self._waiting
            self.refresh()
        elif self._desk.shell.current == "viewer":
            self._desk.shell.show_time(state.at_ms, state.duration_ms)

    def _derive(self, change: Change, what: str) -> None:
        desk, one = self._desk, self._open
        if one is None:
            return
        case, recorder, media = desk.case, desk.officers[0], one.statement
        about = About(media.place, f"{media.purpose[:PURPOSE]}（{what}）", media.step)

        def then(_saved: object) -> None:
            self._mode, self._boxes = "look", ()
            self._message = Message(
                "success", desk._("A copy is on record. The original is as it was.")
            )
            self.refresh()

        desk.work(
            lambda: case.derive(one, change, about, recorder),
            then,
            waiting=desk._("Making the copy…"),
        )

    # ── views ────────────────────────────────────────────────────────────────────────────

    def _chosen(self) -> list[Media]:
        return [
            one
            for one in reversed(self._desk.case.state.media)
            if self._kind in (ALL, one.statement.media.value)
            and self._step in (ALL, one.statement.step.value)
        ]

    def _gallery(self) -> RecordingsView:
        desk, chosen = self._desk, self._chosen()
        first = self._page * PAGE
        shown = chosen[first : first + PAGE]
        stages = stages_of(desk, [one.hash for one in shown])
        gone = released(
            desk.open_tablet.vault, [bytes.fromhex(one.statement.blob.sha256) for one in shown]
        )
        steps = sorted({one.statement.step for one in desk.case.state.media}, key=list(Step).index)
        kinds, every = Choice(ALL, desk._("All")), Choice(ALL, desk._("All steps"))
        return RecordingsView(
            frame=desk.frame(desk._("Recordings"), desk.case.opening.party.name),
            tiles=tuple(tile(desk, one, stages, gone, self._thumbs) for one in shown),
            kinds=(kinds, *(Choice(one.value, one.heading(desk.language)) for one in MediaKind)),
            steps=(every, *(Choice(one.value, one.heading(desk.language)) for one in steps)),
            kind=self._kind,
            step=self._step,
            place=place_words(desk._, first, len(shown), len(chosen)),
            earlier=first + PAGE < len(chosen),
            later=first > 0,
            over=desk.case.state.closed is not None,
        )

    def _viewer(self) -> ViewerView:
        desk, one = self._desk, self._open
        assert one is not None
        media = one.statement
        stage = stages_of(desk, [one.hash]).get(one.hash, Stage.SAVED)
        return ViewerView(
            frame=desk.frame(media.purpose, desk.case.opening.party.name),
            key=one.hash.hex(),
            kind=media.media.value,
            facts=facts(desk, media),
            stage=stage.value,
            stage_word=stage_word(desk._, stage.value),
            code=grouped(media.blob.sha256),
            at=self._state.at_ms,
            length=self._state.duration_ms,
            playing=self._state.playing,
            mode=self._mode,
            boxes=tuple((box.x, box.y, box.width, box.height) for box in self._boxes),
            message=self._message,
            waiting=self._waiting,
            changeable=desk.case.state.closed is None and media.media is not MediaKind.SOUND,
        )

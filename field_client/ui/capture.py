"""Photo, video and sound on the spot, with the five facts that make them evidence beside them."""

from __future__ import annotations

from typing import Any

from field_client.ui.i18n import _
from field_client.ui.presenters.capture import CaptureView, Shot
from field_client.ui.theme import theme
from field_client.ui.widgets.base import load_kv
from field_client.ui.widgets.capture import ShotTile
from field_client.ui.widgets.field import PhraseButton
from field_client.ui.widgets.frame import FujieScreen, made
from field_client.ui.widgets.surface import NoteBox


class CaptureScreen(FujieScreen):
    """Viewfinder at the left, labels at the right, shots below."""

    def on_kv_post(self, _base: Any) -> None:
        """Lay out the first view."""
        self._laid: dict[str, Any] = {}
        self.later(self._lay_facts, self._bring_told, self._bring_labels, self._bring_step)
        self.later(self._lay_first)

    def _lay_facts(self) -> None:
        """The buttons, which stand where they stay, and room for the labels above them."""
        self._bring("facts", "CaptureFacts", None)
        self._lay_modes()

    def _bring_told(self) -> None:
        """What moves the labels before them: each part then stands below what is whole."""
        self._bring("labels", "CaptureTold", None)
        self._lay_notes()

    def _bring_labels(self) -> None:
        self._bring("labels", "CaptureLabels", None)

    def _bring_step(self) -> None:
        """With the phrases that stand above it."""
        self._bring("labels", "CaptureStep", None)
        self._lay_purposes()

    def _lay_first(self) -> None:
        self.bind(view=self._lay)
        self._lay()

    def _lay(self, *_args: Any) -> None:
        """Make anew only what changed: a tile decodes a picture, and the finger is on a button."""
        view: CaptureView = self.view
        if self._changed("shots", view.shots):
            self._lay_shots(view.shots)
        self._lay_notes()
        self._lay_purposes()
        self._lay_modes()

    def _lay_purposes(self) -> None:
        if self._changed("purposes", self.view.purposes):
            self.fill(self.ids.purposes, [self._purpose(words) for words in self.view.purposes])

    def _lay_notes(self) -> None:
        if self._changed("notes", self.view.notes):
            notes = [NoteBox(note=note, actions=self.actions) for note in self.view.notes]
            self.fill(self.ids.notes, notes)

    def _lay_modes(self) -> None:
        if self._changed("running", self.view.running):
            self.fill(self.ids.modes, self._modes(self.view.running))

    def _changed(self, part: str, value: Any) -> bool:
        before = self._laid.get(part, self)
        self._laid[part] = value
        return bool(before != value)

    def _lay_shots(self, shots: tuple[Shot, ...]) -> None:
        """The newest first: one that stood there moves on."""
        box = self.ids.shots
        standing = {tile.shot.key: tile for tile in box.children}
        for key in standing.keys() - {shot.key for shot in shots}:
            box.remove_widget(standing[key])
        for after, shot in enumerate(reversed(shots)):
            if shot.key in standing:
                standing[shot.key].shot = shot
            else:
                box.add_widget(self._shot(shot), index=after)

    def _shot(self, shot: Shot) -> Any:
        tile = ShotTile(shot=shot, name=f"shot.{shot.key[:16]}")
        tile.bind(on_release=lambda _t: self.actions.open_recording(shot.key))
        return tile

    def _purpose(self, words: str) -> Any:
        at = self.view.purposes.index(words)
        button = PhraseButton(name=f"purpose.{at}", words=words)
        button.bind(on_release=lambda _b: self.actions.edit_capture("purpose", words))
        return button

    def _modes(self, running: str) -> list[Any]:
        """What else may be recorded; while something is, the one button that ends it."""
        modes = {
            "video": ("video", _("Video"), self._begin(lambda: self.actions.start_video())),
            "sound": ("microphone", _("Sound"), self._begin(lambda: self.actions.start_sound())),
            "continuous": (
                "player-record",
                _("Continuous"),
                self._begin(lambda: self.actions.start_continuous()),
            ),
        }
        done = self._mode("done", "check", _("Done"), lambda: self.actions.finish_capture())
        if running:
            stop = self._mode(
                running, "player-stop", _("Stop recording"), lambda: self.actions.stop_video()
            )
            stop.ink = stop.edge = theme.danger
            return [stop, done]
        return [*(self._mode(key, *mode) for key, mode in modes.items()), done]

    def _mode(self, name: str, icon: str, word: str, act: Any) -> Any:
        button = made("OutlineButton", name=name, icon=icon, word=word)
        button.font_size = theme.body
        button.bind(on_release=lambda _b: act())
        return button

    def _begin(self, act: Any) -> Any:
        """Only with the five facts."""
        return lambda: None if self.view.missing else act()

    def show_frame(self, rgb: bytes, width: int, height: int) -> None:
        """One frame of the camera."""
        self.ids.finder.show_frame(rgb, width, height)

    def show_level(self, level: float) -> None:
        """How loud it is."""
        self.ids.meter.level = level

    def running_word(self, view: CaptureView, words: str) -> str:
        """What is being recorded, and for how long."""
        time = words or view.recording
        if not time:
            return ""
        if view.running == "sound":
            return _("Recording sound {time}").format(time=time)
        if view.running == "continuous":
            return _("Recording without a break {time}").format(time=time)
        return _("Recording {time}").format(time=time)

    def missing_words(self, view: CaptureView) -> str:
        """Which of the five facts are still empty."""
        if not view.missing:
            return ""
        return _("Still to fill in: {words}").format(words=_(", ").join(view.missing))

    def photo(self) -> None:
        """Take a still, once the facts are complete."""
        if not self.view.missing:
            self.actions.take_photo()


load_kv(__file__)

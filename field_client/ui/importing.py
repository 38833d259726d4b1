"""From a body-worn recorder: which stick, which files, patience, and the labels of each."""

from __future__ import annotations

from typing import Any

from kivy.properties import ObjectProperty

from field_client.ui.i18n import _
from field_client.ui.presenters.common import Chip, Frame
from field_client.ui.presenters.importing import FileRow, ImportingView, LabelForm
from field_client.ui.widgets.base import load_kv
from field_client.ui.widgets.box import Box
from field_client.ui.widgets.capture import ICONS
from field_client.ui.widgets.field import PhraseButton
from field_client.ui.widgets.frame import FujieScreen, made
from field_client.ui.widgets.press import Pressable
from field_client.ui.widgets.text import Words

NOTHING = ImportingView(Frame("", "", Chip("", "")), "stick")


class Part(Box):
    """What one phase shows."""

    view = ObjectProperty(NOTHING, rebind=True)
    actions = ObjectProperty(None, allownone=True)

    def on_kv_post(self, _base: Any) -> None:
        """Lay out the first view."""
        self.bind(view=self._lay)
        self._lay()

    def _lay(self, *_args: Any) -> None:
        """What .kv cannot say."""

    def put(self, box: Any, widgets: list[Any]) -> None:
        """In place of what was there."""
        box.clear_widgets()
        for widget in widgets:
            box.add_widget(widget)


class StickPart(Part):
    """Sticks that are plugged in."""

    def _lay(self, *_args: Any) -> None:
        rows = [self._stick(choice.key, choice.word) for choice in self.view.sticks]
        none = _("No stick is plugged in. Plug the recorder in, wait a moment, look again.")
        self.put(self.ids.sticks, rows or [Words(words=none)])

    def _stick(self, key: str, word: str) -> Any:
        button = made("OutlineButton", name=f"stick.{word}", icon="usb", word=word)
        button.bind(on_release=lambda _b: self.actions.choose_stick(key))
        return button


class FileTile(Pressable):
    """One file; a press chooses it."""

    row = ObjectProperty(FileRow("", "", "", ""), rebind=True)

    def kind_icon(self, row: FileRow) -> str:
        """Photo, video or sound; nothing for a file that is none of them."""
        return ICONS.get(row.kind, "file-x")


class FilesPart(Part):
    """A page of files; tiles of the same files are kept, and with them the focus."""

    def _lay(self, *_args: Any) -> None:
        held = list(reversed(self.ids.files.children))
        if [tile.row.key for tile in held] == [row.key for row in self.view.files]:
            for tile, row in zip(held, self.view.files, strict=True):
                tile.row = row
        else:
            self.put(self.ids.files, [self._tile(row) for row in self.view.files])

    def _tile(self, row: FileRow) -> FileTile:
        tile = FileTile(row=row, name=f"file.{row.name}")
        tile.bind(on_release=lambda tile: self.actions.tick_file(tile.row.key))
        return tile


class CopyingPart(Part):
    """How far it is, and the way to stop it."""


class LabelsPart(Part):
    """The facts of one file."""

    _purposes: tuple[str, ...] = ()

    def _lay(self, *_args: Any) -> None:
        if self.view.purposes != self._purposes:
            self._purposes = self.view.purposes
            rows = [self._phrase(at, words) for at, words in enumerate(self._purposes)]
            self.put(self.ids.purposes, rows)

    def _phrase(self, at: int, words: str) -> Any:
        button = PhraseButton(name=f"purpose.{at}", words=words)
        button.bind(on_release=lambda _b: self.actions.edit_import("purpose", words))
        return button

    def form(self, view: ImportingView) -> LabelForm:
        """The file shown."""
        return view.form or LabelForm("", "", "", "", "", "", "")

    def missing_words(self, view: ImportingView) -> str:
        """Which of the facts are still empty."""
        if not view.missing:
            return ""
        return _("Still to fill in: {words}").format(words=_(", ").join(view.missing))


PARTS = {"stick": StickPart, "files": FilesPart, "copying": CopyingPart, "labels": LabelsPart}


class ImportingScreen(FujieScreen):
    """One phase at a time."""

    def on_kv_post(self, _base: Any) -> None:
        """Lay out the first view."""
        self._phase = ""
        self.later(self._lay_first)

    def _lay_first(self) -> None:
        self.bind(view=self._lay)
        self._lay()

    def _lay(self, *_args: Any) -> None:
        view: ImportingView = self.view
        if view.phase != self._phase:
            self._phase = view.phase
            part = PARTS[view.phase](view=view, actions=self.actions)
            self.fill(self.ids.body, [part])
        else:
            self.ids.body.children[0].view = view


load_kv(__file__)

"""Service of a document: how, to whom, and what the chosen way asks for."""

from __future__ import annotations

from typing import Any

from kivy.properties import ObjectProperty

from field_client.ui.i18n import _
from field_client.ui.presenters.common import RuleNote
from field_client.ui.presenters.serve import Asked, ServeView, ShownMedia, serve_word
from field_client.ui.widgets.base import load_kv
from field_client.ui.widgets.box import Box
from field_client.ui.widgets.frame import FujieScreen
from field_client.ui.widgets.overlay import ReasonSheet
from field_client.ui.widgets.page import PageReader
from field_client.ui.widgets.press import Pressable
from field_client.ui.widgets.surface import NoteBox


class AskedBox(Box):
    """One fact with its label. ``on_edit(value)`` goes to the screen."""

    __events__ = ("on_edit",)
    asked = ObjectProperty(Asked("", "", ""), rebind=True)

    def on_edit(self, value: str) -> None:
        """Event: a person changed the words."""


class MediaRow(Pressable):
    """A recording that shows how it was left."""

    media = ObjectProperty(ShownMedia("", "", False), rebind=True)


class ServeScreen(FujieScreen):
    """Facts at the left; at the right a hand, or the recordings, or what the way needs."""

    def on_kv_post(self, _base: Any) -> None:
        """Lay out the first view."""
        self._boxes: dict[str, AskedBox] = {}
        self._writer = ""
        self._notes: tuple[RuleNote, ...] = ()
        self.bring("body", "ServeHand")
        self.later(self._lay_first)

    def _lay_first(self) -> None:
        self.bind(view=self._lay)
        self._lay()

    def _lay(self, *_args: Any) -> None:
        view: ServeView = self.view
        if list(self._boxes) != [one.key for one in view.asked]:
            self._boxes = {one.key: self._box(one) for one in view.asked}
            self.fill(self.ids.asked, list(self._boxes.values()))
        for one in view.asked:
            self._boxes[one.key].asked = one
        turn = f"{view.method}.{view.how}"
        if turn != self._writer:  # another person's hand
            self._writer = turn
            self.pad.clear()
        if view.notes != self._notes:
            self._notes = view.notes
            self.fill(self.ids.notes, [NoteBox(note=n, actions=self.actions) for n in view.notes])
        self.fill(self.ids.media, [self._row(one) for one in view.media])

    def _box(self, asked: Asked) -> AskedBox:
        box = AskedBox(asked=asked)
        box.bind(on_edit=lambda _b, value: self.actions.edit_serve(asked.key, value))
        return box

    def _row(self, media: ShownMedia) -> MediaRow:
        row = MediaRow(name=f"media.{media.key[:8]}", media=media)
        row.bind(on_release=lambda _r: self.actions.edit_serve(f"media.{media.key}", ""))
        return row

    @property
    def pad(self) -> Any:
        """Where the receiver or the witness writes."""
        return self.ids.box.ids.pad

    def main_word(self, view: ServeView, begun: bool, written: bool) -> str:
        """What is missing, or what the button does."""
        return serve_word(_, view, begun=begun, written=written)

    def submit(self) -> None:
        """Record the service once nothing is missing."""
        view: ServeView = self.view
        unsigned = view.writer and not self.pad.written
        if view.missing or unsigned or view.busy:
            return
        self.actions.serve(self.pad.handwriting() if view.writer else None)

    def refuse(self) -> None:
        """Ask why it is not taken."""
        self.add_widget(
            ReasonSheet(
                self.actions.refuse_service,
                name="refuse",
                title=_("Does not take it or does not sign"),
                detail=_("The reason is noted; then it is left, with a witness or a recording."),
                choices=self.view.refusals,
            )
        )

    def read(self) -> None:
        """The document, large."""
        if self.view.pages:
            self.add_widget(
                PageReader(name="reader", title=self.view.document, pages=self.view.pages)
            )


load_kv(__file__)

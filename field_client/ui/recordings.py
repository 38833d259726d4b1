"""The recordings of an inspection, a page of small pictures at a time."""

from __future__ import annotations

from typing import Any

from kivy.clock import Clock
from kivy.properties import ObjectProperty
from kivy.uix.widget import Widget

from field_client.ui.i18n import _
from field_client.ui.presenters.recordings import GalleryTile, RecordingsView
from field_client.ui.widgets.base import load_kv
from field_client.ui.widgets.capture import ICONS
from field_client.ui.widgets.frame import FujieScreen
from field_client.ui.widgets.press import Pressable

A_FRAME = 2  # tiles


class RecordingTile(Pressable):
    """One recording: what is seen, what it proves, how far it has come."""

    tile = ObjectProperty(GalleryTile("", "", "", "photo", "saved"), rebind=True)

    def tile_icon(self, tile: GalleryTile) -> str:
        """Photo, video or sound."""
        return ICONS.get(tile.kind, "photo")

    def chip(self, tile: GalleryTile) -> str:
        """How long it is, and that it is a copy."""
        return _(", ").join(word for word in (tile.length, tile.copy) if word)


class RecordingsScreen(FujieScreen):
    """Filters above, tiles in the middle, pages below."""

    def on_kv_post(self, _base: Any) -> None:
        """Lay out the first view."""
        self._shown: tuple[GalleryTile, ...] = ()
        self._waiting: list[GalleryTile] = []
        self._more = Clock.create_trigger(self._make, 0)
        self.bring("filters", "RecordingsFilters")
        self.bring("foot", "RecordingsFoot")
        self.later(self._lay_first)

    def _lay_first(self) -> None:
        self.bind(view=self._lay)
        self._lay()

    def _lay(self, *_args: Any) -> None:
        """A tile whose recording is the same is kept, and with it the focus; new ones are made a
        few a frame."""
        view: RecordingsView = self.view
        if [one.key for one in self._shown] == [one.key for one in view.tiles]:
            self._freshen({tile.key: tile for tile in view.tiles})
        else:
            self._keep_places()
            self._waiting = list(view.tiles)
            self._make()
        self._shown = view.tiles

    def _freshen(self, tiles: dict[str, GalleryTile]) -> None:
        self._waiting = [tiles[one.key] for one in self._waiting]
        for widget in self.ids.tiles.children:
            if isinstance(widget, RecordingTile) and widget.tile != tiles[widget.tile.key]:
                widget.tile = tiles[widget.tile.key]

    def _make(self, *_args: Any) -> None:
        for tile in self._waiting[:A_FRAME]:
            self._put(self._tile(tile))
        self._waiting = self._waiting[A_FRAME:]
        if self._waiting:
            self._more()

    def _tile(self, tile: GalleryTile) -> RecordingTile:
        widget = RecordingTile(tile=tile, name=f"recording.{tile.key[:16]}")
        widget.bind(on_release=lambda _w: self.actions.open_recording(tile.key))
        return widget

    def _keep_places(self) -> None:
        """Each tile has its place before it is made, also on a page that is not full."""
        grid = self.ids.tiles
        grid.clear_widgets()
        for _empty in range(grid.cols * grid.rows):
            grid.add_widget(Widget())

    def _put(self, tile: RecordingTile) -> None:
        grid = self.ids.tiles
        at = next(n for n, one in reversed([*enumerate(grid.children)]) if type(one) is Widget)
        grid.remove_widget(grid.children[at])
        grid.add_widget(tile, index=at)


load_kv(__file__)

"""Printed pages on screen: a preview beside the form, and a reader that fills the screen."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from kivy.clock import Clock
from kivy.properties import NumericProperty, ObjectProperty, StringProperty
from kivy.uix.image import Image

from field_client.ui.decoding import decode
from field_client.ui.presenters.form import PreviewView
from field_client.ui.widgets.base import load_kv
from field_client.ui.widgets.box import Box
from field_client.ui.widgets.overlay import Sheet


class PageImage(Image):  # type: ignore[misc]
    """One page of PNG bytes. The page before stands until it is decoded."""

    data = ObjectProperty(None, allownone=True)

    def __init__(self, **kwargs: Any) -> None:
        take = Clock.create_trigger(self._take, 0)  # once the screen stands
        super().__init__(**kwargs)
        self.bind(data=take)
        take()

    def _take(self, *_args: Any) -> None:
        if self.data:
            decode(self.data, partial(self._show, self.data))
        else:
            self.texture = None

    def _show(self, data: bytes, make: Callable[[], Any]) -> None:
        if data is self.data:  # no other was asked for since
            self.texture = make()


class PagePreview(Box):
    """One page at a time, with the arrows under it. ``on_zoom`` asks for the reader."""

    __events__ = ("on_zoom",)
    preview = ObjectProperty(PreviewView(), rebind=True)
    at = NumericProperty(0)

    def on_preview(self, *_args: Any) -> None:
        """Stay on the page that was read, where it still exists."""
        self.at = max(0, min(self.at, len(self.preview.pages) - 1))

    def turn(self, pages: int) -> None:
        """Forwards or back."""
        self.at = max(0, min(self.at + pages, len(self.preview.pages) - 1))

    def page(self, preview: PreviewView, at: int) -> bytes | None:
        """The page shown."""
        return preview.pages[int(at)] if preview.pages else None

    def on_zoom(self) -> None:
        """Event: read it large."""


class PageReader(Sheet):
    """All pages, one under the other, as wide as the screen allows."""

    title = StringProperty("")
    pages = ObjectProperty(())

    def on_kv_post(self, _base: Any) -> None:
        """Lay the pages out."""
        for data in self.pages:
            self.ids.sheets.add_widget(ReaderPage(data=data))


class ReaderPage(PageImage):
    """A page at reading width."""


load_kv(__file__)

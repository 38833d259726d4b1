"""Somebody else's code before the camera: a colleague's card, a document on paper."""

from __future__ import annotations

from field_client.ui.widgets.base import load_kv
from field_client.ui.widgets.frame import FujieScreen


class CheckScreen(FujieScreen):
    """The running picture at the left, the verdict at the right."""

    def show_frame(self, rgb: bytes, width: int, height: int) -> None:
        """One frame of the camera."""
        self.ids.finder.show_frame(rgb, width, height)


load_kv(__file__)

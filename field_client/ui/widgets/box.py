"""A box that closes up over what is not there.

Kivy's BoxLayout keeps the spacing around a child of no size; here a hidden note, chip or message
leaves no gap.

    Box(orientation="vertical", spacing=12)
"""

from __future__ import annotations

from typing import Any

from kivy.uix.boxlayout import BoxLayout
from kivy.uix.gridlayout import GridLayout
from kivy.uix.relativelayout import RelativeLayout

from field_client.ui.leaving import let_go

NOWHERE = (-10_000, -10_000)


class LettingGo:
    """Of a layout: what is taken out has left, unless somebody puts it back at once."""

    def remove_widget(self, widget: Any, *args: Any, **kwargs: Any) -> None:
        """Take it out, and apart."""
        super().remove_widget(widget, *args, **kwargs)  # type: ignore[misc]
        let_go(widget)


class Grid(LettingGo, GridLayout):  # type: ignore[misc]
    """``GridLayout`` that takes apart what it no longer shows."""


class Held(LettingGo, RelativeLayout):  # type: ignore[misc]
    """Holds one widget, as wide as itself and as high as that. When it moves nothing within is laid
    out anew, which is what costs: a row that comes into a list moves all that lie beneath it."""

    def __init__(self, held: Any, **kwargs: Any) -> None:
        held.size_hint = None, None
        super().__init__(height=held.height, **kwargs)
        self.held = held
        self.add_widget(held)
        self.fbind("width", self._widen)
        held.fbind("height", self._grow)

    def _widen(self, *_args: Any) -> None:
        if self.held is not None:  # it was left, and taken apart
            self.held.width = self.width

    def _grow(self, held: Any, height: float) -> None:
        if self.held is held:
            self.height = height


class Box(LettingGo, BoxLayout):  # type: ignore[misc]
    """``BoxLayout`` without gaps for children whose fixed size is zero."""

    def do_layout(self, *_args: Any) -> None:
        """Place the children that take room."""
        gone = [child for child in self.children if self._gone(child)]
        for child in gone:
            child.pos = NOWHERE  # what it holds must not lie where a finger reaches
        shown = [child for child in self.children if child not in gone]
        self._offer_width()
        if not shown:
            left, top, right, bottom = self.padding
            self.minimum_size = left + right, top + bottom
            return
        sizes = [(c.size, c.size_hint, c.pos_hint, c.size_hint_min, c.size_hint_max) for c in shown]
        for at, x, y, width, height in self._iterate_layout(sizes):
            child = shown[at]
            hint_x, hint_y = child.size_hint
            child.pos = x, y
            if hint_x is not None and hint_y is not None:
                child.size = width, height
            elif hint_x is not None:
                child.width = width
            elif hint_y is not None:
                child.height = height

    def _offer_width(self) -> None:
        """A child whose height follows from its width must get one, or it stays gone."""
        if self.orientation == "vertical":
            room = max(0.0, self.width - self.padding[0] - self.padding[2])
            for child in self.children:
                if self._gone(child) and child.size_hint_x is not None:
                    child.width = room * child.size_hint_x

    def _gone(self, child: Any) -> bool:
        if self.orientation == "vertical":
            return child.size_hint_y is None and not child.height
        return child.size_hint_x is None and not child.width

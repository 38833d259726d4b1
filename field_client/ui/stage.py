"""Where the screens stand: one at a time, at once, without a transition.

stage.show(screen)       # what stood there before has left for good
stage.clear()            # nothing stands there
"""

from __future__ import annotations

from typing import Any

from kivy.uix.floatlayout import FloatLayout

from field_client.ui.leaving import let_go


class Stage(FloatLayout):  # type: ignore[misc]
    """Holds the screen that is shown."""

    @property
    def screen(self) -> Any:
        """The screen shown; None before the first."""
        return self.children[0] if self.children else None

    def show(self, screen: Any) -> None:
        """In place of the one before."""
        self.clear()
        screen.pos, screen.size = self.pos, self.size
        screen.pos_hint = {"x": 0, "y": 0}  # practice's frame comes and goes around the same one
        self.add_widget(screen)

    def clear(self) -> None:
        """Take away what stands here."""
        left = self.screen
        if left is not None:
            self.remove_widget(left)
            let_go(left)

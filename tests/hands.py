"""Fingers for the tablet: touches, typing and handwriting that Kivy cannot tell from a person's.

    hands = Hands()                          # after the app has been started
    hands.wait_for("unlock.pad")             # a control by its name, or a screen
    hands.pin("240781")
    hands.tap("main")
    hands.type("place", "青石镇河西路28号")
    hands.draw("pad", written("周明禾", aspect=0.4))
    hands.shot("build/demo/03-sign.png")

Each call pumps the event loop itself: use it from the thread that owns the window, with the app
started embedded (``runTouchApp(embedded=True)``) or from a test.
"""

from __future__ import annotations

import struct
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from kivy.base import EventLoop
from kivy.clock import Clock
from kivy.graphics.opengl import GL_RGB, GL_UNSIGNED_BYTE, glFinish, glReadPixels
from kivy.input.motionevent import MotionEvent
from kivy.lang import Builder
from kivy.uix.screenmanager import Screen
from kivy.uix.scrollview import ScrollView

from field_client.ui.decoding import under_way
from field_client.ui.handwriting import Handwriting

SETTLE_FRAMES = 6  # words wrap, then heights follow, then what holds them
STILL_TRIES = 60
SETTLE_TRIES = 300  # a picture that is fed by a camera never stands still
PATIENCE_S = 20.0
PAGE_S = 0.002  # it is decoded beside the frames
BREATH_S = 0.001  # what is waited for happens in other threads and programs


class NotThere(AssertionError):
    """A control or screen that should be on the screen is not; names what is."""


class Finger(MotionEvent):  # type: ignore[misc]
    """One touch, in window pixels."""

    def __init__(self, x: float, y: float) -> None:
        self._window = EventLoop.window
        super().__init__("hands", 1, self._share(x, y), is_touch=True, type_id="touch")
        self.profile = ["pos"]

    def _share(self, x: float, y: float) -> dict[str, float]:
        return {"x": x / (self._window.width - 1.0), "y": y / (self._window.height - 1.0)}

    def depack(self, args: dict[str, float]) -> None:
        """Kivy's own unpacking, with the position set first."""
        self.sx, self.sy = args["x"], args["y"]
        super().depack(args)

    def down(self) -> None:
        """Touch the glass."""
        EventLoop.post_dispatch_input("begin", self)

    def slide(self, x: float, y: float, at: float | None = None) -> None:
        """Move on the glass; ``at`` is the time it happens (seconds, as ``time_start``)."""
        self.move(self._share(x, y))
        if at is not None:
            self.time_update = at
        EventLoop.post_dispatch_input("update", self)

    def up(self) -> None:
        """Leave the glass."""
        EventLoop.post_dispatch_input("end", self)


class Hands:
    """A person at the tablet.

    ``pause`` seconds lie between two acts, for onlookers; with ``drawing`` off nothing is painted
    until a picture is taken, which is several times faster where nobody looks. With ``patience``
    seconds a person waits for a control that is not there yet: long screens come a few parts a
    frame.
    """

    def __init__(self, pause: float = 0.0, *, drawing: bool = True, patience: float = 0.0) -> None:
        self.pause = pause
        self.drawing = drawing
        self.patience = patience
        self.window.bind(on_flip=_painted)
        if not drawing:
            Clock._max_fps = 0  # nobody looks: a frame need not last a sixtieth of a second

    @property
    def window(self) -> Any:
        """The tablet's window."""
        return EventLoop.window

    def pump(self, frames: int = SETTLE_FRAMES) -> None:
        """Let the program run for some frames."""
        for _ in range(frames):
            if self.drawing:
                EventLoop.idle()
                self.window.mainloop()
            else:
                self._idle_unpainted()

    def _idle_unpainted(self) -> None:
        Clock.tick()
        EventLoop.dispatch_input()
        Builder.sync()
        Clock.tick_draw()
        Builder.sync()

    def settle(self) -> None:
        """Let the program run until nothing on the screen moves or comes any more."""
        before, alike = None, 0
        for _ in range(SETTLE_TRIES):
            self.pump(1)
            self._await_pages()
            now = [self._laid(root) for root in self.window.children]
            alike = alike + 1 if now == before else 0
            if alike == SETTLE_FRAMES:
                return
            before = now

    def _await_pages(self) -> None:
        while under_way():
            time.sleep(PAGE_S)
            self.pump(1)

    def _laid(self, root: Any) -> list[tuple[float, ...]]:
        return [(id(one), *one.pos, *one.size) for one in root.walk()]

    def rest(self, seconds: float) -> None:
        """Let the program run for a while; what was due by then has happened, in a frame more."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self._breathe()
        self._breathe()

    def _breathe(self) -> None:
        """One frame. Unpainted it has no length of its own, and the patient give way."""
        self.pump(1)
        if self.patience and not self.drawing:
            time.sleep(BREATH_S)

    def controls(self) -> Iterator[Any]:
        """What can be seen and has a name, topmost first."""
        for root in self.window.children:
            yield from _walk(root)

    def names(self) -> list[str]:
        """Names of what can be seen, for messages."""
        return [widget.name for widget in self.controls()]

    def seek(self, name: str) -> Any | None:
        """The topmost control or screen of that name, or None."""
        return next((widget for widget in self.controls() if widget.name == name), None)

    def find(self, name: str) -> Any:
        """The control of that name, scrolled to where a finger reaches it."""
        widget = self.seek(name) or self._look_through_lists(name)
        if widget is None and self.patience:
            until = time.monotonic() + self.patience
            while self.seek(name) is None and time.monotonic() < until:
                self._breathe()
            self.pump()
            widget = self.seek(name) or self._look_through_lists(name)
        if widget is None:
            raise NotThere(f"expected {name!r} on the screen, got {sorted(set(self.names()))}")
        self._bring_into_view(widget)
        return widget

    def _look_through_lists(self, name: str) -> Any | None:
        """Long lists hold what can be seen of them: they are scrolled from the top, and back."""
        from field_client.ui.widgets.lazy import LazyRows

        for root in self.window.children:
            for rows in [one for one in root.walk() if isinstance(one, LazyRows)]:
                before, rows.scroll_y = rows.scroll_y, 1
                self.settle()
                while (found := self.seek(name)) is None and rows.scroll_y > 0:
                    hidden = max(1.0, rows.viewport_size[1] - rows.height)
                    rows.scroll_y = max(0.0, rows.scroll_y - rows.height / hidden)
                    self.settle()
                if found is not None:
                    return found
                rows.scroll_y = before
        return None

    def _bring_into_view(self, widget: Any) -> None:
        parent = widget.parent
        while parent is not None and parent is not self.window:
            if isinstance(parent, ScrollView):
                self._until_still(widget, parent)
            parent = parent.parent

    def _until_still(self, widget: Any, view: Any) -> None:
        """Seen in a view, also where parts of it still come."""
        before = None
        for _ in range(STILL_TRIES):
            view.scroll_to(widget, padding=20, animate=False)
            self.pump(2)
            place = widget.to_window(*widget.center)
            if place == before:
                return
            before = place

    def wait_for(self, what: str | Callable[[], object], timeout: float = PATIENCE_S) -> None:
        """Until a named control or screen is shown, or until a condition holds."""
        until = time.monotonic() + timeout
        while not (self.seek(what) is not None if isinstance(what, str) else what()):
            if time.monotonic() > until:
                raise NotThere(f"waited {timeout} s for {what}, got {sorted(set(self.names()))}")
            self._breathe()
        self.pump()

    def tap(self, name: str) -> None:
        """Press a control in its middle."""
        widget = self.find(name)
        self.touch(*widget.to_window(*widget.center))
        self.rest(self.pause)

    def touch(self, x: float, y: float) -> None:
        """Press a point of the window."""
        finger = Finger(x, y)
        finger.down()
        self.pump(1)
        finger.up()
        self.pump()

    def pin(self, digits: str) -> None:
        """Type a PIN on the pad."""
        for digit in digits:
            self.tap(f"pin.{digit}")

    def type(self, name: str, text: str, *, clear: bool = True) -> None:
        """Put the cursor into a field and type, in place of what stood there."""
        entry = self.entry(name)
        self.touch(*entry.to_window(entry.x + 20, entry.center_y))
        if clear:
            entry.select_all()
            entry.delete_selection()
        for letter in text:
            if letter == "\n":
                entry.insert_text("\n")
            else:
                self.window.dispatch("on_textinput", letter)
        self.pump()
        self.rest(self.pause)

    def entry(self, name: str) -> Any:
        """The text field inside a control of that name."""
        widget = self.find(name)
        return widget.ids.entry if "entry" in getattr(widget, "ids", {}) else widget

    def draw(self, name: str, hand: Handwriting) -> None:
        """Write by hand on a pad."""
        pad = self.find(name)
        began = time.time()
        for stroke in hand.strokes:
            points = [(*self._on_pad(pad, x, y), began + t / 1000) for x, y, t in stroke]
            finger = Finger(points[0][0], points[0][1])
            finger.time_start = points[0][2]
            finger.down()
            for x, y, at in points[1:]:
                finger.slide(x, y, at)
            finger.up()
            self.pump(1)
        self.pump()
        self.rest(self.pause)

    def _on_pad(self, pad: Any, x: float, y: float) -> tuple[float, float]:
        inside = (pad.x + x * pad.width, pad.top - y * pad.width)
        place: tuple[float, float] = pad.to_window(*inside)
        return place

    def shot(self, path: str | Path) -> Path:
        """What the screen shows now, as PNG."""
        target = Path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        width, height, pixels = self.pixels()
        target.write_bytes(png(width, height, pixels))
        return target

    def pixels(self) -> tuple[int, int, bytes]:
        """What the screen shows now: width, height, packed RGB with the top row first."""
        self.pump()
        self._await_pages()
        self.window.canvas.ask_update()
        self.window.dispatch("on_draw")
        width, height = self.window.size
        upside_down = glReadPixels(0, 0, width, height, GL_RGB, GL_UNSIGNED_BYTE)
        self.window.dispatch("on_flip")
        row = 3 * width
        rows = (upside_down[at : at + row] for at in range(row * (height - 1), -1, -row))
        return width, height, b"".join(rows)


def _painted(*_args: Any) -> None:
    """A frame is painted before the next, as a glass does; else they queue up, 15 MB each."""
    glFinish()


def png(width: int, height: int, pixels: bytes) -> bytes:
    """Packed RGB as a PNG file."""
    row = 3 * width
    raw = b"".join(b"\0" + pixels[at : at + row] for at in range(0, row * height, row))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(raw, 3)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def _walk(widget: Any) -> Iterator[Any]:
    """Named widgets that are shown, the topmost first; hidden branches are left out."""
    if widget.opacity == 0 or (widget.disabled and not isinstance(widget, Screen)):
        return
    for child in widget.children:
        yield from _walk(child)
    if getattr(widget, "name", "") and widget.width > 0 and widget.height > 0:
        yield widget

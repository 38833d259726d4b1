"""The keyboard, for all screens at once: what it can reach, in which order, and what keys do.

    Keys(shell)            # bound once, by the shell; no screen has code of its own for it

Tab and Shift-Tab go through everything that is pressed or typed into, in the order in which it
is read, and round again. Arrows go to the nearest neighbour; in a text they move the cursor.
Enter and Space press (``press.py``). Escape closes a sheet, leaves a text, or goes back. Digits
type a PIN where a pad is shown. What an open sheet covers is out of reach, as it is for fingers;
the control that opened it has the keyboard again when it closes.
The one thing without keys is handwriting: who has no hand free refuses or is written for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from weakref import ReferenceType, WeakKeyDictionary, ref

from kivy.clock import Clock
from kivy.core.window import Keyboard, Window
from kivy.uix.behaviors import FocusBehavior
from kivy.uix.scrollview import ScrollView
from kivy.uix.textinput import TextInput

ARROWS = {"left": (-1, 0), "right": (1, 0), "up": (0, 1), "down": (0, -1)}
ASIDE = 3.0  # how much farther a neighbour seems that lies aside of the arrow's way
WAYS_BACK = ("back", "leave")  # what Escape presses where no sheet is open
LAID = 3  # frames: words wrap, then heights follow, then what holds them
DIGITS = {f"{pad}{digit}": str(digit) for pad in ("", "numpad") for digit in range(10)}


class Keys:
    """The keys pressed over one root widget. It must be kept: the window holds it weakly."""

    def __init__(self, root: Any) -> None:
        self._root = root
        self._last: WeakKeyDictionary[Any, tuple[str, str]] = WeakKeyDictionary()
        Window.bind(on_key_down=self.down)

    def down(
        self, _window: Any, key: int, _scan: int, _text: str | None, modifiers: list[str]
    ) -> bool:
        """One key; True when it is used up."""
        if self._root.get_parent_window() is None or {"ctrl", "alt", "meta"} & {*modifiers}:
            return False
        word = str(Keyboard.keycode_to_string(None, key))
        scope = topmost(self._root)
        here = list(reachable(scope))
        if word == "tab":
            self._step(scope, here, -1 if "shift" in modifiers else 1)
            return True
        return self._special(word, scope, here)

    def _special(self, word: str, scope: Any, here: list[Any]) -> bool:
        now = focused(here)
        typing = isinstance(now, TextInput)
        if word == "escape":
            self._escape(scope, here, now if typing else None)
            return True
        if typing:
            return False
        if word in ARROWS:
            self._towards(scope, here, now, ARROWS[word])
            return True
        pad = pin_pad(scope)
        if pad is not None and (word in DIGITS or word == "backspace"):
            pad.press(DIGITS[word]) if word in DIGITS else pad.erase()
            return True
        # A key that would press something under the sheet, or something that is gone, is lost.
        return now is None and word in ("enter", "numpadenter", "spacebar")

    def _step(self, scope: Any, here: list[Any], by: int) -> None:
        """To the next or the one before, from where the keyboard was last."""
        if not here:
            return
        at = self._place(scope, here)
        if at is None:
            self._take(scope, here[0 if by > 0 else -1])
        else:
            self._take(scope, here[(at + by) % len(here)])

    def _place(self, scope: Any, here: list[Any]) -> int | None:
        """Where the keyboard is; a control that was made anew is known by its name, but not on
        another screen, which is read from its beginning."""
        now = focused(here)
        if now is not None:
            return here.index(now)
        names = [getattr(one, "name", "") for one in here]
        screen, last = self._last.get(scope, ("", ""))
        here_still = screen == _screen(scope) and last and last in names
        return names.index(last) if here_still else None

    def _towards(self, scope: Any, here: list[Any], now: Any, way: tuple[int, int]) -> None:
        if now is None:
            self._step(scope, here, 1)
            return
        x, y = now.to_window(*now.center)
        best, nearest = None, 0.0
        for one in here:
            dx, dy = (a - b for a, b in zip(one.to_window(*one.center), (x, y), strict=True))
            ahead = dx * way[0] + dy * way[1]
            aside = abs(dx * way[1]) + abs(dy * way[0])
            far = ahead + ASIDE * aside
            if one is not now and ahead > 1 and (best is None or far < nearest):
                best, nearest = one, far
        if best is not None:
            self._take(scope, best)

    def _take(self, scope: Any, widget: Any) -> None:
        drop_focus()
        widget.focus = True
        self._last[scope] = (_screen(scope), getattr(widget, "name", ""))
        bring_into_view(widget)

    def _escape(self, scope: Any, here: list[Any], text: Any) -> None:
        if text is not None:
            text.focus = False
        elif getattr(scope, "modal", False):
            scope.escape()
        else:
            back = next((one for one in here if one.name in WAYS_BACK), None)
            if back is not None:
                back.trigger_action(0.1)


def _screen(scope: Any) -> str:
    """What is shown below a root that shows one screen after another."""
    return str(getattr(scope, "current", ""))


def topmost(root: Any) -> Any:
    """The sheet that covers everything else, or ``root`` when none is open."""
    return next(_sheets(root), root)


def _sheets(root: Any) -> Iterator[Any]:
    for child in root.children:
        if getattr(child, "modal", False):
            yield child
        yield from _sheets(child)


def reachable(root: Any) -> Iterator[Any]:
    """What keys reach below ``root``, in the order in which it is read."""
    if root.opacity == 0 or not root.width or not root.height:
        return
    if isinstance(root, FocusBehavior) and not root.disabled and root.is_focusable:
        yield root
    for child in reversed(root.children):
        yield from reachable(child)


def focused(here: list[Any]) -> Any:
    """Which of these has the keyboard."""
    return next((one for one in here if one.focus), None)


def pin_pad(root: Any) -> Any:
    """The PIN pad that is shown below ``root`` and takes digits; None without one."""
    digit = next((one for one in reachable(root) if getattr(one, "name", "") == "pin.0"), None)
    return digit.parent.parent if digit is not None else None


def holds_keys(widget: Any) -> bool:
    """Whether a widget, or something within it, has the keyboard."""
    holders = [one for one in FocusBehavior._keyboards.values() if one is not None]
    return any(one is widget or widget in above(one) for one in holders)


def drop_focus() -> None:
    """Take the keyboard from whatever has it, also from what is shown no longer."""
    for holder in list(FocusBehavior._keyboards.values()):
        if holder is not None:
            holder.focus = False


def ringed() -> ReferenceType[Any] | None:
    """The control that the keyboard is on, and shows that it is."""
    holders = FocusBehavior._keyboards.values()
    return next((ref(one) for one in holders if getattr(one, "ring", False)), None)


def give_back(opener: ReferenceType[Any] | None) -> None:
    """The keyboard to what had it before a sheet covered it, if that is still to be seen."""

    def back(_dt: float) -> None:
        widget = opener() if opener is not None else None
        if widget is None or widget.disabled or any(FocusBehavior._keyboards.values()):
            return
        over = [widget, *above(widget)]
        if widget.get_parent_window() is not None and topmost(over[-1]) in over:
            widget.focus = True

    Clock.schedule_once(back, 0)


def bring_into_view(widget: Any) -> None:
    """Scroll what lies beyond the edge to where it can be read, a list within a long page too."""
    views = [one for one in above(widget) if isinstance(one, ScrollView)]
    for view in views[:1]:
        view.scroll_to(widget, padding=12, animate=False)
    for view in views[1:]:  # once the list within it has moved
        Clock.schedule_once(lambda _dt, view=view: view.scroll_to(widget, 12, animate=False), 0)


def once_laid(widget: Any, call: Callable[[], object], frames: int = LAID) -> None:
    """Call once what was put on the screen just now is laid out, unless ``widget`` has left it.
    That takes frames and no time: so many, however long each of them is."""

    def count(_dt: float) -> None:
        nonlocal frames
        frames -= 1
        if frames:
            Clock.schedule_once(count, 0)
        elif widget.get_root_window() is not None:
            call()

    Clock.schedule_once(count, 0)


def above(widget: Any) -> Iterator[Any]:
    """What holds a widget, up to the window's own child."""
    holder = widget.parent
    while holder is not None and holder is not holder.parent:
        yield holder
        holder = holder.parent

"""What has left the window is taken apart, a little a frame, and is gone.

A widget and what it holds know each other, so that nothing of a screen that was left would ever
be freed but by a full garbage collection, which holds up a finger for a tenth of a second or
more. Here the threads are cut from the top, and every part dies when its last one is:

    screen ──╳── box ──╳── button          cut: children, parent, rules of .kv, waiting clocks

    empty(dots.canvas) # before it is drawn anew
    let_go(screen)     # it was taken out of its parent; whoever puts it back in time keeps it
"""

from __future__ import annotations

import time
from collections import deque
from typing import Any

from kivy.animation import Animation
from kivy.clock import Clock, ClockEvent
from kivy.graphics import Canvas, PushMatrix
from kivy.graphics.vertex_instructions import AntiAliasingLine
from kivy.lang import Builder
from kivy.properties import DictProperty, ReferenceListProperty
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.widget import Widget

A_FRAME_S = 0.004  # of a frame may go into taking apart
ONE_SHOT = "_ev"  # Kivy's names of clocks that are made anew each time
LINGERS_S = 0.4  # a press ends a little after its button is gone
NOTHING = PushMatrix()  # an edge of no shape

_left: deque[tuple[float, Any]] = deque()  # with the time from which on it may go
_bound: list[Any] = []  # to be unbound, and what they hold
_unbound: list[Any] = []  # to be cut
_cut_off: list[Any] = []  # each dies, and what is drawn of it, when it is taken from here
_worked = [-1]  # the last frame in which something was made


def let_go(widget: Any) -> None:
    """Take apart what is in no window any more."""
    _left.append((Clock.get_boottime() + LINGERS_S, widget))
    _go_on()


def waiting() -> int:
    """How much is still to be taken apart."""
    return len(_left) + len(_bound) + len(_unbound) + len(_cut_off)


def hold_back() -> None:
    """Something is made in this frame: that has worked enough, and so will the next, most often."""
    _worked[0] = Clock.frames


def _turn(*_args: Any) -> None:
    if _worked[0] + 1 < Clock.frames:
        _step()
    if waiting():
        _go_on()


def _step() -> None:
    until = time.perf_counter() + A_FRAME_S
    while time.perf_counter() < until:
        if _bound:
            _unbind(_bound.pop())
        elif _cut_off:
            _cut_off.pop()
        elif _unbound:
            _cut(_unbound.pop())
        elif not _next():
            break


def _next() -> bool:
    """The oldest that is due."""
    while _left and _left[0][0] <= Clock.get_boottime():
        _due, widget = _left.popleft()
        if widget.parent is None:  # nobody put it back
            _bound.append(widget)
            return True
    return False


def _unbind(widget: Any) -> None:
    """No rule of .kv and no clock moves it any more. All of them first: rules look at parents."""
    Builder.unbind_widget(widget.uid)
    for held in vars(widget).values():
        if isinstance(held, ClockEvent):
            held.cancel()
        elif isinstance(held, deque):
            held.clear()  # what was still to be made of it
    _bound.extend(widget.children)
    _unbound.append(widget)


def _cut(widget: Any) -> None:
    """Cut one widget from what it holds, and from itself: it hears of its own properties by
    methods of its own, and Kivy's collections know whose they are."""
    children = widget.children[:]
    list.clear(widget.children)  # nobody lays out what nobody sees
    for child in children:
        child.parent = None
    _cut_off.extend(children)  # with this call alone they would all die at once
    _wipe(widget.canvas)
    Animation.cancel_all(widget)
    for effect in (getattr(widget, name, None) for name in ("effect_x", "effect_y")):
        if effect is not None:
            effect.target_widget = None
            _silence(effect)
    _silence(widget)
    if isinstance(widget, ButtonBehavior):
        widget.last_touch = False  # never None again; a touch knows what it pressed
    written = getattr(widget, "_label", None)
    if written is not None:
        written.texture = None  # a picture of words knows the words that it is painted from
    for name, held in list(vars(widget).items()):
        if isinstance(held, Canvas):
            empty(held)
        if isinstance(held, ClockEvent):
            held.cancel()  # set since it was unbound, by letters of another size
        if name.endswith(ONE_SHOT) or isinstance(held, Widget) or _holds_widgets(held):
            setattr(widget, name, None)


def _silence(heard_of: Any) -> None:
    """Nobody hears of it any more, itself included. Asking who hears of one property makes
    another, which is computed from it, hear of it anew: what is left then is asked again."""
    properties = heard_of.properties()
    for name, kind in properties.items():
        if isinstance(kind, DictProperty | ReferenceListProperty):
            vars(getattr(heard_of, name))["obj"] = None
    for _ in range(3):
        for name in (*properties, *heard_of.events()):
            _unhear(heard_of, name)


def _unhear(heard_of: Any, name: str) -> None:
    for heard, first, named, weak, uid in heard_of.get_property_observers(name, args=True):
        if uid is not None:
            heard_of.unbind_uid(name, uid)
        elif weak:
            heard_of.unbind(**{name: heard()})
        else:
            heard_of.funbind(name, heard, *first, **named)


def _holds_widgets(held: Any) -> bool:
    values = held.values() if type(held) is dict else held if type(held) is list else ()
    return any(isinstance(value, Widget) for value in values)


def _wipe(canvas: Any) -> None:
    """Cut what is drawn from what it is drawn on."""
    if canvas.has_before:
        before = canvas.before
        empty(before)
        canvas.remove(before)
    if canvas.has_after:
        after = canvas.after
        empty(after)
        canvas.remove(after)
    empty(canvas)


def empty(group: Any) -> None:
    """What is in it knows it; a smooth edge and its shape know each other."""
    drawn = group.children[:]
    group.clear()
    for one in drawn:
        if type(one) is AntiAliasingLine:
            one.__init__(NOTHING)


_go_on = Clock.create_trigger(_turn, 0)

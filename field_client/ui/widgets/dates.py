"""A day, or a day and a time: typed, moved by days, or picked from a month.

    DateBox(name="day", timed=False, almanac=almanac, value="2026-11-18")   # on_edit(value)

The month marks days off and weekend days worked as the reference data have them. A touch makes
what stands around it, and each frame a few of its 42 days; a change of month only rewrites them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from kivy.clock import Clock
from kivy.graphics import Color, Rectangle
from kivy.properties import BooleanProperty, ObjectProperty, StringProperty

from field_client.ui.i18n import _
from field_client.ui.presenters.almanac import (
    Almanac,
    DayCell,
    MonthView,
    day_line,
    month,
    read_clock,
    read_day,
    stepped,
)
from field_client.ui.theme import theme
from field_client.ui.widgets.base import load_kv
from field_client.ui.widgets.field import EntryBox
from field_client.ui.widgets.frame import FujieScreen, made
from field_client.ui.widgets.overlay import Sheet
from field_client.ui.widgets.press import Pressable
from field_client.ui.widgets.text import written

A_FRAME = 14  # days made in one frame
SMALL = 0.75  # of a label: the mark below a day
CLOSE = 0.9  # lines: a day, with the mark close below it
NOON = (12, 0)


class DateBox(EntryBox):
    """An entry for a day with the ways to move it and the month to pick from."""

    timed = BooleanProperty(False)
    almanac = ObjectProperty(Almanac(date(2026, 1, 1)))

    def on_kv_post(self, base: Any) -> None:
        """The buttons stand at the right of the words."""
        super().on_kv_post(base)
        for icon, act in (
            ("minus", lambda: self._step(-1)),
            ("plus", lambda: self._step(1)),
            ("calendar", self.pick),
        ):
            button = made("IconButton", name=f"{self.name}.{icon}", icon=icon)
            button.bind(on_release=lambda _b, act=act: act())
            self.add_widget(button)

    def _step(self, days: int) -> None:
        day = read_day(self.value)
        if day is not None:
            self._put_day(day + timedelta(days=days), read_clock(self.value))

    def _put_day(self, day: date, clock: tuple[int, int] | None) -> None:
        time = f" {clock[0]:02d}:{clock[1]:02d}" if self.timed and clock else ""
        self.ids.entry.focus = False
        self.dispatch("on_edit", day.isoformat() + time)

    def pick(self) -> None:
        """Open the month."""
        screen = self.parent
        while screen is not None and not isinstance(screen, FujieScreen):
            screen = screen.parent
        if screen is not None:
            screen.add_widget(
                DateSheet(
                    self._put_day,
                    self.almanac,
                    read_day(self.value),
                    (read_clock(self.value) or NOON) if self.timed else None,
                    name="date",
                )
            )


class DayButton(Pressable):
    """One day of the month shown. It paints its words itself: labels in boxes would be three
    widgets more, forty-two times."""

    words = StringProperty("")
    mark = StringProperty("")

    def __init__(self, cell: DayCell) -> None:
        super().__init__()
        with self.canvas:
            self._ink = Color()
            self._number, self._below = Rectangle(), Rectangle()
        self.bind(pos=self._place, size=self._place)
        self.take(cell)

    def take(self, cell: DayCell) -> None:
        """Be another day."""
        self.day = cell.day
        self.name = f"date.{cell.day.isoformat()}"
        self.words, self.mark = f"{cell.day.day} {cell.mark}".rstrip(), cell.mark
        tone = {"success": theme.success, "warning": theme.warning}.get(cell.tone, theme.ink)
        muted = theme.ink_muted if cell.rest else theme.ink
        self._ink.rgba = theme.over_accent if cell.chosen else tone if cell.mark else muted
        self.fill = theme.accent if cell.chosen else theme.surface
        self.edge = theme.accent if cell.today or cell.chosen else (0, 0, 0, 0)
        self.opacity = 1 if cell.inside else 0.45
        strong = cell.chosen or cell.today
        self._write(self._number, written(str(cell.day.day), theme.body, strong, CLOSE))
        self._write(self._below, written(cell.mark, theme.label * SMALL, True))
        self._place()

    def _write(self, shape: Any, texture: Any) -> None:
        shape.texture = texture
        shape.size = texture.size if texture is not None else (0, 0)

    def _place(self, *_args: Any) -> None:
        """In the middle, the mark below the number. (Kivy's own middle may be that of the size
        before, in here.)"""
        (wide, high), (wide_below, high_below) = self._number.size, self._below.size
        middle, bottom = self.x + self.width / 2, self.y + (self.height - high - high_below) / 2
        self._number.pos = int(middle - wide / 2), int(bottom + high_below)
        self._below.pos = int(middle - wide_below / 2), int(bottom)


class DateSheet(Sheet):
    """A month, and the time of day where one is asked for."""

    view = ObjectProperty(MonthView("", ("",) * 7, (), "", ""), rebind=True)
    timed = BooleanProperty(False)
    line = StringProperty("")

    def __init__(
        self,
        on_day: Callable[[date, tuple[int, int] | None], None],
        almanac: Almanac,
        chosen: date | None,
        clock: tuple[int, int] | None,
        **kwargs: Any,
    ) -> None:
        self._on_day, self._almanac, self._clock = on_day, almanac, clock
        self._chosen = chosen or almanac.today
        self._shown = self._chosen.year, self._chosen.month
        self._days: list[DayButton] = []
        self._go_on = Clock.create_trigger(self._make_some, 0)
        super().__init__(timed=clock is not None, **kwargs)
        self._show()
        self._go_on()

    def turn(self, months: int) -> None:
        """Another month."""
        self._shown = stepped(*self._shown, months)
        self._show()

    def today(self) -> None:
        """The day it is."""
        self._choose(self._almanac.today)

    def move_clock(self, hours: int, minutes: int) -> None:
        """Later or earlier, round the clock."""
        hour, minute = self._read_clock()
        at = (hour * 60 + minute + hours * 60 + minutes) % (24 * 60)
        self._clock = at // 60, at % 60
        self._write_clock()

    def confirm(self) -> None:
        """Hand the day over."""
        clock = self._read_clock() if self.timed else None
        self.close()
        self._on_day(self._chosen, clock)

    def _choose(self, day: date) -> None:
        self._chosen = day
        self._shown = day.year, day.month
        self._show()

    def _show(self) -> None:
        self.view = month(_, self._almanac, *self._shown, self._chosen)
        self.line = day_line(_, self._almanac, self._chosen)
        for button, cell in zip(self._days, self._cells(), strict=False):
            button.take(cell)

    def _cells(self) -> list[DayCell]:
        return [cell for week in self.view.weeks for cell in week]

    def _make_some(self, *_args: Any) -> None:
        """A few of the days that are not there yet, and the clock after them."""
        coming = self._cells()[len(self._days) :]
        for cell in coming[:A_FRAME]:
            button = DayButton(cell)
            button.bind(on_release=lambda pressed: self._choose(pressed.day))
            self._days.append(button)
            self.ids.days.add_widget(button)
        if coming:
            self._go_on()
        elif self.timed:
            clock = made("MonthClock", screen=self)
            self.ids.update(clock.ids)
            self._write_clock()
            self.ids.clock.add_widget(clock)

    def _write_clock(self) -> None:
        if self._clock is not None and "hour" in self.ids:
            self.ids.hour.value, self.ids.minute.value = (f"{n:02d}" for n in self._clock)

    def _read_clock(self) -> tuple[int, int]:
        """As typed; what is no time of day leaves the clock where it was."""
        if "hour" in self.ids:
            typed = read_clock(f"{'':10} {self.ids.hour.text}:{self.ids.minute.text}".ljust(13))
            self._clock = typed or self._clock
        self._clock = self._clock or NOON
        return self._clock


load_kv(__file__)

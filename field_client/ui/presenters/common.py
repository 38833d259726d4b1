"""What several screens show: chips, notes, tabs, the sync corner, times and ages in words.

>>> sync_corner(str, pending=3, oldest_at=1_795_000_000_000, now=1_795_000_600_000).word
'3 to sync · oldest 19:06'
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Literal, Protocol

from protocol.errors import FujieError

Translate = Callable[[str], str]
Tone = Literal["plain", "accent", "success", "warning", "danger", "unknown"]
Stage = Literal["saved", "sent", "receipted", "stored", "archived"]
Level = Literal["pass", "warn", "block"]

LEGAL_ZONE = timezone(timedelta(hours=8))  # Asia/Shanghai, no daylight saving
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000


@dataclass(frozen=True, slots=True)
class Chip:
    """Shape and word of a state; the colour only repeats them."""

    icon: str
    word: str
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class Fix:
    """One way out, offered inside the message; ``key`` comes back through ``Actions.fix``."""

    key: str
    word: str


@dataclass(frozen=True, slots=True)
class RuleNote:
    """A rule's answer: what happened, its clause, what to do."""

    level: Level
    title: str
    text: str = ""
    clause: str = ""
    fixes: tuple[Fix, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """A line that says what happened and what to do next."""

    tone: Tone
    title: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Tab:
    """One place on the rail; ``key`` comes back through ``Actions.go``."""

    key: str
    icon: str
    word: str


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around a screen; ``recording`` is a running time, empty when there is none."""

    title: str
    subtitle: str
    corner: Chip
    recording: str = ""
    tab: str = ""
    tabs: tuple[Tab, ...] = ()


@dataclass(frozen=True, slots=True)
class PartyLock:
    """While the party holds the tablet: who may take it back, and how the last PIN went."""

    officers: tuple[Choice, ...]
    pin_length: int = 6
    asking: bool = False
    message: Message | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer of several; ``closed`` says why it cannot be taken."""

    key: str
    word: str
    closed: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """A sheet over the screen: what happened, what to do, and the ways on."""

    title: str
    text: str
    tone: Tone = "danger"
    fixes: tuple[Fix, ...] = ()


@dataclass(frozen=True, slots=True)
class Ask:
    """A sheet that asks for a few words, such as why a warning is gone against; they come back
    through ``Actions.answer`` with ``key``. Phrases are offered, own words are always possible;
    ``words`` is the first answer."""

    key: str
    title: str
    text: str
    button: str
    clause: str = ""
    phrases: tuple[str, ...] = ()
    words: str = ""
    hint: str = ""


def plural(n: int, one: str, many: str, **facts: object) -> str:
    """A counted thing: English says one of it otherwise, Chinese does not.

    >>> plural(1, "{n} copy", "{n} copies"), plural(2, "{n} copy", "{n} copies")
    ('1 copy', '2 copies')
    """
    return (one if n == 1 else many).format(n=n, **facts)


class _Told(Protocol):
    @property
    def template(self) -> str: ...

    @property
    def facts(self) -> Mapping[str, object]: ...


def error_words(_: Translate, error: _Told) -> str:
    """A FujieError in the officer's language, with those that it names as its cause: a sentence
    of its own, so it begins with a capital where the language has them; a cause within it does not.
    """
    template = _(error.template)
    return (template[:1].upper() + template[1:]).format(**_causes(_, error))


def _causes(_: Translate, error: _Told) -> dict[str, object]:
    return {
        name: _(one.template).format(**_causes(_, one)) if isinstance(one, FujieError) else one
        for name, one in error.facts.items()
    }


def problem(_: Translate, error: _Told, *, fixes: tuple[Fix, ...] = ()) -> Problem:
    """A FujieError as a sheet; nothing recorded is lost, and the sheet says so."""
    return Problem(_("This did not work"), error_words(_, error), "danger", fixes)


def _local(at: int) -> datetime:
    return datetime.fromtimestamp(at / 1000, LEGAL_ZONE)


def clock_words(at: int) -> str:
    """Hours and minutes of the legal day: ``09:05``."""
    return _local(at).strftime("%H:%M")


def second_words(at: int) -> str:
    """And seconds, where minutes would tell two things by one time: ``09:05:07``."""
    return _local(at).strftime("%H:%M:%S")


def day_words(_: Translate, at: int) -> str:
    """Month, day and weekday."""
    day = _local(at)
    weekdays = (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))
    return _("{weekday} {day} {month}").format(
        month=month_word(_, day.month), day=day.day, weekday=weekdays[day.weekday()]
    )


def date_words(_: Translate, at: int) -> str:
    """A full date."""
    return written(_, _local(at).date())


def iso_words(_: Translate, day: str) -> str:
    """A day written ``2029-04-30`` as a date is written in the language."""
    return written(_, date.fromisoformat(day))


def written(_: Translate, day: date) -> str:
    """A day as documents write it in Chinese, and in English ``30 April 2029``."""
    return _("{day} {month} {year}").format(
        year=day.year, month=month_word(_, day.month), day=day.day
    )


def month_word(_: Translate, month: int) -> str:
    """A month's name."""
    names = (
        *(_("January"), _("February"), _("March"), _("April"), _("May"), _("June")),
        *(_("July"), _("August"), _("September"), _("October"), _("November"), _("December")),
    )
    return names[month - 1]


def moment_words(_: Translate, at: int, now: int) -> str:
    """A time as briefly as it stays clear: today's by the clock, older ones with their day."""
    then, today = _local(at).date(), _local(now).date()
    if then == today:
        return clock_words(at)
    if then == today - timedelta(days=1):
        return _("yesterday {clock}").format(clock=clock_words(at))
    return f"{day_words(_, at)} {clock_words(at)}"


def age_words(_: Translate, age: int) -> str:
    """How long ago, in the largest unit that says enough (``age`` in ms)."""
    if age < MINUTE:
        return _("just now")
    if age < HOUR:
        return _("{n} min ago").format(n=age // MINUTE)
    if age < 2 * DAY:
        return _("{n} h ago").format(n=age // HOUR)
    return _("{n} days ago").format(n=age // DAY)


def span_words(seconds: int) -> str:
    """A running time: ``00:36:18``."""
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def number_words(number: str) -> str:
    """A certificate number in groups of four, three at the end, as printed on the card."""
    return " ".join(number[i : i + 4] for i in range(0, len(number), 4))


def sync_corner(
    _: Translate, *, pending: int, oldest_at: int | None, now: int, online: bool = False
) -> Chip:
    """The corner that never leaves: how much waits here, since when."""
    icon = "wifi" if online else "wifi-off"
    if pending == 0:
        return Chip(icon, _("All synced") if online else _("Offline, nothing waiting"))
    if oldest_at is None:
        return Chip(icon, _("{n} to sync").format(n=pending))
    oldest = moment_words(_, oldest_at, now)
    return Chip(icon, _("{n} to sync · oldest {when}").format(n=pending, when=oldest))


def tabs(_: Translate, *, inspecting: bool) -> tuple[Tab, ...]:
    """The rail: an inspection's own places appear when one is open. Its card is there also when it
    is closed: whoever is still at the door may be asked for it."""
    today, sync = Tab("today", "home", _("Today")), Tab("sync", "refresh", _("Sync"))
    if not inspecting:
        return (today, sync)
    inspection = Tab("inspection", "clipboard-list", _("Inspect"))
    return (today, inspection, Tab("card", "id", _("ID card")), sync)


def stage_word(_: Translate, stage: Stage) -> str:
    """A record's stage in one word."""
    return {
        "saved": _("Saved"),
        "sent": _("Sent"),
        "receipted": _("Receipted"),
        "stored": _("Stored"),
        "archived": _("Archived"),
    }[stage]


def level_chip(_: Translate, level: Level, count: int | None = None) -> Chip:
    """A rule's answer as a chip, with a count where several are summed."""
    icon, word, tone = _levels(_)[level]
    return Chip(icon, word if count is None else f"{word} {count}", tone)


def _levels(_: Translate) -> dict[Level, tuple[str, str, Tone]]:
    return {
        "pass": ("circle-check", _("Pass"), "success"),
        "warn": ("alert-triangle", _("Hint"), "warning"),
        "block": ("hand-stop", _("Stop"), "danger"),
    }

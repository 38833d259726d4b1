r"""How far something is that takes a while: what is left, a bar, and how to stop it or go on.

>>> left_words(str, Load(records=3, films=2, size=480_000_000), 350_000)
'3 records, 2 videos (480\xa0MB) left, about 6 minutes'
"""

from __future__ import annotations

from dataclasses import dataclass

from field_client.ui.presenters.common import HOUR, MINUTE, Fix, Translate, plural

SPACE = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True, slots=True)
class JourneyView:
    """``share`` of the bar from 0 to 1; ``fix`` stops it or lets it go on."""

    words: str
    detail: str = ""
    share: float = 0.0
    fix: Fix | None = None


@dataclass(frozen=True, slots=True)
class Load:
    """What still has to go: how many of each, and all their bytes. ``hands`` are signatures as
    they were written, ``papers`` the pages and the text of documents."""

    records: int = 0
    films: int = 0
    photos: int = 0
    sounds: int = 0
    hands: int = 0
    papers: int = 0
    others: int = 0
    size: int = 0

    @property
    def items(self) -> int:
        """How many there are in all."""
        return self.records + self.files

    @property
    def files(self) -> int:
        """How many of them are files."""
        return self.media + self.hands + self.papers + self.others

    @property
    def media(self) -> int:
        """How many of them can wait for a better line."""
        return self.films + self.photos + self.sounds


def load_words(_: Translate, load: Load) -> str:
    """What it is, without what there is none of: 3 条记录、2 段视频（480 MB）."""
    counted = (
        (load.records, _("{n} record"), _("{n} records")),
        (load.films, _("{n} video"), _("{n} videos")),
        (load.photos, _("{n} photo"), _("{n} photos")),
        (load.sounds, _("{n} sound recording"), _("{n} sound recordings")),
        (load.hands, _("{n} signature by hand"), _("{n} signatures by hand")),
        (load.papers, _("{n} document file"), _("{n} document files")),
        (load.others, _("{n} other file"), _("{n} other files")),
    )
    what = _(", ").join(plural(n, one, many) for n, one, many in counted if n)
    return _("{what} ({size})").format(what=what, size=amount(load.size))


def left_words(_: Translate, load: Load, remaining_ms: int | None) -> str:
    """The same with how long it will take, where that can be told."""
    what = load_words(_, load)
    if remaining_ms is None:
        return _("{what} left").format(what=what)
    return _("{what} left, about {time}").format(what=what, time=span_words(_, remaining_ms))


def span_words(_: Translate, span: int) -> str:
    """A time (ms) as people say it, rounded up to what matters."""
    if span < MINUTE:
        return plural(max(1, -(-span // 1000)), _("{n} second"), _("{n} seconds"))
    if span < 2 * HOUR:
        return plural(-(-span // MINUTE), _("{n} minute"), _("{n} minutes"))
    return _("{n} hours").format(n=round(span / HOUR))


def amount(size: int) -> str:
    r"""Bytes in whole numbers where these say enough.

    >>> amount(480_000_000), amount(4_200_000_000), amount(12)
    ('480\xa0MB', '4.2\xa0GB', '1\xa0KB')
    """
    if size >= 1_000_000_000:
        return f"{size / 1e9:.1f}{SPACE}GB"
    if size >= 1_000_000:
        return f"{round(size / 1e6)}{SPACE}MB"
    return f"{max(1, round(size / 1e3))}{SPACE}KB"


def sending(
    _: Translate,
    load: Load,
    *,
    done: tuple[int, int],
    sent: tuple[int, int],
    remaining_ms: int | None,
    online: bool,
    paused: bool,
) -> JourneyView | None:
    """What goes to the centre; ``done`` items of all, ``sent`` bytes of all. None while all is
    there."""
    if not load.items:
        return None
    fix = None
    if paused and load.files:
        words = _("Photos and videos wait. {left}").format(left=left_words(_, load, None))
        fix = Fix("media_resume", _("Go on"))
    elif not online:
        words = left_words(_, load, None)
    else:
        words = left_words(_, load, remaining_ms)
    if fix is None and load.media:
        fix = Fix("media_pause", _("Let photos and videos wait"))
    detail = _("{n} of {m} there · {done} of {size}").format(
        n=done[0], m=done[1], done=amount(sent[0]) if sent[0] else "0", size=amount(sent[1])
    )
    return JourneyView(words, detail, sent[0] / sent[1] if sent[1] else 0.0, fix)


def carried(
    _: Translate,
    words: str,
    *,
    done: tuple[int, int],
    moved: tuple[int, int],
    remaining_ms: int | None,
) -> JourneyView:
    """What goes to a stick or comes from one: ``done`` items of all, where they are counted, and
    ``moved`` bytes of all."""
    size, whole = moved
    share = min(1.0, size / whole) if whole else 0.0
    parts = []
    if done[1]:
        parts.append(_("{n} of {m} records and files").format(n=done[0], m=done[1]))
    if whole:
        parts.append(
            _("{done} of {size}").format(done=amount(size) if size else "0", size=amount(whole))
        )
    if remaining_ms is not None:
        parts.append(_("about {time} left").format(time=span_words(_, remaining_ms)))
    detail = " · ".join(part.replace(" ", SPACE) for part in parts)
    return JourneyView(words, detail, share, Fix("stick_stop", _("Stop it")))

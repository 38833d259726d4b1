"""Breaks of a continuous recording: told wherever the officer is, and their reason asked for.

notes(desk)        what the capture and the inspection screen show
ask(desk, then)    the reason of the oldest one, put on record
ask_all(desk, then)    one reason that stands for all that are over, each on record for itself
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from field_client.continuous import explain
from field_client.errors import DiskFull
from field_client.flow.desk import Desk
from field_client.store import breaks
from field_client.store.breaks import Break
from field_client.ui.presenters.capture import break_words
from field_client.ui.presenters.common import (
    Ask,
    Fix,
    Problem,
    RuleNote,
    clock_words,
    problem,
    second_words,
)
from protocol.errors import FujieError

KEY = "explain_break"
ALL = "explain_breaks"
MOST_SHOWN = 6


def ended_by_itself(desk: Desk) -> Problem:
    """A clip or a sound that its source broke off, or for which there was no more room."""
    _, now = desk._, desk.clock.wall_ms()
    return Problem(
        _("The recording ended by itself at {clock}").format(clock=clock_words(now)),
        _(
            "What was recorded until then is saved and plays. Look at the camera's plug and at "
            "the room on this tablet, then begin again."
        ),
        "warning",
        (Fix("evidence", _("To the camera")),),
    )


def failed(desk: Desk, error: FujieError, *, kept: bool) -> Problem:
    """A recording that did not come to its end; ``kept``: what there is of it is rescued."""
    _, full = desk._, isinstance(error, DiskFull)
    ways = (Fix("sync_now", _("Sync now")), Fix("export_unsent", _("Export to a stick")))
    told = problem(_, error, fixes=ways if full else ())
    words = _(
        "What was recorded until then is kept. As soon as there is room for it, the inspection "
        "asks whether it goes on record."
    )
    return replace(told, text=f"{told.text}\n{words}") if kept else told


def notes(desk: Desk) -> tuple[RuleNote, ...]:
    """One note for the breaks that want a reason, the oldest in words."""
    vault, now = desk.open_tablet.vault, desk.clock.wall_ms()
    waiting = breaks.pending(vault, desk.case.case)
    if not waiting:
        return ()
    first = waiting[0]
    words = break_words(desk._, first.seconds(now), over=bool(first.until_at))
    more = desk._("{n} breaks want a reason").format(n=len(waiting)) if len(waiting) > 1 else ""
    ways = [Fix(KEY, desk._("Say why"))]
    if (over := len(_over(waiting))) > 1:
        ways.append(Fix(ALL, desk._("One reason for all {n}").format(n=over)))
    return (
        RuleNote(
            "warn",
            words,
            more,
            desk.words(
                "《关于全面推行行政执法三项制度的指导意见》二（三）", "Three Systems Opinion, 2 (3)"
            ),
            tuple(ways),
        ),
    )


def ask(desk: Desk, then: Callable[[], None]) -> None:
    """Ask why the oldest one happened; the answer goes on record with its times."""
    waiting = breaks.pending(desk.open_tablet.vault, desk.case.case)
    if not waiting:
        return
    first, _ = waiting[0], desk._
    until = first.until_at or desk.clock.wall_ms()
    _ask(
        desk,
        KEY,
        _("Nothing was recorded from {begin} to {end}, {n} s.").format(
            begin=second_words(first.from_at),
            end=second_words(until),
            n=first.seconds(desk.clock.wall_ms()),
        ),
        [first],
        then,
    )


def ask_all(desk: Desk, then: Callable[[], None]) -> None:
    """One reason for all that are over; the sheet says which they are."""
    over = _over(breaks.pending(desk.open_tablet.vault, desk.case.case))
    if not over:
        return
    now = desk.clock.wall_ms()
    times = [
        desk._("{begin} to {end}, {n} s").format(
            begin=second_words(one.from_at), end=second_words(one.until_at), n=one.seconds(now)
        )
        for one in over
    ]
    shown = times[:MOST_SHOWN] + ["…"] * (len(times) > MOST_SHOWN)
    words = desk._("The reason stands for each of these {n} breaks:").format(n=len(over))
    _ask(desk, ALL, "\n".join([words, *shown]), over, then)


def _over(waiting: Sequence[Break]) -> list[Break]:
    return [one for one in waiting if one.until_at]


def _ask(desk: Desk, key: str, text: str, ones: list[Break], then: Callable[[], None]) -> None:
    case, officer = desk.case, desk.officers[0]
    _ = desk.chinese  # a reason goes on record
    phrases = (
        _("The camera came loose"),
        _("The device failed"),
        _("The battery was empty"),
        _("There was no room left"),
    )
    _ = desk._
    desk.ask(
        Ask(
            key,
            _("Why did the recording break off?"),
            text,
            _("Put it on record"),
            phrases=phrases,
        ),
        lambda words: desk.work(
            lambda: [explain(case, one, words.strip(), officer) for one in ones],
            lambda _saved: then(),
            waiting=_("Putting it on record…"),
        ),
    )

"""Breaks of a continuous recording: told wherever the officer is, and their reason asked for.

notes(desk)        what the capture and the inspection screen show
ask(desk, then)    the reason of the oldest one, put on record
"""

from __future__ import annotations

from collections.abc import Callable

from field_client.continuous import explain
from field_client.flow.desk import Desk
from field_client.store import breaks
from field_client.ui.presenters.capture import break_words
from field_client.ui.presenters.common import Ask, Fix, RuleNote, clock_words

KEY = "explain_break"


def notes(desk: Desk) -> tuple[RuleNote, ...]:
    """One note for the breaks that want a reason, the oldest in words."""
    vault, now = desk.open_tablet.vault, desk.clock.wall_ms()
    waiting = breaks.pending(vault, desk.case.case)
    if not waiting:
        return ()
    first = waiting[0]
    words = break_words(desk._, first.seconds(now), over=bool(first.until_at))
    more = desk._("{n} breaks want a reason").format(n=len(waiting)) if len(waiting) > 1 else ""
    return (
        RuleNote(
            "warn",
            words,
            more,
            desk.words(
                "《关于全面推行行政执法三项制度的指导意见》二（三）", "Three Systems Opinion, 2 (3)"
            ),
            (Fix(KEY, desk._("Say why")),),
        ),
    )


def ask(desk: Desk, then: Callable[[], None]) -> None:
    """Ask why the oldest one happened; the answer goes on record with its times."""
    waiting = breaks.pending(desk.open_tablet.vault, desk.case.case)
    if not waiting:
        return
    first, case, officer = waiting[0], desk.case, desk.officers[0]
    _ = desk.chinese  # a reason goes on record
    phrases = (
        _("The camera came loose"),
        _("The device failed"),
        _("The battery was empty"),
        _("There was no room left"),
    )
    _ = desk._
    until = first.until_at or desk.clock.wall_ms()
    desk.ask(
        Ask(
            KEY,
            _("Why did the recording break off?"),
            _("Nothing was recorded from {begin} to {end}, {n} seconds.").format(
                begin=clock_words(first.from_at),
                end=clock_words(until),
                n=first.seconds(desk.clock.wall_ms()),
            ),
            _("Put it on record"),
            phrases=phrases,
        ),
        lambda words: desk.work(
            lambda: explain(case, first, words.strip(), officer),
            lambda _saved: then(),
            waiting=_("Putting it on record…"),
        ),
    )

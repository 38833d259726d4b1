"""What the office's reviews found of this tablet's records, told on the sync screen.

notes(desk)          one for each finding, those that somebody has to act on first

The office words them in both languages; a word here says what came of the last contact only, so
that an officer hears of trouble while he can still remember the day.
"""

from __future__ import annotations

from field_client.contact.unread import findings
from field_client.flow.desk import Desk
from field_client.ui.presenters.common import RuleNote, moment_words
from protocol.messages import Found

ACT = "act"


def notes(desk: Desk) -> list[RuleNote]:
    """As of the last contact."""
    found = findings(desk.open_tablet.vault)
    return [_note(desk, one) for one in sorted(found, key=lambda one: one.severity != ACT)]


def _note(desk: Desk, one: Found) -> RuleNote:
    act = one.severity == ACT
    title = desk._("The office found something to act on") if act else desk._("The office noted")
    if one.since is not None:
        when = moment_words(desk._, one.since, desk.clock.wall_ms())
        title = desk._("{what} (since {when})").format(what=title, when=when)
    return RuleNote("warn", title, desk.words(one.zh, one.en))

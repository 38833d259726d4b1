"""What the sync screen says of forks and damage, and the export to a stick.

Exports(desk, refresh).to_stick(Scope.UNSENT)     what the button asks for
notes(desk)                                       the journal was closed; records are damaged
refusal_words(desk, "fork")                       why the office takes nothing
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
from sqlmodel import col, select

from field_client.contact import sticks
from field_client.contact.exporting import Progress, Scope
from field_client.flow.desk import Desk
from field_client.store import damaged
from field_client.store.tables import JournalRow, NoticeRow
from field_client.ui.presenters.common import Fix, Problem, RuleNote, moment_words
from protocol.statements import JournalClosed

WEEK_MS = 7 * 24 * 3_600_000


class Exports:
    """The tablet's records on their way to a stick."""

    def __init__(self, desk: Desk, refresh: Callable[[], None]) -> None:
        self._desk = desk
        self._refresh = refresh

    def to_stick(self, scope: Scope) -> None:
        """Write them; the share that is done is shown meanwhile, and afterwards the file's name.
        Raises NoStick."""
        desk = self._desk
        folder = sticks.the_stick(desk.settings.sticks)
        exporter = desk.open_tablet.exporter

        def then(path: Path) -> None:
            self._refresh()
            desk.shell.tell(
                Problem(
                    desk._("Exported to the stick"),
                    desk._(
                        "{file} is complete. Only your office can open it; bring it the stick. "
                        "Nothing was removed from this tablet."
                    ).format(file=path.name),
                    "success",
                )
            )

        desk.work(
            lambda: exporter.write(folder, scope, self._progress()),
            then,
            waiting=self._words(0),
        )

    def _progress(self) -> Progress:
        shown = 0

        def progress(done: int, whole: int) -> None:
            nonlocal shown
            share = 100 * done // max(whole, 1)
            if share > shown:
                shown = share
                self._desk.post(lambda: self._show(share))

        return progress

    def _show(self, share: int) -> None:
        if self._desk.busy:
            self._desk.shell.wait(self._words(share))

    def _words(self, share: int) -> str:
        return self._desk._("Writing to the stick: {share} %").format(share=share)


def export_fix(desk: Desk) -> Fix:
    """The way out of a refusal: what the office lacks, on a stick."""
    return Fix("export_unsent", desk._("Export to a stick"))


def refusal_words(desk: Desk, reason: str) -> str:
    """Why the office takes nothing from this tablet, and that nothing is lost."""
    if reason in ("fork", "rewrite"):
        return desk._(
            "It holds other records of this tablet in the same places: the tablet was restored "
            "from a copy. Nothing is lost. When the office has closed this tablet's journal, it "
            "goes on by itself."
        )
    if reason == "closed":
        return desk._(
            "The office closed this tablet's journal and named no other. Nothing is lost; bring "
            "the tablet to your administrator."
        )
    return desk._(
        "Reason: {reason}. Nothing is lost; bring the tablet to your administrator."
    ).format(reason=reason)


def notes(desk: Desk) -> list[RuleNote]:
    """What happened to this tablet's journal, and to records in it."""
    now = desk.clock.wall_ms()
    with desk.open_tablet.vault.session() as session:
        spoilt = damaged.count(session)
        opened = session.exec(select(JournalRow).where(col(JournalRow.open))).one().opened_at
        row = session.exec(
            select(NoticeRow)
            .where(NoticeRow.kind == "journal_closed")
            .order_by(col(NoticeRow.at).desc())
        ).first()
    made = []
    said = _closed(row) if row is not None and now - opened < WEEK_MS else None
    if row is not None and said is not None:
        made.append(
            RuleNote(
                "pass",
                desk._("This tablet goes on in another journal"),
                desk._(
                    "The office closed the former one {when} ({reason}). What it lacked is sent "
                    "again by itself; nothing has to be done."
                ).format(when=moment_words(desk._, row.at, now), reason=said.reason),
            )
        )
    if spoilt:
        made.append(
            RuleNote(
                "warn",
                desk._("{n} records are damaged on this tablet").format(n=spoilt),
                desk._(
                    "Their places were sent, and the others go on. What is left of them goes into "
                    "an export."
                ),
                fixes=(Fix("export_all", desk._("Export to a stick")),),
            )
        )
    return made


def _closed(row: NoticeRow) -> JournalClosed | None:
    """What the office said, if this program can read it: a later edition may say it otherwise."""
    try:
        return msgspec.json.decode(row.body, type=JournalClosed)
    except msgspec.MsgspecError:
        return None

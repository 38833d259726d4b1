"""What the sync screen says of forks, of damage and of files that stay here.

notes(desk)                                       the journal was closed; records are damaged
refusal_words(desk, "fork")                       why the office takes nothing
"""

from __future__ import annotations

import msgspec
from sqlmodel import col, select

from field_client.flow.desk import Desk
from field_client.store import damaged
from field_client.store.skipped import skipped
from field_client.store.tables import JournalRow, NoticeRow
from field_client.ui.presenters.common import Fix, RuleNote, error_words, moment_words, plural
from protocol.statements import JournalClosed

WEEK_MS = 7 * 24 * 3_600_000
REASONS = 3


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
    if reason == "unknown_device":  # it knows the device, whose request it verified
        return desk._(
            "It does not know this tablet's journal: its server was restored from a backup. "
            "Nothing is lost. When the office has closed the journal that it knows, the tablet "
            "goes on by itself."
        )
    return desk._(
        "Reason: {reason}. Nothing is lost; bring the tablet to your administrator."
    ).format(reason=reason)


def notes(desk: Desk) -> list[RuleNote]:
    """What happened to this tablet's journal, and to records in it."""
    now = desk.clock.wall_ms()
    with desk.open_tablet.vault.session() as session:
        spoilt = damaged.count(session)
        staying = sorted(skipped(session).items())
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
                plural(
                    spoilt,
                    desk._("{n} record is damaged on this tablet"),
                    desk._("{n} records are damaged on this tablet"),
                ),
                desk._(
                    "Their places were sent, and the others go on. What is left of them goes into "
                    "an export."
                ),
                fixes=(Fix("export_all", desk._("Export to a stick")),),
            )
        )
    if staying:
        reasons = dict.fromkeys(error_words(desk._, why) for _, why in staying)
        made.append(
            RuleNote(
                "warn",
                plural(
                    len(staying),
                    desk._("{n} file stays on this tablet"),
                    desk._("{n} files stay on this tablet"),
                ),
                "\n".join([*reasons][:REASONS]),
                fixes=(Fix("export_unsent", desk._("Export to a stick")),),
            )
        )
    return made


def _closed(row: NoticeRow) -> JournalClosed | None:
    """What the office said, if this program can read it: a later edition may say it otherwise."""
    try:
        return msgspec.json.decode(row.body, type=JournalClosed)
    except msgspec.MsgspecError:
        return None

"""Sample views of one record on its way: waiting with its film, and flagged by the centre."""

from __future__ import annotations

from dataclasses import replace

from field_client.ui.gallery import desk
from field_client.ui.gallery.cast import PARTY, frame, zh_en
from field_client.ui.presenters.common import (
    Chip,
    Fix,
    RuleNote,
    Translate,
    level_chip,
    stage_word,
)
from field_client.ui.presenters.item import FileLine, ItemView, file_words, grouped, way
from field_client.ui.presenters.journey import Load, carried, sending
from field_client.ui.presenters.sync import SyncView, VerdictRow, pipeline

HASH = "7f3a91c20d84b1e65a0c44fd98e217b3c6d5087a1f9be2434d6c70ab15e8f392"


def item(_: Translate) -> ItemView:
    """A clip of 412 MB on its way; its record has its receipt."""
    return ItemView(
        frame=frame(_, _("A record"), PARTY),
        title=zh_en(_, "录像", "Video"),
        detail=zh_en(_, "现场取证：货架全景，未见价签", "Evidence: the shelves, no price tags"),
        chip=level_chip(_, "pass"),
        way=way(
            _,
            "receipted",
            {
                "saved": "09:20",
                "receipted": "09:48",
                "stored": _("Files: {n} of {m}").format(n=0, m=1),
            },
        ),
        notes=(),
        facts=(
            (_("Party"), PARTY),
            (_("Signed by"), "沈知远"),
            (_("In this tablet's journal"), _("Record {n}").format(n="1,287")),
            (_("At the centre"), _("Entry {n} of the log").format(n="20,418")),
        ),
        files=(
            FileLine(
                zh_en(_, "货架全景，未见价签", "The shelves, no price tags"),
                file_words(_, "video/mp4", 412_000_000),
                0.37,
                Chip("clock", _("Waiting")),
            ),
        ),
        code=grouped(HASH),
    )


def item_flagged(_: Translate) -> ItemView:
    """The centre took it and noted something."""
    reason = zh_en(_, "签名核验不通过", "a signature does not verify")
    note = RuleNote(
        "warn",
        _("The centre took it, and noted: {reasons}").format(reasons=reason),
        _(
            "The record stays as it is, and counts as flagged. Tell your "
            "administrator, with the record hash below."
        ),
    )
    return replace(item(_), chip=level_chip(_, "warn"), notes=(note,), files=())


def sync_waiting(_: Translate) -> SyncView:
    """What is saved and not yet sent, the oldest first."""
    view = desk.sync(_)
    saved = Chip("clock", stage_word(_, "saved"))
    rows = (
        ("09:20", zh_en(_, "录像", "Video"), zh_en(_, "货架全景", "The shelves")),
        ("09:31", zh_en(_, "现场检查笔录", "On-site record"), "禾穗食品"),
    )
    return replace(
        view,
        tiles=pipeline(
            _,
            {"saved": 2, "sent": 1, "receipted": 14, "stored": 6, "archived": 1286},
            oldest="09:20",
            chosen="saved",
        ),
        verdicts=(),
        notes=(),
        rows=tuple(VerdictRow(at, title, text, saved, HASH) for at, title, text in rows),
        listed=stage_word(_, "saved"),
    )


def sync_journey(_: Translate) -> SyncView:
    """Films on their way, with how long they will take."""
    load = Load(records=3, films=2, size=480_000_000)
    journey = sending(
        _,
        load,
        done=(9, 14),
        sent=(310_000_000, 790_000_000),
        remaining_ms=350_000,
        online=True,
        paused=False,
    )
    return replace(sync_waiting(_), journey=journey)


def sync_paused(_: Translate) -> SyncView:
    """The films wait until somebody lets them go on."""
    load = Load(films=2, photos=1, size=480_000_000)
    journey = sending(
        _,
        load,
        done=(12, 15),
        sent=(310_000_000, 790_000_000),
        remaining_ms=None,
        online=True,
        paused=True,
    )
    return replace(sync_waiting(_), journey=journey)


def sync_answer(_: Translate) -> SyncView:
    """An export under way, with what is written and about how long the rest takes."""
    journey = carried(
        _,
        _("Writing to the stick"),
        done=(9, 14),
        moved=(120_000_000, 480_000_000),
        remaining_ms=38_000,
    )
    return replace(desk.sync(_), journey=journey)


def sync_unfinished(_: Translate) -> SyncView:
    """A stick on which an export stopped, and the office's answer to the last one on it."""
    go_on = Fix("export_unsent", _("Go on with it"))
    begun = _("Begun {when}. What is on the stick already is not written again.")
    unfinished = RuleNote(
        "warn",
        _("A stick with an export that was not finished is here"),
        begun.format(when="09:48"),
        fixes=(go_on,),
    )
    fix = Fix("from_answer", _("Take in the answer"))
    note = RuleNote("pass", _("A stick with the office's answer is here"), fixes=(fix,))
    return replace(sync_waiting(_), notes=(note, unfinished))


def sync_reviewed(_: Translate) -> SyncView:
    """What the office's reviews found, in its own words."""
    act = RuleNote(
        "warn",
        _("{what} (since {when})").format(
            what=_("The office found something to act on"), when="09:48"
        ),
        zh_en(
            _,
            "3 条记录的媒体没有按时送达。请让这台平板联网，或者用U盘导出。",
            "The media of 3 records did not arrive in time. Bring the tablet online, or export "
            "them to a stick.",
        ),
    )
    noted = RuleNote(
        "warn",
        _("The office noted"),
        zh_en(_, "1 条记录存疑接收。", "1 record was taken as flagged."),
    )
    return replace(desk.sync(_), notes=(act, noted))


def sync_revoked(_: Translate) -> SyncView:
    """The office takes nothing more from this tablet; what it holds goes by stick."""
    fix = Fix("export_unsent", _("Export to a stick"))
    alarm = RuleNote(
        "block",
        _("This tablet is no longer trusted"),
        _("The agency has revoked it. Nothing is lost; bring it to your administrator."),
        fixes=(fix,),
    )
    return replace(sync_waiting(_), alarm=alarm)

"""What the sync screen shows: where every record is, what the centre said, space, contact, proof.

A tablet that saw no network for days counts ten thousand records for it, and looks at its sticks:

    coming(desk, None, errands)         stands there at once
    made(desk, None, errands)           a moment later, from a thread of its own
"""

from __future__ import annotations

import json
from pathlib import Path

from field_client.contact import sticks
from field_client.contact.exchange import CHECKPOINT
from field_client.contact.following import last_passed, lost_blobs
from field_client.contact.sync import SyncStatus
from field_client.faces import is_revoked
from field_client.flow import leaving, reviewed
from field_client.flow.desk import Desk
from field_client.flow.errands import Errands
from field_client.flow.looking import Looking, load_of
from field_client.store.release import goes_after
from field_client.store.room import room_of
from field_client.store.tables import Stage
from field_client.ui.presenters.capture import room_words
from field_client.ui.presenters.common import (
    Fix,
    RuleNote,
    Translate,
    age_words,
    clock_words,
    error_words,
    level_chip,
    moment_words,
    plural,
    stage_word,
)
from field_client.ui.presenters.journey import JourneyView, sending
from field_client.ui.presenters.sync import SpaceView, SyncView, pipeline
from protocol.errors import Alarm, Unwitnessed


def made(desk: Desk, stage: Stage | None, errands: Errands) -> SyncView:
    """All of it, as vault, disk and sticks have it. Slow: not on the window's thread."""
    status, now = desk.open_tablet.sync.status(), desk.clock.wall_ms()
    rows = Looking(desk).rows(stage)
    flagged = sum(row.chip.tone == "warning" for row in rows)
    oldest = status.oldest_unsent_at
    code, size = _checkpoint(desk)
    contact = (
        desk._("Last contact {when}").format(when=moment_words(desk._, status.contact_at, now))
        if status.contact_at is not None
        else desk._("No contact yet")
    )
    return SyncView(
        frame=desk.frame(desk._("Sync"), subtitle(desk, status), "sync"),
        tiles=pipeline(
            desk._,
            {stage.value: count for stage, count in status.counts.items()},
            oldest=clock_words(oldest) if oldest is not None else "",
            chosen=stage.value if stage else "",
        ),
        verdicts=(
            level_chip(desk._, "pass", len(rows) - flagged),
            *((level_chip(desk._, "warn", flagged),) if flagged else ()),
        )
        if stage is None
        else (),
        listed=_listed(desk, stage),
        notes=_notes(desk, status, errands),
        rows=tuple(rows),
        space=_space(desk),
        checkpoint=plural(size, desk._("{n:,} entry"), desk._("{n:,} entries"))
        if size
        else desk._("None yet"),
        checkpoint_detail=_checked(desk._, size, status),
        checkpoint_code=code,
        contact=contact,
        clock=roster_age(desk, now),
        alarm=_alarm(desk, status),
        busy=desk._("Sending…") if status.busy and status.online else "",
        journey=errands.view or _journey(desk, status),
    )


def _checked(_: Translate, size: int, status: SyncStatus) -> str:
    """What the head under it is worth."""
    if not size:
        return _("The first contact brings one")
    if status.alarm is not None:
        return _("The last head that fits. What the centre shows now does not.")
    return _("The centre's log, proved to continue what was seen before")


def coming(desk: Desk, stage: Stage | None, errands: Errands) -> SyncView:
    """What stands there until it is known: nothing that might be wrong."""
    dots = "…"
    return SyncView(
        frame=desk.frame(desk._("Sync"), desk._("Looking what is where…"), "sync"),
        tiles=pipeline(desk._, None, chosen=stage.value if stage else ""),
        verdicts=(),
        listed=_listed(desk, stage),
        notes=(),
        rows=(),
        space=SpaceView(free=dots, used=0.0, releasable=0.0, note=""),
        checkpoint=dots,
        checkpoint_detail="",
        checkpoint_code="",
        contact="",
        clock=roster_age(desk, desk.clock.wall_ms()),
        journey=errands.view,
    )


def _journey(desk: Desk, status: SyncStatus) -> JourneyView | None:
    """How far what is unsent has come; nothing goes in practice, or while the office takes
    nothing."""
    if desk.training or status.halted or status.alarm is not None:
        return None
    far = status.progress
    return sending(
        desk._,
        load_of(desk.open_tablet.vault, status, far.bytes_total - far.bytes_done),
        done=(far.items_done, far.items_total),
        sent=(far.bytes_done, far.bytes_total),
        remaining_ms=far.remaining_ms,
        online=status.online,
        paused=status.paused,
    )


def subtitle(desk: Desk, status: SyncStatus) -> str:
    """Under the screen's name: whether all is there, and what keeps the rest."""
    if desk.training:
        return desk._("Practice: its records stay here until you throw them away")
    if status.halted:
        return desk._("Stopped: the office has to act")
    if not status.online:
        return desk._("No network. Saved here, sent by itself when there is one.")
    if isinstance(status.trouble, Unwitnessed):
        return desk._("Waiting for witnesses")
    if status.paused and status.blobs_outstanding and not status.unsent:
        return desk._("Photos and videos wait until you let them go on")
    if status.unsent or status.blobs_outstanding:
        return _on_the_way(desk._, status.unsent, status.blobs_outstanding)
    return desk._("This tablet and the centre match")


def _on_the_way(_: Translate, records: int, files: int) -> str:
    counted = (
        (records, _("{n} record"), _("{n} records")),
        (files, _("{n} file"), _("{n} files")),
    )
    what = _(", ").join(plural(n, one, many) for n, one, many in counted if n)
    return _("On the way: {what}").format(what=what)


def _listed(desk: Desk, stage: Stage | None) -> str:
    if stage is None:
        return desk._("What the centre answered")
    return stage_word(desk._, stage.value)


def _notes(desk: Desk, status: SyncStatus, errands: Errands) -> tuple[RuleNote, ...]:
    notes = []
    told = status.alarm is not None and isinstance(status.trouble, Alarm)
    if status.trouble is not None and not told and not desk.training:
        fix = Fix("sync_now", desk._("Try now"))
        notes.append(RuleNote("warn", error_words(desk._, status.trouble), fixes=(fix,)))
    notes += _passed(desk)
    notes += errands.notes(desk)
    notes += leaving.notes(desk)
    notes += reviewed.notes(desk)
    if stick(desk) is not None:
        fix = Fix("from_stick", desk._("Update from a stick"))
        title = desk._("A stick with the agency's reference data is here")
        notes.append(RuleNote("pass", title, fixes=(fix,)))
    return tuple(notes)


def _passed(desk: Desk) -> list[RuleNote]:
    """That the office's log was succeeded, what it answered, and what cannot be sent again."""
    passed, lost = last_passed(desk.open_tablet.vault), lost_blobs(desk.open_tablet.vault)
    if passed is None:
        return []
    text = desk._(
        "{successor} goes on from {predecessor} ({why}). Records sent again by "
        "themselves: {n}. Nothing has to be done."
    ).format(successor=passed.successor, predecessor=passed.origin, why=passed.why, n=passed.again)
    if passed.alarm:
        text += "\n" + desk._("It answers the alarm that stood; the evidence is kept.")
    notes = [RuleNote("pass", desk._("The office's log has a successor"), text)]
    if lost:
        notes.append(
            RuleNote(
                "warn",
                plural(
                    lost,
                    desk._("{n} file is gone from this tablet"),
                    desk._("{n} files are gone from this tablet"),
                ),
                desk._("The office may not have them either. Tell your administrator."),
            )
        )
    return notes


def _alarm(desk: Desk, status: SyncStatus) -> RuleNote | None:
    """An alarm lasts; a refusal says what the office has to do."""
    if status.alarm is not None:
        kept = json.loads(status.alarm)
        text = desk._(kept["template"]).format(**kept["facts"])
        text += "\n" + desk._(
            "Nothing is sent until the office has answered for it. Every record stays on this "
            "tablet."
        )
        fixes = (leaving.export_fix(desk),)
        return RuleNote("block", desk._("The centre contradicts itself"), text, fixes=fixes)
    reference, device = desk.open_tablet.shelf.current, desk.open_tablet.office.device_name
    if is_revoked(reference, device, desk.clock.wall_ms()):
        return RuleNote(
            "block",
            desk._("This tablet is no longer trusted"),
            desk._("The agency has revoked it. Nothing is lost; bring it to your administrator."),
            fixes=(leaving.export_fix(desk),),
        )
    if status.halted:
        return RuleNote(
            "block",
            desk._("The centre does not take records from this tablet"),
            leaving.refusal_words(desk, status.halted),
            fixes=(leaving.export_fix(desk),),
        )
    return None


def _space(desk: Desk) -> SpaceView:
    tablet = desk.open_tablet
    after = goes_after(tablet.shelf.current.parameters)
    room = room_of(tablet.vault, tablet.settings.blobs_dir, after)
    share = room.releasable / room.total if room.total else 0.0
    return SpaceView(
        free=desk._("{n} GB free").format(n=f"{room.free / 1e9:.1f}"),
        used=room.used - share,
        releasable=share,
        note=room_words(desk._, room.minutes_left()),
    )


def _checkpoint(desk: Desk) -> tuple[str, int]:
    kept = desk.open_tablet.vault.state(CHECKPOINT)
    if kept is None:
        return "", 0
    _origin, size, root = kept.decode().split("\n")[:3]
    return root[:16], int(size)


def stick(desk: Desk) -> Path | None:
    """The stick that is plugged in with this agency's reference data, if one is."""
    agency = desk.open_tablet.shelf.current.agency.id
    return sticks.with_repository(desk.settings.sticks, agency)


def roster_age(desk: Desk, now: int) -> str:
    """Which roster the tablet has, and how old it is."""
    reference = desk.open_tablet.shelf.current
    age = age_words(desk._, max(0, now - reference.issued_at)).lstrip()  # it follows a comma
    return desk._("Roster version {version}, updated {age}").format(
        version=reference.version, age=age
    )

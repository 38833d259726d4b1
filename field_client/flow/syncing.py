"""The sync screen: where every record is, what the centre said of it, space, contact, proof."""

from __future__ import annotations

import json
from pathlib import Path

from field_client.contact import sticks
from field_client.contact.exchange import CHECKPOINT
from field_client.contact.exporting import Scope
from field_client.contact.following import last_passed, lost_blobs
from field_client.contact.sync import SyncStatus
from field_client.errors import NoStick
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
    Problem,
    RuleNote,
    age_words,
    clock_words,
    error_words,
    level_chip,
    moment_words,
    stage_word,
)
from field_client.ui.presenters.journey import JourneyView, sending
from field_client.ui.presenters.sync import SpaceView, SyncView, pipeline
from protocol.errors import Unwitnessed


class Syncing:
    """The sync screen."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._errands = Errands(desk, self.refresh)
        self._looking = Looking(desk)
        self._stage: Stage | None = None

    def show(self) -> None:
        """The sync screen."""
        self._desk.shell.show("sync", self._view())

    def refresh(self) -> None:
        """Newer facts for the same screen."""
        self._desk.shell.update(self._view())

    def now(self) -> None:
        """Try now."""
        self._desk.open_tablet.sync.wake()
        self.refresh()

    def list_stage(self, stage: str) -> None:
        """List what stands at a stage; the newest answers again when it is asked for twice."""
        asked = Stage(stage)
        self._stage = None if asked is self._stage else asked
        self.refresh()

    def to_stick(self, scope: Scope) -> None:
        """Write what is unsent, or all, to a stick."""
        self._errands.to_stick(scope)

    def from_answer(self) -> None:
        """Take in the office's answer from a stick."""
        self._errands.from_answer()

    def stop_stick(self) -> None:
        """Stop what goes to a stick or comes from one."""
        self._errands.stop()

    def pause(self) -> None:
        """Let photos and films wait."""
        self._desk.open_tablet.sync.pause()
        self.refresh()

    def resume(self) -> None:
        """They go on."""
        self._desk.open_tablet.sync.resume()
        self.refresh()

    def from_stick(self) -> None:
        """Take newer reference data from a stick; no network is needed."""
        desk, shelf = self._desk, self._desk.open_tablet.shelf
        folder = self._stick()
        if folder is None:
            raise NoStick("No stick with this agency's reference data is here. Plug it in first.")
        before = shelf.version

        def then(_: None) -> None:
            desk.keep_faces()
            self.refresh()
            desk.shell.tell(self._updated(before))

        desk.work(lambda: shelf.fetch_from(folder), then, waiting=desk._("Reading the stick…"))

    def _stick(self) -> Path | None:
        agency = self._desk.open_tablet.shelf.current.agency.id
        return sticks.with_repository(self._desk.settings.sticks, agency)

    def _updated(self, before: int) -> Problem:
        """What the stick brought."""
        desk, current = self._desk, self._desk.open_tablet.shelf.current
        if current.version == before:
            title = desk._("The stick holds nothing newer")
        else:
            title = desk._("Updated from the stick")
        return Problem(title, self._roster_age(desk.clock.wall_ms()), "success")

    # ── view ─────────────────────────────────────────────────────────────────────────────

    def _view(self) -> SyncView:
        desk = self._desk
        status, now = desk.open_tablet.sync.status(), desk.clock.wall_ms()
        rows = self._looking.rows(self._stage)
        flagged = sum(row.chip.tone == "warning" for row in rows)
        oldest = status.oldest_unsent_at
        code, size = self._checkpoint()
        contact = (
            desk._("Last contact {when}").format(when=moment_words(desk._, status.contact_at, now))
            if status.contact_at is not None
            else desk._("No contact yet")
        )
        return SyncView(
            frame=desk.frame(desk._("Sync"), self._subtitle(status), "sync"),
            tiles=pipeline(
                desk._,
                {stage.value: count for stage, count in status.counts.items()},
                oldest=clock_words(oldest) if oldest is not None else "",
                chosen=self._stage.value if self._stage else "",
            ),
            verdicts=(
                level_chip(desk._, "pass", len(rows) - flagged),
                *((level_chip(desk._, "warn", flagged),) if flagged else ()),
            )
            if self._stage is None
            else (),
            listed=self._listed(),
            notes=self._notes(status),
            rows=tuple(rows),
            space=self._space(),
            checkpoint=desk._("{n} entries").format(n=f"{size:,}") if size else desk._("None yet"),
            checkpoint_detail=desk._("The centre's log, proved to continue what was seen before")
            if size
            else desk._("The first contact brings one"),
            checkpoint_code=code,
            contact=contact,
            clock=self._roster_age(now),
            alarm=self._alarm(status),
            busy=desk._("Sending…") if status.busy and status.online else "",
            journey=self._errands.view or self._journey(status),
        )

    def _journey(self, status: SyncStatus) -> JourneyView | None:
        """How far what is unsent has come; nothing goes while the office takes nothing."""
        if status.halted or status.alarm is not None:
            return None
        far = status.progress
        return sending(
            self._desk._,
            load_of(self._desk.open_tablet.vault, status, far.bytes_total - far.bytes_done),
            done=(far.items_done, far.items_total),
            sent=(far.bytes_done, far.bytes_total),
            remaining_ms=far.remaining_ms,
            online=status.online,
            paused=status.paused,
        )

    def _subtitle(self, status: SyncStatus) -> str:
        desk = self._desk
        if status.halted:
            return desk._("Stopped: the office has to act")
        if not status.online:
            return desk._("No network. Saved here, sent by itself when there is one.")
        if isinstance(status.trouble, Unwitnessed):
            return desk._("Waiting for witnesses")
        if status.paused and status.blobs_outstanding and not status.unsent:
            return desk._("Photos and films wait until you let them go on")
        if status.unsent or status.blobs_outstanding:
            return desk._("{n} records and {m} files are on their way").format(
                n=status.unsent, m=status.blobs_outstanding
            )
        return desk._("This tablet and the centre match")

    def _listed(self) -> str:
        if self._stage is None:
            return self._desk._("What the centre answered")
        return stage_word(self._desk._, self._stage.value)

    def _notes(self, status: SyncStatus) -> tuple[RuleNote, ...]:
        desk, notes = self._desk, []
        if status.trouble is not None:
            fix = Fix("sync_now", desk._("Try now"))
            notes.append(RuleNote("warn", error_words(desk._, status.trouble), fixes=(fix,)))
        notes += self._passed()
        notes += self._errands.notes()
        notes += leaving.notes(desk)
        notes += reviewed.notes(desk)
        if self._stick() is not None:
            fix = Fix("from_stick", desk._("Update from a stick"))
            title = desk._("A stick with the agency's reference data is here")
            notes.append(RuleNote("pass", title, fixes=(fix,)))
        return tuple(notes)

    def _passed(self) -> list[RuleNote]:
        """That the office's log was succeeded, what it answered, and what cannot be sent again."""
        desk = self._desk
        passed, lost = last_passed(desk.open_tablet.vault), lost_blobs(desk.open_tablet.vault)
        if passed is None:
            return []
        text = desk._(
            "{successor} goes on from {predecessor} ({why}). {n} records are sent again by "
            "themselves; nothing has to be done."
        ).format(
            successor=passed.successor, predecessor=passed.origin, why=passed.why, n=passed.again
        )
        if passed.alarm:
            text += "\n" + desk._("It answers the alarm that stood; the evidence is kept.")
        notes = [RuleNote("pass", desk._("The office's log has a successor"), text)]
        if lost:
            notes.append(
                RuleNote(
                    "warn",
                    desk._("{n} files are gone from this tablet").format(n=lost),
                    desk._("The office may not have them either. Tell your administrator."),
                )
            )
        return notes

    def _alarm(self, status: SyncStatus) -> RuleNote | None:
        """An alarm lasts; a refusal says what the office has to do."""
        desk = self._desk
        if status.alarm is not None:
            kept = json.loads(status.alarm)
            text = desk._(kept["template"]).format(**kept["facts"])
            fixes = (leaving.export_fix(desk),)
            return RuleNote("block", desk._("The centre contradicts itself"), text, fixes=fixes)
        reference, device = desk.open_tablet.shelf.current, desk.open_tablet.office.device_name
        if is_revoked(reference, device, desk.clock.wall_ms()):
            return RuleNote(
                "block",
                desk._("This tablet is no longer trusted"),
                desk._(
                    "The agency has revoked it. Nothing is lost; bring it to your administrator."
                ),
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

    def _space(self) -> SpaceView:
        desk = self._desk
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

    def _checkpoint(self) -> tuple[str, int]:
        kept = self._desk.open_tablet.vault.state(CHECKPOINT)
        if kept is None:
            return "", 0
        _origin, size, root = kept.decode().split("\n")[:3]
        return root[:16], int(size)

    def _roster_age(self, now: int) -> str:
        desk = self._desk
        reference = desk.open_tablet.shelf.current
        return desk._("Roster version {version}, updated {age}").format(
            version=reference.version, age=age_words(desk._, max(0, now - reference.issued_at))
        )

"""The inspection as a timeline: what the law asks next, what is open, what is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from field_client.continuous import keep_cut
from field_client.flow import breaking, timeline
from field_client.flow.acts import groups
from field_client.flow.desk import Desk, one_is_missing, stage_of
from field_client.flow.matters import matters
from field_client.ui.presenters.common import Fix, Problem, RuleNote, moment_words, plural
from field_client.ui.presenters.inspection import InspectionView, NextStep
from field_client.ui.presenters.inspection import Step as StepMark
from protocol.case import CaseState
from protocol.rules import NextStep as LawStep
from protocol.rules import missing, steps

# What may be done while the second officer is away: evidence does not wait, looking is free, and
# two sign at a service only where a rule says so (CPL 87, 89).
ALONE = frozenset({"evidence", "gallery", "papers", "importing", "service"})
CLOCK_MINUTES, MINUTE_MS = 2, 60_000  # what a network's time corrects by itself is less
# What may follow the end: service, an approval, what becomes of property; and looking.
AFTERWARDS = frozenset({"approval", "gallery", "measure", "papers", "service"})


class Inspecting:
    """The inspection screen. ``doors`` lead to the screens in which acts are done; ``ways`` to
    those of a sort, such as ``paper.correction_order``."""

    def __init__(
        self,
        desk: Desk,
        doors: Mapping[str, Callable[[], None]],
        ways: Mapping[str, Callable[[str], None]],
    ) -> None:
        self._desk = desk
        self._doors = doors
        self._ways = ways

    def show(self) -> None:
        """The timeline."""
        self._desk.shell.show("inspection", self._view())

    def refresh(self) -> None:
        """Newer facts for the same screen."""
        self._desk.shell.update(self._view())

    def act(self, key: str) -> None:
        """Begin an act, where its door is known."""
        desk = self._desk
        kind, _, which = key.partition(".")
        served = kind == "serve"  # which document, behind the point
        if desk.case.state.closed is not None and not (key in AFTERWARDS or served):
            desk.shell.tell(
                Problem(
                    desk._("This inspection is closed"),
                    afterwards(desk),
                    "accent",
                )
            )
        elif not (key in ALONE or served) and len(desk.duty) < 2:
            desk.shell.tell(one_is_missing(desk))
        elif key in self._doors:
            self._doors[key]()
        elif kind in self._ways and which:
            self._ways[kind](which)
        else:
            step = self._missing_step(key)
            if step is not None and step.screen != key:
                self.act(step.screen)

    def keep_rescued(self) -> None:
        """Recordings that were cut go on record, and the record says so; not while one runs,
        which may be what ends their break."""
        desk, case = self._desk, self._desk.case
        if desk.recording:
            return
        place, recorder = case.opening.place, desk.officers[0]

        desk.work(
            lambda: keep_cut(case, place, recorder),
            lambda _: self.show(),
            waiting=desk._("Putting it on record…"),
        )

    # ── view ─────────────────────────────────────────────────────────────────────────────

    def _view(self) -> InspectionView:
        desk, case = self._desk, self._desk.case
        state, opening = case.state, case.opening
        waiting = desk.open_tablet.sync.waiting()
        stages = timeline.stages(desk, case.case)
        oldest = waiting.oldest_unsent_at
        return InspectionView(
            frame=desk.frame(opening.party.name, self._subtitle(), "inspection"),
            next_step=self._next(state),
            steps=self._steps(state),
            rows=timeline.rows(desk, state, stages),
            facts=self._facts(state),
            notes=(*self._notes(state), *self._breaks(state), *self._clock_set(state)),
            sync_title=desk._("{n} to sync").format(n=waiting.unsent)
            if waiting.unsent
            else desk._("All synced"),
            sync_detail=desk._("Oldest {when} · encrypted on this tablet").format(
                when=moment_words(desk._, oldest, desk.clock.wall_ms())
            )
            if oldest is not None
            else desk._("the centre has every record"),
            stage=stage_of([stage.value for stage in stages.values()]).value,
            groups=groups(desk, state, self._doors),
            matters=matters(desk, state),
        )

    def _subtitle(self) -> str:
        """The item and the number, and that it is urgent where it is."""
        desk, opening = self._desk, self._desk.case.opening
        item = desk.open_tablet.shelf.current.item(opening.item)
        words = [item.name if item else "", opening.number]
        if opening.urgent:
            words.insert(0, desk._("Urgent inspection"))
        return " · ".join(word for word in words if word)

    def _missing_step(self, key: str) -> LawStep | None:
        """The step that the law still asks for, by its key."""
        desk = self._desk
        left = missing(desk.case.state, desk.open_tablet.shelf.current, desk.clock.wall_ms())
        return next((one for one in left if one.key == key), None)

    def _next(self, state: CaseState) -> NextStep | None:
        """What comes next; what may follow the end is an open matter, not a next step."""
        desk = self._desk
        now = desk.clock.wall_ms()
        left = [
            one for one in missing(state, desk.open_tablet.shelf.current, now) if not one.afterwards
        ]
        if not left:
            return None
        step = next((one for one in left if one.required), left[0])
        return NextStep(
            key=step.key if step.key in self._doors else step.screen,
            kicker=desk._("Next · required by law") if step.required else desk._("Next"),
            title=desk.words(step.zh, step.en),
            detail=desk.words(step.detail_zh, step.detail_en),
            clause=desk.words(step.clause, step.clause_en),
            button=desk._("End the inspection") if step.key == "close" else desk._("Begin"),
        )

    def _steps(self, state: CaseState) -> tuple[StepMark, ...]:
        desk = self._desk
        found = steps(state, desk.open_tablet.shelf.current, desk.clock.wall_ms())
        listed = [one for one in found if not one.afterwards]
        now = next((one.key for one in listed if not one.done and one.required), "")
        return tuple(
            StepMark(
                desk.words(one.word_zh, one.word_en),
                "done" if one.done else "now" if one.key == now else "later",
            )
            for one in listed
        )

    def _facts(self, state: CaseState) -> tuple[tuple[str, str], ...]:
        desk, opening = self._desk, self._desk.case.opening
        met = state.shown[-1].statement.to_whom if state.shown else ""
        rows = (
            (desk._("Met on site"), met),
            (desk._("Place"), opening.place.text),
            (desk._("Cause"), opening.cause),
            (desk._("Officers"), desk._(", ").join(map(desk.officer_name, state.officers))),
        )
        return tuple((label, value) for label, value in rows if value)

    def _clock_set(self, state: CaseState) -> tuple[RuleNote, ...]:
        """That somebody set the clock meanwhile: times since do not compare with those before."""
        desk, clock = self._desk, self._desk.clock
        ahead = [
            one.link.wall_at - one.link.monotonic
            for one in state.records
            if one.link.boot == clock.boot_id
        ]
        ahead.append(clock.wall_ms() - clock.monotonic_ms())
        minutes = (max(ahead) - min(ahead)) // MINUTE_MS
        if state.closed is not None or minutes < CLOCK_MINUTES:
            return ()
        return (
            RuleNote(
                "warn",
                desk._("This tablet's clock was set during the inspection, by {n} min").format(
                    n=minutes
                ),
                desk._(
                    "The order of the records is kept, and the office sees it. Set the right "
                    "time; where a document gives a wrong one, say so in the record."
                ),
            ),
        )

    def _breaks(self, state: CaseState) -> tuple[RuleNote, ...]:
        """Breaks of a continuous recording whose reason is not stated yet."""
        return breaking.notes(self._desk) if state.closed is None and self._desk.duty else ()

    def _notes(self, state: CaseState) -> tuple[RuleNote, ...]:
        """What stands in the way now, and what a crash left to decide."""
        desk = self._desk
        if state.closed is not None:
            return (
                RuleNote(
                    "pass",
                    desk._("This inspection is closed"),
                    afterwards(desk),
                ),
            )
        if state.closed is None and desk.duty:
            cut = desk.case.rescued()
            if cut and not desk.recording:
                return (
                    RuleNote(
                        "warn",
                        plural(
                            len(cut),
                            desk._("{n} interrupted recording was saved"),
                            desk._("{n} interrupted recordings were saved"),
                        ),
                        desk._("They play up to the interruption. Put them on record?"),
                        fixes=(Fix("keep_rescued", desk._("Put on record as interrupted")),),
                    ),
                )
        if state.closed is None and len(desk.duty) < 2:
            return (
                RuleNote(
                    "block",
                    desk._("One officer is still missing"),
                    desk._("Every act needs two officers. Let the second one sign in."),
                    desk.words("《行政处罚法》第四十二条", "APL 42"),
                    (Fix("sign_in_second", desk._("Second officer signs in")),),
                ),
            )
        return self._others(state)

    def _others(self, state: CaseState) -> tuple[RuleNote, ...]:
        """That others have this inspection than those who are here."""
        desk = self._desk
        here = sum(one in desk.duty for one in state.officers)
        if not desk.duty or here >= min(2, len(state.officers)):
            return ()
        names = desk._(", ").join(map(desk.officer_name, state.officers))
        return (
            RuleNote(
                "warn",
                desk._("{officers} have this inspection").format(officers=names),
                desk._("Hand it over first, so that what follows is signed by those who go on."),
                desk.words("《行政处罚法》第四十二条", "APL 42"),
                (Fix("hand_over", desk._("Hand over the inspection")),),
            ),
        )


def afterwards(desk: Desk) -> str:
    """What may still be done once an inspection is closed."""
    return desk._(
        "What was issued can still be served, what was taken still be settled. Touch a record to "
        "correct it."
    )

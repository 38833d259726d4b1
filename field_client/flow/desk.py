"""What all flows share: the tablet once it is open, who is on duty, the shell, the worker.

Slow work (key derivation, rendering, the camera) runs on the worker's threads; its outcome
comes back on the UI thread through ``post``. Errors that are meant for people become a sheet
that says what happened and what to do; all others are bugs and are raised.

Two things hold for all work. What says that it is waited for runs alone: a second touch of the
same button does nothing. And what was begun before the tablet was locked no longer moves
screens: its record stands, and the locked screen stays.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from field_client.device_clock import Clock
from field_client.errors import RuleBlocks
from field_client.flow import lockscreen
from field_client.flow.lockscreen import Faces
from field_client.flow.shown import Shown
from field_client.inspection import Inspection
from field_client.keys.identity import KeyStore, Unlocked
from field_client.settings import Settings
from field_client.store.portraits import Portrait
from field_client.store.tables import Stage
from field_client.tablet import Tablet
from field_client.ui import i18n
from field_client.ui.presenters.common import (
    Ask,
    Chip,
    Choice,
    Fix,
    Frame,
    PartyLock,
    Problem,
    problem,
    sync_corner,
    tabs,
)
from protocol.errors import FujieError
from protocol.rules import Judgement, Level, asks_reason
from protocol.vocabulary import DocumentKind

T = TypeVar("T")


@dataclass
class Desk:
    """The shared state of one running tablet. Everything but ``work`` is for the UI thread."""

    settings: Settings
    clock: Clock
    post: Callable[[Callable[[], None]], None]
    make_keys: Callable[[str], KeyStore]
    shell: Shown = field(init=False)
    keys: KeyStore | None = None
    tablet: Tablet | None = None
    inspection: Inspection | None = None
    duty: dict[str, Unlocked] = field(default_factory=dict)
    party_message: Any = None
    party_asking: bool = False
    recording: str = ""
    pool: Executor = field(default_factory=lambda: ThreadPoolExecutor(3, "work"))
    busy: bool = False
    asked: tuple[str, Callable[[str], None]] | None = None
    training: bool = False
    shift: int = 0  # grows with every lock: what was begun in an earlier one moves no screen

    # ── words ────────────────────────────────────────────────────────────────────────────

    def _(self, message: str) -> str:
        """A message in the language that is shown."""
        return i18n._(message)

    def chinese(self, message: str) -> str:
        """A message in Chinese whatever is shown: what goes into a record or a document."""
        return i18n.catalogue("zh_CN").get(message, message)

    @property
    def language(self) -> str:
        """The language that is shown, as ``Term.label`` takes it."""
        return "zh_CN" if self.zh else "en"

    @property
    def zh(self) -> bool:
        """Whether Chinese is shown."""
        return i18n.language().startswith("zh")

    def words(self, zh: str, en: str) -> str:
        """One of a pair that the protocol keeps side by side."""
        return zh if self.zh else en

    # ── parts ────────────────────────────────────────────────────────────────────────────

    @property
    def open_tablet(self) -> Tablet:
        """The tablet; only asked for where it must be open."""
        assert self.tablet is not None
        return self.tablet

    @property
    def case(self) -> Inspection:
        """The inspection under way; only asked for where there is one."""
        assert self.inspection is not None
        return self.inspection

    @property
    def officers(self) -> list[Unlocked]:
        """Everyone on duty, in the order of signing in."""
        return list(self.duty.values())

    # ── frame ────────────────────────────────────────────────────────────────────────────

    def corner(self) -> Chip:
        """The sync state in words, always in the corner."""
        if self.training:
            return Chip("wifi-off", self._("Practice, no sync"))
        if self.tablet is None:
            return sync_corner(self._, pending=0, oldest_at=None, now=self.clock.wall_ms())
        waiting = self.tablet.sync.waiting()
        return sync_corner(
            self._,
            pending=waiting.unsent,
            oldest_at=waiting.oldest_unsent_at,
            now=self.clock.wall_ms(),
            online=waiting.online,
        )

    def frame(self, title: str, subtitle: str = "", tab: str = "") -> Frame:
        """What stands around a screen; tabs only where leaving is allowed."""
        return Frame(
            title=title,
            subtitle=subtitle,
            corner=self.corner(),
            recording=self.recording,
            tab=tab,
            tabs=tabs(self._, inspecting=self.inspection is not None) if tab else (),
        )

    def party_lock(self) -> PartyLock:
        """Who may take the tablet back from the party: any officer on duty."""
        return PartyLock(
            officers=tuple(Choice(one, self.officer_name(one)) for one in self.duty),
            asking=self.party_asking,
            message=self.party_message,
        )

    def officer_name(self, cert_no: str) -> str:
        """The name on the roster, or the number."""
        if self.tablet is None:
            return cert_no
        entry = self.tablet.shelf.current.officer(cert_no)
        return entry.name if entry else cert_no

    def photo(self, cert_no: str) -> Portrait:
        """The photo of an officer on the roster, as far as it has come."""
        shelf = self.open_tablet.shelf
        return shelf.portraits.of(shelf.current.officer(cert_no))

    # ── work ─────────────────────────────────────────────────────────────────────────────

    def work(
        self,
        job: Callable[[], T],
        then: Callable[[T], None],
        failed: Callable[[FujieError], None] | None = None,
        waiting: str = "",
        outlives: bool = False,
    ) -> None:
        """Run ``job`` off the UI thread and ``then`` on it. A FujieError becomes a sheet, or
        goes to ``failed``. ``waiting`` is the sentence shown meanwhile; such work runs alone.
        ``outlives`` a lock: only for what puts no screen up."""
        if waiting:
            if self.busy:
                return
            self.busy = True
            self.shell.wait(waiting)
        shift = None if outlives else self.shift

        def finish(future: Future[T]) -> None:
            self.post(lambda: self._finish(future, then, failed, shift, bool(waiting)))

        self.pool.submit(job).add_done_callback(finish)

    def _finish(
        self,
        future: Future[T],
        then: Callable[[T], None],
        failed: Callable[[FujieError], None] | None,
        shift: int | None,
        waited: bool,
    ) -> None:
        if waited:
            self.busy = False
            self.shell.wait("")
        locked = shift is not None and shift != self.shift
        try:
            result = future.result()
        except FujieError as error:
            told = self.tell if locked or failed is None else failed
            self.guarded(partial(told, error))
            return
        if not locked:
            self.guarded(lambda: then(result))

    def guarded(self, act: Callable[[], None]) -> None:
        """Do something on the UI thread; what goes wrong is told, and the screen stays."""
        try:
            act()
        except FujieError as error:
            self.tell(error)

    def tell(self, error: FujieError) -> None:
        """Put an error over the screen, in the officer's language, with the ways out."""
        if not isinstance(error, RuleBlocks):
            self.shell.tell(problem(self._, error))
            return
        blocking = [j for j in error.judgements if j.level is Level.BLOCK] or [
            j for j in error.judgements if asks_reason(j)
        ]
        self.shell.tell(
            Problem(
                self._("A rule stops this"),
                "\n".join(self._clause(one) for one in blocking),
                "danger",
                self._ways_out(blocking),
            )
        )

    def ask(self, ask: Ask, then: Callable[[str], None]) -> None:
        """Ask for a few words; ``then`` gets them, unless the officer goes back."""
        self.asked = (ask.key, then)
        self.shell.ask(ask)

    def tell_no_form(self, kind: DocumentKind) -> None:
        """The office has not sent this form yet."""
        self.shell.tell(
            Problem(
                self._("This did not work"),
                self._(
                    "The office has not sent a form for {document} yet. Connect to update."
                ).format(document=kind.label(self.language)),
                "danger",
                (Fix("sync_now", self._("Try now")),),
            )
        )

    def _clause(self, one: Judgement) -> str:
        words = self._("{what} ({clause})")
        return words.format(
            what=self.words(one.zh, one.en),
            clause=self.words(one.rule.source, one.rule.source_en),
        )

    def _ways_out(self, blocking: list[Judgement]) -> tuple[Fix, ...]:
        """One button a rule, for those whose way out is another screen."""
        doors = {
            "show_cards": self._("Show the cards"),
            "sign_in_second": self._("Second officer signs in"),
            "hand_over": self._("Hand over the inspection"),
            "update_roster": self._("Try now"),
        }
        found = dict.fromkeys(one.fix for one in blocking if one.fix in doors)
        return tuple(Fix(key, doors[key]) for key in found if key)

    def mark(self, words: str) -> None:
        """What is being recorded, for the mark that every screen bears; empty: nothing."""
        self.recording = words
        self.shell.mark(words)

    def close(self) -> None:
        """Wait for what is under way; nothing is begun afterwards."""
        self.pool.shutdown(wait=True)

    # ── the locked screen ────────────────────────────────────────────────────────────────

    def faces(self) -> Faces:
        """What may be shown while the vault is closed."""
        return lockscreen.read(self.settings)

    def keep_faces(self) -> None:
        """Keep what the locked screen shows, from the newest roster."""
        tablet = self.open_tablet
        shelf = tablet.shelf
        lockscreen.keep(self.settings, shelf.current, shelf.portraits, tablet.office.device_name)


def one_is_missing(desk: Desk) -> Problem:
    """The second officer is not there (APL 42), and the way to bring one."""
    return Problem(
        desk._("One officer is still missing"),
        desk._("Every act needs two officers. Let the second one sign in."),
        "warning",
        (Fix("sign_in_second", desk._("Second officer signs in")),),
    )


def stage_of(stages: list[str]) -> Stage:
    """The stage of a whole: that of its slowest part."""
    return min((Stage(stage) for stage in stages), key=lambda s: s.rank, default=Stage.SAVED)

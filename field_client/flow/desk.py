"""What all flows share: the tablet once it is open, who is on duty, the shell, the worker.

Slow work (key derivation, rendering, the camera) runs on the worker's threads; its outcome
comes back on the UI thread through ``post``. Errors that are meant for people become a sheet
that says what happened and what to do; all others are bugs and are raised.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

import msgspec

from field_client.device_clock import Clock
from field_client.durable import write_durably
from field_client.errors import RuleBlocks
from field_client.identity import KeyStore, Unlocked
from field_client.inspection import Inspection
from field_client.settings import Settings
from field_client.tables import Stage
from field_client.tablet import Tablet
from field_client.ui import i18n
from field_client.ui.presenters.common import (
    Chip,
    Frame,
    PartyLock,
    Problem,
    problem,
    sync_corner,
    tabs,
)
from protocol.errors import FujieError
from protocol.rules import Level

T = TypeVar("T")


class Face(msgspec.Struct, frozen=True):
    """An officer's name and picture for the locked screen. Published facts, not secrets."""

    cert_no: str
    name: str
    photo: bytes = b""


class Faces(msgspec.Struct, frozen=True):
    """What the locked screen shows before the vault is open; kept in ``faces.json``."""

    device: str = ""
    agency: str = ""
    issued_at: int = 0
    officers: list[Face] = []


class Shown(Protocol):
    """The shell, as flows need it (``ui/shell.py``)."""

    @property
    def current(self) -> str:
        """The screen's name."""

    def show(self, name: str, view: Any) -> None:
        """Switch to a screen."""

    def update(self, view: Any) -> None:
        """Newer facts for the same screen."""

    def show_frame(self, rgb: bytes, width: int, height: int) -> None:
        """A frame for the viewfinder."""

    def tell(self, problem: Problem) -> None:
        """A sheet over the screen."""

    def wait(self, words: str) -> None:
        """A wait with a sentence."""


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

    def __post_init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=3, thread_name_prefix="work")

    # ── words ────────────────────────────────────────────────────────────────────────────

    def _(self, message: str) -> str:
        """A message in the language that is shown."""
        return i18n._(message)

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
        if self.tablet is None:
            return sync_corner(self._, pending=0, oldest_at=None, now=self.clock.wall_ms())
        status = self.tablet.sync.status()
        return sync_corner(
            self._,
            pending=status.unsent,
            oldest_at=status.oldest_unsent_at,
            now=self.clock.wall_ms(),
            online=status.online,
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
        """Who may take the tablet back from the party."""
        officer = self.officers[0].cert_no if self.duty else ""
        return PartyLock(
            officer=self.officer_name(officer),
            asking=self.party_asking,
            message=self.party_message,
        )

    def officer_name(self, cert_no: str) -> str:
        """The name on the roster, or the number."""
        if self.tablet is None:
            return cert_no
        entry = self.tablet.shelf.current.officer(cert_no)
        return entry.name if entry else cert_no

    # ── work ─────────────────────────────────────────────────────────────────────────────

    def work(
        self,
        job: Callable[[], T],
        then: Callable[[T], None],
        failed: Callable[[FujieError], None] | None = None,
        waiting: str = "",
    ) -> None:
        """Run ``job`` off the UI thread and ``then`` on it. A FujieError becomes a sheet, or
        goes to ``failed``; ``waiting`` is the sentence shown meanwhile."""
        if waiting:
            self.shell.wait(waiting)

        def finish(future: Future[T]) -> None:
            self.post(lambda: self._finish(future, then, failed))

        self._pool.submit(job).add_done_callback(finish)

    def _finish(
        self,
        future: Future[T],
        then: Callable[[T], None],
        failed: Callable[[FujieError], None] | None,
    ) -> None:
        self.shell.wait("")
        try:
            result = future.result()
        except FujieError as error:
            (failed or self.tell)(error)
            return
        then(result)

    def tell(self, error: FujieError) -> None:
        """Put an error over the screen, in the officer's language."""
        if isinstance(error, RuleBlocks):
            blocking = [j for j in error.judgements if j.level is Level.BLOCK]
            self.shell.tell(
                Problem(
                    self._("A rule stops this"),
                    "\n".join(self.words(j.zh, j.en) for j in blocking),
                    "danger",
                )
            )
            return
        self.shell.tell(problem(self._, error))

    # ── the locked screen ────────────────────────────────────────────────────────────────

    def faces(self) -> Faces:
        """What may be shown while the vault is closed."""
        try:
            return msgspec.json.decode(
                (self.settings.data_dir / "faces.json").read_bytes(), type=Faces
            )
        except (OSError, msgspec.MsgspecError):
            return Faces()

    def keep_faces(self) -> None:
        """Write the published facts of this tablet's officers for the locked screen."""
        assert self.keys is not None
        reference = self.open_tablet.shelf.current
        here = {state.cert_no for state in self.keys.officers()}
        faces = Faces(
            device=self.open_tablet.office.device_name,
            agency=reference.agency.name,
            issued_at=reference.issued_at,
            officers=[
                Face(one.cert_no, one.name, one.photo_bytes)
                for one in reference.officers
                if one.cert_no in here
            ],
        )
        write_durably(self.settings.data_dir / "faces.json", msgspec.json.encode(faces))


def stage_of(stages: list[str]) -> Stage:
    """The stage of a whole: that of its slowest part."""
    return min((Stage(stage) for stage in stages), key=lambda s: s.rank, default=Stage.SAVED)


def picture(data: bytes) -> bytes | None:
    """A photo's bytes, or None where there is none."""
    return data or None

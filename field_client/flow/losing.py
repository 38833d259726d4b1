"""A tablet that the office reported lost: it locks, sends what it can, and forgets who may open it.

The word comes by pull, proved like every record of the office: *device revoked*, for a reason
that begins with 遗失. From then on nobody unlocks this tablet. Sync goes on by the device's own
key until all is sent or the office refuses, ten minutes at most; then every officer's wraps are
removed. The records stay, sealed: the agency's recovery key opens them (docs/operating.md).
A tablet that is revoked for another reason keeps its wraps, so that its officers can export it.

Found again and handed in, it gives its records out by the locked screen: device passphrase,
recovery code, and everything goes to a stick, sealed for the office. Nobody comes on duty by it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec
from sqlmodel import col, select

from field_client.contact import sticks
from field_client.contact.exporting import Scope
from field_client.durable import write_durably
from field_client.flow import recovering
from field_client.flow.desk import Desk
from field_client.keys import keyfiles
from field_client.settings import Settings
from field_client.store.stages import HALTED
from field_client.store.tables import NoticeRow
from field_client.store.vault import Vault
from field_client.ui.presenters.common import Ask, Chip, Message
from field_client.ui.presenters.unlock import UnlockView
from protocol.errors import FujieError
from protocol.roster import LOST
from protocol.statements import DeviceRevoked

GRACE_MS = 10 * 60_000
OVER = b"wiped"
REVOKED = "revoked_device"  # as a refusal of the office says it (protocol/messages.py)


class Losing:
    """Watches for the word. ``lock`` locks whatever is shown, ``refresh`` the locked screen,
    ``export`` writes to a stick."""

    def __init__(
        self,
        desk: Desk,
        lock: Callable[[], None],
        refresh: Callable[[], None],
        export: Callable[[Scope], None],
    ) -> None:
        self._desk = desk
        self._export = export
        self._lock = lock
        self._refresh = refresh
        self._since: int | None = None
        self._wiped = False
        self._refused = False

    def attend(self) -> None:
        """With every tick; nothing while the tablet is not lost."""
        desk = self._desk
        if desk.training or desk.tablet is None or self._wiped:
            return
        if self._since is None:
            if not reported(desk.tablet.vault):
                self._ask_why()
                return
            if is_over(desk.settings):  # found, and opened by the recovery code
                self._wiped = True
                return
            self._since = desk.clock.monotonic_ms()
            write_durably(_mark(desk.settings), b"lost")
        if desk.duty or desk.shell.current != "unlock":
            self._lock()
        if self._sent() or desk.clock.monotonic_ms() - self._since > GRACE_MS:
            self._wipe()

    def ask_out(self, passphrase: str) -> None:
        """Ask for the recovery code that lets the records out. Raises NoStick."""
        desk = self._desk
        sticks.the_stick(desk.settings.sticks)
        desk.ask(
            Ask(
                "take_out",
                desk._("Take the records out"),
                desk._(
                    "All of them go to the stick, sealed for the bureau. Nobody comes on duty, "
                    "nothing is removed. The administrator reads out this tablet's recovery code."
                ),
                desk._("Write to the stick"),
                hint=desk._("Recovery code, 64 letters and digits"),
            ),
            lambda code: recovering.opened(
                desk, code, passphrase, lambda _key: self._export(Scope.ALL)
            ),
        )

    def _ask_why(self) -> None:
        """A refusal says that the tablet is revoked, and not why; what the office says comes with
        the next pull, five minutes later, and whoever holds a lost tablet could go on with it until
        then. So it is asked for at once."""
        sync = self._desk.open_tablet.sync
        refused = sync.halted == REVOKED
        if refused and not self._refused:
            sync.wake()
        self._refused = refused

    def _sent(self) -> bool:
        """Whether nothing more can go: all is sent, or the office takes no more."""
        tablet = self._desk.open_tablet
        tablet.sync.count()
        return tablet.sync.waiting().unsent == 0 or tablet.vault.state(HALTED) is not None

    def _wipe(self) -> None:
        keys = self._desk.keys
        assert keys is not None
        self._wiped = True

        def failed(error: FujieError) -> None:
            self._wiped = False  # again with the next tick
            self._desk.tell(error)

        mark = _mark(self._desk.settings)

        def job() -> None:
            keys.wipe()
            write_durably(mark, OVER)

        self._desk.work(job, lambda _: self._refresh(), failed, outlives=True)


def reported(vault: Vault) -> bool:
    """Whether the office said that this tablet is lost."""
    with vault.session() as session:
        rows = session.exec(select(NoticeRow).where(col(NoticeRow.kind) == "device_revoked")).all()
    return any(_reason(row).startswith(LOST) for row in rows)


def is_lost(settings: Settings) -> bool:
    """The same, where the vault is closed."""
    return _mark(settings).exists()


def is_over(settings: Settings) -> bool:
    """Whether no wrap is left either: who started it again before that can still let it send. A
    program before 0.3 removed the wraps and left the mark as it was."""
    return is_lost(settings) and (_mark(settings).read_bytes() == OVER or _wiped(settings))


def view(desk: Desk, usual: UnlockView) -> UnlockView:
    """The locked screen of a lost tablet."""
    lost = replace(usual, message=told(desk))
    if desk.tablet is None and not is_over(desk.settings):
        return lost  # who unlocks it once lets it send; nobody comes on duty
    lost = replace(lost, officers=(), lost=True)
    if desk.tablet is not None and desk.tablet.vault.state(HALTED) is None:
        return lost
    sealed = desk._("Its records are sealed on this tablet")
    kept = desk._("Only the bureau opens them, with this tablet's recovery code.")
    return replace(lost, corner=Chip("lock", sealed), kept=kept)


def told(desk: Desk) -> Message:
    """What the locked screen says to whoever holds it."""
    return Message(
        "danger",
        desk._("This tablet was reported lost"),
        desk._(
            "Nobody can unlock it. Its records are sealed, and the bureau can open them. Please "
            "hand it in at the bureau."
        ),
    )


def _reason(row: NoticeRow) -> str:
    try:
        return msgspec.json.decode(row.body, type=DeviceRevoked).reason
    except msgspec.MsgspecError:
        return ""


def _wiped(settings: Settings) -> bool:
    """Whether every officer's file says that its wraps are gone; it opens nothing if that is a
    lie, and the files are read whole and checked before a PIN is tried."""
    try:
        files = [
            keyfiles.peek(path, keyfiles.OfficerFile)
            for path in settings.keys_dir.glob("officers/*.json")
        ]
    except FujieError:
        return False
    return bool(files) and all(one.wiped_at is not None for one in files)


def _mark(settings: Settings) -> Path:
    return settings.data_dir / "lost"

"""A tablet that the office reported lost: it locks, sends what it can, and forgets who may open it.

The word comes by pull, proved like every record of the office: *device revoked*, for a reason
that begins with 遗失. From then on nobody unlocks this tablet. Sync goes on by the device's own
key until all is sent or the office refuses, ten minutes at most; then every officer's wraps are
removed. The records stay, sealed: the agency's recovery key opens them (docs/operating.md).
A tablet that is revoked for another reason keeps its wraps, so that its officers can export it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
from sqlmodel import col, select

from field_client.durable import write_durably
from field_client.flow.desk import Desk
from field_client.settings import Settings
from field_client.store.stages import HALTED
from field_client.store.tables import NoticeRow
from field_client.store.vault import Vault
from field_client.ui.presenters.common import Message
from protocol.errors import FujieError
from protocol.roster import LOST
from protocol.statements import DeviceRevoked

GRACE_MS = 10 * 60_000
OVER = b"wiped"


class Losing:
    """Watches for the word. ``lock`` locks whatever is shown, ``refresh`` the locked screen."""

    def __init__(self, desk: Desk, lock: Callable[[], None], refresh: Callable[[], None]) -> None:
        self._desk = desk
        self._lock = lock
        self._refresh = refresh
        self._since: int | None = None
        self._wiped = False

    def attend(self) -> None:
        """With every tick; nothing while the tablet is not lost."""
        desk = self._desk
        if desk.training or desk.tablet is None or self._wiped:
            return
        if self._since is None:
            if not reported(desk.tablet.vault):
                return
            self._since = desk.clock.monotonic_ms()
            write_durably(_mark(desk.settings), b"lost")
        if desk.duty or desk.shell.current != "unlock":
            self._lock()
        if self._sent() or desk.clock.monotonic_ms() - self._since > GRACE_MS:
            self._wipe()

    def _sent(self) -> bool:
        """Whether nothing more can go: all is sent, or the office takes no more."""
        tablet = self._desk.open_tablet
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
    """Whether no wrap is left either: who started it again before that can still let it send."""
    return is_lost(settings) and _mark(settings).read_bytes() == OVER


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


def _mark(settings: Settings) -> Path:
    return settings.data_dir / "lost"

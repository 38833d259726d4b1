"""What the engine of sync hears and asks for: its state, events and actions, as plain values.

    event     what happened: somebody woke it, a record was saved, an answer came, a step failed
    action    what to do next: push, pull, fetch reference data, open an upload, send a chunk, wait

``engine.py`` turns one into the other.

>>> SyncState(length=3, acknowledged=3).drained
True
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Upload:
    """A blob on its way: how many bytes the server has, once it was asked."""

    sha256: bytes
    size: int
    offset: int = 0
    opened: bool = False


@dataclass(frozen=True)
class SyncState:
    """Where sync stands. ``length`` links are saved here, ``acknowledged`` of them are in the
    server's log. ``busy`` means one action is under way, ``halted`` why nothing is sent."""

    journal: bytes = b""
    length: int = 0
    acknowledged: int = 0
    cursor: int = 0
    uploads: tuple[Upload, ...] = ()
    contact: bool = False
    busy: bool = False
    greeted: bool = False
    pulled: bool = False
    referenced: bool = False
    failures: int = 0
    wake_at: int = 0
    halted: str | None = None

    @property
    def drained(self) -> bool:
        """Nothing is left to send."""
        return self.acknowledged >= self.length and not self.uploads


# ── events ───────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Woken:
    """A timer, a network change or a person says: try now."""

    now: int


@dataclass(frozen=True)
class Saved:
    """The ``journal`` grew to ``length`` links; ``uploads`` are the blobs these named."""

    length: int
    uploads: tuple[Upload, ...] = ()
    journal: bytes = b""


@dataclass(frozen=True)
class Pushed:
    """The server answered a push: it holds ``acknowledged`` links, receipts are saved. The push
    was ``sent`` bytes on the wire and took ``took_ms``."""

    acknowledged: int
    sent: int = 0
    took_ms: int = 0


@dataclass(frozen=True)
class GapNamed:
    """The server holds only ``expected`` links and asks to go on from there."""

    expected: int


@dataclass(frozen=True)
class Pulled:
    """The office's records up to ``cursor`` are saved; ``more`` are waiting."""

    cursor: int
    more: bool


@dataclass(frozen=True)
class Referenced:
    """The reference data was checked and is as new as the server's."""


@dataclass(frozen=True)
class UploadOpened:
    """The server has ``offset`` bytes of this blob; ``complete`` when verified whole."""

    sha256: bytes
    offset: int
    complete: bool = False


@dataclass(frozen=True)
class ChunkStored:
    """The server has ``offset`` bytes of this blob now."""

    sha256: bytes
    offset: int
    complete: bool = False


@dataclass(frozen=True)
class UploadLost:
    """The server no longer knows this upload (expired, discarded): ask again."""

    sha256: bytes


@dataclass(frozen=True)
class UploadSkipped:
    """This blob cannot be sent now (refused, or its file is damaged): the others go on. It is
    listed again when the engine starts anew."""

    sha256: bytes


@dataclass(frozen=True)
class Failed:
    """The action could not be done; ``jitter`` is a random number in [0, 1)."""

    now: int
    jitter: float


@dataclass(frozen=True)
class Halted:
    """A signed refusal or an alarm: nothing more is sent until an answer resolves it."""

    reason: str


@dataclass(frozen=True)
class Restarted:
    """What was saved last changed the ground: another journal is open, another log followed.
    ``state`` is read from there anew, with the halt that still stands, if one does."""

    state: SyncState


Answer = Pushed | GapNamed | Pulled | Referenced
Transfer = UploadOpened | ChunkStored | UploadLost | UploadSkipped
Event = Woken | Saved | Answer | Transfer | Failed | Halted | Restarted


# ── actions ──────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class SendPush:
    """Push links from ``start`` on, as many as the connection bears; none is a greeting."""

    start: int


@dataclass(frozen=True)
class SendPull:
    """Ask for the office's records after ``cursor``."""

    cursor: int


@dataclass(frozen=True)
class FetchReference:
    """Ask for newer reference data."""


@dataclass(frozen=True)
class OpenUpload:
    """Ask where to upload this blob and how much of it is there."""

    sha256: bytes
    size: int


@dataclass(frozen=True)
class SendChunk:
    """Send the next chunk of this blob from ``offset``."""

    sha256: bytes
    offset: int


@dataclass(frozen=True)
class WakeAt:
    """Deliver Woken at this time (ms) unless something wakes the engine before."""

    at: int


Action = SendPush | SendPull | FetchReference | OpenUpload | SendChunk | WakeAt

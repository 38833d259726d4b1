"""What the engine of sync hears and asks for: its state, events and actions, as plain values.

    event     what happened: somebody woke it, a record was saved, an answer came, a step failed
    action    what to do next: push, pull, fetch reference data, open an upload, send a chunk, wait

``engine.py`` turns one into the other, ``transfers.py`` does so for the media.

>>> SyncState(length=3, acknowledged=3).drained
True
"""

from dataclasses import dataclass, field

from protocol.pacing import Pace

# ── state ────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Upload:
    """A blob on its way, named at ``at``: how many bytes the server has, once it was asked
    (``opened``), and the most it ever had (``reached``); how often its transfer failed or was
    declined, and the time before which it is left alone."""

    sha256: bytes
    size: int
    at: int = 0
    offset: int = 0
    opened: bool = False
    reached: int = 0
    failures: int = 0
    not_before: int = 0


@dataclass(frozen=True)
class Media:
    """The blobs that are to go, and those whose transfer is under way. After a failure none
    begins before ``not_before``, while ``paused`` none at all. What is ``stale`` was begun before
    the ground changed: its answer may be that of a server which is no more."""

    uploads: tuple[Upload, ...] = ()
    under_way: frozenset[bytes] = frozenset()
    stale: frozenset[bytes] = frozenset()
    paused: bool = False
    failures: int = 0
    not_before: int = 0


@dataclass(frozen=True)
class SyncState:
    """Where sync stands. ``length`` links are saved here, ``acknowledged`` of them are in the
    server's log. ``busy`` means one exchange is under way, ``stale`` that the ground changed
    since it began, so that its answer says nothing of what stands now; ``waiting`` that none begins
    before ``next_at``; ``word_due`` that a blob arrived whose *stored* was not heard yet;
    ``wake_at`` is the timer that was asked for, ``halted`` why nothing is sent."""

    journal: bytes = b""
    length: int = 0
    acknowledged: int = 0
    cursor: int = 0
    media: Media = field(default_factory=Media)
    pace: Pace = field(default_factory=Pace)
    now: int = 0
    waiting: bool = True
    busy: bool = False
    stale: bool = False
    greeted: bool = False
    pulled: bool = False
    referenced: bool = False
    word_due: bool = False
    failures: int = 0
    round_at: int | None = None
    next_at: int = 0
    wake_at: int | None = None
    halted: str | None = None

    @property
    def drained(self) -> bool:
        """Nothing is left to send."""
        return self.acknowledged >= self.length and not self.media.uploads

    @property
    def working(self) -> bool:
        """Something is under way: an exchange or a transfer."""
        return self.busy or bool(self.media.under_way)


# ── events ───────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Woken:
    """The network changed or a person says: try now, whatever waits."""

    now: int


@dataclass(frozen=True)
class Due:
    """The time that ``WakeAt`` asked for has come; what still has to wait goes on waiting."""

    now: int


@dataclass(frozen=True)
class Saved:
    """The ``journal`` grew to ``length`` links; ``uploads`` are the blobs these named."""

    length: int
    uploads: tuple[Upload, ...] = ()
    journal: bytes = b""


@dataclass(frozen=True)
class Paused:
    """A person lets the media wait; records go on."""


@dataclass(frozen=True)
class Resumed:
    """The media go on where they stood."""


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
    """The server has ``offset`` bytes of this blob now; ``sent`` bytes took ``took_ms``."""

    sha256: bytes
    offset: int
    complete: bool = False
    sent: int = 0
    took_ms: int = 0


@dataclass(frozen=True)
class UploadLost:
    """The server no longer knows this upload (expired, discarded): ask again."""

    sha256: bytes


@dataclass(frozen=True)
class UploadSkipped:
    """This blob cannot be sent now (refused, or its file is damaged): the others go on, and it is
    asked for again after a while."""

    sha256: bytes


@dataclass(frozen=True)
class Failed:
    """The action could not be done: the transfer of the blob ``sha256``, or the exchange.
    ``jitter`` is a random number in [0, 1)."""

    now: int
    jitter: float
    sha256: bytes | None = None


@dataclass(frozen=True)
class Halted:
    """A signed refusal or an alarm: nothing more is sent until an answer resolves it. It came by
    the transfer of the blob ``sha256``, or by the exchange."""

    reason: str
    sha256: bytes | None = None


@dataclass(frozen=True)
class Restarted:
    """The ground changed: another journal is open, another log followed. ``state`` is read from
    what is saved, with the halt that still stands, if one does. ``answers``: the exchange under
    way brought it; otherwise something else did, such as a file on a stick."""

    state: SyncState
    answers: bool = True


Answer = Pushed | GapNamed | Pulled | Referenced
Transfer = UploadOpened | ChunkStored | UploadLost | UploadSkipped
Event = Woken | Due | Saved | Paused | Resumed | Answer | Transfer | Failed | Halted | Restarted


# ── actions ──────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class SendPush:
    """Push links from ``start`` on, about ``most`` raw bytes of them, at least one; none is a
    greeting."""

    start: int
    most: int


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
    """Send ``size`` bytes of this blob from ``offset`` on."""

    sha256: bytes
    offset: int
    size: int


@dataclass(frozen=True)
class WakeAt:
    """Deliver ``Due`` at this time (ms); a later one replaces it."""

    at: int


Exchange = SendPush | SendPull | FetchReference
Sending = OpenUpload | SendChunk
Action = Exchange | Sending | WakeAt

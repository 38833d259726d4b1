"""Small pictures of kept recordings, made off the UI thread, kept in memory and nowhere else.

thumbs = Thumbs(desk, refresh)
thumbs.of(media)          # bytes, or None while it is being made; ``refresh`` tells when it is
shots(desk, thumbs)       # the newest recordings of the inspection, for the camera's screen
stages_of(desk, records)  # how far each record has come
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from contextlib import suppress

from sqlmodel import col, select

from field_client.camera.derive import thumbnail
from field_client.flow.desk import Desk
from field_client.store.library import stream_of
from field_client.store.tables import LinkRow, Stage
from field_client.ui.presenters.capture import Shot
from field_client.ui.presenters.common import clock_words
from protocol.errors import FujieError
from protocol.statements import MediaCaptured
from protocol.vocabulary import MediaKind

WIDTH = 320
KEPT = 240  # small pictures of some 10 KB
AT_ONCE = 8
SHOTS = 12  # the newest; all of them are in the gallery


class Thumbs:
    """The small pictures of one tablet; for the UI thread."""

    def __init__(self, desk: Desk, made: Callable[[], None]) -> None:
        self._desk, self._made = desk, made
        self._kept: OrderedDict[str, bytes | None] = OrderedDict()
        self._wanted: list[str] = []
        self._working = False

    def of(self, media: MediaCaptured) -> bytes | None:
        """A JPEG, or None for sound, for what cannot be read, and while it is being made."""
        name = media.blob.sha256
        if media.media is MediaKind.SOUND:
            return None
        if name in self._kept:
            self._kept.move_to_end(name)
            return self._kept[name]
        if name not in self._wanted:
            self._wanted.append(name)
        return None

    def work(self) -> None:
        """Make those that were asked for; the newest wish first."""
        if self._working or not self._wanted or self._desk.tablet is None:
            return
        names, self._wanted = self._wanted[-AT_ONCE:], self._wanted[:-AT_ONCE]
        vault, folder = self._desk.open_tablet.vault, self._desk.open_tablet.settings.blobs_dir
        self._working = True

        def job() -> dict[str, bytes | None]:
            made: dict[str, bytes | None] = {}
            for name in names:
                made[name] = None
                with suppress(FujieError):
                    made[name] = thumbnail(stream_of(vault, folder, name), WIDTH)
            return made

        self._desk.work(job, self._take, lambda _error: self._take({}), outlives=True)

    def _take(self, made: dict[str, bytes | None]) -> None:
        self._working = False
        self._kept.update(made)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        if made:
            self._made()
        self.work()


def shots(desk: Desk, thumbs: Thumbs) -> tuple[Shot, ...]:
    """The newest recordings, each with how far it has come."""
    newest = desk.case.state.media[: -SHOTS - 1 : -1]
    stages = stages_of(desk, [one.hash for one in newest])
    return tuple(
        Shot(
            word=f"{clock_words(one.statement.began_at)} {one.statement.purpose}",
            kind=one.statement.media.value,
            stage=stages.get(one.hash, Stage.SAVED).value,
            thumb=thumbs.of(one.statement),
            key=one.hash.hex(),
        )
        for one in newest
    )


def stages_of(desk: Desk, records: Iterable[bytes]) -> dict[bytes, Stage]:
    """How far records have come, by their hashes."""
    wanted = list(records)
    if not wanted:
        return {}
    with desk.open_tablet.vault.session() as session:
        rows = session.exec(
            select(LinkRow.record_hash, LinkRow.stage).where(col(LinkRow.record_hash).in_(wanted))
        ).all()
    return {record: Stage(stage) for record, stage in rows}

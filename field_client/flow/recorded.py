"""A kept recording in words: small in the gallery, and all its facts beside it.

tile(desk, record, stages, gone, thumbs)      facts(desk, record.statement)
"""

from __future__ import annotations

from field_client.flow.desk import Desk
from field_client.flow.shots import Thumbs
from field_client.store.tables import Stage
from field_client.ui.presenters.common import clock_words, date_words, moment_words
from field_client.ui.presenters.recordings import GalleryTile, length_words, size_words
from protocol.case import Record
from protocol.statements import MediaCaptured
from protocol.vocabulary import MediaKind


def tile(
    desk: Desk,
    one: Record[MediaCaptured],
    stages: dict[bytes, Stage],
    gone: dict[bytes, int],
    thumbs: Thumbs,
) -> GalleryTile:
    """One recording small; ``gone`` are those whose copy was let go."""
    media = one.statement
    lasted = media.ended_at - media.began_at
    let_go = bytes.fromhex(media.blob.sha256) in gone
    return GalleryTile(
        key=one.hash.hex(),
        title=media.purpose,
        detail=f"{clock_words(media.began_at)} · {media.step.label(desk.language)}",
        kind=media.media.value,
        stage=stages.get(one.hash, Stage.SAVED).value,
        length=length_words(lasted) if media.media is not MediaKind.PHOTO else "",
        thumb=None if let_go else thumbs.of(media),
        gone=desk._("Let go here, kept at the office") if let_go else "",
        copy=desk._("Copy") if media.parent else "",
    )


def facts(desk: Desk, media: MediaCaptured) -> tuple[tuple[str, str], ...]:
    """All that labels it: label and value."""
    _ = desk._
    rows = [
        (_("Case no."), media.case_no),
        (_("Time"), f"{date_words(_, media.began_at)} {clock_words(media.began_at)}"),
        (_("Place"), media.place.text),
        (_("Recorder"), desk.officer_name(media.recorder)),
        (_("Step"), media.step.heading(desk.language)),
        (_("Device"), media.device),
        (
            _("Size"),
            " · ".join(one for one in (size_words(media.blob.size), media.codec) if one),
        ),
    ]
    if media.continuous:
        rows.append((_("Manner"), _("continuous")))
    if media.parent:
        rows.append((_("Made of"), _parent(desk, media.parent)))
    if media.imported is not None:
        when = moment_words(_, media.imported.at, desk.clock.wall_ms())
        who = desk.officer_name(media.imported.by)
        rows.append((_("Imported"), f"{who} {when} · {media.imported.name}"))
    return tuple((label, value) for label, value in rows if value)


def _parent(desk: Desk, record: str) -> str:
    found = [one for one in desk.case.state.media if one.hash.hex() == record]
    if not found:
        return record[:16]
    media = found[0].statement
    return f"{clock_words(media.began_at)} {media.purpose}"

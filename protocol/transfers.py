"""The media part of sync's engine: which blobs go next, several at once, and which wait.

    small blobs before large ones (``SMALL``); of the small the newest first, because what was just
    taken is what somebody waits for; of the large the smallest first. A blob whose transfer failed
    goes behind all that failed less often, so that a bad one blocks no other.

    asked for ──open──► offset ──chunk──► offset ──chunk──► … ──► complete, off the list
        ▲                 │ lost, failed       │
        └── after a wait ─┴────────────────────┘          declined: after a longer one

A failed transfer makes the media wait, longer each time, and nothing else. The waiting ends by a
blob that got further than it ever was: one whose upload is lost again and again is sent less and
less often. ``protocol/engine.py`` says when media may go at all.

>>> media = listed(Media(), [Upload(b"film", 9 << 20), Upload(b"photo", 2000)])
>>> media, actions = begin(media, Pace(), now=0)
>>> actions[0]
OpenUpload(sha256=b'photo', size=2000)
"""

from bisect import insort
from collections.abc import Iterable
from dataclasses import replace
from itertools import islice

from protocol.pacing import Pace
from protocol.signals import (
    ChunkStored,
    Media,
    OpenUpload,
    SendChunk,
    Sending,
    Transfer,
    Upload,
    UploadLost,
    UploadOpened,
    UploadSkipped,
)

SMALL = 1 << 20
FIRST_DELAY_MS = 1_000
LONGEST_DELAY_MS = 300_000
LONGEST_SKIP_MS = 3_600_000
FEW = 16
"""Blobs that are put in their places one by one; more are sorted with all others."""


def delay_ms(failures: int, jitter: float) -> int:
    """How long to wait after one more failure: exponential, with jitter, five minutes at most."""
    longest = min(FIRST_DELAY_MS << min(failures, 20), LONGEST_DELAY_MS)
    return int(longest * (0.5 + jitter / 2))


def listed(media: Media, uploads: Iterable[Upload]) -> Media:
    """With these blobs on the list, in the order in which they go."""
    have = {upload.sha256 for upload in media.uploads}
    added = {upload.sha256: upload for upload in uploads if upload.sha256 not in have}
    if len(added) > FEW:
        return replace(media, uploads=tuple(sorted((*media.uploads, *added.values()), key=_order)))
    ordered = list(media.uploads)
    for upload in added.values():
        insort(ordered, upload, key=_order)
    return replace(media, uploads=tuple(ordered))


def _order(upload: Upload) -> tuple[int, bool, int, int, bytes]:
    small = upload.size <= SMALL
    rank = (-upload.at, upload.size) if small else (upload.size, -upload.at)
    return (upload.failures, not small, *rank, upload.sha256)


def begin(media: Media, pace: Pace, now: int) -> tuple[Media, list[Sending]]:
    """Begin as many transfers as the connection bears beside those under way."""
    free = pace.lanes - len(media.under_way)
    if media.paused or media.not_before > now or free <= 0:
        return media, []
    ready = list(islice((one for one in media.uploads if _is_ready(media, one, now)), free))
    begun = replace(media, under_way=media.under_way | {one.sha256 for one in ready})
    return begun, [_send(one, pace) for one in ready]


def _is_ready(media: Media, upload: Upload, now: int) -> bool:
    return upload.sha256 not in media.under_way and upload.not_before <= now


def _send(upload: Upload, pace: Pace) -> Sending:
    if not upload.opened:
        return OpenUpload(upload.sha256, upload.size)
    size = min(pace.chunk_bytes, upload.size - upload.offset)
    return SendChunk(upload.sha256, upload.offset, size)


def due_at(media: Media) -> int | None:
    """When the next transfer may begin, as far as time alone keeps it from that."""
    idle = [one.not_before for one in media.uploads if one.sha256 not in media.under_way]
    if media.paused or not idle:
        return None
    return max(media.not_before, min(idle))


def answered(media: Media, event: Transfer, now: int) -> Media:
    """What the answer to a transfer changes. One that moves nothing on is a failure."""
    upload = _find(media, event.sha256)
    if upload is None or event.sha256 in media.stale:
        return ended(media, event.sha256)
    match event:
        case UploadSkipped():
            wait = min(LONGEST_DELAY_MS << min(upload.failures, 20), LONGEST_SKIP_MS)
            aside = replace(_closed(upload), failures=upload.failures + 1, not_before=now + wait)
            return _put(media, aside)
        case UploadLost():
            return failed(media, event.sha256, now, jitter=1.0, offset=0)
        case UploadOpened(complete=True) | ChunkStored(complete=True):
            left = tuple(one for one in media.uploads if one is not upload)
            return replace(ended(media, upload.sha256), uploads=left, failures=0)
        case ChunkStored(offset=offset) if offset <= upload.offset:
            return failed(media, upload.sha256, now, jitter=1.0)
    return _moved(media, upload, event.offset)


def _moved(media: Media, upload: Upload, offset: int) -> Media:
    """The server has ``offset`` bytes now."""
    further = upload.opened and offset > upload.reached
    reached = replace(
        upload,
        offset=offset,
        opened=True,
        reached=max(upload.reached, offset),
        failures=0 if further else upload.failures,
    )
    return replace(_put(media, reached), failures=0 if further else media.failures)


def failed(media: Media, name: bytes, now: int, jitter: float, offset: int | None = None) -> Media:
    """A transfer failed: the media wait, and this blob goes behind the others."""
    upload = _find(media, name)
    if upload is None:
        return ended(media, name)
    behind = replace(_closed(upload), failures=upload.failures + 1)
    if offset is not None:
        behind = replace(behind, offset=offset)
    if media.not_before > now:  # others failed at the same moment: one failure of the line
        return _put(media, behind)
    wait = delay_ms(max(media.failures, upload.failures), jitter)
    return replace(_put(media, behind), failures=media.failures + 1, not_before=now + wait)


def lifted(media: Media) -> Media:
    """Nothing waits any more for a failure's sake; what was declined still does."""
    return replace(media, not_before=0)


def carried(before: Media, anew: Media) -> Media:
    """The list read anew, while transfers of the former one are still under way. Their answers may
    be those of a server that lost its disk since: each such blob is asked for again."""
    return replace(
        listed(replace(anew, uploads=()), anew.uploads),
        under_way=before.under_way,
        stale=before.under_way,
        failures=before.failures,
        not_before=before.not_before,
    )


def _find(media: Media, name: bytes) -> Upload | None:
    return next((one for one in media.uploads if one.sha256 == name), None)


def _closed(upload: Upload) -> Upload:
    """What the server has is asked again before more is sent."""
    return replace(upload, opened=False)


def ended(media: Media, name: bytes) -> Media:
    """Its transfer is over, whatever came of it."""
    return replace(media, under_way=media.under_way - {name}, stale=media.stale - {name})


def _put(media: Media, upload: Upload) -> Media:
    """The upload as it stands now, at its place; its transfer ended."""
    others = [one for one in media.uploads if one.sha256 != upload.sha256]
    insort(others, upload, key=_order)
    return replace(ended(media, upload.sha256), uploads=tuple(others))

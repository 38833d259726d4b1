"""Blobs on their way, as the engine decides of them: what goes, what waits, and for how long."""

import random
from dataclasses import replace

from protocol.engine import (
    ChunkStored,
    Media,
    OpenUpload,
    SendChunk,
    Upload,
    UploadLost,
    UploadOpened,
    UploadSkipped,
)
from protocol.pacing import Pace
from protocol.transfers import (
    FEW,
    LONGEST_DELAY_MS,
    LONGEST_SKIP_MS,
    answered,
    begin,
    carried,
    failed,
    listed,
)

KB, MB = 1000, 1_000_000
A, B = b"a" * 32, b"b" * 32


def under_way(*uploads: Upload) -> Media:
    """All of them asked for."""
    media = listed(Media(), uploads)
    return replace(media, under_way=frozenset(one.sha256 for one in uploads))


def only(media: Media) -> Upload:
    (one,) = media.uploads
    return one


def test_many_blobs_at_once_stand_in_the_same_order_as_one_by_one() -> None:
    """A day's photos come in one list at the start, and one behind the other meanwhile."""
    chance = random.Random(5)
    sizes = (KB, 1 << 20, (1 << 20) + 1, 90 * MB)
    blobs = [
        Upload(chance.randbytes(32), chance.choice(sizes), at=chance.randrange(9))
        for _ in range(4 * FEW)
    ]
    one_by_one = Media()
    for blob in blobs:
        one_by_one = listed(one_by_one, [blob])
    assert listed(Media(), blobs) == one_by_one
    assert len(one_by_one.uploads) == len(blobs)
    first = blobs[: FEW - 2]
    assert listed(listed(Media(), first), blobs) == one_by_one
    small = [blob.size <= 1 << 20 for blob in one_by_one.uploads]
    assert small == sorted(small, reverse=True)


def test_the_last_chunk_is_what_is_left() -> None:
    """No more is asked for than there is."""
    media = answered(under_way(Upload(A, 1_500_000)), UploadOpened(A, 1 << 20), now=0)
    assert begin(media, Pace(), 0)[1] == [SendChunk(A, 1 << 20, 1_500_000 - (1 << 20))]


def test_after_a_failure_the_server_is_asked_how_much_it_has() -> None:
    """What the tablet believes of it may be wrong now."""
    media = answered(under_way(Upload(A, 9 * MB)), UploadOpened(A, 0), now=0)
    media = answered(media, ChunkStored(A, MB), now=0)
    for after in (failed(media, A, 0, 1.0), answered(media, UploadLost(A), 0)):
        assert begin(after, Pace(), after.not_before)[1] == [OpenUpload(A, 9 * MB)]


def test_what_the_office_declines_is_asked_for_less_and_less_and_once_an_hour_at_least() -> None:
    """A blob that it does not want today it may want tomorrow."""
    media, waits = under_way(Upload(A, KB)), []
    for now in range(0, 50, 10):
        media = answered(media, UploadSkipped(A), now)
        waits.append(only(media).not_before - now)
    assert waits == [LONGEST_DELAY_MS << n for n in range(4)] + [LONGEST_SKIP_MS]


def test_only_who_got_further_than_ever_waits_no_longer_than_at_first() -> None:
    """Opened again, or as far as before, is no progress; a new byte is, and a whole blob."""
    media = failed(under_way(Upload(A, 9 * MB)), A, 0, 1.0)
    media = answered(media, UploadOpened(A, MB), now=5_000)
    assert (media.failures, only(media).failures) == (1, 1)
    further = answered(media, ChunkStored(A, 2 * MB), now=6_000)
    assert (further.failures, only(further).failures, only(further).reached) == (0, 0, 2 * MB)
    lost = answered(further, UploadLost(A), now=7_000)
    again = answered(lost, UploadOpened(A, 0), now=9_000)
    as_far = answered(answered(again, ChunkStored(A, MB), 9_000), ChunkStored(A, 2 * MB), 9_000)
    assert (as_far.failures, only(as_far).failures) == (1, 1)
    whole = answered(as_far, ChunkStored(A, 9 * MB, complete=True), now=9_000)
    assert (whole.uploads, whole.failures) == ((), 0)


def test_a_blob_that_failed_often_waits_long_though_others_went_well() -> None:
    """The waiting is the worse one's of the line's and the blob's own."""
    often = Upload(A, KB, failures=4)
    assert failed(under_way(often), A, 0, 1.0).not_before == 16_000
    assert failed(replace(under_way(Upload(A, KB)), failures=3), A, 0, 1.0).not_before == 8_000


def test_what_is_read_anew_keeps_the_waiting_and_passes_one_answer_over() -> None:
    """A stick or a successor changes the list, not the line; the answer from before says nothing,
    the next one does."""
    before = failed(under_way(Upload(A, 9 * MB), Upload(B, KB)), B, 0, 1.0)
    media = carried(before, Media((Upload(A, 9 * MB), Upload(B, KB))))
    assert (media.failures, media.not_before) == (before.failures, before.not_before)
    assert media.under_way == {A}
    media = answered(media, ChunkStored(A, 9 * MB, complete=True), now=2_000)
    assert {one.sha256 for one in media.uploads} == {A, B}
    media = answered(media, UploadOpened(A, MB), now=3_000)
    ready = [one for one in begin(media, Pace(rate=10 * MB), 3_000)[1] if one.sha256 == A]
    assert isinstance(ready[0], SendChunk)
    assert ready[0].offset == MB

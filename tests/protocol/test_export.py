"""Exports: exact bytes, a name for each way of being none, both ways in a stream."""

from __future__ import annotations

import io
import itertools
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import envelope, export, statements
from protocol.errors import Altered, FujieError, Malformed, NotForUs, TooLarge, Truncated
from protocol.export import Kind, Manifest, Part
from protocol.exported import Branch, Exported, branches
from protocol.keys import Ed25519Signer
from protocol.sealing import reached, seal
from protocol.statements import DeviceInventory
from tests.protocol.vectors import load, raised

VECTORS = load("export")
GOOD, BAD = VECTORS["good"], VECTORS["bad"]
KEY, PUBLIC = bytes.fromhex(GOOD["office_key"]), bytes.fromhex(GOOD["office_public"])
CHANCE = bytes.fromhex(GOOD["chance"])
PARTS = [Part(one["kind"], bytes.fromhex(one["body"])) for one in GOOD["parts"]]
DEVICE = Ed25519Signer(bytes(32))
WHOLE = bytes.fromhex(GOOD["export"])


def unsealed(data: bytes, key: bytes = KEY) -> list[Part]:
    return list(export.unseal(io.BytesIO(data).read, key))


def test_an_export_is_its_vector_to_the_byte() -> None:
    """Another program with the same parts and chance writes the same file."""
    assert b"".join(seal(PARTS, PUBLIC, CHANCE)) == WHOLE


@pytest.mark.parametrize("form", ["export", "in_three_frames"])
def test_an_export_opens_however_it_is_cut_into_frames(form: str) -> None:
    assert unsealed(bytes.fromhex(GOOD[form])) == PARTS


def test_the_manifest_says_whose_it_is() -> None:
    said = export.read_manifest(PARTS[0])
    assert (said.device, said.scope) == ("YX-T07", "unsent")
    assert export.manifest(said) == PARTS[0]
    with pytest.raises(Malformed):
        export.read_manifest(Part(Kind.MANIFEST, b"{}"))


@pytest.mark.parametrize("name", BAD)
def test_a_bad_export_is_refused_by_name(name: str) -> None:
    with pytest.raises(raised(BAD[name]["error"])) as caught:
        unsealed(bytes.fromhex(BAD[name]["export"]))
    assert type(caught.value).__name__ == BAD[name]["error"]


def test_every_cut_is_named() -> None:
    """Whatever its length, a file without its end is no export."""
    for length in range(len(WHOLE)):
        with pytest.raises(Malformed) as caught:
            unsealed(WHOLE[:length])
        assert length == 0 or isinstance(caught.value, Truncated)


def test_every_flipped_byte_is_refused() -> None:
    for place in range(len(WHOLE)):
        broken = bytearray(WHOLE)
        broken[place] ^= 1
        with pytest.raises(FujieError):
            unsealed(bytes(broken))


def test_nobody_else_opens_it() -> None:
    with pytest.raises(NotForUs):
        unsealed(WHOLE, bytes(31) + b"\1")


sizes = st.one_of(st.integers(0, 300), st.integers(65_500, 65_600), st.integers(70_000, 140_000))
bodies = st.builds(lambda size, byte: bytes([byte]) * size, sizes, st.integers(0, 255))
some = st.lists(st.tuples(st.sampled_from([5, 6, 99]), bodies), max_size=6)


@given(some, st.binary(min_size=88, max_size=88))
def test_what_goes_in_comes_out(made: list[tuple[int, bytes]], chance: bytes) -> None:
    """Parts of any length, below, at and above that of a frame; statements before pieces."""
    parts = [PARTS[0], *(Part(kind, body) for kind, body in sorted(made, key=lambda one: one[0]))]
    assert unsealed(b"".join(seal(parts, PUBLIC, chance))) == parts


@given(st.binary(max_size=400))
def test_arbitrary_bytes_are_no_export(data: bytes) -> None:
    for tried in (data, WHOLE[:16] + data, WHOLE[:120] + data):
        with pytest.raises(FujieError):
            unsealed(tried)


# ── stopped, and gone on with ────────────────────────────────────────────────────────────

LONG = [
    PARTS[0],
    Part(Kind.STATEMENT, b"s" * 70_000),
    *(Part(Kind.PIECE, bytes([n]) * 50_000) for n in range(3)),
    Part(Kind.BLOB, bytes(32)),
    Part(Kind.PIECE, b"p" * 90_000),
    Part(Kind.BLOB, b"\1" * 32),
]
SEALED = b"".join(seal(LONG, PUBLIC, CHANCE))
FRAMES = [120 + 65_557 * n for n in range(len(SEALED) // 65_557 + 1)]


def gone_on(there: bytes, parts: list[Part]) -> bytes:
    """What is on a stick, gone on with."""
    begun = reached(io.BytesIO(there).read, PUBLIC, CHANCE)
    if begun.whole:
        return there[: begun.size]
    return there[: begun.size] + b"".join(
        seal(parts[begun.parts :], PUBLIC, CHANCE, begun=begun),
    )


@pytest.mark.parametrize("cut", [*FRAMES, *(at + 7 for at in FRAMES), len(SEALED) - 1, len(SEALED)])
def test_an_export_goes_on_where_it_was_cut_and_is_the_same_to_the_byte(cut: int) -> None:
    """Behind the last frame that is whole; nothing before it is written again."""
    there = SEALED[:cut]
    begun = reached(io.BytesIO(there).read, PUBLIC, CHANCE)
    assert begun.size == (cut if cut == len(SEALED) else max(at for at in FRAMES if at <= cut))
    assert gone_on(there, LONG) == SEALED


def test_it_says_which_parts_are_there() -> None:
    """So that files which are on the stick need not be read again."""
    cuts = [(120, (0, 0, 0)), (FRAMES[3], (4, 0, 2)), (FRAMES[4], (6, 1, 0))]
    for cut, there in cuts:
        begun = reached(io.BytesIO(SEALED[:cut]).read, PUBLIC, CHANCE)
        assert (begun.parts, begun.blobs, begun.pieces) == there


def test_nothing_is_built_upon_bytes_that_somebody_else_wrote() -> None:
    """What was altered, torn or put there goes, with all behind it; the rest is written again."""
    for place in (FRAMES[2] + 1000, FRAMES[2] + 2):
        there = SEALED[:place] + bytes([SEALED[place] ^ 1]) + SEALED[place + 1 : FRAMES[4]]
        assert reached(io.BytesIO(there).read, PUBLIC, CHANCE).size == FRAMES[2]
        assert gone_on(there, LONG) == SEALED
    for there in (b"", SEALED[:100], WHOLE[:16] + bytes(104), b"x" + SEALED[1:]):
        with pytest.raises(Altered):
            reached(io.BytesIO(there).read, PUBLIC, CHANCE)


def test_other_parts_than_it_was_begun_with_are_not_put_behind_it() -> None:
    """Two texts under one key would tell what they differ in."""
    there = SEALED[: FRAMES[1]]
    begun = reached(io.BytesIO(there).read, PUBLIC, CHANCE)
    others = [Part(Kind.STATEMENT, b"t" * 70_000), *LONG[2:]]
    assert begun.parts == 1
    with pytest.raises(Altered):
        list(seal(others, PUBLIC, CHANCE, begun=begun))
    with pytest.raises(Altered):
        list(seal([], PUBLIC, CHANCE, begun=reached(io.BytesIO(there).read, PUBLIC, CHANCE)))


def test_reading_goes_on_behind_any_part() -> None:
    """From the place that was noted, without what came before it."""
    reading = export.Unsealing(io.BytesIO(SEALED).read, KEY)
    for count, part in enumerate(reading, 1):
        assert part == LONG[count - 1]
        place = reading.place
        later = export.Unsealing(io.BytesIO(SEALED[place.size :]).read, bytes(32), place=place)
        assert list(later) == LONG[count:]


def test_what_was_altered_since_it_was_read_halfway_is_seen() -> None:
    """Each byte that is still to come, cut, moved or from another export."""
    reading = export.Unsealing(io.BytesIO(SEALED).read, KEY)
    for part in reading:
        if part.kind == Kind.STATEMENT:
            break
    place = reading.place
    other = b"".join(seal(LONG, PUBLIC, CHANCE[::-1]))
    left = SEALED[place.size :]
    for bad in (
        left[:500] + bytes([left[500] ^ 1]) + left[501:],
        left[:-1],
        left + b"x",
        left[65_557:],
        other[place.size :],
        b"",
    ):
        with pytest.raises((Altered, Malformed)):
            list(export.Unsealing(io.BytesIO(bad).read, KEY, place=place))


def test_what_is_of_no_file_is_refused_behind_a_piece_by_its_place() -> None:
    """Written, read, or read on from a place behind it."""
    late = [*LONG[:4], PARTS[1], *LONG[4:]]
    wrong = rf"a part of kind {PARTS[1].kind} behind them, as part 5 of the export"
    with pytest.raises(Malformed, match=wrong):
        list(seal(late, PUBLIC, CHANCE))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("protocol.sealing.expect_order", lambda files, kind, before: False)
        data = b"".join(seal(late, PUBLIC, CHANCE))
    with pytest.raises(Malformed, match=wrong):
        unsealed(data)
    reading = export.Unsealing(io.BytesIO(data).read, KEY)
    place = [reading.place for _ in itertools.islice(reading, 4)][-1]
    with pytest.raises(Malformed, match=wrong):
        list(export.Unsealing(io.BytesIO(data[place.size :]).read, KEY, place=place))


def test_a_part_past_its_bound_is_not_written() -> None:
    """What could not be read again is refused before it is on a stick."""
    with pytest.raises(TooLarge):
        list(seal([PARTS[0], Part(Kind.LINK, bytes(154))], PUBLIC, CHANCE))


def inventory(journal: int, payload_type: str = envelope.STATEMENT_TYPE) -> Part:
    said = DeviceInventory(
        agency="a",
        at=1,
        salt=bytes(16).hex(),
        journal=journal.to_bytes(16, "big").hex(),
        length=0,
        head=bytes(32).hex(),
        unsent=0,
        oldest_unsent_at=None,
        blobs_outstanding=0,
        bytes_outstanding=0,
        free_bytes=0,
        boot=bytes(16).hex(),
        monotonic=1,
        checkpoint_size=0,
        reference_version=1,
        program="",
    )
    signed = envelope.sign(payload_type, statements.encode(said), [DEVICE])
    return Part(Kind.INVENTORY, envelope.encode(signed))


def test_an_inventory_is_a_statement_and_one_for_each_journal() -> None:
    """What a device signed under another type is no inventory; two of one journal contradict."""

    def proved(*parts: Part) -> list[Branch]:
        exported = Exported()
        for part in parts:
            exported.take(part)
        return list(branches(exported, {DEVICE.verifier.key_id: DEVICE.verifier}))

    assert len(proved(inventory(1), inventory(2))) == 2
    for parts in ((inventory(1), inventory(1)), (inventory(1, "text/plain"),)):
        with pytest.raises(Malformed):
            proved(*parts)


def test_both_ways_need_no_more_memory_than_a_few_pieces() -> None:
    """An export of 64 MiB is written and read in a stream."""

    def parts() -> Iterator[Part]:
        yield export.manifest(Manifest(agency="a", device="b", made_at=1, scope="all"))
        for _ in range(64):
            yield Part(Kind.PIECE, bytes(export.PIECE))

    tracemalloc.start()
    stream = seal(parts(), PUBLIC, CHANCE)
    rest = b""

    def read(size: int) -> bytes:
        nonlocal rest
        while len(rest) < size and (more := next(stream, b"")):
            rest += more
        data, rest = rest[:size], rest[size:]
        return data

    assert sum(len(part.body) for part in export.unseal(read, KEY)) > 64 << 20
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 16 << 20

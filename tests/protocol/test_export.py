"""Exports: exact bytes, a name for each way of being none, both ways in a stream."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import envelope, export, statements
from protocol.errors import FujieError, Malformed, NotForUs, TooLarge, Truncated
from protocol.export import Kind, Manifest, Part
from protocol.exported import Branch, Exported, branches
from protocol.keys import Ed25519Signer
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
    assert b"".join(export.seal(PARTS, PUBLIC, CHANCE)) == WHOLE


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
    """Parts of any length, below, at and above that of a frame."""
    parts = [PARTS[0], *(Part(kind, body) for kind, body in made)]
    assert unsealed(b"".join(export.seal(parts, PUBLIC, chance))) == parts


@given(st.binary(max_size=400))
def test_arbitrary_bytes_are_no_export(data: bytes) -> None:
    for tried in (data, WHOLE[:16] + data, WHOLE[:120] + data):
        with pytest.raises(FujieError):
            unsealed(tried)


def test_a_part_past_its_bound_is_not_written() -> None:
    """What could not be read again is refused before it is on a stick."""
    with pytest.raises(TooLarge):
        list(export.seal([PARTS[0], Part(Kind.LINK, bytes(154))], PUBLIC, CHANCE))


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
    stream = export.seal(parts(), PUBLIC, CHANCE)
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

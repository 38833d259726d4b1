"""No input makes a decoder allocate beyond a stated multiple of its length, or take more than
linear time, and none is read that is longer than its format's bound."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
import zstandard

from protocol import (
    bag,
    casefile,
    caseread,
    chain,
    cose,
    envelope,
    httpsig,
    messages,
    note,
    qr,
    redaction,
    reference,
    statements,
)
from protocol.casetrust import MAX_TRUST, read_trust
from protocol.errors import FujieError, Malformed, TooLarge
from protocol.export import FRAME
from protocol.keys import Ed25519Signer
from protocol.misbehaviour import MAX_EVIDENCE, read_evidence
from protocol.package import MAX_NAME
from protocol.receipt import MAX_RECEIPT, Entry, Receipt
from protocol.tiles import MAX_PATH, Tile
from protocol.witness import WitnessKey
from protocol.witnessing import MAX_SUBMISSION, Submission
from sync_server.web.messages import unpack
from tests.fuzzing.shapes import SHAPES, Shape
from tests.hostile.cost import peak, steps

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "protocol.md"
SIZE = 6144
MULTIPLE, BASE = 96, 1 << 16
"""Bytes held for each byte of input, and at most at first: ``[],`` is three bytes of JSON and
one list of 56, which some lists hold twice."""

UNPACKED = ("body in zstd", "index")
"""What is longer unpacked: a body, up to the bound of a message; letters that Unicode spells out
in eighteen, in the server's own index of what it has published."""

BY_NAME = [pytest.param(shape, id=shape.name) for shape in SHAPES]


@pytest.mark.parametrize("shape", BY_NAME)
def test_four_times_the_input_takes_four_times_the_steps_at_most(shape: Shape) -> None:
    size = min(shape.most, SIZE)
    small, large = shape.make(size // 4), shape.make(size)
    with suppress(FujieError):
        shape.parse(small)  # whatever is made once and kept
    grown = len(large) / len(small)
    assert steps(shape.parse, large) <= 1.125 * grown * steps(shape.parse, small) + 500


@pytest.mark.parametrize("shape", BY_NAME)
def test_memory_is_bounded_by_a_multiple_of_the_input(shape: Shape) -> None:
    data = shape.make(min(shape.most, SIZE))
    allowed = MULTIPLE * len(data) + BASE
    if shape.name.startswith(UNPACKED):
        allowed = messages.MAX_MESSAGE
    with suppress(FujieError):
        shape.parse(data)  # whatever is made once and kept
    assert peak(shape.parse, data) <= allowed


# ── the bound itself ─────────────────────────────────────────────────────────────────────

SIGNER = Ed25519Signer(bytes(32))


def _text(parse: Callable[[str], object]) -> Callable[[bytes], object]:
    return lambda data: parse(data.decode("latin-1"))


def _field(data: bytes) -> object:
    return httpsig.inputs({"signature-input": data.decode("latin-1")})


def _push(data: bytes) -> object:
    return messages.decode(data, messages.Push)


BOUNDS: dict[str, tuple[Callable[[bytes], object], int, type[Malformed]]] = {
    "statement": (statements.decode, statements.MAX_STATEMENT, TooLarge),
    "envelope, msgpack": (envelope.decode, envelope.MAX_ENVELOPE, TooLarge),
    "envelope, JSON": (envelope.decode_json, envelope.MAX_JSON, TooLarge),
    "reference data": (
        lambda data: reference.open_reference(data, SIGNER.verifier, 0),
        reference.MAX_REFERENCE + envelope.MAX_ENVELOPE - envelope.MAX_BODY,
        TooLarge,
    ),
    "link": (chain.decode_link, chain.LINK_SIZE, Malformed),
    "entry": (Entry.decode, 92, Malformed),
    "note, checkpoint": (lambda data: note.open_note(data, []), note.MAX_NOTE, TooLarge),
    "receipt": (Receipt.decode, MAX_RECEIPT, TooLarge),
    "verifier key": (_text(note.VerifierKey.parse), note.MAX_KEY, Malformed),
    "witness's key": (_text(WitnessKey.parse), note.MAX_KEY, Malformed),
    "submission to a witness": (Submission.decode, MAX_SUBMISSION, TooLarge),
    "evidence of an alarm": (read_evidence, MAX_EVIDENCE, TooLarge),
    "tile's path": (_text(Tile.parse), MAX_PATH, Malformed),
    "credential, presentation, mark": (cose.kid, cose.MAX_SIGN1, TooLarge),
    "CBOR in a code": (cose.load, 2 * cose.MAX_SIGN1 + 7, TooLarge),
    "code's text": (_text(lambda told: qr.payload(told, "V")), qr.MAX_TEXT, TooLarge),
    "signature field": (_field, httpsig.MAX_FIELD, TooLarge),
    "message": (_push, messages.MAX_MESSAGE, TooLarge),
    "document's content": (redaction.decode_content, redaction.MAX_CONTENT, TooLarge),
    "trust.json": (read_trust, MAX_TRUST, TooLarge),
}


IN_TEXT = ("verifier key", "witness's key", "tile's path", "code's text", "signature field")
"""Their bytes are turned into text here, not by the decoder."""


@pytest.mark.parametrize("name", BOUNDS)
def test_one_byte_more_than_the_bound_is_refused(name: str) -> None:
    """Zeros of any length are no good value: at the bound they are Malformed, past it too long."""
    parse, bound, error = BOUNDS[name]
    with pytest.raises(error):
        parse(bytes(bound + 1))
    with pytest.raises(Malformed) as within:
        parse(bytes(bound))
    assert error is Malformed or not isinstance(within.value, TooLarge)


@pytest.mark.parametrize("name", BOUNDS)
def test_what_is_too_long_is_refused_before_it_is_read(name: str) -> None:
    """Ten times too much costs a message, not ten times the memory."""
    parse, bound, error = BOUNDS[name]
    data = bytes(bound * 10)
    spent = peak(lambda data: _refused(parse, data, error), data)
    assert spent <= BASE + (11 * bound if name in IN_TEXT else 0)


def test_a_body_in_zstd_is_as_long_as_a_message_at_most() -> None:
    most = zstandard.compress(bytes(messages.MAX_MESSAGE))
    assert len(unpack(most, "zstd")) == messages.MAX_MESSAGE
    more = zstandard.compress(bytes(messages.MAX_MESSAGE + 1))
    assert peak(lambda data: _refused(_unpacked, data, TooLarge), more) <= BASE


def test_a_body_in_zstd_that_does_not_say_its_length_is_cut_at_the_same_bound() -> None:
    silent = zstandard.ZstdCompressor(write_content_size=False)
    assert unpack(silent.compress(bytes(1000)), "zstd") == bytes(1000)
    more = silent.compress(bytes(messages.MAX_MESSAGE * 8))
    assert peak(lambda data: _refused(_unpacked, data, Malformed), more) <= 2 * messages.MAX_MESSAGE


def _unpacked(data: bytes) -> object:
    return unpack(data, "zstd")


def _refused(parse: Callable[[bytes], object], data: bytes, error: type[Malformed]) -> None:
    with pytest.raises(error):
        parse(data)


def test_the_document_names_every_bound() -> None:
    """docs/protocol.md, "Hostile input": | format | bound | error |, as the code has them."""
    told = DOCUMENT.read_text(encoding="utf-8").partition("## Hostile input")[2]
    rows = re.findall(r"^\| ([^|]+?) \| ([\d,]+) (?:bytes|characters) \| (\w+) \|", told, re.M)
    listed = {name: (int(bound.replace(",", "")), error) for name, bound, error in rows}
    for name, (_, bound, error) in BOUNDS.items():
        assert listed.pop(name) == (bound, error.__name__)
    for name in (bag.PAYLOAD, casefile.KEYS):
        assert listed.pop(name) == (caseread._bound_of(name), "TooLarge")
    assert listed.pop("export's frame") == (FRAME + 17, "TooLarge")
    assert listed == {"name in a case file": (MAX_NAME, "Malformed")}

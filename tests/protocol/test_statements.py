"""Statements: every kind frozen, the future kept, nothing read that has two meanings."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from protocol import envelope, parts, statements, vocabulary
from protocol.calendar import local_day
from protocol.errors import Malformed, TooLarge
from protocol.keys import Ed25519Signer
from protocol.kinds import field, incident, office, registry, supervision
from protocol.statements import (
    Decision,
    DisclosurePublished,
    DocumentIssued,
    InspectionClosed,
    Statement,
    StatementTaken,
    Unknown,
)
from protocol.vocabulary import Outcome
from tests.protocol.vectors import load, raised
from tests.vectors.bad_bodies import FAULTS

VECTORS = load("statements")
GOOD, BAD = VECTORS["good"], VECTORS["bad"]
CLOSED = statements.decode(GOOD["closed"].encode())
SIGNER = Ed25519Signer(bytes(32))


# ── good ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", GOOD["kinds"])
def test_a_body_is_read_and_written_to_the_byte(kind: str) -> None:
    body = GOOD["kinds"][kind].encode()
    read = statements.decode(body)
    assert isinstance(read, Statement)
    assert statements.kind_of(read) == kind
    assert statements.encode(read) == body


def test_every_kind_has_a_frozen_body() -> None:
    assert set(GOOD["kinds"]) == {str(k.__struct_config__.tag) for k in statements.KINDS}


def test_every_kind_and_part_is_behind_the_one_door() -> None:
    for module in (parts, field, incident, office, registry, supervision):
        made = [
            name
            for name, value in vars(module).items()
            if isinstance(value, type) and value.__module__ == module.__name__
        ]
        assert made
        assert set(made) <= set(statements.__all__)


@pytest.mark.parametrize("name", GOOD["readable"])
def test_another_spelling_is_read_as_the_same(name: str) -> None:
    read = statements.decode(GOOD["readable"][name].encode())
    assert isinstance(read, InspectionClosed)
    assert (read.outcome, read.note) == (Outcome.PENALISED_ON_SPOT, "")
    assert read.v == (2 if "version" in name else 1)


def test_names_that_were_added_to_a_kind_are_read_and_written_to_the_byte() -> None:
    """Bodies without them are the kinds' own, which lack them when they are written, too."""
    told, denied, granted = (
        statements.decode(GOOD["newer_names"][name].encode())
        for name in ("told_of_a_penalty", "denies_a_hearing", "denies_none")
    )
    assert isinstance(told, StatementTaken)
    assert isinstance(told.intended, Decision)
    assert (told.intended.fine, told.intended.denies_hearing) == (50_000, UNSET)
    for read, said in ((denied, True), (granted, False)):
        assert isinstance(read, DocumentIssued)
        assert read.intended is not None
        assert read.intended.denies_hearing is said
    for body in GOOD["newer_names"].values():
        assert statements.encode(statements.decode(body.encode())) == body.encode()


def test_blobs_are_found_in_the_order_of_the_fields_and_none_twice() -> None:
    issued = statements.decode(GOOD["kinds"]["document_issued"].encode())
    assert [blob.sha256 for blob in statements.blobs_of(issued)] == GOOD["issued_blobs"]
    assert statements.blobs_of(CLOSED) == GOOD["closed_blobs"]


def test_the_kinds_that_open_a_case_are_told_by_one_notion() -> None:
    opening = [
        kind for kind, body in GOOD["kinds"].items()
        if statements.opens_case(statements.decode(body.encode()))
    ]  # fmt: skip
    assert sorted(opening) == GOOD["opens_case"]
    for kind, body in GOOD["kinds"].items():
        read = statements.decode(body.encode())
        case = bytes(32) if kind in opening else bytes.fromhex(read.case or "")
        assert statements.case_of(read, bytes(32)) == (case or None)


# ── editions of the lists of words ───────────────────────────────────────────────────────


@pytest.mark.parametrize("name", GOOD["newer_words"])
def test_a_newer_word_says_its_edition(name: str) -> None:
    """Whoever writes it need not think of it, and cannot say less."""
    body = GOOD["newer_words"][name].encode()
    read = statements.decode(body)
    assert isinstance(read, Statement)
    edition = 3 if name == "step_interview" else 2
    assert (read.v, statements.edition_of(read)) == (edition, edition)
    assert statements.encode(msgspec.structs.replace(read, v=1)) == body


def test_what_older_words_can_say_is_said_in_the_first_edition() -> None:
    """So that an old reader takes all that he can."""
    for body in GOOD["kinds"].values():
        assert statements.edition_of(statements.decode(body.encode())) == 1
        assert json.loads(body)["v"] == 1


def test_every_word_came_in_an_edition_that_there_is() -> None:
    words = [word for terms in vocabulary.Term.__subclasses__() for word in terms]
    assert {word.since for word in words} == set(range(1, statements.EDITION + 1))
    assert all(word.zh and word.en for word in words)


# ── the future ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", GOOD["unknown"])
def test_a_statement_from_the_future_is_unknown_not_malformed(name: str) -> None:
    body = GOOD["unknown"][name].encode()
    read = statements.decode(body)
    assert isinstance(read, Unknown)
    assert read.kind == json.loads(body)["kind"] == statements.kind_of(read)
    assert (read.agency, read.at, read.case) == (CLOSED.agency, CLOSED.at, CLOSED.case)
    assert statements.blobs_of(read) == []


@pytest.mark.parametrize("body", [*GOOD["unknown"].values(), *GOOD["readable"].values()])
def test_what_is_not_known_keeps_its_bytes_and_its_record_hash(body: str) -> None:
    """Through both forms of the envelope, as an old server passes a new tablet's record on."""
    made = envelope.sign(envelope.STATEMENT_TYPE, body.encode(), [SIGNER])
    kept = envelope.decode(envelope.encode(made))
    exported = envelope.encode_json(kept)
    again = envelope.decode_json(exported)
    assert again.body == body.encode()
    assert envelope.record_hash(again) == envelope.record_hash(made)
    assert envelope.encode(again) == envelope.encode(made)
    assert envelope.verify(again, {SIGNER.verifier.key_id: SIGNER.verifier}.get)


# ── bad ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", BAD)
def test_a_bad_body_is_refused(name: str) -> None:
    bad = BAD[name]
    with pytest.raises(raised(bad["error"])) as caught:
        statements.decode(bad["body"].encode("utf-8", "surrogatepass"))
    assert len(str(caught.value)) < 700


def test_every_kind_has_a_bad_body_of_its_own() -> None:
    """A fault in what this kind says, and not only in what all of them say."""
    assert {kind for kind, _ in FAULTS.values()} == set(GOOD["kinds"])
    for name, (kind, wrong) in FAULTS.items():
        body, good = json.loads(BAD[name]["body"]), json.loads(GOOD["kinds"][kind])
        assert {key for key in good if body[key] != good[key]} == set(wrong)
        assert not set(wrong) & {"kind", "agency", "at", "salt", "case", "v"}


def test_bytes_that_are_no_text_are_refused() -> None:
    for wrong in (b"\xff", b"\xc3\x28", b"\xed\xa0\x80"):
        body = GOOD["closed"].encode().replace(b'"note":""', b'"note":"' + wrong + b'"')
        with pytest.raises(Malformed):
            statements.decode(body)
        with pytest.raises(Malformed):
            statements.decode(body.replace(b'"note"', b'"not_known"'))


def test_a_body_has_a_bound_for_writers_and_readers() -> None:
    opened = statements.decode(GOOD["kinds"]["corrected"].encode())
    assert isinstance(opened, statements.Corrected)
    longest = msgspec.structs.replace(opened, text="a" * 100_000)
    assert statements.decode(statements.encode(longest)) == longest
    with pytest.raises(TooLarge):
        statements.encode(msgspec.structs.replace(opened, text="a" * statements.MAX_STATEMENT))
    with pytest.raises(TooLarge):
        statements.decode(b" " * (statements.MAX_STATEMENT + 1))


def test_nobody_signs_what_readers_would_refuse() -> None:
    """A struct made in memory is not checked by itself; encoding it is where it is."""
    assert isinstance(CLOSED, InspectionClosed)
    for changed in ({"note": "话" * 501}, {"at": -1}, {"salt": "AB" * 16}, {"case": ""}):
        with pytest.raises(Malformed):
            statements.encode(msgspec.structs.replace(CLOSED, **changed))


def test_the_last_time_of_all_still_has_a_day() -> None:
    assert local_day(parts.LATEST).isoformat() == "9999-12-31"


def test_a_day_is_checked_when_it_is_written_too() -> None:
    published = statements.decode(GOOD["kinds"]["disclosure_published"].encode())
    assert isinstance(published, DisclosurePublished)
    with pytest.raises(Malformed):
        msgspec.structs.replace(published, due_on="2026-02-30")
    assert published.display_until is None


# ── anything ─────────────────────────────────────────────────────────────────────────────


def read_or_malformed(body: bytes) -> None:
    try:
        read = statements.decode(body)
    except Malformed:
        return
    local_day(read.at)
    bytes.fromhex(read.salt)
    if isinstance(read, Statement):
        assert statements.decode(statements.encode(read)) == read


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_refused_by_name(body: bytes) -> None:
    with pytest.raises(Malformed):
        statements.decode(body)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=6,
)


@given(st.sampled_from(sorted(GOOD["kinds"])), st.data(), json_values)
def test_any_value_in_any_field_is_read_or_refused_by_name(
    kind: str, data: st.DataObject, value: object
) -> None:
    body = json.loads(GOOD["kinds"][kind])
    body[data.draw(st.sampled_from(sorted(body)))] = value
    read_or_malformed(json.dumps(body).encode())


@given(st.sampled_from(sorted(GOOD["kinds"])), st.data())
def test_damaged_bodies_are_read_or_refused_by_name(kind: str, data: st.DataObject) -> None:
    body = bytearray(GOOD["kinds"][kind].encode())
    for _ in range(data.draw(st.integers(1, 3))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    read_or_malformed(bytes(body))


def test_a_body_of_very_many_pieces_is_read_through() -> None:
    """Once, without copying the rest at every step: 200,000 pieces fit into one body."""
    published = json.loads(GOOD["kinds"]["disclosure_published"]) | {"shown": ["x"] * 200_000}
    read = statements.decode(json.dumps(published, separators=(",", ":")).encode())
    assert isinstance(read, DisclosurePublished)
    assert len(read.shown) == 200_000
    assert statements.blobs_of(read) == []

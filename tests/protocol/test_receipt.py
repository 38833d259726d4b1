"""A receipt convinces about one link of one record, and about nothing else."""

import dataclasses

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import merkle
from protocol.checkpoint import Checkpoint, VerifierKey, sign_checkpoint
from protocol.errors import BadInclusion, FujieError, Malformed, TooLarge, UnknownSigner
from protocol.keys import Ed25519Signer
from protocol.parts import LATEST
from protocol.receipt import Entry, Reason, Receipt, Verdict, verify_receipt

ORIGIN = "log.yunxi.example/fujie"
log_signer = Ed25519Signer(b"log key, for tests only, 32 byte")
log_key = VerifierKey(ORIGIN, log_signer.verifier.public_key)


def hash_of(word: str, number: int) -> bytes:
    return merkle.leaf_hash(f"{word} {number}".encode())


def entry_number(number: int) -> Entry:
    """Entry 3 is flagged, the others are accepted."""
    reasons = (Reason.BAD_SIGNATURE, Reason.UNKNOWN_SIGNER) if number == 3 else ()
    verdict = Verdict.FLAGGED if reasons else Verdict.ACCEPTED
    link, record = hash_of("link", number), hash_of("record", number)
    return Entry(link, record, 1_790_000_000_000 + number, verdict, reasons)


def receipt_number(number: int, size: int = 5) -> Receipt:
    """The receipt of entry ``number`` in a log of ``size`` entries."""
    rows: dict[tuple[int, int], bytes] = {}
    entries = [entry_number(each).encode() for each in range(size)]
    for place, data in enumerate(entries):
        leaf = merkle.leaf_hash(data)
        for level, index, stored in merkle.stored_hashes(place, leaf, lambda *at: rows[at]):
            rows[level, index] = stored
    get = lambda level, index: rows[level, index]  # noqa: E731
    head = Checkpoint(ORIGIN, size, merkle.Frontier.load(size, get).root())
    proof = tuple(merkle.inclusion_proof(number, size, get))
    return Receipt(entries[number], number, proof, sign_checkpoint(head, log_signer))


def check(data: bytes, number: int) -> Checkpoint:
    """What a citizen's program does with a receipt for the link and record that he holds."""
    receipt = Receipt.decode(data)
    link, record = hash_of("link", number), hash_of("record", number)
    return verify_receipt(receipt, link, record, [log_key], ORIGIN)


@pytest.mark.parametrize("size", [1, 2, 5, 8])
def test_a_receipt_survives_encoding_and_verifies(size: int) -> None:
    for number in range(size):
        receipt = receipt_number(number, size)
        assert Receipt.decode(receipt.encode()) == receipt
        assert check(receipt.encode(), number).size == size


def test_every_byte_of_a_receipt_counts() -> None:
    data = receipt_number(3).encode()
    for place in range(len(data)):
        for mask in (0x01, 0x20, 0x80):
            damaged = data[:place] + bytes([data[place] ^ mask]) + data[place + 1 :]
            with pytest.raises(FujieError):
                check(damaged, 3)


def test_every_truncation_of_a_receipt_is_refused() -> None:
    data = receipt_number(3).encode()
    for length in range(len(data)):
        with pytest.raises(FujieError):
            check(data[:length], 3)


def test_a_receipt_for_another_link_or_record_is_refused() -> None:
    receipt = receipt_number(2)
    link, record = hash_of("link", 2), hash_of("record", 2)
    for wrong in ((hash_of("link", 1), record), (link, hash_of("record", 1)), (record, link)):
        with pytest.raises(BadInclusion, match="right receipt"):
            verify_receipt(receipt, *wrong, [log_key], ORIGIN)


def test_an_entry_that_the_log_does_not_hold_is_refused() -> None:
    """Whoever rewrites the verdict or the time inside a receipt breaks its proof."""
    receipt = receipt_number(3)
    entry = receipt.entry
    for changed in (
        msgspec.structs.replace(entry, verdict=Verdict.ACCEPTED, reasons=()),
        msgspec.structs.replace(entry, received_at=entry.received_at - 86_400_000),
        msgspec.structs.replace(entry, reasons=(Reason.MALFORMED,)),
    ):
        forged = dataclasses.replace(receipt, entry_bytes=changed.encode())
        with pytest.raises(BadInclusion):
            check(forged.encode(), 3)


def test_a_receipt_of_another_log_is_refused() -> None:
    receipt = receipt_number(3)
    stranger = VerifierKey(ORIGIN, Ed25519Signer(bytes(32)).verifier.public_key)
    with pytest.raises(UnknownSigner):
        verify_receipt(receipt, hash_of("link", 3), hash_of("record", 3), [stranger], ORIGIN)
    with pytest.raises(UnknownSigner):
        verify_receipt(receipt, hash_of("link", 3), hash_of("record", 3), [log_key], "other")


def test_an_entry_s_bytes_are_fixed() -> None:
    entry = Entry(b"\x11" * 32, b"\x22" * 32, 0x0102030405, Verdict.FLAGGED, (1, 4))
    assert entry.encode().hex() == (
        "01" + "11" * 32 + "22" * 32 + "0000000102030405" + "02" + "02" + "0104"
    )


reasons = st.sets(st.integers(1, 255), min_size=1, max_size=16).map(lambda s: tuple(sorted(s)))
hashes = st.binary(min_size=32, max_size=32)


@given(hashes, hashes, st.integers(0, LATEST), st.one_of(st.just(()), reasons))
def test_an_entry_reads_back(
    link: bytes, record: bytes, received_at: int, codes: tuple[int, ...]
) -> None:
    verdict = Verdict.FLAGGED if codes else Verdict.ACCEPTED
    entry = Entry(link, record, received_at, verdict, codes)
    assert Entry.decode(entry.encode()) == entry


def test_an_unknown_reason_is_kept_as_a_number() -> None:
    entry = Entry(bytes(32), bytes(32), 0, Verdict.FLAGGED, (200,))
    assert Entry.decode(entry.encode()).reasons == (200,)


@pytest.mark.parametrize(
    "tail",
    [
        "",
        "01",
        "0101",
        "010101",
        "0200",
        "020100",
        "02020201",
        "02020101",
        "0300",
        "0000",
        "010001",
        "0211" + bytes(range(1, 18)).hex(),
    ],
    ids=[
        "no verdict",
        "no count",
        "a missing reason",
        "accepted with a reason",
        "flagged without a reason",
        "reason zero",
        "descending reasons",
        "a reason twice",
        "verdict three",
        "verdict zero",
        "a byte too many",
        "seventeen reasons",
    ],
)
def test_an_entry_of_another_form_is_refused(tail: str) -> None:
    with pytest.raises(Malformed):
        Entry.decode(b"\x01" + bytes(72) + bytes.fromhex(tail))


def test_an_entry_of_a_later_version_is_refused_by_name() -> None:
    with pytest.raises(Malformed, match="update this program"):
        Entry.decode(b"\x02" + bytes(72) + b"\x01\x00")


@pytest.mark.parametrize(
    ("link", "record", "received_at", "codes"),
    [
        (31, 32, 0, ()),
        (32, 33, 0, ()),
        (32, 32, -1, ()),
        (32, 32, LATEST + 1, ()),
        (32, 32, 0, (256,)),
    ],
)
def test_impossible_entries_cannot_be_made(
    link: int, record: int, received_at: int, codes: tuple[int, ...]
) -> None:
    verdict = Verdict.FLAGGED if codes else Verdict.ACCEPTED
    with pytest.raises(Malformed):
        Entry(bytes(link), bytes(record), received_at, verdict, codes)


def receipt_lines(*lines: str) -> bytes:
    return "\n".join(lines).encode()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        receipt_lines("c2sp.org/tlog-proof@v2", "extra AAAA", "index 0", "", "x"),
        receipt_lines("c2sp.org/tlog-proof@v1", "index 0", "", "x"),
        receipt_lines("c2sp.org/tlog-proof@v1", "extra AAAA", "", "x"),
        receipt_lines("c2sp.org/tlog-proof@v1", "extra AAA", "index 0", "", "x"),
        receipt_lines("c2sp.org/tlog-proof@v1", "extra AAB=", "index 0", "", "x"),
        receipt_lines("c2sp.org/tlog-proof@v1", "extra ", "index 0", "", "x"),
        receipt_lines("c2sp.org/tlog-proof@v1", "extra AAAA", "index 00", "", "x"),
        receipt_lines("c2sp.org/tlog-proof@v1", "extra AAAA", "index -1", "", "x"),
        receipt_lines("c2sp.org/tlog-proof@v1", "extra AAAA", "index 0", "?", "", "x"),
        receipt_lines("c2sp.org/tlog-proof@v1", "extra AAAA", "index 0", *["AAAA"] * 64, "", "x"),
        receipt_lines("c2sp.org/tlog-proof@v1", "extra AAAA", "index 0"),
        receipt_lines("c2sp.org/tlog-proof@v1", "extra AAAA", "index é", "", "x"),
    ],
)
def test_bytes_that_are_no_receipt_are_refused(data: bytes) -> None:
    with pytest.raises(Malformed):
        Receipt.decode(data)


def test_a_receipt_past_its_bound_is_refused() -> None:
    with pytest.raises(TooLarge):
        Receipt.decode(bytes(1 << 20))


def test_verdicts_and_reasons_have_words_in_both_languages() -> None:
    for term in (*Verdict, *Reason):
        assert term.en.isascii()
        assert term.zh
        assert not term.zh.isascii()

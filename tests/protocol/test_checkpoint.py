"""A checkpoint is believed for one origin, one key and exactly these bytes."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.checkpoint import (
    Checkpoint,
    VerifierKey,
    note_key_id,
    open_checkpoint,
    open_note,
    read_decimal,
    sign_checkpoint,
    sign_note,
)
from protocol.errors import BadSignature, FujieError, Malformed, TooLarge, UnknownSigner
from protocol.keys import Ed25519Signer
from protocol.merkle import EMPTY_ROOT, MAX_SIZE

ORIGIN = "log.yunxi.example/fujie"
log_signer = Ed25519Signer(b"log key, for tests only, 32 byte")
next_log_signer = Ed25519Signer(b"next log key, for tests 32 bytes")
witness_signer = Ed25519Signer(b"witness key, for tests, 32 bytes")
log_key = VerifierKey(ORIGIN, log_signer.verifier.public_key)
next_log_key = VerifierKey(ORIGIN, next_log_signer.verifier.public_key)
witness_key = VerifierKey("witness.example/w1", witness_signer.verifier.public_key)
head = Checkpoint(ORIGIN, 5, bytes(range(32)))

# From the documentation of golang.org/x/mod/sumdb/note: made and checked by that program.
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_SEED = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotp"
    "RZb6KE6RyyBwJnAM=\n"
)


def test_a_note_of_the_go_implementation_opens() -> None:
    key = VerifierKey.parse(GO_KEY)
    note = open_note(GO_NOTE.encode(), [key])
    assert note.text.endswith("your problem is.\n")
    assert [line.name for line in note.verified] == ["PeterNeumann"]
    assert key.text() == GO_KEY


def test_a_note_is_signed_as_the_go_implementation_signs_it() -> None:
    text = GO_NOTE.rpartition("\n\n")[0] + "\n"
    assert sign_note(text, "PeterNeumann", Ed25519Signer(GO_SEED)).decode() == GO_NOTE


def test_the_key_id_commits_to_name_and_type() -> None:
    key = VerifierKey.parse(GO_KEY)
    assert key.key_id.hex() == "c74f20a3"
    assert note_key_id("AnotherName", key.public_key) != key.key_id
    assert note_key_id(key.name, key.public_key, kind=4) != key.key_id


def test_a_checkpoint_survives_signing_and_opening() -> None:
    note = sign_checkpoint(head, log_signer)
    assert open_checkpoint(note, [log_key], ORIGIN) == head
    assert note.decode().startswith(head.text() + "\n— " + ORIGIN + " ")


def test_every_byte_of_a_checkpoint_counts() -> None:
    note = sign_checkpoint(head, log_signer)
    for place in range(len(note)):
        for mask in (0x01, 0x20, 0x80):
            damaged = note[:place] + bytes([note[place] ^ mask]) + note[place + 1 :]
            with pytest.raises(FujieError):
                open_checkpoint(damaged, [log_key], ORIGIN)


def test_every_truncation_of_a_checkpoint_is_refused() -> None:
    note = sign_checkpoint(head, log_signer)
    for length in range(len(note)):
        with pytest.raises(FujieError):
            open_checkpoint(note[:length], [log_key], ORIGIN)


def test_old_and_new_key_sign_together_and_either_reader_is_content() -> None:
    note = sign_checkpoint(head, log_signer, next_log_signer)
    for keys in ([log_key], [next_log_key], [log_key, next_log_key]):
        assert open_checkpoint(note, keys, ORIGIN) == head


def test_a_line_by_an_unknown_key_is_kept_and_not_believed() -> None:
    note = sign_checkpoint(head, log_signer, next_log_signer)
    opened = open_note(note, [log_key])
    assert [line.key_id for line in opened.verified] == [log_key.key_id]
    assert [line.key_id for line in opened.unverified] == [next_log_key.key_id]


def test_a_known_key_that_fails_spoils_the_note() -> None:
    """A good witness line does not make up for a log line that does not hold."""
    good = sign_checkpoint(head, log_signer).decode()
    other = sign_checkpoint(Checkpoint(ORIGIN, 6, head.root), next_log_signer).decode()
    spoiled = good + other.rpartition("\n\n")[2]
    with pytest.raises(BadSignature):
        open_checkpoint(spoiled.encode(), [log_key, next_log_key], ORIGIN)
    assert open_checkpoint(spoiled.encode(), [log_key], ORIGIN) == head


def test_a_witness_alone_does_not_speak_for_the_log() -> None:
    note = sign_note(head.text(), witness_key.name, witness_signer)
    with pytest.raises(UnknownSigner):
        open_checkpoint(note, [log_key, witness_key], ORIGIN)


def test_a_checkpoint_of_another_origin_is_refused() -> None:
    other = Checkpoint("log.other.example/fujie", 5, head.root)
    note = sign_note(other.text(), ORIGIN, log_signer)
    with pytest.raises(UnknownSigner, match=r"log\.other\.example"):
        open_checkpoint(note, [log_key], ORIGIN)
    with pytest.raises(UnknownSigner):
        open_checkpoint(sign_checkpoint(other, log_signer), [log_key], other.origin)


def test_extension_lines_are_signed_and_kept() -> None:
    extended = Checkpoint(ORIGIN, 5, head.root, ("云溪县",))
    assert open_checkpoint(sign_checkpoint(extended, log_signer), [log_key], ORIGIN) == extended


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        f"{ORIGIN}\n5\n",
        f"{ORIGIN}\n05\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n",
        f"{ORIGIN}\n-5\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n",
        f"{ORIGIN}\n5\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9=\n",
        f"{ORIGIN}\n5\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg==\n",
        f"{ORIGIN}\n5\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n\n",
        "\n5\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n",
        f"{ORIGIN}\n0\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n",
        f"{ORIGIN}\n9223372036854775808\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n",
    ],
)
def test_a_text_that_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        Checkpoint.parse(text)


@given(st.integers(1, MAX_SIZE), st.binary(min_size=32, max_size=32))
def test_a_checkpoint_s_text_reads_back(size: int, root: bytes) -> None:
    one = Checkpoint(ORIGIN, size, root)
    assert Checkpoint.parse(one.text()) == one


def test_an_empty_log_has_the_empty_root() -> None:
    empty = Checkpoint(ORIGIN, 0, EMPTY_ROOT)
    assert Checkpoint.parse(empty.text()) == empty


@pytest.mark.parametrize(
    "text",
    [
        "no plus signs",
        "name+00000000",
        "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+BBpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10Q=",
    ],
)
def test_a_damaged_verifier_key_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        VerifierKey.parse(text)


def test_a_small_order_key_is_no_verifier_key() -> None:
    with pytest.raises(Malformed):
        VerifierKey(ORIGIN, b"\x01" + bytes(31))


def test_a_plus_sign_within_the_key_s_base64_is_read() -> None:
    for number in range(64):
        key = VerifierKey(ORIGIN, Ed25519Signer(bytes([number] * 32)).verifier.public_key)
        assert VerifierKey.parse(key.text()) == key
        if "+" in key.text().split("+", 2)[2]:
            break
    else:
        pytest.fail("no key with a plus sign among 64")


@pytest.mark.parametrize(
    "note",
    [
        b"",
        b"\n\n",
        b"text\n",
        b"text\n\n",
        b"text\n\nno dash\n",
        "text\n\n— name\n".encode(),
        "text\n\n— name AAAA\n".encode(),
        "text\n\n— na+me AAAAAAAA\n".encode(),
        "text\n\n—  AAAAAAAA\n".encode(),
        "text\r\n\n— name AAAAAAAA\n".encode(),
        "text\n\n— name AAAAAAAA".encode(),
        b"text\n\n\xe2\x80 name AAAAAAAA\n",
    ],
)
def test_bytes_that_are_no_note_are_refused(note: bytes) -> None:
    with pytest.raises(Malformed):
        open_note(note, [log_key])


def test_the_last_empty_line_divides_text_from_signatures() -> None:
    text = "one\n\n— " + ORIGIN + " AAAAAAAA\n\ntwo\n"
    assert open_note(sign_note(text, ORIGIN, log_signer), [log_key]).text == text


def test_notes_past_their_bounds_are_refused_before_they_are_read() -> None:
    with pytest.raises(TooLarge):
        open_note(b"a" * (1 << 20), [log_key])
    line = "— other.example " + base64.b64encode(bytes(68)).decode() + "\n"
    note = sign_checkpoint(head, log_signer)
    with pytest.raises(TooLarge):
        open_note(note + line.encode() * 64, [log_key])
    assert open_note(note + line.encode() * 63, [log_key]).text == head.text()
    with pytest.raises(TooLarge):
        sign_note("x\n", ORIGIN)


def test_sixteen_signatures_of_five_thousand_bytes_are_read() -> None:
    """Post-quantum witnesses must not make a note unreadable."""
    line = "— pq.example " + base64.b64encode(bytes(5000)).decode() + "\n"
    note = sign_checkpoint(head, log_signer) + line.encode() * 15
    assert len(open_note(note, [log_key]).unverified) == 15


@pytest.mark.parametrize("text", ["no newline at the end", "a\tb\n", "a\x00\n", "a\r\n", ""])
def test_a_text_with_control_characters_is_not_signed(text: str) -> None:
    with pytest.raises(Malformed):
        sign_note(text, ORIGIN, log_signer)


@pytest.mark.parametrize(
    "text", ["", "+1", "01", "1_0", " 1", "٣", "1" * 20, "9223372036854775808"]
)
def test_odd_decimals_are_refused(text: str) -> None:
    with pytest.raises(Malformed):
        read_decimal(text)

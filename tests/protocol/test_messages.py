"""Messages of sync and enrolment: bounded, open to new fields, sealed by the code."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import messages
from protocol.errors import BadSignature, Malformed, TooLarge
from protocol.messages import DeviceAdmitted, DeviceWanted, Message, Push
from tests.wire import ADMITTED, ALL, CODE, KEY, WANTED


def fields(message: Message) -> dict[str, object]:
    read = msgspec.msgpack.decode(messages.encode(message))
    assert isinstance(read, dict)
    return read


def again(message: Message, **changed: object) -> bytes:
    """The message's bytes with fields changed or added."""
    return msgspec.msgpack.encode(fields(message) | changed)


@pytest.mark.parametrize("message", ALL, ids=lambda m: type(m).__name__)
def test_a_message_comes_back_as_it_was(message: Message) -> None:
    assert messages.decode(messages.encode(message), type(message)) == message


@pytest.mark.parametrize("message", ALL, ids=lambda m: type(m).__name__)
def test_a_field_from_the_future_is_ignored(message: Message) -> None:
    read = messages.decode(again(message, weather={"sky": ["晴"]}), type(message))
    assert read == message


@pytest.mark.parametrize(
    ("message", "changed"),
    [
        (ALL[0], {"seen": -1}),
        (ALL[0], {"seen": 1 << 60}),
        (ALL[0], {"v": 0}),
        (ALL[0], {"items": [{"link": b""}] * (messages.MAX_BATCH + 1)}),
        (ALL[0], {"items": [{"statement": b""}]}),
        (ALL[1], {"head": KEY[:31]}),
        (ALL[1], {"at": -1}),
        (ALL[1], {"at": 1 << 52}),
        (ALL[1], {"admitted": [{"index": -1, "entry": b"", "proof": []}]}),
        (ALL[1], {"admitted": [{"index": 0, "entry": b"", "proof": [b"short"]}]}),
        (ALL[1], {"runs": [{"first": 0, "count": 0, "at": 0}]}),
        (ALL[1], {"runs": [{"first": 0, "count": messages.MAX_BATCH + 1, "at": 0}]}),
        (ALL[1], {"beside": [b"short"]}),
        (ALL[2], {"cursor": 1 << 63}),
        (ALL[3], {"size": -1}),
        (ALL[3], {"size": 1 << 63}),
        (ALL[3], {"sha256": "00" * 32}),
        (WANTED, {"public_key": bytes(33)}),
        (WANTED, {"journal": bytes(15)}),
        (WANTED, {"nonce": bytes(17)}),
    ],
    ids=lambda value: ",".join(value) if isinstance(value, dict) else type(value).__name__,
)
def test_a_value_out_of_bounds_is_refused(message: Message, changed: dict[str, object]) -> None:
    with pytest.raises(Malformed):
        messages.decode(again(message, **changed), type(message))


def test_a_message_too_long_is_refused_before_it_is_read() -> None:
    with pytest.raises(TooLarge):
        messages.decode(b"\xc1" * (messages.MAX_MESSAGE + 1), Push)


@given(st.binary(max_size=200), st.sampled_from(ALL))
def test_arbitrary_bytes_are_refused_by_name(data: bytes, message: Message) -> None:
    with pytest.raises(Malformed):
        messages.decode(data, type(message))


@given(st.sampled_from(ALL), st.data())
def test_damaged_messages_are_read_or_refused_by_name(
    message: Message, data: st.DataObject
) -> None:
    body = bytearray(messages.encode(message))
    for _ in range(data.draw(st.integers(1, 4))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    try:
        read = messages.decode(bytes(body), type(message))
    except Malformed:
        return
    assert messages.decode(messages.encode(read), type(message)) == read


def test_deep_nesting_is_refused_by_name() -> None:
    with pytest.raises(Malformed):
        messages.decode(b"\x81\xa1x" + b"\x91" * 100_000 + b"\xc0", Push)


# ── one-time codes ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("message", [WANTED, ADMITTED], ids=["wanted", "admitted"])
def test_a_sealed_message_holds_for_its_code_and_purpose_alone(
    message: DeviceWanted | DeviceAdmitted,
) -> None:
    sealed = messages.seal_with_code(message, CODE, "device")
    messages.check_code(sealed, CODE, "device")
    messages.check_code(sealed, "7qf4 xk2m 9trc wh3d", "device")
    for code, purpose in ((CODE[:-1] + "E", "device"), (CODE, "device answer")):
        with pytest.raises(BadSignature):
            messages.check_code(sealed, code, purpose)
    with pytest.raises(BadSignature):
        messages.check_code(message, CODE, "device")


@pytest.mark.parametrize("field", sorted(set(DeviceWanted.__struct_fields__) - {"tag"}))
def test_every_field_of_a_sealed_message_is_under_the_seal(field: str) -> None:
    sealed = messages.seal_with_code(WANTED, CODE, "device")
    value = getattr(sealed, field)
    changed = value + "x" if isinstance(value, str) else bytes([value[0] ^ 1]) + value[1:]
    with pytest.raises(BadSignature):
        messages.check_code(msgspec.structs.replace(sealed, **{field: changed}), CODE, "device")


def test_no_two_possessions_are_the_same_bytes() -> None:
    """Whatever the parts hold, also line breaks, and whatever the purpose."""
    made = [
        messages.possession("device", b"ab", b"c"),
        messages.possession("device", b"a", b"bc"),
        messages.possession("device", b"ab\n", b"c"),
        messages.possession("device", b"abc"),
        messages.possession("officer", b"ab", b"c"),
    ]
    assert len(set(made)) == len(made)

"""What is said of many is what is said of each, be it good, of later or bad."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from protocol import envelope, statements
from protocol.envelope import Envelope, Signature
from protocol.errors import BadSignature, FujieError, UnknownSigner
from protocol.keys import Ed25519Signer, Verifier
from tests.protocol.vectors import load

STATEMENTS, ENVELOPES = load("statements"), load("envelope")
KEYS = load("keys")["good"]["keys"]
SHEN, LU = (Ed25519Signer(bytes.fromhex(KEYS[name]["seed"])) for name in ("shen", "lu"))
KNOWN = {one.verifier.key_id: one.verifier for one in (SHEN, LU)}

GOOD = STATEMENTS["good"]
CLOSED = GOOD["closed"].encode()
BODIES: dict[str, bytes] = {
    **{name: body.encode() for name, body in (GOOD["kinds"] | GOOD["readable"]).items()},
    **{
        name: bad["body"].encode("utf-8", "surrogatepass")
        for name, bad in STATEMENTS["bad"].items()
    },
    "of later": CLOSED.replace(b'"kind":"', b'"kind":"later_'),
    "too long": CLOSED[:-1] + b" " * statements.MAX_STATEMENT + b"}",
    "too deep": b"[" * 100_000,
    "no text": b"\xff",
}
WIRES: dict[str, bytes] = {
    **{
        name: bytes.fromhex(value["msgpack"])
        for name, value in ENVELOPES["good"].items()
        if isinstance(value, dict) and "msgpack" in value
    },
    **{name: bytes.fromhex(bad["msgpack"]) for name, bad in ENVELOPES["bad"]["msgpack"].items()},
    "one byte more": bytes.fromhex(ENVELOPES["good"]["one"]["msgpack"]) + b"\0",
    "too long": b"\0" * (envelope.MAX_ENVELOPE + 1),
    "nothing": b"",
}


def outcome(call: Callable[[], Any]) -> Any:
    """What comes of it, or which error."""
    try:
        return call()
    except FujieError as fault:
        return type(fault), str(fault)


@pytest.mark.parametrize("name", BODIES)
def test_bodies_are_read_as_each_is_read(name: str) -> None:
    """By itself, behind a good one and before one."""
    for bodies in ([BODIES[name]], [CLOSED, BODIES[name]], [BODIES[name], CLOSED]):
        alone = outcome(lambda bodies=bodies: [statements.decode(one) for one in bodies])
        assert outcome(lambda bodies=bodies: statements.decode_all(bodies)) == alone


def test_all_kinds_are_read_at_once() -> None:
    bodies = [body.encode() for body in GOOD["kinds"].values()]
    assert statements.decode_all(bodies) == [statements.decode(one) for one in bodies]
    assert statements.decode_all([]) == []
    assert json.loads(bodies[0])["kind"] == statements.kind_of(statements.decode_all(bodies)[0])


@pytest.mark.parametrize("name", WIRES)
def test_envelopes_are_opened_as_each_is_opened(name: str) -> None:
    """With the bytes that each was signed over, and its record's id."""
    good = WIRES["two"]

    def each(wires: list[bytes]) -> Any:
        read = [envelope.decode(one) for one in wires]
        signed = [envelope.pae(one.payload_type, one.body) for one in read]
        return envelope.Opened(read, signed, [envelope.record_hash(one) for one in read])

    for wires in ([WIRES[name]], [good, WIRES[name]], [WIRES[name], good]):
        alone = outcome(lambda wires=wires: each(wires))
        assert outcome(lambda wires=wires: envelope.open_all(wires)) == alone


BODY = b'{"kind":"x"}'
ONE, BOTH = (envelope.sign("t", BODY, signers) for signers in ([SHEN], [SHEN, LU]))
STRANGE = envelope.sign("t", BODY, [SHEN, Ed25519Signer(bytes(32))])


def forged(made: Envelope, which: int) -> Envelope:
    """One of its signatures is none."""
    signatures = [*made.signatures]
    signatures[which] = Signature(signatures[which].key_id, bytes(64))
    return Envelope(made.payload_type, made.body, tuple(signatures))


@pytest.mark.parametrize(
    ("made", "known", "fault"),
    [
        (ONE, KNOWN, None),
        (BOTH, KNOWN, None),
        (forged(ONE, 0), KNOWN, BadSignature),
        (forged(BOTH, 0), KNOWN, BadSignature),
        (forged(BOTH, 1), KNOWN, BadSignature),
        (Envelope("t", BODY, ()), KNOWN, BadSignature),
        (STRANGE, KNOWN, UnknownSigner),
        (ONE, {SHEN.verifier.key_id: LU.verifier}, BadSignature),
        (ONE, {}, UnknownSigner),
    ],
)
def test_all_hold_if_each_does(
    made: Envelope, known: dict[bytes, Verifier], fault: type[FujieError] | None
) -> None:
    """Alone, and beside one that does."""
    with pytest.raises(fault) if fault else pytest.MonkeyPatch.context():
        envelope.check(made, known.get)
    for many in ([made], [BOTH, made], [made, BOTH]):
        opened = envelope.open_all([envelope.encode(one) for one in many])
        there = {**KNOWN, **known} if known else known
        assert envelope.all_hold(opened, there.get) == (fault is None)
    assert envelope.all_hold(envelope.open_all([]), known.get)

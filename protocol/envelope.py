"""DSSE envelopes: a typed body and the signatures over it (DSSE 1.0.2).

    PAE = "DSSEv1" SP len(type) SP type SP len(body) SP body        lengths in bytes, ASCII

>>> pae("http://example.com/HelloWorld", b"hello world")
b'DSSEv1 29 http://example.com/HelloWorld 11 hello world'

Two forms carry the same fields and a signature holds in either: msgpack on the wire and in
stores, JSON in case files. The body is never encoded again; what was verified is what is
parsed. The signature list is not itself signed, so the record hash covers it, in the order of
key ids. No byte of either form can change and leave the record hash as it was, but that the
list may stand in another order, and that JSON may have other white space and order of names.

Signatures of several suites (``keys.py``) stand beside one another in one list. One that this
installation cannot check is *unchecked*: it counts for nobody and refuses nothing.
"""

import base64
from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from typing import NamedTuple

import msgspec

from protocol.errors import BadSignature, Malformed, TooLarge, Uncheckable, UnknownSigner
from protocol.keys import Signer, Verifier

STATEMENT_TYPE = "application/vnd.fujie.statement+json"

MAX_BODY = 1 << 20
MAX_ENVELOPE = MAX_BODY + (1 << 15)
MAX_SIGNATURES = 16
MAX_TYPE = 255
MAX_JSON = MAX_ENVELOPE * 3 // 2

Lookup = Callable[[bytes], Verifier | None]


class Signature(msgspec.Struct, frozen=True, array_like=True, order=True):
    """One signature: the 32-byte id of the key that made it, and its bytes. They stand in the order
    of both."""

    key_id: bytes
    signature: bytes


class Envelope(msgspec.Struct, frozen=True, array_like=True):
    """A body, its type, and the signatures over both."""

    payload_type: str
    body: bytes
    signatures: tuple[Signature, ...]


class _JsonSignature(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    keyid: str
    sig: str


class _JsonEnvelope(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    payload: str
    payload_type: str
    signatures: list[_JsonSignature]


_encode_msgpack = msgspec.msgpack.Encoder().encode
_decode_msgpack = msgspec.msgpack.Decoder(Envelope).decode
_decode_json = msgspec.json.Decoder(_JsonEnvelope).decode


def pae(payload_type: str, body: bytes) -> bytes:
    """The bytes that a DSSE signature is made over."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(body), body)


def sign(payload_type: str, body: bytes, signers: Iterable[Signer]) -> Envelope:
    """Sign ``body`` with every signer in one step, ordered by key id. Raises Malformed if
    nobody signs or one key is given twice; the body's bound is its kind's (``decode``)."""
    message = pae(payload_type, body)
    made = [Signature(s.verifier.key_id, s.sign(message)) for s in signers]
    if not made:
        raise Malformed("expected at least one signer, got none; unlock a key")
    envelope = Envelope(payload_type, body, tuple(sorted(made, key=lambda s: s.key_id)))
    _check_signatures(envelope.signatures)
    return envelope


def encode(envelope: Envelope) -> bytes:
    """The msgpack form."""
    return _encode_msgpack(envelope)


def decode(data: bytes, max_body: int = MAX_BODY) -> Envelope:
    """Read the msgpack form. Raises Malformed or TooLarge; checks no signature.

    Only the bytes that ``encode`` would write are taken, so that one envelope is one string.
    ``max_body`` is larger for reference data, which are no statement.
    """
    bound = max_body + MAX_ENVELOPE - MAX_BODY
    if len(data) > bound:
        raise TooLarge(
            "expected an envelope of at most {bound} bytes, got {size}; send its parts as blobs",
            bound=bound,
            size=len(data),
        )
    try:
        envelope = _decode_msgpack(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
        raise Malformed("expected a DSSE envelope in msgpack: {fault}", fault=str(fault)) from None
    if _encode_msgpack(envelope) != data:
        raise Malformed(
            "expected an envelope in the shortest msgpack form and nothing else in it; encode "
            "it again"
        )
    _check_shape(envelope, max_body)
    return envelope


class Opened(NamedTuple):
    """Envelopes, the bytes that the signatures of each are over, and the ids of their records.
    ``open_all`` makes it and nobody else, so that the three belong together."""

    envelopes: Sequence[Envelope]
    messages: Sequence[bytes]
    records: Sequence[bytes]


def open_all(many: Sequence[bytes]) -> Opened:
    """What ``decode``, ``pae`` and ``record_hash`` say of each, sooner. Raises what ``decode``
    raises."""
    try:
        envelopes = list(map(_decode_msgpack, many))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        envelopes = []
    if list(map(_encode_msgpack, envelopes)) == [*many]:
        for one in envelopes:
            _check_shape(one)
    else:
        envelopes = [decode(one) for one in many]
    messages = [pae(one.payload_type, one.body) for one in envelopes]
    lists = [one.signatures for one in envelopes]
    return Opened(envelopes, messages, list(map(_record_hash, messages, lists)))


def encode_json(envelope: Envelope) -> bytes:
    """The standard's JSON form, one canonical line: this order of keys, no spaces."""
    return msgspec.json.encode(
        _JsonEnvelope(
            payload=base64.b64encode(envelope.body).decode(),
            payload_type=envelope.payload_type,
            signatures=[
                _JsonSignature(keyid=s.key_id.hex(), sig=base64.b64encode(s.signature).decode())
                for s in envelope.signatures
            ],
        )
    )


def decode_json(data: bytes) -> Envelope:
    """Read the JSON form. Raises Malformed or TooLarge; checks no signature.

    White space and the order of names are free, as programs of others write them; base64 and
    hex have one spelling each.
    """
    if len(data) > MAX_JSON:
        raise TooLarge(
            "expected an envelope of at most {bound} bytes, got {size}; send its parts as blobs",
            bound=MAX_JSON,
            size=len(data),
        )
    try:
        read = _decode_json(data)
        envelope = Envelope(
            read.payload_type,
            _read_base64(read.payload),
            tuple(Signature(_read_hex(s.keyid), _read_base64(s.sig)) for s in read.signatures),
        )
    except (msgspec.MsgspecError, ValueError, RecursionError) as fault:
        raise Malformed("expected a DSSE envelope in JSON: {fault}", fault=str(fault)) from None
    _check_shape(envelope)
    return envelope


def record_hash(envelope: Envelope) -> bytes:
    """The 32-byte id of a record: its body, its type and exactly these signatures.

    SHA-256("fujie/record/v1\\n" ‖ SHA-256(PAE) ‖ for each signature by ascending key id:
    key id ‖ u16 length ‖ signature). The same from either form.
    """
    return _record_hash(pae(envelope.payload_type, envelope.body), envelope.signatures)


def _record_hash(message: bytes, signatures: Sequence[Signature]) -> bytes:
    parts = [b"fujie/record/v1\n", sha256(message).digest()]
    for made in sorted(signatures) if len(signatures) > 1 else signatures:
        parts += (made.key_id, len(made.signature).to_bytes(2, "big"), made.signature)
    return sha256(b"".join(parts)).digest()


class Signed(NamedTuple):
    """The keys that signed, each once, by ascending key id. Those under ``verified`` did;
    ``unchecked`` ones are certified keys whose suite this installation lacks, and prove nothing."""

    verified: Sequence[Verifier]
    unchecked: Sequence[Verifier] = ()


def verify(envelope: Envelope, lookup: Lookup) -> Sequence[Verifier]:
    """The keys that signed, at least one. Raises what ``check`` raises, and Uncheckable if no
    signature could be checked here."""
    signed = check(envelope, lookup)
    if not signed.verified:
        raise Uncheckable(
            "expected a signature that can be checked here, got {algorithms} alone; install "
            "fujie[sm]",
            algorithms=", ".join(sorted({key.algorithm for key in signed.unchecked})),
        )
    return signed.verified


def check(envelope: Envelope, lookup: Lookup) -> Signed:
    """Check every signature that can be checked here, and say which could not.

    ``lookup`` answers a key id with the key that a certificate or roster vouches for. People
    are counted by public key, never by key id: one key listed twice counts once. Raises
    UnknownSigner or BadSignature at the first signature that does not hold.
    """
    if not envelope.signatures:
        raise BadSignature("expected at least one signature, got none; sign the statement")
    # Put together here, whoever has it at hand: over other bytes a signature says nothing of these.
    message = pae(envelope.payload_type, envelope.body)
    verified: dict[bytes, Verifier] = {}
    unchecked: dict[bytes, Verifier] = {}
    for made in envelope.signatures:
        verifier = lookup(made.key_id)
        if verifier is None:
            raise UnknownSigner(
                "no certificate at hand explains key {key}; update the roster",
                key=made.key_id.hex(),
            )
        counted = verified
        try:
            holds = verifier.verify(message, made.signature)
        except Uncheckable:
            counted, holds = unchecked, True
        if not holds:
            raise BadSignature(
                "expected a signature by key {key} over these bytes; the record was altered "
                "or signed by another key",
                key=made.key_id.hex(),
            )
        if verifier.key_id != made.key_id:
            raise UnknownSigner(
                "expected the id of the key that signed, got {key}; a name for a key is not a key",
                key=made.key_id.hex(),
            )
        counted[verifier.public_key] = verifier
    return Signed(_ascending(verified), _ascending(unchecked) if unchecked else ())


def all_hold(opened: Opened, lookup: Lookup) -> bool:
    """Whether every signature under every one of these is by a key at hand, can be checked here,
    and holds: whether ``check`` would let each pass with nothing unchecked."""
    signed = zip(opened.envelopes, opened.messages, strict=True)
    made = [(message, one) for envelope, message in signed for one in envelope.signatures]
    # Asked for before the first is verified, so that somebody unknown costs nothing.
    keys = [key for _, one in made if (key := lookup(one.key_id)) is not None]
    if len(keys) < len(made) or not all(one.signatures for one in opened.envelopes):
        return False
    try:
        return all(
            key.key_id == one.key_id and key.verify(message, one.signature)
            for key, (message, one) in zip(keys, made, strict=True)
        )
    except Uncheckable:
        return False


def _ascending(keys: dict[bytes, Verifier]) -> Sequence[Verifier]:
    return tuple(sorted(keys.values(), key=lambda v: v.key_id) if len(keys) > 1 else keys.values())


def _check_shape(envelope: Envelope, max_body: int = MAX_BODY) -> None:
    if len(envelope.body) > max_body:
        raise TooLarge(
            "expected a body of at most {bound} bytes, got {size}; send its parts as blobs",
            bound=max_body,
            size=len(envelope.body),
        )
    if not 0 < len(envelope.payload_type.encode()) <= MAX_TYPE:
        raise Malformed("expected a payload type of 1 to {bound} bytes", bound=MAX_TYPE)
    _check_signatures(envelope.signatures)


def _check_signatures(signatures: Sequence[Signature]) -> None:
    if len(signatures) > MAX_SIGNATURES:
        raise TooLarge(
            "expected at most {bound} signatures, got {size}",
            bound=MAX_SIGNATURES,
            size=len(signatures),
        )
    for made in signatures:
        if len(made.key_id) != 32 or not 0 < len(made.signature) <= 512:
            raise Malformed("expected key ids of 32 bytes and signatures of 1 to 512 bytes")
    # A copy of a signature would give the same statement another record hash.
    if len(signatures) > 1 and len({s.key_id for s in signatures}) != len(signatures):
        raise Malformed("expected each key to sign once, got one twice; leave the copy out")


def _read_base64(text: str) -> bytes:
    data = base64.b64decode(text, validate=True)
    # Unused bits in the last character would let one value have several texts.
    if base64.b64encode(data).decode() != text:
        raise ValueError("base64 with unused bits")
    return data


def _read_hex(text: str) -> bytes:
    data = bytes.fromhex(text)
    if data.hex() != text:
        raise ValueError("hex that is not in lower case")
    return data

"""What tablet and server say to each other over HTTP. All bodies are msgpack maps.

    tablet                                    server
    POST /v1/push    Push             ──►     PushAnswer     receipts, or one signed refusal
    GET  /v1/pull?cursor=N            ──►     PullAnswer     the office's records for this device
    GET  /v1/reference?have=V         ──►     a signed reference bundle, or 304
    POST /v1/uploads UploadWanted     ──►     UploadGranted  then tus 1.0.0 with the token
    POST /v1/enrol/device             ──►     DeviceAdmitted
    POST /v1/enrol/officer            ──►     OfficerAdmitted
    POST /v1/rekey   RekeyWanted      ──►     Rekeyed        the device's new key, certified

Each request is signed by the device (``requests.py``) except the first enrolment, which is
authenticated both ways by its one-time code. Every answer carries the server's time. Fields
are only ever added, with a default; what is not known is ignored. The two messages sealed with
the code are the exception: their tag is over every field, so a new field needs a new message.
"""

import hashlib
import hmac
from typing import Annotated, TypeVar

import msgspec

from protocol.errors import BadSignature, Malformed, TooLarge
from protocol.keys import ED25519
from protocol.parts import Count, Millis, Version

MAX_BATCH = 500
MAX_MESSAGE = 8 << 20
REFUSAL_TYPE = "application/vnd.fujie.refusal+json"

M = TypeVar("M", bound="Message")
T = TypeVar("T", "DeviceWanted", "DeviceAdmitted")
Bytes32 = Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all messages."""


# ── push ─────────────────────────────────────────────────────────────────────────────────


class PushItem(Message, frozen=True, kw_only=True):
    """One link and, unless it is held back, its statement's envelope (msgpack form)."""

    link: bytes
    statement: bytes | None = None


class Push(Message, frozen=True, kw_only=True):
    """The next links of one journal, contiguous. ``inventory`` is the device's signed
    statement of what it holds, ``seen`` the size of the last checkpoint it verified; it reads
    answers in ``runs``."""

    inventory: bytes
    items: Annotated[list[PushItem], msgspec.Meta(max_length=MAX_BATCH)]
    seen: Count = 0
    runs: bool = False
    v: Version = 1


class Admitted(Message, frozen=True, kw_only=True):
    """The place of one link in the log: with the answer's checkpoint this is a receipt."""

    index: Count
    entry: bytes
    proof: list[Bytes32]


class Run(Message, frozen=True, kw_only=True):
    """The places of ``count`` links in the log: ``first``, ``first`` + 1, … Their entries were
    received at the time ``at``; ``flags`` are the reasons of those that are flagged, by their
    place in the run from 0. The hashes in an entry are those of the link that was pushed."""

    first: Count
    count: Annotated[int, msgspec.Meta(ge=1, le=MAX_BATCH)]
    at: Millis
    flags: dict[int, bytes] = {}


class PushAnswer(Message, frozen=True, kw_only=True):
    """``admitted`` answers the pushed links in order, up to where a refusal stopped them; or,
    where that was asked for, ``runs`` do, and ``beside`` are the hashes that prove them all
    together (``paths.py``). ``length`` and ``head`` are the server's view of the journal
    afterwards. ``consistency`` leads from the checkpoint that the device had seen to
    ``checkpoint``."""

    at: Millis
    length: Count
    head: Bytes32
    admitted: list[Admitted]
    checkpoint: bytes
    consistency: list[Bytes32] = []
    refusal: bytes | None = None
    runs: Annotated[list[Run], msgspec.Meta(max_length=MAX_BATCH)] = []
    beside: list[Bytes32] = []
    v: Version = 1


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """Body of the envelope that the server signs when it does not admit a push (JSON).

    ``reason``: gap, fork, rewrite, closed, unknown_device, revoked_device, foreign_journal or
    malformed. A gap names the ``length`` and ``head`` to go on from; a fork or rewrite the
    ``held`` link (hex) that the refused one contradicts, which is the proof.
    """

    reason: str
    journal: str
    length: Count
    head: str
    at: Millis
    explanation: str
    held: str = ""


# ── pull ─────────────────────────────────────────────────────────────────────────────────


class OfficeRecord(Message, frozen=True, kw_only=True):
    """A record of the office's journal with its receipt (tlog-proof text)."""

    link: bytes
    statement: bytes
    receipt: bytes


class Found(Message, frozen=True, kw_only=True):
    """A finding of the office on this device's records (``protocol/findings``), in the office's
    words: what it is and what to do; since when (ms), where that is known."""

    code: str
    severity: str
    zh: str
    en: str
    since: int | None = None


class PullAnswer(Message, frozen=True, kw_only=True):
    """The office's records for this device after the cursor, and the cursor for next time. Where
    they were asked for (``findings=1``), the last page has all ``findings`` that stand now."""

    at: Millis
    cursor: Count
    records: list[OfficeRecord]
    more: bool = False
    findings: list[Found] | None = None
    v: Version = 1


# ── blobs ────────────────────────────────────────────────────────────────────────────────


class UploadWanted(Message, frozen=True, kw_only=True):
    """The device wants to upload the blob that a record names."""

    sha256: Bytes32
    size: Count


class UploadGranted(Message, frozen=True, kw_only=True):
    """Where to PATCH (a path), with which bearer token, until when; ``offset`` bytes are there
    already. ``complete`` says that the whole blob is held and verified: nothing to send.
    ``stored`` is the office's *blob stored* where another device named the blob first: no pull
    brings it to this one."""

    at: Millis
    path: str
    token: str
    expires_at: Millis
    offset: Count
    complete: bool = False
    stored: OfficeRecord | None = None


# ── enrolment ────────────────────────────────────────────────────────────────────────────


class DeviceWanted(Message, frozen=True, kw_only=True):
    """A tablet asks to be enrolled. The code itself is not sent: ``tag`` proves it. ``proof``
    is the new key's signature over ``possession("device", nonce, journal)``."""

    name: str
    public_key: Bytes32
    journal: Annotated[bytes, msgspec.Meta(min_length=16, max_length=16)]
    nonce: Annotated[bytes, msgspec.Meta(min_length=16, max_length=16)]
    proof: bytes
    tag: Bytes32 = bytes(32)


class DeviceAdmitted(Message, frozen=True, kw_only=True):
    """All that a tablet has to trust, authenticated by the code with ``tag``."""

    at: Millis
    agency: str
    root_key: Bytes32
    issuer: bytes
    certificate: bytes
    recovery_key: Bytes32
    log_key: str
    origin: str
    address: str
    reference: bytes
    grants: list[OfficeRecord]
    tag: Bytes32 = bytes(32)


class OfficerWanted(Message, frozen=True, kw_only=True):
    """An officer's key was made on this tablet. ``proof`` is its signature over
    ``possession("officer", device's key id, certificate number)``, ``code_tag`` is
    ``code_tag(code, "officer", certificate number ‖ public key)`` with the officer's own code.
    ``algorithm`` is the key's suite (``keys.py``); one other than Ed25519 stands beside the
    officer's Ed25519 key on that tablet, and takes a code of its own."""

    cert_no: str
    public_key: Annotated[bytes, msgspec.Meta(min_length=32, max_length=65)]
    proof: bytes
    code_tag: Bytes32
    algorithm: str = ED25519


class OfficerAdmitted(Message, frozen=True, kw_only=True):
    """The officer's credential for that key on that device."""

    at: Millis
    credential: bytes


class RekeyWanted(Message, frozen=True, kw_only=True):
    """A device made itself a new key. The request is signed by the key that it has; ``proof`` is
    the new key's signature over ``possession("rekey", old key id, new key id)``."""

    public_key: Bytes32
    proof: bytes


class Rekeyed(Message, frozen=True, kw_only=True):
    """The certificate of the device's new key, which counts from now on. The same for the same
    key, however often it is asked for."""

    at: Millis
    certificate: bytes


class RecoveryKept(Message, frozen=True, kw_only=True):
    """The vault's key, sealed to the agency's recovery key (a libsodium sealed box)."""

    sealed: bytes


def encode(message: Message) -> bytes:
    """The msgpack bytes of a message."""
    return msgspec.msgpack.encode(message)


def decode(data: bytes, kind: type[M]) -> M:
    """Read a message of ``kind``. Raises TooLarge or Malformed."""
    if len(data) > MAX_MESSAGE:
        raise TooLarge(
            "expected a message of at most {bound} bytes, got {size}; send less at once",
            bound=MAX_MESSAGE,
            size=len(data),
        )
    try:
        return msgspec.msgpack.decode(data, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
        raise Malformed(
            "expected a message {kind}: {fault}", kind=kind.__name__, fault=str(fault)
        ) from None


def possession(purpose: str, *parts: bytes) -> bytes:
    """What a key signs to prove, before it is certified, that its private half is there.

    ``device``: nonce, journal id. ``officer``: the device's key id, the certificate number.
    ``rekey``: the device's key id so far, and the new one.
    """
    return (
        b"fujie/enrol/v1\n" + purpose.encode() + b"\n" + b"\n".join(p.hex().encode() for p in parts)
    )


# ── one-time codes ───────────────────────────────────────────────────────────────────────


def code_tag(code: str, purpose: str, data: bytes) -> bytes:
    """32 bytes that only a holder of the one-time ``code`` can make for ``data``.

    HMAC-SHA256 keyed by SHA-256("fujie/code/v1\\n" ‖ the code without dashes, upper case).
    Codes carry 80 bits, live for hours and work once, so guessing them offline is no way in.
    """
    plain = code.replace("-", "").replace(" ", "").upper()
    key = hashlib.sha256(b"fujie/code/v1\n" + plain.encode()).digest()
    return hmac.digest(key, purpose.encode() + b"\n" + data, "sha256")


def seal_with_code(message: T, code: str, purpose: str) -> T:
    """The message with its ``tag`` made from the code over all other fields."""
    blank = msgspec.structs.replace(message, tag=bytes(32))
    return msgspec.structs.replace(blank, tag=code_tag(code, purpose, encode(blank)))


def check_code(message: T, code: str, purpose: str) -> None:
    """Raises BadSignature unless the message was sealed with this code."""
    if not hmac.compare_digest(message.tag, seal_with_code(message, code, purpose).tag):
        raise BadSignature(
            "expected a message sealed with the one-time code; type the code again, or ask "
            "the office for a new one"
        )

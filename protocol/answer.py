"""The office's answer on a stick: what it would have told the tablet over a network, in a file.

A tablet's export (``export.py``) brings a question, signed by the device: to which key the answer
is to be sealed, and how far the tablet has come. The answer is sealed like an export, with a first
line of its own, ``fujie/answer/v1``; its parts are

    1 manifest      once, the first: an envelope that the office's device signed, ``Answered``
    6 piece         of a file, at most 1 MiB; pieces follow one another up to their 11
    11 file         its name; SHA-256 of its pieces is what the manifest says
    8 end           once, the last

and its files are what the same addresses answer online, so that a tablet verifies them by the
code that it verifies everything by. The office's signature says for whom and to which question;
each file proves itself, as over a network.

    question                     the device's question, as it came
    push/<journal>/<first>       ``PushAnswer`` to the links of the export from ``first`` on
    pull/<n>                     ``PullAnswer``, n = 0, 1, … from the tablet's cursor on
    log/checkpoint               the head that all of it is as of
    log/hashes                   for proofs between any two sizes (``Hashes``)
    log/succession               as ``/log/succession``, where the log follows others
    tuf/<name>                   the agency's reference data, as ``/tuf/<agency>/<name>``
    tuf/portraits/<sha256>       officers' photos that the tablet lacks, where it asks for them

>>> file_bound("pull/0") > 0, file_bound("../pull/0")
(True, 0)
"""

import hashlib
import re
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Annotated, NamedTuple, TypeVar

import msgspec

from protocol import envelope, merkle
from protocol.errors import (
    Altered,
    BadConsistency,
    BadSignature,
    Malformed,
    NotForUs,
    TooLarge,
    Truncated,
)
from protocol.export import PIECE, Kind, Part, Read, unseal
from protocol.keys import Signer, Verifier
from protocol.messages import MAX_MESSAGE
from protocol.parts import Count, Millis, Short
from protocol.sealing import seal

MAGIC = b"fujie/answer/v1\n"
ASKED_TYPE = "application/vnd.fujie.asked+json"
ANSWERED_TYPE = "application/vnd.fujie.answered+json"
QUESTION, HASHES = "question", "log/hashes"
CHECKPOINT, SUCCESSION = "log/checkpoint", "log/succession"
MOST_LEAVES = 1 << 16
"""How many leaves the hashes of an answer bring at most; a county's log of months."""

MOST_FILES = 4096
MOST_BYTES = 1 << 29
"""How much an answer may hold in all: whoever reads the question on a stick can seal one, and its
signature is judged by keys that may come with it."""

_NAMES = (
    (re.compile(r"question"), envelope.MAX_ENVELOPE),
    (re.compile(r"(push/[0-9a-f]{32}/[0-9]{1,18}|pull/[0-9]{1,6})"), MAX_MESSAGE),
    (re.compile(r"log/(hashes|succession|checkpoint)"), 8 << 20),
    (re.compile(r"tuf/((targets|portraits)/)?[0-9A-Za-z][0-9A-Za-z._-]{0,120}"), 12 << 20),
)
_HEX64 = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
_SIZES = struct.Struct(">QQ")

T = TypeVar("T", "Asked", "Answered")


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What a device asks for with its export: an answer sealed to ``key`` (X25519, hex), the
    office's records behind ``cursor``, and proof that the log goes on from the ``seen`` entries of
    ``origin`` that it has verified. ``photos`` are those that it holds (the first 16 digits of the
    SHA-256), so that the others come along; unset, it is a program that knows of no such files.
    ``runs``: it reads receipts in runs."""

    agency: Short
    device: Short
    at: Millis
    key: _HEX64
    origin: str
    seen: Count = 0
    cursor: Count = 0
    photos: list[Short] | msgspec.UnsetType = msgspec.UNSET
    runs: bool | msgspec.UnsetType = msgspec.UNSET
    v: int = 1


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """What an answer holds: the SHA-256 of each file by its name. ``size`` is that of the log's
    head in it; ``asked`` the SHA-256 of the question's envelope."""

    agency: Short
    device: Short
    at: Millis
    asked: _HEX64
    size: Count
    files: dict[str, _HEX64]
    v: int = 1


def sign_asked(asked: Asked, device: Signer) -> bytes:
    """The question as an envelope."""
    return _signed(ASKED_TYPE, asked, device)


def open_asked(data: bytes, keys: Mapping[bytes, Verifier]) -> Asked:
    """Verify a question by the device's keys. Raises Malformed, UnknownSigner, BadSignature."""
    return _opened(data, ASKED_TYPE, Asked, keys)


def open_answered(data: bytes, keys: Mapping[bytes, Verifier]) -> Answered:
    """Verify an answer's manifest by the office's keys. Raises as ``open_asked``."""
    return _opened(data, ANSWERED_TYPE, Answered, keys)


# ── the file ─────────────────────────────────────────────────────────────────────────────


def seal_answer(
    answered: Answered, files: Mapping[str, bytes], office: Signer, recipient: bytes, chance: bytes
) -> Iterator[bytes]:
    """The bytes of an answer with ``files`` for the tablet's key; the manifest's own ``files`` are
    made from them. ``chance`` as for ``sealing.seal``."""
    named = {name: hashlib.sha256(body).hexdigest() for name, body in files.items()}
    told = _signed(ANSWERED_TYPE, msgspec.structs.replace(answered, files=named), office)
    return seal(_parts(told, files), recipient, chance, MAGIC)


def _parts(told: bytes, files: Mapping[str, bytes]) -> Iterator[Part]:
    yield Part(Kind.MANIFEST, told)
    for name, body in files.items():
        for at in range(0, len(body), PIECE):
            yield Part(Kind.PIECE, body[at : at + PIECE])
        yield Part(Kind.FILE, name.encode())


def unseal_answer(read: Read, private_key: bytes) -> Iterator[Part]:
    """The parts of an answer, each authenticated before it is handed out.

    Raises Malformed for what is no answer, NotForUs for another tablet's, Altered for a damaged
    one, Truncated for one that was cut.
    """
    try:
        yield from unseal(read, private_key, MAGIC)
    except NotForUs:
        raise NotForUs(
            "This answer is sealed to another tablet, or to this one before it was set up anew. "
            "Nothing was changed; take the answer that was made for this tablet."
        ) from None
    except Truncated:
        raise Truncated(
            "This answer lacks its end: it was cut while it was written or copied. Nothing was "
            "changed; copy it to the stick once more."
        ) from None
    except (Altered, TooLarge):
        raise damaged() from None
    except Malformed:
        raise Malformed(
            "This file is no answer of an office. Nothing was changed; choose the answer that the "
            "office wrote for this tablet."
        ) from None


def take_files(parts: Iterable[Part], put: Callable[[str, bytes], None]) -> bytes:
    """Hand every file of an answer to ``put``, in their order; returns the manifest's envelope,
    which is still to be verified, and then compared by ``check_files``. Raises Altered."""
    told, body, bound = b"", bytearray(), max(bound for _, bound in _NAMES)
    names: set[str] = set()
    whole_size = 0
    for part in parts:
        if part.kind == Kind.MANIFEST:
            told = part.body
        elif part.kind == Kind.PIECE:
            body += part.body
            whole_size += len(part.body)
            if len(body) > bound or whole_size > MOST_BYTES:
                raise damaged()
        elif part.kind == Kind.FILE:
            name = part.body.decode("ascii", "replace")
            names.add(name)
            whole = len(body) <= file_bound(name) and len(names) <= MOST_FILES
            if not whole or not file_bound(name):  # an unknown name may lead anywhere
                raise damaged()
            put(name, bytes(body))
            body.clear()
    return told


def check_files(answered: Answered, digests: Mapping[str, bytes]) -> None:
    """Raises Altered unless exactly these files are what the office signed."""
    if {name: digest.hex() for name, digest in digests.items()} != answered.files:
        raise damaged()


def file_bound(name: str) -> int:
    """How many bytes a file of this name may have; 0 for a name that no answer has."""
    return next((bound for named, bound in _NAMES if named.fullmatch(name)), 0)


# ── proofs without a network ─────────────────────────────────────────────────────────────


class Hashes(NamedTuple):
    """The leaf hashes of a log from ``first`` up to ``size``, and the perfect subtrees before:
    from these follow the proofs between any two sizes in that span."""

    first: int
    frontier: tuple[bytes, ...]
    leaves: tuple[bytes, ...]

    @classmethod
    def of(cls, first: int, size: int, get: merkle.Get) -> "Hashes":
        """Read from a log's stored hashes."""
        frontier = merkle.Frontier.load(first, get).hashes
        return cls(first, frontier, tuple(get(0, index) for index in range(first, size)))

    @property
    def size(self) -> int:
        """How many leaves the log has."""
        return self.first + len(self.leaves)

    def encode(self) -> bytes:
        """u64 first ‖ u64 size ‖ the frontier's hashes, the largest first ‖ the leaves'."""
        return _SIZES.pack(self.first, self.size) + b"".join((*self.frontier, *self.leaves))

    @classmethod
    def decode(cls, data: bytes) -> "Hashes":
        """Raises Malformed."""
        if len(data) >= _SIZES.size:
            first, size = _SIZES.unpack_from(data)
            count = first.bit_count()
            whole = [data[at : at + 32] for at in range(_SIZES.size, len(data), 32)]
            exact = _SIZES.size + 32 * (count + size - first) == len(data)
            if first <= size <= merkle.MAX_SIZE and exact:
                return cls(first, tuple(whole[:count]), tuple(whole[count:]))
        raise Malformed("expected hashes of a log with their two sizes; ask for a new answer")

    def consistency(self, old: int, new: int) -> list[bytes]:
        """The proof that ``old`` leaves are a part of ``new``. Raises BadConsistency where these
        hashes do not reach."""
        if not self.first <= old <= new <= self.size:
            raise BadConsistency(
                "expected a proof between {first} and {size} entries on this stick, got {old} to "
                "{new}; export once more, and take in the answer to that",
                first=self.first,
                size=self.size,
                old=old,
                new=new,
            )
        known: dict[tuple[int, int], bytes] = {}
        at = 0
        for digest in self.frontier:
            level = (self.first - at).bit_length() - 1
            known[level, at >> level] = digest
            at += 1 << level

        def get(level: int, index: int) -> bytes:
            if (level, index) not in known:
                low = index << level
                known[level, index] = (
                    self.leaves[low - self.first]
                    if level == 0
                    else merkle.node_hash(get(level - 1, 2 * index), get(level - 1, 2 * index + 1))
                )
            return known[level, index]

        return merkle.consistency_proof(old, new, get) if old else []


# ── help ─────────────────────────────────────────────────────────────────────────────────


def _signed(kind: str, said: Asked | Answered, signer: Signer) -> bytes:
    return envelope.encode(envelope.sign(kind, msgspec.json.encode(said), [signer]))


def _opened(data: bytes, kind: str, shape: type[T], keys: Mapping[bytes, Verifier]) -> T:
    signed = envelope.decode(data)
    envelope.verify(signed, keys.get)
    if signed.payload_type != kind:
        raise BadSignature(
            "expected an envelope of {kind}, got {got}; export once more",
            kind=kind,
            got=signed.payload_type[:80],
        )
    try:
        return msgspec.json.decode(signed.body, type=shape)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
        raise Malformed("expected {kind}: {fault}", kind=kind, fault=str(fault)) from None


def damaged() -> Altered:
    """The error for an answer that is not as the office sealed it."""
    return Altered(
        "This answer was damaged or altered after the office sealed it. Nothing was changed; copy "
        "it to the stick once more, or ask the office for a new one."
    )

"""Exports: a device's journal in a file, sealed to its office, when no push can bring it there.

    0   "fujie/export/v1\\n"                 16 bytes
    16  sealed box                          80: libsodium's crypto_box_seal of the stream's key
    96  stream header                       24: secretstream, XChaCha20-Poly1305
    120 frame, frame, …                     u32 length ‖ ciphertext, of at most 65,536 bytes of
                                            plaintext plus 17; the last bears TAG_FINAL

The plaintext of all frames is a row of parts, ``kind u8 ‖ length u32 ‖ body``, integers big-endian:

    1 manifest      once, the first: JSON, what this is (``Manifest``)
    2 certificate   the device's (COSE)
    3 inventory     a signed ``device_inventory`` for each journal: its head commits to the links
    4 link          153 bytes, those of one journal in order
    5 statement     an envelope, or what is left of a damaged one
    6 piece         of a blob, at most 1 MiB; pieces follow one another up to their 7
    7 blob          its SHA-256; empty for one whose end cannot be read, whose pieces stay evidence
    8 end           once, the last: u64, how many parts are before it
    9 credential    of an officer's key on this device (COSE)
    10 asked        what the device asks the office for, signed (``answer.py``)

Only the office opens it, and nobody can tell from outside whose it is. It says by itself nothing:
whoever opens it checks certificate, inventories, links and statements like anything else
(``exported.py``). Both directions stream: memory is bounded by one part and one frame, and time is
linear in the file's length. A file that ends early is *truncated*, whatever its length.

    out = b"".join(seal([Part(Kind.MANIFEST, …), …], recipient=office_key, chance=urandom(88)))
    for part in unseal(file.read, private_key): …
"""

import hashlib
import struct
from collections.abc import Callable, Iterable, Iterator
from enum import IntEnum
from typing import NamedTuple

import msgspec
import nacl.bindings as sodium
from nacl.exceptions import CryptoError
from nacl.public import Box, PrivateKey, PublicKey, SealedBox

from protocol.chain import LINK_SIZE
from protocol.cose import MAX_SIGN1
from protocol.envelope import MAX_ENVELOPE
from protocol.errors import Altered, Malformed, NotForUs, TooLarge, Truncated
from protocol.parts import Millis, Short

MAGIC = b"fujie/export/v1\n"
MEDIA_TYPE = "application/vnd.fujie.export"
CHANCE = 88
"""Random bytes that a new export needs: a key pair's, the stream's key, its header."""
FRAME = 1 << 16
PIECE = 1 << 20

_BOX = 80
_HEADER = sodium.crypto_secretstream_xchacha20poly1305_HEADERBYTES
_OVERHEAD = sodium.crypto_secretstream_xchacha20poly1305_ABYTES
_MESSAGE = sodium.crypto_secretstream_xchacha20poly1305_TAG_MESSAGE
_FINAL = sodium.crypto_secretstream_xchacha20poly1305_TAG_FINAL
_LENGTH = struct.Struct(">I")
_PART = struct.Struct(">BI")
_COUNT = struct.Struct(">Q")

State = sodium.crypto_secretstream_xchacha20poly1305_state

Read = Callable[[int], bytes]
"""The next bytes, as many as asked for; fewer only where the file ends."""


class Kind(IntEnum):
    """What a part is. Readers pass over kinds that they do not know."""

    MANIFEST = 1
    CERTIFICATE = 2
    INVENTORY = 3
    LINK = 4
    STATEMENT = 5
    PIECE = 6
    BLOB = 7
    END = 8
    CREDENTIAL = 9
    ASKED = 10
    FILE = 11
    """The name of a file whose pieces came before it; only in answers."""


_BOUNDS = {
    Kind.MANIFEST: 1 << 16,
    Kind.CERTIFICATE: MAX_SIGN1,
    Kind.INVENTORY: MAX_ENVELOPE,
    Kind.LINK: LINK_SIZE,
    Kind.STATEMENT: MAX_ENVELOPE,
    Kind.PIECE: PIECE,
    Kind.BLOB: 32,
    Kind.END: 8,
    Kind.CREDENTIAL: MAX_SIGN1,
    Kind.ASKED: MAX_ENVELOPE,
    Kind.FILE: 256,
}


class Part(NamedTuple):
    """One part of an export; ``kind`` is a ``Kind``, or a number that this reader does not know."""

    kind: int
    body: bytes


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What an export is: whose, made when (ms), and of which scope: ``all`` or ``unsent``."""

    agency: Short
    device: Short
    made_at: Millis
    scope: Short
    program: Short = ""
    v: int = 1


def manifest(said: Manifest) -> Part:
    """The first part."""
    return Part(Kind.MANIFEST, msgspec.json.encode(said))


def read_manifest(part: Part) -> Manifest:
    """Read the first part. Raises Malformed."""
    try:
        return msgspec.json.decode(part.body, type=Manifest)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
        raise Malformed("expected an export's manifest: {fault}", fault=str(fault)) from None


# ── writing ──────────────────────────────────────────────────────────────────────────────


def seal(
    parts: Iterable[Part], recipient: bytes, chance: bytes, magic: bytes = MAGIC
) -> Iterator[bytes]:
    """The bytes of an export for the X25519 key ``recipient``. ``chance`` are ``CHANCE`` random
    bytes, never used twice. The end part is added. Raises Malformed for a part past its bound."""
    ephemeral, key, header = chance[:32], chance[32:64], chance[64:CHANCE]
    yield magic + _sealed_box(key, recipient, ephemeral) + header
    # Initialised for reading, which takes the header instead of drawing one: the state is the same.
    state = sodium.crypto_secretstream_xchacha20poly1305_state()
    sodium.crypto_secretstream_xchacha20poly1305_init_pull(state, header, key)
    waiting = bytearray()
    for piece in _row(parts):
        waiting += piece
        at = 0
        while len(waiting) - at > FRAME:
            yield _frame(state, bytes(waiting[at : at + FRAME]), _MESSAGE)
            at += FRAME
        del waiting[:at]
    yield _frame(state, bytes(waiting), _FINAL)


def _row(parts: Iterable[Part]) -> Iterator[bytes]:
    count = 0
    for part in parts:
        _expect_bound(part.kind, len(part.body))
        yield _PART.pack(part.kind, len(part.body)) + part.body
        count += 1
    yield _PART.pack(Kind.END, _COUNT.size) + _COUNT.pack(count)


def _sealed_box(message: bytes, recipient: bytes, ephemeral: bytes) -> bytes:
    """crypto_box_seal with the ephemeral key given: its public half ‖ the box, whose nonce is
    BLAKE2b-192 over both public keys."""
    own = PrivateKey(ephemeral)
    public = bytes(own.public_key)
    nonce = hashlib.blake2b(public + recipient, digest_size=24).digest()
    return public + bytes(Box(own, PublicKey(recipient)).encrypt(message, nonce).ciphertext)


def _frame(state: State, plain: bytes, tag: int) -> bytes:
    sealed = sodium.crypto_secretstream_xchacha20poly1305_push(state, plain, None, tag)
    return _LENGTH.pack(len(sealed)) + sealed


# ── reading ──────────────────────────────────────────────────────────────────────────────


def unseal(read: Read, private_key: bytes, magic: bytes = MAGIC) -> Iterator[Part]:
    """The parts of an export, each authenticated before it is handed out, the end part left out.

    ``private_key`` is the 32-byte X25519 key of the office. Raises Malformed or TooLarge for
    bytes that are no export, NotForUs for another office's, Altered for changed ones, Truncated
    where it ends early; what was handed out before is the device's all the same.
    """
    plain = _Plain(read, private_key, magic)
    count = 0
    while True:
        kind, size = _PART.unpack(plain.take(_PART.size))
        _expect_bound(kind, size)
        body = plain.take(size)
        if (count == 0) != (kind == Kind.MANIFEST):
            raise Malformed(
                "expected an export to have its manifest at the beginning, once; export once more"
            )
        if kind == Kind.END:
            break
        yield Part(kind, body)
        count += 1
    if len(body) != _COUNT.size or _COUNT.unpack(body) != (count,) or not plain.at_end():
        raise Malformed("expected an export to end with the count of its parts; export once more")


class _Plain:
    """The plaintext of the frames, as a row of bytes that is read forward."""

    def __init__(self, read: Read, private_key: bytes, magic: bytes) -> None:
        head = read(len(magic) + _BOX + _HEADER)
        if not head.startswith(magic[: len(head)]) or not head:
            raise Malformed("expected an export of a tablet; choose the file that the tablet wrote")
        if len(head) < len(magic) + _BOX + _HEADER:
            raise _truncated()
        box, header = head[len(magic) : -_HEADER], head[-_HEADER:]
        try:
            key = SealedBox(PrivateKey(private_key)).decrypt(box)
        except CryptoError:
            key = b""
        if len(key) != 32:
            raise NotForUs(
                "expected an export that was sealed to this office's exchange key; open it at the "
                "office whose tablet wrote it"
            )
        self._state = sodium.crypto_secretstream_xchacha20poly1305_state()
        sodium.crypto_secretstream_xchacha20poly1305_init_pull(self._state, header, key)
        self._read = read
        self._buffer = b""
        self._at = 0
        self._final = False

    def take(self, size: int) -> bytes:
        """The next ``size`` bytes."""
        taken = [self._buffer[self._at : self._at + size]]
        self._at += len(taken[0])
        left = size - len(taken[0])
        while left:
            if self._final:
                raise _truncated()
            self._buffer = self._open_frame()
            self._at = min(left, len(self._buffer))
            taken.append(self._buffer[: self._at])
            left -= self._at
        return b"".join(taken)

    def at_end(self) -> bool:
        """Whether nothing is left, in the frames and behind them."""
        while not self._final and self._at == len(self._buffer):
            self._buffer, self._at = self._open_frame(), 0
        return self._at == len(self._buffer) and not self._read(1)

    def _open_frame(self) -> bytes:
        length = self._read(_LENGTH.size)
        if len(length) < _LENGTH.size:
            raise _truncated()
        (size,) = _LENGTH.unpack(length)
        if not _OVERHEAD <= size <= FRAME + _OVERHEAD:
            raise TooLarge(
                "expected frames of {least} to {bound} bytes in an export, got {size}; the file "
                "was altered",
                least=_OVERHEAD,
                bound=FRAME + _OVERHEAD,
                size=size,
            )
        sealed = self._read(size)
        if len(sealed) < size:
            raise _truncated()
        try:
            plain, tag = sodium.crypto_secretstream_xchacha20poly1305_pull(
                self._state, sealed, None
            )
        except RuntimeError:  # libsodium's binding has no error of its own for this
            raise Altered(
                "expected the frames of an export as the tablet sealed them; this file was "
                "altered or damaged, export once more"
            ) from None
        if tag not in (_MESSAGE, _FINAL) or (not plain and tag != _FINAL):
            raise Malformed("expected full frames and one last in an export; export once more")
        self._final = tag == _FINAL
        return bytes(plain)


def _expect_bound(kind: int, size: int) -> None:
    bound = _BOUNDS.get(Kind(kind), 0) if kind in _KINDS else PIECE
    if size > bound:
        raise TooLarge(
            "expected at most {bound} bytes in a part of kind {kind}, got {size}; export once more",
            bound=bound,
            kind=kind,
            size=size,
        )


def _truncated() -> Truncated:
    return Truncated(
        "this export lacks its end: it was cut while it was written or copied; export once more"
    )


_KINDS = frozenset(Kind)

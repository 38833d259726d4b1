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

What is of no file comes before the first piece: who has read that far knows whose it is, and which
files are wanted. Only the office opens it, and nobody can tell from outside whose it is. It says by
itself nothing: whoever opens it checks certificate, inventories, links and statements like anything
else (``exported.py``). Both directions stream: memory is bounded by one part and one frame, time is
linear in the file's length. A file that ends early is *truncated*, whatever its length.

    out = b"".join(seal([Part(Kind.MANIFEST, …), …], recipient=office_key, chance=urandom(88)))
    for part in unseal(file.read, private_key): …

Writing is ``sealing.py``. Reading may stop after any part and go on there later:
``Unsealing.place`` says where it stands and holds the stream's state, so that what comes next is
authenticated as the continuation of what was read, and of nothing else.
"""

import struct
from collections.abc import Callable, Iterator
from enum import IntEnum
from typing import Any, NamedTuple

import msgspec
import nacl.bindings as sodium
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, SealedBox

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

BOX = 80
HEADER = sodium.crypto_secretstream_xchacha20poly1305_HEADERBYTES
OVERHEAD = sodium.crypto_secretstream_xchacha20poly1305_ABYTES
MESSAGE = sodium.crypto_secretstream_xchacha20poly1305_TAG_MESSAGE
FINAL = sodium.crypto_secretstream_xchacha20poly1305_TAG_FINAL
LENGTH = struct.Struct(">I")
PART = struct.Struct(">BI")
COUNT = struct.Struct(">Q")

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


# ── reading ──────────────────────────────────────────────────────────────────────────────


class Place(NamedTuple):
    """Where reading stands between two parts: how many bytes of the file were read and how many
    parts came, the stream's ``state``, ``rest``, what is left of the frame, whether that was the
    last (``final``), and whether ``files`` have begun. As secret as the plaintext."""

    size: int
    parts: int
    state: bytes
    rest: bytes
    final: bool
    files: bool = False


class Unsealing:
    """The parts of an export, each authenticated before it is handed out, the end part left out;
    from the beginning, or from a ``place`` at which ``read`` goes on."""

    def __init__(
        self, read: Read, private_key: bytes, magic: bytes = MAGIC, place: Place | None = None
    ) -> None:
        self._count = place.parts if place else 0
        self._files = bool(place and place.files)
        self._plain = _Plain(read, private_key, magic, place)

    @property
    def place(self) -> Place:
        """Where it stands now, behind the part that was handed out last."""
        plain = self._plain
        state = bytes(list(plain.state.statebuf))
        rest = plain.buffer[plain.at :]
        return Place(plain.size, self._count, state, rest, plain.final, self._files)

    def __iter__(self) -> Iterator[Part]:
        plain = self._plain
        while True:
            kind, size = PART.unpack(plain.take(PART.size))
            expect_bound(kind, size)
            body = plain.take(size)
            if (self._count == 0) != (kind == Kind.MANIFEST):
                raise Malformed(
                    "expected an export to have its manifest at the beginning, once; export once "
                    "more"
                )
            self._files = expect_order(self._files, kind, self._count)
            if kind == Kind.END:
                break
            self._count += 1
            yield Part(kind, body)
        if len(body) != COUNT.size or COUNT.unpack(body) != (self._count,) or not plain.at_end():
            raise Malformed(
                "expected an export to end with the count of its parts; export once more"
            )


def unseal(read: Read, private_key: bytes, magic: bytes = MAGIC) -> Iterator[Part]:
    """The parts of an export, each authenticated before it is handed out, the end part left out.

    ``private_key`` is the 32-byte X25519 key of the office. Raises Malformed or TooLarge for
    bytes that are no export, NotForUs for another office's, Altered for changed ones, Truncated
    where it ends early; what was handed out before is the device's all the same.
    """
    yield from Unsealing(read, private_key, magic)


class _Plain:
    """The plaintext of the frames, as a row of bytes that is read forward."""

    def __init__(
        self, read: Read, private_key: bytes, magic: bytes, place: Place | None = None
    ) -> None:
        self._read = read
        self.final = bool(place and place.final)
        self.buffer, self.at = place.rest if place else b"", 0
        self.state = sodium.crypto_secretstream_xchacha20poly1305_state()
        self.size = place.size if place else len(magic) + BOX + HEADER
        key, header = (bytes(32), bytes(HEADER)) if place else self._open_box(private_key, magic)
        sodium.crypto_secretstream_xchacha20poly1305_init_pull(self.state, header, key)
        if place is not None:
            held: Any = self.state.statebuf  # libsodium's memory
            held[0 : len(place.state)] = place.state

    def _open_box(self, private_key: bytes, magic: bytes) -> tuple[bytes, bytes]:
        """The stream's key and header."""
        head = self._read(self.size)
        if not head.startswith(magic[: len(head)]) or not head:
            raise Malformed("expected an export of a tablet; choose the file that the tablet wrote")
        if len(head) < self.size:
            raise _truncated()
        box, header = head[len(magic) : -HEADER], head[-HEADER:]
        try:
            key = SealedBox(PrivateKey(private_key)).decrypt(box)
        except CryptoError:
            key = b""
        if len(key) != 32:
            raise NotForUs(
                "expected an export that was sealed to this office's exchange key; open it at the "
                "office whose tablet wrote it"
            )
        return key, header

    def take(self, size: int) -> bytes:
        """The next ``size`` bytes."""
        taken = [self.buffer[self.at : self.at + size]]
        self.at += len(taken[0])
        left = size - len(taken[0])
        while left:
            if self.final:
                raise _truncated()
            self.buffer = self._open_frame()
            self.at = min(left, len(self.buffer))
            taken.append(self.buffer[: self.at])
            left -= self.at
        return b"".join(taken)

    def at_end(self) -> bool:
        """Whether nothing is left, in the frames and behind them."""
        while not self.final and self.at == len(self.buffer):
            self.buffer, self.at = self._open_frame(), 0
        return self.at == len(self.buffer) and not self._read(1)

    def _open_frame(self) -> bytes:
        length = self._read(LENGTH.size)
        if len(length) < LENGTH.size:
            raise _truncated()
        (size,) = LENGTH.unpack(length)
        if not OVERHEAD <= size <= FRAME + OVERHEAD:
            raise TooLarge(
                "expected frames of {least} to {bound} bytes in an export, got {size}; the file "
                "was altered",
                least=OVERHEAD,
                bound=FRAME + OVERHEAD,
                size=size,
            )
        sealed = self._read(size)
        if len(sealed) < size:
            raise _truncated()
        try:
            plain, tag = sodium.crypto_secretstream_xchacha20poly1305_pull(self.state, sealed, None)
        except RuntimeError:  # libsodium's binding has no error of its own for this
            raise Altered(
                "expected the frames of an export as the tablet sealed them; this file was "
                "altered or damaged, export once more"
            ) from None
        if tag not in (MESSAGE, FINAL) or (not plain and tag != FINAL):
            raise Malformed("expected full frames and one last in an export; export once more")
        self.size += LENGTH.size + size
        self.final = tag == FINAL
        return bytes(plain)


def expect_bound(kind: int, size: int) -> None:
    """Raise TooLarge for a part past its bound, on the way in and on the way out."""
    bound = _BOUNDS.get(Kind(kind), 0) if kind in _KINDS else PIECE
    if size > bound:
        raise TooLarge(
            "expected at most {bound} bytes in a part of kind {kind}, got {size}; export once more",
            bound=bound,
            kind=kind,
            size=size,
        )


def expect_order(files: bool, kind: int, before: int) -> bool:
    """Raise Malformed for a part of no file where ``files`` have begun, with ``before`` parts
    before it; whether they have begun with it."""
    if files and kind in _BEFORE_FILES:
        raise Malformed(
            "expected what an export says before its files, got a part of kind {kind} behind them, "
            "as part {number} of the export; export once more",
            kind=int(kind),
            number=before + 1,
        )
    return files or kind in _FILES


def _truncated() -> Truncated:
    return Truncated(
        "this export lacks its end: it was cut while it was written or copied; export once more"
    )


_KINDS = frozenset(Kind)
_FILES = frozenset((Kind.PIECE, Kind.BLOB, Kind.FILE))
_BEFORE_FILES = _KINDS - _FILES - {Kind.END}

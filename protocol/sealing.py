"""Exports, written: parts in, the bytes of the file out, and on from where it stopped.

    for data in seal(parts, recipient, chance): file.write(data)

A stick is pulled out, a battery is empty. Whoever kept ``chance`` and can make the same parts again
goes on behind the last frame that is whole, instead of writing two gigabytes once more:

    begun = reached(file.read, recipient, chance)          what of the file holds
    file.truncate(begun.size)
    for data in seal(the parts after the first ``begun.parts``, recipient, chance, begun): …

What is there was authenticated frame by frame, so nothing is built upon bytes that somebody else
wrote. The same parts give the same bytes. Others behind the same frames would tell whoever saw
both what they differ in, so a file whose parts cannot be made again is begun anew, by another
``chance``.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import nacl.bindings as sodium
from nacl.public import Box, PrivateKey, PublicKey

from protocol.errors import Altered
from protocol.export import (
    CHANCE,
    COUNT,
    FINAL,
    FRAME,
    LENGTH,
    MAGIC,
    MESSAGE,
    OVERHEAD,
    PART,
    Kind,
    Part,
    Read,
    State,
    expect_bound,
    expect_order,
)


@dataclass
class Begun:
    """What holds of an export: ``size`` bytes of its file, with ``parts`` whole parts, the last
    ``pieces`` of them of a blob that is not ended yet behind ``blobs`` others, and ``rest``, the
    beginning of the next part. ``whole``: it has its end. For one ``seal``."""

    size: int
    state: State
    parts: int = 0
    blobs: int = 0
    pieces: int = 0
    rest: bytes = b""
    whole: bool = False


def seal(
    parts: Iterable[Part],
    recipient: bytes,
    chance: bytes,
    magic: bytes = MAGIC,
    begun: Begun | None = None,
) -> Iterator[bytes]:
    """The bytes of an export for the X25519 key ``recipient``; those that follow, where one was
    ``begun``. ``chance`` are ``CHANCE`` random bytes, never used twice but to go on. The end part
    is added. Raises TooLarge for a part past its bound, Malformed for one out of its place, Altered
    where the next part is not the one that was begun."""
    if begun is None:
        head, state = _begin(recipient, chance, magic)
        yield head
        begun = Begun(len(head), state)
    waiting = bytearray()
    for piece in _row(parts, begun):
        waiting += piece
        at = 0
        while len(waiting) - at > FRAME:
            yield _frame(begun.state, bytes(waiting[at : at + FRAME]), MESSAGE)
            at += FRAME
        del waiting[:at]
    yield _frame(begun.state, bytes(waiting), FINAL)


def reached(read: Read, recipient: bytes, chance: bytes, magic: bytes = MAGIC) -> Begun:
    """How far an export came that was begun with this ``chance``: up to the last frame that is
    whole and its own. Raises Altered where it does not even begin so."""
    head, state = _begin(recipient, chance, magic)
    if read(len(head)) != head:
        raise Altered(
            "expected the beginning of an export that this tablet wrote, got another; begin anew"
        )
    begun = Begun(len(head), state)
    rest = bytearray()
    while not begun.whole and (frame := _next_frame(read)) is not None:
        try:
            plain, tag = sodium.crypto_secretstream_xchacha20poly1305_pull(state, frame, None)
        except RuntimeError:  # a frame that was not written whole, or by somebody else
            break
        begun.size += LENGTH.size + len(frame)
        begun.whole = tag == FINAL
        rest += plain
        _count_parts(begun, rest)
    begun.rest = bytes(rest)
    return begun


def _next_frame(read: Read) -> bytes | None:
    told = read(LENGTH.size)
    if len(told) < LENGTH.size:
        return None
    (size,) = LENGTH.unpack(told)
    if not OVERHEAD <= size <= FRAME + OVERHEAD:
        return None
    frame = read(size)
    return frame if len(frame) == size else None


def _count_parts(begun: Begun, rest: bytearray) -> None:
    """Take the whole parts from the beginning of ``rest``."""
    at = 0
    while len(rest) - at >= PART.size:
        kind, size = PART.unpack_from(rest, at)
        if len(rest) - at < PART.size + size:
            break
        at += PART.size + size
        begun.parts += 1
        begun.blobs += kind == Kind.BLOB
        begun.pieces = begun.pieces + 1 if kind == Kind.PIECE else 0
    del rest[:at]


def _begin(recipient: bytes, chance: bytes, magic: bytes) -> tuple[bytes, State]:
    """What a file begins with, and the stream's state behind it."""
    ephemeral, key, header = chance[:32], chance[32:64], chance[64:CHANCE]
    # Initialised for reading, which takes the header instead of drawing one: the state is the same.
    state = sodium.crypto_secretstream_xchacha20poly1305_state()
    sodium.crypto_secretstream_xchacha20poly1305_init_pull(state, header, key)
    return magic + _sealed_box(key, recipient, ephemeral) + header, state


def _row(parts: Iterable[Part], begun: Begun) -> Iterator[bytes]:
    """The row of parts as bytes, without what is there of the first."""
    count, rest, files = begun.parts, begun.rest, begun.blobs + begun.pieces > 0
    for part in parts:
        expect_bound(part.kind, len(part.body))
        files = expect_order(files, part.kind, count)
        yield _behind(rest, PART.pack(part.kind, len(part.body)) + part.body)
        count, rest = count + 1, b""
    yield _behind(rest, PART.pack(Kind.END, COUNT.size) + COUNT.pack(count))


def _behind(rest: bytes, row: bytes) -> bytes:
    if not row.startswith(rest):
        raise Altered("expected the part that an export was begun with, got another; begin anew")
    return row[len(rest) :]


def _sealed_box(message: bytes, recipient: bytes, ephemeral: bytes) -> bytes:
    """crypto_box_seal with the ephemeral key given: its public half ‖ the box, whose nonce is
    BLAKE2b-192 over both public keys."""
    own = PrivateKey(ephemeral)
    public = bytes(own.public_key)
    nonce = hashlib.blake2b(public + recipient, digest_size=24).digest()
    return public + bytes(Box(own, PublicKey(recipient)).encrypt(message, nonce).ciphertext)


def _frame(state: State, plain: bytes, tag: int) -> bytes:
    sealed = sodium.crypto_secretstream_xchacha20poly1305_push(state, plain, None, tag)
    return LENGTH.pack(len(sealed)) + sealed

"""Pictures made smaller by halves, so that a small one does not flicker.

The graphics driver can do it too, and compiles a program for it first, which holds up the window
longer than all else on the screen. A mean of four pixels wants no driver:

    a b        (a + b) / 2 down, then the same across; all bytes of a picture at once
    c d   ─▶   m

>>> halved(bytes([10, 20, 30, 40]), width=2, height=2, depth=1)
b'\\x19'
>>> halvings(358, 441, 52, 64)
2
"""

from __future__ import annotations


def halvings(width: int, height: int, shown_width: float, shown_height: float) -> int:
    """How often a picture may be halved and still has every pixel that is shown of it."""
    times = 0
    while shown_width > 0 and shown_height > 0:
        if width >> (times + 1) < shown_width or height >> (times + 1) < shown_height:
            break
        times += 1
    return times


def halved(pixels: bytes, *, width: int, height: int, depth: int) -> bytes:
    """A picture of half the width and half the height; ``depth`` bytes a pixel, an odd last row
    or column left out."""
    wide, high = width // 2, height // 2
    stride, used = len(pixels) // height, wide * 2 * depth
    rows = [pixels[at * stride : at * stride + used] for at in range(high * 2)]
    flat = _mean(b"".join(rows[::2]), b"".join(rows[1::2]))
    made = bytearray(wide * high * depth)
    for part in range(depth):
        made[part::depth] = _mean(flat[part :: 2 * depth], flat[part + depth :: 2 * depth])
    return bytes(made)


def _mean(one: bytes, other: bytes) -> bytes:
    """Byte by byte: what both have, and half of what one has; no bit of it reaches the next."""
    a, b = int.from_bytes(one, "big"), int.from_bytes(other, "big")
    even = int.from_bytes(b"\xfe" * len(one), "big")
    return ((a & b) + (((a ^ b) & even) >> 1)).to_bytes(len(one), "big")

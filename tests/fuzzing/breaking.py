"""Our own mutator: what goes wrong with bytes by chance and by intent, from a seed.

It finds less than libFuzzer, which sees which lines an input reaches, and runs everywhere.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

INTERESTING = (
    *(b"\x00", b"\xff", b"\x80", b"\n", b"\r\n", b" ", b"\t", b"0", b"-1", b"9" * 20, b"1e999"),
    *(b"{", b"}", b"[", b"]", b'"', b",", b":", b";", b"=", b"+", b"/", b"\\u0000", b"\\ud800"),
    *(b"\xe2\x80\x94", b"\xef\xbb\xbf", b"\xf0\x9f\x98\x80", b"\xed\xa0\x80", b"NaN", b"null"),
    *(b"\xdd\xff\xff\xff\xff", b"\xc6\xff\xff\xff\xff", b"\x9f", b"\x5b\xff\xff\xff\xff"),
    *(b"\x00\x00\x00\x00", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff\xff\xff\xff\xff"),
)
MANY = (2, 40, 3000)


def broken(seeds: Sequence[bytes], chance: random.Random) -> bytes:
    """One of the seeds after one to three of the things that go wrong."""
    data = bytearray(seeds[0] if chance.random() < 0.6 else chance.choice(seeds))
    for _ in range(chance.randint(1, 3)):
        _break(data, seeds, chance)
    return bytes(data)


def _break(data: bytearray, seeds: Sequence[bytes], chance: random.Random) -> None:
    at, to = sorted((chance.randint(0, len(data)), chance.randint(0, len(data))))
    match chance.randrange(9):
        case 0 if data:
            data[min(at, len(data) - 1)] ^= 1 << chance.randrange(8)
        case 1 if data:
            data[min(at, len(data) - 1)] = chance.randrange(256)
        case 2:
            del data[at : min(to, at + 64)]
        case 3:
            data[at:at] = chance.choice(INTERESTING)
        case 4:
            data[at:at] = data[at : min(to, at + 64)]
        case 5:
            data[at:to] = bytes(reversed(data[at : min(to, at + 16)])) + data[at + 16 : to]
        case 6:
            other = chance.choice(seeds)
            start = chance.randint(0, len(other))
            data[at:to] = other[start : start + chance.randint(0, 64)]
        case 7:
            del data[at:]
        case _:
            data[at:at] = chance.choice(INTERESTING) * chance.choice(MANY)

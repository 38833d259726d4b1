"""Which blobs a body names, of whatever kind it is.

A kind that this program does not know names its blobs like all others: by an object of exactly
``sha256``, ``size`` and ``media_type``. So they are asked for, kept and passed on with it.

>>> ref = '{"sha256":"%s","size":3,"media_type":"image/png"}' % ("ab" * 32)
>>> [one.size for one in blobs_in(f'{{"kind":"hearing_held","seen":[{ref}]}}'.encode())]
[3]
"""

import json
from typing import NoReturn

import msgspec

from protocol.errors import Malformed
from protocol.statements import BlobRef, Statement, Unknown, blobs_of

_NAMES = {"sha256", "size", "media_type"}


def blobs_in(body: bytes) -> list[BlobRef]:
    """Every blob that a body names, in the order of its text. What has these names and is no
    reference (a hash too short, say) names nothing; what else stands there, a number beyond all
    bounds, hides nothing. Raises Malformed for what is no JSON."""
    try:
        value = _read(body.decode())
    except (ValueError, RecursionError) as fault:
        raise Malformed("expected a statement: {fault}", fault=str(fault)) from None
    return _references(value)


def blobs_wanted(read: Statement | Unknown, body: bytes) -> list[BlobRef]:
    """The blobs of a statement that was read from ``body``, each once."""
    if not isinstance(read, Unknown):
        return blobs_of(read)
    named: dict[str, BlobRef] = {}
    for one in blobs_in(body):
        named.setdefault(one.sha256, one)
    return list(named.values())


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no JSON")


_read = json.JSONDecoder(
    parse_int=lambda text: int(text) if len(text) < 20 else text, parse_constant=_no_number
).decode


def _references(value: object) -> list[BlobRef]:
    """Flat, so that nesting costs neither time nor stack."""
    found: list[BlobRef] = []
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting.extend(reversed(one))
        elif isinstance(one, dict) and one.keys() == _NAMES:
            found.extend(_reference(one))
        elif isinstance(one, dict):
            waiting.extend(reversed(one.values()))
    return found


def _reference(value: object) -> list[BlobRef]:
    try:
        return [msgspec.convert(value, BlobRef)]
    except msgspec.ValidationError:
        return []

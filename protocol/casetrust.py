"""Whom the reader of a case file believes: his own file, which nothing inside a case replaces.

{"log": "log.yunxi.example/fujie+3d4f…+AWZw…", "roots": {"11990123MB0000001A": "a1b2…"}}
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from protocol.checkpoint import VerifierKey
from protocol.errors import Malformed, TooLarge
from protocol.keys import ED25519, Verifier

MAX_TRUST = 1 << 20


@dataclass(frozen=True)
class Trust:
    """Whom the reader believes: the log's keys, all of one name, and the roots of each agency."""

    log: tuple[VerifierKey, ...]
    roots: Mapping[str, Sequence[Verifier]]

    @property
    def origin(self) -> str:
        """The log's name."""
        return self.log[0].name


class _TrustFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    log: str | list[str]
    roots: dict[str, str | list[str]]


def read_trust(data: bytes) -> Trust:
    """Read ``{"log": verifier key, "roots": {agency: public key in hex}}``. Raises Malformed or
    TooLarge.

    ``log`` may be a list: while a log changes its key it has two. So may a root: what an
    agency certified before it changed its root is proved by the old one.
    """
    if len(data) > MAX_TRUST:
        raise TooLarge(
            "expected at most {bound} bytes in {name}", bound=MAX_TRUST, name="trust.json"
        )
    try:
        read = msgspec.json.decode(data, type=_TrustFile)
        roots = {name: _roots(told) for name, told in read.roots.items()}
    except (msgspec.MsgspecError, ValueError, UnicodeDecodeError, RecursionError) as fault:
        raise Malformed("expected log and roots in JSON: {fault}", fault=str(fault)) from None
    lines = [read.log] if isinstance(read.log, str) else read.log
    keys = tuple(VerifierKey.parse(line) for line in lines)
    if len({key.name for key in keys}) != 1:
        raise Malformed("expected the keys of one log; check one log at a time")
    return Trust(keys, roots)


def _roots(told: str | list[str]) -> tuple[Verifier, ...]:
    texts = [told] if isinstance(told, str) else told
    return tuple(Verifier(ED25519, bytes.fromhex(text)) for text in texts)

"""What is hunted: a decoder, good bytes for it, and what must hold of its answers."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from protocol.errors import FujieError, Malformed, Unverified

VECTORS = Path(__file__).resolve().parents[1] / "vectors"
NOW = 1_790_000_000_000

FORM = (Malformed,)
PROOF = (Malformed, Unverified)


@dataclass(frozen=True)
class Target:
    """A decoder and good bytes for it; the first seed is the one that ``proves`` compares with.

    ``raises`` are the errors that its documentation names, ``Malformed`` alone unless said.
    ``rewrite`` writes an answer again. With ``one_form`` these are the bytes that were read;
    without, they are read as the same answer. ``proves``: other bytes than the first seed's are
    refused, or mean what those meant. ``slow``: executions cost milliseconds, so that a run
    bounded by executions makes fewer.
    """

    name: str
    seeds: tuple[bytes, ...]
    parse: Callable[[bytes], object]
    raises: tuple[type[FujieError], ...] = FORM
    rewrite: Callable[[Any], bytes] | None = None
    one_form: bool = True
    proves: bool = False
    slow: int = 1

    @property
    def slug(self) -> str:
        """The name in files: ``receipt-proved``."""
        plain = "".join(char if char.isalnum() else " " for char in self.name.lower())
        return "-".join(plain.split())


@dataclass(frozen=True)
class Finding:
    """Bytes that a decoder did not withstand, and how."""

    target: str
    data: bytes
    fault: str

    @property
    def kind(self) -> str:
        """Faults of one kind are reported once."""
        return self.fault.partition(":")[0]


class Judge:
    """Judges the answers of one target. It has to take its own seeds."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.meant = target.parse(target.seeds[0]) if target.proves else None
        # Which refusals a hunt reached says how deep it got, where nobody counts coverage.
        self.refusals: set[tuple[str, str]] = set()

    def attempt(self, data: bytes) -> Finding | None:
        """What is wrong with the answer to ``data``, if anything."""
        target = self.target
        try:
            answer = target.parse(data)
        except FujieError as refusal:
            return self._refused(refusal, data)
        except Exception as fault:  # noqa: BLE001  the hunt is for exactly these
            return Finding(target.name, data, f"{type(fault).__name__}: {fault}"[:500])
        if target.proves and answer != self.meant:
            return Finding(target.name, data, f"proved something else: {answer!r}"[:500])
        return self._written_again(answer, data)

    def _refused(self, refusal: FujieError, data: bytes) -> Finding | None:
        self.refusals.add((type(refusal).__name__, refusal.template))
        try:
            text = str(refusal)
        except Exception as fault:  # noqa: BLE001
            return Finding(self.target.name, data, f"an error without a text: {fault!r}"[:500])
        if isinstance(refusal, self.target.raises):
            return None
        name = type(refusal).__name__
        return Finding(self.target.name, data, f"undocumented {name}: {text}"[:500])

    def _written_again(self, answer: Any, data: bytes) -> Finding | None:
        target = self.target
        if target.rewrite is None:
            return None
        try:
            written = target.rewrite(answer)
            read = target.parse.seen(data) if isinstance(target.parse, Text) else data
            same = written == read if target.one_form else target.parse(written) == answer
        except Exception as fault:  # noqa: BLE001
            return Finding(target.name, data, f"read and not written again: {fault!r}"[:500])
        if same:
            return None
        return Finding(target.name, data, f"written otherwise: {written[:100]!r}")


def frozen(subject: str) -> dict[str, Any]:
    """The frozen vectors of one subject."""
    read: dict[str, Any] = json.loads((VECTORS / f"{subject}.json").read_text(encoding="utf-8"))
    return read


def strings(value: object, decode: Callable[[str], bytes] = str.encode) -> tuple[bytes, ...]:
    """Every string inside vectors, as bytes; those that ``decode`` cannot read are left out."""
    if isinstance(value, dict):
        return tuple(found for one in value.values() for found in strings(one, decode))
    if isinstance(value, list):
        return tuple(found for one in value for found in strings(one, decode))
    if not isinstance(value, str):
        return ()
    try:
        return (decode(value),)
    except ValueError:
        return ()


def unhex(text: str) -> bytes:
    """Bytes of a vector in hex."""
    return bytes.fromhex(text)


def unbase64(text: str) -> bytes:
    """Bytes of a vector in base64."""
    return base64.b64decode(text, validate=True)


@dataclass(frozen=True)
class Text:
    """A parser of text, fed with bytes: what is no UTF-8 comes as U+FFFD."""

    of: Callable[[str], object]

    def __call__(self, data: bytes) -> object:
        return self.of(self.seen(data).decode())

    @staticmethod
    def seen(data: bytes) -> bytes:
        """What the parser was given: these bytes are what it has to write again."""
        return data.decode("utf-8", "replace").encode()


def text(parse: Callable[[str], object]) -> Text:
    """A parser of text as a target's."""
    return Text(parse)

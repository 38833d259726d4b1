"""The evidence of a report in one file: what it follows from, for whoever may read all of it.

    evidence/report.json            the document (``findings/document.py``)
    evidence/checkpoint             the log's newest head, signed
    evidence/witnessed              the newest head that witnesses saw, with their words, if any
    evidence/facts                  as of when it speaks; what rests on the server's word
    evidence/entries/000000         every entry of the log up to the head, by index
    evidence/journals/<id>          a journal: its links by the place they are kept at
    evidence/statements/<id>        the agency's statements in it, by record hash

Links of other agencies come without their statements, so that every entry has its link and what
was left out shows. The statements are the agency's whole records, with personal data: the file is
for those who may read them all. The form is a package (``package.py``); inside it is msgpack.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Annotated, BinaryIO, TypeVar
from zlib import crc32

import msgspec

from protocol.errors import Malformed
from protocol.merkle import MAX_SIZE
from protocol.package import Member, Package, write_package
from protocol.parts import Millis

BASE = "evidence"
FORMAT = "fujie/evidence/v1"
REPORT, CHECKPOINT, WITNESSED, FACTS = "report.json", "checkpoint", "witnessed", "facts"
ENTRIES, JOURNALS, STATEMENTS = "entries/", "journals/", "statements/"
AT_ONCE = 1 << 15
"""Entries in one member."""
_MAX = 1 << 31

T = TypeVar("T")
Place = Annotated[int, msgspec.Meta(ge=0, le=MAX_SIZE)]
"""A place in a log or a journal, or how many there are."""


class EvidenceFacts(msgspec.Struct, frozen=True, kw_only=True):
    """As of when the report speaks: the log's first ``size`` entries, judged ``at`` (ms), ``live``
    as of now. ``offices`` are the office's journals. On the server's word alone: ``witnesses``
    asked and ``witnessed`` (size, ms), files (hex) whose bytes it has or has damaged."""

    format: str
    agency: str
    size: Place
    at: Millis
    live: bool
    offices: list[bytes]
    witnesses: int = 0
    witnessed: list[tuple[Place, Millis]] = []
    held: list[str] = []
    damaged: list[str] = []
    reference: bytes | None = None


class Journal(msgspec.Struct, frozen=True, kw_only=True):
    """A journal: ``links`` as (place, bytes). Of the agency's own, on the server's word: where it
    ends (``length``, ``head``), which links it ``refused``, what the device showed that the log
    does not have (``doubted``), and whose records are ``others``, which are not here."""

    journal: bytes
    links: list[tuple[Place, bytes]]
    own: bool = False
    length: Place = 0
    head: bytes = b""
    refused: list[bytes] = []
    doubted: list[tuple[Millis, bytes]] = []
    others: list[bytes] = []


def write(
    out: BinaryIO,
    parts: Iterable[tuple[str, Callable[[], bytes]]],
) -> None:
    """Write the parts, each by its name; each is asked for twice, and none is kept."""
    write_package(out, [_member(name, make) for name, make in parts])


def packed(value: object) -> bytes:
    """A part in msgpack."""
    return msgspec.msgpack.encode(value)


def facts(package: Package) -> EvidenceFacts:
    """As of when, of whom, and on whose word. Raises Malformed."""
    read = _read(package, FACTS, EvidenceFacts)
    if read.format != FORMAT:
        raise Malformed(
            "expected evidence of {version}, got {got}; check it with the program of that version",
            version=FORMAT,
            got=read.format[:40],
        )
    return read


def entries(package: Package) -> Iterator[tuple[int, bytes]]:
    """(index, entry), ascending. Raises Malformed."""
    for name in sorted(one for one in package.names() if one.startswith(ENTRIES)):
        yield from _read(package, name, list[tuple[Place, bytes]])


def journals(package: Package) -> Iterator[Journal]:
    """Every journal. Raises Malformed."""
    for name in package.names():
        if name.startswith(JOURNALS):
            yield _read(package, name, Journal)


def statements(package: Package) -> Iterator[Sequence[tuple[bytes, bytes]]]:
    """(record hash, envelope) of each journal. Raises Malformed."""
    for name in package.names():
        if name.startswith(STATEMENTS):
            yield _read(package, name, list[tuple[bytes, bytes]])


def whole(package: Package, name: str) -> bytes:
    """A part's bytes. Raises Malformed."""
    if name not in package.names() or package.size(name) > _MAX:
        raise Malformed("expected {name} in the evidence, found none; ask for it again", name=name)
    return b"".join(package.chunks(name))


def _read(package: Package, name: str, kind: type[T]) -> T:
    try:
        return msgspec.msgpack.decode(whole(package, name), type=kind)
    except (msgspec.MsgspecError, RecursionError) as fault:
        raise Malformed(
            "expected {name} of the evidence in its form: {fault}", name=name, fault=str(fault)
        ) from None


def _member(name: str, make: Callable[[], bytes]) -> Member:
    data = make()
    return Member(f"{BASE}/{name}", len(data), crc32(data), lambda: [make()])

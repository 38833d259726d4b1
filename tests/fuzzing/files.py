"""Targets: the files that people hand to one another. Trust, the case file and its parts."""

from __future__ import annotations

import base64
import io
import json
import struct
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from protocol import bag, casefile
from protocol.casecheck import holds, verify_casefile, verify_zip
from protocol.casekeys import read_keys
from protocol.casetrust import Trust, read_trust
from protocol.errors import Malformed
from protocol.package import ZipPackage
from tests.fuzzing.target import PROOF, Target, frozen, strings, text, unbase64

_FRAME = struct.Struct(">BI")


class Unpacked:
    """A case file as a folder in memory."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files

    def names(self) -> Sequence[str]:
        """Every file, ascending."""
        return sorted(self._files)

    def size(self, name: str) -> int:
        """A file's length."""
        return len(self._files[name])

    def chunks(self, name: str) -> Iterator[bytes]:
        """A file's bytes."""
        yield self._files[name]


def unpack(data: bytes, base: str = casefile.BASE) -> dict[str, bytes]:
    """The files of a zip, without their folder."""
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        return {name.removeprefix(f"{base}/"): opened.read(name) for name in opened.namelist()}


def framed(files: Mapping[str, bytes]) -> bytes:
    """A folder as one string, so that names and contents can be hunted without a zip's sums."""
    parts = []
    for name, data in files.items():
        label = name.encode()
        parts.append(_FRAME.pack(len(label), len(data)) + label + data)
    return b"".join(parts)


def unframed(data: bytes) -> dict[str, bytes]:
    """The folder again. Raises Malformed."""
    files, at = {}, 0
    while at + _FRAME.size <= len(data):
        named, size = _FRAME.unpack_from(data, at)
        start = at + _FRAME.size + named
        at = start + size
        files[data[start - named : start].decode("utf-8", "replace")] = data[start:at]
    if at != len(data):
        raise Malformed("expected whole frames")
    return files


@cache
def case_trust() -> Trust:
    """Whom the reader of the frozen case file believes."""
    return read_trust(json.dumps(frozen("casefile")["trust"]).encode())


def targets() -> list[Target]:
    """Every one of them."""
    return [*_parts(), *_whole()]


def _parts() -> list[Target]:
    case = frozen("casefile")
    trust_json = json.dumps(case["trust"]).encode()
    trust = case_trust()
    files = unpack(unbase64(case["good"]))
    note = files[casefile.NOTE].partition(b"\n\n")[0] + b"\n"
    return [
        Target("trust file", (trust_json,), read_trust),
        Target(
            "key list",
            (files[casefile.KEYS],),
            lambda data: sorted(read_keys(data, trust.roots)),
            PROOF,
        ),
        Target(
            "manifest",
            (files[bag.PAYLOAD], files[bag.TAGS]),
            bag.read_manifest,
            rewrite=bag.manifest,
        ),
        Target("case file's note", (note,), text(casefile.read_note_text)),
    ]


def _whole() -> list[Target]:
    case = frozen("casefile")
    packed = unbase64(case["good"])
    trust = case_trust()
    folder = framed(unpack(packed))
    bad = strings(case["bad"], base64.b64decode)
    others = tuple(data for data in bad if data[:2] == b"PK")

    def members(data: bytes) -> object:
        package = ZipPackage(io.BytesIO(data), casefile.BASE)
        return {name: b"".join(package.chunks(name)) for name in package.names()}

    def whole(data: bytes) -> bool:
        return holds(verify_zip(io.BytesIO(data), trust)) and data != packed

    def unpacked(data: bytes) -> bool:
        files = unframed(data)
        return holds(verify_casefile(Unpacked(files), trust)) and framed(files) != folder

    def checked(data: bytes) -> object:
        return [(c.name, c.level, c.zh, c.en) for c in verify_zip(io.BytesIO(data), trust)]

    return [
        Target("package", (packed, *others[:3]), members, slow=4),
        Target("case file, check by check", (packed, *others), checked, slow=40),
        Target("case file, as a whole", (packed,), whole, proves=True, slow=40),
        Target("case file, as a folder", (folder,), unpacked, proves=True, slow=40),
    ]

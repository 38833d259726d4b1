"""The office's answer on a stick, as it lies there and as it is read.

found(folders, "YX-T07")                    the newest ….answer for this tablet, or None
own_key(vault)                              to which answers to this tablet are sealed
told.transport(cursor, size)                a server of its files (``carried.py``), for a ``Wire``

Each file in it answers the address that it is named for (``protocol/answer.py``), so whoever
verifies it need not know whence it came.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from nacl.public import PrivateKey

from field_client.errors import ExportError
from field_client.store.vault import Vault
from protocol import messages
from protocol.answer import CHECKPOINT, HASHES, SUCCESSION, Hashes
from protocol.messages import PullAnswer

SUFFIX = ".answer"
KEY = "answer_key"
"""Name of a single value in the vault's ``state``: the X25519 key of this tablet."""
MSGPACK, TEXT, BYTES = "application/vnd.msgpack", "text/plain", "application/octet-stream"


class AnswerBroken(ExportError):
    """An answer on a stick that cannot be read. Fact ``fault`` is the system's word for it."""


class AnswerRefused(ExportError):
    """An answer on a stick that is not for this tablet, or older than what it knows."""


class Cancelled(ExportError):
    """A person stopped the work with a stick. Nothing was changed by it."""


def found(folders: Sequence[Path], device: str) -> Path | None:
    """The newest answer in these folders; one that is named for this tablet before any other."""
    mine = f"fujie-{named(device)}-"
    told: list[tuple[bool, float, str, Path]] = []
    for folder in folders:
        with suppress(OSError):  # a stick that is broken has none
            told += [
                (path.name.startswith(mine), path.stat().st_mtime, path.name, path)
                for path in folder.glob(f"*{SUFFIX}")
            ]
    return max(told)[-1] if told else None


def named(device: str) -> str:
    """A tablet's name as file names have it."""
    return "".join(c if c.isascii() and c.isalnum() else "-" for c in device)


def own_key(vault: Vault) -> bytes:
    """The private key to which answers to this tablet are sealed; made when it is first needed."""
    kept = vault.state(KEY)
    if kept is None:
        kept = secrets.token_bytes(32)
        vault.set_state(KEY, kept)
    return kept


def public(key: bytes) -> bytes:
    """Its public half."""
    return bytes(PrivateKey(key).public_key)


@dataclass
class Told:
    """An answer, opened and not verified yet: ``told`` is its manifest's envelope, ``digests`` the
    SHA-256 of each file in ``folder``."""

    folder: Path
    told: bytes = b""
    digests: dict[str, bytes] = field(default_factory=dict)

    def put(self, name: str, body: bytes) -> None:
        """One file more."""
        self._path(name).write_bytes(body)
        self.digests[name] = hashlib.sha256(body).digest()

    def file(self, name: str) -> bytes | None:
        """A file, if the answer has it."""
        return self._path(name).read_bytes() if name in self.digests else None

    def _path(self, name: str) -> Path:
        """One file each, whatever names there are: one may be another's folder."""
        return self.folder / hashlib.sha256(name.encode()).hexdigest()

    def firsts(self, journal: bytes) -> list[int]:
        """Where the pages of this journal begin, in order."""
        start = f"push/{journal.hex()}/"
        return sorted(int(name.removeprefix(start)) for name in self.digests if start in name)

    def hashes(self) -> Hashes | None:
        """What proofs are made from, if there were not too many."""
        data = self.file(HASHES)
        return Hashes.decode(data) if data is not None else None

    def transport(self, cursor: int, size: int) -> httpx.BaseTransport:
        """What the office would have answered, whose question began at this ``cursor``."""
        return _Stick(self, cursor, size)


class _Stick(httpx.BaseTransport):
    """Answers addresses from the files of an answer, and knows no others."""

    def __init__(self, told: Told, cursor: int, size: int) -> None:
        self._told = told
        self._size = size
        self._cursor = cursor
        self._pages: list[tuple[int, int, str]] | None = None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The answer to a request, as the office's server would give it."""
        path, asked = request.url.path, request.url.params
        if request.method != "GET":
            raise httpx.ConnectError("a stick takes nothing")
        if path == "/v1/pull":
            return _answer(self._pulled(int(asked["cursor"])), MSGPACK)
        if path == "/v1/reference":
            return httpx.Response(304)
        if path == "/log/consistency":
            return _answer(self._proof(int(asked["old"]), int(asked.get("new", self._size))), TEXT)
        if path == "/log/succession":
            return _answer(self._told.file(SUCCESSION), TEXT)
        _, _, name = path.removeprefix("/tuf/").partition("/")
        return _answer(self._told.file(f"tuf/{name}"), BYTES)

    def _pulled(self, cursor: int) -> bytes:
        """The page that goes on from the tablet's cursor. Where none does, there is nothing: what
        lies between may be what the tablet lacks."""
        if self._pages is None:  # not before somebody asks, who verified whose they are
            self._pages = list(_pages(self._told, self._cursor))
        for first, last, name in self._pages:
            if first <= cursor < last:
                return self._told.file(name) or b""
        return messages.encode(PullAnswer(at=0, cursor=cursor, records=[]))

    def _proof(self, old: int, new: int) -> bytes | None:
        hashes = self._told.hashes()
        if hashes is None:
            return None
        lines = (base64.b64encode(one) + b"\n" for one in hashes.consistency(old, new))
        return b"".join(lines) + b"\n" + (self._told.file(CHECKPOINT) or b"")


def _pages(told: Told, cursor: int) -> Iterator[tuple[int, int, str]]:
    """The pages of the office's records: from which cursor each goes on, to which, its name."""
    number = 0
    while (data := told.file(name := f"pull/{number}")) is not None:
        last = messages.decode(data, PullAnswer).cursor
        yield cursor, last, name
        cursor, number = last, number + 1


def _answer(body: bytes | None, media_type: str) -> httpx.Response:
    if body is None:
        return httpx.Response(404)
    return httpx.Response(200, content=body, headers={"content-type": media_type})

"""Targets: what the tablet reads of the server's, of its own disk's, and of what people type."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import httpx
import nacl.public

from field_client import settings, uscc
from field_client.contact.wire import MSGPACK, PROBLEM, TEXT, Wire
from field_client.documents import values
from field_client.errors import BadSetting, MediaError, RecoveryFailed, SyncError, WrapDamaged
from field_client.flow import display, lockscreen
from field_client.keys import keyfiles
from field_client.keys.keyfiles import DeviceFile, OfficerFile
from field_client.keys.recovery import recover_vault_key, seal_for_recovery
from field_client.store.blobs import BlobReader, BlobWriter
from protocol import messages
from protocol.messages import PushAnswer
from tests import wire as samples
from tests.fuzzing.target import NOW, Target, text

KEY = bytes(32)
BY_NAME = ("faces.json", "display.json")
"""Files that the tablet finds by their names."""
FACES = b'{"device":"YX-T07","agency":"a","issued_at":1,"officers":[{"cert_no":"1","name":"n"}]}'
DEVICE = DeviceFile(
    version=1, secret="passphrase", salt=KEY[:16], seed=bytes(48), public_key=KEY, recovery=KEY
)
OFFICER = OfficerFile(
    version=1,
    cert_no="00992304117",
    passes=1,
    memory=8,
    salt=KEY[:16],
    vault_key=bytes(72),
    seed=bytes(72),
    public_key=KEY,
)


def targets() -> list[Target]:
    """Every one of them."""
    return [*_answers(), *_key_files(), *_files(), *_typed()]


# ── the server's answers ─────────────────────────────────────────────────────────────────


class _StillClock:
    """A clock that stands: a hunt is the same in every run."""

    boot_id = KEY[:16]

    def wall_ms(self) -> int:
        return NOW

    def monotonic_ms(self) -> int:
        return 1


def _wire(status: int, kind: str, body: bytes, **headers: str) -> Wire:
    def server(_: httpx.Request) -> httpx.Response:
        told = {"content-type": kind, **{k.replace("_", "-"): v for k, v in headers.items()}}
        return httpx.Response(status, stream=httpx.ByteStream(body), headers=told)

    return Wire("http://server.example", None, _StillClock(), httpx.MockTransport(server))


def _answers() -> list[Target]:
    answer = next(one for one in samples.ALL if isinstance(one, PushAnswer))
    push, problem = samples.ALL[0], b'{"type":"/problems/stale","title":"Stale","detail":"..."}'

    def message(data: bytes) -> object:
        return _wire(200, MSGPACK, data).post("/v1/push", push, PushAnswer)

    def refusal(data: bytes) -> object:
        return _wire(422, PROBLEM, data).post("/v1/push", push, PushAnswer)

    def told_time(data: bytes) -> object:
        # What no HTTP library lets through as a header reaches nobody.
        at = "".join(char for char in data.decode("latin-1") if char.isprintable())
        wire = _wire(401, PROBLEM, problem, fujie_time=at.encode("ascii", "ignore").decode())
        return wire.post("/v1/push", push, PushAnswer)

    def proof(data: bytes) -> object:
        return _wire(200, TEXT, data).get_text("/log/consistency", "old=1")

    good = messages.encode(answer)
    return [
        Target("tablet, an answer", (good,), message, (SyncError,), slow=8),
        Target("tablet, a problem", (problem,), refusal, (SyncError,), slow=8),
        Target(
            "tablet, a server's time", (str(NOW).encode(), b"0"), told_time, (SyncError,), slow=8
        ),
        Target("tablet, a text", (b"AAAA\n\nlog", b"\xff"), proof, (SyncError,), slow=8),
    ]


# ── its own disk ─────────────────────────────────────────────────────────────────────────


@cache
def _scratch() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="fujie-hunt-")


def _folder() -> Path:
    return Path(_scratch().name)


def _read_file(name: str, read: Callable[[Path], object]) -> Callable[[bytes], object]:
    def parse(data: bytes) -> object:
        # Hunts at once share the folder, and two may hunt at files of one kind.
        path = _folder() / (name if name in BY_NAME else f"{os.getpid()}-{name}")
        path.write_bytes(data)
        return read(path)

    return parse


def _written(name: str, write: Callable[[Path], object]) -> bytes:
    path = _folder() / name
    path.unlink(missing_ok=True)
    write(path)
    data = path.read_bytes()
    path.unlink()
    return data


def _key_files() -> list[Target]:
    made = []
    for name, file, kind in (("device", DEVICE, DeviceFile), ("officer", OFFICER, OfficerFile)):
        good = _written("new.json", lambda path, file=file: keyfiles.write(path, file, KEY))

        def peeked(path: Path, kind: type = kind) -> object:
            return keyfiles.peek(path, kind)

        def opened(path: Path, kind: type = kind) -> object:
            read = keyfiles.read(path, kind, KEY)
            if read is None:  # told from a wrong PIN, and not an error
                raise keyfiles.damaged(path)
            return read

        made += [
            Target(
                f"key file of {name}, peeked",
                (good,),
                _read_file("key.json", peeked),
                (WrapDamaged,),
                slow=2,
            ),
            Target(
                f"key file of {name}",
                (good,),
                _read_file("key.json", opened),
                (WrapDamaged,),
                proves=True,
                slow=2,
            ),
        ]
    return made


def _media(path: Path) -> bytes:
    return BlobReader(path, KEY).all()


def _recorded(path: Path) -> None:
    writer = BlobWriter(path, KEY, reserve=0)
    writer.write(b"a shelf of loose goods " * 20)
    writer.finish()


def _files() -> list[Target]:
    seen = settings.read_settings(["--data-dir", str(_folder())], {})
    recovery = nacl.public.PrivateKey(KEY)
    sealed = seal_for_recovery(KEY, bytes(recovery.public_key))

    def faces(_: Path) -> object:
        return lockscreen.read(seen)

    def chosen(_: Path) -> object:
        return display.chosen(seen)

    return [
        Target(
            "media file",
            (_written("blob", _recorded),),
            _read_file("blob", _media),
            (MediaError,),
            proves=True,
            slow=2,
        ),
        Target(
            "sealed vault key",
            (sealed,),
            lambda data: recover_vault_key(data, KEY),
            (RecoveryFailed,),
            proves=True,
        ),
        Target(
            "faces of the locked screen",
            (FACES,),
            _read_file("faces.json", faces),
            (),
            slow=2,
        ),
        Target(
            "display",
            (b'{"language":"zh_CN","theme":"day"}',),
            _read_file("display.json", chosen),
            (),
            slow=2,
        ),
    ]


# ── what people type ─────────────────────────────────────────────────────────────────────


def _typed() -> list[Target]:
    def hours(told: str) -> object:
        return settings.read_settings([], {"FUJIE_FIELD_STALE_HOURS": told})

    return [
        Target(
            "address of a server",
            (b"https://log.yunxi.example:8443/fujie",),
            text(settings.read_address),
            (BadSetting,),
        ),
        Target("a whole number as setting", (b"24",), text(hours), (BadSetting,), slow=8),
        Target("amount", (b"3,500.50", "罚款500元".encode(), b"500"), text(values.read_money)),
        Target("time", (b"2026-11-18 09:12", b"2026-11-18T09:12+08:00"), text(values.read_time)),
        Target("social credit code", (b"91350100M000100Y43",), text(uscc.check_digit_fits)),
    ]

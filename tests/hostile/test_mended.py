"""What a hunt once found, each as the smallest bytes that showed it."""

from __future__ import annotations

from pathlib import Path

import pytest

from field_client import settings
from field_client.documents.values import read_money
from field_client.errors import BadSetting, ReferenceRefused, VaultDamaged, WrapDamaged
from field_client.flow import display, lockscreen
from field_client.keys import keyfiles
from field_client.keys.keyfiles import DeviceFile
from field_client.store.vault import _require_key
from protocol import envelope
from protocol.casefile import blobs_named
from protocol.errors import FujieError, Malformed
from protocol.messages import PushItem
from protocol.receipt import Reason
from protocol.registry.registry import Registry
from sync_server.log import intake
from sync_server.log.cosigning import read_watch
from sync_server.log.intake import Checked
from sync_server.web import tus
from sync_server.witness.store import read_logs
from tests.fuzzing import sticks
from tests.fuzzing.files import framed, unframed
from tests.fuzzing.scene import scene
from tests.fuzzing.server import county

DIGITS = "9" * 5000
"""More than Python turns into a number (sys.get_int_max_str_digits)."""

DEEP = b"[" * 100_000


@pytest.mark.parametrize("body", [b'{"version":1,"secret":"\xfd"}', b'{"version":' + DEEP])
def test_a_key_file_with_damaged_letters_or_endless_lists_is_told(
    body: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "device.json"
    for data in (body, b'{"body":' + body + b',"mac":""}'):
        path.write_bytes(data)
        with pytest.raises(WrapDamaged):
            keyfiles.peek(path, DeviceFile)


@pytest.mark.parametrize("data", [b'{"language":"\xff"}', b'{"officers":' + DEEP])
def test_what_may_be_lost_may_be_damaged_too(data: bytes, tmp_path: Path) -> None:
    seen = settings.read_settings(["--data-dir", str(tmp_path)], {})
    for name in ("display.json", "faces.json"):
        (tmp_path / name).write_bytes(data)
    assert display.chosen(seen).language == seen.language
    assert lockscreen.read(seen).officers == []


def test_a_setting_of_five_thousand_digits_is_named() -> None:
    with pytest.raises(BadSetting):
        settings.read_settings([], {"FUJIE_FIELD_STALE_HOURS": DIGITS})


def test_five_thousand_digits_are_no_amount() -> None:
    assert read_money(DIGITS) is None


def test_a_checksum_that_is_not_ascii_is_malformed() -> None:
    with pytest.raises(Malformed):
        tus._checksum("sha256 \xc6")


@pytest.mark.parametrize("page", [DIGITS, "0", "-1", "١", "100000", ""])
def test_a_page_number_that_is_none_shows_the_first_page(page: str) -> None:
    told = f"GET /decisions?page={page} HTTP/1.1\r\n\r\n".encode("ascii", "xmlcharrefreplace")
    assert county().ask(told) == 200


def test_references_are_found_however_deep_they_lie() -> None:
    reference = '{"sha256":"%s","size":1,"media_type":"a/b"}'
    deep = reference % ("0" * 64)
    for number in range(1, 900):
        deep = f"[{reference % f'{number:064}'},{deep}]"
    found = [one.sha256 for one in blobs_named(f'{{"kind":"x","parts":{deep}}}'.encode())]
    assert found == [f"{number:064}" for number in reversed(range(900))]


def test_references_deeper_than_the_reader_goes_are_refused() -> None:
    with pytest.raises(FujieError):
        blobs_named(b'{"parts":' + DEEP)


DEEP_LISTS = b"\x91" * 100_000
"""Lists in lists in msgpack, deeper than any reader follows."""


@pytest.mark.parametrize(
    "data",
    [
        b"\x94\xa1t\xc4\x00\x90" + DEEP_LISTS,
        b"\x93\xa1t\xc4\x00\x91\x93\xc4\x00\xc4\x00" + DEEP_LISTS,
    ],
    ids=["behind the signatures", "behind a signature"],
)
def test_what_an_envelope_does_not_have_is_malformed_however_deep(data: bytes) -> None:
    """It is skipped unread, and skipping goes down too. In a push it is flagged and kept, and
    blocks nothing that is behind it."""
    with pytest.raises(Malformed):
        envelope.decode(data)
    link = scene().record.link.encode()
    checked = intake.verify(PushItem(link=link, statement=data), Registry())
    assert isinstance(checked, Checked)
    assert (checked.reasons, checked.stray) == ((Reason.MALFORMED,), data)


@pytest.mark.parametrize("data", [DEEP, b'{"key":"\xff"}'])
def test_settings_and_keepsakes_that_are_damaged_are_named(data: bytes, tmp_path: Path) -> None:
    """What lies on a disk of one's own is read like anything else."""
    path = tmp_path / "file.json"
    path.write_bytes(data)
    for read in (read_watch, read_logs):
        with pytest.raises(FujieError, match=r"file\.json"):
            read(path)
    (tmp_path / "vault.db").write_bytes(b"")
    (tmp_path / "vault.db.id").write_bytes(data)
    with pytest.raises(VaultDamaged):
        _require_key(tmp_path / "vault.db", bytes(32))


def test_other_metadata_in_a_root_s_place_is_refused() -> None:
    """python-tuf reads whatever role is in the file, whatever was asked for."""
    target = next(one for one in sticks.targets() if one.name == "tuf repository on a stick")
    files = unframed(target.seeds[0])
    for name in ("timestamp.json", "7.snapshot.json", "7.targets.json"):
        with pytest.raises(ReferenceRefused):
            target.parse(framed(files | {"1.root.json": files[name]}))

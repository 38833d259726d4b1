"""Fixtures of the tablet's tests: clocks that tests turn, cheap keys, a vault on disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from field_client.documents import Typesetter
from field_client.inspection import Inspection
from field_client.keys.identity import KeyStore, Unlocked
from field_client.keys.secret import CHEAPEST, PassphraseSecret
from field_client.store.vault import Vault
from field_client.ui import i18n
from tests.ports import free_port

if TYPE_CHECKING:
    from tests.field_client.county import County, FieldTablet

PASSPHRASE = "青石镇 tablet seven"
VAULT_KEY = bytes(range(32))
MORNING = 1_783_386_720_000  # 2026-07-07 09:12 in Asia/Shanghai


@dataclass
class TurnedClock:
    """A clock that stands until a test turns it."""

    boot_id: bytes = b"\x01" * 16
    wall: int = MORNING
    monotonic: int = 60_000

    def wall_ms(self) -> int:
        return self.wall

    def monotonic_ms(self) -> int:
        return self.monotonic

    def pass_seconds(self, seconds: int) -> None:
        self.wall += 1000 * seconds
        self.monotonic += 1000 * seconds

    def reboot(self) -> None:
        self.boot_id = bytes([self.boot_id[0] + 1]) * 16
        self.monotonic = 5_000


@pytest.fixture(autouse=True)
def chinese() -> None:
    """The language that an earlier test chose is not this one's."""
    i18n.set_language("zh_CN")


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


@pytest.fixture
def open_keys(tmp_path: Path, clock: TurnedClock) -> Callable[[], KeyStore]:
    """The tablet's keys as a freshly started program sees them."""

    def open_keys() -> KeyStore:
        secret = PassphraseSecret(PASSPHRASE, CHEAPEST)
        return KeyStore(tmp_path / "keys", secret, clock, profile=CHEAPEST)

    return open_keys


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    """A fresh, empty vault."""
    vault = Vault.create(tmp_path / "vault.db", VAULT_KEY)
    yield vault
    vault.close()


# ── an enrolled tablet of a real county (``county.py``) ──────────────────────────────────────


@pytest.fixture(scope="session")
def typesetter() -> Iterator[Typesetter]:
    """The typesetting process, kept warm for all tests."""
    with Typesetter() as one:
        yield one


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A media file in place of a camera: two seconds of pictures."""
    from field_client.camera.media import record_clip
    from field_client.camera.media_source import MediaSource
    from field_client.device_clock import SystemClock
    from field_client.store.blobs import BlobReader, BlobWriter

    folder = tmp_path_factory.mktemp("media")
    sink = BlobWriter(folder / "shop.blob", VAULT_KEY, reserve=0)
    record_clip(
        MediaSource("testsrc=size=320x180:rate=10", "lavfi"), sink, SystemClock(), seconds=2
    )
    path = folder / "shop.mp4"
    path.write_bytes(BlobReader(sink.path, VAULT_KEY).all())
    return path


@pytest.fixture(scope="session")
def morning(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """云溪县 with YX-T07 and both officers enrolled, ten minutes before the tests begin;
    tests work on copies."""
    from tests.field_client import county as c

    folder = tmp_path_factory.mktemp("morning")
    clock = TurnedClock(wall=MORNING - 600_000)
    c.found(folder / "office", clock)
    office = c.County(folder / "office", c.ServerClock(clock), free_port())
    office.start()
    c.enrol(office, folder / "tablet", clock)
    office.stop()
    return folder


@pytest.fixture
def county(morning: Path, tmp_path: Path, clock: TurnedClock) -> Iterator[County]:
    """The office with its server, not running yet."""
    from tests.field_client import county as c

    office = c.copied(morning / "office", tmp_path / "office")
    made = c.County(office, c.ServerClock(clock), free_port())
    yield made
    made.stop()
    assert made.meddler.faults == []


@pytest.fixture
def online(county: County, tablet: FieldTablet) -> County:
    """The county with its server running."""
    county.start()
    return county


@pytest.fixture
def tablet(
    morning: Path,
    tmp_path: Path,
    clock: TurnedClock,
    county: County,
    shop: Path,
    typesetter: Typesetter,
) -> Iterator[FieldTablet]:
    """YX-T07, unlocked by both officers; the server is not reached."""
    from tests.field_client import county as c

    folder = c.copied(morning / "tablet", tmp_path / "tablet")
    made = c.FieldTablet.start(folder, clock, county, shop, typesetter)
    yield made
    made.tablet.close()


@pytest.fixture
def officer_shen(tablet: FieldTablet) -> Unlocked:
    return tablet.shen


@pytest.fixture
def officer_lu(tablet: FieldTablet) -> Unlocked:
    return tablet.lu


@pytest.fixture
def inspection(tablet: FieldTablet) -> Inspection:
    """Opened, cards shown, rights told and signed for."""
    return tablet.opened_and_notified()

"""Fixtures of the tablet's tests: clocks that tests turn, cheap keys, a vault on disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from field_client.identity import KeyStore
from field_client.secret import CHEAPEST, PassphraseSecret
from field_client.vault import Vault

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

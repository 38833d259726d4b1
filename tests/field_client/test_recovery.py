"""Whatever happens to PIN and passphrase, the office reads the records."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import nacl.public
import pytest

from field_client.errors import RecoveryFailed, WrapWiped, WrongPin
from field_client.keys.identity import KeyStore
from field_client.keys.recovery import new_vault_key, recover_vault_key, seal_for_recovery
from field_client.store.tables import CaseRow
from field_client.store.vault import Vault

SHEN = "00992304117"


def test_after_a_wipe_the_office_still_reads_the_records(
    open_keys: Callable[[], KeyStore], tmp_path: Path, clock: Any
) -> None:
    """Ten wrong PINs remove the officer's keys; the recovery key opens the same vault."""
    agency = nacl.public.PrivateKey.generate()
    vault_key, keys = new_vault_key(), open_keys()
    keys.device.make()
    keys.add_officer(SHEN, "471108", vault_key)
    keys.keep_officer(SHEN)
    keys.device.keep_recovery(seal_for_recovery(vault_key, bytes(agency.public_key)))
    opened = Vault.create(tmp_path / "vault.db", vault_key)
    with opened.closing() as vault, vault.transaction() as session:
        session.add(CaseRow(case_id=b"\x07" * 32, tag=bytes(16), title="禾穗食品", opened_at=1))

    for _ in range(10):
        clock.pass_seconds(15 * 60)
        with pytest.raises((WrongPin, WrapWiped)):
            keys.unlock(SHEN, "999990")
    with pytest.raises(WrapWiped):
        keys.unlock(SHEN, "471108")

    recovered = recover_vault_key(open_keys().device.recovery(), bytes(agency))
    opened = Vault.open(tmp_path / "vault.db", recovered)
    with opened.closing() as vault, vault.session() as session:
        assert session.get_one(CaseRow, b"\x07" * 32).title == "禾穗食品"


def test_another_agencys_key_recovers_nothing() -> None:
    """A seal opens with the private key it was made for and no other."""
    sealed = seal_for_recovery(bytes(32), bytes(nacl.public.PrivateKey.generate().public_key))
    with pytest.raises(RecoveryFailed):
        recover_vault_key(sealed, bytes(nacl.public.PrivateKey.generate()))


def test_a_changed_seal_recovers_nothing() -> None:
    """One changed byte anywhere in the seal is refused."""
    agency = nacl.public.PrivateKey.generate()
    sealed = seal_for_recovery(bytes(32), bytes(agency.public_key))
    for place in range(len(sealed)):
        changed = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
        with pytest.raises(RecoveryFailed):
            recover_vault_key(changed, bytes(agency))

"""The vault opened by the tablet's recovery code, as the administrator reads it out; by no PIN.

opened(desk, code, passphrase, then)    # ``then(key)`` on the window's thread
"""

from __future__ import annotations

from collections.abc import Callable

from field_client.flow.desk import Desk
from field_client.keys.identity import KeyStore
from field_client.keys.recovery import read_code
from field_client.store.vault import Vault
from field_client.tablet import Tablet


def opened(desk: Desk, code: str, passphrase: str, then: Callable[[bytes], None]) -> None:
    """Open the tablet by the vault's key, and hand that on. Raises RecoveryFailed for a code that
    is none; what else stands against it becomes a sheet."""
    key = read_code(code)

    def job() -> tuple[KeyStore, Tablet]:
        keys = desk.keys or desk.make_keys(passphrase)
        with Vault.open(desk.settings.vault_path, key).closing():
            pass  # it is this vault's key
        return keys, desk.tablet or Tablet.open(desk.settings, keys, desk.clock, key)

    def done(found: tuple[KeyStore, Tablet]) -> None:
        desk.keys, tablet = found
        if desk.tablet is None:
            desk.tablet = tablet
            tablet.wire.speak(desk.language)
        then(key)

    desk.work(job, done, waiting=desk._("Checking the recovery code…"))

"""PIN and device secret → the vault's key and the officer's signature.

    unlock key = Argon2id(PIN ‖ device secret)         per officer, with the officer's own salt
    unlock key ─ opens ─┬─ the vault's key             one vault, one wrap for each officer
                        └─ the officer's signing seed

All keys are made here, on the tablet. An attempt is written to disk *before* it is judged, so
that pulling the plug saves nobody an attempt. After too many the officer's two wraps are
removed; the records stay, and the office opens them with the vault key that was sealed to its
recovery key at enrolment (``recovery.py``). Not promised: that Python forgets a key when the
screen locks, or that flash memory forgets a removed file at once.

    keys = KeyStore(settings.keys_dir, PassphraseSecret("twelve or more"), SystemClock())
    keys.device.make()
    keys.add_officer("00992304117", "471108", new_vault_key())
    keys.keep_officer("00992304117")                    # the office certified the key
    unlocked = keys.unlock("00992304117", "471108")     # .vault_key .signer
"""

from __future__ import annotations

import re
import secrets
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import msgspec.structs
import nacl.exceptions

from field_client.device_clock import Clock, Reading, read_clock
from field_client.durable import move_durably
from field_client.errors import NoSuchOfficer, PinLocked, WrapDamaged, WrapWiped, WrongPin
from field_client.keys import keyfiles
from field_client.keys.device_keys import DeviceKeys, unwrap, wrap
from field_client.keys.keyfiles import OfficerFile
from field_client.keys.pin import Attempts, PinPolicy, check_new_pin
from field_client.keys.secret import INTERACTIVE, SALT_SIZE, Argon2Profile, DeviceSecret, subkey
from protocol.keys import ED25519, Ed25519Signer, Verifier

CERT_NO = re.compile(r"[0-9A-Za-z-]{1,32}")
NEW = ".next"
"""How the file of a key ends that the office has still to certify."""


@dataclass(frozen=True)
class Unlocked:
    """What a right PIN gives: the vault's 32-byte key and the officer's signer."""

    cert_no: str
    vault_key: bytes = field(repr=False)
    signer: Ed25519Signer = field(repr=False)


@dataclass(frozen=True)
class OfficerState:
    """What the PIN screen shows before a PIN is typed. ``until`` in ms UTC, None: at once.
    ``wiped``: no PIN opens these keys any more, as they were removed or their file is damaged; a
    new code of the office makes new ones."""

    cert_no: str
    left: int
    until: int | None
    wiped: bool
    verifier: Verifier | None


class KeyStore:
    """The key files of one tablet, under ``folder``. Safe for use by several threads."""

    def __init__(
        self,
        folder: Path,
        secret: DeviceSecret,
        clock: Clock,
        policy: PinPolicy | None = None,
        profile: Argon2Profile = INTERACTIVE,
    ) -> None:
        self.device = DeviceKeys(folder, secret)
        self._folder = folder / "officers"
        self._clock = clock
        self._policy = policy or PinPolicy()
        self._profile = profile
        self._lock = threading.RLock()

    def officers(self) -> list[OfficerState]:
        """Everyone with a key file on this tablet, by certificate number."""
        return [self.state(path.stem) for path in sorted(self._folder.glob("*.json"))]

    def state(self, cert_no: str) -> OfficerState:
        """Attempts left, delay and wipe of one officer, without an attempt."""
        try:
            file, now = self._load(cert_no), read_clock(self._clock)
        except WrapDamaged:  # it says so when it is to be unlocked, and holds up nobody else
            return OfficerState(cert_no, left=0, until=None, wiped=True, verifier=None)
        wait, left = _attempts(file).remaining_ms(now), self._policy.left(file.wrong)
        wiped = file.wiped_at is not None or left == 0
        return OfficerState(
            cert_no=cert_no,
            left=0 if wiped else left,
            until=now.wall_ms + wait if wait and not wiped else None,
            wiped=wiped,
            verifier=Verifier(ED25519, file.public_key),
        )

    def add_officer(self, cert_no: str, pin: str, vault_key: bytes) -> Unlocked:
        """Make an officer a signing key and wraps, beside those that are there already: these
        stand until ``keep_officer``. Raises PinTooSimple, NoSuchOfficer, DiskFull.
        """
        check_new_pin(pin)
        seed = secrets.token_bytes(32)
        with self._lock:
            file = self._make(cert_no, pin, vault_key, seed)
            keyfiles.write(self._new(cert_no), file, self.device.mac_key())
        return Unlocked(cert_no, vault_key, Ed25519Signer(seed))

    def keep_officer(self, cert_no: str) -> None:
        """The office certified the new key: it takes the old one's place, in one step."""
        with self._lock:
            move_durably(self._new(cert_no), self._path(cert_no))

    def remove_officer(self, cert_no: str) -> None:
        """Remove a new key that the office would not certify; nothing was signed with it."""
        with self._lock:
            self._new(cert_no).unlink(missing_ok=True)

    def settle(self, certified: Callable[[str, bytes], bool]) -> None:
        """Keep the new keys that the office did certify, by certificate number and key id, when
        its answer was lost or the plug was pulled before ``keep_officer``."""
        for path in sorted(self._folder.glob(f"*{NEW}")):
            with self._lock, suppress(WrapDamaged):
                file = keyfiles.read(path, OfficerFile, self.device.mac_key())
                if file is not None and self._new(file.cert_no) == path:
                    key = Verifier(ED25519, file.public_key)
                    if certified(file.cert_no, key.key_id):
                        self.keep_officer(file.cert_no)

    def wipe(self) -> None:
        """Remove every officer's wraps: the tablet is lost. The records stay, and so does the
        vault's key as it is sealed to the agency. Raises DiskFull; then call it again."""
        with self._lock:
            for path in sorted(self._folder.glob("*.json")):
                with suppress(WrapDamaged):
                    file = self._load(path.stem)
                    if file.wiped_at is None:
                        self._save(_wiped(file, read_clock(self._clock)))

    def unlock(self, cert_no: str, pin: str) -> Unlocked:
        """Open an officer's wraps. Takes Argon2id's time (0.8 s): call it off the UI thread.

        Raises WrongPin (counted), PinLocked (not counted), WrapWiped, WrapDamaged,
        NoSuchOfficer, WrongPassphrase; DiskFull when the attempt cannot be counted.
        """
        vault_key, seed = self._judge(cert_no, pin)
        return Unlocked(cert_no, vault_key, Ed25519Signer(seed))

    def change_pin(self, cert_no: str, pin: str, new_pin: str) -> None:
        """Wrap the same keys under a new PIN. Raises what unlock and add_officer raise."""
        check_new_pin(new_pin)
        with self._lock:
            vault_key, seed = self._judge(cert_no, pin)
            self._save(self._make(cert_no, new_pin, vault_key, seed))

    def _judge(self, cert_no: str, pin: str) -> tuple[bytes, bytes]:
        """Vault key and seed; the attempt is on disk before the PIN is tried."""
        with self._lock:
            now = read_clock(self._clock)
            file = self._gate(self._load(cert_no), now)
            counted = _with(file, _attempts(file).one_more(self._policy, now))
            self._save(counted)
            keys = self._open(counted, pin)
            if keys is None:
                self._refuse(counted, now)
            self._save(_with(file, Attempts()))
            return keys

    def _gate(self, file: OfficerFile, now: Reading) -> OfficerFile:
        """Refuse what may not be tried now; carry a delay over a restart."""
        if file.wiped_at is not None or self._policy.left(file.wrong) == 0:
            self._wipe(file, now)
        attempts = _attempts(file)
        if attempts.delay_ms and attempts.since.boot_id != now.boot_id:
            attempts = attempts.carried_over(now)
            file = _with(file, attempts)
            self._save(file)
        if wait := attempts.remaining_ms(now):
            raise PinLocked(
                "PIN entry is locked for {minutes} min more; the records are safe. "
                "If it is urgent, ask your administrator.",
                minutes=-(-wait // 60_000),
                until=now.wall_ms + wait,
                wait_ms=wait,
            )
        return file

    def _refuse(self, file: OfficerFile, now: Reading) -> NoReturn:
        left = self._policy.left(file.wrong)
        if left == 0:
            self._wipe(file, now)
        until = now.wall_ms + file.delay_ms if file.delay_ms else None
        if left <= self._policy.warn_from:
            raise WrongPin(
                "Wrong PIN. After {wipes_in} more, this officer's keys are removed from the "
                "tablet; the records stay. Ask your administrator before you go on.",
                wipes_in=left,
                left=left,
                until=until,
            )
        raise WrongPin("Wrong PIN. Attempts left: {left}.", left=left, until=until)

    def _wipe(self, file: OfficerFile, now: Reading) -> NoReturn:
        if file.wiped_at is None:
            self._save(_wiped(file, now))
        if self._policy.left(file.wrong):
            raise WrapWiped(
                "This officer's keys were removed, as the office reported this tablet lost. The "
                "records are safe and the office can open them: bring the tablet to your "
                "administrator."
            )
        raise WrapWiped(
            "This officer's keys were removed after {attempts} wrong PINs. The records are safe "
            "and the office can open them: bring the tablet to your administrator.",
            attempts=file.wrong,
        )

    def _make(self, cert_no: str, pin: str, vault_key: bytes, seed: bytes) -> OfficerFile:
        salt = secrets.token_bytes(SALT_SIZE)
        key = self._unlock_key(self._profile, pin, salt)
        return OfficerFile(
            version=keyfiles.VERSION,
            cert_no=cert_no,
            passes=self._profile.passes,
            memory=self._profile.memory,
            salt=salt,
            vault_key=wrap(subkey(key, "vault key"), vault_key),
            seed=wrap(subkey(key, "officer seed"), seed),
            public_key=Ed25519Signer(seed).verifier.public_key,
        )

    def _open(self, file: OfficerFile, pin: str) -> tuple[bytes, bytes] | None:
        """Vault key and seed, or None for a wrong PIN."""
        profile = Argon2Profile("from the file", file.passes, file.memory)
        key = self._unlock_key(profile, pin, file.salt)
        try:
            vault_key = unwrap(subkey(key, "vault key"), file.vault_key)
            return vault_key, unwrap(subkey(key, "officer seed"), file.seed)
        except nacl.exceptions.CryptoError:
            return None

    def _unlock_key(self, profile: Argon2Profile, pin: str, salt: bytes) -> bytes:
        # The device's part is 32 bytes at the end: PIN and secret cannot run into each other.
        return profile.derive(pin.encode("utf-8") + self.device.unlock_part(), salt)

    def _path(self, cert_no: str, kind: str = ".json") -> Path:
        if not CERT_NO.fullmatch(cert_no):
            raise NoSuchOfficer("{cert_no} is not a certificate number.", cert_no=cert_no)
        return self._folder / f"{cert_no}{kind}"

    def _new(self, cert_no: str) -> Path:
        return self._path(cert_no, NEW)

    def _load(self, cert_no: str) -> OfficerFile:
        path = self._path(cert_no)
        file = keyfiles.read(path, OfficerFile, self.device.mac_key())
        if file is None or file.cert_no != cert_no:
            raise keyfiles.damaged(path)
        return file

    def _save(self, file: OfficerFile) -> None:
        keyfiles.write(self._path(file.cert_no), file, self.device.mac_key())


def _wiped(file: OfficerFile, now: Reading) -> OfficerFile:
    return msgspec.structs.replace(file, vault_key=b"", seed=b"", wiped_at=now.wall_ms)


def _attempts(file: OfficerFile) -> Attempts:
    since = Reading(file.since_boot, file.since_monotonic_ms, file.since_wall_ms)
    return Attempts(file.wrong, file.delay_ms, since)


def _with(file: OfficerFile, attempts: Attempts) -> OfficerFile:
    return msgspec.structs.replace(
        file,
        wrong=attempts.wrong,
        delay_ms=attempts.delay_ms,
        since_boot=attempts.since.boot_id,
        since_monotonic_ms=attempts.since.monotonic_ms,
        since_wall_ms=attempts.since.wall_ms,
    )

"""PIN and device secret open the officer's keys, and nothing else does."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from field_client.errors import (
    AlreadyEnrolled,
    DiskFull,
    NoSuchOfficer,
    PassphraseTooShort,
    PinLocked,
    PinTooSimple,
    WrapDamaged,
    WrapWiped,
    WrongPassphrase,
    WrongPin,
)
from field_client.keys.identity import KeyStore
from field_client.keys.pin import PinPolicy
from field_client.keys.secret import CHEAPEST, INTERACTIVE, PassphraseSecret

SHEN, LU = "00992304117", "00992304132"
PIN, WRONG = "471108", "999990"
KEY = bytes(range(32))

OpenKeys = Callable[[], KeyStore]


@pytest.fixture
def enrolled(open_keys: OpenKeys) -> OpenKeys:
    """A tablet with device keys and Shen's wraps."""
    keys = open_keys()
    keys.device.make()
    keys.add_officer(SHEN, PIN, KEY)
    keys.keep_officer(SHEN)
    return open_keys


def fail(keys: KeyStore, times: int, clock: Any) -> None:
    """Enter a wrong PIN, each time after the delay is over."""
    for _ in range(times):
        clock.pass_seconds(15 * 60)
        with pytest.raises(WrongPin):
            keys.unlock(SHEN, WRONG)


def test_the_right_pin_opens_vault_key_and_signature(enrolled: OpenKeys) -> None:
    """After a restart the PIN gives the vault's key and the key that add_officer announced."""
    unlocked = enrolled().unlock(SHEN, PIN)
    assert unlocked.vault_key == KEY
    assert unlocked.signer.verifier == enrolled().state(SHEN).verifier
    assert KEY.hex() not in repr(unlocked)


def test_two_officers_open_one_vault_with_keys_of_their_own(enrolled: OpenKeys) -> None:
    """Each officer's PIN opens the same vault key and a different signature."""
    enrolled().add_officer(LU, "205817", KEY)
    enrolled().keep_officer(LU)
    shen, lu = enrolled().unlock(SHEN, PIN), enrolled().unlock(LU, "205817")
    assert shen.vault_key == lu.vault_key
    assert shen.signer.verifier != lu.signer.verifier
    with pytest.raises(WrongPin):
        enrolled().unlock(LU, PIN)


def test_the_device_signs_while_officers_are_locked(enrolled: OpenKeys) -> None:
    """The device's signer needs no PIN and is the same after a restart."""
    assert enrolled().device.signer().verifier == enrolled().device.signer().verifier


def test_another_passphrase_is_named_before_a_pin_is_counted(
    enrolled: OpenKeys, tmp_path: Path, clock: Any
) -> None:
    """A wrong device secret says so and leaves the officer's attempts alone."""
    other = PassphraseSecret("some other words", CHEAPEST)
    with pytest.raises(WrongPassphrase):
        KeyStore(tmp_path / "keys", other, clock, profile=CHEAPEST).unlock(SHEN, PIN)
    assert enrolled().state(SHEN).left == 10


def test_a_changed_argon2_profile_of_the_secret_is_named(
    enrolled: OpenKeys, tmp_path: Path, clock: Any
) -> None:
    """A tablet set to another cost than its keys were made with says which was used."""
    other = PassphraseSecret("青石镇 tablet seven", INTERACTIVE)
    with pytest.raises(WrongPassphrase, match="passphrase/cheapest"):
        KeyStore(tmp_path / "keys", other, clock).device.signer()


def test_a_short_passphrase_is_refused() -> None:
    """Eleven characters are too few, twelve are enough."""
    with pytest.raises(PassphraseTooShort, match="12"):
        PassphraseSecret("elevenchars")
    PassphraseSecret("twelve chars", CHEAPEST)


@pytest.mark.parametrize("pin", ["47110", "47110a", "000000", "", "４７１１０８"])
def test_a_pin_that_is_guessed_at_once_is_refused(enrolled: OpenKeys, pin: str) -> None:
    """A new PIN has six ASCII digits or more, not all the same."""
    with pytest.raises(PinTooSimple):
        enrolled().add_officer(LU, pin, KEY)


def test_nothing_standing_is_overwritten(enrolled: OpenKeys) -> None:
    """The device's keys are made once; an officer's stand until the office certified others."""
    with pytest.raises(AlreadyEnrolled):
        enrolled().device.make()
    before = enrolled().unlock(SHEN, PIN).signer.verifier
    new = enrolled().add_officer(SHEN, "205817", KEY).signer.verifier
    assert enrolled().unlock(SHEN, PIN).signer.verifier == before
    enrolled().remove_officer(SHEN)
    assert enrolled().unlock(SHEN, PIN).signer.verifier == before
    new = enrolled().add_officer(SHEN, "205817", KEY).signer.verifier
    enrolled().keep_officer(SHEN)
    assert enrolled().unlock(SHEN, "205817").signer.verifier == new != before


def test_a_new_key_whose_certificate_was_lost_on_the_way_is_kept_when_the_roster_names_it(
    enrolled: OpenKeys,
) -> None:
    """And only then; who has no key here is left alone."""
    before = enrolled().unlock(SHEN, PIN).signer.verifier
    new = enrolled().add_officer(SHEN, "205817", KEY).signer.verifier
    enrolled().settle(lambda cert_no, key: False)
    assert enrolled().unlock(SHEN, PIN).signer.verifier == before
    enrolled().settle(lambda cert_no, key: (cert_no, key) == (SHEN, new.key_id))
    assert enrolled().unlock(SHEN, "205817").signer.verifier == new


def test_a_new_key_in_a_damaged_file_is_not_kept(enrolled: OpenKeys, tmp_path: Path) -> None:
    """The key in force stays."""
    enrolled().add_officer(SHEN, "205817", KEY)
    (tmp_path / f"keys/officers/{SHEN}.next").write_bytes(b"{")
    enrolled().settle(lambda cert_no, key: True)
    assert enrolled().unlock(SHEN, PIN).vault_key == KEY


def test_a_damaged_file_holds_up_no_other_officer(enrolled: OpenKeys, tmp_path: Path) -> None:
    """It counts as removed: a new code makes new keys, as after too many wrong PINs."""
    enrolled().add_officer(LU, "205817", KEY)
    enrolled().keep_officer(LU)
    (tmp_path / f"keys/officers/{SHEN}.json").write_bytes(b"{")
    states = {one.cert_no: one.wiped for one in enrolled().officers()}
    assert states == {SHEN: True, LU: False}
    enrolled().add_officer(SHEN, PIN, KEY)
    enrolled().keep_officer(SHEN)
    assert enrolled().unlock(SHEN, PIN).vault_key == KEY


@pytest.mark.parametrize("cert_no", ["00992304999", "../device", ""])
def test_an_unknown_officer_is_named(enrolled: OpenKeys, cert_no: str) -> None:
    """A number without a key file, or one that is a path, is no officer here."""
    with pytest.raises(NoSuchOfficer):
        enrolled().unlock(cert_no, PIN)


def test_three_slips_cost_no_wait(enrolled: OpenKeys) -> None:
    """Three wrong PINs in a row count down and the fourth attempt is judged at once."""
    for left in (9, 8, 7):
        with pytest.raises(WrongPin) as wrong:
            enrolled().unlock(SHEN, WRONG)
        assert (wrong.value.left, wrong.value.wipes_in, wrong.value.until) == (left, None, None)
    assert enrolled().unlock(SHEN, PIN).vault_key == KEY


def test_the_right_pin_forgives_the_wrong_ones(enrolled: OpenKeys) -> None:
    """After a right PIN all ten attempts are there again."""
    with pytest.raises(WrongPin):
        enrolled().unlock(SHEN, WRONG)
    enrolled().unlock(SHEN, PIN)
    assert enrolled().state(SHEN).left == 10


def test_the_wait_grows_from_the_fourth_wrong_pin(enrolled: OpenKeys, clock: Any) -> None:
    """30 s, 60 s, 5 min, then 15 min each; even the right PIN is not judged before."""
    fail(enrolled(), 3, clock)
    for wait in (30, 60, 300, 900, 900, 900):
        with pytest.raises(WrongPin):
            enrolled().unlock(SHEN, WRONG)
        clock.pass_seconds(wait - 1)
        with pytest.raises(PinLocked) as locked:
            enrolled().unlock(SHEN, PIN)
        assert locked.value.until == clock.wall_ms() + 1000
        assert locked.value.wait_ms == 1000
        clock.pass_seconds(1)
    assert enrolled().unlock(SHEN, PIN).vault_key == KEY


def test_a_clock_moved_by_hand_changes_no_wait_within_a_boot(
    enrolled: OpenKeys, clock: Any
) -> None:
    """Moving the wall clock, back or on, neither ends nor stretches a delay."""
    fail(enrolled(), 4, clock)
    for moved in (-86_400_000, 7 * 86_400_000):
        clock.wall += moved
        with pytest.raises(PinLocked) as locked:
            enrolled().unlock(SHEN, PIN)
        assert locked.value.until - clock.wall_ms() == 30_000


def test_a_wait_goes_on_over_a_restart(enrolled: OpenKeys, clock: Any) -> None:
    """Restarting the tablet keeps what is left of the delay, no more and no less."""
    fail(enrolled(), 4, clock)
    clock.pass_seconds(10)
    clock.reboot()
    with pytest.raises(PinLocked) as locked:
        enrolled().unlock(SHEN, PIN)
    assert locked.value.wait_ms == 20_000
    clock.pass_seconds(20)
    assert enrolled().unlock(SHEN, PIN).vault_key == KEY


def test_a_clock_moved_back_over_a_restart_starts_the_wait_again(
    enrolled: OpenKeys, clock: Any
) -> None:
    """A clock set to last year before start-up costs the whole delay once, not a year."""
    fail(enrolled(), 4, clock)
    clock.pass_seconds(29)
    clock.reboot()
    clock.wall -= 365 * 86_400_000
    with pytest.raises(PinLocked) as locked:
        enrolled().unlock(SHEN, PIN)
    assert locked.value.wait_ms == 30_000
    clock.pass_seconds(30)
    assert enrolled().unlock(SHEN, PIN).vault_key == KEY


def test_an_attempt_is_counted_before_it_is_judged(
    enrolled: OpenKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killing the program while a PIN is tried does not give the attempt back."""

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    keys = enrolled()
    with monkeypatch.context() as patched:
        patched.setattr(KeyStore, "_open", killed)
        with pytest.raises(KeyboardInterrupt):
            keys.unlock(SHEN, PIN)
    assert enrolled().state(SHEN).left == 9


def test_an_attempt_that_cannot_be_counted_is_not_judged(
    enrolled: OpenKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a full disk no PIN is tried, right or wrong."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    keys = enrolled()
    with monkeypatch.context() as patched:
        patched.setattr("field_client.durable.os.fsync", full)
        with pytest.raises(DiskFull):
            keys.unlock(SHEN, PIN)
    assert enrolled().unlock(SHEN, PIN).vault_key == KEY


def test_the_last_three_attempts_warn(enrolled: OpenKeys, clock: Any) -> None:
    """From three attempts before the end, the error says what will happen and when."""
    warnings = []
    for _ in range(9):
        clock.pass_seconds(15 * 60)
        with pytest.raises(WrongPin) as wrong:
            enrolled().unlock(SHEN, WRONG)
        warnings.append(wrong.value.wipes_in)
    assert warnings == [None] * 6 + [3, 2, 1]


def test_the_tenth_wrong_pin_removes_the_keys_for_good(
    enrolled: OpenKeys, clock: Any, tmp_path: Path
) -> None:
    """Then no PIN opens anything, and the file holds no wrap any more."""
    fail(enrolled(), 9, clock)
    clock.pass_seconds(15 * 60)
    for pin in (WRONG, PIN):
        with pytest.raises(WrapWiped):
            enrolled().unlock(SHEN, pin)
    body = json.loads((tmp_path / f"keys/officers/{SHEN}.json").read_bytes())["body"]
    assert body["vault_key"] == body["seed"] == ""
    assert enrolled().state(SHEN).wiped


def test_the_agency_may_set_fewer_attempts(enrolled: OpenKeys, tmp_path: Path, clock: Any) -> None:
    """With five attempts allowed, the fifth wrong PIN removes the keys."""
    secret = PassphraseSecret("青石镇 tablet seven", CHEAPEST)
    keys = KeyStore(tmp_path / "keys", secret, clock, PinPolicy(max_attempts=5), CHEAPEST)
    fail(keys, 4, clock)
    clock.pass_seconds(60)
    with pytest.raises(WrapWiped):
        keys.unlock(SHEN, WRONG)


def test_a_wiped_officer_is_enrolled_again_with_a_new_key(enrolled: OpenKeys, clock: Any) -> None:
    """The recovered vault key is wrapped anew; the old signing key does not come back."""
    before = enrolled().state(SHEN).verifier
    fail(enrolled(), 9, clock)
    clock.pass_seconds(15 * 60)
    with pytest.raises(WrapWiped):
        enrolled().unlock(SHEN, WRONG)
    after = enrolled().add_officer(SHEN, "205817", KEY).signer.verifier
    enrolled().keep_officer(SHEN)
    assert after != before
    assert enrolled().unlock(SHEN, "205817").vault_key == KEY


def test_a_changed_pin_keeps_the_keys(enrolled: OpenKeys) -> None:
    """After change_pin the new PIN opens the same keys and the old one nothing."""
    before = enrolled().unlock(SHEN, PIN)
    enrolled().change_pin(SHEN, PIN, "205817")
    after = enrolled().unlock(SHEN, "205817")
    assert after.signer.verifier == before.signer.verifier
    assert after.vault_key == KEY
    with pytest.raises(WrongPin):
        enrolled().unlock(SHEN, PIN)


@pytest.mark.parametrize(
    "field", ["vault_key", "seed", "salt", "passes", "memory", "wrong", "delay_ms", "cert_no"]
)
def test_a_tampered_wrap_is_told_from_a_wrong_pin(
    enrolled: OpenKeys, tmp_path: Path, field: str
) -> None:
    """Any changed field is named as damage, before an attempt is counted or a cost is paid."""
    path = tmp_path / f"keys/officers/{SHEN}.json"
    file = json.loads(path.read_bytes())
    value = file["body"][field]
    file["body"][field] = value + 1 if isinstance(value, int) else value[::-1]
    path.write_text(json.dumps(file, separators=(",", ":")))
    with pytest.raises(WrapDamaged):
        enrolled().unlock(SHEN, PIN)


@pytest.mark.parametrize("data", [b"", b"{", b"{}", b"\xff\xfe", b'{"body":{},"mac":"AA=="}'])
def test_a_cut_wrap_is_named(enrolled: OpenKeys, tmp_path: Path, data: bytes) -> None:
    """A file that is no key file says so instead of failing inside a parser."""
    (tmp_path / f"keys/officers/{SHEN}.json").write_bytes(data)
    with pytest.raises(WrapDamaged):
        enrolled().unlock(SHEN, PIN)


def test_an_officers_file_under_another_name_is_refused(enrolled: OpenKeys, tmp_path: Path) -> None:
    """A copy of Shen's wraps as Lu's does not let Shen's PIN act as Lu."""
    folder = tmp_path / "keys/officers"
    (folder / f"{LU}.json").write_bytes((folder / f"{SHEN}.json").read_bytes())
    with pytest.raises(WrapDamaged):
        enrolled().unlock(LU, PIN)


def test_key_files_are_for_this_user_only(enrolled: OpenKeys, tmp_path: Path) -> None:
    """Nobody else on the machine can read them."""
    files = list((tmp_path / "keys").rglob("*.json"))
    assert len(files) == 2
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}

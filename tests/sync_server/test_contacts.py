"""What a device says of itself arrives late, twice and in another order."""

from __future__ import annotations

from sync_server.devices.contacts import Latest

TABLET, OTHER, BOOT, NEXT = b"tablet", b"other", b"first boot", b"second boot"


def test_a_word_that_was_long_on_its_way_does_not_replace_a_newer_one() -> None:
    """Within one boot the device's own monotonic clock tells which is newer."""
    latest = Latest()
    assert latest.takes(TABLET, BOOT, 5_000)
    assert not latest.takes(TABLET, BOOT, 4_999)
    assert latest.takes(TABLET, BOOT, 5_000)
    assert latest.takes(OTHER, BOOT, 1)


def test_after_another_boot_the_clock_begins_again_and_the_device_is_still_heard() -> None:
    """An older boot's late word may stand until the next contact, and never for longer."""
    latest = Latest()
    assert latest.takes(TABLET, BOOT, 900_000)
    assert latest.takes(TABLET, NEXT, 10)
    assert latest.takes(TABLET, BOOT, 900_001)
    assert latest.takes(TABLET, NEXT, 20)
    assert not latest.takes(TABLET, NEXT, 15)

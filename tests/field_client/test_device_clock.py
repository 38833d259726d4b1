"""The machine's clocks, as links carry them."""

from __future__ import annotations

from pathlib import Path

from field_client.device_clock import SystemClock, read_clock


def test_one_boot_has_one_id(tmp_path: Path) -> None:
    """Two programs of one boot name it alike, by the kernel's id."""
    file = tmp_path / "boot_id"
    file.write_text("6e2f5d0c-8f60-4c6e-9f0e-0d5f1c2b3a49\n")
    assert SystemClock(file).boot_id == SystemClock(file).boot_id
    assert SystemClock(file).boot_id.hex() == "6e2f5d0c8f604c6e9f0e0d5f1c2b3a49"


def test_without_a_kernel_id_no_common_boot_is_claimed(tmp_path: Path) -> None:
    """Where the kernel names no boot, each process has a random id of 16 bytes."""
    first, second = SystemClock(tmp_path / "none"), SystemClock(tmp_path / "none")
    assert len(first.boot_id) == 16
    assert first.boot_id != second.boot_id


def test_a_reading_holds_all_three() -> None:
    """Wall time is of this century in ms, monotonic time does not go back."""
    clock = SystemClock()
    before, after = read_clock(clock), read_clock(clock)
    assert before.wall_ms > 1_600_000_000_000
    assert after.monotonic_ms >= before.monotonic_ms
    assert before.boot_id == after.boot_id

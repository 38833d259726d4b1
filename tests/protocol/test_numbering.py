"""A number and the block that it came from."""

from __future__ import annotations

import pytest

from protocol.numbering import serial

PATTERN = "云市监当罚〔2026〕{n}号"


def test_a_blocks_own_number_is_read_back() -> None:
    assert serial(PATTERN, PATTERN.replace("{n}", "126")) == 126


@pytest.mark.parametrize(
    "label",
    [
        "云市监当罚〔2025〕126号",
        "云市监当罚〔2026〕号",
        "云市监当罚〔2026〕0126号",
        "云市监当罚〔2026〕１２６号",
        "云市监当罚〔2026〕-6号",
        "云市监当罚〔2026〕126",
        "126",
        "",
    ],
)
def test_what_no_block_of_this_pattern_writes_has_no_serial_number(label: str) -> None:
    assert serial(PATTERN, label) is None

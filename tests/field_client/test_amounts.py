"""A fine told in words is read as an amount, and told anew where the amount changes."""

from __future__ import annotations

import pytest

from field_client.documents.amounts import fines, refined

SAID = (
    ("罚款5000元", [500_000]),
    ("罚款人民币5,000元。", [500_000]),
    ("处以3000.50元的罚款", [300_050]),
    ("罚款：伍佰元整", [50_000]),
    ("并处罚款两万五千元", [2_500_000]),
    ("罚款0.5万元", [500_000]),
    ("罚款500元（大写：伍佰元整）", [50_000]),
    ("罚款500元（大写：陆佰元整）", [50_000, 60_000]),
    ("没收违法所得1200元，罚款800元，再处罚款800元", [80_000]),
    ("没收违法所得1200元", []),
    ("处五千元以下罚款", []),
    ("罚款5000元以下", []),
    ("处违法所得一倍以上五倍以下的罚款", []),
    ("每日按罚款数额的百分之三加处罚款，不超过三百元", []),
    ("罚款千万百亿亿亿亿亿亿亿亿亿元", []),
)


@pytest.mark.parametrize(("words", "fen"), SAID, ids=[one for one, _ in SAID])
def test_what_is_called_a_fine_is_read_and_nothing_else(words: str, fen: list[int]) -> None:
    assert fines(words) == fen


def test_only_the_amount_that_changed_is_told_anew() -> None:
    words = "没收500元，拟罚款500元（大写：伍佰元整）；若不改正，罚款900元。"
    assert refined(words, 50_000, 80_050) == (
        "没收500元，拟罚款800.50元（大写：捌佰元伍角整）；若不改正，罚款900元。"
    )
    twofold = "罚款500元（大写：陆佰元整）"
    assert refined(twofold, 50_000, 80_000) == twofold, "which of them was meant, nobody knows"

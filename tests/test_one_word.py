"""One word for one thing, as the glossary has it, wherever Chinese is read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[1]
CATALOGUES = sorted(
    path for part in ("sync_server", "field_client") for path in (ROOT / part).rglob("*.po")
)
READ = [
    path
    for part, kinds in (
        ("protocol", ("*.py",)),
        ("sync_server", ("*.py", "*.po", "*.html", "*.typ", "*.json")),
        ("field_client", ("*.py", "*.po", "*.kv")),
    )
    for kind in kinds
    for path in sorted((ROOT / part).rglob(kind))
]
OTHERS = ("账本", "本账", "入账(?!号)", "中心库", "保险库", "对账点", "后继日志", "终端")
"""Other words for the journal (流水), the log (日志), its checkpoint (检查点), the database
(数据库), the vault (记录库) and the tablet (平板) or device (设备)."""


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.name)
def test_a_journal_is_no_log(path: Path) -> None:
    """What English calls a journal is 流水, and 日志 is the log alone."""
    with path.open("rb") as file:
        read = read_po(file)
    wrong = [
        one.string
        for one in read
        if isinstance(one.id, str)
        and re.search(r"\bjournals?\b", one.id, re.IGNORECASE)
        and not re.search(r"\blog\b", one.id, re.IGNORECASE)
        and "日志" in str(one.string)
    ]
    assert wrong == []


def test_nothing_has_another_name_beside_its_own() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {word}"
        for path in READ
        for text in [path.read_text("utf-8")]
        for word in OTHERS
        if re.search(word, text)
    ]
    assert found == []

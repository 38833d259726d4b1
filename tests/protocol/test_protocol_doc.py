"""What docs/protocol.md shows is what the vectors hold, to the byte."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent.parent
BLOCK = re.compile(
    r"^```(?P<kind>\S+) vector=(?P<file>[\w.-]+)#(?P<path>\S+)\n(?P<shown>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
TEXT = (ROOT / "docs" / "protocol.md").read_text(encoding="utf-8")
EXAMPLES = list(BLOCK.finditer(TEXT))


def vector(file: str, path: str) -> Any:
    """The value at ``a/b/c`` of a vector file."""
    value = json.loads((ROOT / "tests" / "vectors" / file).read_text(encoding="utf-8"))
    for name in path.split("/"):
        value = value[int(name)] if isinstance(value, list) else value[name]
    return value


def as_text(value: Any) -> str:
    return "".join(value) if isinstance(value, list) else value


@pytest.mark.parametrize("found", EXAMPLES, ids=lambda found: f"{found['file']}#{found['path']}")
def test_an_example_is_its_vector(found: re.Match[str]) -> None:
    """``hex`` blocks may break lines anywhere, all others are shown as they are."""
    value, shown = as_text(vector(found["file"], found["path"])), found["shown"]
    if found["kind"] == "hex":
        assert "".join(shown.split()) == value
    else:
        assert shown.removesuffix("\n") == value.removesuffix("\n")


def test_every_block_that_names_a_vector_was_read() -> None:
    assert len(EXAMPLES) == TEXT.count(" vector=") > 0


def test_every_vector_file_named_exists() -> None:
    named = set(re.findall(r"`([a-z_]+\.json)`", TEXT))
    kept = {path.name for path in (ROOT / "tests" / "vectors").glob("*.json")}
    assert named <= kept

"""Set-up deals its pins to some downloads at once: none is lost, and none comes without a hash."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent
PINS = ROOT / "requirements" / "dev.txt"


@pytest.fixture
def bootstrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script, which writes into an empty folder."""
    spec = importlib.util.spec_from_file_location("bootstrap", ROOT / "packaging" / "bootstrap.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "PARTS", tmp_path / "pins")
    return module


def test_each_pin_is_fetched_once_with_its_hashes(bootstrap: ModuleType) -> None:
    parts = [path.read_text() for path in bootstrap._dealt(PINS)]
    assert len(parts) == bootstrap.LINES
    lines = sorted(line for part in parts for line in part.splitlines())
    assert lines == sorted(PINS.read_text().splitlines())
    for part in parts:
        pins = part.splitlines()
        bare = [
            one
            for one, after in zip(pins, [*pins[1:], ""], strict=True)
            if "==" in one and "--hash=sha256:" not in after
        ]
        assert bare == []


def test_a_download_that_fails_is_shown_and_not_what_another_said(
    bootstrap: ModuleType, tmp_path: Path
) -> None:
    """Of two that run at once: the end of the own log, and where all of it is."""
    said = "import sys; print('the line is cut'); sys.exit(3)"
    bootstrap._run([bootstrap.sys.executable, "-c", "print('all well')"], log=tmp_path / "a.log")
    with pytest.raises(bootstrap.SetupError) as failed:
        bootstrap._run([bootstrap.sys.executable, "-c", said], log=tmp_path / "b.log")
    assert "the line is cut" in str(failed.value)
    assert "b.log" in str(failed.value)
    assert "all well" not in str(failed.value)

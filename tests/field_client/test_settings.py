"""Settings are read once, from arguments over environment over defaults."""

from __future__ import annotations

from pathlib import Path

import pytest

from field_client.errors import BadSetting
from field_client.settings import read_settings


def test_arguments_win_over_the_environment() -> None:
    """A setting named twice is what the command line says."""
    environment = {"FUJIE_FIELD_DATA_DIR": "/a", "FUJIE_FIELD_LANGUAGE": "en"}
    settings = read_settings(["--data-dir", "/b"], environment)
    assert settings.vault_path == Path("/b/vault.db")
    assert settings.language == "en"


def test_defaults_are_the_strict_ones() -> None:
    """Nothing set means Chinese, ten attempts, 24 hours and the dear Argon2 profile."""
    settings = read_settings([], {})
    assert (settings.language, settings.stale_hours, settings.argon2) == (
        "zh_CN",
        24,
        "interactive",
    )
    assert settings.pin.max_attempts == 10


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("server-url", "log.yunxi.example"),
        ("max-attempts", "3"),
        ("max-attempts", "many"),
        ("argon2", "none"),
        ("stale-hours", "0"),
        ("language", "fr"),
        ("theme", "pink"),
        ("camera-paced", "maybe"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(name: str, value: str) -> None:
    """The error names the setting and the value it got."""
    with pytest.raises(BadSetting) as error:
        read_settings([f"--{name}", value], {})
    assert name in str(error.value)
    assert value in str(error.value)

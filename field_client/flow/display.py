"""Language, theme, letters and printer as last chosen on the tablet, also while it is locked.

    {"language":"en","theme":"night","text":"large","printer":"Office"}      display.json

Nothing in it is secret. What was chosen by hand wins over the settings of the start, which stand
for a first start.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Literal

import msgspec

from field_client.durable import UNREADABLE, write_durably
from field_client.errors import DiskFull
from field_client.settings import Settings


class Display(msgspec.Struct, frozen=True):
    """How the screens look."""

    language: Literal["zh_CN", "en"]
    theme: Literal["day", "night"]
    text: Literal["normal", "large", "largest"] = "normal"
    printer: str = ""


def chosen(settings: Settings) -> Display:
    """What was chosen last, else what the settings say."""
    first = {"language": settings.language, "theme": settings.theme}
    try:
        return msgspec.json.decode(_file(settings).read_bytes(), type=Display)
    except (OSError, *UNREADABLE):
        return msgspec.convert(first, Display)


def keep(settings: Settings, display: Display) -> None:
    """Keep a choice. On a full disk it holds until the program ends."""
    with suppress(DiskFull, OSError):
        write_durably(_file(settings), msgspec.json.encode(display))


def _file(settings: Settings) -> Path:
    return settings.data_dir / "display.json"

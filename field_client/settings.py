"""One settings object, read once at start from the environment and the command line.

Each setting ``name`` is ``--name`` on the command line, which wins, and ``FUJIE_FIELD_NAME``
in the environment. Nothing else in the client reads either.

>>> read_settings(["--language", "en"], {"FUJIE_FIELD_MAX_ATTEMPTS": "6"}).pin.max_attempts
6
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from field_client.errors import BadSetting
from field_client.keys.pin import PinPolicy
from field_client.keys.secret import PROFILES

PREFIX = "FUJIE_FIELD_"
LANGUAGES = ("zh_CN", "en")
THEMES = ("day", "night")


@dataclass(frozen=True)
class Settings:
    """Everything that differs between two tablets before they are enrolled."""

    data_dir: Path
    server_url: str = "http://127.0.0.1:8750"
    camera: str = "/dev/video0"  # a device or a media file; PyAV opens both
    camera_format: str = "v4l2"  # a demuxer's name; empty: by the file's content
    camera_paced: bool = False  # play a file at its own speed, as a camera would
    microphone: str = ""  # empty: the sound in the camera's own source, if any
    microphone_format: str = ""
    speaker: str = "default"  # where recordings are heard; empty: nowhere
    speaker_format: str = "alsa"
    pin: PinPolicy = field(default_factory=PinPolicy)
    argon2: str = "interactive"
    stale_hours: int = 24
    language: str = "zh_CN"
    theme: str = "day"
    sticks: tuple[Path, ...] = ()  # where USB sticks are; empty: wherever they are mounted

    @property
    def keys_dir(self) -> Path:
        """Wrapped keys; useless without device secret and PIN."""
        return self.data_dir / "keys"

    @property
    def vault_path(self) -> Path:
        """The encrypted database."""
        return self.data_dir / "vault.db"

    @property
    def repository_dir(self) -> Path:
        """Where reference data are looked at while they are fetched."""
        return self.data_dir / "tuf"

    @property
    def answers_dir(self) -> Path:
        """Where an office's answer from a stick is looked at while it is taken in."""
        return self.data_dir / "answers"

    @property
    def blobs_dir(self) -> Path:
        """Encrypted media."""
        return self.data_dir / "blobs"


HELP = {
    "data-dir": ("~/.local/share/fujie-field", "folder of vault, keys and media"),
    "server-url": (Settings.server_url, "the sync server's address"),
    "camera": (Settings.camera, "camera device, or a media file"),
    "camera-format": (Settings.camera_format, "its format; empty for a media file"),
    "camera-paced": ("no", "yes: play a media file at its own speed"),
    "microphone": ("", "sound device or file; empty: the camera's own sound"),
    "microphone-format": ("", "its format, such as alsa"),
    "speaker": (Settings.speaker, "sound device that recordings are heard by; empty: none"),
    "speaker-format": (Settings.speaker_format, "its format"),
    "max-attempts": ("10", "wrong PINs in a row before an officer's keys are removed"),
    "argon2": (Settings.argon2, "cost of guessing a PIN: " + ", ".join(PROFILES)),
    "stale-hours": ("24", "age at which reference data is called unknown"),
    "language": (Settings.language, " or ".join(LANGUAGES)),
    "theme": (Settings.theme, " or ".join(THEMES)),
    "sticks": ("", f"folders of USB sticks, with {os.pathsep} between; empty: those mounted"),
}


def read_settings(arguments: Sequence[str], environment: Mapping[str, str]) -> Settings:
    """Settings from ``sys.argv[1:]`` and ``os.environ``. Raises BadSetting, which names it."""
    got = vars(_parser(environment).parse_args(arguments))
    return Settings(
        data_dir=Path(got["data_dir"]).expanduser(),
        server_url=read_address(got["server_url"]),
        camera=got["camera"],
        camera_format=got["camera_format"],
        camera_paced=_choice("camera-paced", got["camera_paced"], ("yes", "no")) == "yes",
        microphone=got["microphone"],
        microphone_format=got["microphone_format"],
        speaker=got["speaker"],
        speaker_format=got["speaker_format"],
        pin=PinPolicy(max_attempts=_whole("max-attempts", got["max_attempts"], least=4)),
        argon2=_choice("argon2", got["argon2"], tuple(PROFILES)),
        stale_hours=_whole("stale-hours", got["stale_hours"], least=1),
        language=_choice("language", got["language"], LANGUAGES),
        theme=_choice("theme", got["theme"], THEMES),
        sticks=tuple(Path(one).expanduser() for one in got["sticks"].split(os.pathsep) if one),
    )


def _parser(environment: Mapping[str, str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="fujie-field", description="The tablet of an officer.")
    for name, (default, text) in HELP.items():
        variable = PREFIX + name.upper().replace("-", "_")
        parser.add_argument(
            f"--{name}",
            default=environment.get(variable, default),
            help=f"{text} (default {default or 'none'}; {variable})",
        )
    return parser


def read_address(text: str) -> str:
    """A server's address without a slash at its end. Raises BadSetting."""
    try:
        parts = urlsplit(text.strip())
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or not text.isprintable():
        raise BadSetting(
            "expected an address that starts with http:// or https:// for {name}, got {value}",
            name="server-url",
            value=text,
        )
    return text.strip().rstrip("/")


def _whole(name: str, text: str, *, least: int) -> int:
    digits = text.isascii() and text.isdigit() and len(text) < 10
    if not digits or int(text) < least:
        raise BadSetting(
            "expected a whole number of at least {least} for {name}, got {value}",
            name=name,
            value=text,
            least=least,
        )
    return int(text)


def _choice(name: str, text: str, allowed: tuple[str, ...]) -> str:
    if text not in allowed:
        raise BadSetting(
            "expected one of {allowed} for {name}, got {value}",
            name=name,
            value=text,
            allowed=", ".join(allowed),
        )
    return text

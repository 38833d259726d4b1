"""Frozen vectors as tests read them."""

import json
from pathlib import Path
from typing import Any

from protocol import errors
from protocol.errors import FujieError

FOLDER = Path(__file__).parent.parent / "vectors"


def load(subject: str) -> dict[str, Any]:
    """The vectors of one subject: ``good`` and ``bad``."""
    read: dict[str, Any] = json.loads((FOLDER / f"{subject}.json").read_text(encoding="utf-8"))
    return read


def raised(name: str) -> type[FujieError]:
    """The error that a bad vector names."""
    error = getattr(errors, name)
    assert issubclass(error, FujieError)
    return error  # type: ignore[no-any-return]

"""Which screens there are, and what is loaded for them when.

The locked tablet stands in the window before anything else is loaded, so the parts that it is
built of are named here. Every other screen may use any part; parts and screens are loaded one by
one between frames while the PIN is typed (``loading``), or at once when one is asked for.

>>> NAMES[0]
'unlock'
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Any

from field_client.ui import widgets

# The screen ``card`` is ``CardScreen`` in card.py, and its looks are in card.kv.
NAMES = (
    "unlock",
    "enrol",
    "today",
    "signin",
    "card",
    "notice",
    "inspection",
    "capture",
    "recordings",
    "viewer",
    "importing",
    "form",
    "papers",
    "paper",
    "sign",
    "serve",
    "interview",
    "sync",
    "item",
    "check",
    "settings",
    "record",
    "answer",
    "closing",
)
FIRST = {"unlock": ("text", "press", "surface", "tally", "officer", "field", "pin")}


def screen(name: str) -> Any:
    """The class of a screen, with all that it needs."""
    for part in FIRST.get(name, ()):
        _load(part)
    if name not in FIRST:
        load_parts()
    return getattr(import_module(f"{__package__}.{name}"), f"{name.capitalize()}Screen")


@cache
def load_parts() -> None:
    """Every part that a .kv file may name; nothing once they are there."""
    for _ in _parts():
        pass


def loading() -> Iterator[str]:
    """Load what is not loaded yet, a module with each step; a name for each."""
    yield from _parts()
    for name in NAMES:
        screen(name)
        yield name


def _parts() -> Iterator[str]:
    for part in pkgutil.iter_modules(widgets.__path__):
        _load(part.name)
        yield part.name


def _load(part: str) -> None:
    import_module(f"{widgets.__name__}.{part}")

"""What every .kv file may name, and how a module loads its own.

load_kv(__file__)     # press.py loads press.kv
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kivy.event import EventDispatcher
from kivy.lang import Builder, global_idmap
from kivy.properties import StringProperty

from field_client.ui.i18n import _
from field_client.ui.theme import theme
from field_client.ui.widgets import box  # noqa: F401  (every .kv file may name Box)


class Mark(EventDispatcher):  # type: ignore[misc]
    """What is being recorded, in words; every screen shows it, and no screen is laid out anew
    when a second has passed."""

    words = StringProperty("")


mark = Mark()
global_idmap["mark"] = mark
global_idmap["theme"] = theme
global_idmap["_"] = _


def marked(view: Any) -> str:
    """The mark that a view bears."""
    frame = getattr(view, "frame", view)
    return str(getattr(frame, "recording", ""))


def load_kv(module_file: str) -> None:
    """Load the .kv file that lies beside a module."""
    Builder.load_file(str(Path(module_file).with_suffix(".kv")))

"""What every .kv file may name, and how a module loads its own.

load_kv(__file__)     # press.py loads press.kv
"""

from __future__ import annotations

from pathlib import Path

from kivy.lang import Builder, global_idmap

from field_client.ui.i18n import _
from field_client.ui.theme import theme
from field_client.ui.widgets import box  # noqa: F401  (every .kv file may name Box)

global_idmap["theme"] = theme
global_idmap["_"] = _


def load_kv(module_file: str) -> None:
    """Load the .kv file that lies beside a module."""
    Builder.load_file(str(Path(module_file).with_suffix(".kv")))

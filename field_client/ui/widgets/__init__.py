"""The parts that screens are built of; each module has its looks in the .kv beside it.

Importing this package registers every part with Kivy's factory. ``theme`` and ``_`` are known
in every .kv file.
"""

from __future__ import annotations

from field_client.ui.widgets import (  # noqa: F401  (registers with the factory)
    box,
    capture,
    field,
    frame,
    officer,
    overlay,
    page,
    pin,
    press,
    qr,
    signature,
    steps,
    surface,
    sync,
    tally,
    text,
)

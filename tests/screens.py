"""Every screen and page as a picture: ``python -m tests.screens``.

Writes ``build/screens/client-<screen>-<day|night>-<zh|en>.png`` for the tablet; pages of the
server follow from ``tests.screens_web``.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

from field_client.ui.window import prepare_window

TARGET = Path(__file__).resolve().parent.parent / "build" / "screens"
LIFT_S = 0.1  # a pressed key looks pressed that long
LANGUAGES = {"zh": "zh_CN", "en": "en"}


def main(names: list[str]) -> int:
    """Render the named screens, or all; then the pages."""
    if not names or names != ["web"]:
        render_client(names)
    if not names or "web" in names:
        # A process of its own: Kivy swallows what is said on stderr once it is loaded.
        return subprocess.run([sys.executable, "-m", "tests.screens_web"]).returncode
    return 0


# Sheets are opened by a finger, over the screen named first.
TAPS = {
    "sign.refuse": ("refuse", "reason.other"),
    "sign.object": ("object",),
    "sign.read": ("read",),
    "unlock.switch": ("pin.side",),
}


def render_client(names: list[str]) -> None:
    """The tablet's screens, offscreen where there is no display."""
    prepare_window()
    from kivy.config import Config

    Config.set("graphics", "maxfps", "0")  # nobody watches
    from kivy.base import runTouchApp

    from field_client.ui.theme import use_fonts

    use_fonts()
    from field_client.ui.gallery import VIEWS
    from field_client.ui.i18n import _
    from field_client.ui.shell import Shell
    from tests.hands import Hands

    shell = Shell(MagicMock())
    runTouchApp(shell, embedded=True)
    hands = Hands(drawing=False)
    for short, language in LANGUAGES.items():
        shell.use_language(language)
        for theme in ("day", "night"):
            shell.use_theme(theme)
            for key in [*VIEWS, *TAPS, "today.problem", "today.busy"]:
                view = VIEWS.get(key) or VIEWS[key.partition(".")[0]]
                if not names or key in names or key.partition(".")[0] in names:
                    shell.use_language(language)  # a fresh screen each time
                    shell.show(key.partition(".")[0], view(_))
                    pose(hands, shell, key)
                    name = key.replace(".", "-")
                    print(hands.shot(TARGET / f"client-{name}-{theme}-{short}.png").name)


def pose(hands: Any, shell: Any, key: str) -> None:
    """What a person has done already on some screens before the picture is taken."""
    from field_client.ui.gallery.ink import written
    from field_client.ui.i18n import _

    hands.pump(10)
    if key in ("sign", "notice", "serve", "sign.refuse"):
        pad = shell.screen.pad
        hands.draw("pad", written("周明禾", aspect=pad.height / pad.width))
    if key == "unlock":
        hands.pin("2407")
    shell.tell(sample_problem() if key == "today.problem" else None)
    shell.wait(_("Making keys and asking the office…") if key == "today.busy" else "")
    for name in TAPS.get(key, ()):
        hands.tap(name)
    hands.rest(LIFT_S)
    if key.startswith("capture"):
        shell.show_frame(viewfinder(640, 360), 640, 360)


def sample_problem() -> Any:
    """A full disk, as the store reports it."""
    from field_client.ui.i18n import _
    from field_client.ui.presenters.common import Fix, problem
    from protocol.errors import Refused

    error = Refused(
        "The tablet's disk is full ({free} MiB free); this was not saved. Synchronise so that sent "
        "media can go, or remove other files, then try again.",
        free=3,
    )
    return problem(_, error, fixes=(Fix("sync", _("Sync now")),))


def viewfinder(width: int, height: int) -> bytes:
    """A frame as the camera would give it: a counter under a lamp."""
    rows = []
    for y in range(height):
        row = bytearray()
        for x in range(width):
            lamp = max(0.0, 1 - ((x / width - 0.6) ** 2 + (y / height - 0.25) ** 2) * 2.2)
            shelf = 0.72 if y % 120 < 14 else 1.0
            crate = 0.8 if (x // 80 + y // 120) % 2 and y % 120 > 60 else 1.0
            row += bytes(round(c * lamp * shelf * crate) for c in (214, 196, 160))
        rows.append(bytes(row))
    return b"".join(rows)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

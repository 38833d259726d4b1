"""Every screen and page as a picture: ``python -m tests.screens``.

Writes ``build/screens/client-<screen>[-portrait][-large]-<day|night>-<zh|en>.png`` for the
tablet, held both ways at once by a process each; pages of the server follow from
``tests.screens_web``.

    python -m tests.screens --only card form.table      these screens and views, in every look
    python -m tests.screens --only card --look day-zh portrait-largest-day-zh
    python -m tests.screens --only web                  the server's pages alone
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import MagicMock

from field_client.ui.window import HEIGHT, WIDTH, prepare_window

TARGET = Path(__file__).resolve().parent.parent / "build" / "screens"
LIFT_S = 0.1  # a pressed key looks pressed that long
LANGUAGES = {"zh": "zh_CN", "en": "en"}
HELD = {"landscape": (WIDTH, HEIGHT), "portrait": (HEIGHT, WIDTH)}


class Look(NamedTuple):
    """How the tablet is held and what its display is set to."""

    held: str
    text: str
    theme: str
    language: str

    @property
    def name(self) -> str:
        """``portrait-largest-day-zh``; what is usual is not said."""
        unusual = [one for one in (self.held, self.text) if one not in ("landscape", "normal")]
        return "-".join([*unusual, self.theme, self.language])


# Large letters are tried in the two looks that have least in common.
LOOKS = [
    Look(held, text, theme, language)
    for held in HELD
    for text, theme, language in (
        ("normal", "day", "zh"),
        ("normal", "night", "zh"),
        ("normal", "day", "en"),
        ("normal", "night", "en"),
        ("largest", "day", "zh"),
        ("largest", "night", "en"),
    )
]

# Sheets are opened by a finger, over the screen named first.
TAPS = {
    "sign.refuse": ("refuse", "reason.other"),
    "sign.object": ("object",),
    "sign.read": ("read",),
    "form.legal": ("legal.open|legal.small",),
    "form.row": ("items.row2",),
    "form.month": ("began_at.calendar",),
    "unlock.switch": ("pin.side",),
}
# The view under a sheet, where it is not the screen's first.
UNDER = {"form.legal": "form.long", "form.row": "form.table", "form.month": "form.date"}


def main(arguments: list[str]) -> int:
    """Render what was asked for, or all; then the pages."""
    asked = _parser().parse_args(arguments)
    names = [name for name in asked.only if name != "web"]
    looks = [look for look in LOOKS if not asked.look or look.name in asked.look]
    if asked.held:
        render_client(names, [look for look in looks if look.held == asked.held])
        return 0
    failed = 0
    if names or not asked.only:
        failed = max(_render_held_both_ways(arguments, {look.held for look in looks}))
    if "web" in asked.only or not asked.only:
        # A process of its own: Kivy swallows what is said on stderr once it is loaded.
        pages = subprocess.run([sys.executable, "-m", "tests.screens_web"])
        failed = failed or pages.returncode
    return failed


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.screens", description=__doc__)
    parser.add_argument(
        "--only", nargs="+", default=[], metavar="NAME", help="screens, views of them, or web"
    )
    parser.add_argument(
        "--look", nargs="+", default=[], choices=[look.name for look in LOOKS], help="these alone"
    )
    parser.add_argument("--held", choices=[*HELD], help="render here, in a window held this way")
    return parser


def _render_held_both_ways(arguments: list[str], held: set[str]) -> list[int]:
    """Kivy has one window a process."""
    command = [sys.executable, "-m", "tests.screens", *arguments, "--held"]
    running = [subprocess.Popen([*command, way]) for way in sorted(held)]
    return [process.wait() for process in running]


def render_client(names: list[str], looks: list[Look]) -> None:
    """The tablet's screens, offscreen where there is no display."""
    prepare_window(*HELD[looks[0].held])
    from kivy.config import Config

    Config.set("graphics", "maxfps", "0")  # nobody watches
    from kivy.base import runTouchApp

    from field_client.ui.theme import theme, use_fonts

    use_fonts()
    from field_client.ui.gallery import VIEWS
    from field_client.ui.i18n import _
    from field_client.ui.shell import Shell
    from tests.hands import Hands

    keys = [*VIEWS, *TAPS, "today.problem", "today.busy"]
    keys = [key for key in keys if not names or {key, key.partition(".")[0]} & {*names}]
    shell = Shell(MagicMock())
    runTouchApp(shell, embedded=True)
    hands = Hands(drawing=False)
    for look in looks:
        shell.use_theme(look.theme)
        theme.use_text(look.text)
        for key in keys:
            view = VIEWS.get(key) or VIEWS[UNDER.get(key, key.partition(".")[0])]
            shell.use_language(LANGUAGES[look.language])  # a fresh screen each time
            shell.show(key.partition(".")[0], view(_))
            pose(hands, shell, key)
            name = f"client-{key.replace('.', '-')}-{look.name}.png"
            print(hands.shot(TARGET / name).name, flush=True)


def pose(hands: Any, shell: Any, key: str) -> None:
    """What a person has done already on some screens before the picture is taken."""
    from field_client.ui.gallery.ink import written
    from field_client.ui.i18n import _

    hands.settle()
    if key in ("sign", "notice", "serve", "sign.refuse"):
        pad = shell.screen.pad
        hands.draw("pad", written("周明禾", aspect=pad.height / pad.width))
    if key == "unlock":
        hands.pin("2407")
    shell.tell(sample_problem() if key == "today.problem" else None)
    shell.wait(_("Making keys and asking the office…") if key == "today.busy" else "")
    for names in TAPS.get(key, ()):  # one of several, as the tablet is held
        hands.tap(next((one for one in names.split("|") if hands.seek(one)), names))
    hands.rest(LIFT_S)
    if key.startswith(("capture", "viewer")) and key != "viewer.sound":
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

"""Build the fonts and icons that the programs show and the repository does not keep.

    $ .venv/bin/python packaging/assets.py

- `field_client/ui/assets/fonts/NotoSansSC-{Regular,Bold}.otf`: the Simplified Chinese face, taken
  out of the collection in Debian's fonts-noto-cjk with every character that it has. The collection
  itself is no use to Kivy, which opens its first face, with Japanese glyphs. Left out are glyphs
  that no character leads to, vertical setting, and subroutines: who opens a font reads all of
  these for each size, 2.5 MB, and 0.3 MB without them. What is left is numbered in a row: the
  list of numbers is read piece by piece, 13,000 of them, which took 6 ms at each opening.
- `field_client/ui/assets/icons/<name>.png`: Tabler outline icons, white on transparent, 96 x 96, so
  that a colour of the theme can be multiplied on.
- `sync_server/web/static/icons.svg`: the same icons as one sprite for the pages:
  `<svg class="icon"><use href="/static/icons.svg#lock"/></svg>`.

Licences: Noto Sans CJK is under the SIL Open Font License 1.1, Tabler Icons under MIT.
"""

from __future__ import annotations

import re
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import typst
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTCollection, TTFont

ROOT = Path(__file__).resolve().parent.parent
COLLECTIONS = Path("/usr/share/fonts/opentype/noto")
FONTS = ROOT / "field_client" / "ui" / "assets" / "fonts"
ICONS = ROOT / "field_client" / "ui" / "assets" / "icons"
SPRITE = ROOT / "sync_server" / "web" / "static" / "icons.svg"
DRAWINGS = ROOT / "build" / "icons" / "pytablericons" / "icons" / "outline"
FACE = "Noto Sans CJK SC"
SIDE = 96
WEIGHTS = ("Regular", "Bold")
LATIN = ["ccmp", "kern", "liga", "mark", "mkmk"]
UPRIGHT = ["BASE", "VORG", "vhea", "vmtx"]  # tables of vertical setting

NAMES = """
alert-circle alert-octagon alert-triangle archive arrow-down arrow-left arrow-right arrow-up
backspace ban building calendar calendar-due camera certificate check chevron-down chevron-left
chevron-right circle circle-check circle-dot circle-x clipboard-list clock copy database
device-tablet download ear eraser external-link eye file-check file-search file-text file-x
fingerprint flask folder gavel hand-stop help-circle home id info-circle language link list-check
lock lock-open logout map-pin menu-2 message-2 message-dots message-plus microphone minus moon
package pencil phone photo player-pause player-play player-record player-stop plus printer qrcode
receipt refresh rotate-clockwise scale search send settings shield-check sun trash upload usb user
user-off user-search users video volume wifi wifi-off writing x zoom-in zoom-out
""".split()


def main() -> int:
    """Write every font and icon; 0 when done."""
    FONTS.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor() as workers:
        list(workers.map(make_font, WEIGHTS))
    ICONS.mkdir(parents=True, exist_ok=True)
    for name in NAMES:
        (ICONS / f"{name}.png").write_bytes(white_png((DRAWINGS / f"{name}.svg").read_text()))
    SPRITE.parent.mkdir(parents=True, exist_ok=True)
    SPRITE.write_text(sprite({name: (DRAWINGS / f"{name}.svg").read_text() for name in NAMES}))
    return 0


def make_font(weight: str) -> None:
    """One weight, a minute; it is there whole or not at all."""
    face = simplified_chinese(COLLECTIONS / f"NotoSansCJK-{weight}.ttc")
    lighten(face)
    target = FONTS / f"NotoSansSC-{weight}.otf"
    made, numbered = target.with_suffix(".light"), target.with_suffix(".part")
    face.save(made)
    number(made, numbered)
    made.unlink()
    numbered.replace(target)


def lighten(face: TTFont) -> None:
    """Every character, and nothing that is only read when the font is opened."""
    options = Options(desubroutinize=True, layout_features=LATIN, notdef_outline=True)
    options.drop_tables += UPRIGHT
    options.name_IDs = options.name_languages = ["*"]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=face.getBestCmap())
    subsetter.subset(face)


def number(source: Path, target: Path) -> None:
    """The same font with its glyphs numbered 1, 2, 3…: their order is what the other tables go
    by, and the numbers that they had in the collection mean nothing here."""
    with TTFont(source, lazy=True) as face:
        top = face["CFF "].cff.topDictIndex[0]
        names = [".notdef", *(f"cid{at:05d}" for at in range(1, len(top.charset)))]
        outlines = top.CharStrings
        outlines.charStrings = {
            name: outlines.charStrings[before]
            for name, before in zip(names, top.charset, strict=True)
        }
        top.charset, top.CIDCount = names, len(names)
        face.setGlyphOrder(names)
        face.save(target)


def simplified_chinese(collection: Path) -> TTFont:
    """The face called `FACE` of a font collection."""
    faces = TTCollection(collection).fonts
    for face in faces:
        if face["name"].getBestFamilyName() == FACE:
            return face
    found = ", ".join(str(face["name"].getBestFamilyName()) for face in faces)
    raise SystemExit(f"expected a face {FACE} in {collection}, got {found}; reinstall the package")


def white_png(svg: str) -> bytes:
    """An outline drawing as PNG: white strokes, transparent ground, `SIDE` pixels square."""
    white = svg.replace("currentColor", "#ffffff").encode()
    page = "#set page(width: 24pt, height: 24pt, margin: 0pt, fill: none)\n"
    drawing = (
        f'#image(bytes(({",".join(str(byte) for byte in white)})), format: "svg", width: 24pt)'
    )
    return bytes(typst.compile((page + drawing).encode(), format="png", ppi=72 * SIDE / 24))


def sprite(drawings: dict[str, str]) -> str:
    """Drawings by name → one SVG of `<symbol>`s that take the text's colour."""
    symbols = "\n".join(
        f'<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor"'
        f' stroke-width="2" stroke-linecap="round" stroke-linejoin="round">{_body(svg)}</symbol>'
        for name, svg in drawings.items()
    )
    return f'<svg xmlns="http://www.w3.org/2000/svg">\n{symbols}\n</svg>\n'


def _body(svg: str) -> str:
    inner = re.search(r"<svg[^>]*>(.*)</svg>", svg, re.DOTALL)
    if inner is None:
        raise SystemExit("expected an <svg> element in the icon set; install the pinned one again")
    return " ".join(inner[1].split())


if __name__ == "__main__":
    sys.exit(main())

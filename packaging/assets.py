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
from collections.abc import Iterable
from pathlib import Path

import typst
import uharfbuzz as hb

ROOT = Path(__file__).resolve().parent.parent
COLLECTIONS = Path("/usr/share/fonts/opentype/noto")
FONTS = ROOT / "field_client" / "ui" / "assets" / "fonts"
ICONS = ROOT / "field_client" / "ui" / "assets" / "icons"
SPRITE = ROOT / "sync_server" / "web" / "static" / "icons.svg"
DRAWINGS = ROOT / "build" / "icons" / "pytablericons" / "icons" / "outline"
FACE = "Noto Sans CJK SC"
SIDE = 96
WEIGHTS = ("Regular", "Bold")
LATIN = ("ccmp", "kern", "liga", "mark", "mkmk")
UPRIGHT = ("BASE", "VORG", "vhea", "vmtx")  # tables of vertical setting
IDS = 0xFFFF  # the last number that a name or its language can have

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
    for weight in WEIGHTS:
        make_font(weight)
    ICONS.mkdir(parents=True, exist_ok=True)
    drawings = {name: (DRAWINGS / f"{name}.svg").read_text() for name in NAMES}
    for name, png in zip(drawings, white_pngs(drawings.values()), strict=True):
        (ICONS / f"{name}.png").write_bytes(png)
    SPRITE.parent.mkdir(parents=True, exist_ok=True)
    SPRITE.write_text(sprite(drawings))
    return 0


def make_font(weight: str) -> None:
    """One weight; it is there whole or not at all."""
    face = simplified_chinese(COLLECTIONS / f"NotoSansCJK-{weight}.ttc")
    target = FONTS / f"NotoSansSC-{weight}.otf"
    part = target.with_suffix(".part")
    part.write_bytes(lightened(face))
    part.replace(target)


def lightened(face: hb.Face) -> bytes:
    """Every character, and nothing that is only read when the font is opened; its glyphs numbered
    1, 2, 3…: their order is what the other tables go by, and the numbers that they had in the
    collection mean nothing here."""
    wanted = hb.SubsetInput()
    flags = hb.SubsetFlags
    wanted.flags = flags.DESUBROUTINIZE | flags.NOTDEF_OUTLINE | flags.CFF_IDENTITY_CHARSET
    wanted.unicode_set.update(face.unicodes)
    wanted.layout_feature_tag_set.clear()
    wanted.layout_feature_tag_set.update(_tags(LATIN))
    wanted.drop_table_tag_set.update(_tags(UPRIGHT))
    wanted.name_id_set.add_range(0, IDS)
    wanted.name_lang_id_set.add_range(0, IDS)
    return bytes(wanted.subset(face).blob.data)


def _tags(names: Iterable[str]) -> list[int]:
    return [int.from_bytes(name.encode(), "big") for name in names]


def simplified_chinese(collection: Path) -> hb.Face:
    """The face called `FACE` of a font collection."""
    data = hb.Blob.from_file_path(collection)
    faces = [hb.Face(data, at) for at in range(hb.Face(data).count)]
    names = [face.get_name(hb.OTNameIdPredefined.FONT_FAMILY) for face in faces]
    if FACE in names:
        return faces[names.index(FACE)]
    found = ", ".join(map(str, names))
    raise SystemExit(f"expected a face {FACE} in {collection}, got {found}; reinstall the package")


def white_pngs(svgs: Iterable[str]) -> list[bytes]:
    """Outline drawings as PNGs: white strokes, transparent ground, `SIDE` pixels square. They are
    pages of one document: who typesets looks through the machine's fonts once for each."""
    pages = "\n".join(_page(svg.replace("currentColor", "#ffffff").encode()) for svg in svgs)
    form = "#set page(width: 24pt, height: 24pt, margin: 0pt, fill: none)\n"
    drawn = typst.compile((form + pages).encode(), format="png", ppi=72 * SIDE / 24)
    return drawn if isinstance(drawn, list) else [drawn]


def _page(svg: bytes) -> str:
    drawing = ",".join(map(str, svg))
    return f'#page[#image(bytes(({drawing})), format: "svg", width: 24pt)]'


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

"""Names in handwriting, as strokes in a box of one character, for pictures and rehearsals.

>>> len(written("周明禾", aspect=0.4).strokes)
19
"""

from __future__ import annotations

from field_client.ui.handwriting import Handwriting, Point, Stroke

Polyline = tuple[tuple[float, float], ...]
STEP_MS = 9
SMOOTH = 9  # points between two corners

# fmt: off
GLYPHS: dict[str, tuple[Polyline, ...]] = {
    "周": (((.22, .14), (.2, .5), (.08, .92)), ((.22, .15), (.82, .1), (.8, .84), (.68, .78)),
          ((.36, .3), (.66, .27)), ((.51, .2), (.5, .46)), ((.34, .47), (.68, .44)),
          ((.37, .58), (.39, .78)), ((.37, .58), (.65, .55), (.62, .76), (.39, .78))),
    "明": (((.1, .24), (.12, .76)), ((.1, .24), (.38, .2), (.37, .76)), ((.12, .47), (.36, .45)),
          ((.12, .73), (.36, .7)), ((.6, .13), (.58, .6), (.44, .9)),
          ((.6, .14), (.88, .1), (.86, .9), (.74, .82)), ((.6, .37), (.86, .34)),
          ((.58, .58), (.85, .55))),
    "禾": (((.68, .08), (.34, .22)), ((.1, .4), (.9, .35)), ((.5, .2), (.5, .95)),
          ((.48, .42), (.3, .66), (.06, .82), (.14, .74)),),
    "沈": (((.14, .18), (.24, .28)), ((.08, .42), (.18, .5)), ((.1, .86), (.28, .58)),
          ((.38, .4), (.38, .28), (.9, .24), (.84, .38)), ((.62, .1), (.6, .5), (.34, .9)),
          ((.62, .46), (.64, .8), (.94, .82), (.94, .66))),
    "知": (((.24, .1), (.08, .34)), ((.14, .28), (.46, .25)), ((.06, .5), (.52, .46)),
          ((.3, .27), (.28, .56), (.06, .9)), ((.3, .58), (.48, .82)),
          ((.6, .34), (.62, .8)), ((.6, .34), (.92, .3), (.9, .78), (.62, .8))),
    "远": (((.4, .2), (.8, .16)), ((.34, .4), (.9, .35)), ((.54, .4), (.5, .6), (.36, .74)),
          ((.68, .38), (.7, .68), (.92, .68), (.92, .56)), ((.12, .16), (.22, .26)),
          ((.08, .42), (.24, .4), (.14, .64), (.28, .84), (.6, .92), (.96, .88))),
    "陆": (((.12, .12), (.3, .1), (.2, .34), (.32, .48), (.2, .6)), ((.12, .12), (.12, .92)),
          ((.44, .28), (.9, .24)), ((.38, .5), (.96, .45)), ((.67, .08), (.66, .86)),
          ((.46, .62), (.46, .88), (.88, .84)), ((.88, .58), (.88, .9))),
    "清": (((.14, .16), (.22, .26)), ((.08, .42), (.18, .5)), ((.1, .88), (.26, .6)),
          ((.4, .2), (.88, .17)), ((.44, .33), (.86, .3)), ((.36, .46), (.94, .42)),
          ((.64, .08), (.64, .44)), ((.46, .56), (.44, .92)),
          ((.46, .56), (.84, .52), (.83, .92), (.74, .86)), ((.47, .68), (.82, .66))),
    "和": (((.42, .1), (.14, .2)), ((.06, .38), (.52, .33)), ((.3, .18), (.3, .92)),
          ((.28, .4), (.06, .7)), ((.32, .42), (.5, .6)), ((.62, .36), (.64, .78)),
          ((.62, .36), (.92, .32), (.9, .76), (.64, .78))),
}
# fmt: on


def written(name: str, *, aspect: float, margin: float = 0.14) -> Handwriting:
    """A name written across a pad of this aspect (height over width)."""
    side = min((1 - 2 * margin) / len(name), aspect * 0.72)
    left = (1 - side * len(name)) / 2
    top = (aspect - side) / 2
    strokes: list[Stroke] = []
    clock = 0
    for at, letter in enumerate(name):
        for line in GLYPHS[letter]:
            stroke = _stroke(line, left + at * side, top, side * 0.92, clock)
            clock = stroke[-1][2] + 120
            strokes.append(stroke)
    return Handwriting(tuple(strokes), aspect)


def _stroke(line: Polyline, x: float, y: float, side: float, clock: int) -> Stroke:
    points: list[Point] = []
    ends = (line[0], *line, line[-1])
    for at in range(len(line) - 1):
        for step in range(SMOOTH):
            px, py = _curve(ends[at : at + 4], step / SMOOTH)
            points.append((round(x + px * side, 4), round(y + py * side, 4), clock))
            clock += STEP_MS
    px, py = line[-1]
    points.append((round(x + px * side, 4), round(y + py * side, 4), clock))
    return tuple(points)


def _curve(four: Polyline, t: float) -> tuple[float, float]:
    """Catmull-Rom between the middle two of four points."""
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = four
    return _spline(ax, bx, cx, dx, t), _spline(ay, by, cy, dy, t)


def _spline(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (
        2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t**3
    )

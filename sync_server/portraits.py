"""Neutral portraits for a fictional roster: drawn by Typst, so that no picture is committed.

A head and shoulders in the colours of the uniform, 358 × 441 pixels: the proportions of a
certificate's photo (26 × 32 mm).
"""

from __future__ import annotations

from functools import lru_cache

import typst

WIDTH_MM, HEIGHT_MM, PPI = 26, 32, 350

_SOURCE = """
#set page(width: 26mm, height: 32mm, margin: 0mm, fill: rgb("{background}"))
#place(dx: 2mm, dy: 20.5mm, rect(width: 22mm, height: 14mm, radius: (top: 8mm),
  fill: rgb("#1f3a5f")))
#place(dx: 9.6mm, dy: 20.4mm, polygon(fill: white, (0mm, 0mm), (6.8mm, 0mm), (3.4mm, 5.6mm)))
#place(dx: 12.1mm, dy: 21.4mm, polygon(fill: rgb("#14263d"),
  (0mm, 0mm), (1.8mm, 0mm), (1.5mm, 5mm), (0.9mm, 6mm), (0.3mm, 5mm)))
#place(dx: 10.6mm, dy: 16mm, rect(width: 4.8mm, height: 5.6mm, radius: 2.2mm,
  fill: rgb("#d9b191")))
#place(dx: 6.7mm, dy: {hair_top}mm, ellipse(width: 12.6mm, height: {hair}mm,
  fill: rgb("#2a2320")))
#place(dx: 7.3mm, dy: 6.6mm, ellipse(width: 11.4mm, height: 13mm, fill: rgb("#e8c4a6")))
#place(dx: 5mm, dy: 26mm, rect(width: 4.6mm, height: 1.2mm, radius: 0.3mm, fill: rgb("#c9a227")))
"""

_LOOKS = (("#dfe7f1", 4.0, 11.5), ("#e4e9e2", 3.6, 14.5))


@lru_cache(maxsize=8)
def portrait(number: int) -> bytes:
    """The PNG of the ``number``-th person; a few looks take turns."""
    background, hair_top, hair = _LOOKS[number % len(_LOOKS)]
    source = (
        _SOURCE.replace("{background}", background)
        .replace("{hair_top}", str(hair_top))
        .replace("{hair}", str(hair))
    )
    made = typst.compile(source.encode(), format="png", ppi=PPI)
    if not isinstance(made, bytes):
        raise TypeError("expected one page of portrait")
    return made

"""What the demo's camera sees: a shelf of loose goods without price tags, filmed with a slow pan.

Drawn and encoded when the demo runs; the tablet reads the file through the same PyAV source as
a camera.
"""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path

import av
import typst
from av import VideoFrame

WIDTH, HEIGHT, FRAMES_A_SECOND, SECONDS = 1280, 720, 25, 12
PANORAMA = 1680  # the picture is wider than the frame, so that the camera can pan

DRAWING = """
#set page(width: 1680pt, height: 720pt, margin: 0pt, fill: rgb("#d8cfc0"))
#set text(font: "Noto Sans CJK SC", size: 26pt, fill: rgb("#3b3226"), weight: "bold")
#let goods = ("红枣", "核桃", "黄豆", "花生", "绿豆", "香菇", "木耳")
#let hues = ("#7d2f2a", "#8a6a45", "#d9b75a", "#b98554", "#6f8f4a", "#5b4636", "#2f2b2a")
#place(rect(width: 1680pt, height: 120pt, fill: rgb("#b9ad98")))
#place(dx: 60pt, dy: 34pt)[散装食品区]
#for row in range(2) {
  place(dy: 380pt + row * 300pt, rect(width: 1680pt, height: 22pt, fill: rgb("#6d5a41")))
}
#for (at, name) in goods.enumerate() {
  let x = 40pt + at * 232pt
  for row in range(2) {
    let y = 170pt + row * 300pt
    let hue = hues.at(calc.rem(at + row * 3, 7))
    place(dx: x, dy: y, rect(width: 200pt, height: 210pt, radius: 10pt, fill: rgb("#f4efe6"),
      stroke: 3pt + rgb("#8b7a60")))
    for n in range(42) {
      let (i, j) = (calc.rem(n, 7), calc.quo(n, 7))
      place(dx: x + 14pt + i * 25pt + calc.rem(j, 2) * 8pt, dy: y + 54pt + j * 24pt,
        circle(radius: 11pt, fill: rgb(hue).lighten(calc.rem(n * 7, 5) * 6%)))
    }
    place(dx: x + 70pt, dy: y + 12pt)[#goods.at(calc.rem(at + row * 3, 7))]
  }
}
"""


def film(path: Path) -> Path:
    """Write the film to ``path`` (mp4) and return it."""
    picture = typst.compile(DRAWING.encode(), format="png", ppi=72.0)
    assert isinstance(picture, bytes)
    with av.open(io.BytesIO(picture)) as drawn:
        whole = next(drawn.decode(video=0)).reformat(format="rgb24")
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=FRAMES_A_SECOND)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.time_base = Fraction(1, FRAMES_A_SECOND)
        total = FRAMES_A_SECOND * SECONDS
        for number in range(total):
            container.mux(stream.encode(_view(whole, number, total)))
        container.mux(stream.encode(None))
    return path


def _view(whole: VideoFrame, number: int, total: int) -> VideoFrame:
    """The frame-wide cut of the panorama at one moment of the pan."""
    plane = whole.planes[0]
    stride, data = plane.line_size, memoryview(bytes(plane))
    left = (PANORAMA - WIDTH) * number // total
    frame = VideoFrame(WIDTH, HEIGHT, "rgb24")
    out, line = frame.planes[0], frame.planes[0].line_size
    rows = bytearray(line * HEIGHT)
    for row in range(HEIGHT):
        start = row * stride + left * 3
        rows[row * line : row * line + WIDTH * 3] = data[start : start + WIDTH * 3]
    out.update(bytes(rows))
    frame.pts = number
    frame.time_base = Fraction(1, FRAMES_A_SECOND)
    return frame

"""Printed pages are decoded beside the window, by whatever the program brings."""

from __future__ import annotations

import sys
import threading
import time
from io import BytesIO
from random import Random
from typing import Any

import pytest

from field_client.camera.derive import page_pixels
from field_client.ui import decoding
from tests.hands import png

FOREVER_S = 60.0
ODD = 37  # pixels: no line of a decoded picture ends where its padding does


@pytest.fixture
def ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "_readers", [])
    decoding.use(page_pixels)


def noise(width: int, height: int) -> bytes:
    return Random(11).randbytes(3 * width * height)


def test_a_page_has_the_pixels_of_its_file() -> None:
    pixels = noise(ODD, 5)
    width, height, rgba = page_pixels(png(ODD, 5, pixels))
    assert (width, height, len(rgba)) == (ODD, 5, 4 * ODD * 5)
    assert bytes(value for at, value in enumerate(rgba) if at % 4 < 3) == pixels
    assert set(rgba[3::4]) == {255}


def test_the_window_goes_on_while_a_page_is_decoded() -> None:
    """Nobody has to be asked to let go: the decoder does of its own accord."""
    page, frames, seen = png(1200, 1600, noise(1200, 1600)), [0], list[int]()

    def work() -> None:
        seen.append(frames[0])
        page_pixels(page)
        seen.append(frames[0])

    before = sys.getswitchinterval()
    sys.setswitchinterval(FOREVER_S)
    try:
        worker = threading.Thread(target=work)
        worker.start()
        while worker.is_alive():
            frames[0] += 1
            time.sleep(0)
    finally:
        sys.setswitchinterval(before)
    began, ended = seen
    assert ended > began


def test_what_the_program_brings_is_shown_as_the_page(tablet: Any, ours: None) -> None:
    from kivy.core.image import Image as CoreImage

    from field_client.ui.widgets.page import PageImage

    data = png(ODD, 4, noise(ODD, 4))
    page, kivys = PageImage(data=data), CoreImage(BytesIO(data), ext="png", nocache=True).texture
    tablet.hands.wait_for(lambda: page.texture is not None)
    shown: Any = page.texture
    assert (shown.size, shown.tex_coords) == (kivys.size, kivys.tex_coords)
    assert shown.pixels == kivys.pixels

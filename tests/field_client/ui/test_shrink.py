"""A picture of half the size is the mean of four pixels, whatever it shows."""

from __future__ import annotations

import random
from typing import Any

import pytest

from field_client.ui.gallery.cast import OFFICERS
from field_client.ui.shrink import halved, halvings


def mean(a: int, b: int) -> int:
    return (a & b) + ((a ^ b) >> 1)


@pytest.mark.parametrize("depth", [1, 3, 4])
@pytest.mark.parametrize(("width", "height"), [(2, 2), (7, 5), (6, 8)])
def test_every_byte_is_the_mean_of_four(width: int, height: int, depth: int) -> None:
    pixels = random.Random(width * depth).randbytes(width * height * depth)

    def at(x: int, y: int, part: int) -> int:
        return pixels[(y * width + x) * depth + part]

    expected = bytes(
        mean(
            mean(at(2 * x, 2 * y, part), at(2 * x, 2 * y + 1, part)),
            mean(at(2 * x + 1, 2 * y, part), at(2 * x + 1, 2 * y + 1, part)),
        )
        for y in range(height // 2)
        for x in range(width // 2)
        for part in range(depth)
    )
    assert halved(pixels, width=width, height=height, depth=depth) == expected


def test_rows_may_be_longer_than_their_pixels() -> None:
    assert halved(bytes([10, 20, 99, 30, 40, 99]), width=2, height=2, depth=1) == bytes([25])


@pytest.mark.parametrize(
    ("shown", "times"), [((358, 441), 0), ((180, 220), 0), ((179, 220), 1), ((52, 64), 2)]
)
def test_no_pixel_that_is_shown_is_lost(shown: tuple[int, int], times: int) -> None:
    assert halvings(358, 441, *shown) == times


def test_what_has_no_size_yet_is_not_made_smaller() -> None:
    assert halvings(358, 441, 0, 0) == 0


def test_a_portrait_is_kept_no_larger_than_twice_what_is_shown(window: Any) -> None:
    from field_client.ui.widgets.officer import image_texture

    photo = OFFICERS[0].photo
    assert photo is not None
    whole, small = image_texture(photo), image_texture(photo, 52, 64)
    assert small.width < 2 * 52 or small.height < 2 * 64
    assert whole.width > small.width >= 52
    assert small.tex_coords == whole.tex_coords, "the same way up"

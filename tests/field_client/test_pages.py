"""The pages of an issued PDF on the screen are those of the file that was signed."""

from __future__ import annotations

import struct

import pytest

from field_client.documents import Typesetter
from field_client.documents.pages import page_image, page_images
from field_client.errors import TemplateBroken

SOURCE = (
    '#set page(width: 210mm, height: 297mm)\n#set text(font: "Noto Serif CJK SC")\n'
    "第一页 #pagebreak() #rect(width: 100%, height: 100%, fill: black)"
)


@pytest.fixture(scope="module")
def pdf(typesetter: Typesetter) -> bytes:
    return typesetter.typeset("two", SOURCE, "{}").pdf


def size(png: bytes) -> tuple[int, int]:
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def test_every_page_is_drawn_in_its_own_size(typesetter: Typesetter, pdf: bytes) -> None:
    images = page_images(typesetter, pdf, 2, ppi=72)
    assert [size(image) for image in images] == [pytest.approx((595, 842), abs=1)] * 2
    assert images[0] != images[1]


def test_one_page_is_drawn_from_close_by(typesetter: Typesetter, pdf: bytes) -> None:
    near, far = page_image(typesetter, pdf, 2), page_images(typesetter, pdf, 2)[1]
    assert size(near)[0] == pytest.approx(2 * size(far)[0], abs=2)


def test_the_same_file_gives_the_same_pages(typesetter: Typesetter, pdf: bytes) -> None:
    assert page_images(typesetter, pdf, 2) == page_images(typesetter, pdf, 2)


def test_what_is_no_pdf_is_told_and_not_shown(typesetter: Typesetter, pdf: bytes) -> None:
    with pytest.raises(TemplateBroken):
        page_images(typesetter, b"%PDF-1.7 no more", 1)
    with pytest.raises(TemplateBroken):
        page_images(typesetter, pdf, 3)

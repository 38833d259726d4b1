"""The pages of a PDF that was issued, as images: what was signed, and not made again from text.

    page_images(typesetter, pdf, pages=2)      two PNG images

Typst reads the PDF itself and draws its pages; nothing of the template is needed any more.
"""

from __future__ import annotations

import json

from field_client.documents.typesetter import Typesetter

SHEET = """\
#let sheet = json(bytes(sys.inputs.data))
#let pdf = bytes(sheet.pdf)
#set page(width: auto, height: auto, margin: 0pt)
#for n in range(sheet.first, sheet.last + 1) { page(image(pdf, format: "pdf", page: n)) }
"""
SCREEN_PPI, CLOSE_PPI = 110, 220


def page_images(
    typesetter: Typesetter, pdf: bytes, pages: int, *, ppi: int = SCREEN_PPI
) -> tuple[bytes, ...]:
    """The first ``pages`` pages of ``pdf`` as PNG. Raises TypesettingFailed, TemplateBroken where
    it is no PDF or has fewer pages."""
    return _drawn(typesetter, pdf, 1, pages, ppi)


def page_image(typesetter: Typesetter, pdf: bytes, page: int, *, ppi: int = CLOSE_PPI) -> bytes:
    """One page, counted from 1, to be read from close by."""
    return _drawn(typesetter, pdf, page, page, ppi)[0]


def _drawn(
    typesetter: Typesetter, pdf: bytes, first: int, last: int, ppi: int
) -> tuple[bytes, ...]:
    data = json.dumps({"pdf": [*pdf], "first": first, "last": last})
    return typesetter.typeset("PDF", SHEET, data, ppi=ppi, pdf=False).images

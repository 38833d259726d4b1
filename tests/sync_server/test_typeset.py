"""What the server prints is PDF/A, the same bytes for the same words, and asks nothing of it."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from pypdf import PdfReader

from protocol.errors import FujieError
from sync_server.documents import typeset
from sync_server.documents.typeset import FontMissing, NotTypeset

REMARKS = {
    "sheet": "remarks",
    "title": "卷内备考表",
    "author": "云溪县市场监督管理局",
    "foot": "20260001",
    "notes": ["本卷共6件9页，没有破损。"],
    "digests": ["9f" * 32],
    "compiler": "沈知远",
    "checker": "许文",
    "day": "2026年11月20日",
}


def test_a_sheet_is_pdf_a_with_its_words() -> None:
    """Read by another program: the words, the title, the level of PDF/A that the file claims."""
    pdf = typeset.typeset("casefile", REMARKS, at=1_790_000_000_000)
    read = PdfReader(io.BytesIO(pdf))
    assert "没有破损" in read.pages[0].extract_text()
    assert read.metadata is not None
    assert read.metadata.title == "卷内备考表"
    assert b"<pdfaid:part>2</pdfaid:part>" in pdf
    assert b"<pdfaid:conformance>B</pdfaid:conformance>" in pdf


def test_the_same_words_and_time_give_the_same_bytes() -> None:
    """Two processes, one file."""
    made = [typeset.typeset("casefile", REMARKS, at=1_790_000_000_000) for _ in range(2)]
    assert made[0] == made[1]
    assert typeset.typeset("casefile", REMARKS, at=1_790_000_086_000) != made[0]


def test_a_long_list_of_fingerprints_goes_on_over_the_page() -> None:
    """None is cut off at the foot of the sheet."""
    digests = [f"{number:064x}" for number in range(300)]
    pdf = typeset.typeset("casefile", REMARKS | {"digests": digests})
    read = PdfReader(io.BytesIO(pdf))
    words = "".join(page.extract_text() for page in read.pages).replace("\n", "")
    assert len(read.pages) > 1
    assert digests[-1] in words
    assert "沈知远" in words


def test_words_are_never_read_as_a_program() -> None:
    """What somebody typed into a case stands on the sheet as it was typed."""
    typed = '#read("/etc/passwd") @cite $x$ = *粗*'
    pdf = typeset.typeset("casefile", REMARKS | {"notes": [typed]})
    text = PdfReader(io.BytesIO(pdf)).pages[0].extract_text()
    assert '#read("/etc/passwd")' in text.replace("“", '"').replace("”", '"')


def test_data_that_a_template_cannot_print_is_named() -> None:
    """The sheet's words are missing: an error that says which template, and no PDF."""
    with pytest.raises(NotTypeset, match="casefile cannot be typeset"):
        typeset.typeset("casefile", {"sheet": "cover", "title": "", "author": "", "foot": ""})


def test_without_a_chinese_font_nothing_is_printed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Boxes instead of words would be archived for ever."""
    monkeypatch.setattr(typeset, "FONTS", (tmp_path,))
    with pytest.raises(FontMissing, match="fonts-noto-cjk"):
        typeset.typeset("casefile", REMARKS)


def test_a_sheet_that_takes_too_long_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process is killed and the caller told."""
    monkeypatch.setattr(typeset, "LIMIT_S", 0.001)
    with pytest.raises(FujieError, match="it was stopped"):
        typeset.typeset("casefile", REMARKS)

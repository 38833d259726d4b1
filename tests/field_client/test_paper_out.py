"""Paper: what ``lp`` and ``lpstat`` are asked, and what they say against it, told in words.

Both are programs of the system; here they are small ones of the same names on the path, which say
what the real ones say (cups-client 2.4).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from field_client import printing
from field_client.errors import PrintFailed

Program = Callable[[str, str], None]


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    """Puts a shell script of this name on the path."""
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    def put(name: str, script: str) -> None:
        path = tmp_path / name
        path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        path.chmod(0o755)

    return put


def test_the_printers_of_the_system_are_listed(program: Program) -> None:
    program("lpstat", "printf 'Canon_LBP2900\\nOffice\\n'")
    assert printing.printers() == ["Canon_LBP2900", "Office"]


def test_no_printer_is_an_empty_list(program: Program) -> None:
    program("lpstat", "exit 0")
    assert printing.printers() == []


def test_a_pdf_reaches_the_printer_whole_in_as_many_copies(
    program: Program, tmp_path: Path
) -> None:
    said = 'echo "request id is Office-41 (1 file(s))"'
    program("lp", f'printf "%s " "$@" > {tmp_path}/asked; cat > {tmp_path}/got; {said}')
    pdf = b"%PDF-1.7" + bytes(range(256)) * 400
    assert printing.print_pdf(pdf, "Office", 2, "责令改正通知书") == "Office-41"
    assert (tmp_path / "got").read_bytes() == pdf
    asked = (tmp_path / "asked").read_text(encoding="utf-8").strip()
    assert asked == "-n 2 -o media=A4 -d Office -t 责令改正通知书 -- -"


@pytest.mark.parametrize(
    ("printer", "said", "told"),
    [
        ("", "lp: Error - No default destination.", "no printer is set up"),
        ("Foo", "lp: Error - The printer or class does not exist.", "Foo is not there any more"),
        ("Foo", "lp: Error - scheduler not responding.", "does not answer"),
        ("Foo", "lp: Bad file descriptor", "does not answer"),
        ("Foo", "lp: Out of paper", "did not take the document: Out of paper"),
    ],
)
def test_what_stands_against_it_is_said_in_words(
    program: Program, printer: str, said: str, told: str
) -> None:
    program("lp", f"cat > /dev/null; echo '{said}' >&2; exit 1")
    with pytest.raises(PrintFailed, match=told):
        printing.print_pdf(b"%PDF-", printer)


def test_a_printer_that_takes_nothing_is_given_up(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printing, "LIMIT_S", 0.2)
    program("lp", "exec sleep 60")
    with pytest.raises(PrintFailed, match="took no document within"):
        printing.print_pdf(b"%PDF-")


def test_a_tablet_without_printing_programs_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PrintFailed, match="cups-client"):
        printing.print_pdf(b"%PDF-")
    with pytest.raises(PrintFailed, match="cups-client"):
        printing.printers()


@pytest.mark.parametrize("copies", [0, -1, 21])
def test_copies_have_a_bound(copies: int) -> None:
    with pytest.raises(PrintFailed, match="1 to 20 copies"):
        printing.print_pdf(b"%PDF-", copies=copies)

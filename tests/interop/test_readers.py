"""What a real server serves and exports is read by programs that nobody here wrote."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.interop import __main__ as program
from tests.interop import readers
from tests.interop.readers import PYTHON, Reader
from tests.interop.served import Served, county


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One inspection, published and archived, in a server on a real port."""
    with county(tmp_path_factory.mktemp("interop")) as running:
        yield running


@pytest.mark.parametrize("reader", PYTHON, ids=[one.what for one in PYTHON])
def test_a_reader_by_others_takes_what_we_write(reader: Reader, served: Served) -> None:
    assert reader.read(served)


def test_what_could_not_run_is_told_and_fails_nothing(
    served: Served, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = replace(readers.OTHERS[-1], here=lambda: False)
    tablet = next(one for one in PYTHON if one.needs_exchange)
    monkeypatch.setattr(program, "READERS", (missing, tablet))
    files = served.case.parent
    assert program.main(["--url", served.url, "--files", str(files)]) == 0
    told = capsys.readouterr().out
    assert "apt-get install golang-go golang-golang-x-mod-dev" in told
    assert "it needs a tablet's key" in told


def test_a_reader_that_does_not_read_us_fails_the_run(
    served: Served, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A byte of a statement changed in the case file: bagit, which reads it, says so."""
    bag = next(one for one in PYTHON if one.what == "the case file as a bag")
    monkeypatch.setattr(program, "READERS", (bag,))
    data = bytearray(served.case.read_bytes())
    data[data.index(b'{"payload":"') + 20] ^= 1
    (tmp_path / "case.zip").write_bytes(data)
    (tmp_path / "trust.json").write_bytes(served.trust.read_bytes())
    assert program.main(["--url", served.url, "--files", str(tmp_path)]) == 1

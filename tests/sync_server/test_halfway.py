"""A stick that was read halfway at the office is read on there; nothing is taken in twice."""

from __future__ import annotations

import errno
import os
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import pytest

from protocol.errors import Altered, Refused, TooLarge, Truncated
from protocol.export import Unsealing
from sync_server.commands import far
from sync_server.commands.evidence import import_export
from sync_server.commands.far import Terminal, words
from sync_server.devices import answering, spool
from sync_server.devices.exports import Far, _Reading
from sync_server.log.namings import Blob
from sync_server.services import Services
from tests import acts
from tests.sync_server.conftest import Server
from tests.sync_server.tablet import Tablet, item
from tests.sync_server.test_importing import Importing

FILM = random.Random(5).randbytes(5 << 20)


class Halfway(Importing):
    """An office that reads a film of 5 MiB from a stick."""

    read = 0

    def brought(self, monkeypatch: pytest.MonkeyPatch, stop_at: int = 1 << 40) -> tuple[int, str]:
        """``import-export`` until so many bytes were read; its code and last line."""
        self.read = 0
        read, watched = _Reading._read, Terminal.__call__

        def counted(reading: _Reading, size: int) -> bytes:
            data = read(reading, size)
            self.read += len(data)
            return data

        def told(terminal: Terminal, far: Far) -> None:
            watched(terminal, far)
            if far.done >= stop_at:
                raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(_Reading, "_read", counted)
            patch.setattr(Terminal, "__call__", told)
            code, said = self.bring()
        return code, said[-1] if code == 130 else said[0]

    def stored(self) -> bytes:
        """The film as the office holds it."""
        with self.services() as services:
            assert all(one.stored_index is not None for one in self.wanted(services))
            names = [one.sha256 for one in self.wanted(services) if one.size == len(FILM)]
            return services.blobs.path(names[0]).read_bytes()

    def wanted(self, services: Services) -> list[Blob]:
        return services.facts.blobs_of(self.tablet.world.device.journal)

    @property
    def left(self) -> list[Path]:
        folder = self.server.settings.imports
        return list(folder.iterdir()) if folder.is_dir() else []


@pytest.fixture
def office(
    server: Server, tablet: Tablet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Halfway:
    """What is read is put on the disk with every piece."""
    monkeypatch.setattr(spool, "SYNCED", 1)
    world = tablet.world
    case = world.inspection()
    ref = world.blob(FILM, "video/mp4")
    taken = acts.film(world, case.opened.hex, ref)
    record = world.state(taken, world.shen, world.device)
    made = Halfway(server, tablet, tmp_path)
    small = [data for data in case.blobs.values() if data and data != FILM]
    made.write([*tablet.links(case), item(record)], [*small, FILM])
    return made


def test_a_file_read_halfway_is_read_on_from_there_however_often_it_is_stopped(
    office: Halfway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who stops it is told where; records and film are there once, whole, and nothing is left. Done
    again, it finds nothing to do."""
    for stop_at in (100_000, 1_100_000, 2_200_000, 3_300_000, 4_400_000):
        code, line = office.brought(monkeypatch, stop_at)
        assert (code, "the same command goes on there" in line) == (130, True)
        assert office.read < 3_500_000  # the beginning again, and a piece or two
    code, line = office.brought(monkeypatch)
    assert (code, line.endswith("10 new records, 0 were here")) == (0, True)
    assert office.read < 3_500_000
    assert office.stored() == FILM
    assert office.left == []
    assert office.fsck().endswith("entries hold")
    code, line = office.brought(monkeypatch)
    assert (code, line.endswith("0 new records, 10 were here")) == (0, True)


def altered(file: Path, at: int) -> None:
    with file.open("r+b") as stick:
        stick.seek(at)
        was = stick.read(1)
        stick.seek(at)
        stick.write(bytes([was[0] ^ 1]))


def test_what_was_altered_meanwhile_is_refused_as_ever(
    office: Halfway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In what is read each time, and in what is still to come, cut or another file's; the stick as
    it was goes on. Bytes that were read before count for nothing any more: they are here."""
    assert office.brought(monkeypatch, 2_500_000)[0] == 130
    whole = office.file.read_bytes()
    for place in (200, 3_900_000, len(whole) - 1):
        altered(office.file, place)
        with pytest.raises((Altered, Refused)):
            office.bring()
        altered(office.file, place)
    for other in (whole[:3_500_000], whole[:120] + bytes(200) + whole[320:]):
        office.file.write_bytes(other)
        with pytest.raises((Altered, TooLarge, Truncated)):
            office.bring()
    office.file.write_bytes(whole)
    altered(office.file, 1_800_000)
    assert office.brought(monkeypatch)[0] == 0
    assert office.read < 4_500_000
    assert office.stored() == FILM


def test_what_was_altered_on_this_disk_is_no_film_of_the_tablets(
    office: Halfway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is hashed again from here: nothing is stored under a name that it does not have."""
    assert office.brought(monkeypatch, 3_000_000)[0] == 130
    (folder,) = office.left
    largest = max(folder.iterdir(), key=lambda path: path.stat().st_size)
    altered(largest, 500_000)
    assert office.brought(monkeypatch)[0] == 1
    with office.services() as services:
        (film,) = [one for one in office.wanted(services) if one.size == len(FILM)]
        assert film.stored_index is None
    assert office.brought(monkeypatch)[0] == 0
    assert office.stored() == FILM


def test_a_file_that_was_whole_and_was_altered_on_this_disk_is_read_once_more(
    office: Halfway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All that is stored has the hash that it was read with, however long it lay here."""
    assert office.brought(monkeypatch, 2_500_000)[0] == 130
    (folder,) = office.left
    altered(folder / "0", 10)
    assert office.brought(monkeypatch)[0] == 0
    assert office.read > len(FILM)
    assert office.stored() == FILM


def test_many_empty_files_do_not_fill_the_disk_with_names(
    office: Halfway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What no record names goes every so often, whatever its size."""
    monkeypatch.setattr(spool, "SYNCED", 100 * 4096)
    office.write([], [b""] * 2000)
    most = 0
    told = Terminal.__call__

    def counted(terminal: Terminal, far: Far) -> None:
        nonlocal most
        told(terminal, far)
        most = max(most, *(len(list(one.iterdir())) for one in office.left), 0)

    monkeypatch.setattr(Terminal, "__call__", counted)
    assert office.bring()[0] == 0
    assert 0 < most <= 102


@pytest.mark.parametrize("stop_at", [1 << 40, 3_300_000])
def test_a_film_that_is_too_large_for_the_office_holds_up_nothing_else(
    office: Halfway, monkeypatch: pytest.MonkeyPatch, stop_at: int
) -> None:
    """Records and other files come in; it comes when the office takes larger ones."""
    settings = office.server.settings
    office.server.settings = replace(settings, max_blob=1 << 20)
    office.brought(monkeypatch, stop_at)
    assert office.brought(monkeypatch)[0] == 1
    with office.services() as services:
        (film,) = [one for one in office.wanted(services) if one.stored_index is None]
        assert film.size == len(FILM)
    assert office.left == []
    office.server.settings = settings
    assert office.brought(monkeypatch)[0] == 0
    assert office.stored() == FILM


def test_a_stick_that_is_pulled_out_is_named_and_goes_on_when_it_is_back(
    office: Halfway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While it is read; and while the answer is written to it."""
    with monkeypatch.context() as patch:
        read = _Reading._read_media

        def pulled(reading: _Reading, parts: Unsealing) -> None:
            patch.setattr(reading, "_file", Pulled(reading._file))
            read(reading, parts)

        patch.setattr(_Reading, "_read_media", pulled)
        with pytest.raises(Refused, match="plug the stick in again"):
            office.bring()
    with monkeypatch.context() as patch:
        patch.setattr(answering, "write_durably", lambda *_: gone())
        with pytest.raises(Refused, match="was taken in"):
            answering.write(b"answer", office.file)
    assert office.brought(monkeypatch)[0] == 0
    assert office.stored() == FILM
    assert office.fsck().endswith("entries hold")


def gone() -> None:
    raise OSError(errno.EIO, "Input/output error")


class Pulled:
    """A file of which two pieces come."""

    def __init__(self, file: BinaryIO) -> None:
        self.file, self.left = file, 64

    def read(self, size: int) -> bytes:
        self.left -= 1
        if self.left < 0:
            gone()
        return self.file.read(size)


def test_an_export_of_nobody_here_is_refused_before_its_media_are_read(
    office: Halfway, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody(*_args: object) -> None:
        raise Refused("expected an export of a device that is enrolled here")

    monkeypatch.setattr("sync_server.devices.exports._device", nobody)
    with pytest.raises(Refused):
        office.brought(monkeypatch)
    assert office.read < 300_000


def test_who_adopts_an_export_reads_it_whole(
    office: Halfway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its hash is in the statement that the registrar signs."""
    assert office.brought(monkeypatch, 3_000_000)[0] == 130
    office.adopt()
    assert [one.export.size for one in office.adoptions()] == [office.file.stat().st_size]
    assert office.stored() == FILM
    assert office.left == []


def test_what_nobody_goes_on_with_is_dropped_after_a_week(
    office: Halfway, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert office.brought(monkeypatch, 3_000_000)[0] == 130
    with office.services() as services:
        spool.forget_old(services)
        assert len(office.left) == 1
        (folder,) = office.left
        long_ago = folder.stat().st_mtime - spool.KEPT_S - 60
        os.utime(folder, (long_ago, long_ago))
        spool.forget_old(services)
    assert office.left == []


def test_the_line_on_the_terminal_says_bytes_items_and_how_long(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    now = [0.0]
    clock: Callable[[], float] = lambda: now[0]  # noqa: E731
    shown = Terminal(clock)
    now[0] = 0.1
    shown(Far(10_000_000, 2_000_000_000, 41, 1))
    assert capsys.readouterr().err == ""
    now[0] = 1.0
    shown(Far(20_000_000, 2_000_000_000, 41, 2))
    assert capsys.readouterr().err.strip() == (
        "0.0 of 2.0 GB · 41 records, 2 files · about 2 minutes left"
    )
    now[0] = 2.0  # on from where it was stopped: that took no time of this one's
    shown(Far(1_040_000_000, 2_000_000_000, 41, 3, before=1_000_000_000))
    assert capsys.readouterr().err.strip() == (
        "1.0 of 2.0 GB · 41 records, 3 files · about 48 seconds left"
    )
    shown.clear()
    assert capsys.readouterr().err.strip() == ""
    now[0] = 2.1
    shown(Far(1_050_000_000, 2_000_000_000, 41, 3, before=1_000_000_000))
    assert words(shown.far, 0) == "1.1 of 2.0 GB · 41 records, 3 files"


def test_the_line_on_the_terminal_is_gone_before_another_is_said(
    office: Halfway, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was taken in, and what went wrong, stands in lines of its own."""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setattr(far, "EVERY_S", 0)
    before: list[str] = []
    import_export(office.server.settings, office.file, lambda _: before.append(lines(capsys)))
    assert "5.3 of 5.3 MB" in before[0]
    assert all(shown.endswith("\r") for shown in before if shown)
    office.file.write_bytes(office.file.read_bytes()[:-1])
    with pytest.raises(Truncated):
        import_export(office.server.settings, office.file, before.append)
    assert lines(capsys).endswith("\r")


def lines(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().err

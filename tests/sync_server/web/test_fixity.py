"""Stored files are read again on a schedule, and what was found is on record."""

from __future__ import annotations

from pathlib import Path

import pytest

from protocol.statements import FixityChecked
from sync_server import demo
from sync_server.commands import checking
from sync_server.services import Services
from sync_server.upkeep import fixity
from tests.sync_server.web.conftest import County
from tests.sync_server.web.staging import NOW, Office

AGENCY = demo.AGENCY.id


def services_of(office: Office) -> Services:
    """The running server's parts."""
    assert office.services is not None
    return office.services


def pdf_of(county: County) -> str:
    """The hash of the decision's file."""
    return str(county.case.decision.statement.pdf.sha256)  # type: ignore[attr-defined]


def path_of(office: Office, county: County) -> Path:
    """Where it lies."""
    return services_of(office).blobs.path(bytes.fromhex(pdf_of(county)))


def last(office: Office) -> FixityChecked:
    """What the newest run found."""
    return fixity.history(services_of(office), AGENCY)[0].said


def test_a_file_is_due_a_month_after_it_came_and_after_each_reading(office: Office) -> None:
    """Nothing before; then one record for all; then nothing again for a month."""
    services = services_of(office)
    assert fixity.check(services, AGENCY) is None
    office.clock.set(NOW + fixity.PERIOD_MS)
    fixity.check_all(services)
    said = last(office)
    assert len(said.checked) == len(fixity.held(services, AGENCY)) > 3
    assert (said.damaged, said.missing) == ([], [])
    assert said.size == sum(one.size for one in fixity.held(services, AGENCY))
    assert fixity.check(services, AGENCY) is None
    office.clock.set(NOW + 2 * fixity.PERIOD_MS)
    assert fixity.check(services, AGENCY) is not None


def test_a_file_that_rotted_is_named_until_it_is_put_back(
    office: Office, inspected: County
) -> None:
    """It is read at every run, first of all; whole again, it is no finding any more."""
    services, path = services_of(office), path_of(office, inspected)
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    fixity.check(services, AGENCY, everything=True)
    assert last(office).damaged == [pdf_of(inspected)]
    page = office.signed_in("xuwen").get("/office/archive/fixity").text
    assert "1个文件损坏或者缺失" in page
    assert pdf_of(inspected) in page
    path.unlink()
    fixity.check(services, AGENCY)
    assert (last(office).checked, last(office).missing) == ([pdf_of(inspected)],) * 2
    path.write_bytes(whole)
    fixity.check(services, AGENCY)
    assert (last(office).checked, last(office).missing) == ([pdf_of(inspected)], [])
    assert fixity.check(services, AGENCY) is None
    assert "文件都完好" in office.signed_in("xuwen").get("/office/archive/fixity").text


def test_a_run_reads_so_much_and_the_next_one_goes_on(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two runs with room for two files each read four different ones."""
    services = services_of(office)
    monkeypatch.setattr(fixity, "FILES", 2)
    office.clock.set(NOW + fixity.PERIOD_MS)
    seen: list[str] = []
    for _ in range(2):
        fixity.check(services, AGENCY)
        seen += last(office).checked
    assert len(set(seen)) == 4


def test_files_that_are_lost_keep_no_others_from_their_turn(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a run with room for two, one is for a lost file and one for another that is due."""
    services = services_of(office)
    lost = [one.sha256 for one in fixity.held(services, AGENCY)[:2]]
    for sha256 in lost:
        services.blobs.place(sha256).unlink()
    fixity.check(services, AGENCY, everything=True)
    assert len(last(office).missing) == 2
    monkeypatch.setattr(fixity, "FILES", 2)
    office.clock.set(NOW + fixity.PERIOD_MS)
    fixity.check(services, AGENCY)
    assert len(last(office).checked) == 2
    assert len(last(office).missing) == 1


def test_the_command_tells_and_its_exit_code_says_so(office: Office, inspected: County) -> None:
    """0 when nothing is due, 1 with the file's name when one is missing."""
    office.stop()
    said: list[str] = []
    path_of(office, inspected).unlink()
    assert checking.check_files(office.settings, True, said.append) == 1
    assert any(pdf_of(inspected) in line and "missing" in line for line in said)

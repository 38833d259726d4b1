"""An agency changes its issuer and its root between two inspections of one tablet.

A real server, a real tablet, the commands' own code: what was stated before still verifies, what is
stated after verifies too, each case file with the roots that its verifier was given.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from field_client.contact import enrolment
from protocol.__main__ import main as verify
from sync_server import demo
from sync_server.cases import casefiles
from sync_server.commands import exporting
from sync_server.services import writing
from sync_server.upkeep import rotation
from tests.field_client.county import LU, PINS, County, FieldTablet, key_store

AGENCY = demo.AGENCY.id


def synced(tablet: FieldTablet) -> None:
    """Contacts until every record and blob is at the office."""
    for _ in range(3):
        tablet.contact()
    status = tablet.tablet.sync.status()
    assert (status.trouble, status.halted, status.unsent) == (None, None, 0)
    assert status.blobs_outstanding == 0


def rotated(county: County, *, root: bool) -> None:
    """The operator stops the server, rotates, and starts it again."""
    county.stop()
    with writing(county.settings, county.clock) as services:
        rotation.rotate_issuer(services, AGENCY, county.settings.root)
        if root:
            rotation.rotate_root(services, AGENCY, county.settings.root)
    county.start()


def case_file(county: County, case: bytes, folder: Path, name: str) -> tuple[Path, Path]:
    """The case's file and trust.json, as they are given away today."""
    assert county.services is not None
    file, trust = folder / f"{name}.zip", folder / f"{name}.json"
    casefiles.write_casefile(county.services, case, file)
    exporting.trust(county.settings, trust, lambda _: None)
    return file, trust


def holds(file: Path, trust: Path) -> bool:
    return verify([str(file), "--trust", str(trust)]) == 0


def test_inspections_before_and_after_both_rotations_verify(
    tablet: FieldTablet, county: County, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Rotate, sync, inspect, sync: twice; then every case file holds by today's trust."""
    county.start()
    first = tablet.whole_inspection()
    synced(tablet)
    before = case_file(county, first.case, tmp_path, "before")
    assert holds(*before)

    rotated(county, root=False)
    synced(tablet)
    second = tablet.whole_inspection()
    synced(tablet)

    rotated(county, root=True)
    synced(tablet)
    assert county.services is not None
    known = county.services.facts.registry.agencies[AGENCY]
    assert tablet.tablet.shelf.roots == (known.root,)
    assert len(tablet.tablet.shelf.issuers) == 3
    third = tablet.whole_inspection()
    synced(tablet)
    tablet.restart()
    synced(tablet)

    for name, inspection in (("one", first), ("two", second), ("three", third)):
        file, trust = case_file(county, inspection.case, tmp_path, name)
        assert holds(file, trust), capsys.readouterr().out
    assert holds(before[0], trust), "a file from before, by today's roots"
    assert not holds(file, before[1]), "today's file needs today's roots"


def test_the_newest_root_alone_proves_what_it_certified(
    tablet: FieldTablet, county: County, tmp_path: Path
) -> None:
    """The issuer in force was certified anew: one root is enough where no former issuer is
    needed, and its predecessor is enough for files from before."""
    county.start()
    case = tablet.whole_inspection().case
    synced(tablet)
    before = case_file(county, case, tmp_path, "before")
    county.stop()
    with writing(county.settings, county.clock) as services:
        rotation.rotate_root(services, AGENCY, county.settings.root)
    county.start()
    file, trust = case_file(county, case, tmp_path, "after")
    told: dict[str, Any] = json.loads(trust.read_text())
    new, old = told["roots"][AGENCY]
    only = tmp_path / "only.json"
    only.write_text(json.dumps(told | {"roots": {AGENCY: new}}))
    assert holds(file, only)
    assert not holds(before[0], only)
    only.write_text(json.dumps(told | {"roots": {AGENCY: old}}))
    assert holds(before[0], only)
    assert not holds(file, only)


def test_an_officer_enrols_on_an_old_tablet_after_the_rotations(
    tablet: FieldTablet, county: County
) -> None:
    """The tablet was enrolled under the first issuer and root."""
    county.start()
    rotated(county, root=True)
    shelf = tablet.tablet.shelf
    shelf.fetch(tablet.tablet.wire)
    made = enrolment.enrol_officer(
        key_store(tablet.folder, tablet.clock),
        tablet.tablet.wire,
        tablet.tablet.admitted,
        tablet.shen.vault_key,
        LU,
        PINS[LU],
        county.code("officer", LU),
        shelf.issuers,
    )
    shelf.fetch(tablet.tablet.wire)
    assert tablet.tablet.office.face(made).credential

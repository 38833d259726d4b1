"""A tablet is restored from a copy and parts from the office; in the end everything is there.

    the tablet      一 sent │ copied │ 二 sent, 三 not sent, lost in a drawer
    its copy                │ 四: refused, closed, sent in the next journal
    the drawer              found again: 三 adopted from its export

A real server and real tablets over TCP.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from sqlmodel import select

from field_client.contact.exporting import Scope
from field_client.inspection import Inspection
from field_client.store.tables import LinkRow, StatementRow
from protocol import chain
from protocol.casecheck import Level, verify_zip
from protocol.casetrust import read_trust
from protocol.chain import decode_link
from protocol.reference import Parameters
from protocol.registry.registry import Device
from sync_server import demo
from sync_server.cases import casefiles
from sync_server.commands import checking
from sync_server.devices import adoption, closing, exports
from sync_server.keys.accounts import Accounts
from sync_server.reports import integrity
from sync_server.services import Services
from tests.field_client.county import County, FieldTablet
from tests.field_client.meddler import reconnected

PASSWORDS = {person.account: person.password for person in demo.STAFF}


def started(tablet: FieldTablet, folder: Path) -> FieldTablet:
    """The program over a folder, as if on a machine of its own."""
    tablet.county.meddler = reconnected(tablet.county.meddler)
    return FieldTablet.start(folder, tablet.clock, tablet.county, tablet.media, tablet.typesetter)


def device(services: Services) -> Device:
    found = services.sequencer.registry.device_named(demo.DEVICE)
    assert found is not None
    return found


def records(tablet: FieldTablet) -> set[bytes]:
    with tablet.tablet.vault.session() as session:
        return set(session.exec(select(StatementRow.record_hash)))


def acknowledged(tablet: FieldTablet) -> set[bytes]:
    with tablet.tablet.vault.session() as session:
        rows = session.exec(select(LinkRow).where(LinkRow.stage != "saved")).all()
    return {decode_link(row.link).record for row in rows}


def inspected(tablet: FieldTablet) -> Inspection:
    inspection = tablet.opened_and_notified()
    tablet.photo(inspection)
    return inspection


def test_after_a_fork_everything_that_was_recorded_is_at_the_office(
    tablet: FieldTablet, online: County, tmp_path: Path
) -> None:
    services = online.services
    assert services is not None
    first = inspected(tablet)
    tablet.contact()
    tablet.tablet.close()
    shutil.copytree(tablet.folder, tmp_path / "copy")

    lost = started(tablet, tablet.folder)
    second = inspected(lost)
    lost.contact()
    online.meddler.unplugged = True
    third = inspected(lost)
    told, sent = records(lost), acknowledged(lost)
    lost.tablet.close()
    online.meddler.unplugged = False

    copy = started(tablet, tmp_path / "copy")
    fourth = inspected(copy)
    copy.contact()
    assert copy.tablet.sync.status().halted == "rewrite"
    evidence = services.facts.evidence(demo.DEVICE)
    held = services.facts.journal(device(services).journal)
    one = next(e.link for e in evidence)
    place = decode_link(one).sequence
    assert chain.check_fork(held[place].link_bytes, one) == place

    closing.close_journal(services, device(services), "从副本恢复")
    copy.contact()
    copy.contact()
    status = copy.tablet.sync.status()
    assert (status.halted, status.unsent, status.blobs_outstanding) == (None, 0, 0)

    # The first tablet turns up again: it is not connected, its records come on a stick.
    online.meddler.unplugged = True
    found = started(tablet, tablet.folder)
    stick = tmp_path / "stick"
    stick.mkdir()
    file = found.tablet.exporter.write(stick, Scope.UNSENT)
    found.tablet.close()
    online.meddler.unplugged = False
    _, signer = Accounts(services.db, services.clock).signer("tangyining", PASSWORDS["tangyining"])
    with exports.opened(services, file, whole=True) as export:
        (done,) = adoption.adopt(services, export, signer, "平板找回")
    assert not done.in_place
    assert len(done.links) == 4

    log = {record for record in told | records(copy) if services.facts.record(record)}
    assert log == told | records(copy)
    assert sent <= log
    made = integrity.report(services, device(services), Parameters())
    assert made.complete, [one.en for one in made.findings]
    assert {"journal_closed", "adopted"} <= {one.code for one in made.findings}
    for inspection in (first, second, third, fourth):
        expect_verifies(services, inspection, tmp_path / "case.zip")
    copy.tablet.close()
    tablet.tablet = started(tablet, tablet.folder).tablet
    online.stop()
    said: list[str] = []
    assert checking.fsck(online.settings, said.append, lambda _: None) == 0, said


def expect_verifies(services: Services, inspection: Inspection, path: Path) -> None:
    """The case's file holds; nothing in it is false."""
    casefiles.write_casefile(services, inspection.case, path)
    agencies = services.sequencer.registry.agencies
    roots = {agency: known.root.public_key.hex() for agency, known in agencies.items()}
    trust = read_trust(json.dumps({"log": services.log_key, "roots": roots}).encode())
    with path.open("rb") as file:
        checks = verify_zip(file, trust)
    assert [(one.name, one.en) for one in checks if one.level is not Level.HOLDS] == []

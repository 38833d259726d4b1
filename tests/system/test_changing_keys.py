"""Keys change between inspections, and everything that people check goes on holding.

A real server and a real tablet over TCP: the tablet's key, the office's own and an officer's are
replaced between two inspections, and the tablet's once more. Then ``fujie-verify`` judges the case
files, the integrity report and fsck find nothing, and another tablet reads cards and documents.
"""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import msgspec
import pytest

from field_client.contact import enrolment
from field_client.inspection import Inspection
from field_client.store.tables import Stage
from protocol.card import card_url, present
from protocol.findings import Report
from protocol.keys import Ed25519Signer
from protocol.mark import DocumentMark, document_mark, document_url
from protocol.reference import Parameters, Reference
from protocol.registry.registry import Device
from protocol.scanned import Code, check_card, check_mark
from protocol.vocabulary import DocumentKind, Standing
from sync_server import demo
from sync_server.commands import checking, exporting
from sync_server.devices import rekeying
from sync_server.reports import integrity
from tests.demo import proof
from tests.field_client.county import LU, County, FieldTablet, key_store
from tests.field_client.talk import verified

AGENCY = demo.AGENCY.id
NEW_PIN = "205817"


def change_the_tablets_key(tablet: FieldTablet, county: County) -> None:
    assert county.services is not None
    rekeying.ask(county.services, AGENCY, demo.DEVICE)
    tablet.contact()


def change_the_offices_key(county: County) -> None:
    assert county.services is not None
    rekeying.rotate_office(county.services)


def change_lus_key(tablet: FieldTablet, county: County) -> None:
    """By a new code, on the same tablet."""
    tablet.lu = enrolment.enrol_officer(
        key_store(tablet.folder, tablet.clock),
        tablet.tablet.wire,
        tablet.tablet.admitted,
        tablet.shen.vault_key,
        LU,
        NEW_PIN,
        county.code("officer", LU),
    )
    tablet.tablet.shelf.fetch(tablet.tablet.wire)
    tablet.clock.pass_seconds(60)


def known(county: County, name: str = demo.DEVICE) -> Device:
    assert county.services is not None
    return county.services.sequencer.registry.devices[AGENCY, name]


def report(county: County) -> Report:
    assert county.services is not None
    return integrity.report(county.services, known(county), Parameters())


def verify(county: County, case: bytes, folder: Path) -> list[str]:
    """``fujie-verify`` of the exported case; who signed in it, by kind and key."""
    out, trust = folder / f"{case.hex()[:8]}.zip", folder / "trust.json"
    assert exporting.export(county.settings, case.hex(), out, lambda _: None) == 0
    assert exporting.trust(county.settings, trust, lambda _: None) == 0
    code, checks = proof.verify(out, trust)
    assert code == 0, [one for one in checks if not proof.held(one)]
    with zipfile.ZipFile(out) as package:
        listed = json.loads(package.read("case/data/keys.json"))["keys"]
    return [one["keyid"] for one in listed]


def fsck(county: County) -> list[str]:
    said: list[str] = []
    assert checking.fsck(county.settings, said.append, lambda _: None) == 0
    return said[:-1]


@pytest.fixture
def inspections(tablet: FieldTablet, online: County) -> list[Inspection]:
    """One inspection, all keys changed, another one, the tablet's key changed again, a third."""
    made = [tablet.whole_inspection()]
    tablet.contact()
    tablet.contact()
    change_the_tablets_key(tablet, online)
    change_the_offices_key(online)
    change_lus_key(tablet, online)
    made.append(tablet.whole_inspection())
    tablet.contact()
    tablet.contact()
    change_the_tablets_key(tablet, online)
    made.append(tablet.opened_and_notified())
    tablet.contact()
    tablet.contact()
    return made


def test_sync_goes_on_and_nothing_is_found(
    tablet: FieldTablet, online: County, inspections: list[Inspection]
) -> None:
    """One journal over three keys of the tablet; every receipt holds by the log's key alone."""
    count = sum(len(one.state.records) for one in inspections)
    assert tablet.stages() == [Stage.STORED] * count
    assert verified(tablet) == count
    assert (len(known(online).former), len(known(online, "office").former)) == (2, 1)
    found = report(online)
    assert found.complete
    assert found.findings == ()
    online.stop()
    assert fsck(online) == []


def test_case_files_of_before_and_after_are_verified(
    tablet: FieldTablet, online: County, inspections: list[Inspection], tmp_path: Path
) -> None:
    """Each lists the keys that signed in it: the officer's old one, then the new; the office's
    likewise, which said that the photos have arrived."""
    first, second = (verify(online, one.case, tmp_path) for one in inspections[:2])
    (old_office,) = [one.key.key_id.hex() for one in known(online, "office").former]
    new_office = known(online, "office").key.key_id.hex()
    assert old_office in first
    assert new_office in second
    assert tablet.lu.signer.verifier.key_id.hex() in set(second) - set(first)
    assert tablet.shen.signer.verifier.key_id.hex() in set(second) & set(first)


def test_a_program_started_anew_works_with_the_last_keys(
    tablet: FieldTablet, online: County, inspections: list[Inspection]
) -> None:
    """After a restart the PINs open what they should, and the next record is admitted."""
    store = key_store(tablet.folder, tablet.clock)
    assert store.unlock(LU, NEW_PIN).signer.verifier == tablet.lu.signer.verifier
    assert store.device.signer().verifier == known(online).key


def test_another_tablet_reads_cards_and_documents(
    tablet: FieldTablet, online: County, inspections: list[Inspection]
) -> None:
    """By a roster of today only the newest key shows cards; by one of before the newest key is
    unknown, and nothing is ever valid by default. What older keys marked stays marked."""
    shelf, issuers = tablet.tablet.shelf, tablet.tablet.shelf.issuers
    today = shelf.current
    (row,) = [one for one in today.devices if one.name == demo.DEVICE]
    assert len(row.former) == 2
    new = key_store(tablet.folder, tablet.clock).device.signer()
    face = tablet.tablet.office.face(tablet.lu)
    assert face.standing is Standing.VALID

    def judged(signer: Ed25519Signer, reference: Reference) -> tuple[Code, Standing]:
        now = tablet.clock.wall
        shown = present(signer, face.credential, bytes(32), now, 30, bytes(8))
        url = card_url("https://yunxi.example", face.credential, shown)
        checked = check_card(url, reference, issuers, now)
        return checked.code, checked.standing

    assert judged(new, today) == (Code.FRESH, Standing.VALID)
    before = tablet_before(today)
    assert judged(new, before) == (Code.UNKNOWN, Standing.UNKNOWN)
    assert judged(Ed25519Signer(bytes(32)), today) == (Code.UNKNOWN, Standing.UNKNOWN)
    mark = DocumentMark(AGENCY, DocumentKind.SPOT_DECISION, "1", bytes(16), bytes(32), 1000)
    url = document_url("https://yunxi.example", document_mark(new, mark))
    assert check_mark(url, today, issuers).code is Code.FRESH
    assert check_mark(url, tablet_after(today), issuers).code is Code.FRESH
    assert check_mark(url, before, issuers).code is Code.UNKNOWN


def tablet_before(reference: Reference) -> Reference:
    """A roster of before the last change: the tablet with the key that it had then."""
    devices = [
        msgspec.structs.replace(one, certificate=one.former[0], former=one.former[1:])
        if one.name == demo.DEVICE
        else one
        for one in reference.devices
    ]
    return msgspec.structs.replace(reference, devices=devices)


def tablet_after(reference: Reference) -> Reference:
    """A roster of after one more change: today's key among the former ones."""
    devices = [
        msgspec.structs.replace(
            one, certificate=one.former[0], former=[one.certificate, *one.former[1:]]
        )
        if one.name == demo.DEVICE
        else one
        for one in reference.devices
    ]
    return msgspec.structs.replace(reference, devices=devices)

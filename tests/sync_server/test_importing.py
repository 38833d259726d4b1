"""What a tablet could not send for want of a network comes on a stick, as good as sent."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from nacl.public import PrivateKey

from protocol import messages
from protocol.answer import (
    Asked,
    Hashes,
    open_answered,
    open_asked,
    sign_asked,
    take_files,
    unseal_answer,
)
from protocol.errors import Refused, UnknownSigner
from protocol.keys import Ed25519Signer, Verifier
from protocol.messages import PullAnswer, PushAnswer
from protocol.receipt import Verdict
from sync_server import demo
from sync_server.commands.evidence import import_export
from sync_server.devices import answering
from sync_server.settings import ORIGIN
from tests.sync_server.conftest import Server
from tests.sync_server.tablet import Tablet
from tests.sync_server.test_adoption import Office, report, revoke


class Importing(Office):
    """The office, which takes exports in."""

    def bring(self) -> tuple[int, list[str]]:
        """``fujie-server import-export``: exit code and lines."""
        said: list[str] = []
        return import_export(self.server.settings, self.file, said.append), said


@pytest.fixture
def office(server: Server, tablet: Tablet, tmp_path: Path) -> Callable[[], Importing]:
    return lambda: Importing(server, tablet, tmp_path)


def test_an_export_is_admitted_as_a_push_would_have_been(
    tablet: Tablet, office: Callable[[], Importing]
) -> None:
    """In the device's own journal, accepted, media stored, adopted by nobody."""
    case = tablet.world.inspection()
    items = tablet.links(case)
    tablet.push(items[:4])
    closed = office()
    closed.write(items, [data for data in case.blobs.values() if data])
    code, said = closed.bring()
    assert (code, said[0]) == (
        0,
        f"journal {tablet.world.device.journal.hex()}: 5 new records, 4 were here",
    )
    assert closed.adoptions() == []
    with closed.services() as services:
        links = services.facts.journal(tablet.world.device.journal)
        assert [one.link_bytes for one in links] == [item.link for item in items]
        assert {one.verdict for one in links} == {Verdict.ACCEPTED}
        wanted = services.facts.blobs_of(tablet.world.device.journal)
        assert wanted
        assert all(blob.stored_index is not None for blob in wanted)
    assert closed.fsck().endswith("entries hold")


def test_what_came_by_a_stick_is_answered_with_receipts_when_the_network_comes(
    server: Server, tablet: Tablet, office: Callable[[], Importing]
) -> None:
    items = tablet.links(tablet.world.inspection())
    closed = office()
    closed.write(items)
    assert closed.bring()[0] == 0
    server.start()
    answer = tablet.push(items)
    assert (answer.refusal, answer.length) == (None, len(items))
    assert len(tablet.check(items, answer)) == len(items)


def test_importing_twice_brings_nothing_new(
    tablet: Tablet, office: Callable[[], Importing]
) -> None:
    items = tablet.links(tablet.world.inspection())
    closed = office()
    closed.write(items)
    closed.bring()
    code, said = closed.bring()
    assert code == 0
    assert "0 new records, 9 were here" in said[0]


def test_what_the_device_says_it_holds_is_kept_for_the_report(
    tablet: Tablet, office: Callable[[], Importing]
) -> None:
    items = tablet.links(tablet.world.inspection())
    closed = office()
    closed.write(items)
    closed.bring()
    with closed.services() as services:
        behind = services.facts.office_records(
            services.sequencer.offices, ("device_contacted",), -1, 100
        )
        assert len(behind) == 1


def test_the_days_that_a_stick_lay_about_are_no_fault_of_the_tablets_clock(
    tablet: Tablet, office: Callable[[], Importing]
) -> None:
    items = tablet.links(tablet.world.inspection())
    closed = office()
    closed.write(items)
    closed.bring()
    assert "clock_skew" not in {one.code for one in report(closed).findings}


def test_an_old_stick_does_not_read_as_a_tablet_that_was_set_back(
    tablet: Tablet, office: Callable[[], Importing]
) -> None:
    """The tablet sent more since it wrote the stick; its last word stands."""
    items = tablet.links(tablet.world.inspection())
    tablet.push(items)
    closed = office()
    before = contacts(closed)
    closed.write(items[:4])
    assert closed.bring()[0] == 0
    assert contacts(closed) == before
    assert "head_mismatch" not in {one.code for one in report(closed).findings}


def test_a_gap_stops_it_and_says_what_to_export(
    tablet: Tablet, office: Callable[[], Importing]
) -> None:
    items = tablet.links(tablet.world.inspection())
    closed = office()
    closed.write(items[3:])
    code, said = closed.bring()
    assert code == 1
    assert "0 new records" in said[0]
    assert "export everything" in said[1]


def test_a_revoked_tablets_export_is_for_a_registrar_to_adopt(
    server: Server, tablet: Tablet, office: Callable[[], Importing]
) -> None:
    items = tablet.links(tablet.world.inspection())
    revoke(server)
    closed = office()
    closed.write(items)
    before = closed.records()
    code, said = closed.bring()
    assert code == 1
    assert "fujie-server adopt" in said[1]
    assert {record for record in closed.records() if record not in before} <= contacts(closed)
    assert closed.adopt()[0].startswith("journal")


def contacts(closed: Importing) -> set[bytes]:
    """The records in which the office says that a tablet made contact."""
    with closed.services() as services:
        rows = services.facts.office_records(
            services.sequencer.offices, ("device_contacted",), -1, 100
        )
        return {one.link.record for one in rows}


def asking(tablet: Tablet, **changes: object) -> tuple[bytes, bytes]:
    """A question as the tablet's export brings it, and the key that opens its answer."""
    key = PrivateKey.generate()
    asked = Asked(
        agency=demo.AGENCY.id,
        device=demo.DEVICE,
        at=tablet.world.now,
        key=bytes(key.public_key).hex(),
        origin=ORIGIN,
    )
    said = msgspec.structs.replace(asked, **changes)
    return sign_asked(said, tablet.world.device.signer), bytes(key)


def test_the_answer_lies_beside_an_export_that_asks_for_it(
    tablet: Tablet, office: Callable[[], Importing]
) -> None:
    """Signed by the office, sealed to the question's key; a receipt for each link, and the
    office's records and reference data, all as of one head."""
    items = tablet.links(tablet.world.inspection())
    closed = office()
    question, key = asking(tablet)
    closed.write(items, asked=question)
    code, said = closed.bring()
    path = closed.file.with_suffix(".answer")
    assert code == 0
    assert str(path) in said[-1]
    files: dict[str, bytes] = {}
    told = take_files(unseal_answer(io.BytesIO(path.read_bytes()).read, key), files.__setitem__)
    with closed.services() as services:
        office_key = services.office_key.verifier
        answered = open_answered(told, {office_key.key_id: office_key})
    assert answered.device == demo.DEVICE
    journal = tablet.world.device.journal.hex()
    page = messages.decode(files[f"push/{journal}/0"], PushAnswer)
    assert len(tablet.check(items, page)) == len(items)
    assert messages.decode(files["pull/0"], PullAnswer).more is False
    assert {"question", "log/checkpoint", "log/hashes", "tuf/timestamp.json"} <= files.keys()
    assert Hashes.decode(files["log/hashes"]).size == answered.size


def test_an_answer_of_which_the_witnesses_did_not_come_holds_what_is_proved(
    tablet: Tablet, office: Callable[[], Importing], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The head that they saw last is before what was just admitted: that waits for the next."""
    items = tablet.links(tablet.world.inspection())
    closed = office()
    with closed.services() as services:
        seen = services.facts.head
    question, key = asking(tablet)
    closed.write(items, asked=question)
    monkeypatch.setattr(answering, "_head", lambda _: seen)
    assert closed.bring()[0] == 0
    files: dict[str, bytes] = {}
    answer = closed.file.with_suffix(".answer").read_bytes()
    take_files(unseal_answer(io.BytesIO(answer).read, key), files.__setitem__)
    assert files["log/checkpoint"] == seen.note
    assert not [name for name in files if name.startswith("push/")]
    assert messages.decode(files["pull/0"], PullAnswer).cursor < seen.size


def test_an_export_of_an_older_program_is_taken_in_without_an_answer(
    tablet: Tablet, office: Callable[[], Importing]
) -> None:
    items = tablet.links(tablet.world.inspection())
    closed = office()
    closed.write(items)
    assert closed.bring()[0] == 0
    assert not closed.file.with_suffix(".answer").exists()


def test_a_question_of_another_device_or_by_another_key_is_not_answered(
    tablet: Tablet, office: Callable[[], Importing]
) -> None:
    """Its key would open what is this device's business."""
    items = tablet.links(tablet.world.inspection())
    closed = office()
    other, _ = asking(tablet, device="YX-T08")
    closed.write(items, asked=other)
    with pytest.raises(Refused, match="YX-T08"):
        closed.bring()
    asked = open_asked(asking(tablet)[0], {one.key_id: one for one in [signer_of(tablet)]})
    forged = sign_asked(asked, Ed25519Signer(bytes(32)))
    closed.write(items, asked=forged)
    with pytest.raises(UnknownSigner):
        closed.bring()
    assert not closed.file.with_suffix(".answer").exists()


def signer_of(tablet: Tablet) -> Verifier:
    return tablet.world.device.signer.verifier

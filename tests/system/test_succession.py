"""A server loses its disk: what the tablets hold comes back, under the successor of its log."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import httpx
import msgspec
import pytest
from sqlmodel import delete, select

from field_client.contact.exporting import Scope
from field_client.contact.following import evidence, lost_blobs
from field_client.documents import Typesetter
from field_client.errors import NumberGone
from field_client.store.numbers import next_number
from field_client.store.stages import ALARM, HALTED
from field_client.store.tables import (
    BlobRow,
    LinkRow,
    NoticeRow,
    OldReceiptRow,
    PassedLogRow,
    ReceiptRow,
    Stage,
    StatementRow,
    SuspendedGrantRow,
    WordRow,
)
from protocol import envelope
from protocol.casecheck import verify_zip
from protocol.casetrust import read_trust
from protocol.checkpoint import VerifierKey
from protocol.errors import FujieError, Refused, SplitView
from protocol.misbehaviour import misbehaviour, read_evidence
from protocol.receipt import Receipt, Verdict, verify_receipt
from protocol.reference import Parameters
from protocol.statements import READERS, blobs_of
from protocol.succession import Succession, read_chain, sign_succession, write_chain
from protocol.vocabulary import DocumentKind
from sync_server import demo
from sync_server.cases import casefiles
from sync_server.commands import checking
from sync_server.devices import readmission, rekeying
from sync_server.devices.grants import first_free
from sync_server.keys import keyring
from sync_server.log.origin import WrongOrigin
from sync_server.reports import integrity
from sync_server.services import reading, writing
from sync_server.settings import ORIGIN
from sync_server.upkeep import logkeys, succeeding
from sync_server.upkeep.backup import backup
from tests.field_client import county as c
from tests.field_client.county import County, FieldTablet
from tests.field_client.talk import grant_2027, only, respond
from tests.field_client.test_forks import close_journal, swap, sync_screen
from tests.field_client.test_unread import archive

SECOND, THIRD = "log2.yunxi.example/fujie", "log3.yunxi.example/fujie"


def backed_up(county: County, to: Path) -> Path:
    """A copy of the running server, as ``fujie-server backup`` makes it."""
    backup(county.settings, to)
    return to


def lose_the_disk(county: County, copy: Path) -> None:
    """All that is left is the backup, and the root key in its safe."""
    county.stop()
    safe = county.folder / "root"
    kept = copy.parent / "safe"
    if not kept.exists():
        shutil.copytree(safe, kept)
    shutil.rmtree(county.folder)
    shutil.copytree(copy, county.folder)


def succeed(
    county: County, origin: str, *, checkpoints: list[bytes] | None = None, skip: int = 200
) -> list[str]:
    """Open the successor and start it under its name."""
    said: list[str] = []
    plan = succeeding.Plan(
        origin, "磁盘损坏", county.folder.parent / "safe", checkpoints or [], skip
    )
    succeeding.succeed(county.settings, county.clock, plan, said.append)
    county.origin = origin
    county.start()
    return said


def until_calm(tablet: FieldTablet, contacts: int = 6) -> None:
    for _ in range(contacts):
        tablet.clock.pass_seconds(400)
        tablet.contact()


def alarmed(tablet: FieldTablet) -> bytes:
    """Contacts until the tablet is sure; the alarm."""
    until_calm(tablet, 4)
    alarm = tablet.tablet.vault.state(ALARM)
    assert alarm is not None
    assert tablet.tablet.vault.state(HALTED) == b"alarm"
    return alarm


def every_receipt_verifies(tablet: FieldTablet) -> int:
    """Each receipt holds under the log that gave it, old ones too; how many of the newest log."""
    history = tablet.tablet.sync._exchange.history.log
    logs = {history.origin: list(history.verifiers)}
    with tablet.tablet.vault.session() as session:
        for passed in session.exec(select(PassedLogRow)).all():
            logs[passed.origin] = [VerifierKey.parse(line) for line in passed.keys.split("\n")]
        rows = [
            (link, row.receipt)
            for link, row in session.exec(
                select(LinkRow, ReceiptRow).where(LinkRow.link_hash == ReceiptRow.link_hash)
            ).all()
        ]
        count = len(rows)
        rows += [
            (link, row.receipt)
            for link, row in session.exec(
                select(LinkRow, OldReceiptRow).where(LinkRow.link_hash == OldReceiptRow.link_hash)
            ).all()
        ]
    for link, data in rows:
        receipt = Receipt.decode(data)
        origin = receipt.checkpoint_bytes.partition(b"\n")[0].decode()
        verify_receipt(receipt, link.link_hash, link.record_hash, logs[origin], origin)
    return count


def both_halves_match(county: County, tablet: FieldTablet, name: str = demo.DEVICE) -> None:
    """Every record is at the server, in a log that holds, with nothing missing."""
    until_calm(tablet)
    assert {stage.rank >= Stage.STORED.rank for stage in tablet.stages()} == {True}
    assert every_receipt_verifies(tablet) == len(tablet.stages())
    assert tablet.tablet.sync.status().halted is None
    assert tablet.tablet.sync.status().trouble is None
    said: list[str] = []
    assert checking.fsck(county.settings, said.append, lambda _: None) == 0, said
    with reading(county.settings, county.clock) as services:
        device = services.facts.registry.device_named(name)
        assert device is not None
        report = integrity.report(services, device, Parameters())
        assert report.complete, report.findings
        assert report.links == len(tablet.stages())


def checked_case_file(county: County, case: bytes, to: Path) -> None:
    with reading(county.settings, county.clock) as services:
        casefiles.write_casefile(services, case, to)
        roots = {
            agency: known.root.public_key.hex()
            for agency, known in services.facts.registry.agencies.items()
        }
        trust = read_trust(json.dumps({"log": services.log_keys, "roots": roots}).encode())
    with to.open("rb") as data:
        checks = verify_zip(data, trust)
    assert all(check.ok for check in checks), [check for check in checks if not check.ok]


def test_what_the_tablet_holds_comes_back_after_the_disk_was_lost(
    tablet: FieldTablet, online: County, tmp_path: Path
) -> None:
    """Backup, more work, a restored backup under the old name: an alarm, with its evidence, and
    nothing is sent. The successor answers it; everything is sent again and proved."""
    before = tablet.opened_and_notified()
    until_calm(tablet, 2)
    copy = backed_up(online, tmp_path / "copy")
    inspection = tablet.whole_inspection()
    until_calm(tablet, 3)
    had = tablet.stages()
    assert set(had) == {Stage.STORED}
    lost_head = tablet.tablet.sync._exchange.history.log.checkpoint_bytes
    assert lost_head is not None

    lose_the_disk(online, copy)
    online.start()
    tablet.open()
    alarm = alarmed(tablet)
    evidence = msgspec.json.decode(alarm)["evidence"]
    assert lost_head.decode() in evidence
    online.meddler.asked.clear()
    until_calm(tablet, 2)
    assert set(online.meddler.asked) == {"GET /log/succession"}

    online.stop()
    said = succeed(online, SECOND, checkpoints=[lost_head])
    assert any("known to be lost" in line for line in said)
    both_halves_match(online, tablet)
    with tablet.tablet.vault.session() as session:
        passed = session.exec(select(PassedLogRow)).one()
        old = session.exec(select(OldReceiptRow)).all()
        notices = session.exec(select(NoticeRow).where(NoticeRow.kind == "log_succeeded")).all()
    assert (passed.origin, passed.successor, passed.alarm) == (ORIGIN, SECOND, alarm)
    assert len(old) == passed.again > 0
    assert len(notices) == 1
    assert tablet.tablet.vault.state(ALARM) is None
    for case in (before.case, inspection.case):
        checked_case_file(online, bytes.fromhex(case.hex()), tmp_path / f"{case.hex()}.zip")

    tablet.restart()
    tablet.whole_inspection()
    both_halves_match(online, tablet)


def test_a_tablet_that_was_never_ahead_follows_and_sends_nothing_again(
    tablet: FieldTablet, online: County, tmp_path: Path
) -> None:
    """It had nothing that the backup lacks: it takes the new name and goes on."""
    tablet.whole_inspection()
    until_calm(tablet, 3)
    lose_the_disk(online, backed_up(online, tmp_path / "copy"))
    succeed(online, SECOND)
    had = len(tablet.stages())
    tablet.open()
    both_halves_match(online, tablet)
    with tablet.tablet.vault.session() as session:
        passed = session.exec(select(PassedLogRow)).one()
    assert (passed.again, passed.alarm) == (0, b"")
    assert len(tablet.stages()) == had + 1


def test_what_was_not_pulled_before_the_succession_is_pulled_after_it(
    tablet: FieldTablet, online: County, tmp_path: Path
) -> None:
    """Pushes went on while pulls failed: the tablet saw heads past words that it never heard."""
    tablet.opened_and_notified()
    until_calm(tablet, 2)

    def lose(request: httpx.Request, response: httpx.Response) -> httpx.Response:
        raise httpx.ReadError("cut", request=request)

    online.meddler.answer = only("/v1/pull", lose)
    grant_2027(online)
    tablet.open()
    until_calm(tablet, 1)
    online.meddler.answer = None
    copy = backed_up(online, tmp_path / "copy")
    lose_the_disk(online, copy)
    succeed(online, SECOND)
    until_calm(tablet)
    given = tablet.tablet.journal.next_number(DocumentKind.SPOT_DECISION, 2027)
    assert given.label == "云市监当罚〔2027〕1号"


def test_of_two_tablets_each_sends_again_what_the_successor_lacks_of_its_own(
    tablet: FieldTablet, online: County, tmp_path: Path, shop: Path, typesetter: Typesetter
) -> None:
    """One was ahead of the backup, the other was not; both go on, in one log."""
    folder, clock = tmp_path / "tablet 8", tablet.clock
    c.enrol(online, folder, clock, "YX-T08")
    other = FieldTablet.start(folder, clock, online, shop, typesetter)
    try:
        for one in (tablet, other):
            one.open()
            until_calm(one, 2)
        copy = backed_up(online, tmp_path / "copy")
        tablet.whole_inspection()
        until_calm(tablet, 2)
        lose_the_disk(online, copy)
        online.start()
        alarmed(tablet)
        online.stop()
        succeed(online, SECOND)
        for one, name in ((tablet, demo.DEVICE), (other, "YX-T08")):
            both_halves_match(online, one, name)
            one.open()
            both_halves_match(online, one, name)
        with other.tablet.vault.session() as session:
            assert session.exec(select(PassedLogRow.again)).one() == 0
    finally:
        other.tablet.close()


def test_a_tablet_that_was_enrolled_after_the_backup_is_readmitted(
    tablet: FieldTablet, online: County, tmp_path: Path, shop: Path, typesetter: Typesetter
) -> None:
    """The successor does not know it; its export brings what the office had certified, and then
    its records come, signed by the officers' keys that were lost with the enrolment."""
    copy = backed_up(online, tmp_path / "copy")
    folder = tmp_path / "tablet 8"
    c.enrol(online, folder, tablet.clock, "YX-T08")
    other = FieldTablet.start(folder, tablet.clock, online, shop, typesetter)
    try:
        other.whole_inspection()
        until_calm(other, 3)
        lose_the_disk(online, copy)
        succeed(online, SECOND)
        until_calm(other, 2)
        assert other.tablet.sync.status().trouble is not None
        stick = tmp_path / "stick"
        stick.mkdir()
        export = other.tablet.exporter.write(stick, Scope.ALL)
        online.stop()
        with writing(online.settings, online.clock) as services:
            assert readmission.readmit(services, export) == (
                "YX-T08",
                [officer.cert_no for officer in demo.plan().officers],
            )
            with pytest.raises(Refused, match="adopt"):
                readmission.readmit(services, export)
        online.start()
        both_halves_match(online, other, "YX-T08")
        with other.tablet.vault.session() as session:
            assert set(session.exec(select(ReceiptRow.verdict)).all()) == {int(Verdict.ACCEPTED)}
        other.whole_inspection()
        both_halves_match(online, other, "YX-T08")
    finally:
        other.tablet.close()


def test_an_officer_s_key_that_was_lost_is_known_again_before_its_records_come(
    tablet: FieldTablet, online: County, tmp_path: Path, shop: Path, typesetter: Typesetter
) -> None:
    """The tablet was in the backup, its officers' keys came after it."""
    copy = tmp_path / "copy"
    folder = tmp_path / "tablet 8"
    c.enrol(online, folder, tablet.clock, "YX-T08", before_officers=lambda: backed_up(online, copy))
    other = FieldTablet.start(folder, tablet.clock, online, shop, typesetter)
    try:
        other.whole_inspection()
        until_calm(other, 3)
        export = other.tablet.exporter.write(tmp_path, Scope.ALL)
        lose_the_disk(online, copy)
        succeed(online, SECOND)
        online.stop()
        with writing(online.settings, online.clock) as services:
            assert len(readmission.readmit(services, export)[1]) == 2
        online.start()
        both_halves_match(online, other, "YX-T08")
        with other.tablet.vault.session() as session:
            assert set(session.exec(select(ReceiptRow.verdict)).all()) == {int(Verdict.ACCEPTED)}
    finally:
        other.tablet.close()


def test_a_tablet_s_newer_key_that_was_lost_is_known_again(
    tablet: FieldTablet, online: County, tmp_path: Path
) -> None:
    """It had changed its key after the backup, and signs with the new one alone."""
    copy = backed_up(online, tmp_path / "copy")
    assert online.services is not None
    rekeying.ask(online.services, demo.AGENCY.id, demo.DEVICE)
    tablet.open()
    until_calm(tablet, 3)
    export = tablet.tablet.exporter.write(tmp_path, Scope.ALL)
    lose_the_disk(online, copy)
    succeed(online, SECOND)
    tablet.open()
    until_calm(tablet, 2)
    assert tablet.tablet.sync.status().trouble is not None
    online.stop()
    with writing(online.settings, online.clock) as services:
        assert readmission.readmit(services, export) == (demo.DEVICE, [])
    online.start()
    both_halves_match(online, tablet)


def test_a_log_that_lost_nothing_readmits_nobody(
    tablet: FieldTablet, online: County, tmp_path: Path
) -> None:
    until_calm(tablet, 1)
    export = tablet.tablet.exporter.write(tmp_path, Scope.ALL)
    online.stop()
    with (
        writing(online.settings, online.clock) as services,
        pytest.raises(Refused, match="no other"),
    ):
        readmission.readmit(services, export)


def test_two_successions_in_a_row_are_followed_at_once(
    tablet: FieldTablet, online: County, tmp_path: Path
) -> None:
    """A tablet that slept through the first follows both; one name after the other."""
    tablet.whole_inspection()
    until_calm(tablet, 3)
    first = backed_up(online, tmp_path / "copy")
    tablet.opened_and_notified()
    until_calm(tablet, 2)
    lose_the_disk(online, first)
    succeed(online, SECOND)
    lose_the_disk(online, backed_up(online, tmp_path / "second copy"))
    succeed(online, THIRD)
    both_halves_match(online, tablet)
    assert tablet.tablet.sync._exchange.history.log.origin == THIRD
    chain = read_chain(httpx.get(f"{online.url}/log/succession").content)
    assert len(chain) == 2


def test_one_succession_after_the_other_is_followed_in_turn(
    tablet: FieldTablet, online: County, tmp_path: Path
) -> None:
    tablet.whole_inspection()
    until_calm(tablet, 3)
    for number, origin in enumerate((SECOND, THIRD)):
        copy = backed_up(online, tmp_path / f"copy {number}")
        tablet.opened_and_notified()
        until_calm(tablet, 2)
        lose_the_disk(online, copy)
        succeed(online, origin)
        both_halves_match(online, tablet)
    with tablet.tablet.vault.session() as session:
        assert {row.origin for row in session.exec(select(PassedLogRow)).all()} == {ORIGIN, SECOND}


def test_a_log_that_changed_its_key_is_succeeded_and_its_successor_changes_its_own(
    tablet: FieldTablet, online: County, tmp_path: Path
) -> None:
    """A tablet that was away meanwhile knows none of the newer keys, and follows all the same."""

    def changed() -> None:
        online.stop()
        logkeys.rotate(online.settings, online.clock, "定期更换")
        logkeys.finish(online.settings, online.clock, "定期更换")
        online.start()

    tablet.whole_inspection()
    until_calm(tablet, 3)
    changed()
    lose_the_disk(online, backed_up(online, tmp_path / "copy"))
    succeed(online, SECOND)
    changed()
    lose_the_disk(online, backed_up(online, tmp_path / "second copy"))
    succeed(online, THIRD)
    changed()
    tablet.open()
    both_halves_match(online, tablet)
    tablet.restart()
    tablet.open()
    both_halves_match(online, tablet)


def test_a_server_that_went_on_under_the_old_name_is_succeeded_all_the_same(
    tablet: FieldTablet, online: County, tmp_path: Path
) -> None:
    """Two histories of one name: what the tablet's has and the other lacks is sent again, from
    the last head that both share."""
    tablet.opened_and_notified()
    until_calm(tablet, 2)
    copy = backed_up(online, tmp_path / "copy")
    tablet.opened_and_notified()
    until_calm(tablet, 2)
    lose_the_disk(online, copy)
    online.start()
    alarmed(tablet)
    for _ in range(40):
        assert online.services is not None
        online.services.publish_reference(demo.AGENCY.id)
    online.stop()
    succeed(online, SECOND)
    both_halves_match(online, tablet)


def test_nothing_more_is_used_of_a_block_whose_grant_was_lost(
    tablet: FieldTablet, online: County, tmp_path: Path
) -> None:
    """The successor may grant the same numbers to somebody else; until its word comes, none."""
    tablet.open()
    until_calm(tablet, 2)
    copy = backed_up(online, tmp_path / "copy")
    grant_2027(online)
    until_calm(tablet, 1)
    with tablet.tablet.vault.session() as session:
        assert next_number(session, DocumentKind.SPOT_DECISION, 2027).serial == 1
        before = next_number(session, DocumentKind.SPOT_DECISION, 2026).serial
    lose_the_disk(online, copy)
    succeed(online, SECOND)
    until_calm(tablet, 2)
    with tablet.tablet.vault.session() as session:
        with pytest.raises(NumberGone):
            next_number(session, DocumentKind.SPOT_DECISION, 2027)
        assert next_number(session, DocumentKind.SPOT_DECISION, 2026).serial == before
    assert online.services is not None
    registry = online.services.facts.registry
    assert first_free(registry, demo.AGENCY.id, DocumentKind.SPOT_DECISION, 2026) > 200
    grant_2027(online)
    until_calm(tablet, 1)
    with tablet.tablet.vault.session() as session:
        assert next_number(session, DocumentKind.SPOT_DECISION, 2027).serial == 1


def test_a_file_that_is_gone_from_the_tablet_is_told_not_passed_over(
    tablet: FieldTablet, online: County, tmp_path: Path
) -> None:
    """The successor lacks the photo, and the tablet has cleared it: both say so."""
    copy = backed_up(online, tmp_path / "copy")
    inspection = tablet.opened_and_notified()
    photo = tablet.photo(inspection)
    until_calm(tablet, 3)
    (name,) = (bytes.fromhex(blob.sha256) for blob in blobs_of(photo.statement))
    with tablet.tablet.vault.session() as session:
        row = session.get_one(BlobRow, name)
        assert row.stage == Stage.STORED.value
        (tablet.tablet.settings.blobs_dir / row.path).unlink()
    lose_the_disk(online, copy)
    succeed(online, SECOND)
    until_calm(tablet)
    assert lost_blobs(tablet.tablet.vault) == 1
    assert tablet.tablet.sync.status().blobs_outstanding == 1
    with reading(online.settings, online.clock) as services:
        device = services.facts.registry.device_named(demo.DEVICE)
        assert device is not None
        report = integrity.report(services, device, Parameters())
    assert not report.complete


def test_a_damaged_record_does_not_keep_a_tablet_from_following(
    tablet: FieldTablet, online: County, tmp_path: Path
) -> None:
    """It is left behind as it is, and the others are sent again."""
    inspection = tablet.opened_and_notified()
    until_calm(tablet, 3)
    copy = backed_up(online, tmp_path / "copy")
    tablet.photo(inspection)
    until_calm(tablet, 3)
    with tablet.tablet.vault.transaction() as session:
        row = session.exec(select(StatementRow)).all()[1]
        row.envelope = b"\xc1"
        session.add(row)
    lose_the_disk(online, copy)
    succeed(online, SECOND)
    until_calm(tablet)
    status = tablet.tablet.sync.status()
    assert (status.trouble, status.unsent, status.alarm) == (None, 0, None)


def test_a_tablet_that_was_refused_follows_to_the_word_that_it_waits_for(
    tablet: FieldTablet, online: County, tmp_path: Path
) -> None:
    """It parted from the centre, then the centre lost its disk: the successor closes the journal
    and names the next one."""
    tablet.opened_and_notified()
    until_calm(tablet, 2)
    own = tmp_path / "own"
    swap(tablet, lambda: shutil.copytree(tablet.folder, own))
    tablet.opened_and_notified()
    until_calm(tablet, 2)

    def restore() -> None:
        shutil.rmtree(tablet.folder)
        shutil.copytree(own, tablet.folder)

    swap(tablet, restore)
    tablet.open()
    until_calm(tablet, 2)
    assert tablet.tablet.sync.status().halted == "rewrite"
    lose_the_disk(online, backed_up(online, tmp_path / "copy"))
    succeed(online, SECOND)
    close_journal(online)
    until_calm(tablet)
    status = tablet.tablet.sync.status()
    assert (status.halted, status.trouble, status.unsent) == (None, None, 0)


def test_what_could_not_be_read_yet_is_asked_for_again_of_the_successor(
    tablet: FieldTablet, online: County, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its receipt is of the log that was left: a newer program reads it by the new one."""
    inspection = tablet.opened_and_notified()
    until_calm(tablet, 2)
    archive(online, inspection.case)
    with monkeypatch.context() as older:
        older.delitem(READERS, "file_archived")
        until_calm(tablet, 2)
        lose_the_disk(online, backed_up(online, tmp_path / "copy"))
    succeed(online, SECOND)
    with monkeypatch.context() as older:
        older.delitem(READERS, "file_archived")
        tablet.open()
        assert online.services is not None
        until_calm(tablet, 3)
    until_calm(tablet, 1)
    assert Stage.ARCHIVED in set(tablet.stages())


def test_a_vault_that_never_noted_the_office_s_words_asks_for_all_of_them_again(
    tablet: FieldTablet, online: County, tmp_path: Path
) -> None:
    """As it is after an update of the program."""
    tablet.whole_inspection()
    until_calm(tablet, 3)
    with tablet.tablet.vault.transaction() as session:
        session.exec(delete(WordRow))
    lose_the_disk(online, backed_up(online, tmp_path / "copy"))
    succeed(online, SECOND)
    both_halves_match(online, tablet)
    with tablet.tablet.vault.session() as session:
        assert session.exec(select(SuspendedGrantRow)).all() == []


def test_a_tablet_waits_until_the_agency_names_the_history_that_it_saw(
    tablet: FieldTablet, online: County, tmp_path: Path
) -> None:
    """The restored server went on under the old name and came to the same size: its evidence
    convinces anybody. A succession that passes over it is not followed; one that names it is."""
    tablet.open()
    copy = backed_up(online, tmp_path / "copy")
    until_calm(tablet, 2)
    lose_the_disk(online, copy)
    online.start()
    alarm = alarmed(tablet)
    keys = tablet.tablet.sync._exchange.history.log.verifiers
    judged = misbehaviour(read_evidence(alarm), keys)
    assert judged.conclusive
    online.stop()
    succeed(online, SECOND)
    until_calm(tablet, 2)
    assert isinstance(tablet.tablet.sync.status().trouble, SplitView)
    assert tablet.tablet.sync._exchange.history.log.origin == ORIGIN
    online.stop()
    succeed(online, SECOND, checkpoints=read_evidence(alarm))
    both_halves_match(online, tablet)
    assert evidence(tablet.tablet.vault) == [alarm]
    note = next(one for one in sync_screen(tablet).notes if "接续日志" in one.title)
    assert f"{SECOND} 接续 {ORIGIN}（磁盘损坏）" in note.text
    assert "证据仍留存" in note.text
    tablet.tablet.exporter.write(tmp_path, Scope.ALL)
    (written,) = tmp_path.glob("*-alarm-1.json")
    assert written.read_bytes() == alarm


def change(**changes: object) -> Callable[[Succession], Succession]:
    return lambda said: msgspec.structs.replace(said, **changes)


@pytest.mark.parametrize(
    "forged",
    [
        change(predecessor="log.other.example/fujie"),
        change(successor=ORIGIN),
        change(taken_over=3),
        change(checkpoints=[]),
        change(keys=["nonsense"]),
        None,
    ],
    ids=[
        "another predecessor",
        "the old name",
        "a head that is not named",
        "no head",
        "no key",
        "another root",
    ],
)
def test_a_forged_succession_is_not_followed(
    forged: Callable[[Succession], Succession] | None,
    tablet: FieldTablet,
    online: County,
    tmp_path: Path,
) -> None:
    """Nothing changes on the tablet; the true one is followed after it."""
    tablet.open()
    until_calm(tablet, 2)
    lose_the_disk(online, backed_up(online, tmp_path / "copy"))
    succeed(online, SECOND)
    served = read_chain(httpx.get(f"{online.url}/log/succession").content)[0]
    said = msgspec.json.decode(envelope.decode(served).body, type=Succession)
    root = keyring.read_signer(keyring.root_file(tmp_path / "safe", demo.AGENCY.id))
    signer = root if forged else keyring.read_signer(online.folder / "keys" / "office.key")
    told = write_chain([sign_succession(forged(said) if forged else said, signer)])
    lies = respond(200, told, "text/plain; charset=utf-8")
    online.meddler.answer = lambda request, response: (
        lies(request, response) if request.url.path == "/log/succession" else None
    )
    tablet.open()
    until_calm(tablet, 3)
    assert tablet.tablet.sync._exchange.history.log.origin == ORIGIN
    assert tablet.tablet.sync.status().trouble is not None
    online.meddler.answer = None
    both_halves_match(online, tablet)


def test_a_folder_under_another_name_is_refused(online: County) -> None:
    online.stop()
    with (
        pytest.raises(WrongOrigin, match=SECOND),
        reading(replace(online.settings, origin=SECOND), online.clock),
    ):
        pass


def test_what_may_not_be_succeeded(county: County, tmp_path: Path) -> None:
    """Not by the same name, not without the root, not by two, and no backup that was altered."""
    safe = county.folder / "root"

    def attempt(origin: str, root: Path = safe) -> None:
        succeeding.succeed(
            county.settings, county.clock, succeeding.Plan(origin, "", root), lambda _: None
        )

    with pytest.raises(Refused, match="already"):
        attempt(ORIGIN)
    with pytest.raises(FujieError, match=r"root\.key"):
        attempt(SECOND, tmp_path)
    copy = c.copied(county.folder, tmp_path / "again")
    attempt(SECOND)
    county.folder = copy
    with pytest.raises(Refused, match="named log2"):
        attempt(THIRD)
    county.origin = SECOND


def test_an_altered_backup_has_no_successor(county: County) -> None:
    with (
        reading(county.settings, county.clock) as services,
        services.db.writer.begin() as connection,
    ):
        connection.exec_driver_sql('DELETE FROM tree WHERE level = 0 AND "first" <= 3')
    plan = succeeding.Plan(SECOND, "", county.folder / "root")
    with pytest.raises(Refused, match="not whole"):
        succeeding.succeed(county.settings, county.clock, plan, lambda _: None)

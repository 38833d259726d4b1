"""A sealed file is destroyed after its appraisal: what goes is gone, what remains proves it."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from subprocess import PIPE
from typing import Any

import httpx
import msgspec
import pytest
from sqlalchemy import event
from sqlalchemy.pool import Pool

from protocol import envelope, statements
from protocol.chain import NO_CASE, Head, decode_link
from protocol.envelope import STATEMENT_TYPE
from protocol.errors import Refused
from protocol.messages import PushItem
from protocol.statements import (
    BlobRef,
    FileArchived,
    MediaCaptured,
    RecordDestroyed,
    blobs_of,
)
from sync_server import demo
from sync_server.cases import destroying as cases
from sync_server.commands import checking
from sync_server.log import leaves
from sync_server.log.intake import verify
from sync_server.log.push import PushJob
from sync_server.log.rows import Given, amend
from sync_server.office.publish import RuleSays
from sync_server.services import Services, writing
from sync_server.store.blobs import BlobStore
from sync_server.store.db import Database
from sync_server.upkeep import destroying, fixity
from sync_server.upkeep.backup import backup
from sync_server.web.site import Site
from tests.sync_server.rotting import alter, kept
from tests.sync_server.tablet import Tablet
from tests.sync_server.test_stores import migrations
from tests.sync_server.web import staging
from tests.sync_server.web.conftest import County
from tests.sync_server.web.staging import PASSWORDS, Clock, Office, hidden
from tests.sync_server.web.test_archive import hand_over
from tests.worlds import World

AFTER = int(datetime(2057, 1, 4, 2, tzinfo=UTC).timestamp() * 1000)
REPORT = b"%PDF-1.7 the appraisal"
AGENCY = demo.AGENCY.id


@pytest.fixture
def late(open_office: Callable[[County], Office], sealed: County) -> Office:
    """A server with the sealed file, in January 2057."""
    office = open_office(sealed)
    office.clock.set(AFTER)
    return office


def services_of(office: Office) -> Services:
    """The running server's parts."""
    assert office.services is not None
    return office.services


def destroy(
    office: Office, county: County, report: bytes = REPORT, **changes: str
) -> httpx.Response:
    """The archivist's form, with the head's signature beside."""
    client = office.signed_in("xuwen")
    path = f"/office/cases/{county.case.opened.hex}/destroy"
    page = client.get(path)
    form = {
        "form_token": hidden(page, "form_token"),
        "version": hidden(page, "version"),
        "ground": "保管期限届满，鉴定无继续保存价值",
        "password": PASSWORDS["xuwen"],
        "second": "gumingyuan",
        "second_password": PASSWORDS["gumingyuan"],
    }
    files = {"report": ("report.pdf", report, "application/pdf")}
    return client.post(path, data=form | changes, files=files)


def differences(office: Office) -> list[str]:
    """What fsck finds."""
    said: list[str] = []
    checking.fsck(office.settings, said.append, lambda _: None)
    return said


def test_statements_files_and_texts_go_and_the_log_still_holds(
    late: Office, sealed: County
) -> None:
    """Not one is left, in rows, in files, on pages; every link keeps its receipt; fsck holds."""
    services, case = services_of(late), sealed.case
    before = services.facts.case(case.opened.hash)
    links = [record.link.hash() for record in before]
    blobs = {ref.sha256 for record in before for ref in blobs_of(record.statement)}
    answer = destroy(late, sealed)
    assert answer.url.path == "/office/archive", answer.text
    left = services.facts.case(case.opened.hash)
    kinds = {type(record.statement).__name__ for record in left}
    assert kinds == {"FileArchived", "RecordDestroyed", "BlobStored"}
    assert not [one for one in blobs if services.blobs.has(bytes.fromhex(one))]
    assert not (late.folder / "archive" / f"{case.opened.hex}.zip").exists()
    assert all(services.facts.receipt(link) for link in links)
    client = late.signed_in("xuwen")
    page = client.get("/office/archive").text
    assert "已销毁" in page
    report = client.get(f"/office/archive/appraisals/{case.opened.hex}")
    assert report.content == REPORT
    assert report.headers["content-type"] == "application/pdf"
    assert "禾穗" not in page
    assert "禾穗" not in late.signed_in("xuwen").get("/office").text
    late.stop()
    assert differences(late)[-1].endswith("entries hold")


def test_its_words_are_on_no_page_of_the_database(late: Office, sealed: County) -> None:
    """Deleted rows are overwritten, and the write-ahead log is emptied."""
    words = "禾穗食品有限公司".encode()
    assert any(words in one.read_bytes() for one in late.folder.glob("fujie.db*"))
    destroy(late, sealed)
    for _ in range(2):
        assert not [one.name for one in late.folder.glob("fujie.db*") if words in one.read_bytes()]
        late.stop()


@pytest.fixture
def careless() -> Iterator[None]:
    """A library of SQLite that was built to leave what is deleted where it is."""

    def prepare(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA secure_delete=OFF")

    event.listen(Pool, "connect", prepare)
    yield
    event.remove(Pool, "connect", prepare)


@pytest.mark.usefixtures("careless")
def test_nor_on_a_page_that_held_it_before(sealed: County, tmp_path: Path) -> None:
    """A row was written anew before, or its table was another one: whatever the library is, the
    words are gone with the record."""
    words, office = "禾穗食品有限公司".encode(), Office(tmp_path / "data", AFTER)
    shutil.copytree(sealed.folder, office.folder)
    with closing(Database(office.settings.database)) as database:
        migrations(database, "0024", back=True)
        migrations(database, "head")
    with writing(office.settings, Clock(AFTER)) as services:
        with services.db.engine.connect() as connection:
            found = list(leaves.of_cases(connection, [sealed.case.opened.hash]))
        for said in (False, True):
            with services.db.writer.begin() as connection:
                for leaf in found:
                    given = (leaf.filed, leaf.statement) if said else (None, None)
                    amend(connection, {leaf.index: Given(said=given)})
    office.start()
    try:
        destroy(office, sealed)
    finally:
        office.stop()
    assert not [one.name for one in office.folder.glob("fujie.db*") if words in one.read_bytes()]


def test_a_record_goes_from_every_place(late: Office, sealed: County) -> None:
    """It came a second time, with another link."""
    world, record = World(), sealed.case.decision
    journal = world.device.journal
    links = [decode_link(one.link) for one in kept(late) if one.journal == journal]
    world.heads[journal] = Head(len(links), links[-1].hash())
    link = world.link(record.hash, sealed.case.tag, world.device)
    item = PushItem(link=link.encode(), statement=envelope.encode(record.envelope))
    assert Tablet(late.url, world).push_response([item]).status_code == 200
    before = [one for one in kept(late) if one.record_hash == record.hash]
    assert [one.statement for one in before] == [item.statement] * 2
    destroy(late, sealed)
    after = [one for one in kept(late) if one.record_hash == record.hash]
    assert [(one.statement, one.filed) for one in after] == [(None, None)] * 2
    assert [one.link for one in after] == [one.link for one in before]
    late.stop()
    assert differences(late)[-1].endswith("entries hold")


def test_who_reads_meanwhile_leaves_words_in_the_log_of_writes_until_the_next_day(
    late: Office, sealed: County
) -> None:
    """A backup, say: nobody waits for it, and the words go when it is over."""
    words, services = "禾穗食品有限公司".encode(), services_of(late)
    with services.db.engine.begin() as reading:
        reading.exec_driver_sql("SELECT count(*) FROM stretch").all()
        destroy(late, sealed)
    destroying.carry_out(services)
    assert not [one.name for one in late.folder.glob("fujie.db*") if words in one.read_bytes()]


MOVING = (
    "import fcntl, sys\n"
    "held = open(sys.argv[1], 'r+b')\n"
    "fcntl.lockf(held, fcntl.LOCK_EX, 1, 121)\n"
    "print('held', flush=True)\n"
    "sys.stdin.readline()\n"
)
"""Another one at a checkpoint: byte 121 of the -shm file is WAL_CKPT_LOCK, says
https://sqlite.org/walformat.html."""


def test_who_moves_the_log_of_writes_to_the_file_meanwhile_is_waited_for(
    late: Office, sealed: County
) -> None:
    """SQLite turns away at once who comes second, so that the words would have stayed for a day."""
    words, shm = "禾穗食品有限公司".encode(), late.folder / "fujie.db-shm"
    with subprocess.Popen(
        [sys.executable, "-c", MOVING, str(shm)], stdin=PIPE, stdout=PIPE
    ) as moving:
        assert moving.stdin is not None
        assert moving.stdout is not None
        assert moving.stdout.readline() == b"held\n"
        ends = threading.Timer(1.0, moving.stdin.close)
        ends.start()
        destroy(late, sealed)
        ends.join()
    assert not [one.name for one in late.folder.glob("fujie.db*") if words in one.read_bytes()]


def test_a_statement_that_is_missing_by_itself_is_still_found(late: Office, sealed: County) -> None:
    """What was destroyed is no excuse for what was taken away."""
    destroy(late, sealed)
    late.stop()
    (sealing,) = [one for one in kept(late) if one.filed and one.filed.kind == "file_archived"]
    alter(late, sealing.index, statement=None, filed=None)
    assert any("is missing" in line for line in differences(late))


@pytest.mark.parametrize(
    ("changes", "report", "words"),
    [
        ({"second": "", "second_password": ""}, REPORT, "销毁须由两人签名"),
        ({"second": "xuwen", "second_password": PASSWORDS["xuwen"]}, REPORT, "销毁须由两人签名"),
        ({}, b"no pdf", "鉴定报告"),
        ({"ground": " "}, REPORT, "销毁依据"),
        ({"second_password": "wrong"}, REPORT, "密码不对"),
    ],
)
def test_without_report_or_second_person_nothing_goes(
    late: Office, sealed: County, changes: dict[str, str], report: bytes, words: str
) -> None:
    """AR-3, with what to do; the file is as it was."""
    before = len(services_of(late).facts.case(sealed.case.opened.hash))
    answer = destroy(late, sealed, report, **changes)
    assert answer.status_code == 422
    assert words in answer.text
    assert len(services_of(late).facts.case(sealed.case.opened.hash)) == before


def test_before_its_retention_has_run_out_no_file_goes(late: Office, sealed: County) -> None:
    """On the last day of 2056: not listed, no form, and a form made by hand is refused."""
    late.clock.set(AFTER - 5 * staging.DAY_MS)
    client = late.signed_in("xuwen")
    assert "20260001" not in client.get("/office/archive/ended").text
    path = f"/office/cases/{sealed.case.opened.hex}/destroy"
    assert "销毁并" not in client.get(path).text
    late.clock.set(AFTER)
    page = client.get(path) if (client := late.signed_in("xuwen")) else None
    assert page is not None
    late.clock.set(AFTER - 5 * staging.DAY_MS)
    form = {
        "form_token": hidden(page, "form_token"),
        "version": hidden(page, "version"),
        "ground": "早",
        "password": PASSWORDS["xuwen"],
        "second": "gumingyuan",
        "second_password": PASSWORDS["gumingyuan"],
    }
    answer = client.post(path, data=form, files={"report": ("r.pdf", REPORT, "application/pdf")})
    assert answer.status_code == 422
    assert "到2056年底才满" in answer.text


def test_what_is_on_public_display_is_withdrawn_first(
    open_office: Callable[[County], Office], published: County
) -> None:
    """What the public reads can be checked against the file; when display is over, the retention
    counts alone."""
    office = open_office(published)
    assert staging.archive(office, published.case).url.query == b"done=archived"
    site, case = Site(services_of(office)), published.case.opened.hash
    people = [site.accounts.signer(one, PASSWORDS[one]) for one in ("xuwen", "gumingyuan")]
    for days, words in ((0, "正在公示"), (93, "到2056年底才满")):
        office.clock.set(staging.NOW + days * staging.DAY_MS)
        version = site.facts.case_version(case)
        with pytest.raises(RuleSays) as refused:
            cases.destroy(site.services, site, case, REPORT, "误", people, version)
        assert words in refused.value.judgement.zh


def test_a_restored_server_destroys_again_what_was_destroyed(
    late: Office, sealed: County, tmp_path: Path
) -> None:
    """A copy from before knows nothing of it; with the list beside it the destruction is stated
    and carried out again, and fsck holds."""
    destroy(late, sealed)
    restored = Office(tmp_path / "restored", AFTER)
    shutil.copytree(sealed.folder, restored.folder)
    shutil.copy(late.folder / destroying.LIST, restored.folder / destroying.LIST)
    with writing(restored.settings, Clock(AFTER)) as services:
        assert services.facts.record(sealed.case.opened.hash) is not None
        for _ in range(2):
            destroying.carry_out(services)
        left = services.facts.case(sealed.case.opened.hash)
        assert services.facts.record(sealed.case.opened.hash) is None
        (said,) = [one for one in left if isinstance(one.statement, RecordDestroyed)]
        assert len(said.signers) == 2
    # The appraisal report itself is in the backups made after it.
    found = [line for line in differences(restored) if "hold" not in line]
    appraisal = said.statement.appraisal.sha256  # type: ignore[union-attr]
    assert [line for line in found if appraisal not in line and "difference" not in line] == []


def test_a_destruction_that_a_tablet_sent_first_is_the_offices_all_the_same(
    late: Office, sealed: County, tmp_path: Path
) -> None:
    """Whoever has its bytes can bring them to a restored log in a journal of his own, where they
    destroy nothing; stated by the office behind that they do."""
    destroy(late, sealed)
    services = services_of(late)
    (name, _) = next(destroying.standing(services))
    restored = Office(tmp_path / "restored", AFTER)
    shutil.copytree(sealed.folder, restored.folder)
    with writing(restored.settings, Clock(AFTER)) as services:
        sent = send_first(services, services_of(late).facts.envelope(name) or b"")
        assert services.facts.record(name) is not None
        assert not [*destroying.standing(services)]
        destroying.carry_out(services)
        assert services.facts.record(sealed.case.opened.hash) is not None
        shutil.copy(late.folder / destroying.LIST, restored.folder / destroying.LIST)
        for _ in range(2):
            destroying.carry_out(services)
        assert services.facts.record(sealed.case.opened.hash) is None
        for found in (destroying.standing(services), destroying.standing(services, name)):
            assert [one for one, _ in found] == [name]
        said = services.facts.links_of([name])
        assert [one.index for one in said] == [sent, services.facts.head.size - 1]


def send_first(services: Services, data: bytes) -> int:
    """The tablet pushes a record in its own journal; where it stands."""
    world, made = World(), envelope.decode(data)
    journal = world.device.journal
    at = services.sequencer.journal(journal)
    assert at is not None
    world.heads[journal] = at.head
    link = world.link(envelope.record_hash(made), NO_CASE, world.device)
    item = verify(PushItem(link=link.encode(), statement=data), services.facts.registry)
    job = PushJob(world.device.signer.verifier.key_id, journal, [item])
    return services.sequencer.submit(job).result().result.indexes[0]


def test_a_backup_that_is_written_again_holds_it_no_more(
    late: Office, sealed: County, tmp_path: Path
) -> None:
    """Its files go from the folder; those that another case names, and the report, are in it."""
    services, folder = services_of(late), tmp_path / "backup"
    shared = another_names(services, sealed)
    backup(late.settings, folder)
    pdf = sealed.case.decision.statement.pdf.sha256  # type: ignore[attr-defined]
    assert [*folder.glob(f"blobs/*/{pdf}")]
    destroy(late, sealed)
    backup(late.settings, folder)
    held = {one.name for one in folder.glob("blobs/*/*")}
    assert pdf not in held
    assert {shared, hashlib.sha256(REPORT).hexdigest()} < held


def test_a_destruction_whose_signers_a_restored_log_does_not_know_is_said(
    late: Office, sealed: County, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Another county's list: nothing of it is carried out, and nobody has to guess why."""
    destroy(late, sealed)
    other = Office(tmp_path / "other", AFTER)
    other.found()
    shutil.copy(late.folder / destroying.LIST, other.folder / destroying.LIST)
    with writing(other.settings, Clock(AFTER)) as services:
        destroying.carry_out(services)
        assert not [*destroying.standing(services)]
    assert "does not stand" in capfd.readouterr().out


# ── what is here twice, or is not only this file's ───────────────────────────────────────


def another_names(services: Services, sealed: County, case: str = "ab" * 32) -> str:
    """A record of another case names the photo; its hash."""
    photo = next(
        one.statement
        for one in services.facts.case(sealed.case.opened.hash)
        if isinstance(one.statement, MediaCaptured)
    )
    told = msgspec.structs.replace(photo, case=case, salt="cd" * 16)
    services.office.state(told, [services.office_key])
    return photo.blob.sha256


def test_a_bag_in_which_it_was_handed_over_goes_too(late: Office, sealed: County) -> None:
    """Also one that nobody's record names, after a crash; what is no bag stays."""
    assert hand_over(late, sealed).status_code == 200
    folder = late.folder / "archive"
    (bag,) = folder.glob("transfer-*.zip")
    shutil.copy(bag, folder / "transfer-0000000000000000.zip")
    (folder / "transfer-1111111111111111.zip").write_bytes(b"of somebody else")
    assert destroy(late, sealed).status_code == 200
    assert [one.name for one in folder.iterdir()] == ["transfer-1111111111111111.zip"]


def test_a_file_that_another_case_names_stays_and_is_still_looked_after(
    late: Office, sealed: County
) -> None:
    """It is read again with the others, and fsck names it when it is gone."""
    services = services_of(late)
    shared = bytes.fromhex(another_names(services, sealed))
    destroy(late, sealed)
    assert services.blobs.has(shared)
    assert shared in {one.sha256 for one in fixity.held(services, AGENCY)}
    services.blobs.place(shared).unlink()
    late.stop()
    assert any(shared.hex() in line and "missing" in line for line in differences(late))


def test_a_destroyed_file_that_is_here_again_is_a_difference(late: Office, sealed: County) -> None:
    """Somebody puts back the package from an old backup: fsck says so, until it is carried out."""
    services = services_of(late)
    found = [one.statement for one in services.facts.case(sealed.case.opened.hash)]
    package = next(one.package.sha256 for one in found if isinstance(one, FileArchived))
    pdf = sealed.case.decision.statement.pdf.sha256  # type: ignore[attr-defined]
    copies = {
        name: services.blobs.place(bytes.fromhex(name)).read_bytes() for name in (package, pdf)
    }
    destroy(late, sealed)
    for data in copies.values():
        services.blobs.put(data)
    late.stop()
    said = "\n".join(differences(late))
    assert all(f"blob {name} was destroyed and is still here" in said for name in copies)


def test_the_appraisal_report_stays_though_it_was_in_the_file(late: Office, sealed: County) -> None:
    """One that is the same bytes as a paper of the case."""
    services = services_of(late)
    pdf = bytes.fromhex(sealed.case.decision.statement.pdf.sha256)  # type: ignore[attr-defined]
    report = services.blobs.place(pdf).read_bytes()
    assert destroy(late, sealed, report).status_code == 200
    destroying.carry_out(services)
    assert services.blobs.has(pdf)


def test_wrong_bytes_that_came_in_its_name_go_too(late: Office, sealed: County) -> None:
    """What is in quarantine may be the file but for a byte."""
    pdf = sealed.case.decision.statement.pdf.sha256  # type: ignore[attr-defined]
    folder = late.settings.quarantine
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{pdf[:32]}-{'0' * 32}").write_bytes(b"nearly")
    (folder / f"{'1' * 32}-{'0' * 32}").write_bytes(b"another's")
    destroy(late, sealed)
    assert [one.name for one in folder.iterdir()] == [f"{'1' * 32}-{'0' * 32}"]


def test_what_a_destruction_names_of_another_case_stays(late: Office, sealed: County) -> None:
    """A statement signed by two, in which stand records of a case that was not appraised."""
    services = services_of(late)
    keys = {}
    site = Site(services)
    for account in ("xuwen", "gumingyuan"):
        keys[account] = site.accounts.signer(account, PASSWORDS[account])[1]
    told = RecordDestroyed(
        agency=AGENCY,
        at=AFTER,
        salt="ab" * 16,
        case="ab" * 32,
        records=[sealed.case.opened.hex],
        blobs=[],
        appraisal=BlobRef(sha256="0" * 64, size=0, media_type="application/pdf"),
        ground="误写",
    )
    services.office.state(told, list(keys.values()))
    assert [one for _, one in destroying.standing(services)] == [told]
    destroying.carry_out(services)
    assert services.facts.record(sealed.case.opened.hash) is not None


def test_the_hourly_job_looks_at_everything_once_a_day_and_when_there_is_something_new(
    late: Office, sealed: County
) -> None:
    """A file that somebody put back goes within a day; a destruction at the next hour."""
    services = services_of(late)
    job = destroying.CarryingOut()
    job(services)
    pdf = bytes.fromhex(sealed.case.decision.statement.pdf.sha256)  # type: ignore[attr-defined]
    data = services.blobs.place(pdf).read_bytes()
    destroy(late, sealed)
    job(services)
    services.blobs.put(data)
    job(services)
    assert services.blobs.has(pdf)
    late.clock.set(AFTER + staging.DAY_MS)
    job(services)
    assert not services.blobs.has(pdf)
    services.blobs.put(data)
    (late.folder / destroying.LIST).touch()
    job(services)
    assert not services.blobs.has(pdf)


def of_a_tablet(sealed: County, blob: str) -> bytes:
    """What no tablet may say: that a file of the sealed case was destroyed."""
    told = RecordDestroyed(
        agency=AGENCY,
        at=AFTER,
        salt="ab" * 16,
        case=sealed.case.opened.hex,
        records=[],
        blobs=[blob],
        appraisal=BlobRef(sha256="0" * 64, size=0, media_type="application/pdf"),
        ground="误写",
    )
    signer = World().device.signer
    return envelope.encode(envelope.sign(STATEMENT_TYPE, statements.encode(told), [signer]))


def test_a_destruction_of_a_tablet_is_nothing_new_to_the_hourly_job(
    late: Office, sealed: County
) -> None:
    """Else whoever has one would have all of the archive looked through each hour."""
    services = services_of(late)
    job = destroying.CarryingOut()
    destroy(late, sealed)
    job(services)
    pdf = sealed.case.decision.statement.pdf.sha256  # type: ignore[attr-defined]
    services.blobs.place(bytes.fromhex(pdf)).write_bytes(b"put back")
    send_first(services, of_a_tablet(sealed, pdf))
    job(services)
    assert services.blobs.has(bytes.fromhex(pdf))


def test_a_list_that_cannot_be_read_is_said(late: Office) -> None:
    """And nothing is carried out by half of it."""
    (late.folder / destroying.LIST).write_bytes(b'{"record": "ab", "enve\n')
    with pytest.raises(Refused, match="cannot be read"):
        destroying.carry_out(services_of(late))


def test_a_file_destroyed_while_files_are_read_is_no_loss(
    late: Office, sealed: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reading began before, and finds what is not there any more: no finding."""
    services = services_of(late)
    whole = services.blobs.has

    def has(sha256: bytes) -> bool:
        monkeypatch.setattr(services.blobs, "has", whole)
        assert destroy(late, sealed).status_code == 200
        return whole(sha256)

    monkeypatch.setattr(services.blobs, "has", has)
    fixity.check(services, AGENCY, everything=True)
    said = fixity.history(services, AGENCY)[0].said
    assert len(said.checked) > 3
    assert (said.damaged, said.missing) == ([], [])


def test_a_file_destroyed_while_fsck_looks_is_no_difference(
    late: Office, sealed: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """fsck sees the log as it was when it began; what is lost without a word is still named."""
    services, whole = services_of(late), BlobStore.check
    lost = bytes.fromhex(another_names(services, sealed))
    ours = threading.get_ident()

    def check(self: BlobStore, sha256: bytes) -> bool:
        if threading.get_ident() != ours:  # the server's own reading of files is no fsck
            return whole(self, sha256)
        monkeypatch.setattr(BlobStore, "check", whole)
        assert destroy(late, sealed).status_code == 200
        services.blobs.place(lost).unlink()
        return whole(self, sha256)

    monkeypatch.setattr(BlobStore, "check", check)
    said = [one for one in differences(late) if one.startswith("blobs: ")]
    assert said == [f"blobs: the bytes of blob {lost.hex()} are missing or altered"]


def test_a_file_that_a_tablet_calls_destroyed_while_fsck_looks_is_missing(
    late: Office, sealed: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The office's word alone excuses a file that is gone, also behind what fsck had read."""
    services, whole = services_of(late), BlobStore.check
    pdf = sealed.case.decision.statement.pdf.sha256  # type: ignore[attr-defined]
    ours = threading.get_ident()

    def check(self: BlobStore, sha256: bytes) -> bool:
        if threading.get_ident() == ours and sha256.hex() == pdf:
            monkeypatch.setattr(BlobStore, "check", whole)
            send_first(services, of_a_tablet(sealed, pdf))
            services.blobs.place(sha256).unlink()
        return whole(self, sha256)

    monkeypatch.setattr(BlobStore, "check", check)
    said = [one for one in differences(late) if one.startswith("blobs: ")]
    assert said == [f"blobs: the bytes of blob {pdf} are missing or altered"]

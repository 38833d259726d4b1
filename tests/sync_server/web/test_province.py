"""A county and its province: two servers, one protocol."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest

from protocol import envelope as dsse
from protocol import statements
from protocol.checkpoint import VerifierKey
from protocol.credential import DeviceClaims, issue_device
from protocol.envelope import STATEMENT_TYPE
from protocol.errors import Malformed, Refused
from protocol.receipt import Receipt, verify_receipt
from protocol.registry.roster import LOWER, Staff
from protocol.statements import (
    DeviceEnrolled,
    DisclosurePublished,
    StaffEnded,
    StaffRegistered,
    StaffRoleChanged,
)
from protocol.vocabulary import StaffRole
from sync_server import demo
from sync_server.keys import staffkeys
from sync_server.log import leaves
from sync_server.projections.runner import Projections
from sync_server.services import Services, writing
from sync_server.store.tables import StaffKeyRow
from sync_server.store.uppertables import UpstreamRow
from sync_server.upkeep import founding
from sync_server.upkeep.founding import Plan, StaffPlan
from sync_server.upstream import joining, ledger, papers
from sync_server.upstream.reporting import Reports
from sync_server.upstream.talk import forwarded, head_of
from tests.cast import Inspection
from tests.sync_server.web.conftest import County
from tests.sync_server.web.staging import NOW, PASSWORDS, Office, fill, hidden

ORIGIN = "log.qingshi.example/fujie"
PROVINCE = replace(
    demo.AGENCY,
    id="11990000MB0000002B",
    name="青石省市场监督管理局",
    short_name="青市监",
    region="990000",
    region_name="青石省",
)
REVOKED = "行政复议决定撤销了这份处罚决定"


@dataclass
class Levels:
    """Both servers, stopped, and the files between them."""

    county: Office
    province: Office
    introduction: bytes
    acceptance: bytes

    def start(self) -> None:
        self.province.start()
        self.county.start()

    def row(self) -> UpstreamRow:
        assert self.county.services is not None
        row = ledger.read(self.county.services.db)
        assert row is not None
        return row


def founded(folder: Path) -> Office:
    office = Office(folder, NOW)
    office.settings = replace(office.settings, origin=ORIGIN)
    staff = [StaffPlan("songheng", "宋衡", StaffRole.REGISTRAR, "qingshi-mingce-2026")]
    founding.found(office.settings, office.clock, Plan(PROVINCE, staff, [], {}))
    return office


def joined(county: Office, province: Office) -> Levels:
    with writing(county.settings, county.clock) as services:
        introduction = joining.introduce(services, demo.AGENCY.id)
    with writing(province.settings, province.clock) as services:
        acceptance = joining.admit(services, introduction)
    with writing(county.settings, county.clock) as services:
        joining.follow(services, acceptance)
    return Levels(county, province, introduction, acceptance)


@pytest.fixture
def levels(published: County, tmp_path: Path) -> Iterator[Levels]:
    """A county with a published decision, and its province; nothing runs yet."""
    shutil.copytree(published.folder, tmp_path / "county")
    both = joined(Office(tmp_path / "county", NOW), founded(tmp_path / "province"))
    yield both
    both.county.stop()
    both.province.stop()


def until(holds: Callable[[], bool]) -> None:
    """Wait for what comes by itself."""
    for _ in range(600):
        if holds():
            return
        time.sleep(0.05)
    raise AssertionError("it did not come")


def shows(levels: Levels, path: str, *words: str) -> bool:
    with levels.province.client() as client:
        page = client.get(path)
    return all(word in page.text for word in words)


def path_of(levels: Levels) -> str:
    """Where the province shows the county's decision: under the record that published it."""
    assert levels.county.services is not None
    (publication,) = levels.county.services.facts.of_kind("disclosure_published")
    return f"/decisions/{publication.id}"


def test_what_a_county_publishes_stands_at_its_province_with_receipts(levels: Levels) -> None:
    levels.start()
    path = path_of(levels)
    until(lambda: shows(levels, path, "云溪县市场监督管理局报送", "未标明价格"))
    assert shows(levels, "/decisions?q=枸杞", path)
    with levels.province.client() as client:
        text = client.get(path).text
        assert client.get(f"{path}/verify").status_code == 404  # the document is with the county
        assert "周明禾" not in text
        assert "0799-5550128" not in text

    assert levels.county.services is not None
    records = levels.county.services.facts.of_kind("disclosure_published", "disclosure_reported")
    found = {
        one.record_hash: one
        for one in ledger.receipts(levels.county.services.db, [one.hash for one in records])
    }
    keys = [VerifierKey.parse(text) for text in levels.row().log_keys.splitlines()]
    for one in records:
        receipt = Receipt.decode(found[one.hash].receipt.encode())
        verify_receipt(receipt, one.link.hash(), one.hash, keys, ORIGIN)
    until(lambda: levels.row().acknowledged > records[-1].link.sequence)


def test_the_province_says_who_vouches_for_what_and_where_to_write(levels: Levels) -> None:
    """Number, penalty and service bear the two publishers' signatures; requests go to the agency
    that decided, at its own server."""
    levels.start()
    path = path_of(levels)
    until(lambda: shows(levels, path, "哪些内容由谁负责"))
    assert shows(levels, path, "何敬亭", "罗静", "文号、处罚结果、日期和依据、送达")
    assert not shows(levels, path, "只有该服务器的签名")
    assert levels.county.services is not None
    (publication,) = levels.county.services.facts.of_kind("disclosure_published")
    own = publication.statement
    assert isinstance(own, DisclosurePublished)
    assert own.facts is not None
    assert shows(levels, path, f'href="{levels.county.url}/decisions/{own.issued}"')
    about = path.rpartition("/")[2]
    with levels.province.client() as client:
        page = client.get("/ask", params={"about": about}).text
        assert f'href="{levels.county.url}/ask?about={own.issued}"' in page
        assert "<textarea" not in page
        form = {"kind": "correction", "words": "罚款数额有误", "about": about}
        refused = client.post("/ask", data=form | {"agency": PROVINCE.id})
        assert (refused.status_code, "请向作出决定的机关提出" in refused.text) == (422, True)
    with levels.county.client() as client:
        assert "<textarea" in client.get("/ask", params={"about": own.issued}).text


def test_what_the_province_did_not_ask_for_stays_with_the_county(levels: Levels) -> None:
    """Links of all go; statements and words only of the agency that was admitted."""
    with writing(levels.county.settings, levels.county.clock) as services:
        facts, db = services.facts, services.db
        (published,) = facts.of_kind("disclosure_published")
        (one,) = facts.links_of([published.hash])
        assert forwarded(one, demo.AGENCY.id) == one.envelope
        assert forwarded(one, PROVINCE.id) is None
        others = Reports(services, Projections(db, facts), ORIGIN, PROVINCE.id)
        assert others.catch_up() == 0
        assert Reports(services, Projections(db, facts), ORIGIN, demo.AGENCY.id).catch_up() == 1
        row = ledger.read(db)
        assert row is not None
        assert row.agency == demo.AGENCY.id
        other = msgspec.structs.replace(
            papers.read(levels.acceptance, papers.Acceptance), agency=PROVINCE.id
        )
        with pytest.raises(Refused, match="no office on this server"):
            joining.follow(services, papers.write(other))


def test_an_introduction_that_does_not_hold_leaves_nothing_behind(
    levels: Levels, tmp_path: Path
) -> None:
    """Its agency is right, its server's certificate another issuer's: all of it is refused."""
    paper = papers.read(levels.introduction, papers.Introduction)
    with writing(levels.province.settings, levels.province.clock) as services:
        stranger = services.keyring.issuer(PROVINCE.id)
    said = statements.decode(dsse.decode(paper.records[-1]).body)
    assert isinstance(said, DeviceEnrolled)
    claims = DeviceClaims(
        agency=demo.AGENCY.id,
        public_key=stranger.verifier.public_key,
        valid_from=NOW,
        valid_until=NOW + 1000,
        name=said.device,
    )
    forged = msgspec.structs.replace(said, certificate=issue_device(stranger, claims))
    with writing(levels.county.settings, levels.county.clock) as services:
        issuer = services.keyring.issuer(demo.AGENCY.id)
    made = dsse.encode(dsse.sign(STATEMENT_TYPE, statements.encode(forged), [issuer]))
    bad = msgspec.structs.replace(paper, records=[*paper.records[:-1], made])
    other = founded(tmp_path / "other")
    with writing(other.settings, other.clock) as services:
        size = services.sequencer.head.size
        with pytest.raises(Refused, match="not signed by its root"):
            joining.admit(services, papers.write(bad))
        assert services.sequencer.head.size == size
        assert demo.AGENCY.id not in services.sequencer.registry.agencies
        assert joining.admit(services, levels.introduction)


def test_only_what_the_public_may_read_leaves_the_county(levels: Levels) -> None:
    levels.start()
    until(lambda: levels.row().acknowledged > 10)
    province, county = levels.province.services, levels.county.services
    assert province is not None
    assert county is not None
    links = province.facts.journal(county.office.journal)
    assert [one.link.sequence for one in links] == list(range(len(links)))
    until(lambda: "blob_stored" in kinds(province, demo.AGENCY.id))
    assert kinds(province, demo.AGENCY.id) == {
        "agency_registered",
        "staff_registered",
        "device_enrolled",
        "device_contacted",
        "blob_stored",
        "disclosure_published",
        "disclosure_reported",
    }


def kinds(services: Services, agency: str) -> set[str]:
    """Of the statements of an agency that a server has."""
    with services.db.engine.connect() as connection:
        filed = [leaf.filed for leaf in leaves.filed(connection, 0)]
    return {one.kind for one in filed if one is not None and one.agency == agency}


def withdraw(county: Office, case: Inspection) -> None:
    answer = fill(
        county.signed_in("hejingting"),
        f"/office/cases/{case.opened.hex}/withdraw/{case.decision.hex}",
        clause="《行政处罚法》第四十八条",
        reason=REVOKED,
        password=PASSWORDS["hejingting"],
    )
    assert answer.url.query == b"done=withdrawn", answer.text


def test_words_that_were_withdrawn_on_their_way_go_no_further(
    levels: Levels, published: County
) -> None:
    """The province is away: what is withdrawn meanwhile it never gets to read."""
    levels.county.start()
    until(lambda: levels.row().trouble != "")
    page = levels.county.signed_in("luojing").get("/office/upper?lang=zh").text
    assert "联系不上上级平台（" in page, page
    services = levels.county.services
    assert services is not None
    reports = Reports(services, Projections(services.db, services.facts), ORIGIN)
    assert reports.catch_up() == 0
    (going,) = reports.waiting()
    assert reports.is_waiting(bytes.fromhex(going.text.sha256))
    withdraw(levels.county, published.case)
    assert reports.catch_up() == 0
    assert reports.waiting() == []
    assert not reports.is_waiting(bytes.fromhex(going.text.sha256))


def test_a_withdrawal_reaches_the_province(levels: Levels, published: County) -> None:
    case = published.case
    levels.start()
    path = path_of(levels)
    until(lambda: shows(levels, path, "未标明价格"))
    withdraw(levels.county, case)
    until(lambda: shows(levels, path, REVOKED))
    assert not shows(levels, path, "枸杞")


def test_the_office_sees_what_the_province_has(levels: Levels) -> None:
    levels.start()
    client = levels.county.signed_in("luojing")
    until(lambda: "已回执" in client.get("/office/upper").text)
    page = client.get("/office/upper").text
    assert "青石省市场监督管理局" in page
    receipt = re.search(r"/office/upper/receipts/[0-9a-f]{64}", page)
    assert receipt
    found = client.get(receipt[0])
    assert Receipt.decode(found.content).checkpoint_bytes.startswith(ORIGIN.encode())


def test_why_nothing_is_sent_is_told_in_words(levels: Levels) -> None:
    """And not by what failed before the upper level refused."""
    levels.county.start()
    until(lambda: levels.row().trouble != "")
    assert levels.county.services is not None
    ledger.note(levels.county.services.db, ORIGIN, halted="revoked_device")
    client = levels.county.signed_in("luojing")
    page = client.get("/office/upper?lang=zh").text
    assert "已停止报送：上级平台已吊销本服务器的密钥<" in page
    assert "联系不上" not in page
    page = client.get("/office/upper?lang=en").text
    assert "Nothing is sent: the upper level revoked this server&#39;s key<" in page
    ledger.note(levels.county.services.db, ORIGIN, halted="alarm")
    assert "上级平台的日志与此前出示的相矛盾<" in client.get("/office/upper?lang=zh").text
    ledger.note(levels.county.services.db, ORIGIN, halted="malformed")
    assert "本服务器的流水（malformed）<" in client.get("/office/upper").text


def test_an_agency_that_is_not_reported_is_not_told_to_wait(levels: Levels) -> None:
    """Another one of the server was admitted; nothing of this one is on its way."""
    levels.county.start()
    levels.county.sql("UPDATE upstream SET agency = 'another'")
    page = levels.county.signed_in("hejingting").get("/office/upper").text
    assert "本服务器上的另一个机关" in page
    assert "云市监当罚" not in page


def test_an_office_without_an_upper_level_says_so(published: County, tmp_path: Path) -> None:
    shutil.copytree(published.folder, tmp_path / "alone")
    office = Office(tmp_path / "alone", NOW)
    office.start()
    try:
        client = office.signed_in("luojing")
        assert "没有上级" in client.get("/office/upper").text
        assert (
            client.get(f"/office/upper/receipts/{published.case.decision.hex}").status_code == 404
        )
    finally:
        office.stop()


def test_a_province_that_is_away_is_caught_up_with(levels: Levels) -> None:
    levels.county.start()
    until(lambda: levels.row().trouble != "")
    assert levels.row().acknowledged == 0
    levels.province.start()
    until(lambda: shows(levels, path_of(levels), "枸杞"))


def test_a_new_person_of_the_county_is_known_before_what_that_person_signs(
    levels: Levels,
) -> None:
    """Staff registered after the introduction come in the county's journal and count there, also
    when the province starts again. Introduced again, they are not stated anew: what became of them
    since would be undone."""
    levels.start()
    until(lambda: levels.row().acknowledged > 0)
    county, province = levels.county.services, levels.province
    assert county is not None
    with county.db.private() as session:
        key = staffkeys.add_account(
            session, demo.AGENCY.id, "newhand", "新来", "publisher", "newhand-gongshi-2026"
        )
    said = StaffRegistered(
        agency=demo.AGENCY.id,
        at=NOW,
        salt="00" * 16,
        account="newhand",
        name="新来",
        role=StaffRole.PUBLISHER,
        public_key=key.verifier.public_key.hex(),
    )
    county.office.state(said, [county.keyring.issuer(demo.AGENCY.id)])

    def known() -> bool:
        assert province.services is not None
        return (demo.AGENCY.id, "newhand") in province.services.sequencer.registry.staff

    until(known)
    province.stop()
    province.start()
    until(known)
    levels.county.stop()
    with writing(levels.county.settings, levels.county.clock) as services:
        again = joining.introduce(services, demo.AGENCY.id)
    province.stop()
    with writing(province.settings, province.clock) as services:
        size = services.sequencer.head.size
        joining.admit(services, again)
        assert services.sequencer.head.size == size


def test_another_role_and_the_end_of_an_account_reach_the_province(levels: Levels) -> None:
    """Whoever was made a publisher later publishes there too; who is ended, does not."""
    levels.start()
    county, province = levels.county.services, levels.province.services
    assert county is not None
    assert province is not None
    with county.db.reading() as session:
        row = session.get(StaffKeyRow, "tangyining")
        assert row is not None
        registrar = staffkeys.open_key(row, PASSWORDS["tangyining"])
    about: Callable[..., dict[str, Any]] = partial(
        dict, agency=demo.AGENCY.id, at=NOW, reason="岗位调整"
    )
    promoted = about(salt="01" * 16, account="luojing", role=StaffRole.PUBLISHER)
    ended = about(salt="02" * 16, account="hejingting")
    both = (StaffRoleChanged(**promoted), StaffEnded(**ended))
    county.office.state_all([(one, [registrar]) for one in both])

    def of(account: str) -> Staff:
        return province.sequencer.registry.staff[demo.AGENCY.id, account]

    until(lambda: of("hejingting").ended)
    assert of("luojing").role is StaffRole.PUBLISHER


def test_why_an_account_ended_stays_with_the_county(levels: Levels) -> None:
    levels.start()
    county, province = levels.county.services, levels.province.services
    assert county is not None
    assert province is not None
    form = {"do": "end", "reason": "受到处分", "password": PASSWORDS["tangyining"]}
    client = levels.county.signed_in("tangyining")
    page = client.get("/office/staff/luojing")
    names = ("form_token", "version")
    answer = client.post(
        "/office/staff/luojing", data={one: hidden(page, one) for one in names} | form
    )
    assert answer.url.query == b"done=end", answer.text
    until(lambda: province.sequencer.registry.staff[demo.AGENCY.id, "luojing"].ended)
    until(lambda: levels.row().acknowledged == head_of(county, county.office.journal).length)
    (why,) = county.facts.of_kind("staff_reason_given")
    (ended,) = province.facts.of_kind("staff_ended")
    assert province.facts.record(why.hash) is None
    assert "处分" not in (province.facts.envelope(ended.hash) or b"").decode(errors="replace")


def test_a_successor_with_its_offices_key_is_introduced_again(levels: Levels) -> None:
    """Another journal, another name, the same key: the former journal stays its own."""
    paper = papers.read(levels.introduction, papers.Introduction)
    with writing(levels.county.settings, levels.county.clock) as services:
        issuer = services.keyring.issuer(demo.AGENCY.id)
    enrolled = statements.decode(dsse.decode(paper.records[-1]).body)
    name = f"{LOWER}00000001"
    assert isinstance(enrolled, DeviceEnrolled)
    again = msgspec.structs.replace(enrolled, device=name, journal="0a" * 16, salt="03" * 16)
    made = dsse.encode(dsse.sign(STATEMENT_TYPE, statements.encode(again), [issuer]))
    successor = msgspec.structs.replace(paper, device=name, records=[*paper.records[:-1], made])
    with writing(levels.province.settings, levels.province.clock) as services:
        joining.admit(services, papers.write(successor))
        registry = services.sequencer.registry
    former = registry.device_of_journal(bytes.fromhex(enrolled.journal))
    heir = registry.device_of_journal(bytes.fromhex("0a" * 16))
    assert former is not None
    assert heir is not None
    assert (former.name, heir.name) == (paper.device, name)
    assert former.key == heir.key
    assert registry.device(heir.key.key_id) == heir


def test_an_introduction_counts_below_its_own_root_alone(levels: Levels, tmp_path: Path) -> None:
    paper = papers.read(levels.introduction, papers.Introduction)
    other = founded(tmp_path / "other")
    with writing(other.settings, other.clock) as services:
        forged = msgspec.structs.replace(paper, records=[paper.records[0], paper.records[-2]])
        with pytest.raises(Malformed):
            joining.admit(services, papers.write(forged))
        theirs = joining.introduce(services, PROVINCE.id)
        with pytest.raises(Refused):
            joining.admit(services, theirs)
        mixed = msgspec.structs.replace(paper, device=f"{LOWER}00000000")
        with pytest.raises(Malformed):
            joining.admit(services, papers.write(mixed))
        assert demo.AGENCY.id not in services.sequencer.registry.agencies
        assert joining.admit(services, levels.introduction)
        size = services.sequencer.head.size
        joining.admit(services, levels.introduction)
        assert services.sequencer.head.size == size

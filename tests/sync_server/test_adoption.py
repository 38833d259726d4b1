"""What a tablet could not push is adopted from its export; nothing is dropped or rewritten."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from protocol import chain
from protocol.casecheck import Level, verify_zip
from protocol.casetrust import read_trust
from protocol.chain import decode_link
from protocol.errors import BadSignature, Refused, Truncated, UnknownSigner, Unverified
from protocol.findings import Report
from protocol.messages import PushItem
from protocol.receipt import Entry, Reason, Verdict
from protocol.reference import Parameters
from protocol.statements import DeviceRevoked, EvidenceAdopted
from sync_server import demo
from sync_server.cases import casefiles
from sync_server.clock import system_clock
from sync_server.commands import evidence
from sync_server.commands.evidence import adopt
from sync_server.devices import adoption, exports
from sync_server.keys.accounts import Accounts
from sync_server.reports import integrity
from sync_server.services import Services, writing
from tests.exports import export_of, inventory
from tests.sync_server.conftest import Server
from tests.sync_server.tablet import Tablet
from tests.sync_server.test_journals import PASSWORDS, Forked, close, closing_told, relinked
from tests.worlds import World

REGISTRAR = "tangyining"


class Office:
    """The office over one folder, its server stopped."""

    def __init__(self, server: Server, tablet: Tablet, folder: Path) -> None:
        self.server, self.tablet = server, tablet
        self.file = folder / "fujie-YX-T07.export"
        server.stop()

    def write(
        self, items: Iterable[PushItem], blobs: Iterable[bytes] = (), **other: object
    ) -> Path:
        """An export of these items."""
        with writing(self.server.settings, system_clock()) as services:
            assert services.keyring.exchange is not None
            recipient = bytes(services.keyring.exchange.public_key)
        self.file.write_bytes(export_of(self.tablet, recipient, items, blobs, **other))
        return self.file

    def inventory(self, items: list[PushItem], journal: bytes, signer: object = None) -> bytes:
        return inventory(self.tablet, items, journal, signer)

    def adopt(self, *, dry: bool = False, account: str = REGISTRAR) -> list[str]:
        """``fujie-server adopt``; its lines."""
        said: list[str] = []
        adopt(
            self.server.settings,
            self.file,
            account,
            "设备遗失后找回",
            dry,
            PASSWORDS.__getitem__,
            said.append,
        )
        return said

    @contextmanager
    def services(self) -> Iterator[Services]:
        with writing(self.server.settings, system_clock()) as services:
            yield services

    def adoptions(self) -> list[EvidenceAdopted]:
        with writing(self.server.settings, system_clock()) as services:
            return [one.record for one in services.sequencer.registry.adopted]

    def records(self) -> set[bytes]:
        """Every record that the log holds."""
        with writing(self.server.settings, system_clock()) as services:
            return {Entry.decode(data).record_hash for _, data in services.facts.entries()}

    def fsck(self) -> str:
        return self.server.fsck()[-1]


def revoke(server: Server) -> None:
    """The tablet is revoked from now on."""
    server.stop()
    clock = system_clock()
    with writing(server.settings, clock) as services:
        said = DeviceRevoked(
            agency=demo.AGENCY.id,
            at=clock.now(),
            salt="0" * 32,
            device=demo.DEVICE,
            reason="遗失",
            effective_at=clock.now(),
        )
        services.office.state(said, [services.keyring.issuer(demo.AGENCY.id)])
    server.start()


@pytest.fixture
def office(server: Server, tablet: Tablet, tmp_path: Path) -> Callable[[], Office]:
    return lambda: Office(server, tablet, tmp_path)


def test_a_revoked_tablets_records_are_adopted_in_place(
    server: Server, tablet: Tablet, office: Callable[[], Office]
) -> None:
    """Its journal goes on with them, verdicts as always, under the registrar's name."""
    case = tablet.world.inspection()
    items = tablet.links(case)
    tablet.push(items[:4])
    revoke(server)
    assert tablet.refusal(tablet.push(items)).reason == "revoked_device"
    closed = office()
    blobs = [data for data in case.blobs.values() if data]
    closed.write(items, blobs)
    said = closed.adopt()
    assert "5 links in place, 4 to 8; 4 were here" in said[0]
    (adopted,) = closed.adoptions()
    assert (adopted.first, adopted.last) == (4, 8)
    assert adopted.journal == tablet.world.device.journal.hex()
    with closed.services() as services:
        links = services.facts.journal(tablet.world.device.journal)
        assert [one.link_bytes for one in links] == [item.link for item in items]
        assert {one.verdict for one in links} == {Verdict.ACCEPTED}
        one = services.sequencer.registry.adoption_of(tablet.world.device.journal, 5)
        assert one is not None
        assert one.by == "唐一宁"
        assert services.sequencer.registry.adoption_of(tablet.world.device.journal, 3) is None
        named = {ref for item in items for ref in [decode_link(item.link).record]}
        assert named <= {link.link.record for link in links}
        wanted = services.facts.blobs_of(tablet.world.device.journal)
        assert all(blob.stored_index is not None for blob in wanted)
        assert services.blobs.has(bytes.fromhex(adopted.export.sha256))
    assert closed.fsck().endswith("entries hold")


def test_adopting_twice_does_nothing_more(
    server: Server, tablet: Tablet, office: Callable[[], Office]
) -> None:
    items = tablet.links(tablet.world.inspection())
    revoke(server)
    closed = office()
    closed.write(items)
    closed.adopt()
    before = closed.records()
    assert "nothing new" in closed.adopt()[0]
    assert (len(closed.adoptions()), closed.records()) == (1, before)


def test_a_dry_run_tells_and_does_nothing(
    server: Server, tablet: Tablet, office: Callable[[], Office]
) -> None:
    """No password is needed for it."""
    items = tablet.links(tablet.world.inspection())
    closed = office()
    closed.write(items)
    before = closed.records()
    assert "9 links in place" in closed.adopt(dry=True, account="")[0]
    assert (closed.adoptions(), closed.records()) == ([], before)


def test_the_other_branch_of_a_closed_journal_gets_a_journal_of_its_own(
    server: Server, forked: Forked, office: Callable[[], Office]
) -> None:
    """What the good branch lacks is let in, in its order; the chain that stands is untouched, and
    the links that were refused are evidence."""
    forked.collide()
    close(server)
    branch = [*forked.held[:3], *relinked(forked.items[5:9], forked.journal, head(forked, 3))]
    closed = office()
    closed.write(branch)
    before = closed.records()
    lacking = {decode_link(item.link).record for item in branch} - before
    said = closed.adopt()
    assert "3 links into journal" in said[0]
    assert closed.records() >= before | lacking
    (adopted,) = closed.adoptions()
    assert adopted.journal != forked.journal.hex()
    with closed.services() as services:
        links = services.facts.journal(bytes.fromhex(adopted.journal))
        assert {one.link.record for one in links} == lacking
        assert chain.follow(one.link for one in links).length == 3
        untouched = services.facts.journal(forked.journal)
        assert [one.link_bytes for one in untouched] == [item.link for item in forked.held]
        evidence = {one.link for one in services.facts.evidence(demo.DEVICE)}
        assert {item.link for item in branch[4:]} <= evidence
    assert closed.fsck().endswith("entries hold")
    assert "nothing new" in closed.adopt()[0]


def test_what_the_tablet_linked_again_itself_is_not_adopted_twice(
    server: Server, forked: Forked, office: Callable[[], Office]
) -> None:
    """Of an export with the closed journal and its successor, the successor goes on in place."""
    forked.collide()
    close(server)
    successor = bytes.fromhex(closing_told(forked.tablet).successor or "")
    again = relinked(forked.rest, successor)
    old = [*forked.held[:3], *relinked(forked.rest, forked.journal, head(forked, 3))]
    closed = office()
    closed.write([*old, *again])
    said = closed.adopt()
    assert any("3 links in place" in line for line in said)
    (adopted,) = closed.adoptions()
    assert adopted.journal == successor.hex()
    assert closed.fsck().endswith("entries hold")


def test_a_link_without_its_statement_is_adopted_and_flagged(
    server: Server, tablet: Tablet, office: Callable[[], Office]
) -> None:
    """The statement may come with a later export; its entry stays what it is."""
    items = tablet.links(tablet.world.inspection())
    closed = office()
    closed.write([*items[:2], PushItem(link=items[2].link), *items[3:]])
    closed.adopt()
    closed.write(items)
    assert "nothing new" in closed.adopt()[0]
    with closed.services() as services:
        late = services.facts.journal(tablet.world.device.journal)[2]
        assert late.envelope == items[2].statement
        assert Entry.decode(late.entry).reasons == (Reason.STATEMENT_ABSENT,)
    assert closed.fsck().endswith("entries hold")


def test_only_a_registrar_adopts(
    server: Server, tablet: Tablet, office: Callable[[], Office]
) -> None:
    closed = office()
    closed.write(tablet.links(tablet.world.inspection()))
    for account in ("hejingting", ""):
        with pytest.raises(Refused, match="registrar"):
            closed.adopt(account=account)
    assert closed.adoptions() == []


def test_the_log_itself_takes_an_adoption_of_nobody_but_a_registrar(
    tablet: Tablet, office: Callable[[], Office]
) -> None:
    """Whatever asked before it; what was begun of it is taken back."""
    items = tablet.links(tablet.world.inspection())
    tablet.push(items[:4])
    closed = office()
    closed.write(items)
    with closed.services() as services, exports.opened(services, closed.file, whole=True) as file:
        accounts = Accounts(services.db, services.clock)
        publisher = accounts.signer("hejingting", PASSWORDS["hejingting"])[1]
        before = services.facts.head.size
        with pytest.raises(Refused, match="registrar"):
            adoption.adopt(services, file, publisher, "设备遗失后找回")
        assert services.facts.head.size == before
    assert closed.fsck().endswith("entries hold")


def report(office: Office) -> Report:
    """The integrity report on the tablet."""
    with office.services() as services:
        device = services.sequencer.registry.device_named(demo.DEVICE)
        assert device is not None
        return integrity.report(services, device, Parameters())


def test_the_integrity_report_tells_of_both_journals(
    server: Server, forked: Forked, office: Callable[[], Office]
) -> None:
    """First the fork, to act on; then the closed journal, whole, and what was adopted by whom."""
    forked.collide()
    closed = office()
    (found,) = [one for one in report(closed).findings if one.code == "forked"]
    held, refused = (bytes.fromhex(one.value) for one in found.evidence)
    assert chain.check_fork(held, refused) == 3
    server.start()
    close(server)
    branch = [*forked.held[:3], *relinked(forked.items[5:9], forked.journal, head(forked, 3))]
    closed = office()
    closed.write(branch)
    closed.adopt()
    made = report(closed)
    codes = {one.code for one in made.findings}
    assert {"journal_closed", "adopted"} <= codes
    assert "forked" not in codes
    (adopted,) = [one for one in made.findings if one.code == "adopted"]
    assert "唐一宁" in adopted.zh
    assert made.links == made.expected == 6 + 3


def test_a_case_file_says_which_of_its_records_were_adopted(
    server: Server, tablet: Tablet, office: Callable[[], Office], tmp_path: Path
) -> None:
    """With the statement by which they came, and it verifies as a whole."""
    tablet.world.now = system_clock().now()  # within the time of the officers' credentials
    case = tablet.world.inspection()
    items = tablet.links(case)
    tablet.push(items[:4])
    revoke(server)
    closed = office()
    closed.write(items, [data for data in case.blobs.values() if data])
    closed.adopt()
    path = tmp_path / "case.zip"
    with closed.services() as services:
        casefiles.write_casefile(services, case.id, path)
        agencies = services.sequencer.registry.agencies
        roots = {agency: known.root.public_key.hex() for agency, known in agencies.items()}
        trust = read_trust(json.dumps({"log": services.log_key, "roots": roots}).encode())
    with path.open("rb") as file:
        checks = verify_zip(file, trust)
    failed = [(one.name, one.en) for one in checks if one.level is Level.FAILS]
    assert failed == []
    told = next(one for one in checks if one.name == "complete")
    assert REGISTRAR in told.zh
    assert "设备遗失后找回" in told.zh


# ── exports that prove nothing ───────────────────────────────────────────────────────────────


def test_an_export_without_the_devices_signature_is_refused(
    tablet: Tablet, office: Callable[[], Office]
) -> None:
    """Another person's key, or no inventory at all: the links are nobody's."""
    closed = office()
    items = tablet.links(tablet.world.inspection())
    journal = tablet.world.device.journal
    closed.write(items, inventories=[closed.inventory(items, journal, tablet.world.shen)])
    with pytest.raises(UnknownSigner):
        closed.adopt(dry=True)
    closed.write(items, inventories=[])
    with pytest.raises(Unverified):
        closed.adopt(dry=True)


def test_links_that_do_not_lead_to_the_signed_head_are_refused(
    tablet: Tablet, office: Callable[[], Office]
) -> None:
    closed = office()
    items = tablet.links(tablet.world.inspection())
    inventory = closed.inventory(items, tablet.world.device.journal)
    closed.write(items[:-1], inventories=[inventory])
    with pytest.raises(Unverified):
        closed.adopt(dry=True)


def test_another_devices_certificate_is_refused(
    tablet: Tablet, office: Callable[[], Office]
) -> None:
    """One that no issuer of this agency signed."""
    closed = office()
    closed.write(tablet.links(tablet.world.inspection()), certificate=World().device.certificate)
    with pytest.raises((BadSignature, UnknownSigner, Refused, Unverified)):
        closed.adopt(dry=True)


def test_a_cut_export_is_named_and_changes_nothing(
    tablet: Tablet, office: Callable[[], Office]
) -> None:
    closed = office()
    path = closed.write(tablet.links(tablet.world.inspection()), [b"x" * 5000])
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(Truncated):
        closed.adopt()
    assert closed.adoptions() == []
    assert list(closed.server.settings.uploads.glob("*")) == []


def head(forked: Forked, length: int) -> chain.Head:
    return chain.follow(decode_link(item.link) for item in forked.held[:length])


@pytest.fixture
def forked(tablet: Tablet) -> Forked:
    return Forked(tablet)


def test_the_cases_page_says_which_records_were_adopted(
    server: Server, tablet: Tablet, office: Callable[[], Office]
) -> None:
    """In the line of each, with the registrar's name and reason."""
    tablet.world.now = system_clock().now()
    case = tablet.world.inspection()
    items = tablet.links(case)
    tablet.push(items[:4])
    revoke(server)
    closed = office()
    closed.write(items, [data for data in case.blobs.values() if data])
    closed.adopt()
    server.start()
    with signed_in(server, "hejingting") as client:
        page = client.get(f"/office/cases/{case.id.hex()}").text
    assert page.count("由唐一宁于") == 5
    assert "设备遗失后找回" in page


@contextmanager
def signed_in(server: Server, account: str) -> Iterator[httpx.Client]:
    """A browser of a member of the staff."""
    with httpx.Client(base_url=server.url, trust_env=False, follow_redirects=True) as client:
        form = {"account": account, "password": PASSWORDS[account]}
        assert client.post("/office/login", data=form).status_code == 200
        yield client


def test_without_a_terminal_the_password_is_the_first_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("yunxi-mingce-2026\nanything\n"))
    assert evidence.ask_password(REGISTRAR) == "yunxi-mingce-2026"

"""What a tablet says that it may not say: in the log with its own name, and believed by nobody."""

from __future__ import annotations

import io

import msgspec
import pytest

from protocol import envelope as dsse
from protocol import messages
from protocol.casecheck import verify_zip
from protocol.casetrust import Trust
from protocol.messages import Push, PushAnswer, PushItem
from protocol.note import VerifierKey
from protocol.statements import (
    DeviceContacted,
    DocumentIssued,
    InspectionClosed,
    RightsNotified,
    StaffRegistered,
    Statement,
)
from protocol.vocabulary import Outcome, StaffRole
from sync_server.web.site import Site
from tests.cast import DEVICE, Inspection, Person, Recorded
from tests.sync_server.tablet import Tablet, item
from tests.sync_server.web import staging
from tests.sync_server.web.conftest import County
from tests.sync_server.web.staging import Office
from tests.worlds import World

OTHER = "11990123MB0000009X"


class Impostor:
    """The tablet of the inspection, which goes on stating."""

    def __init__(self, office: Office, said: Inspection) -> None:
        self.world = World()
        self.world.reference_version = said.opened.link.reference_version
        self.case: Inspection = staging.inspection(self.world)
        self.tablet = Tablet(office.url, self.world)

    def say(self, statement: Statement, *by: Person) -> Recorded:
        """State, and push; whatever it is, it is admitted."""
        record = self.world.state(statement, *by)
        self.push(item(record))
        return record

    def push(self, sent: PushItem) -> None:
        """Push one item, which is admitted."""
        answer = self.tablet.push_response([sent])
        assert answer.status_code == 200, answer.text
        told = messages.decode(answer.content, PushAnswer)
        assert told.refusal is None, told.refusal


@pytest.fixture
def impostor(office: Office, inspected: County) -> Impostor:
    """The inspected county's own tablet."""
    return Impostor(office, inspected.case)


def site(office: Office) -> Site:
    """The pages' side of the running server."""
    assert office.services is not None
    return Site(office.services)


@pytest.mark.parametrize("second", ["device", "shen"])
def test_a_decision_of_one_officer_is_never_published(
    office: Office, impostor: Impostor, second: str
) -> None:
    """An officer and his tablet are two keys and one person; so is an officer alone."""
    world, decision = impostor.world, impostor.case.decision.statement
    assert isinstance(decision, DocumentIssued)
    alone = msgspec.structs.replace(
        decision, salt=world.salt(), document_id="ab" * 16, number="云市监当罚〔2026〕127号"
    )
    record = impostor.say(alone, *{world.shen, getattr(world, second)})
    case = impostor.case.opened.hex
    client = office.signed_in("hejingting")
    page = client.get(f"/office/cases/{case}/publish/{record.hex}")
    assert page.status_code == 409
    assert "没有两名执法人员的签名" in page.text
    assert "127号" in client.get(f"/office/cases/{case}").text


def test_what_nobody_signed_is_no_fact_of_a_case(office: Office, impostor: Impostor) -> None:
    """A forged signature is flagged in the log; the case stands as it stood."""
    world, case = impostor.world, impostor.case
    before = site(office).projections.state(case.opened.hash)
    closed = InspectionClosed(**world.said(case.opened.hex), outcome=Outcome.NO_PROBLEM)
    made = world.sign(closed, world.shen)
    forged = dsse.Envelope(
        made.payload_type,
        made.body,
        (dsse.Signature(world.shen.signer.verifier.key_id, bytes(64)),),
    )
    link = world.link(dsse.record_hash(forged), case.opened.link.case_tag, world.device)
    impostor.push(PushItem(link=link.encode(), statement=dsse.encode(forged)))
    assert site(office).projections.state(case.opened.hash) == before


def test_a_tablet_says_nothing_in_another_agencys_name(office: Office, impostor: Impostor) -> None:
    """Its statements name its own agency, or change no case."""
    world, case = impostor.world, impostor.case
    before = site(office).projections.state(case.opened.hash)
    (told,) = before.of_kind(RightsNotified)
    foreign = msgspec.structs.replace(told.statement, agency=OTHER, salt=world.salt())
    impostor.say(foreign, world.shen, world.lu)
    assert site(office).projections.state(case.opened.hash) == before


def test_a_tablet_registers_nobody(public: Office, published: County) -> None:
    """A member of staff whom a tablet registers does not spoil the case files that she signed."""
    impostor = Impostor(public, published.case)
    world = impostor.world
    assert public.services is not None
    staff = public.services.facts.registry.staff.values()
    publisher = next(one for one in staff if one.account == "hejingting")
    pretended = StaffRegistered(
        **world.said(),
        account="zhouheming",
        name="周禾明",
        role=StaffRole.PUBLISHER,
        public_key=publisher.key.public_key.hex(),
    )
    impostor.say(pretended, world.device)
    case = published.case.opened.hex
    answer = public.signed_in("xuwen").get(f"/office/cases/{case}/export")
    registry = public.services.facts.registry
    trust = Trust(
        (VerifierKey.parse(public.services.log_key),),
        {agency: known.roots for agency, known in registry.agencies.items()},
    )
    checks = verify_zip(io.BytesIO(answer.content), trust)
    assert [check.name for check in checks if not check.ok] == []


@pytest.mark.parametrize("rubbish", [True, False], ids=["rubbish", "signed"])
def test_a_tablet_does_not_report_its_own_contact(
    public: Office, published: County, rubbish: bool
) -> None:
    """Only the office says when a device was heard of, and only the device what it holds."""
    impostor = Impostor(public, published.case)
    world, tablet = impostor.world, impostor.tablet
    known = tablet.inventory()
    tablet.post("/v1/push", Push(inventory=known, items=[], seen=0))
    contact = DeviceContacted(
        **{**world.said(), "at": staging.NOW + 60 * staging.DAY_MS},
        device=DEVICE,
        inventory=b"rubbish" if rubbish else known,
    )
    # With an inventory that says nothing new, the office states no contact after this one.
    record = item(world.state(contact, world.device))
    answer = tablet.post("/v1/push", Push(inventory=known, items=[record], seen=0))
    assert answer.status_code == 200
    public.clock.set(staging.NOW + 60 * staging.DAY_MS)
    report = public.signed_in("fangqiuyan").get(f"/supervision/devices/{DEVICE}/report.json")
    assert "silent_device" in {one["code"] for one in report.json()["findings"]}

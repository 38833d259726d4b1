"""The office's word counts where the office says it, also if somebody else sent the same record
before: in the running server, after a restart, and for whoever folds the log from its evidence.

A log that was set back lacks what its tablets and other servers still have. They may send it, in
journals of their own, before the office states it again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path

import pytest

from protocol import envelope, statements
from protocol.auditing import bundle
from protocol.auditing import county as auditing
from protocol.auditing.evidence import Evidence
from protocol.chain import NO_CASE
from protocol.checkpoint import VerifierKey, open_checkpoint
from protocol.envelope import STATEMENT_TYPE, Envelope
from protocol.messages import PushItem
from protocol.package import ZipPackage
from protocol.registry.registry import Registry
from protocol.statements import StaffRegistered
from protocol.vocabulary import StaffRole
from sync_server import demo
from sync_server.clock import system_clock
from sync_server.log.intake import verify
from sync_server.log.push import PushJob
from sync_server.reports import evidence, moments
from sync_server.reports.rows import context_of
from sync_server.services import Services, writing
from sync_server.settings import Settings
from sync_server.upstream import joining, papers
from tests.sync_server.conftest import BOTH, Server
from tests.sync_server.web.test_province import PROVINCE, founded
from tests.worlds import World

AGENCY = demo.AGENCY.id
SOMEBODY = "zhengke"


STORES = BOTH


@pytest.fixture
def settings(copy_server: Callable[..., Server], enrolled_county: Path) -> Settings:
    settings: Settings = copy_server(enrolled_county).settings
    return settings


def registered(services: Services) -> Envelope:
    """The office's word on a new publisher, which is not in the log yet."""
    said = StaffRegistered(
        agency=AGENCY,
        at=services.clock.now(),
        salt="5a" * 16,
        account=SOMEBODY,
        name="郑可",
        role=StaffRole.PUBLISHER,
        public_key="d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    )
    issuer = services.keyring.issuer(AGENCY)
    return envelope.sign(STATEMENT_TYPE, statements.encode(said), [issuer])


def send(services: Services, made: Envelope) -> int:
    """The tablet pushes it in its own journal; where it stands."""
    return send_all(services, [made])[0]


def send_all(services: Services, every: Sequence[Envelope]) -> tuple[int, ...]:
    """The same of some."""
    device, items = World(), []
    for made in every:
        link = device.link(envelope.record_hash(made), NO_CASE, device.device)
        items.append(PushItem(link=link.encode(), statement=envelope.encode(made)))
    checked = [verify(one, services.facts.registry) for one in items]
    job = PushJob(device.device.signer.verifier.key_id, device.device.journal, checked)
    return services.sequencer.submit(job).result().result.indexes


def of_evidence(services: Services) -> Registry:
    """Who is who for a stranger who has the evidence of a report."""
    context = context_of(services, AGENCY, moments.now(services))
    out = BytesIO()
    evidence.write(services, context, auditing.report(context), out)
    note, key = services.facts.head.note, VerifierKey.parse(services.log_key)
    head = open_checkpoint(note, [key], services.settings.origin)
    return Evidence(ZipPackage(out, bundle.BASE), head).registry()


def test_a_record_that_a_tablet_sent_first_counts_as_the_office_said_it(
    settings: Settings,
) -> None:
    """Live, after a restart, for a report as of now, and for who reads the evidence alike."""
    with writing(settings, system_clock()) as services:
        made = registered(services)
        first = send(services, made)
        assert (AGENCY, SOMEBODY) not in services.facts.registry.staff
        services.office.submit([made]).result()
        live = services.facts.registry
        assert live.staff[AGENCY, SOMEBODY].index == first + 1
        assert of_evidence(services).staff == live.staff
    with writing(settings, system_clock()) as services:
        assert services.facts.registry == live
        (said,) = [
            one
            for one in services.facts.of_office("staff_registered")
            if isinstance(one.statement, StaffRegistered) and one.statement.account == SOMEBODY
        ]
        assert said.index == first + 1


def test_a_county_is_admitted_though_a_tablet_sent_its_introduction_first(
    settings: Settings, tmp_path: Path
) -> None:
    """Its records count in the office's journal: a tablet that has the file keeps nobody out."""
    lower = founded(tmp_path / "lower")
    with writing(lower.settings, lower.clock) as services:
        data = joining.introduce(services, PROVINCE.id)
    paper = papers.read(data, papers.Introduction)
    with writing(settings, system_clock()) as services:
        send_all(services, [envelope.decode(one) for one in paper.records])
        assert PROVINCE.id not in services.facts.registry.agencies
        assert joining.admit(services, data)
        assert (PROVINCE.id, paper.device) in services.facts.registry.devices
        size = services.facts.head.size
        joining.admit(services, data)
        assert services.facts.head.size == size

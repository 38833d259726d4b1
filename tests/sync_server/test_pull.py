"""Whose business a record of the office is: a pull brings a tablet what its own agency said to it,
by those who may say so."""

from __future__ import annotations

import secrets

from protocol.keys import Signer
from protocol.statements import NumbersGranted, TaskWithdrawn
from protocol.vocabulary import DocumentKind, StaffRole
from sync_server import demo
from sync_server.clock import system_clock
from sync_server.keys.accounts import Accounts
from sync_server.keys.keyring import make_agency_keys
from sync_server.services import Services, writing
from sync_server.upkeep import founding
from sync_server.upkeep.founding import Plan
from tests.sync_server.conftest import Server
from tests.sync_server.tablet import Tablet
from tests.sync_server.test_blobs import NEIGHBOUR, neighbour_of


def granted(services: Services, device: str, signer: Signer) -> NumbersGranted:
    """Our office grants numbers of a far year to a tablet of ours."""
    said = NumbersGranted(
        agency=demo.AGENCY.id,
        at=services.clock.now(),
        salt=secrets.token_hex(16),
        device=device,
        document=DocumentKind.SPOT_DECISION,
        year=2031,
        first=1,
        last=5,
        pattern="云市监当罚〔2031〕{n}号",
    )
    services.office.state(said, [signer])
    return said


def test_a_tablet_of_the_same_name_in_another_agency_gets_nothing_of_ours(
    server: Server, tablet: Tablet
) -> None:
    """A tablet's name is its agency's to give: both have a YX-T08."""
    server.stop()
    root, recovery = make_agency_keys(server.settings, NEIGHBOUR.id)
    with writing(server.settings, system_clock()) as services:
        plan = Plan(NEIGHBOUR, [], [], {})
        founding.register(services, plan, root, bytes(recovery.public_key))
        issuer = services.keyring.issuer(demo.AGENCY.id)
        ours, others = (granted(services, name, issuer) for name in (demo.DEVICE, "YX-T08"))
    server.start()
    theirs = neighbour_of(server, tablet, NEIGHBOUR.id)
    heard = tablet.pull()[1]
    assert ours in heard
    assert others not in heard
    told = theirs.pull()[1]
    assert {one.agency for one in told} == {NEIGHBOUR.id}  # type: ignore[attr-defined]


def test_a_tablet_hears_no_orders_of_whoever_may_not_give_them(
    server: Server, tablet: Tablet
) -> None:
    """A task is taken back by a person of the office; the server's own key signs what it does by
    itself, and so does nobody's order."""
    server.stop()
    with writing(server.settings, system_clock()) as services:
        plan = next(one for one in demo.STAFF if one.role is StaffRole.AGENCY_HEAD)
        head = Accounts(services.db, services.clock).signer(plan.account, plan.password)[1]
        said = [
            TaskWithdrawn(
                agency=demo.AGENCY.id,
                at=services.clock.now(),
                salt=secrets.token_hex(16),
                task="00" * 32,
                reason="该户已注销",
            )
            for _ in range(2)
        ]
        for one, signer in zip(said, (services.office_key, head), strict=True):
            services.office.state(one, [signer])
    server.start()
    told = tablet.pull()[1]
    assert [one for one in told if isinstance(one, TaskWithdrawn)] == said[1:]

"""What was read before the writer heard of its signer is judged by what the writer knows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from protocol import envelope, statements
from protocol.chain import NO_CASE
from protocol.envelope import STATEMENT_TYPE, Envelope
from protocol.keys import Ed25519Signer, Signer
from protocol.messages import PushItem
from protocol.receipt import Entry, Reason, Verdict
from protocol.statements import DisclosureWithdrawn, StaffRegistered, Statement
from protocol.vocabulary import StaffRole
from sync_server import demo
from sync_server.clock import system_clock
from sync_server.log.intake import Checked, verify
from sync_server.log.push import PushJob
from sync_server.services import writing
from tests.sync_server.conftest import Server
from tests.worlds import World

NEW = Ed25519Signer(bytes([9]) * 32)


def signed(statement: Statement, by: Signer) -> Envelope:
    return envelope.sign(STATEMENT_TYPE, statements.encode(statement), [by])


@pytest.mark.parametrize("is_registered", [True, False])
def test_a_signer_who_is_registered_between_reading_and_writing_is_known(
    enrolled_county: Path, copy_server: Callable[..., Server], is_registered: bool
) -> None:
    """A push is read beside the writer. Whose registration is committed meanwhile is accepted, as
    if it had been read after it; who is not registered stays unknown."""
    with writing(copy_server(enrolled_county).settings, system_clock()) as services:
        agency, now, world = demo.AGENCY.id, services.clock.now(), World()
        said = DisclosureWithdrawn(
            agency=agency, at=now, salt="5a" * 16, issued="00" * 32, reason="误", clause="APL 48"
        )
        made = signed(said, NEW)
        link = world.link(envelope.record_hash(made), NO_CASE, world.device)
        item = PushItem(link=link.encode(), statement=envelope.encode(made))
        read = verify(item, services.facts.registry)
        assert isinstance(read, Checked)
        assert read.reasons == (Reason.UNKNOWN_SIGNER,)
        person = StaffRegistered(
            agency=agency,
            at=now,
            salt="5b" * 16,
            account="zhengke" if is_registered else "another",
            name="郑可",
            role=StaffRole.PUBLISHER,
            public_key=(
                NEW if is_registered else Ed25519Signer(bytes(32))
            ).verifier.public_key.hex(),
        )
        services.office.submit([signed(person, services.keyring.issuer(agency))]).result()
        job = PushJob(world.device.signer.verifier.key_id, link.journal, [read])
        ((_, entry),) = services.sequencer.submit(job).result().result.new.items()
        verdict = Entry.decode(entry).verdict
        assert verdict is (Verdict.ACCEPTED if is_registered else Verdict.FLAGGED)

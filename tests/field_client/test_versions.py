"""Answers of servers of every version are read by this tablet, and proved."""

from __future__ import annotations

import json

import pytest

from field_client.contact import proofs
from protocol import chain, messages
from protocol.checkpoint import VerifierKey
from protocol.messages import PullAnswer, Push, PushAnswer, UploadGranted
from protocol.trust import TrustedLog
from tests.vectors.conversation import FROZEN, HERE
from tests.worlds import World

VERSIONS = (*FROZEN, "now")


@pytest.mark.parametrize("version", VERSIONS)
def test_the_answer_of_a_server_of_any_version_is_read(version: str) -> None:
    """Receipts are proved, the office's records are proved, and an upload goes on where it was."""
    told = json.loads((HERE / f"{version}.json").read_text(encoding="utf-8"))
    said = {name: bytes.fromhex(data) for name, data in told["answers"].items()}
    log = TrustedLog(told["origin"], [VerifierKey.parse(told["log"])])
    items = messages.decode(bytes.fromhex(told["push"]), Push).items
    sent = [(item.link, item.statement) for item in items]
    proved = proofs.receipts(sent, messages.decode(said["PushAnswer"], PushAnswer), log)
    assert [link for link, _ in proved] == [chain.decode_link(link).hash() for link, _ in sent]
    world = World()
    office = {world.office.signer.verifier.key_id: world.office.signer.verifier}
    pulled = messages.decode(said["PullAnswer"], PullAnswer)
    for record in pulled.records:
        one = proofs.office_record(record, log, [world.issuer_claims], office)
        assert one.statement.agency == world.issuer_claims.agency
    assert len(pulled.records) > 10
    assert messages.decode(said["UploadGranted"], UploadGranted).offset == 3

"""Officers with a second key, of the suite SM2, before a server that has it or lacks it."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from protocol import credential, messages
from protocol.__main__ import HOLDS, main
from protocol.credential import OfficerClaims
from protocol.keys import Verifier
from protocol.messages import OfficerAdmitted
from protocol.receipt import Reason, Verdict
from protocol.registry.authority import officers_of
from protocol.statements import DocumentIssued
from sync_server.clock import system_clock
from sync_server.commands import exporting
from sync_server.services import reading
from tests.cast import Officer, Recorded, seeded
from tests.suites import LU, SHEN, Damaged, SuitesWorld, seeded_sm2, without_sm2
from tests.sync_server.conftest import Server, tablet_of
from tests.sync_server.tablet import Tablet, item

NUMBER = "云市监检〔2026〕318号"


def two_keyed(server: Server) -> tuple[Tablet, SuitesWorld]:
    """The enrolled tablet, whose officers have second keys that nobody certified yet."""
    tablet, world = tablet_of(server), SuitesWorld(system_clock().now())
    tablet.world = world
    return tablet, world


def certify(server: Server, tablet: Tablet, officer: Officer) -> OfficerClaims:
    """Have a second key certified, and read what the agency's issuer said."""
    wanted = tablet.officer_wanted(officer, server.code("officer", officer.cert_no))
    answer = tablet.post("/v1/enrol/officer", wanted)
    assert answer.status_code == 200, answer.text
    admitted = messages.decode(answer.content, OfficerAdmitted)
    with reading(server.settings, system_clock()) as services:
        (agency,) = services.facts.registry.agencies.values()
        return credential.open_officer(admitted.credential, agency.issuer)


def mine(world: SuitesWorld) -> list[Recorded]:
    return [r for r in world.inspection().records if r.link.journal == world.device.journal]


def pushed(tablet: Tablet, records: list[Recorded]) -> list[tuple[Verdict, list[Reason]]]:
    """What the log said of each."""
    sent = [item(record) for record in records]
    entries = tablet.check(sent, tablet.push(sent))
    return [(entry.verdict, list(entry.reasons)) for entry in entries]


def officers_counted(server: Server, records: list[Recorded]) -> list[set[str]]:
    """The officers whom the server counts under each decision."""
    with reading(server.settings, system_clock()) as services:
        found = [
            services.facts.record(record.hash)
            for record in records
            if isinstance(record.statement, DocumentIssued) and record.statement.decision
        ]
        return [officers_of(services.facts.registry, one) for one in found if one is not None]


def services_lack(server: Server) -> list[str]:
    """What the server says at its start that it cannot check."""
    with reading(server.settings, system_clock()) as services:
        return services.facts.registry.uncheckable()


def test_an_officers_sm2_key_is_certified_beside_the_first(server: Server) -> None:
    tablet, world = two_keyed(server)
    claims = certify(server, tablet, world.second[SHEN])
    assert (claims.verifier, claims.cert_no) == (world.second[SHEN].signer.verifier, SHEN)
    with reading(server.settings, system_clock()) as services:
        keys = services.facts.registry.officer_keys.values()
        held = sorted(key.key.algorithm for key in keys if key.cert_no == SHEN)
        (agency,) = services.facts.registry.agencies
        published = services.facts.reference(agency)
    assert held == ["ed25519", "sm2"]
    assert published is not None
    assert claims.verifier.key_id.hex().encode() in published[1]


def test_a_case_signed_by_both_suites_goes_from_the_push_to_the_case_file(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The record is accepted, each officer counts once, and the exported file holds for a
    reader with the suite and for one without it."""
    tablet, world = two_keyed(server)
    for officer in world.second.values():
        certify(server, tablet, officer)
    case = world.inspection()
    records = [r for r in case.records if r.link.journal == world.device.journal]
    assert {len(r.envelope.signatures) for r in records} >= {4}
    assert pushed(tablet, records) == [(Verdict.ACCEPTED, [])] * len(records)
    assert officers_counted(server, records) == [{SHEN, LU}]
    for data in case.blobs.values():
        tablet.upload(data)
    server.stop()
    out, trust = tmp_path / "case.zip", tmp_path / "trust.json"
    assert exporting.export(server.settings, NUMBER, out, lambda _: None) == 0
    assert exporting.trust(server.settings, trust, lambda _: None) == 0
    asked = [str(out), "--trust", str(trust), "--lang", "en", "--json"]
    assert main(asked) == HOLDS
    told = json.loads(capsys.readouterr().out)
    assert "not here" not in json.dumps(told)
    with without_sm2():
        assert main(asked) == HOLDS
    assert "of a suite not here" in capsys.readouterr().out


def test_a_damaged_sm2_signature_is_flagged_though_ed25519_holds(server: Server) -> None:
    tablet, world = two_keyed(server)
    certify(server, tablet, world.second[SHEN])
    world.signs = {SHEN: [world.shen.signer, Damaged(world.second[SHEN].signer)]}
    first = mine(world)[0]
    assert pushed(tablet, [first]) == [(Verdict.FLAGGED, [Reason.BAD_SIGNATURE])]


def test_an_sm2_key_that_nobody_certified_is_unknown(server: Server) -> None:
    tablet, world = two_keyed(server)
    assert pushed(tablet, mine(world)[:1]) == [(Verdict.FLAGGED, [Reason.UNKNOWN_SIGNER])]


def test_the_first_key_comes_first(fresh_server: Server) -> None:
    """So that a reader without the suite can count the officer."""
    world = SuitesWorld()
    tablet = Tablet(fresh_server.url, world)
    tablet.enrol(fresh_server.code("device", "YX-T07"))
    wanted = tablet.officer_wanted(world.second[SHEN], fresh_server.code("officer", SHEN))
    refused = tablet.post("/v1/enrol/officer", wanted)
    assert refused.status_code == 409
    tablet.enrol_officers(fresh_server.code)
    certify(fresh_server, tablet, world.second[SHEN])


def test_a_new_first_key_ends_the_second_and_a_new_second_does_not_end_the_first(
    server: Server,
) -> None:
    tablet, world = two_keyed(server)
    certify(server, tablet, world.second[SHEN])
    another = Officer(seeded_sm2("another"), world.shen.claims, b"")
    certify(server, tablet, another)
    assert live_keys(server) == {world.shen.signer.verifier, another.signer.verifier}
    renewed = Officer(seeded("another"), world.shen.claims, b"")
    certify(server, tablet, renewed)
    assert live_keys(server) == {renewed.signer.verifier}


def live_keys(server: Server) -> set[Verifier]:
    """The first officer's keys in force."""
    with reading(server.settings, system_clock()) as services:
        keys = services.facts.registry.officer_keys.values()
        return {one.key for one in keys if one.cert_no == SHEN and one.retired_at is None}


def test_a_proof_by_another_key_certifies_nothing(server: Server) -> None:
    tablet, world = two_keyed(server)
    code = server.code("officer", SHEN)
    wanted = tablet.officer_wanted(world.second[SHEN], code)
    other = tablet.officer_wanted(world.second[LU], code)
    forged = msgspec.structs.replace(wanted, proof=other.proof)
    refused = tablet.post("/v1/enrol/officer", forged)
    assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (
        401,
        "bad_signature",
    )


def test_a_server_without_the_suite_certifies_no_key_of_it(server: Server) -> None:
    tablet, world = two_keyed(server)
    wanted = tablet.officer_wanted(world.second[SHEN], server.code("officer", SHEN))
    with without_sm2():
        refused = tablet.post("/v1/enrol/officer", wanted)
    assert refused.status_code == 409
    assert "fujie[sm]" in refused.json()["detail"]


def test_a_server_that_lost_the_suite_counts_what_it_can_check(server: Server) -> None:
    """A record signed by both is accepted, by SM2 alone it waits; with the suite back, what was
    accepted unchecked is checked before it counts."""
    tablet, world = two_keyed(server)
    for officer in world.second.values():
        certify(server, tablet, officer)
    world.signs[LU] = [Damaged(world.second[LU].signer)]
    records = mine(world)
    world.signs = {cert_no: [held.signer] for cert_no, held in world.second.items()}
    alone = mine(world)[0]
    with without_sm2():
        assert {told[0] for told in pushed(tablet, records)} == {Verdict.ACCEPTED}
        assert officers_counted(server, records) == [{SHEN}]
        assert pushed(tablet, [alone]) == [(Verdict.FLAGGED, [Reason.UNREADABLE_YET])]
        assert services_lack(server) == ["sm2"]
    assert services_lack(server) == []
    assert officers_counted(server, records) == [set()]
